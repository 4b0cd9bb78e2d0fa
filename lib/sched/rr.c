/*
 * Round robin: the next dest in the list that is usable, whatever its weight.
 *
 * Idea: the oldest of all. Source: how IPVS behaves (lvs_sched(7) says it
 * exactly): the search starts behind the last pick and wraps once.
 */
#include "sched/sched.h"

static int pick(const struct lvs__plan *plan, struct lvs__cursor *cursor,
		const struct lvs_key *key, uint64_t now)
{
	uint32_t i = cursor->next;

	(void)key;
	(void)now;
	for (uint32_t looked = 0; looked < plan->count; looked++, i++) {
		if (i >= plan->count)
			i = 0;
		if (lvs__plan_usable(&plan->dests[i]))
			return lvs__cursor_take(cursor, plan, i);
	}
	return -ENOENT;
}

const struct lvs__sched lvs__sched_rr = {
	.name = "rr",
	.pick = pick,
};
