/*
 * Services and destinations from the inside.
 *
 * The control thread owns both. The packet path of any worker touches only
 * what is marked so in struct lvs_dest: the load (shared atomics, changed at
 * every transition of a connection), the marks (read) and the worker's own
 * lane of counters. What an edit changes for new connections (weight, method,
 * draining) it reads from the plan, so that a commit shows all edits together;
 * thresholds, marks and the policy for removed dests count at once.
 *
 * A removed dest lives on while connections lead to it, on the list
 * `graveyard` of its service: the service's own where it has no parent, its
 * catalog's otherwise. Adding the same address and port takes it back; a
 * catalog has them by the addresses of both, too, in `graves`.
 */
#ifndef LVS__SERVICE_H
#define LVS__SERVICE_H

#include <errno.h>
#include <lvs/service.h>

#include "base/base.h"
#include "base/limits.h"
#include "base/list.h"
#include "service/endpoint.h"

struct lvs__plan;
struct lvs__sched;
struct lvs__services;

#define LVS__GRAVES 1024 /* lists of removed dests that a catalog has */

/* One worker's counters of one dest: a cache line, written by it alone. */
struct lvs__lane_counters {
	uint64_t conns;
	uint64_t in_packets;
	uint64_t out_packets;
	uint64_t in_bytes;
	uint64_t out_bytes;
	uint64_t syn_resets; /* SYNs that the dest answered by a reset (NAT) */
	uint64_t spare[2];
} LVS__ALIGNED;

/*
 * One worker's place in a service's rotation; sched.h says how it follows
 * changes.
 */
struct lvs__cursor {
	const struct lvs__sched *sched; /* whose state this is, NULL: fresh */
	uint64_t version; /* of the plan that `next` counts in; 0: none */
	uint64_t serial;  /* of the last pick; UINT64_MAX: before the first */
	int64_t weight;	  /* the scheduler's */
	uint32_t next;	  /* index in the plan to look at next */
	uint32_t pad;
	uint64_t spare[3];
} LVS__ALIGNED;

struct lvs_dest {
	/* the packet path of all workers: written at a connection's changes */
	struct {
		uint64_t conns;	   /* __atomic: active << 32 | inactive, in one
				      word so that their sum is exact */
		uint32_t overload; /* __atomic: upper threshold reached */
		uint32_t upper;	   /* __atomic: thresholds as configured */
		uint32_t lower;	   /* __atomic */
	} load LVS__ALIGNED;

	/* the packet path: read for every packet, so a line that only the
	 * control thread writes, and seldom */
	struct {
		uint32_t gone;		/* __atomic: removed from its service */
		uint32_t down;		/* __atomic: LVS_DEST_DOWN */
		uint32_t expire_nodest; /* __atomic: its service's policy */
	} mark LVS__ALIGNED;
	struct lvs__lane_counters *lanes; /* one a worker */
	uint32_t lane_count;		  /* workers */
	uint16_t port;			  /* host order */
	struct lvs_addr addr;

	/* control only */
	struct lvs__list node;	     /* in its service, or in its graveyard */
	struct lvs_service *service; /* NULL: removed, and it ended since */
	struct lvs__list grave;	     /* while removed: in service->graves */
	struct lvs_dest *became;     /* the dest that took this one's place */
	struct lvs_dest *replaced;   /* the one whose place this one took */
	uint64_t serial; /* grows with every dest ever added: list order */
	uint32_t weight;
	uint32_t method; /* enum lvs_method; packets see the plan's copy */
	bool two_way;	 /* connections to it may be by NAT, now or before */
	bool draining;
	bool published; /* workers may have seen it in a plan */
	void *note;	/* what its service's parent keeps beside it */
	/* while removed: whose it was, and since which snapshot */
	struct lvs__endpoint_key service_key;
	uint64_t removed_version; /* UINT64_MAX: none shows it yet */
	struct lvs_stats zero;	  /* what readers subtract (-Z) */
	struct lvs_stats rates;	  /* the estimator's, see stats.c */
};

/* What floor 3 does for a service; known once it has a scheduler or a plan. */
struct lvs__service_ops {
	/*
	 * A change happened, or, where `dest` is not NULL, that dest is about
	 * to be removed; called only while no worker uses the cursors.
	 */
	void (*follow)(struct lvs_service *service,
		       const struct lvs_dest *dest);
	/* Lets go of service->plan. */
	void (*forget)(struct lvs_service *service);
};

struct lvs_service {
	struct lvs_addr addr; /* family NONE: none was set */
	uint16_t port;
	uint8_t protocol;
	bool published;			/* workers may have seen a plan of it */
	const struct lvs__sched *sched; /* NULL: none */
	const struct lvs__service_ops *ops;
	uint32_t expire_nodest;
	struct lvs__list dests; /* newest first */
	uint32_t dest_count;
	uint64_t serial;	     /* of the newest dest */
	struct lvs__list removed;    /* dests with connections, no parent */
	struct lvs__list *graveyard; /* &removed, or one of the catalog's */
	struct lvs__list *graves;    /* the catalog's, NULL: it has none */
	struct lvs__list replaced;   /* dests that `became` others */

