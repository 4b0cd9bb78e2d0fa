/*
 * Servers as managed neighbours: the kernel keeps them resolved by itself.
 */
#ifndef LVS__BACKEND_MANAGED_H
#define LVS__BACKEND_MANAGED_H

#include "backend/host/neigh.h"
#include "backend/host/netlink.h"

/* The mark of a neighbour that the host had before and that we changed. */
#define LVS__PROTOCOL_KNOWN 109

/* A server that is entered as a managed neighbour. */
struct lvs__managed {
	struct lvs_addr addr;
	uint32_t ifindex; /* 0: not entered (no route, not on a link) */
};

/*
 * Has the kernel keep a server resolved, if it is on a link; may be called
 * again at any time. Undoes it. What fails is tried again another time.
 */
void lvs__managed_enter(struct lvs__netlink *netlink,
			struct lvs__managed *server);
void lvs__managed_leave(struct lvs__netlink *netlink,
			struct lvs__managed *server);

/* Whether an entry carries a mark of ours. */
bool lvs__managed_ours(const struct lvs__neigh_news *news);

/*
 * Removes an entry of ours; the host gets back what it had before. 0 or a
 * negative errno.
 */
int lvs__managed_undo(struct lvs__netlink *netlink,
		      const struct lvs__neigh_news *news);

#endif
