/*
 * Connections as values: the public face of the table.
 *
 * A handle is a place and its generation; a flow is the connection written
 * out. Nothing here is on the packet path, which uses table.h.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/limits.h"
#include "conn/index.h"
#include "wire/method.h"

static struct lvs__conn *at_handle(const struct lvs_table *table,
				   uint64_t handle, uint64_t now)
{
	uint32_t place = (uint32_t)handle;
	struct lvs__conn *conn;

	if (place >= table->fresh)
		return NULL;
	conn = &table->conns[place];
	if ((conn->flags & LVS__CONN_USED) == 0 ||
	    conn->generation != (uint32_t)(handle >> 32) ||
	    now >= conn->expires)
		return NULL;
	return conn;
}

static bool known_family(uint32_t family)
{
	return family == LVS_IPV4 || family == LVS_IPV6;
}

static bool known_protocol(uint32_t protocol)
{
	return protocol == LVS_TCP || protocol == LVS_UDP;
}

static void copy_addr(uint32_t *words, const uint8_t *bytes, uint32_t family)
{
	memset(words, 0, 16);
	memcpy(words, bytes, family == LVS_IPV4 ? 4 : 16);
}

LVS_EXPORT int lvs_table_add(struct lvs_table *table, uint64_t *conn,
			     const struct lvs_flow *flow, uint64_t now)
{
	struct lvs__birth birth = {0};
	struct lvs__tuple tuple = {0};
	struct lvs__conn *fresh;
	int result;

	if (table == NULL || conn == NULL || flow == NULL ||
	    !known_family(flow->family) || !known_protocol(flow->protocol) ||
	    flow->method > UINT8_MAX || flow->client_port > UINT16_MAX ||
	    flow->virtual_port > UINT16_MAX || flow->dest_port > UINT16_MAX)
		return -EINVAL;
	tuple.family = (uint8_t)flow->family;
	tuple.protocol = (uint8_t)flow->protocol;
	tuple.source_port = htons((uint16_t)flow->client_port);
	tuple.destination_port = htons((uint16_t)flow->virtual_port);
	copy_addr(tuple.source, flow->client, flow->family);
	copy_addr(tuple.destination, flow->virtual_addr, flow->family);
	copy_addr(birth.dest_addr, flow->dest, flow->family);
	birth.tuple = &tuple;
	birth.tag = lvs__table_tag(table, &tuple);
	birth.dest_port = htons((uint16_t)flow->dest_port);
	birth.method = (uint8_t)flow->method;
	birth.two_way = lvs__method_two_way(flow->method);
	result = lvs__table_insert(table, &fresh, &birth, now);
	if (result == 0)
		*conn = lvs__conn_handle(table, fresh);
	return result;
}

LVS_EXPORT int lvs_table_find(struct lvs_table *table, uint64_t *conn,
			      int *direction, const struct lvs_addr *source,
			      uint16_t source_port,
			      const struct lvs_addr *destination,
			      uint16_t destination_port, int protocol,
			      uint64_t now)
{
	struct lvs__tuple tuple = {0};
	struct lvs__conn *found;
	int seen;

	if (table == NULL || conn == NULL || source == NULL ||
	    destination == NULL || !known_family(source->family) ||
	    source->family != destination->family || protocol < 0 ||
	    !known_protocol((uint32_t)protocol))
		return -EINVAL;
	tuple.family = (uint8_t)source->family;
	tuple.protocol = (uint8_t)protocol;
	tuple.source_port = htons(source_port);
	tuple.destination_port = htons(destination_port);
	copy_addr(tuple.source, source->bytes, source->family);
	copy_addr(tuple.destination, destination->bytes, source->family);
	found = lvs__table_walk(table, &seen, &tuple,
				lvs__table_tag(table, &tuple), now);
	if (found == NULL)
		return -ENOENT;
	*conn = lvs__conn_handle(table, found);
	if (direction != NULL)
		*direction = seen;
	return 0;
}

static void write_flow(const struct lvs_table *table, struct lvs_flow *flow,
		       const struct lvs__conn *conn)
{
	const struct lvs__conn6 *six = lvs__conn_six(table, conn);
	size_t length = six == NULL ? 4 : 16;

	*flow = (struct lvs_flow){
		.family = conn->family,
		.protocol = conn->protocol,
		.method = conn->method,
		.client_port = ntohs(conn->client_port),
		.virtual_port = ntohs(conn->virtual_port),
		.dest_port = ntohs(conn->dest_port),
		.state = conn->state,
		.active = (conn->flags & LVS__CONN_ACTIVE) != 0,
		.expires = conn->expires,
		.packets = conn->packets,
		.conn = lvs__conn_handle(table, conn),
	};
	memcpy(flow->client, six == NULL ? &conn->client4 : six->client,
	       length);
	memcpy(flow->virtual_addr,
	       six == NULL ? &conn->virtual4 : six->virtual_addr, length);
	memcpy(flow->dest, six == NULL ? &conn->dest4 : six->dest, length);
}

LVS_EXPORT int lvs_table_get(const struct lvs_table *table,
			     struct lvs_flow *flow, size_t size, uint64_t conn,
			     uint64_t now)
{
	const struct lvs__conn *found;
	struct lvs_flow whole;

	if (table == NULL || flow == NULL || size == 0)
		return -EINVAL;
	found = at_handle(table, conn, now);
	if (found == NULL)
		return -ENOENT;
	write_flow(table, &whole, found);
	return lvs__give(flow, size, &whole, sizeof(whole));
}

LVS_EXPORT int lvs_table_touch(struct lvs_table *table, uint64_t conn,
			       int direction, uint32_t tcp_flags, uint64_t now)
{
	struct lvs__conn *found;

	if (table == NULL ||
	    (direction != LVS_FROM_CLIENT && direction != LVS_FROM_DEST))
		return -EINVAL;
	found = at_handle(table, conn, now);
	if (found == NULL)
		return -ENOENT;
	lvs__conn_touch(table, found, direction, tcp_flags, now);
	return found->state;
}

LVS_EXPORT int lvs_table_remove(struct lvs_table *table, uint64_t conn)
{
	struct lvs__conn *found;

	if (table == NULL)
		return -EINVAL;
	found = at_handle(table, conn, 0);
	if (found == NULL)
		return -ENOENT;
	lvs__table_end(table, found);
	return 0;
}

LVS_EXPORT int lvs_table_expire(struct lvs_table *table, uint64_t now,
				uint32_t budget)
{
	uint32_t steps = budget == 0 ? 1024 : budget;

	if (table == NULL)
		return -EINVAL;
	return (int)lvs__table_reap(table, now, &steps);
}

LVS_EXPORT uint64_t lvs_table_deadline(const struct lvs_table *table)
{
	return table == NULL ? UINT64_MAX : lvs__wheel_deadline(&table->wheel);
}

LVS_PRIVATE int lvs__table_step(const struct lvs_table *table, uint64_t *cursor,
				struct lvs_flow *flow, uint64_t now,
				uint64_t *places)
{
	for (; *cursor < table->fresh; (*cursor)++) {
		const struct lvs__conn *conn = &table->conns[*cursor];

		if (*places == 0)
			return -EAGAIN;
		(*places)--;
		if ((conn->flags & LVS__CONN_USED) == 0 || now >= conn->expires)
			continue;
		(*cursor)++;
		write_flow(table, flow, conn);
		return 1;
	}
	return 0;
}

LVS_EXPORT int lvs_table_next(const struct lvs_table *table, uint64_t *cursor,
			      struct lvs_flow *flow, size_t size, uint64_t now)
{
	uint64_t places = UINT64_MAX;
	struct lvs_flow whole;

	if (table == NULL || cursor == NULL || flow == NULL || size == 0)
		return -EINVAL;
	if (lvs__table_step(table, cursor, &whole, now, &places) == 0)
		return 0;
	(void)lvs__give(flow, size, &whole, sizeof(whole));
	return 1;
}

LVS_EXPORT uint32_t lvs_table_count(const struct lvs_table *table)
{
	return table == NULL ? 0
			     : __atomic_load_n(&table->count, __ATOMIC_RELAXED);
}

LVS_EXPORT int lvs_table_set_timeout(struct lvs_table *table, int state,
				     uint64_t milliseconds)
{
	if (table == NULL || state < 0 || state >= LVS_STATES)
		return -EINVAL;
	if (milliseconds < 1 || milliseconds > LVS__MOST_MS)
		return -ERANGE;
	table->timeouts[state] = (uint32_t)milliseconds;
	return 0;
}

LVS_EXPORT int lvs_table_get_timeout(const struct lvs_table *table, int state,
				     uint64_t *milliseconds)
{
	if (table == NULL || milliseconds == NULL || state < 0 ||
	    state >= LVS_STATES)
		return -EINVAL;
	*milliseconds = table->timeouts[state];
	return 0;
}
