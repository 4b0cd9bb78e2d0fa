/*
 * Which interface is to have a virtual address that the host lacks.
 */
#ifndef LVS__BACKEND_HOME_H
#define LVS__BACKEND_HOME_H

#include "backend/host/device.h"

/*
 * Of the interfaces to use the one whose network holds the address, so that
 * its neighbours find it there; else the first that was named; else loopback.
 */
uint32_t lvs__home_of(struct lvs__netlink *netlink,
		      const struct lvs__devices *devices,
		      const struct lvs__backend_config *config,
		      const struct lvs_addr *addr);

/*
 * The same without an open backend. 1: the host has the address, `interface`
 * (of IFNAMSIZ bytes) is where; 0: it would be added there; or an error.
 */
int lvs__home_ask(const struct lvs__backend_config *config,
		  const struct lvs_addr *addr, char *interface);

#endif
