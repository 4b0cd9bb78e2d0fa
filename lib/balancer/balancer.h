/*
 * A balancer from the inside: what its three files share, and what a director
 * does with one.
 */
#ifndef LVS__BALANCER_H
#define LVS__BALANCER_H

#include <lvs/balancer.h>

#include <arpa/inet.h>
#include <string.h>

#include "conn/index.h"
#include "snapshot/catalog.h"

/* Packets that the balancer makes itself wait in a ring until popped. */
#define LVS__OWN_PACKETS 64
#define LVS__OWN_SIZE 608  /* RFC 1812: an ICMP error has 576 bytes at most */
#define LVS__OWN_BURST 256 /* may be made at once; then one a millisecond */

struct lvs__own {
	uint8_t bytes[LVS__OWN_SIZE];
	uint32_t length;
	struct lvs_addr next_hop;
};

/* A packet between the steps of the path. */
struct lvs__work {
	struct lvs__header header;
	uint64_t hint;
	uint32_t tag;
	int reason; /* what parsing said */
};

struct lvs_balancer {
	struct lvs_table *table;
	struct lvs__work *work;		      /* LVS_BATCH of them */
	const struct lvs__snapshot *snapshot; /* in use; NULL: none yet */
	uint32_t lane; /* which worker's cursors and counters are ours */
	bool alone;    /* it owns its services: `catalog` is used */

	/* counters: one writer, any readers */
	uint64_t in;
	uint64_t originated;
	uint64_t popped;
	uint64_t resets; /* to SYNs, from any dest */
	uint64_t reasons[LVS_REASONS];

	/* shared with a director's thread */
	const struct lvs__snapshot *published LVS__ALIGNED; /* __atomic */
	uint64_t seen; /* __atomic: the version of `snapshot` */

	struct lvs__own *own; /* ring of LVS__OWN_PACKETS */
	uint64_t own_tokens;
	uint64_t own_time; /* ms, when tokens were last added */

	struct lvs__catalog catalog;
};

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

/* What a scheduler may choose by. */
void lvs__balancer_key(struct lvs_key *key, const struct lvs__tuple *t);

/* Takes over a snapshot that was published. */
void lvs__balancer_adopt(struct lvs_balancer *balancer);

/* Answers a packet that was dropped for `reason`, where RFCs want that. */
void lvs__balancer_answer(struct lvs_balancer *balancer, int reason,
			  const struct lvs_packet *packet,
			  const struct lvs__header *header, uint64_t now);

/*
 * A balancer that owns no services: it works on snapshots that a director
 * publishes, as worker `lane`. Errors as lvs_balancer_new().
 */
LVS_PRIVATE int lvs__balancer_new_lane(struct lvs_balancer **balancer,
				       uint32_t max_conns, uint32_t flags,
				       uint32_t lane);

/* Any thread: the snapshot to use from the next batch or dispatch on. */
LVS_PRIVATE void lvs__balancer_publish(struct lvs_balancer *balancer,
				       const struct lvs__snapshot *snapshot);

/* Its own thread: how many SYNs a dest has answered with a reset. */
LVS_PRIVATE uint64_t lvs__balancer_resets(const struct lvs_balancer *balancer);

/* Its own thread: the packet belongs to a connection that is here. */
LVS_PRIVATE bool lvs__balancer_knows(const struct lvs_balancer *balancer,
				     const uint8_t *packet, size_t length,
				     uint64_t now);

/* Any thread: the version of the snapshot in use; 0: none yet. */
LVS_PRIVATE uint64_t lvs__balancer_seen(const struct lvs_balancer *balancer);

#endif
