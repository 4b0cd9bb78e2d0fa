/*
 * What runs: services and dests, each with what only a running node knows.
 *
 * The struct lvs_service of a live one is in the catalog, which finds it, and
 * finds its dests; the struct lvs__live and struct lvs__live_dest hang on them.
 */
#include "director/director.h"

#include <stdlib.h>

#include "model/model.h"

static struct lvs__live *live_of(const struct lvs_service *service)
{
	return service == NULL ? NULL : service->note;
}

static struct lvs__live_dest *live_dest_of(const struct lvs_dest *dest)
{
	return dest == NULL ? NULL : dest->note;
}

struct lvs__live *lvs__live_next(const struct lvs_director *director,
				 const struct lvs__live *live)
{
	/* a director that could not be made has none */
	if (director->catalog.services == NULL)
		return NULL;
	return live_of(lvs__services_next(director->catalog.services,
					  live == NULL ? NULL : live->service));
}

struct lvs__live *lvs__live_find(const struct lvs_director *director,
				 const struct lvs_addr *addr, uint16_t port,
				 int protocol)
{
	return live_of(lvs__services_find(director->catalog.services, addr,
					  port, protocol));
}

struct lvs__live_dest *lvs__live_find_dest(const struct lvs__live *live,
					   const struct lvs_addr *addr,
					   uint16_t port)
{
	return live_dest_of(lvs_service_find_dest(live->service, addr, port));
}

struct lvs__live_dest *lvs__live_next_dest(const struct lvs__live *live,
					   const struct lvs__live_dest *dest)
{
	return live_dest_of(
		lvs__model_next_dest(live->service,
				     dest == NULL ? NULL : dest->dest));
}

int lvs__live_add(struct lvs__live **out, struct lvs_service *service)
{
	struct lvs__live *live = calloc(1, sizeof(*live));

	if (live == NULL)
		return -ENOMEM;
	live->service = service;
	service->note = live;
	*out = live;
	return 0;
}

int lvs__live_enter(struct lvs_director *director, struct lvs__live *live)
{
	struct lvs_dest *dest = NULL;
	int error = lvs__catalog_add(&director->catalog, live->service);

	if (error < 0)
		return error;
	/* some may be dests that were removed and came back */
	while ((dest = lvs__model_next_dest(live->service, dest)) != NULL) {
		live_dest_of(dest)->dest = dest;
		lvs__passive_restart(live_dest_of(dest));
	}
	return 0;
}

int lvs__live_add_dest(struct lvs_director *director,
		       struct lvs__live_dest **out, struct lvs__live *live,
		       const struct lvs_addr *addr, uint16_t port)
{
	struct lvs__live_dest *dest = calloc(1, sizeof(*dest));
	int error;

	if (dest == NULL)
		return -ENOMEM;
	error = lvs__service_add_dest(live->service, &dest->dest, addr, port,
				      0);
	if (error < 0) {
		free(dest);
		return error;
	}
	/* one that came back with its counters has resets already */
	lvs__passive_restart(dest);
	dest->service = live;
	dest->since = director->now;
	dest->dest->note = dest;
	*out = dest;
	return 0;
}

/* The record only; the dest itself is its service's. */
static void forget(struct lvs_director *director, struct lvs__live_dest *dest)
{
	lvs__health_drop(director, dest->uses, dest->use_count);
	dest->dest->note = NULL;
	free(dest);
}

void lvs__live_remove_dest(struct lvs_director *director,
			   struct lvs__live_dest *dest)
{
	struct lvs_service *service = dest->service->service;
	struct lvs_dest *gone = dest->dest;

	forget(director, dest);
	lvs__service_remove_dest(service, gone);
}

void lvs__live_remove(struct lvs_director *director, struct lvs__live *live)
{
	struct lvs_dest *dest = NULL;

	while ((dest = lvs__model_next_dest(live->service, dest)) != NULL)
		forget(director, dest->note);
	/* one that was not entered is nobody's */
	if (lvs__catalog_remove(&director->catalog, live->service) < 0)
		lvs_service_free(live->service);
	free(live);
}

void lvs__live_settle(struct lvs__live_dest *dest)
{
	struct lvs__dest_wish wish = dest->wish;
	bool inhibit =
		dest->down && dest->service->settings[LVS_SETTING_INHIBIT] != 0;
	bool down = dest->down && !inhibit;
	uint64_t is_down = 0;

	if (inhibit)
		wish.of[LVS_DEST_WEIGHT] = 0;
	(void)lvs__wish_give_dest(&wish, dest->dest);
	(void)lvs_dest_get(dest->dest, LVS_DEST_DOWN, &is_down);
	if (is_down != down)
		(void)lvs__dest_set(dest->dest, LVS_DEST_DOWN, down);
}
