/*
 * A balancer's life: made, given services, asked for its numbers, ended; and
 * what it says on its own behalf.
 *
 * Alone, it owns a catalog and is its own control thread: commit compiles a
 * snapshot and adopts it at once. Under a director the catalog is the
 * director's; the snapshot arrives by pointer and is adopted before a batch.
 */
#include "balancer/balancer.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "forward/forward.h"

#define DEFAULT_BUDGET 1024

LVS_PRIVATE int lvs__balancer_new_lane(struct lvs_balancer **balancer,
				       uint32_t max_conns, uint32_t flags,
				       uint32_t lane)
{
	struct lvs_balancer *b;
	int result;

	if (balancer == NULL)
		return -EINVAL;
	b = aligned_alloc(LVS__LINE, sizeof(*b));
	if (b == NULL)
		return -ENOMEM;
	memset(b, 0, sizeof(*b));
	b->lane = lane;
	b->own_tokens = LVS__OWN_BURST;
	b->own = calloc(LVS__OWN_PACKETS, sizeof(*b->own));
	b->work = calloc(LVS_BATCH, sizeof(*b->work));
	result = b->own == NULL || b->work == NULL
			 ? -ENOMEM
			 : lvs_table_new(&b->table,
					 max_conns == 0 ? LVS__DEFAULT_CONNS
							: max_conns,
					 flags);
	if (result < 0) {
		lvs_balancer_free(b);
		return result;
	}
	*balancer = b;
	return 0;
}

LVS_EXPORT int lvs_balancer_new(struct lvs_balancer **balancer,
				uint32_t max_conns, uint32_t flags)
{
	struct lvs_balancer *b;
	int result = balancer == NULL
			     ? -EINVAL
			     : lvs__balancer_new_lane(&b, max_conns, flags, 0);

	if (result < 0)
		return result;
	result = lvs__catalog_init(&b->catalog, 1);
	if (result < 0) {
		lvs_balancer_free(b);
		return result;
	}
	b->alone = true;
	*balancer = b;
	return 0;
}

LVS_EXPORT void lvs_balancer_free(struct lvs_balancer *balancer)
{
	if (balancer == NULL)
		return;
	/* connections let go of their dests, so they end first */
	lvs_table_free(balancer->table);
	if (balancer->alone)
		lvs__catalog_fini(&balancer->catalog);
	free(balancer->work);
	free(balancer->own);
	free(balancer);
}

/* ---- services */

LVS_EXPORT int lvs_balancer_add_service(struct lvs_balancer *balancer,
					struct lvs_service *service)
{
	if (balancer == NULL || service == NULL)
		return -EINVAL;
	if (!balancer->alone)
		return -EBUSY;
	return lvs__catalog_add(&balancer->catalog, service);
}

LVS_EXPORT int lvs_balancer_remove_service(struct lvs_balancer *balancer,
					   struct lvs_service *service)
{
	if (balancer == NULL || service == NULL)
		return -EINVAL;
	if (!balancer->alone)
		return -EBUSY;
	return lvs__catalog_remove(&balancer->catalog, service);
}

LVS_EXPORT struct lvs_service *lvs_balancer_find_service(
	const struct lvs_balancer *balancer, const struct lvs_addr *addr,
	uint16_t port, int protocol)
{
	if (balancer == NULL || addr == NULL || !balancer->alone)
		return NULL;
	return lvs__services_find(balancer->catalog.services, addr, port,
				  protocol);
}

LVS_EXPORT struct lvs_service *lvs_balancer_next_service(
	const struct lvs_balancer *balancer, const struct lvs_service *service)
{
	if (balancer == NULL || !balancer->alone)
		return NULL;
	return lvs__services_next(balancer->catalog.services, service);
}