	struct lvs__services *parent; /* whose it is, NULL: its own */
	struct lvs__list node;	      /* there, or among a catalog's removed */
	void *note;		      /* what the parent keeps beside it */
	uint64_t removed_version;     /* as a dest's */
	uint64_t changes; /* grows with every change that a plan shows; >= 1 */
	struct lvs__plan *plan;	     /* the newest one, NULL: none yet */
	struct lvs__cursor *cursors; /* one a worker */
	uint32_t lane_count;
	struct lvs__endpoint_index by_address; /* dests, once there are many */
	struct lvs_stats residue; /* counters of dests that are not counted
				     here any more; modulo 2^64 */
	struct lvs_stats zero;
	struct lvs_stats rates;
};

LVS__INLINE uint64_t lvs__dest_conns(const struct lvs_dest *dest)
{
	return __atomic_load_n(&dest->load.conns, __ATOMIC_RELAXED);
}

/* The halves of that word, and their sum. */
LVS__INLINE uint32_t lvs__conns_active(uint64_t conns)
{
	return (uint32_t)(conns >> 32);
}

LVS__INLINE uint32_t lvs__conns_inactive(uint64_t conns)
{
	return (uint32_t)conns;
}

LVS__INLINE uint64_t lvs__conns_total(uint64_t conns)
{
	return (conns >> 32) + (uint32_t)conns;
}

LVS__INLINE uint64_t lvs__dest_total(const struct lvs_dest *dest)
{
	return lvs__conns_total(lvs__dest_conns(dest));
}

/*
 * Makes the overload mark what the load and the thresholds say: set at
 * `upper`, cleared below `lower` (below 3/4 of `upper` where that is 0), kept
 * in between. After a change of load; any thread.
 */
void lvs__dest_judge(struct lvs_dest *dest);

#define LVS__ONE_ACTIVE ((uint64_t)1 << 32)

/*
 * The packet path's four moves. bind: a connection (inactive at first) leads
 * here; 0 or -EUSERS: the upper threshold is reached (exact: add, test, undo).
 * After unbind the caller touches the dest no more: it may be freed.
 */
LVS__INLINE int lvs__dest_bind(struct lvs_dest *dest)
{
	uint32_t upper = __atomic_load_n(&dest->load.upper, __ATOMIC_RELAXED);
	uint64_t conns =
		__atomic_add_fetch(&dest->load.conns, 1, __ATOMIC_RELAXED);
	bool full = lvs__conns_total(conns) > upper;

	if (lvs__likely(upper == 0))
		return 0;
	if (full)
		__atomic_sub_fetch(&dest->load.conns, 1, __ATOMIC_RELAXED);
	lvs__dest_judge(dest);
	return full ? -EUSERS : 0;
}

LVS__INLINE void lvs__dest_activate(struct lvs_dest *dest)
{
	__atomic_add_fetch(&dest->load.conns, LVS__ONE_ACTIVE - 1,
			   __ATOMIC_RELAXED);
}

LVS__INLINE void lvs__dest_deactivate(struct lvs_dest *dest)
{
	__atomic_sub_fetch(&dest->load.conns, LVS__ONE_ACTIVE - 1,
			   __ATOMIC_RELAXED);
}

/*
 * A removed dest is not judged: it may be freed as soon as the last connection
 * let go of it. (`gone` is read first; who reads 0 has not yet seen the
 * snapshot without the dest, and control waits for that before it frees.)
 */
LVS__INLINE void lvs__dest_unbind(struct lvs_dest *dest, bool active)
{
	bool judge =
		(__atomic_load_n(&dest->load.upper, __ATOMIC_RELAXED) != 0 ||
		 __atomic_load_n(&dest->load.overload, __ATOMIC_RELAXED) !=
			 0) &&
		__atomic_load_n(&dest->mark.gone, __ATOMIC_RELAXED) == 0;

	__atomic_sub_fetch(&dest->load.conns, active ? LVS__ONE_ACTIVE : 1,
			   __ATOMIC_RELEASE);
	if (lvs__unlikely(judge))
		lvs__dest_judge(dest);
}

/* What a scheduler may give a new connection: the weight, or 0. */
uint32_t lvs__dest_usable_weight(const struct lvs_dest *dest);

/*
 * Gives every dest (and the cursors) room for `lanes` workers; before the
 * service is published. 0 or -ENOMEM.
 */
int lvs__service_set_lanes(struct lvs_service *service, uint32_t lanes);

/* How many SYNs a dest has answered by a reset; it only grows. */
LVS_PRIVATE uint64_t lvs__dest_resets(const struct lvs_dest *dest);

/* The raw sums over all lanes, nothing subtracted. */
void lvs__dest_sum(const struct lvs_dest *dest, struct lvs__lane_counters *sum);

/*
 * Estimator: call every two seconds for each service (its dests are done
 * too). Exponential average, weight 1/4, as IPVS's.
 */
