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
	size_t cursor;	       /* the server that is looked after next */
	size_t left;	       /* servers of the round that is going on */
	uint64_t next_manage;  /* when it goes on, or the next one begins */
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

/* ---- follow.c */

/* The lanes take what comes in by the interfaces. 0 or a negative errno. */
int lvs__raw_filter(struct lvs__raw *raw);

uint64_t lvs__raw_deadline(const struct lvs_backend *backend);
int lvs__raw_dispatch(struct lvs_backend *backend, uint64_t now,
		      uint32_t budget);

/* ---- manage.c */

/*
 * Holds what is wanted. Servers in both keep what is known of them, others are
 * given back, new ones are entered as neighbours.
 */
void lvs__raw_hand_over(struct lvs__raw *raw, struct lvs__holdings *wanted);

/* Rounds are to come if there is work for them. Begins one. */
void lvs__raw_plan_round(struct lvs__raw *raw);
void lvs__raw_begin_round(struct lvs__raw *raw);

/* Goes on with a round, if it is time. */
void lvs__raw_manage(struct lvs__raw *raw, uint64_t now);

/* ---- claim.c */

/* Gives back all that is claimed. */
void lvs__raw_unclaim(struct lvs__raw *raw);

#endif
