/*
 * What a change did, as events. A step that was done holds what was before.
 */
#include "director/apply.h"

/* A bit for each option that differs. */
static uint32_t changes(const struct lvs__dest_wish *a,
			const struct lvs__dest_wish *b)
{
	uint32_t changed = 0;

	for (int i = 0; i < LVS__DEST_OPTIONS; i++)
		if (a->of[i] != b->of[i])
			changed |= 1U << i;
	return changed;
}

static void tell_dest(struct lvs_director *director, struct lvs__step *step)
{
	struct lvs__live_dest *dest = step->dest;
	uint64_t drain = step->before.wish.of[LVS_DEST_DRAIN];
	uint64_t draining = dest->wish.of[LVS_DEST_DRAIN];
	uint32_t changed = changes(&step->before.wish, &dest->wish);
	uint64_t active = 0;

	/* that one has events of its own */
	changed &= ~(1U << LVS_DEST_DRAIN);
	if (step->new_checks || changed != 0)
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
		lvs__event_service(director, LVS_EVENT_SERVICE_CHANGED,
				   live->service, 0);
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
