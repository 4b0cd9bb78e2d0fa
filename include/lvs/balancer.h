/*
 * liblvs: the balancer. Packets go in; verdicts and rewritten packets come
 * out.
 *
 * It owns no thread, reads no clock, opens no socket, prints nothing. After
 * lvs_balancer_commit() the packet path allocates nothing.
 */
#ifndef LVS_BALANCER_H
#define LVS_BALANCER_H

#include <lvs/conn.h>
#include <lvs/packet.h>
#include <lvs/service.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lvs_balancer;

/* What lvs_balancer_input() says; the rewritten packet is in the buffer. */
struct lvs_outcome {
	uint32_t verdict; /* enum lvs_verdict */
	uint32_t reason;  /* enum lvs_reason */
	uint32_t offset;  /* where the packet now begins */
	uint32_t length;  /* its bytes */
	uint64_t conn;	  /* the connection's handle, 0 for none */
	struct lvs_addr next_hop;
};

/*
 * in + originated = forwarded + passed + dropped + held + popped + queued,
 * always.
 */
struct lvs_balancer_stats {
	uint64_t in;	     /* packets that were given */
	uint64_t originated; /* packets that the balancer made itself */
	uint64_t forwarded;
	uint64_t passed;
	uint64_t dropped;
	uint64_t held;
	uint64_t popped;  /* originated ones that were fetched */
	uint64_t queued;  /* originated ones that wait to be fetched */
	uint64_t conns;	  /* connections in the table now */
	uint64_t evicted; /* connections ended early for want of room */
	uint64_t expired; /* connections that ended by their timeout */
};

/*
 * A balancer for at most `max_conns` connections (0: 2^20); `flags` as
 * lvs_table_new(). 0, -EINVAL or -ENOMEM.
 */
int lvs_balancer_new(struct lvs_balancer **balancer, uint32_t max_conns,
		     uint32_t flags);

/* Ends a balancer, its services and connections. NULL is allowed. */
void lvs_balancer_free(struct lvs_balancer *balancer);

/*
 * Gives a service to the balancer, which owns it from then on (not on
 * failure). It serves from the next commit.
 * 0, -EINVAL: no address or no scheduler was set, or a dest has no address, no
 * port or another family; -EEXIST: the address, port and protocol are there;
 * -EBUSY: a parent holds it, or connections of its own lead to its dests, or
 * the balancer is a director's (lvs_worker_balancer()), which has its services
 * from there; -ENOMEM.
 */
int lvs_balancer_add_service(struct lvs_balancer *balancer,
			     struct lvs_service *service);

/*
 * Removes a service and ends it; from the next commit on it is not served.
 * 0; -ENOENT: not a service of this balancer; -EBUSY: a director's balancer.
 */
int lvs_balancer_remove_service(struct lvs_balancer *balancer,
				struct lvs_service *service);

/* The service with this address, NULL if there is none. */
struct lvs_service *lvs_balancer_find_service(
	const struct lvs_balancer *balancer, const struct lvs_addr *addr,
	uint16_t port, int protocol);

/* Walks the services: the first for NULL, NULL at the end. */
struct lvs_service *lvs_balancer_next_service(
	const struct lvs_balancer *balancer, const struct lvs_service *service);

/*
 * Makes all changes to services and dests since the last commit take effect,
 * at once and together. 0; -ENOMEM: the old ones stay in effect; -EBUSY: a
 * director's balancer.
 */
int lvs_balancer_commit(struct lvs_balancer *balancer);

/*
 * One packet in a plain buffer of `capacity` bytes: the IP packet is `length`
 * bytes at buffer + offset; at least LVS_HEADROOM bytes in front.
 * 0 with `outcome` filled, or -EINVAL: NULL, or the packet is not inside the
 * buffer.
 */
int lvs_balancer_input(struct lvs_balancer *balancer,
		       struct lvs_outcome *outcome, uint8_t *buffer,
		       uint32_t offset, uint32_t length, uint32_t capacity,
		       uint64_t now);

/*
 * `count` packets at once: prefetched, so faster. Every packet's verdict,
 * reason, conn and next_hop are filled; one that is not inside its buffer is
 * dropped as LVS_REASON_HEADROOM. `data` must not be NULL. 0 or -EINVAL.
 */
int lvs_balancer_batch(struct lvs_balancer *balancer,
		       struct lvs_packet *packets, size_t count, uint64_t now);

/*
 * Fetches a packet that the balancer made itself (an ICMP error, a reset) into
 * a buffer of `capacity` bytes, LVS_HEADROOM in front of it; 704 always
 * suffice.
 * 1 with `outcome` filled, 0: none waits; -EINVAL; -ENOBUFS: does not fit, it
 * waits.
 */
int lvs_balancer_pop(struct lvs_balancer *balancer, struct lvs_outcome *outcome,
		     uint8_t *buffer, uint32_t capacity);

/*
 * Does the work of timers, at most `budget` connections (0: 1024).
 * How many, or -EINVAL.
 */
int lvs_balancer_dispatch(struct lvs_balancer *balancer, uint64_t now,
			  uint32_t budget);

/* When lvs_balancer_dispatch() next has work; UINT64_MAX for never. */
uint64_t lvs_balancer_deadline(const struct lvs_balancer *balancer);

/*
 * Says in words, a line a step, what lvs_balancer_input() would do with this
 * packet and which step decides it. No connection, counter, timeout or turn of
 * a scheduler changes. (A packet that uses a closing connection's port again
 * ends that one before the pick; here the pick still counts it at its dest.)
 * The length of the whole text (`>= size`: cut), or -EINVAL.
 */
int lvs_balancer_explain(struct lvs_balancer *balancer, char *text, size_t size,
			 const uint8_t *packet, size_t length, uint64_t now);

/* The connections, as lvs_table_next() walks them. */
int lvs_balancer_next_conn(const struct lvs_balancer *balancer,
			   uint64_t *cursor, struct lvs_flow *flow, size_t size,
			   uint64_t now);

/* As lvs_table_set_timeout(); -EBUSY: a director's balancer. */
int lvs_balancer_set_timeout(struct lvs_balancer *balancer, int state,
			     uint64_t milliseconds);

/* Fills the statistics; `size` is sizeof(struct lvs_balancer_stats). 0 or
 * -EINVAL. */
int lvs_balancer_stats(const struct lvs_balancer *balancer,
		       struct lvs_balancer_stats *stats, size_t size);

/*
 * Fills counts[i] with the packets of reason i, for i < count.
 * How many reasons there are, or -EINVAL.
 */
int lvs_balancer_reasons(const struct lvs_balancer *balancer, uint64_t *counts,
			 size_t count);

#ifdef __cplusplus
}
#endif
#endif
