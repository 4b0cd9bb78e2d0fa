/*
 * The life of a connection: begun, changed, ended.
 *
 * A place's generation grows with each life, so a handle of an earlier one is
 * not found.
 *
 * Time. `expires` in the hot line is the truth for find. The wheel holds each
 * connection at the time it was last seen to expire; a packet only moves
 * `expires`, and when the wheel comes to a connection too early it puts it
 * back. Only a change of state that brings expiry forward moves the timer.
 */
#include "conn/index.h"

void lvs__table_end(struct lvs_table *table, struct lvs__conn *conn)
{
	uint32_t place = lvs__conn_place(table, conn);

	lvs__table_leave(table, conn);
	lvs__wheel_remove(&table->wheel, place);
	if (conn->dest != NULL)
		lvs__dest_unbind(conn->dest,
				 (conn->flags & LVS__CONN_ACTIVE) != 0);
	conn->flags = 0;
	conn->dest = NULL;
	lvs__table_give_place(table, place);
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

/* Who has this key; it may be dead, where the wheel has not come yet. */
LVS__INLINE struct lvs__conn *holder(const struct lvs_table *table,
				     const struct lvs__tuple *t, uint32_t tag)
{
	int direction;

	/* at time 0 nothing has expired */
	return lvs__table_search(table, &direction, t, tag, 0);
}

/*
 * Whether the holder of a key keeps it from a new connection: the dead do not.
 * A client may use its port for another service while the dest is the same:
 * replies cannot tell the two apart, so the newer connection has their key
 * where the older one is closing, or is UDP.
 */
static bool keeps(const struct lvs__conn *conn, bool reply, uint64_t now)
{
	return conn->expires > now &&
	       !(reply && lvs__state_closing(conn->state));
}

/* Whether a key is taken; if its holder does not keep it, that one ends. */
static bool taken(struct lvs_table *table, const struct lvs__tuple *t,
		  uint32_t tag, bool reply, uint64_t now)
{
	struct lvs__conn *conn = holder(table, t, tag);

	if (conn == NULL)
		return false;
	if (keeps(conn, reply, now))
		return true;
	lvs__count_add(conn->expires <= now ? &table->expired : &table->evicted,
		       1);
	lvs__table_end(table, conn);
	return false;
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
		struct lvs__conn6 *six =
			&table->six[lvs__conn_place(table, conn)];

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

int lvs__table_try(struct lvs_table *table, const struct lvs__birth *birth,
		   const struct lvs__conn *ended, uint64_t now)
{
	const struct lvs__conn *first, *second = NULL;
	struct lvs__tuple reply;

	first = holder(table, birth->tuple, birth->tag);
	if (birth->two_way) {
		reply_tuple(&reply, birth);
		second = holder(table, &reply, lvs__table_tag(table, &reply));
	}
	if ((first != NULL && first != ended && keeps(first, false, now)) ||
	    (second != NULL && second != ended && keeps(second, true, now)))
		return -EEXIST;
	/* one that ends leaves its place */
	if (first != NULL || second != NULL || ended != NULL)
		return 0;
	return lvs__table_has_room(table, now) ? 0 : -ENOSPC;
}

int lvs__table_insert(struct lvs_table *table, struct lvs__conn **conn,
		      const struct lvs__birth *birth, uint64_t now)
{
	uint32_t reply_tag = 0;
	struct lvs__tuple reply;
	uint32_t place;

	if (birth->two_way) {
		reply_tuple(&reply, birth);
		reply_tag = lvs__table_tag(table, &reply);
		lvs__table_prefetch(table, reply_tag);
	}
	if (taken(table, birth->tuple, birth->tag, false, now) ||
	    (birth->two_way && taken(table, &reply, reply_tag, true, now)))
		return -EEXIST;
	if (!lvs__table_make_room(table, now))
		return -ENOSPC;
	*conn = lvs__table_take_place(table);
	fill(table, *conn, birth, now);
	place = lvs__conn_place(table, *conn);
	lvs__table_enter(table, birth->tag, place, LVS_FROM_CLIENT);
	if (birth->two_way)
		lvs__table_enter(table, reply_tag, place, LVS_FROM_DEST);
	lvs__class_move(table, place, lvs__state_class(*conn));
	lvs__wheel_add(&table->wheel, place, (*conn)->expires);
	return 0;
}

void lvs__conn_change(struct lvs_table *table, struct lvs__conn *conn,
		      uint32_t state)
{
	uint32_t place = lvs__conn_place(table, conn);
	struct lvs__cold *cold = &table->colds[place];
	bool was = (conn->flags & LVS__CONN_ACTIVE) != 0;
	bool is = lvs__state_active(state);

	conn->state = (uint8_t)state;
	lvs__class_move(table, place, lvs__state_class(conn));
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
