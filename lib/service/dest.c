/*
 * Destinations: their options, and their life after removal.
 *
 * Life: born by lvs_service_add_dest(); removed, it is buried in a graveyard
 * if a connection leads to it or a worker may still see it, else ended at
 * once; from there it is taken back or ended (by lvs_dest_closed(), or by the
 * catalog's sweep).
 */
#include "forward/forward.h"
#include "service/services.h"
#include "wire/method.h"

#include <stdlib.h>
#include <string.h>

static struct lvs__lane_counters *new_lanes(uint32_t lanes)
{
	size_t size = lanes * sizeof(struct lvs__lane_counters);
	struct lvs__lane_counters *counters = aligned_alloc(LVS__LINE, size);

	if (counters != NULL)
		memset(counters, 0, size);
	return counters;
}

static void default_options(struct lvs_dest *dest)
{
	dest->weight = 1;
	dest->method = LVS_DR;
	dest->draining = false;
	__atomic_store_n(&dest->load.upper, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&dest->load.lower, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&dest->mark.down, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&dest->load.overload, 0, __ATOMIC_RELAXED);
}

int lvs__dest_new(struct lvs_dest **dest, uint32_t lanes)
{
	struct lvs_dest *d = aligned_alloc(LVS__LINE, sizeof(*d));

	if (d == NULL)
		return -ENOMEM;
	memset(d, 0, sizeof(*d));
	d->lanes = new_lanes(lanes);
	if (d->lanes == NULL) {
		free(d);
		return -ENOMEM;
	}
	d->lane_count = lanes;
	lvs__list_init(&d->node);
	lvs__list_init(&d->grave);
	default_options(d);
	*dest = d;
	return 0;
}

int lvs__dest_widen(struct lvs_dest *dest, uint32_t lanes)
{
	struct lvs__lane_counters *counters;

	if (lanes <= dest->lane_count)
		return 0;
	counters = new_lanes(lanes);
	if (counters == NULL)
		return -ENOMEM;
	memcpy(counters, dest->lanes, dest->lane_count * sizeof(*counters));
	free(dest->lanes);
	dest->lanes = counters;
	dest->lane_count = lanes;
	return 0;
}

void lvs__dest_free(struct lvs_dest *dest)
{
	if (dest->service != NULL && dest->became == NULL)
		lvs__stats_add_dest(&dest->service->residue, dest);
	lvs__list_remove(&dest->grave);
	free(dest->lanes);
	free(dest);
}

/* Ends the name under which callers know `dest` besides its own. */
static void drop_replaced(struct lvs_dest *dest)
{
	if (dest->replaced == NULL)
		return;
	lvs__list_remove(&dest->replaced->node);
	lvs__dest_free(dest->replaced);
	dest->replaced = NULL;
}

struct lvs__list *lvs__dest_grave(const struct lvs_service *service,
				  const struct lvs_addr *addr, uint16_t port)
{
	const struct lvs__hash_key *secret = &service->parent->index.secret;
	struct lvs__endpoint_key whose, where;

	lvs__service_endpoint(&whose, service);
	lvs__endpoint_key_at(&where, addr, port, 0);
	return &service->graves[(lvs__endpoint_key_hash(&whose, secret) +
				 lvs__endpoint_key_hash(&where, secret)) %
				LVS__GRAVES];
}

void lvs__dest_bury(struct lvs_dest *dest)
{
	struct lvs_service *service = dest->service;

	if (service->parent != NULL && service->parent->forget != NULL)
		service->parent->forget(dest);
	drop_replaced(dest);
	lvs__service_unindex_dest(service, dest);
	lvs__list_remove(&dest->node);
	service->dest_count--;
	__atomic_store_n(&dest->mark.gone, 1, __ATOMIC_RELAXED);
	if (!dest->published && lvs__dest_total(dest) == 0) {
		lvs__dest_free(dest);
		return;
	}
	lvs__service_endpoint(&dest->service_key, service);
	dest->removed_version = UINT64_MAX;
	lvs__list_append(service->graveyard, &dest->node);
	if (service->graves != NULL)
		lvs__list_append(lvs__dest_grave(service, &dest->addr,
						 dest->port),
				 &dest->grave);
}

bool lvs__dest_was_of(const struct lvs_dest *dest,
		      const struct lvs_service *service)
{
	struct lvs__endpoint_key key;

	if (dest->service != NULL)
		return dest->service == service;
	lvs__service_endpoint(&key, service);
	return lvs__endpoint_key_same(&dest->service_key, &key);
}

void lvs__dest_revive(struct lvs_dest *dest)
{
	lvs__list_remove(&dest->node);
	lvs__list_remove(&dest->grave);
	default_options(dest);
	__atomic_store_n(&dest->mark.gone, 0, __ATOMIC_RELAXED);
}

/* A connection keeps its method, so that one was two-way stays known. */
static void set_method(struct lvs_dest *dest, uint32_t method)
{
	dest->method = method;
	if (lvs__method_two_way(method))
		dest->two_way = true;
}

void lvs__dest_copy_options(struct lvs_dest *dest, const struct lvs_dest *from)
{
	dest->weight = from->weight;
	set_method(dest, from->method);
	dest->draining = from->draining;
	__atomic_store_n(&dest->load.upper, from->load.upper, __ATOMIC_RELAXED);
	__atomic_store_n(&dest->load.lower, from->load.lower, __ATOMIC_RELAXED);
	__atomic_store_n(&dest->mark.down, from->mark.down, __ATOMIC_RELAXED);
	lvs__service_changed(dest->service, NULL);
	lvs__dest_judge(dest);
}

