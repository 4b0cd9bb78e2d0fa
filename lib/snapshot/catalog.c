/*
 * Catalogs: services with a parent, and what of them is removed.
 *
 * What is removed is stamped with the first snapshot that does not show it any
 * more; once every worker has seen that one, nobody can come to it by a plan.
 * A dest may still be reached by connections, so it waits until they are gone,
 * or is taken back.
 */
#include "snapshot/catalog.h"

#include <stdlib.h>

#include "conn/table.h"

#define ESTIMATE_EVERY 2000 /* ms */

static struct lvs_service *service_of(struct lvs__list *node)
{
	return lvs__list_entry(node, struct lvs_service, node);
}

static struct lvs_dest *dest_of(struct lvs__list *node)
{
	return lvs__list_entry(node, struct lvs_dest, node);
}

LVS_PRIVATE int lvs__catalog_init(struct lvs__catalog *catalog, uint32_t lanes)
{
	int error;

	if (lanes == 0 || lanes > LVS__MOST_LANES)
		return -EINVAL;
	memset(catalog, 0, sizeof(*catalog));
	error = lvs__services_new(&catalog->services);
	if (error != 0)
		return error;
	catalog->lanes = lanes;
	for (size_t i = 0; i < LVS__GRAVEYARDS; i++)
		lvs__list_init(&catalog->graveyards[i]);
	for (size_t i = 0; i < LVS__GRAVES; i++)
		lvs__list_init(&catalog->graves[i]);
	lvs__list_init(&catalog->removed_services);
	lvs__list_init(&catalog->snapshots);
	memcpy(catalog->timeouts, lvs__timeouts_default,
	       sizeof(catalog->timeouts));
	return 0;
}

/* Those that no snapshot from version `oldest` on shows. */
static void free_dests(struct lvs__list *graveyard, uint64_t oldest,
		       bool loaded)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, graveyard) {
		struct lvs_dest *d = dest_of(node);

		if (d->removed_version > oldest)
			continue;
		/* pairs with the release of the last unbind */
		if (!loaded &&
		    __atomic_load_n(&d->load.conns, __ATOMIC_ACQUIRE) != 0)
			continue;
		lvs__list_remove(node);
		lvs__dest_free(d);
	}
}

/* 1: some are left. */
static int free_removed_dests(struct lvs__catalog *catalog, uint64_t oldest,
			      bool loaded)
{
	int left = 0;

	for (size_t i = 0; i < LVS__GRAVEYARDS; i++) {
		free_dests(&catalog->graveyards[i], oldest, loaded);
		left |= !lvs__list_empty(&catalog->graveyards[i]);
	}
	return left;
}

static void free_removed_services(struct lvs__catalog *catalog, uint64_t oldest)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, &catalog->removed_services) {
		struct lvs_service *s = service_of(node);

		if (s->removed_version > oldest)
			continue;
		lvs__list_remove(node);
		lvs_service_free(s);
	}
}

static void free_snapshots(struct lvs__catalog *catalog, uint64_t oldest)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, &catalog->snapshots) {
		struct lvs__snapshot *s =
			lvs__list_entry(node, struct lvs__snapshot, node);

		if (s->version >= oldest)
			return;
		lvs__list_remove(node);
		lvs__snapshot_free(s);
	}
}

LVS_PRIVATE int lvs__catalog_sweep(struct lvs__catalog *catalog,
				   uint64_t oldest)
{
	int left;

	/* the newest one is in use, or will be */
	if (oldest > catalog->version)
		oldest = catalog->version;
	free_snapshots(catalog, oldest);
	left = free_removed_dests(catalog, oldest, false);
	free_removed_services(catalog, oldest);
	return left || !lvs__list_empty(&catalog->removed_services);
}

