/*
 * Explain: the packet path told in words, a line a step.
 *
 * It asks the same questions as path.c, with the same functions, in the same
 * order, and does nothing about the answers: no connection begins, ends or
 * lives longer, no counter counts; the scheduler picks with a copy of the
 * cursor. One thing it cannot ask: a packet that uses a closing connection's
 * port again ends that one before the pick, and here the pick still finds it
 * counted at its dest.
 */
#include "balancer/steps.h"
#include "forward/forward.h"
#include "wire/names.h"

static void say_packet(struct lvs__text *text, const struct lvs__header *header)
{
	const struct lvs__tuple *t = &header->tuple;
	struct lvs_key key;

	lvs__balancer_key(&key, t);
	lvs__text_add(text, "packet: %s ", lvs__protocol_name(t->protocol));
	lvs__text_endpoint(text, &key.client, key.client_port);
	lvs__text_add(text, " -> ");
	lvs__text_endpoint(text, &key.virtual_addr, key.virtual_port);
	if (t->protocol == LVS_TCP)
		lvs__text_add(text, ", flags%s%s%s%s%s",
			      t->tcp_flags & LVS_TCP_SYN ? " SYN" : "",
			      t->tcp_flags & LVS_TCP_ACK ? " ACK" : "",
			      t->tcp_flags & LVS_TCP_FIN ? " FIN" : "",
			      t->tcp_flags & LVS_TCP_RST ? " RST" : "",
			      t->tcp_flags == 0 ? " none" : "");
	lvs__text_add(text, ", %u bytes\n", header->total);
}

static void say_end(struct lvs__text *text, int reason)
{
	static const char *const names[] = {
		[LVS_PASS] = "pass",
		[LVS_FORWARD] = "forward",
		[LVS_DROP] = "drop",
		[LVS_HELD] = "hold",
	};

	lvs__text_add(text, "verdict: %s (%s): %s\n",
		      names[lvs_reason_verdict(reason)],
		      lvs_reason_name(reason), lvs_reason_text(reason));
}

/* By the plan and what is atomic: the director may change the dest just now. */
static void say_dest(struct lvs__text *text, const struct lvs__plan_dest *d)
{
	uint64_t conns = lvs__dest_conns(d->dest);
	bool down = __atomic_load_n(&d->dest->mark.down, __ATOMIC_RELAXED) != 0;

	lvs__text_add(text, "  ");
	lvs__text_endpoint(text, &d->dest->addr, d->dest->port);
	lvs__text_add(text, " weight %u, active %u, inactive %u%s\n",
		      (unsigned int)d->configured, lvs__conns_active(conns),
		      lvs__conns_inactive(conns),
		      down		     ? ": down"
		      : d->draining	     ? ": draining"
		      : d->configured == 0   ? ": weight 0"
		      : !lvs__plan_usable(d) ? ": upper threshold reached"
					     : "");
}

static void say_conn(struct lvs__text *text, const struct lvs_balancer *b,
		     const struct lvs__conn *conn, int direction, uint64_t now)
{
	const struct lvs__conn6 *six = lvs__conn_six(b->table, conn);
	struct lvs_addr addr = {.family = conn->family};

	memcpy(addr.bytes, six == NULL ? &conn->dest4 : six->dest,
	       six == NULL ? 4 : 16);
	lvs__text_add(text, "connection: to ");
	lvs__text_endpoint(text, &addr, ntohs(conn->dest_port));
	lvs__text_add(
		text,
		" by %s, %s, ends in %.1f s; this packet comes from the %s\n",
		lvs__method_name(conn->forward->method),
		lvs_state_name(conn->state),
		(double)(conn->expires - now) / 1000,
		direction == LVS_FROM_CLIENT ? "client" : "dest");
}

static void say_service(struct lvs__text *text, const struct lvs__plan *plan,
			const struct lvs__tuple *t)
{
	struct lvs_key key;

	lvs__balancer_key(&key, t);
	if (plan == NULL)
		lvs__text_add(text, "service: none at ");
	else
		lvs__text_add(text, "service: %s ",
			      lvs__protocol_name(t->protocol));
	lvs__text_endpoint(text, &key.virtual_addr, key.virtual_port);
	if (plan != NULL)
		lvs__text_add(text, ", scheduler %s, %u destinations",
			      plan->sched == NULL ? "none" : plan->sched->name,
			      plan->count);
	lvs__text_add(text, "\n");
}

