/*
 * The index: where a connection is, by the tuple of its packets, an entry for
 * each direction. Half of it or more is free, so every walk ends.
 */
#include "conn/index.h"

struct lvs__conn *lvs__table_walk(const struct lvs_table *table, int *direction,
				  const struct lvs__tuple *t, uint32_t tag,
				  uint64_t now)
{
	return lvs__table_search(table, direction, t, tag, now);
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
	const struct lvs__conn6 *six = lvs__conn_six(table, conn);
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

void lvs__table_leave(struct lvs_table *table, const struct lvs__conn *conn)
{
	uint32_t place = lvs__conn_place(table, conn);
	struct lvs__tuple t;

	tuple_of(table, &t, conn, LVS_FROM_CLIENT);
	index_remove(table, lvs__table_tag(table, &t), place, LVS_FROM_CLIENT);
	if ((conn->flags & LVS__CONN_TWOWAY) == 0)
		return;
	tuple_of(table, &t, conn, LVS_FROM_DEST);
	index_remove(table, lvs__table_tag(table, &t), place, LVS_FROM_DEST);
}