LVS_EXPORT int lvs_balancer_commit(struct lvs_balancer *balancer)
{
	const struct lvs__snapshot *snapshot;
	int result;

	if (balancer == NULL)
		return -EINVAL;
	if (!balancer->alone)
		return -EBUSY;
	result = lvs__catalog_compile(&balancer->catalog, &snapshot);
	if (result < 0)
		return result;
	lvs__balancer_publish(balancer, snapshot);
	lvs__balancer_adopt(balancer);
	lvs__catalog_sweep(&balancer->catalog, snapshot->version);
	return 0;
}

/* ---- snapshots */

LVS_PRIVATE void lvs__balancer_publish(struct lvs_balancer *balancer,
				       const struct lvs__snapshot *snapshot)
{
	__atomic_store_n(&balancer->published, snapshot, __ATOMIC_RELEASE);
}

LVS_PRIVATE uint64_t lvs__balancer_seen(const struct lvs_balancer *balancer)
{
	return __atomic_load_n(&balancer->seen, __ATOMIC_ACQUIRE);
}

LVS_PRIVATE uint64_t lvs__balancer_resets(const struct lvs_balancer *balancer)
{
	return balancer->resets;
}

void lvs__balancer_adopt(struct lvs_balancer *balancer)
{
	const struct lvs__snapshot *snapshot =
		__atomic_load_n(&balancer->published, __ATOMIC_ACQUIRE);

	if (lvs__likely(snapshot == balancer->snapshot))
		return;
	balancer->snapshot = snapshot;
	memcpy(balancer->table->timeouts, snapshot->timeouts,
	       sizeof(snapshot->timeouts));
	__atomic_store_n(&balancer->seen, snapshot->version, __ATOMIC_RELEASE);
}

/* ---- what the balancer says itself */

/* One answer a millisecond, with a burst: a flood is not answered in full. */
static bool may_answer(struct lvs_balancer *b, uint64_t now)
{
	if (now > b->own_time) {
		b->own_tokens += now - b->own_time;
		if (b->own_tokens > LVS__OWN_BURST)
			b->own_tokens = LVS__OWN_BURST;
		b->own_time = now;
	}
	if (b->own_tokens == 0 || b->originated - b->popped >= LVS__OWN_PACKETS)
		return false;
	b->own_tokens--;
	return true;
}

void lvs__balancer_answer(struct lvs_balancer *balancer, int reason,
			  const struct lvs_packet *packet,
			  const struct lvs__header *header, uint64_t now)
{
	struct lvs__own *own =
		&balancer->own[balancer->originated % LVS__OWN_PACKETS];
	const uint8_t *ip = packet->data + packet->offset;
	size_t length = 0;

	if ((reason != LVS_REASON_NO_DEST && reason != LVS_REASON_NO_CONN &&
	     reason != LVS_REASON_TTL) ||
	    !may_answer(balancer, now))
		return;
	if (reason == LVS_REASON_NO_DEST)
		length = lvs__icmp_unreachable(own->bytes, LVS__OWN_SIZE, ip,
					       packet->length);
	else if (reason == LVS_REASON_TTL)
		length = lvs__icmp_exceeded(own->bytes, LVS__OWN_SIZE, ip,
					    packet->length);
	else
		length = lvs__tcp_reset(own->bytes, LVS__OWN_SIZE, ip,
					packet->length, header);
	if (length == 0)
		return;
	own->length = (uint32_t)length;
	lvs__tuple_source(&header->tuple, &own->next_hop);
	lvs__count_add(&balancer->originated, 1);
}

LVS_EXPORT int lvs_balancer_pop(struct lvs_balancer *balancer,
				struct lvs_outcome *outcome, uint8_t *buffer,
				uint32_t capacity)
{
	const struct lvs__own *own;

	if (balancer == NULL || outcome == NULL || buffer == NULL)
		return -EINVAL;
	if (balancer->originated == balancer->popped)
		return 0;
	own = &balancer->own[balancer->popped % LVS__OWN_PACKETS];
	if (capacity < LVS_HEADROOM || capacity - LVS_HEADROOM < own->length)
		return -ENOBUFS;
	memcpy(buffer + LVS_HEADROOM, own->bytes, own->length);
	*outcome = (struct lvs_outcome){
		.verdict = LVS_FORWARD,
		.reason = LVS_REASON_REPLIED,
		.offset = LVS_HEADROOM,
		.length = own->length,
		.next_hop = own->next_hop,
	};
	lvs__count_add(&balancer->popped, 1);
	return 1;
}

