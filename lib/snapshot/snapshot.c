/*
 * Snapshots: what a catalog holds at one moment, for the packet path.
 *
 * Compiling costs one step a service: a plan that did not change is shared
 * with the snapshot before.
 */
#include "snapshot/catalog.h"

#include <stdlib.h>

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
	for (uint32_t i = 0; i <= snapshot->plans.mask; i++)
		lvs__plan_put(snapshot->plans.slots[i].value);
	lvs__endpoint_index_fini(&snapshot->plans);
	free(snapshot);
}

/* An empty snapshot with room for all services. */
static struct lvs__snapshot *new_snapshot(const struct lvs__catalog *catalog)
{
	const struct lvs__services *services = catalog->services;
	struct lvs__snapshot *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	if (lvs__endpoint_index_init(&s->plans, services->index.count,
				     &services->index.secret) != 0) {
		free(s);
		return NULL;
	}
	memcpy(s->timeouts, catalog->timeouts, sizeof(s->timeouts));
	return s;
}

static int add_plan(struct lvs__snapshot *snapshot, struct lvs_service *service)
{
	struct lvs__endpoint_key key;
	struct lvs__plan *plan;
	int error = lvs__plan_get(&plan, service);

	if (error != 0)
		return error;
	lvs__service_endpoint(&key, service);
	return lvs__endpoint_index_add(&snapshot->plans, &key, plan);
}

/* From now on snapshots do not show what was removed. */
static void stamp_removed(struct lvs__catalog *catalog, uint64_t version)
{
	struct lvs__list *node, *save;

	for (size_t i = 0; i < LVS__GRAVEYARDS; i++)
		lvs__list_for_each (node, save, &catalog->graveyards[i])
			if (dest_of(node)->removed_version == UINT64_MAX)
				dest_of(node)->removed_version = version;
	lvs__list_for_each (node, save, &catalog->removed_services)
		if (service_of(node)->removed_version == UINT64_MAX)
			service_of(node)->removed_version = version;
}

LVS_PRIVATE int lvs__catalog_compile(struct lvs__catalog *catalog,
				     const struct lvs__snapshot **snapshot)
{
	struct lvs__snapshot *s = new_snapshot(catalog);
	struct lvs_service *service = NULL;

	if (s == NULL)
		return -ENOMEM;
	while ((service = lvs__services_next(catalog->services, service)) !=
	       NULL) {
		if (add_plan(s, service) != 0) {
			lvs__snapshot_free(s);
			return -ENOMEM;
		}
	}
	s->version = ++catalog->version;
	stamp_removed(catalog, s->version);
	lvs__list_append(&catalog->snapshots, &s->node);
	*snapshot = s;
	return 0;
}
