/*
 * What a dest is, in one word: the first of what keeps new connections from
 * it. A cause that only the server can mend comes before one that an
 * administrator asked for, and that before one that passes by itself.
 */
#include "director/director.h"

static bool undecided(const struct lvs__probe *probe)
{
	return lvs_check_state(probe->check) == LVS_CHECK_UNKNOWN;
}

static const char *word_of(const struct lvs__live_dest *dest,
			   const struct lvs__probe *probe)
{
	uint64_t overload = 0;

	(void)lvs_dest_get(dest->dest, LVS_DEST_OVERLOAD, &overload);
	if (dest->down && probe != NULL && !undecided(probe))
		return "down";
	if (dest->wish.of[LVS_DEST_DRAIN] != 0)
		return dest->drained ? "drained" : "draining";
	if (dest->wish.of[LVS_DEST_WEIGHT] == 0)
		return "quiescent";
	if (probe != NULL && lvs_check_fault(probe->check) != LVS_CAUSE_NONE)
		return "unchecked";
	if (probe != NULL && undecided(probe))
		return "checking";
	return overload != 0 ? "overload" : "up";
}

int lvs__state_of(struct lvs__state *state, const struct lvs_director *director,
		  const struct lvs_service *service,
		  const struct lvs_dest *dest)
{
	const struct lvs__live_dest *found;

	dest = lvs__dest_read(dest);
	if (service->parent != director->catalog.services ||
	    dest->service != service || dest->note == NULL)
		return -ENOENT;
	found = dest->note;
	state->probe = lvs__health_why(found->uses, found->use_count);
	state->name = word_of(found, state->probe);
	state->since = found->since;
	return 0;
}
