/*
 * Services and destinations from the inside.
 *
 * The control thread owns both. The packet path of any worker touches only
 * what is marked so in struct lvs_dest: the load (shared atomics, changed at
 * every transition of a connection), the marks (read) and the worker's own
 * lane of counters.
 */
#ifndef LVS__SERVICE_H
#define LVS__SERVICE_H

#include <errno.h>
#include <lvs/service.h>

#include "base/base.h"
#include "base/list.h"

struct lvs__plan;
struct lvs__sched;

/* One worker's counters of one dest: a cache line, written by it alone. */
struct lvs__lane_counters {
	uint64_t conns;
	uint64_t in_packets;
	uint64_t out_packets;
	uint64_t in_bytes;
	uint64_t out_bytes;
	uint64_t syns;	     /* SYNs that opened a connection */
	uint64_t syn_resets; /* of those, answered by a reset (NAT) */
	uint64_t spare;
} LVS__ALIGNED;

/* One worker's place in a service's rotation; what it means is the
 * scheduler's. `version` is the plan's that it was last used with. */
struct lvs__cursor {
	uint64_t version;
	uint64_t serial;
	int64_t weight;
	uint64_t spare[5];
} LVS__ALIGNED;

struct lvs_dest {
	/* the packet path: shared by all workers */
	struct {
		uint32_t active;	/* __atomic: active connections */
		uint32_t inactive;	/* __atomic: the others */
		uint32_t overload;	/* __atomic: upper threshold reached */
		uint32_t upper;		/* __atomic: thresholds as configured */
		uint32_t lower;		/* __atomic */
		uint32_t gone;		/* __atomic: removed from its service */
		uint32_t down;		/* __atomic: LVS_DEST_DOWN */
		uint32_t expire_nodest; /* __atomic: its service's policy */
	} load LVS__ALIGNED;

	/* the packet path: never changed once the dest is published */
	struct lvs_addr addr;
	uint16_t port;	 /* host order */
	uint32_t method; /* enum lvs_method; a change makes a new dest */
	struct lvs__lane_counters *lanes; /* one a worker */
	uint32_t lane_count;

	/* control only */
	struct lvs__list node; /* in its service, or among the removed */
	struct lvs_service *service;
	uint64_t serial; /* grows with every dest ever added: list order */
	uint32_t weight;
	bool draining;
	/* while removed: whose it was, and since which snapshot */
	struct lvs_addr service_addr;
	uint16_t service_port;
	uint8_t service_protocol;
	uint64_t removed_version;
	struct lvs_stats zero;	/* what readers subtract (-Z) */
	struct lvs_stats rates; /* the estimator's last figures */
};

struct lvs_service {
	struct lvs_addr addr; /* family NONE: none was set */
	uint16_t port;
	uint8_t protocol;
	const struct lvs__sched *sched; /* NULL: none */
	uint32_t expire_nodest;
	struct lvs__list dests; /* newest first */
	uint32_t dest_count;
	struct lvs__list removed; /* dests with connections, no parent */

	void *parent; /* whose it is, NULL: its own */
	struct lvs__list node;
	uint64_t changes;	/* grows with every change that a plan shows */
	struct lvs__plan *plan; /* the newest one, NULL: none yet */
	struct lvs__cursor *cursors; /* one a worker */
	uint32_t lane_count;
	struct lvs_stats residue; /* counters of dests that are freed */
	struct lvs_stats zero;
	struct lvs_stats rates;
};

/*
 * The packet path's four moves. bind: a connection (inactive at first) leads
 * here; 0 or -EUSERS: the upper threshold is reached (exact: add, test, undo).
 */
LVS__INLINE uint32_t lvs__dest_total(const struct lvs_dest *dest)
{
	return __atomic_load_n(&dest->load.active, __ATOMIC_RELAXED) +
	       __atomic_load_n(&dest->load.inactive, __ATOMIC_RELAXED);
}

/* Recomputes the overload mark after a change of total or thresholds. */
LVS_PRIVATE void lvs__dest_judge(struct lvs_dest *dest);

LVS__INLINE int lvs__dest_bind(struct lvs_dest *dest)
{
	uint32_t upper = __atomic_load_n(&dest->load.upper, __ATOMIC_RELAXED);
	uint32_t mine =
		__atomic_add_fetch(&dest->load.inactive, 1, __ATOMIC_RELAXED);

	if (lvs__likely(upper == 0))
		return 0;
	mine += __atomic_load_n(&dest->load.active, __ATOMIC_RELAXED);
	if (mine > upper) {
		__atomic_sub_fetch(&dest->load.inactive, 1, __ATOMIC_RELAXED);
		lvs__dest_judge(dest);
		return -EUSERS;
	}
	lvs__dest_judge(dest);
	return 0;
}

LVS__INLINE void lvs__dest_activate(struct lvs_dest *dest)
{
	__atomic_add_fetch(&dest->load.active, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&dest->load.inactive, 1, __ATOMIC_RELAXED);
}

LVS__INLINE void lvs__dest_deactivate(struct lvs_dest *dest)
{
	__atomic_add_fetch(&dest->load.inactive, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&dest->load.active, 1, __ATOMIC_RELAXED);
}

LVS__INLINE void lvs__dest_unbind(struct lvs_dest *dest, bool active)
{
	__atomic_sub_fetch(active ? &dest->load.active : &dest->load.inactive,
			   1, __ATOMIC_RELEASE);
	if (lvs__unlikely(
		    __atomic_load_n(&dest->load.upper, __ATOMIC_RELAXED) != 0 ||
		    __atomic_load_n(&dest->load.overload, __ATOMIC_RELAXED) !=
			    0))
		lvs__dest_judge(dest);
}

/* What a scheduler may give a new connection: the weight, or 0. */
uint32_t lvs__dest_usable_weight(const struct lvs_dest *dest);

/*
 * Gives every dest (and the cursors) room for `lanes` workers; before the
 * service is published. 0 or -ENOMEM.
 */
LVS_PRIVATE int lvs__service_set_lanes(struct lvs_service *service,
				       uint32_t lanes);

/* The raw sums over all lanes, nothing subtracted. */
LVS_PRIVATE void lvs__dest_sum(const struct lvs_dest *dest,
			       struct lvs__lane_counters *sum);

/*
 * Estimator: call every two seconds for each service (its dests are done
 * too). Exponential average, weight 1/4, as IPVS's.
 */
LVS_PRIVATE void lvs__service_estimate(struct lvs_service *service);

/* Sets the counters to 0 as readers see them. */
LVS_PRIVATE void lvs__service_zero(struct lvs_service *service);

/* A copy of the description: address, scheduler, options, dests in order
 * with their options; no load, no counters, no parent. 0 or -ENOMEM. */
LVS_PRIVATE int lvs__service_copy(struct lvs_service **copy,
				  const struct lvs_service *service);

#endif
