/*
 * The monitor: holds checks, keeps their time, hands out their events.
 *
 * A check waits for its next attempt or has one under way, so it always has
 * exactly one timer: in a wheel (base/timer.h) over `slots`, an array that
 * grows, in which a check keeps its slot. Time only goes forward:
 * `monitor->now` is the latest that was told. What an attempt is and proves is
 * attempt.c's.
 *
 * A check holds its newest event itself, so events need no memory and can not
 * be lost; a check that is removed takes its event along.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/hash.h"
#include "monitor/monitor.h"

#define BATCH 64    /* events taken from the epoll at once */
#define BUDGET 1024 /* when the caller gives none */
#define PLACES_AT_FIRST 64
#define PLACES_AT_MOST (1u << 22)
#define NOBODY UINT32_MAX

/* Time as we use it: never back, and far from where sums would wrap. */
static uint64_t advance(struct lvs_monitor *monitor, uint64_t now)
{
	if (now > INT64_MAX)
		now = INT64_MAX;
	if (now > monitor->now)
		monitor->now = now;
	return monitor->now;
}

LVS_EXPORT int lvs_monitor_new(struct lvs_monitor **monitor)
{
	struct lvs__hash_key key;
	struct lvs_monitor *made;
	int error;

	if (monitor == NULL)
		return -EINVAL;
	error = lvs__hash_key_init(&key);
	if (error < 0)
		return error;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return -ENOMEM;
	made->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (made->epoll < 0) {
		error = -errno;
		free(made);
		return error;
	}
	made->free = NOBODY;
	made->seed = key.k0 | 1;
	lvs__list_init(&made->events);
	lvs__list_init(&made->queue);
	*monitor = made;
	return 0;
}

/* Makes room for more checks; the wheel follows the array. */
static int grow(struct lvs_monitor *monitor)
{
	uint32_t count =
		monitor->count == 0 ? PLACES_AT_FIRST : monitor->count * 2;
	struct lvs__slot *slots;

	if (count > PLACES_AT_MOST)
		return -ENOMEM;
	slots = realloc(monitor->slots, count * sizeof(*slots));
	if (slots == NULL)
		return -ENOMEM;
	for (uint32_t i = count; i-- > monitor->count;) {
		slots[i] = (struct lvs__slot){.next_free = monitor->free};
		lvs__timer_init(&slots[i].timer);
		monitor->free = i;
	}
	monitor->slots = slots;
	monitor->count = count;
	monitor->wheel.timers = (char *)&slots[0].timer;
	return 0;
}

LVS_EXPORT int lvs_monitor_add_check(struct lvs_monitor *monitor,
				     struct lvs_check *check, uint64_t user,
				     uint64_t now)
{
	uint32_t jitter;
	int error;

	if (monitor == NULL || check == NULL || check->port == 0)
		return -EINVAL;
	if (check->monitor != NULL)
		return -EBUSY;
	if (monitor->free == NOBODY) {
		error = grow(monitor);
		if (error < 0)
			return error;
	}
	now = advance(monitor, now);
	if (monitor->stats.checks++ == 0)
		lvs__wheel_init(&monitor->wheel, &monitor->slots[0].timer,
				sizeof(struct lvs__slot), now);
	check->index = monitor->free;
	monitor->free = monitor->slots[check->index].next_free;
	monitor->slots[check->index].check = check;
	check->monitor = monitor;
	check->user = user;
	if (check->settings[LVS_CHECK_START_UP] != 0)
		check->state = LVS_CHECK_UP;
	jitter = lvs__check_setting(check, LVS_CHECK_JITTER);
	lvs__monitor_schedule(monitor, check,
			      now + lvs__monitor_random(monitor, jitter));
	return 0;
}

/* Takes a check out of the monitor and ends it. */
static void discard(struct lvs_monitor *monitor, struct lvs_check *check)
{
	struct lvs__slot *slot = &monitor->slots[check->index];

	lvs__list_remove(&check->queue_node);
	lvs__monitor_end(monitor, check);
	lvs__list_remove(&check->event_node);
	lvs__wheel_remove(&monitor->wheel, check->index);
	slot->check = NULL;
	slot->next_free = monitor->free;
	monitor->free = check->index;
	monitor->stats.checks--;
	free(check);
}

