/*
 * The table from the inside: what the packet path does with it.
 *
 * Places (hot lines, cold lines, IPv6 lines) are parallel arrays; a connection
 * keeps its place for life. index.h says how it is found.
 */
#ifndef LVS__TABLE_H
#define LVS__TABLE_H

#include "base/hash.h"
#include "conn/conn.h"
#include "service/service.h"

#define LVS__NO_PLACE UINT32_MAX
#define LVS__FIRST_TIMEOUT 3000 /* ms from birth to the first touch */

/* Which connections may be ended early when room is wanted, in this order. */
enum lvs__class {
	LVS__CLASS_CLOSED = 0,	  /* CLOSE, TIME_WAIT */
	LVS__CLASS_HALF_OPEN = 1, /* no answer seen or proven yet */
	LVS__CLASS_KEPT = 2,	  /* never; not in a list */
	LVS__CLASSES = 2
};

/* What the packet path reads seldom. */
struct lvs__cold {
	struct lvs__timer timer;
	uint32_t next, prev; /* in its class's list, or the free list */
	uint32_t class;	     /* enum lvs__class */
	uint32_t spare;
};

_Static_assert(sizeof(struct lvs__cold) == 32, "half a cache line");

struct lvs__class_list {
	uint32_t oldest, newest;
	uint32_t count;
};

struct lvs_table {
	struct lvs__hash_key key;
	uint64_t *index;
	uint64_t index_size; /* entries */
	struct lvs__conn *conns;
	struct lvs__conn6 *six;
	uint32_t timeouts[LVS_STATES]; /* ms */
	struct lvs__cold *colds;
	struct lvs__class_list classes[LVS__CLASSES];
	uint32_t max;
	uint32_t count;		   /* __atomic: others read it */
	uint32_t fresh;		   /* places from here on were never used */
	uint32_t free;		   /* the free list's head */
	uint64_t evicted, expired; /* one writer, any readers */
	struct lvs__wheel wheel;
};

/* What a new connection is made of; all in network order. */
struct lvs__birth {
	const struct lvs__tuple *tuple; /* client to virtual */
	uint32_t tag;			/* the tuple's */
	uint32_t dest_addr[4];
	uint16_t dest_port;
	uint8_t method;
	bool two_way;
	struct lvs_dest *dest; /* bound already, or NULL */
	const struct lvs__forward *forward;
};

/* IPVS's timeouts, ms, by enum lvs_conn_state. */
extern const uint32_t lvs__timeouts_default[LVS_STATES];

/*
 * IPVS's state tables (tcp.c): the next state by column, event and state. The
 * event follows from FIN, SYN, RST and ACK packed into four bits.
 */
enum lvs__column {
	LVS__INPUT = 0,	    /* from the client */
	LVS__OUTPUT = 1,    /* from the dest */
	LVS__INPUT_ONLY = 2 /* from the client, replies pass by */
};
extern const uint8_t lvs__tcp_event[16];
extern const uint8_t lvs__tcp_next[3][8][16]; /* powers of two: shifts */

/* The class of a connection (enum lvs__class), by state and packets. */
uint32_t lvs__state_class(const struct lvs__conn *conn);

/* 1: connections in this state count as active. */
LVS__INLINE bool lvs__state_active(uint32_t state)
{
	return ((1u << LVS_STATE_ESTABLISHED | 1u << LVS_STATE_SYN_SENT |
		 1u << LVS_STATE_SYN_RECV | 1u << LVS_STATE_SYNACK) >>
		state) &
	       1;
}

/* 1: both ends may be done with a connection in this state; and UDP. */
LVS__INLINE bool lvs__state_closing(uint32_t state)
{
	return ((1u << LVS_STATE_FIN_WAIT | 1u << LVS_STATE_TIME_WAIT |
		 1u << LVS_STATE_CLOSE | 1u << LVS_STATE_CLOSE_WAIT |
		 1u << LVS_STATE_LAST_ACK | 1u << LVS_STATE_UDP) >>
		state) &
	       1;
}

