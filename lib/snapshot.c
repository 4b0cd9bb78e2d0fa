/*
 * Snapshots: what a catalog holds at one moment, for the packet path.
 *
 * Compiling costs one step a service: a plan that did not change is shared
 * with the snapshot before.
 */
#include "snapshot.h"

#include <stdlib.h>
#include <string.h>

static struct lvs_service *service_of(struct lvs__list *node)
{
	return lvs__list_entry(node, struct lvs_service, node);
}

static struct lvs_dest *dest_of(struct lvs__list *node)
{
	return lvs__list_entry(node, struct lvs_dest, node);
}

void lvs__snapshot_free(struct lvs__snapshot *snapshot)
{
	for (uint32_t i = 0; i <= snapshot->mask; i++)
		lvs__plan_put(snapshot->index[i]);
	free(snapshot->index);
	free(snapshot);
}

static void index_plan(struct lvs__snapshot *snapshot, struct lvs__plan *plan)
{
	uint32_t i = (uint32_t)lvs__plan_key_hash(&plan->key, &snapshot->key);

	for (i &= snapshot->mask; snapshot->index[i] != NULL;)
		i = (i + 1) & snapshot->mask;
	snapshot->index[i] = plan;
	snapshot->count++;
}

/* An empty snapshot with room for `count` services, half of it free. */
static struct lvs__snapshot *new_snapshot(const struct lvs__catalog *catalog,
					  uint32_t count)
{
	struct lvs__snapshot *s = calloc(1, sizeof(*s));
	size_t size = 2;

	if (s == NULL)
		return NULL;
	while (size < (size_t)count * 2)
		size *= 2;
	s->index = calloc(size, sizeof(s->index[0]));
	if (s->index == NULL) {
		free(s);
		return NULL;
	}
	s->mask = (uint32_t)(size - 1);
	s->key = catalog->key;
	memcpy(s->timeouts, catalog->timeouts, sizeof(s->timeouts));
	return s;
}

/* From now on snapshots do not show what was removed. */
static void stamp_removed(struct lvs__catalog *catalog, uint64_t version)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, &catalog->removed_dests)
		if (dest_of(node)->removed_version == UINT64_MAX)
			dest_of(node)->removed_version = version;
	lvs__list_for_each (node, save, &catalog->removed_services)
		if (service_of(node)->removed_version == UINT64_MAX)
			service_of(node)->removed_version = version;
}

LVS_PRIVATE int lvs__catalog_compile(struct lvs__catalog *catalog,
				     const struct lvs__snapshot **snapshot)
{
	struct lvs__snapshot *s = new_snapshot(catalog, catalog->service_count);
	struct lvs__list *node, *save;

	if (s == NULL)
		return -ENOMEM;
	lvs__list_for_each (node, save, &catalog->services) {
		struct lvs__plan *plan;

		if (lvs__plan_get(&plan, service_of(node)) != 0) {
			lvs__snapshot_free(s);
			return -ENOMEM;
		}
		index_plan(s, plan);
	}
	s->version = ++catalog->version;
	stamp_removed(catalog, s->version);
	lvs__list_append(&catalog->snapshots, &s->node);
	*snapshot = s;
	return 0;
}

LVS_PRIVATE const struct lvs__plan *lvs__snapshot_find(
	const struct lvs__snapshot *snapshot, const struct lvs__tuple *tuple)
{
	struct lvs__plan_key key;
	const struct lvs__plan *plan;
	uint32_t i;

	lvs__plan_key_set(&key, tuple->family, tuple->protocol,
			  tuple->destination_port, tuple->destination);
	i = (uint32_t)lvs__plan_key_hash(&key, &snapshot->key) & snapshot->mask;
	/* half of the index is free, so the walk ends */
	while ((plan = snapshot->index[i]) != NULL) {
		if (lvs__plan_key_same(&key, &plan->key))
			return plan;
		i = (i + 1) & snapshot->mask;
	}
	return NULL;
}
