/*
 * The packet path, whole, in the order a packet meets things.
 *
 *	parse    its headers become a tuple, or a reason why not
 *	find     the connection it belongs to, in either direction
 *	judge    does that connection go on (is its dest still there)?
 *	admit    no connection: is there a service, may this packet open one?
 *	pick     the scheduler chooses a dest, the dest counts the connection
 *	touch    the state moves, the timeout starts anew
 *	forward  the method's function, bound at birth, rewrites the packet
 *
 * A batch does the first two for all its packets before the rest for each, so
 * that the cache misses of index and hot lines overlap. What "find" fetched
 * ahead is a hint: the step of each packet looks again, so two packets of one
 * new flow in a batch make one connection.
 *
 * Judge and admit stand in steps.h, as explain takes them too.
 *
 * Nothing here allocates, locks, calls the system, reads a clock or logs.
 */
#include "balancer/steps.h"

#include "forward/forward.h"

#define PICKS 8 /* dests to try that fill up under our hands */

/* ---- parse and find, for all packets of a piece */

/* 1: the packet is inside its buffer, with headroom. */
static bool fits(const struct lvs_packet *p)
{
	return p->offset >= LVS_HEADROOM && p->length <= p->capacity &&
	       p->offset <= p->capacity - p->length;
}

static void parse(const struct lvs_table *table, struct lvs_packet *packet,
		  struct lvs__work *w)
{
	w->reason = LVS_REASON_HEADROOM;
	if (lvs__likely(fits(packet)))
		w->reason =
			lvs__parse(&w->header, packet->data + packet->offset,
				   packet->length);
	if (lvs__unlikely(w->reason != LVS_REASON_FORWARDED))
		return;
	w->tag = lvs__table_tag(table, &w->header.tuple);
	lvs__table_prefetch(table, w->tag);
}

/* ---- pick: a dest for a new connection, counted there */

void lvs__balancer_key(struct lvs_key *key, const struct lvs__tuple *t)
{
	lvs__tuple_source(t, &key->client);
	lvs__tuple_destination(t, &key->virtual_addr);
	key->client_port = ntohs(t->source_port);
	key->virtual_port = ntohs(t->destination_port);
}

static const struct lvs__plan_dest *pick(const struct lvs_balancer *b,
					 const struct lvs__plan *plan,
					 const struct lvs__tuple *t,
					 uint64_t now)
{
	struct lvs_key key;

	lvs__balancer_key(&key, t);
	for (int i = 0; i < PICKS; i++) {
		const struct lvs__plan_dest *d =
			lvs__plan_pick(plan, &plan->cursors[b->lane], b->lane,
				       &key, now);

		if (d == NULL)
			return NULL;
		if (lvs__likely(lvs__dest_bind(d->dest) == 0))
			return d;
	}
	return NULL;
}

/* ---- a connection begins */

static int begin(struct lvs_balancer *b, struct lvs__conn **conn,
		 const struct lvs__plan_dest *d, const struct lvs__work *w,
		 uint64_t now)
{
	struct lvs_dest *dest = d->dest;
	struct lvs__lane_counters *lane = &dest->lanes[b->lane];
	struct lvs__birth birth =
		lvs__balancer_birth(d, &w->header.tuple, w->tag);
	int result;

	result = lvs__table_insert(b->table, conn, &birth, now);
	if (lvs__unlikely(result < 0)) {
		lvs__dest_unbind(dest, false);
		return lvs__balancer_refusal(result);
	}
	if (d->forward->prepare != NULL)
		d->forward->prepare(*conn, lvs__conn_six(b->table, *conn));
	lvs__count_add(&lane->conns, 1);
	return LVS_REASON_FORWARDED;
}

/* A packet without a connection: admit it, pick for it, begin. */
static int introduce(struct lvs_balancer *b, struct lvs__conn **conn,
		     const struct lvs_packet *packet, const struct lvs__work *w,
		     uint64_t now)
{
	const struct lvs__tuple *t = &w->header.tuple;
	const struct lvs__plan_dest *d;
	const struct lvs__plan *plan;
	int reason =
		lvs__balancer_admit(b, &plan, t, packet->data + packet->offset);

	if (reason != LVS_REASON_FORWARDED)
		return reason;
	d = pick(b, plan, t, now);
	if (d == NULL)
		return LVS_REASON_NO_DEST;
	return begin(b, conn, d, w, now);
}

/* ---- touch and count */

/*
 * A dest that answers a SYN with a reset refuses; the director counts that.
 * Such a reset has ACK (RFC 9293 section 3.10.7.1); one without answers a
 * segment that had ACK, which is the client's doing and says nothing about the
 * dest. The reset closes the connection, so one SYN counts once.
 */
static void note_reset(struct lvs_balancer *b, struct lvs__conn *conn,
		       uint32_t flags)
{
	if (conn->state != LVS_STATE_SYN_RECV || (flags & LVS_TCP_ACK) == 0)
		return;
	lvs__count_add(&conn->dest->lanes[b->lane].syn_resets, 1);
	b->resets++;
}

static void touch(struct lvs_balancer *b, struct lvs__conn *conn, int direction,
		  const struct lvs__header *header, uint64_t now)
{
	struct lvs__lane_counters *lane = &conn->dest->lanes[b->lane];
	uint32_t flags = header->tuple.tcp_flags;

	if (direction == LVS_FROM_CLIENT) {
		lvs__count_add(&lane->in_packets, 1);
		lvs__count_add(&lane->in_bytes, header->total);
	} else {
		lvs__count_add(&lane->out_packets, 1);
		lvs__count_add(&lane->out_bytes, header->total);
		if (lvs__unlikely((flags & LVS_TCP_RST) != 0))
			note_reset(b, conn, flags);
	}
	lvs__conn_touch(b->table, conn, direction, flags, now);
}

