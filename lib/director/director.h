/*
 * The running node from the inside.
 *
 * The director owns the services (a catalog) and, beside each, what only a
 * running node knows: checks, drains, passive signs. Its thread alone changes
 * them; workers see snapshots. What a worker is asked goes through its
 * mailbox (worker.h).
 */
#ifndef LVS__DIRECTOR_H
#define LVS__DIRECTOR_H

#include <errno.h>
#include <lvs/director.h>

#include "base/list.h"
#include "model/wish.h"
#include "service/service.h"
#include "snapshot/catalog.h"

#define LVS__EVENTS 1024 /* news that wait; older ones are lost */
#define LVS__BUCKETS 1024
#define LVS__WINDOW 4	       /* samples of resets in one interval */
#define LVS__FORMER_POLL 2000  /* ms between looks at former NAT servers */
#define LVS__DRAIN_POLL 250    /* ms between looks at draining dests */
#define LVS__SWEEP_POLL 100    /* ms between looks at slow workers */
#define LVS__FAULT_PAUSE 60000 /* ms between two words of local faults */

/* What stands behind the director's descriptor. */
enum lvs__source {
	LVS__FROM_WAKE = 1,
	LVS__FROM_MONITOR = 2,
	LVS__FROM_BACKEND = 4
};

/* A check that runs, shared by all dests whose check is equal. */
struct lvs__probe {
	struct lvs__list node; /* in its bucket */
	struct lvs__list uses; /* of struct lvs__use */
	struct lvs_check *check;
	bool up;	  /* as the dests take it */
	uint32_t cause;	  /* of its last change, LVS_CAUSE_NONE: none yet */
	uint32_t latency; /* ms */
	bool unchecked;	  /* told that there is no route */
};

/* One check of one dest. */
struct lvs__use {
	struct lvs__list node; /* in its probe */
	struct lvs__probe *probe;
	struct lvs__live_dest *owner;
};

/* A dest that runs: the `note` of a dest of a service of the catalog. */
struct lvs__live_dest {
	struct lvs__live *service;
	struct lvs_dest *dest;
	struct lvs__dest_wish wish;
	struct lvs__use *uses; /* one a check */
	size_t use_count;
	bool down;
	bool drained;	/* said so */
	uint64_t since; /* ms: health, drain or weight 0 last changed */
	uint64_t resets[LVS__WINDOW];
};

/* Whether a service has a server that takes new connections. */
enum lvs__serving {
	LVS__SERVING_NEW = 0, /* it had none yet, and nobody misses one */
	LVS__SERVING,
	LVS__SERVING_NOT /* said so */
};

/* A service that runs: the `note` of a service of the catalog. */
struct lvs__live {
	struct lvs_service *service;
	uint64_t settings[LVS__MODEL_SETTINGS]; /* as configured */
	enum lvs__serving serving;
	uint64_t sample_at;	       /* next look at resets */
	uint32_t sample;	       /* how many; place in the window */
	uint64_t sampled[LVS__WINDOW]; /* when */
};

struct lvs_director {
	struct lvs__catalog catalog;
	struct lvs_model *model; /* what runs, as asked for */
	struct lvs_model *file;	 /* the last one reloaded, or only settings */
	struct lvs_monitor *monitor;
	struct lvs_backend *backend; /* NULL: "none" */
	struct lvs_worker **workers; /* NULL where one is not made yet */
	uint32_t worker_count;
	int epoll;
	int wake;   /* an eventfd that workers write */
	int answer; /* another, that only answers to questions write */

	struct lvs__hash_key key; /* of the probes' buckets */
	struct lvs__list probes[LVS__BUCKETS];
	uint64_t generation; /* grows as services or dests come or go */

	bool behind;	    /* what runs is not published yet: do so */
	bool unclaimed;	    /* claims were not taken back: try again */
	size_t former;	    /* claims that only connections need */
	uint64_t former_at; /* the next look at them */
	uint64_t now;
	uint64_t sweep_at; /* UINT64_MAX: nothing waits */
	uint64_t drain_at; /* the same: no dest drains */
	uint64_t sample_at;
	uint32_t alarm; /* __atomic: a worker saw a reset to a SYN */

	uint64_t faults;    /* of the monitor's, that were told */
	uint64_t fault_at;  /* not told again before */
	uint32_t unchecked; /* probes that were told of */

	struct lvs_event events[LVS__EVENTS];
	uint64_t event_first; /* number of the oldest that waits */
	uint64_t event_next;  /* number of the next to come */
	uint64_t reasons_zero[LVS_REASONS];
};

/* ---- event.c */

/* Adds news; the oldest makes room. time and number are filled here. */
void lvs__event_add(struct lvs_director *director, struct lvs_event *event);

/* An event about a service, and what of it is new, or about one of its dests.
 */
void lvs__event_service(struct lvs_director *director, int kind,
			const struct lvs_service *service, uint32_t changed);
