/*
 * The table: storage of connections.
 *
 * All memory is reserved by lvs_table_new() and never grows. A place is taken
 * from the free list or from those never used; its generation grows with each
 * life, so a handle of an earlier one is not found.
 *
 * Room. When every place is taken, what has expired goes first, then the
 * oldest closed connection, then the oldest half-open one; an established one
 * never. Half-open connections may hold half of the places: beyond that the
 * oldest of them makes room for the newest, so a flood of SYNs evicts itself.
 *
 * Time. `expires` in the hot line is the truth for find. The wheel holds each
 * connection at the time it was last seen to expire; a packet only moves
 * `expires`, and when the wheel comes to a connection too early it puts it
 * back. Only a change of state that brings expiry forward moves the timer.
 */
#include "conn/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/limits.h"

#define SMALL_PAGE 4096 /* or smaller than a page of this machine */
#define REAP 64		/* steps to look for what has expired before evicting */

static void prefault(volatile char *memory, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += SMALL_PAGE)
		memory[i] = 0;
}

/*
 * Memory that is all there at once is asked for in huge pages: a random place
 * then costs no walk over page tables. The rest comes by small pages, as it is
 * used.
 */
static void *reserve(size_t bytes, uint32_t flags)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	if ((flags & LVS_TABLE_PREFAULT) != 0) {
		(void)madvise(memory, bytes, MADV_HUGEPAGE);
		prefault(memory, bytes);
	}
	return memory;
}

static void release(void *memory, size_t bytes)
{
	if (memory != NULL)
		(void)munmap(memory, bytes);
}

static void empty_lists(struct lvs_table *table)
{
	table->free = LVS__NO_PLACE;
	for (int i = 0; i < LVS__CLASSES; i++) {
		table->classes[i].oldest = LVS__NO_PLACE;
		table->classes[i].newest = LVS__NO_PLACE;
	}
}

LVS_EXPORT int lvs_table_new(struct lvs_table **table, uint32_t max,
			     uint32_t flags)
{
	struct lvs_table *t;
	int result;

	if (table == NULL || max == 0 || max > LVS__MOST_CONNS ||
	    (flags & ~(uint32_t)LVS_TABLE_PREFAULT) != 0)
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	result = lvs__hash_key_init(&t->key);
	t->max = max;
	t->index_size = 4ull * max;
	t->index = reserve(t->index_size * sizeof(*t->index), flags);
	t->conns = reserve((size_t)max * sizeof(*t->conns), flags);
	t->six = reserve((size_t)max * sizeof(*t->six), flags);
	t->colds = reserve((size_t)max * sizeof(*t->colds), flags);
	if (result == 0 && (t->index == NULL || t->conns == NULL ||
			    t->six == NULL || t->colds == NULL))
		result = -ENOMEM;
	if (result < 0) {
		lvs_table_free(t);
		return result;
	}
	empty_lists(t);
	memcpy(t->timeouts, lvs__timeouts_default, sizeof(t->timeouts));
	lvs__wheel_init(&t->wheel, &t->colds[0].timer, sizeof(t->colds[0]), 0);
	*table = t;
	return 0;
}

static void let_dests_go(struct lvs_table *table)
{
	for (uint32_t i = 0; i < table->fresh; i++) {
		struct lvs__conn *conn = &table->conns[i];

		if ((conn->flags & LVS__CONN_USED) != 0 && conn->dest != NULL)
			lvs__dest_unbind(conn->dest,
					 (conn->flags & LVS__CONN_ACTIVE) != 0);
	}
}

LVS_EXPORT void lvs_table_free(struct lvs_table *table)
{
	if (table == NULL)
		return;
	if (table->conns != NULL)
		let_dests_go(table);
	release(table->index, table->index_size * sizeof(*table->index));
	release(table->conns, (size_t)table->max * sizeof(*table->conns));
	release(table->six, (size_t)table->max * sizeof(*table->six));
	release(table->colds, (size_t)table->max * sizeof(*table->colds));
	free(table);
}

/* ---- lists of what may be evicted, oldest first */

static void list_remove(struct lvs_table *table, uint32_t place)
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

static void list_append(struct lvs_table *table, uint32_t place, uint32_t class)
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

/* ---- the index */

struct lvs__conn *lvs__table_walk(const struct lvs_table *table, int *direction,
				  const struct lvs__tuple *t, uint32_t tag,
				  uint64_t now)
{
	uint64_t i = lvs__table_home(table, tag);
	uint64_t entry;

	while ((entry = table->index[i]) != 0) {
		struct lvs__conn *conn = &table->conns[lvs__entry_place(entry)];

		if (lvs__entry_tag(entry) == tag &&
		    lvs__conn_match(table, conn, lvs__entry_direction(entry), t,
				    now)) {
			*direction = lvs__entry_direction(entry);
			return conn;
		}
		if (++i == table->index_size)
			i = 0;
	}
	return NULL;
}

