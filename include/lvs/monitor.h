/*
 * liblvs: the monitor probes targets and tells up, down and unknown.
 *
 * A check is a value with settings; given to a monitor it runs. The monitor
 * opens sockets, all non-blocking, and owns no thread. A local fault (no
 * descriptors, no memory, no route of our own) is `unknown`, never `down`.
 */
#ifndef LVS_MONITOR_H
#define LVS_MONITOR_H

#include <lvs/addr.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lvs_monitor;
struct lvs_check;

enum lvs_check_option {
	LVS_CHECK_INTERVAL = 1, /* ms between checks, default 10000 */
	LVS_CHECK_TIMEOUT = 2,	/* ms for one attempt, default 5000 */
	LVS_CHECK_RISE = 3,	/* successes until up, default 1 */
	LVS_CHECK_FALL = 4,	/* failures until down, default 3 */
	LVS_CHECK_RETRY = 5,	/* ms to the next attempt while failures are
				   being counted, default 1000 */
	LVS_CHECK_JITTER = 6,	/* ms: the first check starts at random within
				   this, and later ones shift by up to a tenth
				   of it; default: the interval */
	LVS_CHECK_START_UP = 7	/* 1: taken for up until proven down */
};

enum lvs_check_state {
	LVS_CHECK_UNKNOWN = 0, /* nothing proven yet */
	LVS_CHECK_UP = 1,
	LVS_CHECK_DOWN = 2
};

/* What came of one attempt, and why. */
enum lvs_check_cause {
	LVS_CAUSE_NONE = 0,
	LVS_CAUSE_OK = 1,
	LVS_CAUSE_REFUSED = 2,	   /* connection refused or reset */
	LVS_CAUSE_TIMEOUT = 3,	   /* no answer within the timeout */
	LVS_CAUSE_UNREACHABLE = 4, /* the network says so */
	LVS_CAUSE_LOCAL = 5,	   /* our own fault: says nothing */
	LVS_CAUSE_FORCED = 6,	   /* lvs_monitor_force_down() */
	LVS_CAUSE_NO_ROUTE = 7	   /* our own fault: no way to the target */
};

/* A change of state. */
struct lvs_check_event {
	uint64_t time;	   /* ms, when it was decided */
	uint64_t user;	   /* as given to lvs_monitor_add_check() */
	uint32_t state;	   /* enum lvs_check_state */
	uint32_t cause;	   /* enum lvs_check_cause of the deciding attempt */
	uint32_t attempts; /* that led to it, in a row */
	uint32_t latency;  /* ms, of the deciding attempt */
};

/*
 * A check of this kind: "tcp" (connect).
 * 0, -EINVAL, -ENOMEM, -ENOENT: no such kind.
 */
int lvs_check_new(struct lvs_check **check, const char *kind);

/* Ends a check that no monitor holds. NULL is allowed. */
void lvs_check_free(struct lvs_check *check);

/* A copy with the same settings, that no monitor holds. 0 or -ENOMEM. */
int lvs_check_copy(struct lvs_check **copy, const struct lvs_check *check);

/* 1: same kind, target and settings; 0: not. */
int lvs_check_equal(const struct lvs_check *a, const struct lvs_check *b);

/*
 * Sets or reads a setting (enum lvs_check_option). Milliseconds 1 to 2^31-1
 * (jitter from 0), rise and fall 1 to 1000.
 * 0, -EINVAL, -ERANGE, -EBUSY: a monitor holds it.
 */
int lvs_check_set(struct lvs_check *check, int option, uint64_t value);
int lvs_check_get(const struct lvs_check *check, int option, uint64_t *value);

/*
 * Whom to probe. 0, -EINVAL (family none or port 0), -EBUSY.
 * lvs_check_get_target(): 0, or -ENOENT: not set.
 */
int lvs_check_set_target(struct lvs_check *check, const struct lvs_addr *addr,
			 uint16_t port);
int lvs_check_get_target(const struct lvs_check *check, struct lvs_addr *addr,
			 uint16_t *port);

/* The kind's name. Static. */
const char *lvs_check_kind(const struct lvs_check *check);

/* enum lvs_check_state, or -EINVAL. */
int lvs_check_state(const struct lvs_check *check);

/*
 * What keeps the check from being made now: LVS_CAUSE_NO_ROUTE or
 * LVS_CAUSE_LOCAL; LVS_CAUSE_NONE: nothing did at its newest attempt. Or
 * -EINVAL.
 */
int lvs_check_fault(const struct lvs_check *check);

/* A state's and a cause's name ("down", "refused"). Static, any thread. */
const char *lvs_check_state_name(int state);
const char *lvs_check_cause_name(int cause);

/* A monitor without checks. 0, -ENOMEM, -EMFILE and other errno of epoll. */
int lvs_monitor_new(struct lvs_monitor **monitor);

/* Ends a monitor and its checks. NULL is allowed. */
void lvs_monitor_free(struct lvs_monitor *monitor);

/*
 * Starts a check; the monitor owns it from then on (not on failure). `user` is
 * the caller's and comes back in events.
 * 0, -EINVAL: no target; -EBUSY: a monitor holds it; -ENOMEM.
 */
int lvs_monitor_add_check(struct lvs_monitor *monitor, struct lvs_check *check,
			  uint64_t user, uint64_t now);

/* Stops a check and ends it; its pending events are dropped. 0, -ENOENT. */
int lvs_monitor_remove_check(struct lvs_monitor *monitor,
			     struct lvs_check *check);

/*
 * Takes a target for down at once (a passive sign: resets on the data path);
 * the check goes on and may bring it back. 0, -ENOENT: not this monitor's.
 */
int lvs_monitor_force_down(struct lvs_monitor *monitor, struct lvs_check *check,
			   uint64_t now);

/* What a monitor counted since it was made. */
struct lvs_monitor_stats {
	uint64_t checks;   /* that it holds now */
	uint64_t running;  /* attempts under way now: one descriptor each */
	uint64_t attempts; /* that began */
	uint64_t successes;
	uint64_t failures;
	uint64_t local_faults; /* attempts that our own host prevented */
	uint64_t excused;      /* attempts looked at too late to say anything */
};

/* Fills the statistics; `size` is sizeof(struct lvs_monitor_stats). 0 or
 * -EINVAL. */
int lvs_monitor_stats(const struct lvs_monitor *monitor,
		      struct lvs_monitor_stats *stats, size_t size);

/*
 * In a loop: wait for the descriptor (an epoll) to be readable or the deadline
 * (absolute milliseconds, UINT64_MAX: none), then dispatch, at most `budget`
 * things (0: 1024), then pop events until there are none; while one waits, the
 * deadline is 0.
 * dispatch: how much was done, or -EINVAL.
 */
int lvs_monitor_fd(const struct lvs_monitor *monitor);
uint64_t lvs_monitor_deadline(const struct lvs_monitor *monitor);
int lvs_monitor_dispatch(struct lvs_monitor *monitor, uint64_t now,
			 uint32_t budget);

/*
 * The next event: 1 with `event` filled (`size` is sizeof), 0: none, -EINVAL.
 * A check has at most one event waiting: the newest.
 */
int lvs_monitor_pop_event(struct lvs_monitor *monitor,
			  struct lvs_check_event *event, size_t size);

#ifdef __cplusplus
}
#endif
#endif
