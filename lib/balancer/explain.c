/*
 * Explain: the packet path told in words, a line a step.
 *
 * It asks the same questions as path.c, with the same functions, in the same
 * order, and does nothing about the answers: no entry is made, no timeout
 * moved, no counter counted; the scheduler picks with a copy of the cursor.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "balancer/balancer.h"
#include "forward/forward.h"

#define ENDPOINT 64

/* The text so far: as much as fits, and the length of all of it. */
struct story {
	char *text;
	size_t size;
	size_t length;
};

static void say(struct story *s, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void say(struct story *s, const char *format, ...)
{
	size_t room = s->length < s->size ? s->size - s->length : 0;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(room > 0 ? s->text + s->length : NULL, room, format,
			   arguments);
	va_end(arguments);
	if (length > 0)
		s->length += (size_t)length;
}

static const char *protocol_name(int protocol)
{
	return protocol == LVS_TCP ? "tcp" : protocol == LVS_UDP ? "udp" : "?";
}

static void say_packet(struct story *s, const struct lvs__header *header)
{
	const struct lvs__tuple *t = &header->tuple;
	struct lvs_key key;
	char from[ENDPOINT], to[ENDPOINT];

	lvs__balancer_key(&key, t);
	lvs_endpoint_format(&key.client, key.client_port, from, sizeof(from));
	lvs_endpoint_format(&key.virtual_addr, key.virtual_port, to,
			    sizeof(to));
	say(s, "packet: %s %s -> %s", protocol_name(t->protocol), from, to);
	if (t->protocol == LVS_TCP)
		say(s, ", flags%s%s%s%s%s",
		    t->tcp_flags & LVS_TCP_SYN ? " SYN" : "",
		    t->tcp_flags & LVS_TCP_ACK ? " ACK" : "",
		    t->tcp_flags & LVS_TCP_FIN ? " FIN" : "",
		    t->tcp_flags & LVS_TCP_RST ? " RST" : "",
		    t->tcp_flags == 0 ? " none" : "");
	say(s, ", %u bytes\n", header->total);
}

static void say_end(struct story *s, int reason)
{
	static const char *const names[] = {
		[LVS_PASS] = "pass",
		[LVS_FORWARD] = "forward",
		[LVS_DROP] = "drop",
		[LVS_HELD] = "hold",
	};

	say(s, "verdict: %s (%s): %s\n", names[lvs_reason_verdict(reason)],
	    lvs_reason_name(reason), lvs_reason_text(reason));
}

static void say_dest(struct story *s, const struct lvs__plan_dest *d)
{
	uint64_t active = 0, inactive = 0, weight = 0, down = 0, drain = 0;
	char where[ENDPOINT];

	lvs_dest_get(d->dest, LVS_DEST_ACTIVE, &active);
	lvs_dest_get(d->dest, LVS_DEST_INACTIVE, &inactive);
	lvs_dest_get(d->dest, LVS_DEST_WEIGHT, &weight);
	lvs_dest_get(d->dest, LVS_DEST_DOWN, &down);
	lvs_dest_get(d->dest, LVS_DEST_DRAIN, &drain);
	lvs_endpoint_format(&d->dest->addr, d->dest->port, where,
			    sizeof(where));
	say(s, "  %s weight %u, active %u, inactive %u%s\n", where,
	    (unsigned int)weight, (unsigned int)active, (unsigned int)inactive,
	    down != 0		   ? ": down"
	    : drain != 0	   ? ": draining"
	    : weight == 0	   ? ": weight 0"
	    : !lvs__plan_usable(d) ? ": upper threshold reached"
				   : "");
}

static void say_conn(struct story *s, const struct lvs_balancer *b,
		     const struct lvs__conn *conn, int direction, uint64_t now)
{
	const struct lvs__conn6 *six = lvs__six(b->table, conn);
	struct lvs_addr addr = {.family = conn->family};
	char where[ENDPOINT];

	memcpy(addr.bytes, six == NULL ? &conn->dest4 : six->dest,
	       six == NULL ? 4 : 16);
	lvs_endpoint_format(&addr, ntohs(conn->dest_port), where,
			    sizeof(where));
	say(s,
	    "connection: to %s by %s, %s, ends in %.1f s; this packet "
	    "comes from the %s\n",
	    where, conn->forward->name, lvs_state_name(conn->state),
	    (double)(conn->expires - now) / 1000,
	    direction == LVS_FROM_CLIENT ? "client" : "dest");
}

/* A new connection: the steps of introduce() in path.c. */
static int tell_new(struct story *s, const struct lvs_balancer *b,
		    const struct lvs__tuple *t, const uint8_t *ip, uint64_t now)
{
	const struct lvs__plan *plan =
		b->snapshot == NULL ? NULL : lvs__snapshot_find(b->snapshot, t);
	struct lvs__cursor cursor;
	struct lvs_key key;
	char where[ENDPOINT];
	int i;

	lvs__balancer_key(&key, t);
	lvs_endpoint_format(&key.virtual_addr, key.virtual_port, where,
			    sizeof(where));
	if (plan == NULL) {
		say(s, "service: none at %s\n", where);
		return LVS_REASON_NOT_OURS;
	}
	say(s, "service: %s %s, scheduler %s, %u destinations\n",
	    protocol_name(t->protocol), where,
	    plan->sched == NULL ? "none" : plan->sched->name, plan->count);
	if (!lvs__tuple_opens(t)) {
		say(s, "admit: no, only a SYN opens a connection\n");
		return LVS_REASON_NO_CONN;
	}
	if (lvs__ttl(ip, t->family) <= 1)
		return LVS_REASON_TTL;
	for (uint32_t d = 0; d < plan->count; d++)
		say_dest(s, &plan->dests[d]);
	if (plan->cursors[b->lane].version != plan->version)
		lvs__cursor_follow(plan, b->lane); /* as any pick would */
	cursor = plan->cursors[b->lane];
	i = plan->sched == NULL ? -ENOENT
				: plan->sched->pick(plan, &cursor, &key, now);
	if (i < 0) {
		say(s, "pick: none is usable\n");
		return LVS_REASON_NO_DEST;
	}
	lvs_endpoint_format(&plan->dests[i].dest->addr,
			    plan->dests[i].dest->port, where, sizeof(where));
	say(s, "pick: %s\n", where);
	return LVS_REASON_FORWARDED;
}

static int tell(struct story *s, const struct lvs_balancer *b,
		const struct lvs__header *header, const uint8_t *ip,
		uint64_t now)
{
	const struct lvs__tuple *t = &header->tuple;
	int direction = LVS_FROM_CLIENT;
	const struct lvs__conn *conn;

	conn = lvs__table_walk(b->table, &direction, t,
			       lvs__table_tag(b->table, t), now);
	if (conn == NULL) {
		say(s, "connection: none\n");
		return tell_new(s, b, t, ip, now);
	}
	say_conn(s, b, conn, direction, now);
	switch (lvs__conn_fate(conn, direction, t)) {
	case LVS__FATE_RENEW:
		say(s, "judge: it ends, this packet opens another\n");
		return tell_new(s, b, t, ip, now);
	case LVS__FATE_DROP:
		return LVS_REASON_DEST_GONE;
	case LVS__FATE_END:
		say(s, "judge: it ends\n");
		return LVS_REASON_DEST_GONE;
	case LVS__FATE_KEEP:
		break;
	}
	if (lvs__ttl(ip, t->family) <= 1)
		return LVS_REASON_TTL;
	return direction == LVS_FROM_CLIENT ? LVS_REASON_FORWARDED
					    : LVS_REASON_REPLIED;
}

LVS_EXPORT int lvs_balancer_explain(struct lvs_balancer *balancer, char *text,
				    size_t size, const uint8_t *packet,
				    size_t length, uint64_t now)
{
	struct story s = {.text = text, .size = size};
	struct lvs__header header = {0};
	int reason;

	if (balancer == NULL || packet == NULL || (text == NULL && size > 0) ||
	    length > UINT32_MAX)
		return -EINVAL;
	lvs__balancer_adopt(balancer);
	reason = lvs__parse(&header, packet, (uint32_t)length);
	if (reason == LVS_REASON_FORWARDED) {
		say_packet(&s, &header);
		reason = tell(&s, balancer, &header, packet, now);
	} else {
		say(&s, "packet: %zu bytes that are not balanced\n", length);
	}
	say_end(&s, reason);
	return (int)s.length;
}
