/*
 * The steps of the packet path that explain takes as well: whether the
 * connection that was found goes on, whether a packet may open one, what the
 * connection would be, and what a refusal means.
 */
#ifndef LVS__STEPS_H
#define LVS__STEPS_H

#include <arpa/inet.h>
#include <string.h>

#include "balancer/balancer.h"
#include "forward/forward.h"

/* 1: a packet that may open a connection (not asked of replies). */
LVS__INLINE bool lvs__tuple_opens(const struct lvs__tuple *t)
{
	return t->protocol != LVS_TCP ||
	       (t->tcp_flags & (LVS_TCP_SYN | LVS_TCP_RST)) == LVS_TCP_SYN;
}

/* What becomes of the connection that a packet belongs to. */
enum lvs__fate {
	LVS__FATE_KEEP = 0,  /* it goes on */
	LVS__FATE_RENEW = 1, /* it ends; the packet opens another */
	LVS__FATE_DROP = 2,  /* its dest is gone: the packet is dropped */
	LVS__FATE_END = 3    /* the same, and it ends */
};

/*
 * A new SYN on a connection that is closing is a client that uses its port
 * again: it is scheduled anew, as is a SYN, or any UDP packet, that would go
 * to a removed dest, and UDP that would go to a dead one. The rest for a
 * removed dest is dropped; the dest may be added again.
 */
LVS__INLINE enum lvs__fate lvs__conn_fate(const struct lvs__conn *conn,
					  int direction,
					  const struct lvs__tuple *t)
{
	const struct lvs_dest *dest = conn->dest;
	bool gone = __atomic_load_n(&dest->mark.gone, __ATOMIC_RELAXED) != 0;
	bool down = __atomic_load_n(&dest->mark.down, __ATOMIC_RELAXED) != 0;
	bool opens;

	if (lvs__likely(!gone && !down && (t->tcp_flags & LVS_TCP_SYN) == 0))
		return LVS__FATE_KEEP;
	if (direction != LVS_FROM_CLIENT)
		return LVS__FATE_KEEP;
	opens = lvs__tuple_opens(t);
	if (gone && opens &&
	    (t->protocol == LVS_TCP ||
	     __atomic_load_n(&dest->mark.expire_nodest, __ATOMIC_RELAXED)))
		return LVS__FATE_RENEW;
	if (gone)
		return __atomic_load_n(&dest->mark.expire_nodest,
				       __ATOMIC_RELAXED) != 0
			       ? LVS__FATE_END
			       : LVS__FATE_DROP;
	if (t->protocol != LVS_TCP)
		return down ? LVS__FATE_RENEW : LVS__FATE_KEEP;
	if (opens && (conn->state == LVS_STATE_TIME_WAIT ||
		      conn->state == LVS_STATE_CLOSE))
		return LVS__FATE_RENEW;
	return LVS__FATE_KEEP;
}

/* The TTL or hop limit of an IP packet. */
LVS__INLINE uint8_t lvs__ttl(const uint8_t *ip, int family)
{
	return family == LVS_IPV4 ? ip[8] : ip[7];
}

/*
 * Admit: may a packet without a connection open one? `plan` becomes its
 * service's, NULL if none. LVS_REASON_FORWARDED or the reason why not.
 */
LVS__INLINE int lvs__balancer_admit(const struct lvs_balancer *b,
				    const struct lvs__plan **plan,
				    const struct lvs__tuple *t,
				    const uint8_t *ip)
{
	*plan = b->snapshot == NULL ? NULL : lvs__snapshot_find(b->snapshot, t);
	if (*plan == NULL)
		return LVS_REASON_NOT_OURS;
	if (!lvs__tuple_opens(t))
		return LVS_REASON_NO_CONN;
	if (!lvs__tuple_may_travel(t))
		return LVS_REASON_SOURCE;
	return lvs__ttl(ip, t->family) <= 1 ? LVS_REASON_TTL
					    : LVS_REASON_FORWARDED;
}

/* The connection that a packet opens to a dest. */
LVS__INLINE struct lvs__birth lvs__balancer_birth(
	const struct lvs__plan_dest *d, const struct lvs__tuple *t,
	uint32_t tag)
{
	struct lvs__birth birth = {
		.tuple = t,
		.tag = tag,
		.dest_port = htons(d->dest->port),
		.method = (uint8_t)d->forward->method,
		.two_way = d->forward->two_way,
		.dest = d->dest,
		.forward = d->forward,
	};

	memcpy(birth.dest_addr, d->dest->addr.bytes, sizeof(birth.dest_addr));
	return birth;
}

/* What the table's refusal of a connection means for its packet. */
LVS__INLINE int lvs__balancer_refusal(int error)
{
	return error == -EEXIST ? LVS_REASON_CONFLICT : LVS_REASON_TABLE_FULL;
}

#endif
