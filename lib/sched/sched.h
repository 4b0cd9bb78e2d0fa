/*
 * Schedulers: one algorithm a file, one line in the table of sched.c.
 *
 * A *plan* is a service as a scheduler sees it: immutable, made by the control
 * thread at every change, shared by all workers. What moves from pick to pick
 * is in the worker's cursor. A plan that did not change is shared by
 * successive snapshots, so a cursor notices a change by the plan's version.
 *
 * IPVS moves a rotation at every single change of a dest. So does a service
 * that no worker sees yet; changes that are published together count as one.
 */
#ifndef LVS__SCHED_H
#define LVS__SCHED_H

#include "forward/forward.h"
#include "service/service.h"

#define LVS__SERIAL_HEAD UINT64_MAX /* a cursor before the first dest */

/* A cursor's `weight` before its scheduler is told of the first change. */
#define LVS__WEIGHT_NONE 0    /* dests came one by one, to this scheduler */
#define LVS__WEIGHT_LATE (-1) /* they were there before it */

struct lvs__plan_dest {
	struct lvs_dest *dest;
	uint64_t serial; /* falls along the list: newest first */
	const struct lvs__forward *forward; /* for a new connection */
	uint32_t weight; /* 0: not usable (weight 0, down, draining) */
	/* as configured, for words: workers may not ask the dest for it */
	uint32_t configured : 31;
	uint32_t draining : 1;
};

struct lvs__plan {
	const struct lvs__sched *sched; /* NULL: none */
	struct lvs__cursor *cursors;	/* the service's, by worker */
	uint64_t version; /* the service's changes when it was made; >= 1 */
	void *table;	  /* the scheduler's own */
	uint32_t gcd;	  /* of the weights above 0; 1 if none */
	uint32_t max_weight;
	uint32_t lanes; /* cursors */
	uint32_t count;
	uint32_t references; /* control only */
	uint32_t pad;
	struct lvs__plan_dest dests[]; /* in list order */
};

struct lvs__sched {
	const char *name; /* as ipvsadm spells it */
	/* optional: builds plan->table. 0 or a negative errno */
	int (*compile)(struct lvs__plan *plan);
	void (*release)(struct lvs__plan *plan);
	/* optional: dests came, went or changed; a fresh cursor too */
	void (*changed)(struct lvs__cursor *cursor, uint32_t gcd,
			uint32_t max_weight);
	/* an index into plan->dests, or -ENOENT: none is usable. No
	 * allocation, lock, clock or system call. */
	int (*pick)(const struct lvs__plan *plan, struct lvs__cursor *cursor,
		    const struct lvs_key *key, uint64_t now);
};

extern const struct lvs__sched lvs__sched_rr;
extern const struct lvs__sched lvs__sched_wrr;
extern const struct lvs__sched lvs__sched_lc;
extern const struct lvs__sched lvs__sched_wlc;

/* The scheduler of that name, NULL if there is none. */
const struct lvs__sched *lvs__sched_find(const char *name);

/* 1: may take a new connection now. */
LVS__INLINE bool lvs__plan_usable(const struct lvs__plan_dest *d)
{
	return d->weight != 0 &&
	       __atomic_load_n(&d->dest->load.overload, __ATOMIC_RELAXED) == 0;
}

/* IPVS's measure of a dest's load: an active one is worth 256 others. */
LVS__INLINE uint64_t lvs__plan_overhead(const struct lvs__plan_dest *d)
{
	uint64_t conns = lvs__dest_conns(d->dest);

	return ((uint64_t)lvs__conns_active(conns) << 8) +
	       lvs__conns_inactive(conns);
}

/* Rotations: the dest at `i` was picked. */
LVS__INLINE int lvs__cursor_take(struct lvs__cursor *cursor,
				 const struct lvs__plan *plan, uint32_t i)
{
	cursor->serial = plan->dests[i].serial;
	cursor->next = i + 1;
	return (int)i;
}

/* Brings a cursor of worker `lane` to the plan. The packet path, after a
 * change. */
void lvs__cursor_follow(struct lvs__cursor *cursor,
			const struct lvs__plan *plan, uint32_t lane);

/*
 * The plan of a service as it is now: the one it has if nothing changed, else
 * a new one. One reference is the caller's. 0 or -ENOMEM.
 */
int lvs__plan_get(struct lvs__plan **plan, struct lvs_service *service);
void lvs__plan_put(struct lvs__plan *plan);

/*
 * Picks with a cursor of worker `lane`, plan->cursors[lane] or a copy: the dest
 * and its method; NULL: none is usable. The packet path.
 */
LVS__INLINE const struct lvs__plan_dest *lvs__plan_pick(
	const struct lvs__plan *plan, struct lvs__cursor *cursor, uint32_t lane,
	const struct lvs_key *key, uint64_t now)
{
	int i;

	if (plan->sched == NULL)
		return NULL;
	if (lvs__unlikely(cursor->version != plan->version))
		lvs__cursor_follow(cursor, plan, lane);
	i = plan->sched->pick(plan, cursor, key, now);
	return i < 0 ? NULL : &plan->dests[i];
}

#endif
