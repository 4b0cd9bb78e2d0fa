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
#include "backend/taken.h"

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
	struct lvs__taken_shelf taken;
	uint32_t seed;
	struct lvs__holdings held;
	struct lvs__held_address *owed; /* still to be removed */
	size_t owed_count;
	size_t owed_room;
	bool devices_stale;
	uint64_t next_devices; /* not before, after a failure */
	bool marks;	       /* the kernel remembers marks of addresses */
	uint64_t next_manage;
};

/* What the ingress table is to hold for these. */
struct lvs__ingress_plan lvs__raw_plan(const struct lvs__raw *raw,
				       const struct lvs__holdings *holdings);

/* As lvs_backend_claim(). */
int lvs__raw_claim(struct lvs__raw *raw, const struct lvs_claim *claims,
		   size_t count, char *message, size_t size);

/* Room for all removals that may be owed by a claim of `more` addresses. */
int lvs__virtual_reserve(struct lvs__raw *raw, size_t more);

/* Adds what the host lacks. On failure what was added is still there. */
int lvs__virtual_add(struct lvs__raw *raw, struct lvs__holdings *wanted,
		     char *message, size_t size);

/* Removes our addresses that `kept` does not have too. */
void lvs__virtual_remove(struct lvs__raw *raw,
			 const struct lvs__holdings *holdings,
			 const struct lvs__holdings *kept);

/* Tries again to remove what is owed. */
void lvs__virtual_pay(struct lvs__raw *raw);

/* Enters the servers as neighbours, again if need be. */
void lvs__raw_manage(struct lvs__raw *raw);

/* Gives back all that is claimed. */
void lvs__raw_unclaim(struct lvs__raw *raw);

#endif
