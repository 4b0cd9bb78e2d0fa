/*
 * What is read from and changed on the host: interfaces, addresses, neighbours.
 * What is made here carries LVS__PROTOCOL, so that it is found after a crash.
 */
#ifndef LVS__BACKEND_HOST_H
#define LVS__BACKEND_HOST_H

#include <net/if.h>

#include "backend/backend.h"
#include "backend/netlink.h"

/* Who made an address or neighbour: us. */
#define LVS__PROTOCOL 108
/* A neighbour that the host had before and that we changed. */
#define LVS__PROTOCOL_KNOWN 109

struct lvs__device {
	uint32_t ifindex;
	char name[IFNAMSIZ];
};

/*
 * The interfaces to use: those named, or all but loopback and those that work
 * for another (ports of a bridge or bond, whose packets arrive there too).
 * `devices` has room for LVS__BACKEND_INTERFACES. 0, or an error with
 * `message`.
 */
int lvs__host_devices(struct lvs__netlink *netlink,
		      const struct lvs__backend_config *config,
		      struct lvs__device *devices, size_t *count, char *message,
		      size_t size);

/* Whether packets to an address end at this host. */
bool lvs__host_is_local(struct lvs__netlink *netlink,
			const struct lvs_addr *addr);

/*
 * Looks an address up among the host's: 1, *ours tells whether it carries our
 * mark; 0: not; or an error. `ifindex` is where.
 */
int lvs__host_find_address(struct lvs__netlink *netlink,
			   const struct lvs_addr *addr, uint32_t *ifindex,
			   bool *ours);

/* Adds an address with our mark; removes it. 0 or a negative errno. */
int lvs__host_add_address(struct lvs__netlink *netlink,
			  const struct lvs_addr *addr, uint32_t ifindex);
int lvs__host_remove_address(struct lvs__netlink *netlink,
			     const struct lvs_addr *addr, uint32_t ifindex);

/* Removes every address and neighbour with our mark. How many, or an error. */
int lvs__host_clean(struct lvs__netlink *netlink);

#endif
