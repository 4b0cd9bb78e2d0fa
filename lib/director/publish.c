/*
 * From the catalog to the workers, and from the services to the host.
 *
 * A worker swaps snapshots between two batches and thereby says that it has
 * let go of the older ones; what the slowest worker has let go of is freed.
 */
#include "director/director.h"

#include <stdlib.h>
#include <string.h>

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

/* ---- claims */

static size_t count_claims(const struct lvs_director *director)
{
	const struct lvs__live *live = NULL;
	size_t count = 0;

	while ((live = lvs__live_next(director, live)) != NULL)
		count += 1 + live->service->dest_count;
	return count;
}

static void claim_live(struct lvs_claim *claims, size_t *count,
		       const struct lvs__live *live)
{
	const struct lvs_service *service = live->service;
	struct lvs__list *node, *save;

	claims[(*count)++] = (struct lvs_claim){
		.kind = LVS_CLAIM_VIRTUAL,
		.protocol = service->protocol,
		.port = service->port,
		.addr = service->addr,
	};
	lvs__list_for_each (node, save, &live->dests) {
		const struct lvs_dest *dest =
			lvs__list_entry(node, struct lvs__live_dest, node)
				->dest;

		claims[(*count)++] = (struct lvs_claim){
			.kind = LVS_CLAIM_SERVER,
			.protocol = service->protocol,
			.method = dest->method,
			.port = dest->port,
			.addr = dest->addr,
		};
	}
}

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct lvs_claim));
}

/* A server behind many services is one claim. */
static size_t unique(struct lvs_claim *claims, size_t count)
{
	size_t kept = 0;

	qsort(claims, count, sizeof(*claims), compare);
	for (size_t i = 0; i < count; i++)
		if (kept == 0 || compare(&claims[kept - 1], &claims[i]) != 0)
			claims[kept++] = claims[i];
	return kept;
}

int lvs__director_claim(struct lvs_director *director, char *message,
			size_t size)
{
	const struct lvs__live *live = NULL;
	struct lvs_claim *claims;
	size_t count = 0;
	int error;

	if (director->backend == NULL)
		return 0;
	claims = calloc(count_claims(director) + 1, sizeof(*claims));
	if (claims == NULL)
		return lvs__message_error(message, size, -ENOMEM, NULL);
	while ((live = lvs__live_next(director, live)) != NULL)
		claim_live(claims, &count, live);
	error = lvs_backend_claim(director->backend, claims,
				  unique(claims, count), message, size);
	free(claims);
	return error < 0 ? error : 0;
}
