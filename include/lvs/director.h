/*
 * liblvs-director: the running node. It joins balancers (one a worker), a
 * backend and a monitor, and turns a model into what runs, as a difference.
 *
 * Threads: the director is used by one thread, each worker by one thread of
 * its own; they may be the same. It makes none. A change is published to the
 * workers as an immutable snapshot; a worker swaps it between two batches.
 */
#ifndef LVS_DIRECTOR_H
#define LVS_DIRECTOR_H

#include <lvs/model.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lvs_director;
struct lvs_worker;

enum lvs_event_kind {
	LVS_EVENT_SERVICE_ADDED = 1,
	LVS_EVENT_SERVICE_CHANGED = 2,
	LVS_EVENT_SERVICE_REMOVED = 3,
	LVS_EVENT_DEST_ADDED = 4,
	LVS_EVENT_DEST_CHANGED = 5, /* weight, method, thresholds, checks */
	LVS_EVENT_DEST_REMOVED = 6,
	LVS_EVENT_DEST_UP = 7,
	LVS_EVENT_DEST_DOWN = 8,
	LVS_EVENT_DEST_DRAINING = 9,
	LVS_EVENT_DEST_DRAINED = 10, /* draining, and no active connection */
	LVS_EVENT_RELOADED = 11,
	LVS_EVENT_REFUSED = 12,	     /* a change was; its caller was told why */
	LVS_EVENT_LOCAL_FAULT = 13,  /* this host kept checks from running; at
					most once a minute */
	LVS_EVENT_HOST = 14,	     /* the backend tells something: `host` */
	LVS_EVENT_SERVICE_DOWN = 15, /* no dest takes new connections */
	LVS_EVENT_SERVICE_UP = 16,   /* one does again */
	LVS_EVENT_DEST_UNCHECKED = 17, /* no route to check it: it stays */
	LVS_EVENT_DEST_CHECKED = 18,   /* it is checked again */
	LVS_EVENT_DEST_UNDRAINED = 19  /* it drains no more */
};

/*
 * What of a changed dest or service is new, in `changed`: 1 << option for each
 * enum lvs_dest_option or enum lvs_service_option, and these.
 */
enum lvs_event_change {
	LVS_CHANGED_CHECKS = 0x10000,  /* of a dest */
	LVS_CHANGED_SCHED = 0x20000,   /* of a service */
	LVS_CHANGED_SETTING = 0x100000 /* of a service: LVS_CHANGED_SETTING <<
					  setting, enum lvs_service_setting */
};

/* What a dest is: the first of what keeps new connections from it. */
enum lvs_dest_state {
	LVS_DEST_STATE_UP = 1,
	LVS_DEST_STATE_DOWN = 2,      /* its check says so */
	LVS_DEST_STATE_DRAINING = 3,  /* and has active connections */
	LVS_DEST_STATE_DRAINED = 4,   /* and has none */
	LVS_DEST_STATE_QUIESCENT = 5, /* weight 0 */
	LVS_DEST_STATE_UNCHECKED = 6, /* this host keeps its check from being
					 made: it stays what it was */
	LVS_DEST_STATE_CHECKING = 7,  /* no check has ended yet */
	LVS_DEST_STATE_OVERLOAD = 8   /* at its upper threshold */
};

/* Why a dest is what it is, flat. */
struct lvs_dest_health {
	uint32_t state;	  /* enum lvs_dest_state */
	uint32_t checked; /* 1: it has a check */
	uint32_t cause;	  /* enum lvs_check_cause, of the deciding check:
			     unchecked: its fault; else of its last change */
	uint32_t latency; /* ms, of that change */
	uint64_t since;	  /* ms, as told: up, down, drain or weight 0 changed */
};

