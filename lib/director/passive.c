/*
 * What the data path shows about a dest: resets to SYNs.
 *
 * Workers count and wake the director when there is a new reset. An interval is
 * cut into four samples: so many resets since the oldest within the interval,
 * and the dest's check is forced down at once. The check goes on and brings the
 * dest back. A dest without a check is left alone: nothing would bring it back.
 *
 * What happened while nobody could judge counts for nothing: samples know their
 * time, and a window starts anew with a dest, its checks and its method.
 */
#include "director/director.h"
#include "wire/method.h"

#include <string.h>

/* The check to force: one that probes the dest's own endpoint, if any. */
static struct lvs_check *check_of(const struct lvs__live_dest *dest)
{
	struct lvs_addr addr;
	uint16_t port;

	for (size_t i = 0; i < dest->use_count; i++) {
		struct lvs_check *check = dest->uses[i].probe->check;

		if (lvs_check_get_target(check, &addr, &port) == 0 &&
		    port == dest->dest->port &&
		    memcmp(&addr, &dest->dest->addr, sizeof(addr)) == 0)
			return check;
	}
	return dest->use_count > 0 ? dest->uses[0].probe->check : NULL;
}

void lvs__passive_restart(struct lvs__live_dest *dest)
{
	uint64_t resets = lvs__dest_resets(dest->dest);

	for (size_t i = 0; i < LVS__WINDOW; i++)
		dest->resets[i] = resets;
}

/* The oldest sample within the interval, LVS__WINDOW: there is none. */
static uint32_t oldest_sample(const struct lvs__live *live, uint64_t now)
{
	for (uint32_t i = 0; i < LVS__WINDOW; i++) {
		uint32_t place = (live->sample + i) % LVS__WINDOW;

		if (now - live->sampled[place] <=
		    live->settings[LVS_SETTING_RESET_INTERVAL])
			return place;
	}
	return LVS__WINDOW;
}

static void judge_dest(struct lvs_director *director, struct lvs__live *live,
		       struct lvs__live_dest *dest, uint32_t oldest)
{
	struct lvs_check *check = check_of(dest);

	if (check == NULL || dest->down || oldest == LVS__WINDOW ||
	    !lvs__method_two_way(dest->dest->method))
		return;
	if (lvs__dest_resets(dest->dest) - dest->resets[oldest] <
	    live->settings[LVS_SETTING_RESETS])
		return;
	(void)lvs_monitor_force_down(director->monitor, check, director->now);
	lvs__passive_restart(dest);
}

/* All dests at once, those without a check too: they may get one. */
static void sample_live(struct lvs_director *director, struct lvs__live *live)
{
	uint32_t place = live->sample++ % LVS__WINDOW;
	struct lvs__live_dest *dest = NULL;

	while ((dest = lvs__live_next_dest(live, dest)) != NULL)
		if (lvs__method_two_way(dest->dest->method))
			dest->resets[place] = lvs__dest_resets(dest->dest);
	live->sampled[place] = director->now;
}

static void judge_live(struct lvs_director *director, struct lvs__live *live)
{
	uint64_t period =
		live->settings[LVS_SETTING_RESET_INTERVAL] / LVS__WINDOW + 1;
	uint32_t oldest = oldest_sample(live, director->now);
	struct lvs__live_dest *dest = NULL;

	while ((dest = lvs__live_next_dest(live, dest)) != NULL)
		judge_dest(director, live, dest, oldest);
	/* a new interval may be much shorter than the one before */
	if (live->sample_at > director->now &&
	    live->sample_at - director->now <= period)
		return;
	sample_live(director, live);
	live->sample_at = director->now + period;
}

void lvs__passive_sample(struct lvs_director *director)
{
	struct lvs__live *live = NULL;
	uint64_t next = UINT64_MAX;

	while ((live = lvs__live_next(director, live)) != NULL) {
		if (live->settings[LVS_SETTING_RESETS] == 0 ||
		    live->service->dest_count == 0 ||
		    live->service->protocol != LVS_TCP)
			continue;
		judge_live(director, live);
		if (live->sample_at < next)
			next = live->sample_at;
	}
	director->sample_at = next;
}
