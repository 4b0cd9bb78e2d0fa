/*
 * Catalogs: services with a parent, and what of them is removed.
 *
 * What is removed is stamped with the first snapshot that does not show it any
 * more; once every worker has seen that one, nobody can come to it by a plan.
 * A dest may still be reached by connections, so it waits until they are gone,
 * or is taken back.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "conn/table.h"
#include "snapshot.h"

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
	struct lvs__hash_key key;
	int error;

	if (lanes == 0 || lanes > LVS__MOST_LANES)
		return -EINVAL;
	error = lvs__hash_key_init(&key);
	if (error != 0)
		return error;
	memset(catalog, 0, sizeof(*catalog));
	catalog->key = key;
	catalog->lanes = lanes;
	lvs__list_init(&catalog->services);
	lvs__list_init(&catalog->removed_dests);
	lvs__list_init(&catalog->removed_services);
	lvs__list_init(&catalog->snapshots);
	for (uint32_t i = 0; i < LVS__CATALOG_BUCKETS; i++)
		lvs__list_init(&catalog->buckets[i]);
	memcpy(catalog->timeouts, lvs__timeouts_default,
	       sizeof(catalog->timeouts));
	return 0;
}

/* Those that no snapshot from version `oldest` on shows. */
static void free_removed_dests(struct lvs__catalog *catalog, uint64_t oldest,
			       bool loaded)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, &catalog->removed_dests) {
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

static void free_services(struct lvs__list *list, uint64_t oldest)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, list) {
		struct lvs_service *s = service_of(node);

		if (s->removed_version > oldest)
			continue;
		lvs__list_remove(node);
		s->parent = NULL;
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

LVS_PRIVATE void lvs__catalog_sweep(struct lvs__catalog *catalog,
				    uint64_t oldest)
{
	/* the newest one is in use, or will be */
	if (oldest > catalog->version)
		oldest = catalog->version;
	free_snapshots(catalog, oldest);
	free_removed_dests(catalog, oldest, false);
	free_services(&catalog->removed_services, oldest);
}

LVS_PRIVATE void lvs__catalog_fini(struct lvs__catalog *catalog)
{
	free_snapshots(catalog, UINT64_MAX);
	free_removed_dests(catalog, UINT64_MAX, true);
	free_services(&catalog->removed_services, UINT64_MAX);
	free_services(&catalog->services, UINT64_MAX);
}

static void key_of(struct lvs__plan_key *key, const struct lvs_addr *addr,
		   uint16_t port, int protocol)
{
	uint32_t words[4] = {0};

	memcpy(words, addr->bytes,
	       addr->family == LVS_IPV4 ? 4 : sizeof(addr->bytes));
	lvs__plan_key_set(key, addr->family, (uint32_t)protocol, htons(port),
			  words);
}

static uint32_t bucket_of(const struct lvs__catalog *catalog,
			  const struct lvs__plan_key *key)
{
	return (uint32_t)(lvs__plan_key_hash(key, &catalog->key) %
			  LVS__CATALOG_BUCKETS);
}

LVS_PRIVATE struct lvs_service *lvs__catalog_find(
	const struct lvs__catalog *catalog, const struct lvs_addr *addr,
	uint16_t port, int protocol)
{
	const struct lvs__list *bucket;
	struct lvs__list *node, *save;
	struct lvs__plan_key key, other;

	if (protocol < 0 || protocol > UINT8_MAX)
		return NULL;
	key_of(&key, addr, port, protocol);
	bucket = &catalog->buckets[bucket_of(catalog, &key)];
	lvs__list_for_each (node, save, bucket) {
		struct lvs_service *s =
			lvs__list_entry(node, struct lvs_service, bucket);

		key_of(&other, &s->addr, s->port, s->protocol);
		if (lvs__plan_key_same(&key, &other))
			return s;
	}
	return NULL;
}

LVS_PRIVATE struct lvs_service *lvs__catalog_next(
	const struct lvs__catalog *catalog, const struct lvs_service *service)
{
	const struct lvs__list *node = &catalog->services;

	if (service != NULL) {
		if (service->parent != catalog)
			return NULL;
		node = &service->node;
	}
	return node->next == &catalog->services ? NULL : service_of(node->next);
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

static bool was_of(const struct lvs_dest *dest,
		   const struct lvs_service *service)
{
	return dest->service == NULL && dest->service_port == service->port &&
	       dest->service_protocol == service->protocol &&
	       memcmp(&dest->service_addr, &service->addr,
		      sizeof(service->addr)) == 0;
}

/* Dests of an ended service come back with one of the same address. */
static void take_back(struct lvs__catalog *catalog, struct lvs_service *service)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, &catalog->removed_dests) {
		struct lvs_dest *young, *old = dest_of(node);

		if (!was_of(old, service))
			continue;
		young = lvs_service_find_dest(service, &old->addr, old->port);
		if (young != NULL)
			lvs__dest_take_back(old, young);
	}
}

LVS_PRIVATE int lvs__catalog_add(struct lvs__catalog *catalog,
				 struct lvs_service *service)
{
	struct lvs__plan_key key;
	int error;

	if (service == NULL)
		return -EINVAL;
	if (service->parent != NULL)
		return -EBUSY;
	error = check_service(service);
	if (error != 0)
		return error;
	if (lvs__catalog_find(catalog, &service->addr, service->port,
			      service->protocol) != NULL)
		return -EEXIST;
	error = lvs__service_set_lanes(service, catalog->lanes);
	if (error != 0)
		return error;
	key_of(&key, &service->addr, service->port, service->protocol);
	service->parent = catalog;
	service->graveyard = &catalog->removed_dests;
	lvs__list_append(&catalog->services, &service->node);
	lvs__list_append(&catalog->buckets[bucket_of(catalog, &key)],
			 &service->bucket);
	catalog->service_count++;
	take_back(catalog, service);
	return 0;
}

/* The removed dests of a service that ends: it knows them no more. */
static void orphan_dests(struct lvs__catalog *catalog,
			 const struct lvs_service *service)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, &catalog->removed_dests)
		if (dest_of(node)->service == service)
			dest_of(node)->service = NULL;
}

LVS_PRIVATE int lvs__catalog_remove(struct lvs__catalog *catalog,
				    struct lvs_service *service)
{
	struct lvs__list *node, *save;

	if (service == NULL)
		return -EINVAL;
	if (service->parent != catalog)
		return -ENOENT;
	lvs__list_for_each (node, save, &service->dests)
		lvs__dest_bury(dest_of(node));
	orphan_dests(catalog, service);
	lvs__list_remove(&service->node);
	lvs__list_remove(&service->bucket);
	catalog->service_count--;
	service->parent = NULL;
	service->graveyard = &service->removed;
	if (!service->published) {
		lvs_service_free(service);
		return 0;
	}
	service->removed_version = UINT64_MAX;
	lvs__list_append(&catalog->removed_services, &service->node);
	return 0;
}