/* News, flat. What does not apply is 0. */
struct lvs_event {
	uint64_t time;	 /* ms, as told by the caller */
	uint64_t number; /* counts from 1; a gap: events were lost */
	uint32_t kind;	 /* enum lvs_event_kind */
	uint32_t protocol;
	struct lvs_addr virtual_addr;
	struct lvs_addr dest;
	uint32_t virtual_port;
	uint32_t dest_port;
	uint32_t cause;	  /* enum lvs_check_cause, for up and down */
	uint32_t latency; /* ms, of the deciding check */
	uint64_t value;	  /* of a dest added, changed or undrained: the weight;
			     draining: active; reloaded: changes; local fault:
			     checks */
	struct lvs_backend_event host;
	uint32_t level;	  /* enum lvs_log_level: notice, warning or error */
	uint32_t method;  /* enum lvs_method, of an added or changed dest */
	uint32_t changed; /* what of a changed dest or service is new: bits,
			     see enum lvs_event_change */
};

/*
 * A node that runs nothing yet. Workers, table size and backend are taken from
 * `model` (its settings only); the backend is opened. With `backend` text
 * "none" it has no backend and packets are the caller's
 * (lvs_worker_balancer()).
 * 0, or what failed, with `message`: -EINVAL, -ENOENT: no such backend is built
 * in; -ENOMEM; as lvs_model_copy() or lvs_backend_open(); and errno of the
 * system calls that make its descriptors.
 */
int lvs_director_new(struct lvs_director **director,
		     const struct lvs_model *model, char *message, size_t size,
		     uint64_t now);

/*
 * Ends it: the host is as before, services and connections are gone. No
 * worker may be in use. NULL is allowed.
 */
void lvs_director_free(struct lvs_director *director);

/*
 * Makes `model` what runs: only what differs is touched; connections,
 * counters and check states of the rest stay. All or nothing. Settings that
 * need a restart (workers, connections, backend, interfaces) are refused when
 * they differ (-EBUSY), and, where the backend holds the virtual addresses, a
 * dest at a service's address (-EINVAL): it would be this host itself.
 * How many differences were applied, or what failed, with `message`: these,
 * -EINVAL: a service without an address; -ENOMEM; or as lvs_model_copy() or
 * lvs_backend_claim().
 */
int lvs_director_apply(struct lvs_director *director,
		       const struct lvs_model *model, char *message,
		       size_t size, uint64_t now);

/*
 * As apply, for a configuration file that was read again: what changed since
 * the last reload is done, what was changed by other means stays; a dest
 * that has no check gets those of the file. What it returns is as apply's.
 */
int lvs_director_reload(struct lvs_director *director,
			const struct lvs_model *model, char *message,
			size_t size, uint64_t now);

/*
 * Tells, a line each, where on this host the virtual addresses of a model are
 * or would be, and what lvs_backend_foresee() says of them and of the servers;
 * nothing is changed, and no director has to run.
 * 0, -EINVAL, -ENOENT: no such backend is built in; -ENOMEM, or what
 * getrandom() says.
 */
int lvs_director_homes(const struct lvs_model *model,
		       void (*tell)(void *user, const char *line), void *user);

/* A model of what runs now, the caller's to free. As lvs_model_copy(). */
int lvs_director_model(const struct lvs_director *director,
		       struct lvs_model **model);

/*
 * The live service with this address, to read from (options, dests, stats):
 * borrowed, until the next call that changes services; functions that would
 * change it answer -EBUSY. NULL if none. A walk from NULL.
 */
const struct lvs_service *lvs_director_find_service(
	const struct lvs_director *director, const struct lvs_addr *addr,
	uint16_t port, int protocol);
const struct lvs_service *lvs_director_next_service(
	const struct lvs_director *director, const struct lvs_service *service);

/*
 * What a live dest is now and why, into `health`; `size` is sizeof(struct
 * lvs_dest_health) as the caller knows it.
 * 0, -EINVAL, -ENOENT: not a dest of this director.
 */
int lvs_director_dest_health(const struct lvs_director *director,
			     const struct lvs_dest *dest,
			     struct lvs_dest_health *health, size_t size);

/* A state's name ("up", "draining"). Static, any thread. */
const char *lvs_dest_state_name(int state);

