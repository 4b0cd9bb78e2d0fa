/*
 * Inside the monitor: a check as it runs, what a kind of check must do, and
 * what holds them together.
 */
#ifndef LVS__MONITOR_H
#define LVS__MONITOR_H

#include <lvs/monitor.h>

#include "base/list.h"
#include "base/timer.h"

/*
 * A kind of check: a file with one of these, and a line in check.c. An attempt
 * is one descriptor; the monitor keeps its time and draws the conclusions, so
 * a kind knows neither clock nor state.
 */
struct lvs__check_ops {
	const char *kind;
	/*
	 * Begins an attempt: `fd` (non-blocking, close-on-exec) becomes
	 * writable when there is news. 0, or a negative errno: nothing was
	 * sent (-ECONNREFUSED: the target refused at once).
	 */
	int (*start)(const struct lvs_check *check, int *fd);
	/*
	 * What came of it: enum lvs_check_cause, LVS_CAUSE_NONE while there is
	 * no news. `events` are epoll's, 0 for a look without any. With `age`
	 * (may be NULL) it also tells how long ago, at least, in milliseconds,
	 * the target last sent something.
	 */
	int (*ready)(int fd, uint32_t events, uint64_t *age);
	/* Ends the attempt and closes the descriptor. */
	void (*stop)(int fd);
};

extern const struct lvs__check_ops lvs__check_tcp;

#define LVS__CHECK_SETTINGS (LVS_CHECK_START_UP + 1)
#define LVS__CHECK_UNSET UINT32_MAX /* jitter: as the interval */

struct lvs_check {
	/* the value */
	const struct lvs__check_ops *ops;
	struct lvs_addr addr;
	uint16_t port; /* 0: no target yet */
	uint32_t settings[LVS__CHECK_SETTINGS];

	/* in a monitor */
	struct lvs_monitor *monitor; /* NULL: none holds it */
	struct lvs__list event_node; /* in monitor->events when one waits */
	struct lvs__list queue_node; /* in monitor->queue: no descriptor */
	struct lvs_check_event event;
	uint64_t user;
	uint64_t start;	   /* when the attempt began, or shall begin */
	uint64_t deadline; /* of the attempt */
	uint32_t index;	   /* its slot in monitor->slots */
	uint32_t state;	   /* enum lvs_check_state */
	uint32_t successes;
	uint32_t failures;
	int fault;    /* enum lvs_check_cause: what prevented the newest */
	int fd;	      /* of the attempt, -1: none under way */
	bool shifted; /* a late start was put off once */
	bool excused; /* a late attempt was let go once */
};

/* A setting as it works: the default jitter is the interval. */
LVS__INLINE uint32_t lvs__check_setting(const struct lvs_check *check,
					int option)
{
	uint32_t value = check->settings[option];

	return value != LVS__CHECK_UNSET ? value
					 : check->settings[LVS_CHECK_INTERVAL];
}

/* Where a check is kept; its index never changes. */
struct lvs__slot {
	struct lvs__timer timer;
	uint32_t generation; /* of the attempt */
	uint32_t next_free;
	struct lvs_check *check; /* NULL: free */
};

struct lvs_monitor {
	int epoll;
	struct lvs__slot *slots;
	uint32_t count; /* slots that there are */
	uint32_t free;	/* the first free one */
	struct lvs__wheel wheel;
	struct lvs__list events; /* checks with an event, oldest first */
	struct lvs__list queue;	 /* checks without a descriptor */
	uint64_t now;
	uint64_t seed;
	struct lvs_monitor_stats stats;
};

/* A number below `limit`, 0 for 0. Spreads load; nothing is secret. */
uint64_t lvs__monitor_random(struct lvs_monitor *monitor, uint64_t limit);

/* Sets when the check's next attempt begins. */
void lvs__monitor_schedule(struct lvs_monitor *monitor, struct lvs_check *check,
			   uint64_t start);

/*
 * When the check's next attempt is due: an interval after the last start, up
 * to a tenth of the jitter early (so that what the interval promises holds),
 * and not before now.
 */
uint64_t lvs__monitor_round(struct lvs_monitor *monitor,
			    const struct lvs_check *check);

/* A new state, told by the newest event of this check. */
void lvs__monitor_change(struct lvs_monitor *monitor, struct lvs_check *check,
			 uint32_t state, int cause, uint32_t attempts,
			 uint64_t latency);

/* The check's timer fired: the time to begin, or the attempt's deadline. */
void lvs__monitor_fire(struct lvs_monitor *monitor, struct lvs_check *check);

/* A descriptor fired: that of an attempt under way, or of one long over. */
void lvs__monitor_hear(struct lvs_monitor *monitor, uint64_t cookie,
		       uint32_t events);

/* Ends the attempt, if one is under way, without a conclusion. */
void lvs__monitor_end(struct lvs_monitor *monitor, struct lvs_check *check);

#endif
