/*
 * The node's numbers: sums over workers, and their zero.
 *
 * Workers only count up. Zero is what readers subtract, so that no worker is
 * ever disturbed.
 */
#include "director/director.h"

#include <string.h>

#include "director/worker.h"

LVS_EXPORT int lvs_director_balancer_stats(const struct lvs_director *director,
					   uint32_t index,
					   struct lvs_balancer_stats *stats,
					   size_t size)
{
	if (director == NULL || stats == NULL)
		return -EINVAL;
	if (index >= director->worker_count)
		return -ENOENT;
	return lvs_balancer_stats(director->workers[index]->balancer, stats,
				  size);
}

LVS_EXPORT int lvs_director_lane_stats(const struct lvs_director *director,
				       uint32_t index,
				       struct lvs_lane_stats *stats,
				       size_t size)
{
	static const struct lvs_lane_stats none;
	const struct lvs_lane *lane;

	if (director == NULL || stats == NULL)
		return -EINVAL;
	if (index >= director->worker_count)
		return -ENOENT;
	lane = director->workers[index]->lane;
	return lane != NULL ? lvs_lane_stats(lane, stats, size)
			    : lvs__give(stats, size, &none, sizeof(none));
}

/* What was lost after the balancer had forwarded it. */
static void add_lane(uint64_t *sums, const struct lvs_lane *lane)
{
	struct lvs_lane_stats stats = {0};

	if (lane == NULL || lvs_lane_stats(lane, &stats, sizeof(stats)) < 0)
		return;
	sums[LVS_REASON_NO_ROUTE] += stats.no_route;
	sums[LVS_REASON_NO_NEIGHBOUR] += stats.no_neighbour;
	sums[LVS_REASON_TOO_BIG] += stats.too_big;
	sums[LVS_REASON_SEND] += stats.send_failed;
}

static void sum_reasons(const struct lvs_director *director, uint64_t *sums)
{
	uint64_t counts[LVS_REASONS];

	memset(sums, 0, LVS_REASONS * sizeof(*sums));
	for (uint32_t i = 0; i < director->worker_count; i++) {
		const struct lvs_worker *worker = director->workers[i];

		if (lvs_balancer_reasons(worker->balancer, counts,
					 LVS_REASONS) < 0)
			continue;
		for (size_t r = 0; r < LVS_REASONS; r++)
			sums[r] += counts[r];
		add_lane(sums, worker->lane);
	}
}

LVS_EXPORT int lvs_director_reasons(const struct lvs_director *director,
				    uint64_t *counts, size_t count)
{
	uint64_t sums[LVS_REASONS];

	if (director == NULL || (counts == NULL && count > 0))
		return -EINVAL;
	sum_reasons(director, sums);
	for (size_t i = 0; i < count && i < LVS_REASONS; i++)
		counts[i] = sums[i] - director->reasons_zero[i];
	return LVS_REASONS;
}

LVS_EXPORT int lvs_director_zero(struct lvs_director *director,
				 const struct lvs_service *service)
{
	struct lvs_service *next = NULL;
	bool found = false;

	if (director == NULL)
		return -EINVAL;
	while ((next = lvs__services_next(director->catalog.services, next)) !=
	       NULL) {
		if (service != NULL && service != next)
			continue;
		lvs__service_zero(next);
		found = true;
	}
	if (service == NULL)
		sum_reasons(director, director->reasons_zero);
	return service == NULL || found ? 0 : -ENOENT;
}
