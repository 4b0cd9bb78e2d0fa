/*
 * A balancer from the inside: what its three files share, and what a director
 * does with one.
 */
#ifndef LVS__BALANCER_H
#define LVS__BALANCER_H

#include <lvs/balancer.h>

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
