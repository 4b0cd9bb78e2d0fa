/*
 * A hierarchical timing wheel over places of an array.
 *
 * The owner has an array of elements with a struct lvs__timer inside each;
 * the wheel knows them by their index. Four levels of 256 slots, a tick of
 * 16 ms: level 0 spans 4 seconds, level 3 two years. Adding, removing and
 * firing are O(1); nothing is allocated.
 */
#ifndef LVS__TIMER_H
#define LVS__TIMER_H

#include "base/base.h"

#define LVS__TIMER_NONE UINT32_MAX
#define LVS__TIMER_SHIFT 4 /* a tick is 2^4 ms */
#define LVS__WHEEL_LEVELS 4
#define LVS__WHEEL_SLOTS 256
#define LVS__WHEEL_PENDING (LVS__WHEEL_LEVELS * LVS__WHEEL_SLOTS)

/* Inside the element. `slot` is LVS__TIMER_NONE outside the wheel. */
struct lvs__timer {
	uint32_t next, prev; /* indexes, LVS__TIMER_NONE at the ends */
	uint32_t due;	     /* low 32 bits of the tick */
	uint32_t slot;	     /* only at the head of a list: which list */
};

struct lvs__wheel {
	char *timers;	/* the struct lvs__timer of element 0 */
	size_t stride;	/* bytes from one element to the next */
	uint64_t tick;	/* all ticks up to this one were looked at */
	uint32_t count; /* timers in the wheel */
	uint64_t used[LVS__WHEEL_LEVELS][LVS__WHEEL_SLOTS / 64];
	/* the last four: slots of each level that the hand has reached */
	uint32_t heads[LVS__WHEEL_PENDING + LVS__WHEEL_LEVELS];
};

/* `timers` is the struct lvs__timer inside element 0. */
void lvs__wheel_init(struct lvs__wheel *wheel, struct lvs__timer *timers,
		     size_t stride, uint64_t now);

/* Marks a timer of a fresh element as not in the wheel. */
LVS__INLINE void lvs__timer_init(struct lvs__timer *timer)
{
	timer->slot = LVS__TIMER_NONE;
}

/*
 * Sets the timer of element `index` to fire at `when` (absolute ms), at most
 * 2^31 ticks ahead; one that is in the wheel is moved. Fires never early, at
 * most two ticks late.
 */
void lvs__wheel_add(struct lvs__wheel *wheel, uint32_t index, uint64_t when);

/* Takes the timer out; one that is not in the wheel is left alone. */
void lvs__wheel_remove(struct lvs__wheel *wheel, uint32_t index);

/*
 * Takes out and returns the next element whose time has come, or
 * LVS__TIMER_NONE. Does at most *budget steps and takes what it used off it;
 * when *budget is 0 afterwards there may be more.
 */
uint32_t lvs__wheel_pop(struct lvs__wheel *wheel, uint64_t now,
			uint32_t *budget);

/* When lvs__wheel_pop() next has work (may be early); UINT64_MAX: never. */
uint64_t lvs__wheel_deadline(const struct lvs__wheel *wheel);

#endif
