/*
 * The raw backend's control side.
 */
#ifndef LVS__BACKEND_RAW_H
#define LVS__BACKEND_RAW_H

#include "backend/backend.h"
#include "backend/host.h"
#include "backend/ingress.h"
#include "backend/lane.h"
#include "backend/managed.h"

/* A virtual address that is claimed. */
struct lvs__held_address {
	struct lvs_addr addr;
	uint32_t ifindex; /* where we added it; 0: it is the host's own */
};

/* What a claim means for the host, by address. */
struct lvs__holdings {
	struct lvs_claim *claims;
	size_t claim_count;
	struct lvs__held_address *addresses;
	size_t address_count;
	struct lvs__managed *servers;
	size_t server_count;
};

struct lvs__raw {
	struct lvs_backend base;
	int epoll;
	struct lvs__netlink requests;
	struct lvs__netlink news;
	struct lvs__ingress ingress;
	struct lvs__device devices[LVS__BACKEND_INTERFACES];
	size_t device_count;
	struct lvs__raw_lane *lanes[LVS__BACKEND_LANES];
	uint32_t seed;
	struct lvs__holdings held;
	bool devices_stale;
	bool marks; /* the kernel remembers marks of addresses */
	uint64_t next_manage;
};

/* What the ingress table is to hold for these. */
struct lvs__ingress_plan lvs__raw_plan(const struct lvs__raw *raw,
				       const struct lvs__holdings *holdings);

/* As lvs_backend_claim(). */
int lvs__raw_claim(struct lvs__raw *raw, const struct lvs_claim *claims,
		   size_t count, char *message, size_t size);

/* Enters the servers as neighbours, again if need be. */
void lvs__raw_manage(struct lvs__raw *raw);

/* Gives back all that is claimed. */
void lvs__raw_unclaim(struct lvs__raw *raw);

#endif
