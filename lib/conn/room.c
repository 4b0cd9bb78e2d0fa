/*
 * Room for connections: places, and what may be evicted for a new one.
 *
 * A place is taken from the free list or from those never used. When every
 * place is taken, what has expired goes first, then the oldest closed
 * connection, then the oldest half-open one; an established one never.
 * Half-open connections may hold half of the places: beyond that the oldest of
 * them makes room for the newest, so a flood of SYNs evicts itself.
 */
#include "conn/table.h"

#define REAP 64		/* steps to look for what has expired before evicting */
#define LOOK (1u << 16) /* the same for who is in no hurry */

/* ---- lists of what may be evicted, oldest first */

static void class_leave(struct lvs_table *table, uint32_t place)
{
	struct lvs__cold *cold = &table->colds[place];
	struct lvs__class_list *list;

	if (cold->class >= LVS__CLASSES)
		return;
	list = &table->classes[cold->class];
	if (cold->prev != LVS__NO_PLACE)
		table->colds[cold->prev].next = cold->next;
	else
		list->oldest = cold->next;
	if (cold->next != LVS__NO_PLACE)
		table->colds[cold->next].prev = cold->prev;
	else
		list->newest = cold->prev;
	list->count--;
}

static void class_enter(struct lvs_table *table, uint32_t place, uint32_t class)
{
	struct lvs__cold *cold = &table->colds[place];
	struct lvs__class_list *list;

	cold->class = class;
	if (class >= LVS__CLASSES)
		return;
	list = &table->classes[class];
	cold->next = LVS__NO_PLACE;
	cold->prev = list->newest;
	if (list->newest != LVS__NO_PLACE)
		table->colds[list->newest].next = place;
	else
		list->oldest = place;
	list->newest = place;
	list->count++;
}

void lvs__class_move(struct lvs_table *table, uint32_t place, uint32_t class)
{
	if (table->colds[place].class == class)
		return;
	class_leave(table, place);
	class_enter(table, place, class);
}

/* ---- places */

static bool evict(struct lvs_table *table, uint32_t class)
{
	uint32_t place = table->classes[class].oldest;

	if (place == LVS__NO_PLACE)
		return false;
	lvs__table_end(table, &table->conns[place]);
	lvs__count_add(&table->evicted, 1);
	return true;
}

bool lvs__table_make_room(struct lvs_table *table, uint64_t now)
{
	uint32_t steps = REAP;

	if (table->classes[LVS__CLASS_HALF_OPEN].count > table->max / 2)
		(void)evict(table, LVS__CLASS_HALF_OPEN);
	if (lvs__likely(table->count < table->max))
		return true;
	return lvs__table_reap(table, now, &steps) > 0 ||
	       evict(table, LVS__CLASS_CLOSED) ||
	       evict(table, LVS__CLASS_HALF_OPEN);
}

/*
 * Whether some connection has expired. The wheel is turned to `now`: whose
 * timer was early gets it anew, as in reap; the first that is dead is put back
 * under the hand, where a reap finds it at once.
 */
static bool has_expired(struct lvs_table *table, uint64_t now)
{
	uint32_t steps = LOOK;
	uint32_t place;

	while ((place = lvs__wheel_pop(&table->wheel, now, &steps)) !=
	       LVS__TIMER_NONE) {
		uint64_t expires = table->conns[place].expires;

		lvs__wheel_add(&table->wheel, place, expires);
		if (expires <= now)
			return true;
	}
	return false;
}

bool lvs__table_has_room(struct lvs_table *table, uint64_t now)
{
	return table->count < table->max ||
	       table->classes[LVS__CLASS_CLOSED].count > 0 ||
	       table->classes[LVS__CLASS_HALF_OPEN].count > 0 ||
	       has_expired(table, now);
}

struct lvs__conn *lvs__table_take_place(struct lvs_table *table)
{
	uint32_t place = table->free;

	if (place != LVS__NO_PLACE)
		table->free = table->colds[place].next;
	else
		place = table->fresh++;
	__atomic_store_n(&table->count, table->count + 1, __ATOMIC_RELAXED);
	table->colds[place].class = LVS__CLASS_KEPT;
	lvs__timer_init(&table->colds[place].timer);
	return &table->conns[place];
}

void lvs__table_give_place(struct lvs_table *table, uint32_t place)
{
	class_leave(table, place);
	table->colds[place].next = table->free;
	table->free = place;
	__atomic_store_n(&table->count, table->count - 1, __ATOMIC_RELAXED);
}
