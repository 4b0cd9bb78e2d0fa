/*
 * An attempt, from its start to what it proves.
 *
 * A result after the deadline is never a success, and a target must not pay
 * for our own absence. Both hold because the kernel remembers: when we look
 * too late at a connection that is there, TCP_INFO tells when the target last
 * spoke; if that was before the deadline, the attempt is a success, found late.
 * Every other finding of a look that comes much too late (LATE: no healthy
 * loop is; the process was stopped, or the machine was) proves nothing: clocks
 * may have run on while the network did not. Such an attempt is excused and
 * made again, once; the next one counts however late it is, so that a caller
 * who always comes late hears of dead targets too.
 *
 * After an absence the checks do not come all in one moment: one that was due
 * meanwhile, or under way, is put off by a random part of how late we are, at
 * most its jitter and not twice in a row. Each comes once, for its next start
 * counts from the new one.
 *
 * A local fault proves nothing either: no state, no count is changed, and the
 * check comes again after the retry time. Checks that found no descriptor
 * queue: each attempt that ends gives its descriptor to the first in the
 * queue.
 *
 * An attempt's descriptor is in the epoll with the check's slot and the
 * attempt's generation as its cookie, and fires once: whatever a forked child
 * or a batch of old events still has of an attempt that is over, the slot's
 * generation is another.
 */
#include <errno.h>

#include "base/watch.h"
#include "monitor/monitor.h"

#define LATE 250 /* ms after which we call ourselves absent */
#define JIFFY 10 /* ms, the coarsest that TCP_INFO may be */

/* xorshift64* (Vigna, 2016). */
uint64_t lvs__monitor_random(struct lvs_monitor *monitor, uint64_t limit)
{
	uint64_t x = monitor->seed;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	monitor->seed = x;
	return limit == 0 ? 0 : ((x * 0x2545f4914f6cdd1dULL) >> 16) % limit;
}

void lvs__monitor_schedule(struct lvs_monitor *monitor, struct lvs_check *check,
			   uint64_t start)
{
	check->start = start;
	lvs__wheel_add(&monitor->wheel, check->index, start);
}

void lvs__monitor_end(struct lvs_monitor *monitor, struct lvs_check *check)
{
	struct lvs_check *first;

	if (check->fd < 0)
		return;
	check->ops->stop(check->fd);
	check->fd = -1;
	monitor->slots[check->index].generation++;
	monitor->stats.running--;
	if (lvs__list_empty(&monitor->queue))
		return;
	/* by its timer, not here: what it does is not this check's cost */
	first = lvs__list_entry(monitor->queue.next, struct lvs_check,
				queue_node);
	lvs__list_remove(&first->queue_node);
	lvs__monitor_schedule(monitor, first, monitor->now);
}

void lvs__monitor_change(struct lvs_monitor *monitor, struct lvs_check *check,
			 uint32_t state, int cause, uint32_t attempts,
			 uint64_t latency)
{
	check->state = state;
	check->event = (struct lvs_check_event){
		.time = monitor->now,
		.user = check->user,
		.state = state,
		.cause = (uint32_t)cause,
		.attempts = attempts,
		.latency =
			latency < UINT32_MAX ? (uint32_t)latency : UINT32_MAX,
	};
	if (lvs__list_empty(&check->event_node))
		lvs__list_append(&monitor->events, &check->event_node);
}

uint64_t lvs__monitor_round(struct lvs_monitor *monitor,
			    const struct lvs_check *check)
{
	uint64_t interval = check->settings[LVS_CHECK_INTERVAL];
	uint64_t shift = lvs__check_setting(check, LVS_CHECK_JITTER) / 10;
	uint64_t next;

	if (shift > interval / 2)
		shift = interval / 2;
	next = check->start + interval -
	       lvs__monitor_random(monitor, shift + 1);
	return next > monitor->now ? next : monitor->now;
}

static void succeeded(struct lvs_monitor *monitor, struct lvs_check *check,
		      uint64_t latency)
{
	monitor->stats.successes++;
	check->failures = 0;
	if (check->successes < check->settings[LVS_CHECK_RISE])
		check->successes++;
	if (check->state != LVS_CHECK_UP &&
	    check->successes >= check->settings[LVS_CHECK_RISE])
		lvs__monitor_change(monitor, check, LVS_CHECK_UP, LVS_CAUSE_OK,
				    check->successes, latency);
	lvs__monitor_schedule(monitor, check,
			      lvs__monitor_round(monitor, check));
}

static void failed(struct lvs_monitor *monitor, struct lvs_check *check,
		   int cause, uint64_t latency)
{
	uint32_t retry;

	monitor->stats.failures++;
	check->successes = 0;
	if (check->failures < check->settings[LVS_CHECK_FALL])
		check->failures++;
	if (check->state != LVS_CHECK_DOWN) {
		if (check->failures < check->settings[LVS_CHECK_FALL]) {
			retry = check->settings[LVS_CHECK_RETRY];
			lvs__monitor_schedule(monitor, check,
					      monitor->now + retry);
			return;
		}
		lvs__monitor_change(monitor, check, LVS_CHECK_DOWN, cause,
				    check->failures, latency);
	}
	lvs__monitor_schedule(monitor, check,
			      lvs__monitor_round(monitor, check));
}

/*
 * Our own fault: nothing is counted, and the check comes again soon. `error`
 * is what its start gave, 0 for a later fault.
 */
