/*
 * The dests of a service: they come, are found, and go.
 *
 * The list is in the scheduler's order, newest first as IPVS has it; a serial
 * number that only grows marks a dest's place, so that a rotation finds its
 * way after dests came and went.
 */
#include "service/services.h"

#include <string.h>

/* Whether a dest's address can stand in this service. */
static bool fits(const struct lvs_service *service, const struct lvs_addr *addr)
{
	return service->addr.family == LVS_FAMILY_NONE ||
	       addr->family == LVS_FAMILY_NONE ||
	       addr->family == service->addr.family;
}

/* The dest's address as it is stored: unused bytes are 0. */
static int clean_dest_addr(struct lvs_addr *clean, const struct lvs_addr *addr)
{
	if (addr->family != LVS_FAMILY_NONE)
		return lvs__service_check_addr(clean, addr);
	memset(clean, 0, sizeof(*clean));
	return 0;
}

LVS_EXPORT struct lvs_dest *lvs_service_find_dest(
	const struct lvs_service *service, const struct lvs_addr *addr,
	uint16_t port)
{
	struct lvs_addr clean;

	if (service == NULL || addr == NULL ||
	    clean_dest_addr(&clean, addr) != 0)
		return NULL;
	return lvs__service_dest_at(service, &clean, port);
}

static bool is_grave_of(const struct lvs_dest *dest,
			const struct lvs_service *service,
			const struct lvs_addr *addr, uint16_t port)
{
	return lvs__dest_is_at(dest, addr, port) &&
	       lvs__dest_was_of(dest, service);
}

/* A removed dest of this service; one without a catalog has few. */
static struct lvs_dest *find_removed(struct lvs_service *service,
				     const struct lvs_addr *addr, uint16_t port)
{
	struct lvs__list *node, *save, *graves;
	struct lvs_dest *d;

	if (service->graves == NULL) {
		lvs__list_for_each (node, save, service->graveyard) {
			d = lvs__list_entry(node, struct lvs_dest, node);
			if (is_grave_of(d, service, addr, port))
				return d;
		}
		return NULL;
	}
	graves = lvs__dest_grave(service, addr, port);
	lvs__list_for_each (node, save, graves) {
		d = lvs__list_entry(node, struct lvs_dest, grave);
		if (is_grave_of(d, service, addr, port))
			return d;
	}
	return NULL;
}

static int check_dest(const struct lvs_service *service, struct lvs_addr *clean,
		      const struct lvs_addr *addr, uint16_t port,
		      uint32_t weight)
{
	if (service == NULL || addr == NULL ||
	    clean_dest_addr(clean, addr) != 0 || !fits(service, clean))
		return -EINVAL;
	/* a parent forwards: it needs to know where to */
	if (service->parent != NULL &&
	    (clean->family == LVS_FAMILY_NONE || port == 0))
		return -EINVAL;
	return weight > LVS__MOST_WEIGHT ? -ERANGE : 0;
}

/* One that was removed, else a new one; the index knows it. */
static int bring_dest(struct lvs_service *service, struct lvs_dest **dest,
		      const struct lvs_addr *addr, uint16_t port)
{
	struct lvs_dest *removed = find_removed(service, addr, port);
	struct lvs_dest *d = removed;
	int error;

	if (d == NULL) {
		error = lvs__dest_new(&d, service->lane_count);
		if (error != 0)
			return error;
		d->addr = *addr;
		d->port = port;
	}
	error = lvs__service_index_dest(service, d);
	if (error == 0 && removed != NULL)
		lvs__dest_revive(removed);
	else if (error != 0 && removed == NULL)
		lvs__dest_free(d);
	*dest = d;
	return error;
}

LVS_EXPORT int lvs_service_add_dest(struct lvs_service *service,
				    struct lvs_dest **dest,
				    const struct lvs_addr *addr, uint16_t port,
				    uint32_t weight)
{
	if (service != NULL && lvs__service_sealed(service))
		return -EBUSY;
	return lvs__service_add_dest(service, dest, addr, port, weight);
}

LVS_PRIVATE int lvs__service_add_dest(struct lvs_service *service,
				      struct lvs_dest **dest,
				      const struct lvs_addr *addr,
				      uint16_t port, uint32_t weight)
{
	struct lvs_addr clean;
	struct lvs_dest *d;
	int error = check_dest(service, &clean, addr, port, weight);

	if (error != 0)
		return error;
	if (lvs_service_find_dest(service, &clean, port) != NULL)
		return -EEXIST;
	error = bring_dest(service, &d, &clean, port);
	if (error != 0)
		return error;
	d->service = service;
	/* a dest that came back still has connections, which workers judge */
	__atomic_store_n(&d->mark.expire_nodest, service->expire_nodest,
			 __ATOMIC_RELAXED);
	d->weight = weight;
	d->serial = ++service->serial;
	lvs__list_insert(&service->dests, &d->node);
	service->dest_count++;
	lvs__service_changed(service, NULL);
	if (dest != NULL)
		*dest = d;
	return 0;
}

/* Whether the list holds this dest; `dest` may point to anything. */
static bool holds(const struct lvs__list *list, const struct lvs_dest *dest)
{
	const struct lvs__list *node;

	for (node = list->next; node != list; node = node->next)
		if (node == &dest->node)
			return true;
	return false;
}

LVS_PRIVATE void lvs__service_remove_dest(struct lvs_service *service,
					  struct lvs_dest *dest)
{
	lvs__service_changed(service, dest);
	lvs__dest_bury(dest);
}

LVS_EXPORT int lvs_service_remove_dest(struct lvs_service *service,
				       struct lvs_dest *dest)
{
	if (service == NULL || dest == NULL)
		return -EINVAL;
	if (lvs__service_sealed(service))
		return -EBUSY;
	if (holds(&service->replaced, dest))
		dest = lvs__dest_now(dest);
	else if (!holds(&service->dests, dest))
		return -ENOENT;
	lvs__service_remove_dest(service, dest);
	return 0;
}

LVS_EXPORT struct lvs_dest *lvs_service_next_dest(
	const struct lvs_service *service, const struct lvs_dest *dest)
{
	const struct lvs__list *node;

	if (service == NULL)
		return NULL;
	node = &service->dests;
	if (dest != NULL) {
		dest = lvs__dest_read(dest);
		if (dest->service != service || dest->mark.gone != 0)
			return NULL;
		node = &dest->node;
	}
	if (node->next == &service->dests)
		return NULL;
	return lvs__list_entry(node->next, struct lvs_dest, node);
}