/*
 * In a loop: fd, deadline, dispatch, pop events, as the monitor's. Workers
 * wait on their own.
 * dispatch: how much was done; pop_event: 1 with `event` filled, 0: none; each
 * -EINVAL for NULL.
 */
int lvs_director_fd(const struct lvs_director *director);
uint64_t lvs_director_deadline(const struct lvs_director *director);
int lvs_director_dispatch(struct lvs_director *director, uint64_t now,
			  uint32_t budget);
int lvs_director_pop_event(struct lvs_director *director,
			   struct lvs_event *event, size_t size);

/*
 * An event as one line of text ("tcp 192.0.2.1:80 -> 10.0.0.3:80 down:
 * refused"), cut at `size`. The length of the whole line, or -EINVAL.
 */
int lvs_event_format(const struct lvs_event *event, char *text, size_t size);

/* A kind's name ("dest_down"). Static, any thread. */
const char *lvs_event_name(int kind);

/*
 * Sets all counters of services, dests and reasons to 0: of one service, or of
 * all where `service` is NULL (as readers see them; workers are not
 * disturbed). 0, -EINVAL, -ENOENT.
 */
int lvs_director_zero(struct lvs_director *director,
		      const struct lvs_service *service);

/* Packets by reason, all workers; as lvs_balancer_reasons(). */
int lvs_director_reasons(const struct lvs_director *director, uint64_t *counts,
			 size_t count);

/*
 * The counters of a worker's balancer and of its lane (all 0 without a
 * backend). 0, -EINVAL or -ENOENT: no such worker.
 */
int lvs_director_balancer_stats(const struct lvs_director *director,
				uint32_t index,
				struct lvs_balancer_stats *stats, size_t size);
int lvs_director_lane_stats(const struct lvs_director *director, uint32_t index,
			    struct lvs_lane_stats *stats, size_t size);

/*
 * Asks all workers for their connections. They answer between two batches, a
 * bounded number each time: lvs_listing_next() then gives 1 with `flow`
 * filled, -EAGAIN: not there yet (dispatch the director and ask again), 0: at
 * the end. A second listing may run beside the first.
 * 0, -EINVAL, -ENOMEM; next: -EINVAL too.
 */
struct lvs_listing;
int lvs_director_list_conns(struct lvs_director *director,
			    struct lvs_listing **listing);
int lvs_listing_next(struct lvs_listing *listing, struct lvs_flow *flow,
		     size_t size);
/* NULL is allowed. */
void lvs_listing_free(struct lvs_listing *listing);

/*
 * Asks what would become of a packet, as lvs_balancer_explain(). Whose packet
 * it would be only the kernel knows, so all workers are asked; the one that
 * has its connection is believed, else the first. The answer comes later:
 * lvs_explanation_text() gives it, NULL until then.
 * 0, -EINVAL, -ENOMEM.
 */
struct lvs_explanation;
int lvs_director_explain(struct lvs_director *director,
			 struct lvs_explanation **explanation,
			 const uint8_t *packet, size_t length);
const char *lvs_explanation_text(const struct lvs_explanation *explanation);
/* NULL is allowed. */
void lvs_explanation_free(struct lvs_explanation *explanation);

/*
 * The i-th worker, NULL past the last. Borrowed. Its thread waits for fd or
 * deadline, then dispatches: at most `budget` batches (0: 16).
 * dispatch: packets moved, -EINVAL, or as lvs_lane_recv().
 * lvs_worker_balancer(): the worker's balancer, for its thread, where there is
 * no backend.
 */
struct lvs_worker *lvs_director_worker(struct lvs_director *director,
				       uint32_t index);
int lvs_worker_fd(const struct lvs_worker *worker);
uint64_t lvs_worker_deadline(const struct lvs_worker *worker);
int lvs_worker_dispatch(struct lvs_worker *worker, uint64_t now,
			uint32_t budget);
struct lvs_balancer *lvs_worker_balancer(struct lvs_worker *worker);

#ifdef __cplusplus
}
#endif
#endif
