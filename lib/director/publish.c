/*
 * From the catalog to the workers.
 *
 * A worker swaps snapshots between two batches and thereby says that it has
 * let go of the older ones; what the slowest worker has let go of is freed.
 */
#include "director/director.h"

#include "balancer/balancer.h"
#include "director/worker.h"

static uint64_t oldest_seen(const struct lvs_director *director)
{
	uint64_t oldest = UINT64_MAX;

	for (uint32_t i = 0; i < director->worker_count; i++) {
		uint64_t seen =
			lvs__balancer_seen(director->workers[i]->balancer);

		if (seen < oldest)
			oldest = seen;
	}
	return oldest;
}

int lvs__director_publish(struct lvs_director *director)
{
	const struct lvs__snapshot *snapshot;
	int error = lvs__catalog_compile(&director->catalog, &snapshot);

	if (error < 0)
		return error;
	for (uint32_t i = 0; i < director->worker_count; i++) {
		lvs__balancer_publish(director->workers[i]->balancer, snapshot);
		lvs__worker_wake(director->workers[i]);
	}
	director->sweep_at = director->now + LVS__SWEEP_POLL;
	return 0;
}

void lvs__director_sweep(struct lvs_director *director)
{
	struct lvs__catalog *catalog = &director->catalog;
	uint64_t oldest = oldest_seen(director);
	int waits = lvs__catalog_sweep(catalog, oldest);

	/* a worker that sees the newest wakes us; connections that end do not
	 */
	if (oldest < catalog->version)
		director->sweep_at = director->now + LVS__SWEEP_POLL;
	else if (waits == 1)
		director->sweep_at = director->now + 10 * LVS__SWEEP_POLL;
	else
		director->sweep_at = UINT64_MAX;
}
