/*
 * What the kernel knows about ways out, mirrored: links, routes, neighbours.
 * Each lane has its own, so nothing is shared.
 */
#ifndef LVS__BACKEND_MIRROR_H
#define LVS__BACKEND_MIRROR_H

#include "backend/host/link.h"
#include "backend/host/neigh.h"
#include "backend/host/netlink.h"
#include "backend/host/route.h"

struct lvs__mirror {
	struct lvs__netlink news;
	struct lvs__netlink dump;
	uint32_t generation; /* grows whenever what was found may be wrong */
	struct lvs__links links;
	struct lvs__neighs neighs;
	struct lvs__routes routes[2];
	uint32_t current; /* which of them is in use */
	int reading;	  /* AF_ that is being read into the other, or 0 */
	bool stale;	  /* routes changed since that began */
	bool lost;	  /* news were lost: read everything again */
	uint64_t next;	  /* when routes may be read again */

	/* what became of a neighbour; mac NULL: it does not resolve */
	void (*resolved)(void *user, uint32_t ifindex,
			 const struct lvs_addr *addr, const uint8_t *mac);
	void *user;
};

/* Opens sockets and reads everything once. 0 or a negative errno. */
int lvs__mirror_open(struct lvs__mirror *mirror);
void lvs__mirror_close(struct lvs__mirror *mirror);

/* Follows what the kernel told meanwhile; bounded. */
void lvs__mirror_follow(struct lvs__mirror *mirror, uint64_t now);

/* When there is work without news; UINT64_MAX for none. */
uint64_t lvs__mirror_deadline(const struct lvs__mirror *mirror);

/* The way to an address, NULL if there is none. */
const struct lvs__route_hop *lvs__mirror_route(const struct lvs__mirror *mirror,
					       const struct lvs_addr *addr);

/* Whether packets to an address end at this host. */
bool lvs__mirror_is_local(const struct lvs__mirror *mirror,
			  const struct lvs_addr *addr);

/* Asks the kernel to resolve or verify a neighbour. */
void lvs__mirror_ask(struct lvs__mirror *mirror, uint32_t ifindex,
		     const struct lvs_addr *addr);

#endif
