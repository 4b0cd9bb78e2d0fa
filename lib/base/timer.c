/*
 * Hierarchical timing wheel (Varghese and Lauck, "Hashed and hierarchical
 * timing wheels", 1987).
 *
 * A timer due in the current 256 ticks is in level 0, in the slot of its tick;
 * one due within the current 256^2 ticks is in level 1, and so on. When the
 * hand reaches a slot of a higher level, its timers come down to where they
 * then belong. Coming down is bounded as firing is: a slot that is reached
 * becomes, as a whole list and in O(1), the *pending* list of its level, and
 * pop looks at pending timers one by one, each a step of the caller's budget.
 * So a million timers in one slot cost nobody a long stop.
 *
 * `wheel->tick` is the hand: the last tick whose slots were made pending; it
 * moves on only when nothing is pending. It skips empty slots by the bitmaps,
 * so a jump of years costs no more than the slots that are in use. Only the
 * head of a list knows which list it is, so a list moves by its head.
 */
#include "base/timer.h"

static struct lvs__timer *at(const struct lvs__wheel *wheel, uint32_t index)
{
	return (struct lvs__timer *)(void *)(wheel->timers +
					     wheel->stride * index);
}

void lvs__wheel_init(struct lvs__wheel *wheel, struct lvs__timer *timers,
		     size_t stride, uint64_t now)
{
	*wheel = (struct lvs__wheel){
		.timers = (char *)timers,
		.stride = stride,
		.tick = now >> LVS__TIMER_SHIFT,
	};
	for (size_t i = 0; i < LVS__WHEEL_PENDING + LVS__WHEEL_LEVELS; i++)
		wheel->heads[i] = LVS__TIMER_NONE;
}

/* Makes the list that begins at `index` the one of `slot`. */
static void set_head(struct lvs__wheel *wheel, uint32_t slot, uint32_t index)
{
	uint64_t bit = 1ULL << (slot % 64);
	uint64_t *word = &wheel->used[0][0] + slot / 64;

	wheel->heads[slot] = index;
	if (index != LVS__TIMER_NONE)
		at(wheel, index)->slot = slot;
	if (slot >= LVS__WHEEL_PENDING)
		return;
	*word = index != LVS__TIMER_NONE ? *word | bit : *word & ~bit;
}

/* Which slot a tick belongs to, seen from the hand. */
static uint32_t slot_of(const struct lvs__wheel *wheel, uint64_t tick)
{
	uint64_t differ = wheel->tick ^ tick;
	uint32_t level = 0;

	if (tick <= wheel->tick)
		return LVS__WHEEL_PENDING;
	while (level < LVS__WHEEL_LEVELS - 1 && differ >> 8 != 0) {
		differ >>= 8;
		level++;
	}
	return level * LVS__WHEEL_SLOTS +
	       (uint32_t)((tick >> (8 * level)) % LVS__WHEEL_SLOTS);
}

static void insert(struct lvs__wheel *wheel, uint32_t index, uint64_t tick)
{
	struct lvs__timer *timer = at(wheel, index);
	uint32_t slot = slot_of(wheel, tick);

	timer->due = (uint32_t)tick;
	timer->prev = LVS__TIMER_NONE;
	timer->next = wheel->heads[slot];
	if (timer->next != LVS__TIMER_NONE)
		at(wheel, timer->next)->prev = index;
	set_head(wheel, slot, index);
	wheel->count++;
}

void lvs__wheel_remove(struct lvs__wheel *wheel, uint32_t index)
{
	struct lvs__timer *timer = at(wheel, index);

	if (timer->slot == LVS__TIMER_NONE)
		return;
	if (timer->next != LVS__TIMER_NONE)
		at(wheel, timer->next)->prev = timer->prev;
	if (timer->prev != LVS__TIMER_NONE)
		at(wheel, timer->prev)->next = timer->next;
	else
		set_head(wheel, timer->slot, timer->next);
	timer->slot = LVS__TIMER_NONE;
	wheel->count--;
}