static void hampered(struct lvs_monitor *monitor, struct lvs_check *check,
		     int error)
{
	uint32_t wait = check->settings[LVS_CHECK_RETRY];
	bool no_descriptor = error == -EMFILE || error == -ENFILE;

	check->fault = error == -ENETUNREACH || error == -EHOSTUNREACH
			       ? LVS_CAUSE_NO_ROUTE
			       : LVS_CAUSE_LOCAL;

	monitor->stats.local_faults++;
	if (wait > check->settings[LVS_CHECK_INTERVAL])
		wait = check->settings[LVS_CHECK_INTERVAL];
	if (no_descriptor && lvs__list_empty(&check->queue_node))
		lvs__list_append(&monitor->queue, &check->queue_node);
	lvs__monitor_schedule(monitor, check, monitor->now + wait);
}

/* An attempt has come to its end. `when` is when the target answered. */
static void conclude(struct lvs_monitor *monitor, struct lvs_check *check,
		     int cause, uint64_t when)
{
	uint64_t latency = when > check->start ? when - check->start : 0;

	lvs__monitor_end(monitor, check);
	check->excused = false;
	check->fault = LVS_CAUSE_NONE;
	if (cause == LVS_CAUSE_LOCAL)
		hampered(monitor, check, 0);
	else if (cause == LVS_CAUSE_OK)
		succeeded(monitor, check, latency);
	else
		failed(monitor, check, cause, latency);
}

/* We were away: the check begins within its jitter, and then it does. */
static void put_off(struct lvs_monitor *monitor, struct lvs_check *check,
		    uint64_t late)
{
	uint64_t most = lvs__check_setting(check, LVS_CHECK_JITTER);

	if (most > late)
		most = late;
	check->shifted = true;
	lvs__monitor_schedule(monitor, check,
			      monitor->now +
				      lvs__monitor_random(monitor, most));
}

/* An attempt that we come to much too late: it is made again. */
static void excuse(struct lvs_monitor *monitor, struct lvs_check *check)
{
	monitor->stats.excused++;
	lvs__monitor_end(monitor, check);
	check->excused = true;
}

/* Looks at an attempt: by its descriptor's events, or 0 at its deadline. */
static void judge(struct lvs_monitor *monitor, struct lvs_check *check,
		  uint32_t events)
{
	bool over = monitor->now > check->deadline;
	bool absent = monitor->now > check->deadline + LATE;
	uint64_t when = monitor->now;
	uint64_t age = 0;
	int cause = check->ops->ready(check->fd, events, over ? &age : NULL);

	if (over && cause == LVS_CAUSE_OK) {
		when = age < when ? when - age : 0;
		if (when + JIFFY > check->deadline)
			cause = LVS_CAUSE_TIMEOUT;
	}
	if (cause == LVS_CAUSE_NONE && over)
		cause = LVS_CAUSE_TIMEOUT;
	if (cause == LVS_CAUSE_NONE)
		return;
	if (absent && cause != LVS_CAUSE_OK && !check->excused)
		excuse(monitor, check);
	else
		conclude(monitor, check, cause, when);
	if (absent)
		put_off(monitor, check, monitor->now - check->deadline);
}

/* (Re)arms the descriptor: it fires once. */
static int watch(struct lvs_monitor *monitor, const struct lvs_check *check,
		 int operation)
{
	uint64_t generation = monitor->slots[check->index].generation;

	return lvs__watch(monitor->epoll, operation, check->fd,
			  EPOLLOUT | EPOLLONESHOT,
			  generation << 32 | check->index);
}

static void begin(struct lvs_monitor *monitor, struct lvs_check *check)
{
	int error;

	check->shifted = false;
	check->start = monitor->now;
	check->deadline = check->start + check->settings[LVS_CHECK_TIMEOUT];
	error = check->ops->start(check, &check->fd);
	if (error != -EMFILE && error != -ENFILE)
		lvs__list_remove(&check->queue_node);
	if (error == -ECONNREFUSED) {
		monitor->stats.attempts++;
		conclude(monitor, check, LVS_CAUSE_REFUSED, monitor->now);
		return;
	}
	if (error < 0) {
		hampered(monitor, check, error);
		return;
	}
	monitor->stats.attempts++;
	monitor->stats.running++;
	if (watch(monitor, check, EPOLL_CTL_ADD) < 0)
		conclude(monitor, check, LVS_CAUSE_LOCAL, monitor->now);
	else
		lvs__wheel_add(&monitor->wheel, check->index, check->deadline);
}

void lvs__monitor_fire(struct lvs_monitor *monitor, struct lvs_check *check)
{
	if (check->fd >= 0)
		judge(monitor, check, 0);
	else if (monitor->now < check->start + LATE || check->shifted)
		begin(monitor, check);
	else
		put_off(monitor, check, monitor->now - check->start);
}

void lvs__monitor_hear(struct lvs_monitor *monitor, uint64_t cookie,
		       uint32_t events)
{
	uint32_t index = (uint32_t)cookie;
	struct lvs_check *check;

	if (index >= monitor->count)
		return;
	check = monitor->slots[index].check;
	if (check == NULL || check->fd < 0 ||
	    monitor->slots[index].generation != (uint32_t)(cookie >> 32))
		return;
	judge(monitor, check, events);
	if (check->fd >= 0 && watch(monitor, check, EPOLL_CTL_MOD) < 0)
		conclude(monitor, check, LVS_CAUSE_LOCAL, monitor->now);
}
