/*
 * What a dest is, in one word: the first of what keeps new connections from
 * it. A cause that only the server can mend comes before one that an
 * administrator asked for, and that before one that passes by itself.
 */
#include "director/director.h"

static const char *const names[] = {
	[LVS_DEST_STATE_UP] = "up",
	[LVS_DEST_STATE_DOWN] = "down",
	[LVS_DEST_STATE_DRAINING] = "draining",
	[LVS_DEST_STATE_DRAINED] = "drained",
	[LVS_DEST_STATE_QUIESCENT] = "quiescent",
	[LVS_DEST_STATE_UNCHECKED] = "unchecked",
	[LVS_DEST_STATE_CHECKING] = "checking",
	[LVS_DEST_STATE_OVERLOAD] = "overload",
};

LVS_EXPORT const char *lvs_dest_state_name(int state)
{
	if (state < 1 || (size_t)state >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[state];
}

static bool undecided(const struct lvs__probe *probe)
{
	return lvs_check_state(probe->check) == LVS_CHECK_UNKNOWN;
}

static uint32_t state_of(const struct lvs__live_dest *dest,
			 const struct lvs__probe *probe)
{
	uint64_t overload = 0;

	(void)lvs_dest_get(dest->dest, LVS_DEST_OVERLOAD, &overload);
	if (dest->down && probe != NULL && !undecided(probe))
		return LVS_DEST_STATE_DOWN;
	if (dest->wish.of[LVS_DEST_DRAIN] != 0)
		return dest->drained ? LVS_DEST_STATE_DRAINED
				     : LVS_DEST_STATE_DRAINING;
	if (dest->wish.of[LVS_DEST_WEIGHT] == 0)
		return LVS_DEST_STATE_QUIESCENT;
	if (probe != NULL && lvs_check_fault(probe->check) != LVS_CAUSE_NONE)
		return LVS_DEST_STATE_UNCHECKED;
	if (probe != NULL && undecided(probe))
		return LVS_DEST_STATE_CHECKING;
	return overload != 0 ? LVS_DEST_STATE_OVERLOAD : LVS_DEST_STATE_UP;
}

LVS_EXPORT int lvs_director_dest_health(const struct lvs_director *director,
					const struct lvs_dest *dest,
					struct lvs_dest_health *health,
					size_t size)
{
	struct lvs_dest_health now = {0};
	const struct lvs__live_dest *live;
	const struct lvs__probe *probe;

	if (director == NULL || dest == NULL || health == NULL)
		return -EINVAL;
	dest = lvs__dest_read(dest);
	live = dest->note; /* only that of our own is one of ours */
	if (dest->service == NULL || live == NULL ||
	    dest->service->parent != director->catalog.services)
		return -ENOENT;
	probe = lvs__health_why(live->uses, live->use_count);
	now.state = state_of(live, probe);
	now.since = live->since;
	if (probe != NULL) {
		now.checked = 1;
		now.cause = probe->cause;
		now.latency = probe->latency;
	}
	if (now.state == LVS_DEST_STATE_UNCHECKED)
		now.cause = (uint32_t)lvs_check_fault(probe->check);
	return lvs__give(health, size, &now, sizeof(now));
}