/* ---- timers */

LVS_EXPORT int lvs_balancer_dispatch(struct lvs_balancer *balancer,
				     uint64_t now, uint32_t budget)
{
	uint32_t steps = budget == 0 ? DEFAULT_BUDGET : budget;

	if (balancer == NULL)
		return -EINVAL;
	lvs__balancer_adopt(balancer);
	if (balancer->alone &&
	    lvs__catalog_estimate(&balancer->catalog, now) == 1 &&
	    balancer->snapshot != NULL)
		lvs__catalog_sweep(&balancer->catalog,
				   balancer->snapshot->version);
	return (int)lvs__table_reap(balancer->table, now, &steps);
}

LVS_EXPORT uint64_t lvs_balancer_deadline(const struct lvs_balancer *balancer)
{
	uint64_t deadline;

	if (balancer == NULL)
		return UINT64_MAX;
	deadline = lvs_table_deadline(balancer->table);
	if (balancer->alone && lvs_table_count(balancer->table) > 0 &&
	    balancer->catalog.estimate_at < deadline)
		deadline = balancer->catalog.estimate_at;
	return deadline;
}

/* ---- connections, timeouts and numbers */

LVS_EXPORT int lvs_balancer_next_conn(const struct lvs_balancer *balancer,
				      uint64_t *cursor, struct lvs_flow *flow,
				      size_t size, uint64_t now)
{
	if (balancer == NULL)
		return -EINVAL;
	return lvs_table_next(balancer->table, cursor, flow, size, now);
}

LVS_EXPORT int lvs_balancer_set_timeout(struct lvs_balancer *balancer,
					int state, uint64_t milliseconds)
{
	int result;

	if (balancer == NULL)
		return -EINVAL;
	if (!balancer->alone)
		return -EBUSY;
	result = lvs_table_set_timeout(balancer->table, state, milliseconds);
	if (result == 0)
		balancer->catalog.timeouts[state] = (uint32_t)milliseconds;
	return result;
}

static uint64_t by_verdict(const struct lvs_balancer *b, int verdict)
{
	uint64_t sum = 0;

	for (int i = 0; i < LVS_REASONS; i++)
		if (lvs_reason_verdict(i) == verdict)
			sum += lvs__count_get(&b->reasons[i]);
	return sum;
}

LVS_EXPORT int lvs_balancer_stats(const struct lvs_balancer *balancer,
				  struct lvs_balancer_stats *stats, size_t size)
{
	struct lvs_balancer_stats whole;

	if (balancer == NULL || stats == NULL)
		return -EINVAL;
	whole = (struct lvs_balancer_stats){
		.in = lvs__count_get(&balancer->in),
		.originated = lvs__count_get(&balancer->originated),
		.forwarded = by_verdict(balancer, LVS_FORWARD),
		.passed = by_verdict(balancer, LVS_PASS),
		.dropped = by_verdict(balancer, LVS_DROP),
		.held = by_verdict(balancer, LVS_HELD),
		.popped = lvs__count_get(&balancer->popped),
		.conns = lvs_table_count(balancer->table),
		.evicted = lvs__count_get(&balancer->table->evicted),
		.expired = lvs__count_get(&balancer->table->expired),
	};
	whole.queued = whole.originated - whole.popped;
	return lvs__give(stats, size, &whole, sizeof(whole));
}

LVS_EXPORT int lvs_balancer_reasons(const struct lvs_balancer *balancer,
				    uint64_t *counts, size_t count)
{
	if (balancer == NULL || (counts == NULL && count > 0))
		return -EINVAL;
	for (size_t i = 0; i < count && i < LVS_REASONS; i++)
		counts[i] = lvs__count_get(&balancer->reasons[i]);
	return LVS_REASONS;
}