void lvs__wheel_add(struct lvs__wheel *wheel, uint32_t index, uint64_t when)
{
	/* the tick after: never early */
	uint64_t tick = (when >> LVS__TIMER_SHIFT) + 1;

	if (tick > wheel->tick + INT32_MAX)
		tick = wheel->tick + INT32_MAX;
	lvs__wheel_remove(wheel, index);
	insert(wheel, index, tick);
}

/* The next tick at which the hand reaches a slot of this level that is used. */
static uint64_t next_of_level(const struct lvs__wheel *wheel, uint32_t level)
{
	const uint64_t *used = wheel->used[level];
	uint64_t hand = wheel->tick >> (8 * level);
	uint64_t ahead = 1;

	while (ahead < LVS__WHEEL_SLOTS) {
		uint64_t slot = (hand + ahead) % LVS__WHEEL_SLOTS;
		uint64_t rest = used[slot / 64] >> (slot % 64);

		if (rest != 0) {
			ahead += (uint64_t)__builtin_ctzll(rest);
			return ahead < LVS__WHEEL_SLOTS
				       ? (hand + ahead) << (8 * level)
				       : UINT64_MAX;
		}
		ahead += 64 - slot % 64;
	}
	return UINT64_MAX;
}

static uint64_t next_used(const struct lvs__wheel *wheel)
{
	uint64_t best = UINT64_MAX;

	for (uint32_t level = 0; level < LVS__WHEEL_LEVELS; level++) {
		uint64_t tick = next_of_level(wheel, level);

		if (tick < best)
			best = tick;
	}
	return best;
}

/* Moves the hand to `tick`: the slots that it reaches become pending. */
static void turn(struct lvs__wheel *wheel, uint64_t tick)
{
	wheel->tick = tick;
	for (uint32_t level = 0; level < LVS__WHEEL_LEVELS; level++) {
		uint32_t slot =
			level * LVS__WHEEL_SLOTS +
			(uint32_t)((tick >> (8 * level)) % LVS__WHEEL_SLOTS);
		uint32_t head = wheel->heads[slot];

		if (level > 0 && tick % (1ULL << (8 * level)) != 0)
			return;
		if (head == LVS__TIMER_NONE)
			continue;
		set_head(wheel, slot, LVS__TIMER_NONE);
		set_head(wheel, LVS__WHEEL_PENDING + level, head);
	}
}

static uint32_t first_pending(const struct lvs__wheel *wheel)
{
	const uint32_t *heads = wheel->heads + LVS__WHEEL_PENDING;

	for (uint32_t level = 0; level < LVS__WHEEL_LEVELS; level++)
		if (heads[level] != LVS__TIMER_NONE)
			return heads[level];
	return LVS__TIMER_NONE;
}

uint32_t lvs__wheel_pop(struct lvs__wheel *wheel, uint64_t now,
			uint32_t *budget)
{
	uint64_t last = now >> LVS__TIMER_SHIFT;

	for (; *budget > 0; (*budget)--) {
		uint32_t index = first_pending(wheel);
		uint64_t tick;
		int32_t ahead;

		if (index == LVS__TIMER_NONE) {
			tick = wheel->count == 0 ? UINT64_MAX
						 : next_used(wheel);
			if (wheel->tick >= last)
				return LVS__TIMER_NONE;
			turn(wheel, tick < last ? tick : last);
			continue;
		}
		ahead = (int32_t)(at(wheel, index)->due -
				  (uint32_t)wheel->tick);
		lvs__wheel_remove(wheel, index);
		if (ahead <= 0) {
			(*budget)--;
			return index;
		}
		insert(wheel, index, wheel->tick + (uint32_t)ahead);
	}
	return LVS__TIMER_NONE;
}

uint64_t lvs__wheel_deadline(const struct lvs__wheel *wheel)
{
	uint64_t tick;

	if (wheel->count == 0)
		return UINT64_MAX;
	if (first_pending(wheel) != LVS__TIMER_NONE)
		return wheel->tick << LVS__TIMER_SHIFT;
	tick = next_used(wheel);
	return tick == UINT64_MAX ? tick : tick << LVS__TIMER_SHIFT;
}
