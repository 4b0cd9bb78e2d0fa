/*
 * Dests that drain: the last connection of one ends it. Workers do not tell;
 * while any dest drains, all that do are looked at now and then.
 */
#include "director/director.h"

static bool has_drained(const struct lvs__live_dest *dest)
{
	uint64_t active;

	return dest->wish.of[LVS_DEST_DRAIN] != 0 && !dest->drained &&
	       lvs_dest_get(dest->dest, LVS_DEST_ACTIVE, &active) == 0 &&
	       active == 0;
}

static void look_at_drains(struct lvs_director *director,
			   const struct lvs__live *live)
{
	struct lvs__live_dest *dest = NULL;

	while ((dest = lvs__live_next_dest(live, dest)) != NULL) {
		if (!has_drained(dest))
			continue;
		dest->drained = true;
		director->draining--;
		lvs__event_dest(director, LVS_EVENT_DEST_DRAINED, dest, 0);
	}
}

void lvs__drains_look(struct lvs_director *director)
{
	const struct lvs__live *live = NULL;

	director->drain_at = director->now + LVS__DRAIN_POLL;
	while (director->draining > 0 &&
	       (live = lvs__live_next(director, live)) != NULL)
		look_at_drains(director, live);
}
