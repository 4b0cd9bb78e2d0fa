/*
 * Servers as managed neighbours: the kernel keeps them resolved by itself.
 */
#ifndef LVS__BACKEND_MANAGED_H
#define LVS__BACKEND_MANAGED_H

#include "backend/netlink.h"

/* A server that is entered as a managed neighbour. */
struct lvs__managed {
	struct lvs_addr addr;
	uint32_t ifindex; /* 0: not entered (no route, not on a link) */
	bool known;	  /* the host knew it before */
};

/*
 * Has the kernel keep a server resolved, if it is on a link; may be called
 * again at any time. Undoes it. What fails is tried again another time.
 */
void lvs__managed_enter(struct lvs__netlink *netlink,
			struct lvs__managed *server);
void lvs__managed_leave(struct lvs__netlink *netlink,
			struct lvs__managed *server);

/* Removes a neighbour. 0 or a negative errno. */
int lvs__managed_remove(struct lvs__netlink *netlink,
			const struct lvs_addr *addr, uint32_t ifindex);

#endif
