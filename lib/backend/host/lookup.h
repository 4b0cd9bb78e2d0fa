/*
 * On whose link an address is, asked of the kernel's routes.
 */
#ifndef LVS__BACKEND_LOOKUP_H
#define LVS__BACKEND_LOOKUP_H

#include "backend/host/netlink.h"

struct lvs__lookup {
	uint32_t ifindex;
	uint8_t length; /* of the prefix that matched; 0: the default route */
};

/* False: no route, or it has a gateway or ends here. */
bool lvs__lookup_link(struct lvs__netlink *netlink, const struct lvs_addr *addr,
		      struct lvs__lookup *match);

/* The interface that packets to an address leave by, also over a gateway; 0:
 * there is no route, or it ends here. */
uint32_t lvs__lookup_out(struct lvs__netlink *netlink,
			 const struct lvs_addr *addr);

#endif
