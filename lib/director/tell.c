/*
 * What a change did, as events. A step that was done holds what was before.
 */
#include "director/apply.h"

#include <string.h>

/* A bit for each number that differs. */
static uint32_t changes(const uint64_t *before, const uint64_t *now,
			size_t count)
{
	uint32_t changed = 0;

	for (size_t i = 0; i < count; i++)
		if (before[i] != now[i])
			changed |= 1U << i;
	return changed;
}

static void tell_service(struct lvs_director *director,
			 const struct lvs__step *step)
{
	const struct lvs__live *live = step->live;
	const struct lvs__service_wish *before = &step->service_wish;
	struct lvs__service_wish now;
	uint32_t changed;

	lvs__wish_of_service(&now, live->service, live->settings);
	changed = changes(before->of, now.of, LVS__SERVICE_OPTIONS) |
		  changes(before->settings, now.settings, LVS__MODEL_SETTINGS) *
			  LVS_CHANGED_SETTING;
	if (strcmp(before->sched, now.sched) != 0)
		changed |= LVS_CHANGED_SCHED;
	lvs__event_service(director, LVS_EVENT_SERVICE_CHANGED, live->service,
			   changed);
}

static void tell_dest(struct lvs_director *director, struct lvs__step *step)
{
	struct lvs__live_dest *dest = step->dest;
	uint64_t drain = step->before.wish.of[LVS_DEST_DRAIN];
	uint64_t draining = dest->wish.of[LVS_DEST_DRAIN];
	uint32_t changed =
		changes(step->before.wish.of, dest->wish.of, LVS__DEST_OPTIONS);
	uint64_t active = 0;

	/* that one has events of its own */
	changed &= ~(1U << LVS_DEST_DRAIN);
	if (step->new_checks)
		changed |= LVS_CHANGED_CHECKS;
	if (changed != 0)
		lvs__event_wish(director, LVS_EVENT_DEST_CHANGED, dest,
				changed);
	if (drain < draining) {
		(void)lvs_dest_get(dest->dest, LVS_DEST_ACTIVE, &active);
		lvs__event_dest(director, LVS_EVENT_DEST_DRAINING, dest,
				active);
	}
	if (drain > draining)
		lvs__event_dest(director, LVS_EVENT_DEST_UNDRAINED, dest,
				dest->wish.of[LVS_DEST_WEIGHT]);
	if (step->new_checks && step->before.down != dest->down)
		lvs__event_health(director, dest);
}

void lvs__step_tell(struct lvs_director *director, struct lvs__step *step)
{
	const struct lvs__live *live = step->live;

	switch (step->kind) {
	case LVS__ADD_SERVICE:
		lvs__event_service(director, LVS_EVENT_SERVICE_ADDED,
				   live->service, 0);
		break;
	case LVS__CHANGE_SERVICE:
		tell_service(director, step);
		break;
	case LVS__REMOVE_SERVICE:
		lvs__event_service(director, LVS_EVENT_SERVICE_REMOVED,
				   live->service, 0);
		break;
	case LVS__ADD_DEST:
		lvs__event_wish(director, LVS_EVENT_DEST_ADDED, step->dest, 0);
		break;
	case LVS__CHANGE_DEST:
		tell_dest(director, step);
		break;
	case LVS__REMOVE_DEST:
		lvs__event_dest(director, LVS_EVENT_DEST_REMOVED, step->dest,
				0);
		break;
	}
}