void lvs__dest_take_back(struct lvs_dest *old, struct lvs_dest *young)
{
	struct lvs_service *service = young->service;

	lvs__dest_revive(old);
	old->service = service;
	old->serial = young->serial;
	__atomic_store_n(&old->mark.expire_nodest, service->expire_nodest,
			 __ATOMIC_RELAXED);
	/* what either did before is no doing of this service's */
	lvs__stats_sub_dest(&service->residue, old);
	lvs__stats_add_dest(&service->residue, young);
	lvs__list_insert(&young->node, &old->node);
	lvs__list_remove(&young->node);
	lvs__list_append(&service->replaced, &young->node);
	young->became = old;
	old->replaced = young;
	lvs__service_reindex_dest(service, old);
	/* what a parent keeps beside the dest goes with it */
	old->note = young->note;
	young->note = NULL;
	lvs__dest_copy_options(old, young);
}

uint32_t lvs__dest_usable_weight(const struct lvs_dest *dest)
{
	if (dest->draining || dest->mark.down != 0)
		return 0;
	return dest->weight;
}

/* IPVS clears the mark when the limit is raised or lifted. */
static int set_upper(struct lvs_dest *dest, uint64_t value)
{
	uint32_t before = dest->load.upper;

	if (value > LVS__MOST_THRESHOLD || value < dest->load.lower)
		return -ERANGE;
	__atomic_store_n(&dest->load.upper, (uint32_t)value, __ATOMIC_RELAXED);
	if (value == 0 || value > before)
		__atomic_store_n(&dest->load.overload, 0, __ATOMIC_RELAXED);
	lvs__dest_judge(dest);
	return 0;
}

static int set_lower(struct lvs_dest *dest, uint64_t value)
{
	if (value > LVS__MOST_THRESHOLD || value > dest->load.upper)
		return -ERANGE;
	__atomic_store_n(&dest->load.lower, (uint32_t)value, __ATOMIC_RELAXED);
	return 0;
}

static int choose_method(struct lvs_dest *dest, uint64_t value)
{
	if (value < LVS_NAT || value > LVS_LOCAL)
		return -ERANGE;
	if (lvs__forward_find((int)value) == NULL)
		return -EPROTONOSUPPORT;
	set_method(dest, (uint32_t)value);
	return 0;
}

static int set_option(struct lvs_dest *dest, int option, uint64_t value)
{
	switch (option) {
	case LVS_DEST_WEIGHT:
		if (value > LVS__MOST_WEIGHT)
			return -ERANGE;
		dest->weight = (uint32_t)value;
		return 0;
	case LVS_DEST_METHOD:
		return choose_method(dest, value);
	case LVS_DEST_UPPER:
		return set_upper(dest, value);
	case LVS_DEST_LOWER:
		return set_lower(dest, value);
	case LVS_DEST_DRAIN:
		if (value > 1)
			return -ERANGE;
		dest->draining = value != 0;
		return 0;
	case LVS_DEST_DOWN:
		if (value > 1)
			return -ERANGE;
		__atomic_store_n(&dest->mark.down, (uint32_t)value,
				 __ATOMIC_RELAXED);
		return 0;
	default:
		return -EPERM; /* the caller has read it: it is known */
	}
}

LVS_PRIVATE int lvs__dest_set(struct lvs_dest *dest, int option, uint64_t value)
{
	uint64_t before;
	int error;

	if (dest == NULL || lvs_dest_get(dest, option, &before) != 0)
		return -EINVAL;
	dest = lvs__dest_now(dest);
	if (dest->mark.gone != 0)
		return -ENOENT;
	error = set_option(dest, option, value);
	if (error == 0 && value != before)
		lvs__service_changed(dest->service, NULL);
	return error;
}

LVS_EXPORT int lvs_dest_set(struct lvs_dest *dest, int option, uint64_t value)
{
	if (dest == NULL)
		return -EINVAL;
	dest = lvs__dest_now(dest);
	if (dest->mark.gone == 0 && lvs__service_sealed(dest->service))
		return -EBUSY;
	return lvs__dest_set(dest, option, value);
}

LVS_EXPORT int lvs_dest_get(const struct lvs_dest *dest, int option,
			    uint64_t *value)
{
	if (dest == NULL || value == NULL)
		return -EINVAL;
	dest = lvs__dest_read(dest);
	switch (option) {
	case LVS_DEST_WEIGHT:
		*value = dest->weight;
		return 0;
	case LVS_DEST_METHOD:
		*value = dest->method;
		return 0;
	case LVS_DEST_UPPER:
		*value = dest->load.upper;
		return 0;
	case LVS_DEST_LOWER:
		*value = dest->load.lower;
		return 0;
	case LVS_DEST_DRAIN:
		*value = dest->draining;
		return 0;
	case LVS_DEST_DOWN:
		*value = dest->mark.down;
		return 0;
	case LVS_DEST_ACTIVE:
		*value = lvs__conns_active(lvs__dest_conns(dest));
		return 0;
	case LVS_DEST_INACTIVE:
		*value = lvs__conns_inactive(lvs__dest_conns(dest));
		return 0;
	case LVS_DEST_OVERLOAD:
		*value =
			__atomic_load_n(&dest->load.overload, __ATOMIC_RELAXED);
		return 0;
	default:
		return -EINVAL;
	}
}

LVS_EXPORT int lvs_dest_get_address(const struct lvs_dest *dest,
				    struct lvs_addr *addr, uint16_t *port)
{
	if (dest == NULL)
		return -EINVAL;
	dest = lvs__dest_read(dest);
	if (addr != NULL)
		*addr = dest->addr;
	if (port != NULL)
		*port = dest->port;
	return 0;
}
