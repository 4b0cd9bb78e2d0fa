/*
 * The index: how a connection is found by a packet, in either direction.
 *
 * Open addressing over entries of {32-bit tag, 31-bit place + 1, direction},
 * linear probing, one entry for each direction, load at most 0.5. The home of
 * an entry follows from its tag alone, so deleting shifts the probe chain back
 * and leaves no tombstones.
 */
#ifndef LVS__CONN_INDEX_H
#define LVS__CONN_INDEX_H

#include "base/hash.h"
#include "conn/table.h"

LVS__INLINE uint64_t lvs__words2(const uint32_t *w)
{
	return (uint64_t)w[0] << 32 | w[1];
}

/*
 * The tag under which a packet's flow is in the index: the hash of 13 bytes
 * (addresses, ports, protocol), or of 37 for IPv6.
 */
LVS__INLINE uint32_t lvs__table_tag(const struct lvs_table *table,
				    const struct lvs__tuple *t)
{
	uint64_t tail = (uint64_t)t->protocol << 32 |
			(uint64_t)t->source_port << 16 | t->destination_port;
	uint64_t words[4];

	if (lvs__likely(t->family == LVS_IPV4)) {
		words[0] = (uint64_t)t->source[0] << 32 | t->destination[0];
		return (uint32_t)lvs__hash_message(&table->key, words, 1, tail,
						   5);
	}
	words[0] = lvs__words2(t->source);
	words[1] = lvs__words2(t->source + 2);
	words[2] = lvs__words2(t->destination);
	words[3] = lvs__words2(t->destination + 2);
	return (uint32_t)lvs__hash_message(&table->key, words, 4, tail, 5);
}

/* An index entry: tag, place + 1, direction. 0 is free. */
LVS__INLINE uint32_t lvs__entry_tag(uint64_t entry)
{
	return (uint32_t)(entry >> 32);
}

LVS__INLINE uint32_t lvs__entry_place(uint64_t entry)
{
	return ((uint32_t)entry >> 1) - 1;
}

LVS__INLINE int lvs__entry_direction(uint64_t entry)
{
	return (int)(entry & 1);
}

LVS__INLINE uint64_t lvs__table_home(const struct lvs_table *table,
				     uint32_t tag)
{
	return ((uint64_t)tag * table->index_size) >> 32;
}

LVS__INLINE bool lvs__same_addr6(const uint32_t *a, const uint32_t *b)
{
	return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) |
		(a[3] ^ b[3])) == 0;
}

/* 1: the connection is the tuple's, in this direction, and lives. */
LVS__INLINE bool lvs__conn_match(const struct lvs_table *table,
				 const struct lvs__conn *conn, int direction,
				 const struct lvs__tuple *t, uint64_t now)
{
	bool in = direction == LVS_FROM_CLIENT;
	uint16_t source_port = in ? conn->client_port : conn->dest_port;
	uint16_t destination_port = in ? conn->virtual_port : conn->client_port;
	const struct lvs__conn6 *six;

	if (source_port != t->source_port ||
	    destination_port != t->destination_port ||
	    conn->protocol != t->protocol || conn->family != t->family ||
	    now >= conn->expires ||
	    (!in && (conn->flags & LVS__CONN_TWOWAY) == 0))
		return false;
	if (lvs__likely(t->family == LVS_IPV4))
		return (in ? conn->client4 : conn->dest4) == t->source[0] &&
		       (in ? conn->virtual4 : conn->client4) ==
			       t->destination[0];
	six = &table->six[lvs__conn_place(table, conn)];
	return lvs__same_addr6(in ? six->client : six->dest, t->source) &&
	       lvs__same_addr6(in ? six->virtual_addr : six->client,
			       t->destination);
}

/*
 * Looking up is three steps, so that a batch can overlap their cache misses:
 * prefetch the index, take the hint (the first entry with the tag; its lines
 * are prefetched), then find, which trusts no hint.
 */
LVS__INLINE void lvs__table_prefetch(const struct lvs_table *table,
				     uint32_t tag)
{
	__builtin_prefetch(&table->index[lvs__table_home(table, tag)]);
}

LVS__INLINE uint64_t lvs__table_hint(const struct lvs_table *table,
				     uint32_t tag, int family)
{
	uint64_t i = lvs__table_home(table, tag);
	uint64_t entry;

	while ((entry = table->index[i]) != 0) {
		if (lvs__entry_tag(entry) == tag) {
			uint32_t place = lvs__entry_place(entry);

			__builtin_prefetch(&table->conns[place], 1);
			if (family == LVS_IPV6)
				__builtin_prefetch(&table->six[place]);
			return entry;
		}
		if (++i == table->index_size)
			i = 0;
	}
	return 0;
}

/* Walks the probe chain. */
LVS__INLINE struct lvs__conn *lvs__table_search(const struct lvs_table *table,
						int *direction,
						const struct lvs__tuple *t,
						uint32_t tag, uint64_t now)
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

/* The same for who is in no hurry: the slow half of find. */
struct lvs__conn *lvs__table_walk(const struct lvs_table *table, int *direction,
				  const struct lvs__tuple *t, uint32_t tag,
				  uint64_t now);

/* The live connection of a tuple, NULL if there is none. */
LVS__INLINE struct lvs__conn *lvs__table_find(const struct lvs_table *table,
					      int *direction,
					      const struct lvs__tuple *t,
					      uint32_t tag, uint64_t hint,
					      uint64_t now)
{
	if (lvs__likely(hint != 0)) {
		struct lvs__conn *conn = &table->conns[lvs__entry_place(hint)];

		if (lvs__likely((conn->flags & LVS__CONN_USED) != 0 &&
				lvs__conn_match(table, conn,
						lvs__entry_direction(hint), t,
						now))) {
			*direction = lvs__entry_direction(hint);
			return conn;
		}
	}
	return lvs__table_walk(table, direction, t, tag, now);
}

/* An entry for a direction. */
LVS__INLINE void lvs__table_enter(struct lvs_table *table, uint32_t tag,
				  uint32_t place, int direction)
{
	uint64_t i = lvs__table_home(table, tag);

	while (table->index[i] != 0)
		if (++i == table->index_size)
			i = 0;
	table->index[i] = (uint64_t)tag << 32 | (uint64_t)(place + 1) << 1 |
			  (uint64_t)direction;
}

/* Takes out the entries of a connection. */
void lvs__table_leave(struct lvs_table *table, const struct lvs__conn *conn);

#endif
