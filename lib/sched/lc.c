/*
 * Least connections: the usable dest with the least overhead, 256 times its
 * active connections plus the others. The weight only switches a dest on or
 * off. Of equals the first in the list.
 *
 * Source: how IPVS behaves.
 */
#include "sched/sched.h"

static int pick(const struct lvs__plan *plan, struct lvs__cursor *cursor,
		const struct lvs_key *key, uint64_t now)
{
	uint64_t least = UINT64_MAX; /* more than any overhead */
	int best = -ENOENT;

	(void)cursor;
	(void)key;
	(void)now;
	for (uint32_t i = 0; i < plan->count; i++) {
		uint64_t overhead;

		if (!lvs__plan_usable(&plan->dests[i]))
			continue;
		overhead = lvs__plan_overhead(&plan->dests[i]);
		if (overhead < least) {
			least = overhead;
			best = (int)i;
		}
	}
	return best;
}

const struct lvs__sched lvs__sched_lc = {
	.name = "lc",
	.pick = pick,
};