LVS_PRIVATE void lvs__catalog_fini(struct lvs__catalog *catalog)
{
	struct lvs_service *service;

	if (catalog->services == NULL)
		return;
	free_snapshots(catalog, UINT64_MAX);
	free_removed_dests(catalog, UINT64_MAX, true);
	free_removed_services(catalog, UINT64_MAX);
	while ((service = lvs__services_next(catalog->services, NULL)) !=
	       NULL) {
		lvs__services_remove(catalog->services, service);
		lvs_service_free(service);
	}
	lvs__services_free(catalog->services);
}

LVS_PRIVATE int lvs__catalog_estimate(struct lvs__catalog *catalog,
				      uint64_t now)
{
	struct lvs_service *service = NULL;

	if (now < catalog->estimate_at)
		return 0;
	catalog->estimate_at = now + ESTIMATE_EVERY;
	while ((service = lvs__services_next(catalog->services, service)) !=
	       NULL)
		lvs__service_estimate(service);
	return 1;
}

/* Whether the service can be balanced: packets must find a way. */
static int check_service(const struct lvs_service *service)
{
	struct lvs__list *node, *save;

	if (service->addr.family == LVS_FAMILY_NONE || service->sched == NULL)
		return -EINVAL;
	lvs__list_for_each (node, save, &service->dests) {
		const struct lvs_dest *d = dest_of(node);

		if (d->addr.family != service->addr.family || d->port == 0)
			return -EINVAL;
		if (lvs__dest_total(d) != 0)
			return -EBUSY;
	}
	return lvs__list_empty(&service->removed) ? 0 : -EBUSY;
}

static struct lvs__list *graveyard_of(struct lvs__catalog *catalog,
				      const struct lvs_service *service)
{
	struct lvs__endpoint_key key;

	lvs__service_endpoint(&key, service);
	return &catalog->graveyards[lvs__endpoint_key_hash(
					    &key,
					    &catalog->services->index.secret) %
				    LVS__GRAVEYARDS];
}

/* Dests of an ended service come back with one of the same address. */
static void take_back(struct lvs_service *service)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, service->graveyard) {
		struct lvs_dest *young, *old = dest_of(node);

		if (!lvs__dest_was_of(old, service))
			continue;
		young = lvs_service_find_dest(service, &old->addr, old->port);
		if (young != NULL)
			lvs__dest_take_back(old, young);
	}
}

LVS_PRIVATE int lvs__catalog_add(struct lvs__catalog *catalog,
				 struct lvs_service *service)
{
	int error;

	if (service == NULL)
		return -EINVAL;
	if (service->parent != NULL)
		return -EBUSY;
	error = check_service(service);
	if (error != 0)
		return error;
	error = lvs__services_add(catalog->services, service);
	if (error != 0)
		return error;
	error = lvs__service_set_lanes(service, catalog->lanes);
	if (error != 0) {
		lvs__services_remove(catalog->services, service);
		return error;
	}
	service->graveyard = graveyard_of(catalog, service);
	service->graves = catalog->graves;
	take_back(service);
	return 0;
}

/* The removed dests of a service that ends: it knows them no more. */
static void orphan_dests(const struct lvs_service *service)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, service->graveyard)
		if (dest_of(node)->service == service)
			dest_of(node)->service = NULL;
}

LVS_PRIVATE int lvs__catalog_remove(struct lvs__catalog *catalog,
				    struct lvs_service *service)
{
	struct lvs__list *node, *save;

	if (service == NULL)
		return -EINVAL;
	if (service->parent != catalog->services)
		return -ENOENT;
	lvs__list_for_each (node, save, &service->dests)
		lvs__dest_bury(dest_of(node));
	orphan_dests(service);
	lvs__services_remove(catalog->services, service);
	service->graveyard = &service->removed;
	service->graves = NULL;
	if (!service->published) {
		lvs_service_free(service);
		return 0;
	}
	service->removed_version = UINT64_MAX;
	lvs__list_append(&catalog->removed_services, &service->node);
	return 0;
}