static void index_add(struct lvs_table *table, uint32_t tag, uint32_t place,
		      int direction)
{
	uint64_t i = lvs__table_home(table, tag);

	while (table->index[i] != 0)
		if (++i == table->index_size)
			i = 0;
	table->index[i] = (uint64_t)tag << 32 | (uint64_t)(place + 1) << 1 |
			  (uint64_t)direction;
}

/* Empties entry `hole` and moves back what its chain needs. */
static void index_close(struct lvs_table *table, uint64_t hole)
{
	uint64_t size = table->index_size;
	uint64_t i = hole;

	for (;;) {
		uint64_t entry, home;

		if (++i == size)
			i = 0;
		entry = table->index[i];
		if (entry == 0)
			break;
		home = lvs__table_home(table, lvs__entry_tag(entry));
		/* may it stand in the hole? not if its home is after it */
		if ((i >= home ? i - home : i + size - home) <
		    (i >= hole ? i - hole : i + size - hole))
			continue;
		table->index[hole] = entry;
		hole = i;
	}
	table->index[hole] = 0;
}

static void index_remove(struct lvs_table *table, uint32_t tag, uint32_t place,
			 int direction)
{
	uint64_t wanted = (uint64_t)tag << 32 | (uint64_t)(place + 1) << 1 |
			  (uint64_t)direction;
	uint64_t i = lvs__table_home(table, tag);

	while (table->index[i] != wanted) {
		if (table->index[i] == 0)
			return;
		if (++i == table->index_size)
			i = 0;
	}
	index_close(table, i);
}

/* The tuple of a connection's packets in a direction. */
static void tuple_of(const struct lvs_table *table, struct lvs__tuple *t,
		     const struct lvs__conn *conn, int direction)
{
	const struct lvs__conn6 *six = lvs__six(table, conn);
	bool in = direction == LVS_FROM_CLIENT;

	*t = (struct lvs__tuple){
		.family = conn->family,
		.protocol = conn->protocol,
		.source_port = in ? conn->client_port : conn->dest_port,
		.destination_port = in ? conn->virtual_port : conn->client_port,
	};
	if (six == NULL) {
		t->source[0] = in ? conn->client4 : conn->dest4;
		t->destination[0] = in ? conn->virtual4 : conn->client4;
		return;
	}
	memcpy(t->source, in ? six->client : six->dest, sizeof(t->source));
	memcpy(t->destination, in ? six->virtual_addr : six->client,
	       sizeof(t->destination));
}

/* ---- life */

void lvs__table_end(struct lvs_table *table, struct lvs__conn *conn)
{
	uint32_t place = lvs__place(table, conn);
	struct lvs__tuple t;

	tuple_of(table, &t, conn, LVS_FROM_CLIENT);
	index_remove(table, lvs__table_tag(table, &t), place, LVS_FROM_CLIENT);
	if ((conn->flags & LVS__CONN_TWOWAY) != 0) {
		tuple_of(table, &t, conn, LVS_FROM_DEST);
		index_remove(table, lvs__table_tag(table, &t), place,
			     LVS_FROM_DEST);
	}
	lvs__wheel_remove(&table->wheel, place);
	list_remove(table, place);
	if (conn->dest != NULL)
		lvs__dest_unbind(conn->dest,
				 (conn->flags & LVS__CONN_ACTIVE) != 0);
	conn->flags = 0;
	conn->dest = NULL;
	table->colds[place].next = table->free;
	table->free = place;
	__atomic_store_n(&table->count, table->count - 1, __ATOMIC_RELAXED);
}

uint32_t lvs__table_reap(struct lvs_table *table, uint64_t now, uint32_t *steps)
{
	uint32_t ended = 0;
	uint32_t place;

	while ((place = lvs__wheel_pop(&table->wheel, now, steps)) !=
	       LVS__TIMER_NONE) {
		struct lvs__conn *conn = &table->conns[place];

		if (conn->expires > now) {
			lvs__wheel_add(&table->wheel, place, conn->expires);
			continue;
		}
		lvs__table_end(table, conn);
		lvs__count_add(&table->expired, 1);
		ended++;
	}
	return ended;
}

static bool evict(struct lvs_table *table, uint32_t class)
{
	uint32_t place = table->classes[class].oldest;

	if (place == LVS__NO_PLACE)
		return false;
	lvs__table_end(table, &table->conns[place]);
	lvs__count_add(&table->evicted, 1);
	return true;
}

/* Makes sure that a place is free. */
static bool make_room(struct lvs_table *table, uint64_t now)
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
 * Whether a key is taken by a live connection. A dead one that the wheel has
 * not reached is ended on the way.
 */
static bool taken(struct lvs_table *table, const struct lvs__tuple *t,
		  uint32_t tag, uint64_t now)
{
	int direction;
	/* at time 0 nothing has expired: finds the dead too */
	struct lvs__conn *conn = lvs__table_walk(table, &direction, t, tag, 0);

	if (conn == NULL)
		return false;
	if (conn->expires > now)
		return true;
	lvs__table_end(table, conn);
	lvs__count_add(&table->expired, 1);
	return false;
}

/*
 * A client that uses its port for another service while the dest is the same:
 * replies cannot tell the two apart, so the newer has them where the older one
 * is closing, or is UDP. 1: it is out of the way.
 */
