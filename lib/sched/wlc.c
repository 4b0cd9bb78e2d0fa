/*
 * Weighted least connections: the usable dest with the least overhead for its
 * weight; the overhead is 256 times the active connections plus the others.
 * Of equals the first in the list.
 *
 * Source: how IPVS behaves. It compares a/v > b/w as a * w > b * v; so do we,
 * without its bounds: an overhead may have 41 bits and a weight 31, and a
 * product of 72 bits is compared in two halves. (IPVS keeps the overhead in 32
 * bits; below 2^23 active connections at one dest there is no difference.)
 */
#include "sched/sched.h"

/* Whether a * w > b * v. */
static bool more(uint64_t a, uint64_t w, uint64_t b, uint64_t v)
{
	uint64_t high_a, high_b;

	if (lvs__likely(((a | b) >> 32) == 0))
		return a * w > b * v;
	high_a = (a >> 32) * w + ((uint32_t)a * w >> 32);
	high_b = (b >> 32) * v + ((uint32_t)b * v >> 32);
	if (high_a != high_b)
		return high_a > high_b;
	return (uint32_t)(a * w) > (uint32_t)(b * v);
}

static int pick(const struct lvs__plan *plan, struct lvs__cursor *cursor,
		const struct lvs_key *key, uint64_t now)
{
	uint64_t least = 0;
	uint32_t weight = 0;
	int best = -ENOENT;

	(void)cursor;
	(void)key;
	(void)now;
	for (uint32_t i = 0; i < plan->count; i++) {
		const struct lvs__plan_dest *d = &plan->dests[i];
		uint64_t overhead;

		if (!lvs__plan_usable(d))
			continue;
		overhead = lvs__plan_overhead(d);
		if (best < 0 || more(least, d->weight, overhead, weight)) {
			least = overhead;
			weight = d->weight;
			best = (int)i;
		}
	}
	return best;
}

const struct lvs__sched lvs__sched_wlc = {
	.name = "wlc",
	.pick = pick,
};