/*
 * As lvs_table_add(). -EEXIST: one of its keys is taken by a live connection;
 * -ENOSPC: full.
 */
int lvs__table_insert(struct lvs_table *table, struct lvs__conn **conn,
		      const struct lvs__birth *birth, uint64_t now);

/*
 * What lvs__table_insert() would return once `ended` (NULL: none) had ended.
 * Ends nothing and counts nothing; the wheel's hand may move.
 */
int lvs__table_try(struct lvs_table *table, const struct lvs__birth *birth,
		   const struct lvs__conn *ended, uint64_t now);

/*
 * Ends what has expired, in at most *steps steps, which it takes off. How many
 * were ended.
 */
uint32_t lvs__table_reap(struct lvs_table *table, uint64_t now,
			 uint32_t *steps);

/*
 * As lvs_table_next(), but looks at no more than *places places, which it
 * takes off: -EAGAIN when they are used up.
 */
int lvs__table_step(const struct lvs_table *table, uint64_t *cursor,
		    struct lvs_flow *flow, uint64_t now, uint64_t *places);

/* Ends a connection: out of index, wheel and lists, its dest let go. */
void lvs__table_end(struct lvs_table *table, struct lvs__conn *conn);

/* The part of touch that is rare: the state changes. */
void lvs__conn_change(struct lvs_table *table, struct lvs__conn *conn,
		      uint32_t state);

LVS__INLINE uint32_t lvs__conn_place(const struct lvs_table *table,
				     const struct lvs__conn *conn)
{
	return (uint32_t)(conn - table->conns);
}

LVS__INLINE uint64_t lvs__conn_handle(const struct lvs_table *table,
				      const struct lvs__conn *conn)
{
	return (uint64_t)conn->generation << 32 | lvs__conn_place(table, conn);
}

/* The IPv6 addresses, NULL for IPv4. */
LVS__INLINE struct lvs__conn6 *lvs__conn_six(const struct lvs_table *table,
					     const struct lvs__conn *conn)
{
	return conn->family == LVS_IPV6
		       ? &table->six[lvs__conn_place(table, conn)]
		       : NULL;
}

/* A packet was seen: the state moves, its timeout starts anew. */
LVS__INLINE void lvs__conn_touch(struct lvs_table *table,
				 struct lvs__conn *conn, int direction,
				 uint32_t tcp_flags, uint64_t now)
{
	uint32_t state = conn->state;
	bool changed = false;

	if (lvs__likely(conn->protocol == LVS_TCP)) {
		uint32_t column = direction == LVS_FROM_DEST ? LVS__OUTPUT
				  : (conn->flags & LVS__CONN_NOOUTPUT) != 0
					  ? LVS__INPUT_ONLY
					  : LVS__INPUT;

		uint32_t event = lvs__tcp_event[(tcp_flags & 7) |
						(tcp_flags & LVS_TCP_ACK) >> 1];

		state = lvs__tcp_next[column][event][state];
	} else {
		state = LVS_STATE_UDP;
	}
	if (direction == LVS_FROM_CLIENT) {
		if (lvs__likely(conn->packets != UINT32_MAX))
			conn->packets++;
		changed = conn->packets <= 2; /* its class may be another */
	}
	conn->expires = now + table->timeouts[state];
	if (lvs__unlikely(state != conn->state || changed))
		lvs__conn_change(table, conn, state);
}

/* ---- between the files of this room */

/*
 * room.c: makes sure that a place is free, or is false; tells which it would
 * be; takes a place (of class KEPT, without a timer); gives it back.
 */
bool lvs__table_make_room(struct lvs_table *table, uint64_t now);
bool lvs__table_has_room(struct lvs_table *table, uint64_t now);
struct lvs__conn *lvs__table_take_place(struct lvs_table *table);
void lvs__table_give_place(struct lvs_table *table, uint32_t place);

/* room.c: a connection becomes one of this class (enum lvs__class). */
void lvs__class_move(struct lvs_table *table, uint32_t place, uint32_t class);

#endif
