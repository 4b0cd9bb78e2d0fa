/*
 * From the services to the host: the endpoints that the backend is to take.
 *
 * A connection keeps the method it was born with. So the packets of a server
 * that was reached by NAT are still kept from the host when it is reached
 * another way, or was removed, and has connections: a host that routes would
 * carry them to the clients beside the translated ones, and the clients' resets
 * would end the connections. Once it has none the claim is made anew without.
 */
#include "director/director.h"
#include "wire/method.h"

#include <stdlib.h>
#include <string.h>

/* Claims that are being collected; without an array they are only counted. */
struct collection {
	struct lvs_claim *claims;
	size_t count;
	size_t former; /* of them, for connections alone */
};

static void add(struct collection *all, const struct lvs_claim *claim)
{
	if (all->claims != NULL)
		all->claims[all->count] = *claim;
	all->count++;
}

static void add_server(struct collection *all, const struct lvs_dest *dest,
		       uint8_t protocol, uint32_t method)
{
	struct lvs_claim claim = {
		.kind = LVS_CLAIM_SERVER,
		.protocol = protocol,
		.method = method,
		.port = dest->port,
		.addr = dest->addr,
	};

	add(all, &claim);
}

static void add_live(struct collection *all, const struct lvs__live *live)
{
	const struct lvs_service *service = live->service;
	struct lvs_claim claim = {
		.kind = LVS_CLAIM_VIRTUAL,
		.protocol = service->protocol,
		.port = service->port,
		.addr = service->addr,
	};
	const struct lvs__live_dest *dest = NULL;

	add(all, &claim);
	while ((dest = lvs__live_next_dest(live, dest)) != NULL) {
		bool former =
			dest->dest->two_way &&
			!lvs__method_two_way(dest->wish.of[LVS_DEST_METHOD]);

		add_server(all, dest->dest, service->protocol,
			   former ? LVS_NAT : dest->dest->method);
		all->former += former;
	}
}

/* Dests that were removed and have connections. */
static void add_removed(struct collection *all,
			const struct lvs__list *graveyard)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, graveyard) {
		const struct lvs_dest *dest =
			lvs__list_entry(node, struct lvs_dest, node);

		if (!dest->two_way || lvs__dest_total(dest) == 0)
			continue;
		add_server(all, dest,
			   lvs__endpoint_key_protocol(&dest->service_key),
			   LVS_NAT);
		all->former++;
	}
}

static void collect(struct collection *all, const struct lvs_director *director)
{
	const struct lvs__live *live = NULL;

	while ((live = lvs__live_next(director, live)) != NULL)
		add_live(all, live);
	for (size_t i = 0; i < LVS__GRAVEYARDS; i++)
		add_removed(all, &director->catalog.graveyards[i]);
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
	struct collection counted = {0}, all = {0};
	int error;

	if (director->backend == NULL)
		return 0;
	collect(&counted, director);
	all.claims = calloc(counted.count + 1, sizeof(*all.claims));
	if (all.claims == NULL)
		return lvs__message_error(message, size, -ENOMEM, NULL);
	collect(&all, director);
	error = lvs_backend_claim(director->backend, all.claims,
				  unique(all.claims, all.count), message, size);
	free(all.claims);
	if (error < 0)
		return error;
	director->former = all.former;
	director->former_at = director->now + LVS__FORMER_POLL;
	return 0;
}

/* A dest that is reached otherwise and has no connection has none by NAT. */
static void forget_nat(const struct lvs__live *live)
{
	struct lvs__live_dest *dest = NULL;

	while ((dest = lvs__live_next_dest(live, dest)) != NULL)
		if (!lvs__method_two_way(dest->wish.of[LVS_DEST_METHOD]) &&
		    lvs__dest_total(dest->dest) == 0)
			dest->dest->two_way = false;
}

void lvs__director_former(struct lvs_director *director)
{
	const struct lvs__live *live = NULL;
	struct collection all = {0};

	while ((live = lvs__live_next(director, live)) != NULL)
		forget_nat(live);
	collect(&all, director);
	director->former_at = director->now + LVS__FORMER_POLL;
	if (all.former != director->former)
		director->unclaimed = true;
}