/* Begin: the table takes the connection or not. */
static int tell_begin(struct lvs__text *text, const struct lvs_balancer *b,
		      const struct lvs__plan_dest *d,
		      const struct lvs__tuple *t, const struct lvs__conn *ended,
		      uint64_t now)
{
	struct lvs__birth birth =
		lvs__balancer_birth(d, t, lvs__table_tag(b->table, t));
	int error = lvs__table_try(b->table, &birth, ended, now);

	if (error == 0)
		return LVS_REASON_FORWARDED;
	lvs__text_add(text, "begin: no, %s\n",
		      error == -EEXIST
			      ? "another connection has these replies"
			      : "the table is full and none may be ended");
	return lvs__balancer_refusal(error);
}

/* Pick, with a copy of the cursor, so that no turn is taken. */
static int tell_pick(struct lvs__text *text, const struct lvs_balancer *b,
		     const struct lvs__plan *plan, const struct lvs__tuple *t,
		     const struct lvs__conn *ended, uint64_t now)
{
	struct lvs__cursor cursor = plan->cursors[b->lane];
	const struct lvs__plan_dest *picked;
	struct lvs_key key;

	lvs__balancer_key(&key, t);
	for (uint32_t d = 0; d < plan->count; d++)
		say_dest(text, &plan->dests[d]);
	picked = lvs__plan_pick(plan, &cursor, b->lane, &key, now);
	if (picked == NULL) {
		lvs__text_add(text, "pick: none is usable\n");
		return LVS_REASON_NO_DEST;
	}
	lvs__text_add(text, "pick: ");
	lvs__text_endpoint(text, &picked->dest->addr, picked->dest->port);
	lvs__text_add(text, " by %s\n",
		      lvs__method_name(picked->forward->method));
	return tell_begin(text, b, picked, t, ended, now);
}

/* A new connection, once `ended` (NULL: none) is gone. */
static int tell_new(struct lvs__text *text, const struct lvs_balancer *b,
		    const struct lvs__tuple *t, const uint8_t *ip,
		    const struct lvs__conn *ended, uint64_t now)
{
	const struct lvs__plan *plan;
	int reason = lvs__balancer_admit(b, &plan, t, ip);

	say_service(text, plan, t);
	if (reason == LVS_REASON_NO_CONN)
		lvs__text_add(text,
			      "admit: no, only a SYN opens a connection\n");
	return reason == LVS_REASON_FORWARDED
		       ? tell_pick(text, b, plan, t, ended, now)
		       : reason;
}

static int tell(struct lvs__text *text, const struct lvs_balancer *b,
		const struct lvs__header *header, const uint8_t *ip,
		uint64_t now)
{
	const struct lvs__tuple *t = &header->tuple;
	int direction = LVS_FROM_CLIENT;
	const struct lvs__conn *conn;

	conn = lvs__table_walk(b->table, &direction, t,
			       lvs__table_tag(b->table, t), now);
	if (conn == NULL) {
		lvs__text_add(text, "connection: none\n");
		return tell_new(text, b, t, ip, NULL, now);
	}
	say_conn(text, b, conn, direction, now);
	switch (lvs__conn_fate(conn, direction, t)) {
	case LVS__FATE_RENEW:
		lvs__text_add(text,
			      "judge: it ends, this packet opens another\n");
		return tell_new(text, b, t, ip, conn, now);
	case LVS__FATE_DROP:
		return LVS_REASON_DEST_GONE;
	case LVS__FATE_END:
		lvs__text_add(text, "judge: it ends\n");
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
	struct lvs__text out;
	struct lvs__header header = {0};
	int reason;

	if (balancer == NULL || packet == NULL || (text == NULL && size > 0) ||
	    length > UINT32_MAX)
		return -EINVAL;
	lvs__text_init(&out, text, size);
	lvs__balancer_adopt(balancer);
	reason = lvs__parse(&header, packet, (uint32_t)length);
	if (reason == LVS_REASON_FORWARDED) {
		say_packet(&out, &header);
		reason = tell(&out, balancer, &header, packet, now);
	} else {
		lvs__text_add(&out, "packet: %zu bytes that are not balanced\n",
			      length);
	}
	say_end(&out, reason);
	return lvs__text_result(&out);
}
