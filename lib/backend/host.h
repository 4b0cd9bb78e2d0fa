/*
 * What is read from and changed on the host: interfaces, addresses, neighbours.
 * What is made here carries LVS__PROTOCOL, so that it is found after a crash.
 */
#ifndef LVS__BACKEND_HOST_H
#define LVS__BACKEND_HOST_H

#include <net/if.h>

#include "backend/backend.h"
#include "backend/netlink.h"

#define LVS__PROTOCOL 108 /* who made an address or neighbour: us */

struct lvs__device {
	uint32_t ifindex;
	char name[IFNAMSIZ];
};

/* A server that is entered as a managed neighbour. */
struct lvs__managed {
	struct lvs_addr addr;
	uint32_t ifindex; /* 0: not entered (no route, not on a link) */
	bool known;	  /* the host knew it before */
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

/*
 * Whether the host has an address: 1, *ours tells whether it carries our mark;
 * 0: not; or an error. `ifindex` is where.
 */
int lvs__host_find_address(struct lvs__netlink *netlink,
			   const struct lvs_addr *addr, uint32_t *ifindex,
			   bool *ours);

/* Adds an address with our mark; removes it. 0 or a negative errno. */
int lvs__host_add_address(struct lvs__netlink *netlink,
			  const struct lvs_addr *addr, uint32_t ifindex);
int lvs__host_remove_address(struct lvs__netlink *netlink,
			     const struct lvs_addr *addr, uint32_t ifindex);

/*
 * Has the kernel keep a server resolved, if it is on a link; may be called
 * again at any time. Undoes it. What fails is tried again another time.
 */
void lvs__host_manage(struct lvs__netlink *netlink,
		      struct lvs__managed *server);
void lvs__host_unmanage(struct lvs__netlink *netlink,
			struct lvs__managed *server);

/* Removes every address and neighbour with our mark. How many, or an error. */
int lvs__host_clean(struct lvs__netlink *netlink);

#endif