static bool yield(struct lvs_table *table, const struct lvs__tuple *reply,
		  uint32_t tag)
{
	int direction;
	struct lvs__conn *old =
		lvs__table_walk(table, &direction, reply, tag, 0);

	if (old == NULL || !lvs__state_closing(old->state))
		return false;
	lvs__table_end(table, old);
	lvs__count_add(&table->evicted, 1);
	return true;
}

static struct lvs__conn *take_place(struct lvs_table *table)
{
	uint32_t place = table->free;

	if (place != LVS__NO_PLACE)
		table->free = table->colds[place].next;
	else
		place = table->fresh++;
	__atomic_store_n(&table->count, table->count + 1, __ATOMIC_RELAXED);
	lvs__timer_init(&table->colds[place].timer);
	return &table->conns[place];
}

static void fill(struct lvs_table *table, struct lvs__conn *conn,
		 const struct lvs__birth *birth, uint64_t now)
{
	const struct lvs__tuple *t = birth->tuple;
	uint32_t generation = conn->generation + 1;

	*conn = (struct lvs__conn){
		.client4 = t->source[0],
		.virtual4 = t->destination[0],
		.dest4 = birth->dest_addr[0],
		.client_port = t->source_port,
		.virtual_port = t->destination_port,
		.dest_port = birth->dest_port,
		.protocol = t->protocol,
		.family = t->family,
		.state =
			t->protocol == LVS_TCP ? LVS_STATE_NONE : LVS_STATE_UDP,
		.method = birth->method,
		.flags = (uint16_t)(LVS__CONN_USED |
				    (birth->two_way ? LVS__CONN_TWOWAY
						    : LVS__CONN_NOOUTPUT)),
		.generation = generation == 0 ? 1 : generation,
		.expires = now + LVS__FIRST_TIMEOUT,
		.dest = birth->dest,
		.forward = birth->forward,
	};
	if (t->family == LVS_IPV6) {
		struct lvs__conn6 *six = &table->six[lvs__place(table, conn)];

		memcpy(six->client, t->source, sizeof(six->client));
		memcpy(six->virtual_addr, t->destination,
		       sizeof(six->virtual_addr));
		memcpy(six->dest, birth->dest_addr, sizeof(six->dest));
	}
}

/* What the dest's replies look like. */
static void reply_tuple(struct lvs__tuple *reply,
			const struct lvs__birth *birth)
{
	*reply = (struct lvs__tuple){
		.family = birth->tuple->family,
		.protocol = birth->tuple->protocol,
		.source_port = birth->dest_port,
		.destination_port = birth->tuple->source_port,
	};
	memcpy(reply->source, birth->dest_addr, sizeof(reply->source));
	memcpy(reply->destination, birth->tuple->source,
	       sizeof(reply->destination));
}

int lvs__table_insert(struct lvs_table *table, struct lvs__conn **conn,
		      const struct lvs__birth *birth, uint64_t now)
{
	uint32_t tag = birth->tag;
	uint32_t reply_tag = 0;
	struct lvs__tuple reply;
	uint32_t place;

	if (birth->two_way) {
		reply_tuple(&reply, birth);
		reply_tag = lvs__table_tag(table, &reply);
		lvs__table_prefetch(table, reply_tag);
	}
	if (taken(table, birth->tuple, tag, now))
		return -EEXIST;
	if (birth->two_way) {
		if (taken(table, &reply, reply_tag, now) &&
		    !yield(table, &reply, reply_tag))
			return -EEXIST;
	}
	if (!make_room(table, now))
		return -ENOSPC;
	*conn = take_place(table);
	fill(table, *conn, birth, now);
	place = lvs__place(table, *conn);
	index_add(table, tag, place, LVS_FROM_CLIENT);
	if (birth->two_way)
		index_add(table, reply_tag, place, LVS_FROM_DEST);
	list_append(table, place, lvs__state_class(*conn));
	lvs__wheel_add(&table->wheel, place, (*conn)->expires);
	return 0;
}

void lvs__conn_change(struct lvs_table *table, struct lvs__conn *conn,
		      uint32_t state)
{
	uint32_t place = lvs__place(table, conn);
	struct lvs__cold *cold = &table->colds[place];
	bool was = (conn->flags & LVS__CONN_ACTIVE) != 0;
	bool is = lvs__state_active(state);
	uint32_t class;

	conn->state = (uint8_t)state;
	class = lvs__state_class(conn);
	if (class != cold->class) {
		list_remove(table, place);
		list_append(table, place, class);
	}
	if (is != was) {
		conn->flags ^= LVS__CONN_ACTIVE;
		if (conn->dest != NULL && is)
			lvs__dest_activate(conn->dest);
		else if (conn->dest != NULL)
			lvs__dest_deactivate(conn->dest);
	}
	if ((int32_t)((uint32_t)(conn->expires >> LVS__TIMER_SHIFT) -
		      cold->timer.due) < 0)
		lvs__wheel_add(&table->wheel, place, conn->expires);
}
