/*
 * The raw backend's control side.
 */
#ifndef LVS__BACKEND_RAW_H
#define LVS__BACKEND_RAW_H

#include "backend/backend.h"
#include "backend/host/ingress.h"
#include "backend/host/managed.h"
#include "backend/host/virtual.h"
#include "backend/raw/arp.h"
#include "backend/raw/lane.h"
#include "backend/raw/taken.h"

/* What a claim means for the host. */
struct lvs__holdings {
	struct lvs_claim *claims;
	size_t claim_count;
	struct lvs__managed *servers; /* each address once */
	size_t server_count;
};

struct lvs__raw {
	struct lvs_backend base;
	int epoll;
	struct lvs__netlink requests;
	struct lvs__netlink news;
	struct lvs__ingress ingress;
	struct lvs__devices devices;
	struct lvs__raw_lane *lanes[LVS__MOST_LANES];
	struct lvs__taken_shelf taken;
	uint32_t seed;
	struct lvs__holdings held;
	struct lvs__virtuals virtuals;
	struct lvs__arp arp;
	struct lvs__news told; /* what the caller is to hear */
	bool reverse_told;
	bool devices_stale;
	uint64_t next_devices; /* not before, after a failure */
	uint64_t next_manage;
};

/* What the ingress table is to hold for these. */
struct lvs__ingress_plan lvs__raw_plan(const struct lvs__raw *raw,
				       const struct lvs__holdings *holdings);

/* As lvs_backend_claim(). */
int lvs__raw_claim(struct lvs__raw *raw, const struct lvs_claim *claims,
		   size_t count, char *message, size_t size);

/* The claim of that kind and endpoint among these, NULL if there is none. */
const struct lvs_claim *lvs__raw_find(const struct lvs__holdings *holdings,
				      const struct lvs_claim *claim);

/* Tells what will not work of what is held, unless it was held before. */
void lvs__raw_warn(struct lvs__raw *raw, const struct lvs__holdings *before);

/* Enters the servers as neighbours, again if need be. */
void lvs__raw_manage(struct lvs__raw *raw);

/* ---- follow.c */

/* The lanes take what comes in by the interfaces. 0 or a negative errno. */
int lvs__raw_filter(struct lvs__raw *raw);

/* What is due now and then is due now. */
void lvs__raw_hurry(struct lvs__raw *raw);

uint64_t lvs__raw_deadline(const struct lvs_backend *backend);
int lvs__raw_dispatch(struct lvs_backend *backend, uint64_t now,
		      uint32_t budget);

/* ---- claim.c */

/* Gives back all that is claimed. */
void lvs__raw_unclaim(struct lvs__raw *raw);

#endif