LVS_EXPORT int lvs_monitor_remove_check(struct lvs_monitor *monitor,
					struct lvs_check *check)
{
	if (monitor == NULL || check == NULL)
		return -EINVAL;
	if (check->monitor != monitor)
		return -ENOENT;
	discard(monitor, check);
	return 0;
}

LVS_EXPORT void lvs_monitor_free(struct lvs_monitor *monitor)
{
	if (monitor == NULL)
		return;
	for (uint32_t i = 0; i < monitor->count; i++)
		if (monitor->slots[i].check != NULL)
			discard(monitor, monitor->slots[i].check);
	close(monitor->epoll);
	free(monitor->slots);
	free(monitor);
}

static uint32_t hear_all(struct lvs_monitor *monitor, uint32_t budget)
{
	struct epoll_event events[BATCH];
	uint32_t done = 0;
	int most, count;

	do {
		most = budget - done < BATCH ? (int)(budget - done) : BATCH;
		count = epoll_wait(monitor->epoll, events, most, 0);
		for (int i = 0; i < count; i++)
			lvs__monitor_hear(monitor, events[i].data.u64,
					  events[i].events);
		done += count > 0 ? (uint32_t)count : 0;
	} while (count == most && done < budget);
	return done;
}

LVS_EXPORT int lvs_monitor_dispatch(struct lvs_monitor *monitor, uint64_t now,
				    uint32_t budget)
{
	uint32_t done, index;

	if (monitor == NULL)
		return -EINVAL;
	advance(monitor, now);
	if (monitor->stats.checks == 0)
		return 0;
	if (budget == 0 || budget > INT32_MAX)
		budget = BUDGET;
	done = hear_all(monitor, budget);
	budget -= done;
	while ((index = lvs__wheel_pop(&monitor->wheel, monitor->now,
				       &budget)) != LVS__TIMER_NONE) {
		lvs__monitor_fire(monitor, monitor->slots[index].check);
		done++;
	}
	return (int)done;
}

LVS_EXPORT int lvs_monitor_force_down(struct lvs_monitor *monitor,
				      struct lvs_check *check, uint64_t now)
{
	if (monitor == NULL || check == NULL)
		return -EINVAL;
	if (check->monitor != monitor)
		return -ENOENT;
	advance(monitor, now);
	/* what began before knows less than the caller does */
	lvs__monitor_end(monitor, check);
	check->successes = 0;
	check->failures = check->settings[LVS_CHECK_FALL];
	if (check->state != LVS_CHECK_DOWN)
		lvs__monitor_change(monitor, check, LVS_CHECK_DOWN,
				    LVS_CAUSE_FORCED, 0, 0);
	check->start = monitor->now;
	lvs__monitor_schedule(monitor, check,
			      lvs__monitor_round(monitor, check));
	return 0;
}

LVS_EXPORT int lvs_monitor_fd(const struct lvs_monitor *monitor)
{
	return monitor != NULL ? monitor->epoll : -EINVAL;
}

LVS_EXPORT uint64_t lvs_monitor_deadline(const struct lvs_monitor *monitor)
{
	if (monitor == NULL)
		return UINT64_MAX;
	if (!lvs__list_empty(&monitor->events))
		return 0; /* pop them */
	if (monitor->stats.checks == 0)
		return UINT64_MAX;
	return lvs__wheel_deadline(&monitor->wheel);
}

LVS_EXPORT int lvs_monitor_pop_event(struct lvs_monitor *monitor,
				     struct lvs_check_event *event, size_t size)
{
	struct lvs_check *check;

	if (monitor == NULL || event == NULL || size == 0)
		return -EINVAL;
	if (lvs__list_empty(&monitor->events))
		return 0;
	check = lvs__list_entry(monitor->events.next, struct lvs_check,
				event_node);
	lvs__list_remove(&check->event_node);
	(void)lvs__give(event, size, &check->event, sizeof(check->event));
	return 1;
}

LVS_EXPORT int lvs_monitor_stats(const struct lvs_monitor *monitor,
				 struct lvs_monitor_stats *stats, size_t size)
{
	if (monitor == NULL)
		return -EINVAL;
	return lvs__give(stats, size, &monitor->stats, sizeof(monitor->stats));
}
