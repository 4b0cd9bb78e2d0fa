/*
 * Weighted round robin: dests by turns, in proportion to their weights.
 *
 * Idea: Wensong Zhang's weighted round-robin of LVS. Passes over the list are
 * made at a falling level: a pass picks each dest whose weight is at least the
 * level, the next pass is lower by the greatest common divisor of the weights,
 * and below 1 the level starts again at the top. Weights 4, 2, 2 give the
 * turns A, A B C.
 *
 * The level is the cursor's `weight`. Levels are congruent to 1 modulo the
 * divisor, which divides all weights, so the highest level that a dest of
 * weight w meets is w - (divisor - 1).
 *
 * A pass that would find nothing is not walked: the level goes at once to
 * where the heaviest usable dest meets it. So a pick looks at each dest at
 * most three times, even between weights 1 and 2^31-1.
 */
#include "sched/sched.h"

static int64_t top(uint32_t max_weight, uint32_t gcd)
{
	return max_weight == 0 ? 0 : (int64_t)max_weight - (gcd - 1);
}

/* The first dest from `i` on that meets the level, or -ENOENT. */
static int search(const struct lvs__plan *plan, struct lvs__cursor *cursor,
		  uint32_t i)
{
	for (; i < plan->count; i++)
		if (plan->dests[i].weight >= cursor->weight &&
		    lvs__plan_usable(&plan->dests[i]))
			return lvs__cursor_take(cursor, plan, i);
	return -ENOENT;
}

static uint32_t heaviest(const struct lvs__plan *plan)
{
	uint32_t weight = 0;

	for (uint32_t i = 0; i < plan->count; i++)
		if (plan->dests[i].weight > weight &&
		    lvs__plan_usable(&plan->dests[i]))
			weight = plan->dests[i].weight;
	return weight;
}

/*
 * All are overloaded. IPVS has then searched down to level 1, from where it
 * was or, at the lowest level, once around; observed on Linux 6.1.
 */
static int none(const struct lvs__plan *plan, struct lvs__cursor *cursor)
{
	if (cursor->weight > plan->gcd || cursor->serial == LVS__SERIAL_HEAD) {
		cursor->weight = top(plan->max_weight, plan->gcd);
		cursor->serial = LVS__SERIAL_HEAD;
		cursor->next = 0;
	}
	return -ENOENT;
}

static int pick(const struct lvs__plan *plan, struct lvs__cursor *cursor,
		const struct lvs_key *key, uint64_t now)
{
	int64_t level;
	int i;

	(void)key;
	(void)now;
	if (plan->max_weight == 0)
		return -ENOENT;
	i = search(plan, cursor, cursor->next);
	if (i >= 0)
		return i;
	level = top(heaviest(plan), plan->gcd);
	if (level == 0)
		return none(plan, cursor);
	cursor->weight -= plan->gcd;
	if (cursor->weight <= 0)
		cursor->weight = top(plan->max_weight, plan->gcd);
	if (cursor->weight > level)
		cursor->weight = level;
	return search(plan, cursor, 0);
}

/*
 * IPVS: any change sends the search back to the head of the list; the level is
 * kept if it still means something. Dests come one at a time there, and a
 * first one alone has level 1, which all later ones leave; here the change may
 * be many dests at once.
 */
static void changed(struct lvs__cursor *cursor, uint32_t gcd,
		    uint32_t max_weight)
{
	int64_t most = top(max_weight, gcd);

	cursor->serial = LVS__SERIAL_HEAD;
	if (cursor->weight > most || cursor->weight == LVS__WEIGHT_LATE)
		cursor->weight = most;
	else if (cursor->weight == LVS__WEIGHT_NONE)
		cursor->weight = most > 0;
	else if (gcd > 1)
		cursor->weight = cursor->weight / gcd * gcd + 1;
}

const struct lvs__sched lvs__sched_wrr = {
	.name = "wrr",
	.changed = changed,
	.pick = pick,
};