void lvs__service_estimate(struct lvs_service *service);

/* Sets the counters to 0 as readers see them. */
LVS_PRIVATE void lvs__service_zero(struct lvs_service *service);

/*
 * A copy of the description: address, scheduler, options, dests in order
 * with their options; no load, no counters, no parent. 0 or -ENOMEM.
 */
LVS_PRIVATE int lvs__service_copy(struct lvs_service **copy,
				  const struct lvs_service *service);

/*
 * As the public functions of these names, for the parent: of a service that is
 * sealed too. remove_dest: of a dest that is known to be the service's and is
 * called by the name it has now: no walk looks for it.
 */
LVS_PRIVATE int lvs__service_set(struct lvs_service *service, int option,
				 uint64_t value);
LVS_PRIVATE int lvs__service_set_sched(struct lvs_service *service,
				       const char *name);
LVS_PRIVATE int lvs__dest_set(struct lvs_dest *dest, int option,
			      uint64_t value);
LVS_PRIVATE int lvs__service_add_dest(struct lvs_service *service,
				      struct lvs_dest **dest,
				      const struct lvs_addr *addr,
				      uint16_t port, uint32_t weight);
LVS_PRIVATE void lvs__service_remove_dest(struct lvs_service *service,
					  struct lvs_dest *dest);

/* ---- between the files of this room, and for the catalog */

/* Where a service is, under which the index has it. */
void lvs__service_endpoint(struct lvs__endpoint_key *key,
			   const struct lvs_service *service);

/* Reads an address that may be balanced. 0 or -EINVAL. */
int lvs__service_check_addr(struct lvs_addr *clean,
			    const struct lvs_addr *addr);

/* An edit that a plan shows; `removed` is the dest that is about to go. */
void lvs__service_changed(struct lvs_service *service,
			  const struct lvs_dest *removed);

/* ---- find.c: a service's dests by address */

/* The dest with this address as it is stored, NULL: none. */
struct lvs_dest *lvs__service_dest_at(const struct lvs_service *service,
				      const struct lvs_addr *addr,
				      uint16_t port);

/*
 * The index knows a dest (address and port are set) that is about to come, no
 * more one that goes, or one in place of another of the same address. index:
 * 0 or a negative errno.
 */
int lvs__service_index_dest(struct lvs_service *service, struct lvs_dest *dest);
void lvs__service_unindex_dest(struct lvs_service *service,
			       const struct lvs_dest *dest);
void lvs__service_reindex_dest(struct lvs_service *service,
			       struct lvs_dest *dest);

/* ---- the dests' own */

/* Where a removed dest of this address is, or would be; service->graves is. */
struct lvs__list *lvs__dest_grave(const struct lvs_service *service,
				  const struct lvs_addr *addr, uint16_t port);

/* A dest with room for `lanes` workers and every option at its default. */
int lvs__dest_new(struct lvs_dest **dest, uint32_t lanes);

/* Makes the room larger, before it is published. 0 or -ENOMEM. */
int lvs__dest_widen(struct lvs_dest *dest, uint32_t lanes);

/* Ends a dest that nobody leads to; its service keeps its counters. */
void lvs__dest_free(struct lvs_dest *dest);

/* Whether it has this address, cleaned, and this port. */
LVS__INLINE bool lvs__dest_is_at(const struct lvs_dest *dest,
				 const struct lvs_addr *addr, uint16_t port)
{
	return dest->port == port &&
	       memcmp(&dest->addr, addr, sizeof(*addr)) == 0;
}

/* The dest that this one became: callers may know it by either. */
LVS__INLINE struct lvs_dest *lvs__dest_now(struct lvs_dest *dest)
{
	return dest->became == NULL ? dest : dest->became;
}

LVS__INLINE const struct lvs_dest *lvs__dest_read(const struct lvs_dest *dest)
{
	return dest->became == NULL ? dest : dest->became;
}

/* Unlinks a dest from its service: to the graveyard, or ended at once. */
void lvs__dest_bury(struct lvs_dest *dest);

/*
 * 1: a removed dest was this service's, or one's that ended and had its
 * address.
 */
bool lvs__dest_was_of(const struct lvs_dest *dest,
		      const struct lvs_service *service);

/* Takes a dest out of its graveyard, its options at their defaults. */
void lvs__dest_revive(struct lvs_dest *dest);

void lvs__dest_copy_options(struct lvs_dest *dest, const struct lvs_dest *from);

/*
 * Puts `old`, out of a graveyard, in the place and with the options of `young`,
 * which becomes it.
 */
void lvs__dest_take_back(struct lvs_dest *old, struct lvs_dest *young);

/*
 * The sum over all that a service's connections did, its removed dests
 * included, nothing subtracted.
 */
void lvs__service_sum(const struct lvs_service *service, struct lvs_stats *sum);

/* sum += or -= the raw counters of a dest. */
void lvs__stats_add_dest(struct lvs_stats *sum, const struct lvs_dest *dest);
void lvs__stats_sub_dest(struct lvs_stats *sum, const struct lvs_dest *dest);

#endif