/* ---- one packet, from find to forward; returns its reason */

static int serve(struct lvs_balancer *b, struct lvs_packet *packet,
		 const struct lvs__work *w, uint64_t now)
{
	const struct lvs__tuple *t = &w->header.tuple;
	int direction = LVS_FROM_CLIENT;
	struct lvs__conn *conn =
		lvs__table_find(b->table, &direction, t, w->tag, w->hint, now);
	enum lvs__fate fate = LVS__FATE_KEEP;
	int reason;

	if (conn != NULL) {
		fate = lvs__conn_fate(conn, direction, t);
		if (lvs__unlikely(fate == LVS__FATE_RENEW ||
				  fate == LVS__FATE_END)) {
			lvs__table_end(b->table, conn);
			conn = NULL;
		}
		if (lvs__unlikely(fate == LVS__FATE_DROP ||
				  fate == LVS__FATE_END))
			return LVS_REASON_DEST_GONE;
	}
	if (conn == NULL) {
		reason = introduce(b, &conn, packet, w, now);
		if (reason != LVS_REASON_FORWARDED)
			return reason;
	} else if (lvs__unlikely(lvs__ttl(packet->data + packet->offset,
					  t->family) <= 1)) {
		return LVS_REASON_TTL;
	}
	packet->conn = lvs__conn_handle(b->table, conn);
	touch(b, conn, direction, &w->header, now);
	return direction == LVS_FROM_CLIENT
		       ? conn->forward->in(conn, lvs__conn_six(b->table, conn),
					   packet, &w->header)
		       : conn->forward->out(conn, lvs__conn_six(b->table, conn),
					    packet, &w->header);
}

/* ---- the verdict */

static void settle(struct lvs_balancer *b, struct lvs_packet *packet,
		   struct lvs__work *w, uint64_t now)
{
	int reason = w->reason;

	packet->conn = 0;
	if (lvs__likely(reason == LVS_REASON_FORWARDED))
		reason = serve(b, packet, w, now);
	packet->reason = (uint32_t)reason;
	lvs__count_add(&b->reasons[reason], 1);
	if (lvs__likely(reason <= LVS_REASON_REPLIED)) {
		packet->verdict = LVS_FORWARD;
		return;
	}
	packet->verdict = (uint32_t)lvs_reason_verdict(reason);
	packet->next_hop.family = LVS_FAMILY_NONE;
	if (packet->verdict == LVS_DROP)
		lvs__balancer_answer(b, reason, packet, &w->header, now);
}

static void serve_piece(struct lvs_balancer *b, struct lvs_packet *packets,
			size_t count, uint64_t now)
{
	struct lvs__work *work = b->work;

	for (size_t i = 0; i < count; i++)
		parse(b->table, &packets[i], &work[i]);
	for (size_t i = 0; i < count; i++)
		if (lvs__likely(work[i].reason == LVS_REASON_FORWARDED))
			work[i].hint =
				lvs__table_hint(b->table, work[i].tag,
						work[i].header.tuple.family);
	for (size_t i = 0; i < count; i++)
		settle(b, &packets[i], &work[i], now);
}

LVS_EXPORT int lvs_balancer_batch(struct lvs_balancer *balancer,
				  struct lvs_packet *packets, size_t count,
				  uint64_t now)
{
	if (balancer == NULL || (packets == NULL && count > 0))
		return -EINVAL;
	lvs__balancer_adopt(balancer);
	lvs__count_add(&balancer->in, count);
	while (count > 0) {
		size_t piece = count < LVS_BATCH ? count : LVS_BATCH;

		serve_piece(balancer, packets, piece, now);
		packets += piece;
		count -= piece;
	}
	return 0;
}

LVS_EXPORT int lvs_balancer_input(struct lvs_balancer *balancer,
				  struct lvs_outcome *outcome, uint8_t *buffer,
				  uint32_t offset, uint32_t length,
				  uint32_t capacity, uint64_t now)
{
	struct lvs_packet packet = {
		.data = buffer,
		.offset = offset,
		.length = length,
		.capacity = capacity,
	};
	int result;

	if (outcome == NULL || buffer == NULL || offset > capacity ||
	    length > capacity - offset)
		return -EINVAL;
	result = lvs_balancer_batch(balancer, &packet, 1, now);
	if (result < 0)
		return result;
	*outcome = (struct lvs_outcome){
		.verdict = packet.verdict,
		.reason = packet.reason,
		.offset = packet.offset,
		.length = packet.length,
		.conn = packet.conn,
		.next_hop = packet.next_hop,
	};
	return 0;
}

/* ---- the first two steps alone */

LVS_PRIVATE bool lvs__balancer_knows(const struct lvs_balancer *balancer,
				     const uint8_t *packet, size_t length,
				     uint64_t now)
{
	const struct lvs_table *table = balancer->table;
	struct lvs__header header = {0};
	int direction;

	if (length > UINT32_MAX ||
	    lvs__parse(&header, packet, (uint32_t)length) !=
		    LVS_REASON_FORWARDED)
		return false;
	return lvs__table_walk(table, &direction, &header.tuple,
			       lvs__table_tag(table, &header.tuple),
			       now) != NULL;
}