void lvs__event_dest(struct lvs_director *director, int kind,
		     const struct lvs__live_dest *live, uint64_t value);

/* One about what a dest was configured to be, and what of it is new. */
void lvs__event_wish(struct lvs_director *director, int kind,
		     const struct lvs__live_dest *live, uint32_t changed);

/* Up or down, whichever it is now, and why. */
void lvs__event_health(struct lvs_director *director,
		       const struct lvs__live_dest *live);

/* ---- live.c: what runs */

/* All in the catalog, in order: the first for NULL, NULL behind the last. */
struct lvs__live *lvs__live_next(const struct lvs_director *director,
				 const struct lvs__live *live);

struct lvs__live *lvs__live_find(const struct lvs_director *director,
				 const struct lvs_addr *addr, uint16_t port,
				 int protocol);

/* Its dests in the order in which they came: as lvs__live_next(). */
struct lvs__live_dest *lvs__live_next_dest(const struct lvs__live *live,
					   const struct lvs__live_dest *dest);

/* NULL: there is none. */
struct lvs__live_dest *lvs__live_find_dest(const struct lvs__live *live,
					   const struct lvs_addr *addr,
					   uint16_t port);

/*
 * Takes a service without dests (not on failure), then its dests, then enters
 * it into the catalog; a dest of an entered one is there at once. Nothing is
 * published. 0 or a negative errno.
 */
int lvs__live_add(struct lvs__live **live, struct lvs_service *service);
int lvs__live_enter(struct lvs_director *director, struct lvs__live *live);
int lvs__live_add_dest(struct lvs_director *director,
		       struct lvs__live_dest **dest, struct lvs__live *live,
		       const struct lvs_addr *addr, uint16_t port);

/* Stops to: never fails. */
void lvs__live_remove(struct lvs_director *director, struct lvs__live *live);
void lvs__live_remove_dest(struct lvs_director *director,
			   struct lvs__live_dest *dest);

/* Makes the dest what its wish and its checks say. */
void lvs__live_settle(struct lvs__live_dest *dest);

/* ---- health.c: checks */

/*
 * Starts `count` checks (copied, a missing target filled in) for a dest, a
 * `fresh` one or one that runs. The old ones go on, and count, until
 * lvs__health_swap() exchanges them. 0 or a negative errno.
 */
int lvs__health_prepare(struct lvs_director *director, struct lvs__use **uses,
			struct lvs__live_dest *dest,
			struct lvs_check *const *checks, size_t count,
			bool fresh);
void lvs__health_swap(struct lvs__live_dest *dest, struct lvs__use **uses,
		      size_t *count);

/* Stops them. */
void lvs__health_drop(struct lvs_director *director, struct lvs__use *uses,
		      size_t count);

/* Whether all checks of these uses say up. */
bool lvs__health_up(const struct lvs__use *uses, size_t count);

/* The probe that decides: the first that is not up, or just the first. NULL:
 * there is no check. */
const struct lvs__probe *lvs__health_why(const struct lvs__use *uses,
					 size_t count);

/* Pops the monitor's events. 1: some dest changed, publish. */
bool lvs__health_events(struct lvs_director *director);

/* Tells that this host keeps checks from running, now and then. */
void lvs__health_faults(struct lvs_director *director);

/* ---- passive.c: what the data path shows */

/* Resets that were before count no more. */
void lvs__passive_restart(struct lvs__live_dest *dest);

/* Looks for resets to SYNs; says when to look again. */
void lvs__passive_sample(struct lvs_director *director);

/* ---- drains.c */

/* Looks for dests that have drained; says when to look again. */
void lvs__drains_look(struct lvs_director *director);

/* ---- serving.c */

/* Tells of services that lost their last server, or have one again. */
void lvs__serving_tell(struct lvs_director *director);

/* ---- publish.c */

/* Compiles and publishes what is in the catalog. 0 or -ENOMEM. */
int lvs__director_publish(struct lvs_director *director);

/* Frees what no worker uses any more. */
void lvs__director_sweep(struct lvs_director *director);

/* ---- claim.c */

/*
 * Claims from the backend all endpoints of what runs. 0, or what failed with
 * `message`; -ENOMEM.
 */
int lvs__director_claim(struct lvs_director *director, char *message,
			size_t size);

/* Looks whether claims are held for connections that are gone. */
void lvs__director_former(struct lvs_director *director);

/* Any thread: the director's descriptor becomes readable. */
void lvs__director_wake(struct lvs_director *director);

/* ---- for the control socket */

/* As lvs_director_apply(), and takes the model, on failure too. */
int lvs__director_apply(struct lvs_director *director, struct lvs_model *model,
			char *message, size_t size, uint64_t now);

/* A descriptor that is readable once workers answered: read it, ask again. */
int lvs__director_answer_fd(const struct lvs_director *director);
void lvs__director_answered(struct lvs_director *director);

/* Changes whenever services or dests come or go. */
uint64_t lvs__director_generation(const struct lvs_director *director);

#endif
