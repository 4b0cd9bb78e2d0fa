/*
 * Dests that drain: the last connection of one ends it. Workers do not tell;
 * while any dest drains, all that do are looked at now and then.
 */
#include "director/director.h"

static bool drains(const struct lvs__live_dest *dest)
{
	return dest->wish.of[LVS_DEST_DRAIN] != 0 && !dest->drained;
}

static bool has_active(const struct lvs__live_dest *dest)
{
	uint64_t active;

	return lvs_dest_get(dest->dest, LVS_DEST_ACTIVE, &active) < 0 ||
	       active > 0;
}

/* true: some dest goes on draining. */
static bool look_at_drains(struct lvs_director *director,
			   const struct lvs__live *live)
{
	struct lvs__live_dest *dest = NULL;
	bool more = false;

	while ((dest = lvs__live_next_dest(live, dest)) != NULL) {
		if (!drains(dest))
			continue;
		if (has_active(dest)) {
			more = true;
			continue;
		}
		dest->drained = true;
		lvs__event_dest(director, LVS_EVENT_DEST_DRAINED, dest, 0);
	}
	return more;
}

void lvs__drains_look(struct lvs_director *director)
{
	const struct lvs__live *live = NULL;

	director->drain_at = UINT64_MAX;
	while ((live = lvs__live_next(director, live)) != NULL)
		if (look_at_drains(director, live))
			director->drain_at = director->now + LVS__DRAIN_POLL;
}
