/*
 * A service's dests by address. Few are walked over; once there are many an
 * index is made and kept to the service's end, so that a change of one dest
 * among ten thousand costs no walk for each.
 */
#include "service/service.h"

#define FEW_DESTS 16 /* that need no index */

static void key_of(struct lvs__endpoint_key *key, const struct lvs_dest *dest)
{
	lvs__endpoint_key_at(key, &dest->addr, dest->port, 0);
}

static bool indexed(const struct lvs_service *service)
{
	return service->by_address.slots != NULL;
}

struct lvs_dest *lvs__service_dest_at(const struct lvs_service *service,
				      const struct lvs_addr *addr,
				      uint16_t port)
{
	struct lvs__endpoint_key key;
	struct lvs__list *node, *save;

	if (indexed(service)) {
		lvs__endpoint_key_at(&key, addr, port, 0);
		return lvs__endpoint_index_find(&service->by_address, &key);
	}
	lvs__list_for_each (node, save, &service->dests) {
		struct lvs_dest *d =
			lvs__list_entry(node, struct lvs_dest, node);

		if (lvs__dest_is_at(d, addr, port))
			return d;
	}
	return NULL;
}

static int add(struct lvs__endpoint_index *index, struct lvs_dest *dest)
{
	struct lvs__endpoint_key key;

	key_of(&key, dest);
	return lvs__endpoint_index_add(index, &key, dest);
}

/* Of all that are there; there is room for them, so none fails. */
static int make_index(struct lvs_service *service)
{
	struct lvs__hash_key secret;
	struct lvs__list *node, *save;
	int error = lvs__hash_key_init(&secret);

	if (error == 0)
		error = lvs__endpoint_index_init(&service->by_address,
						 service->dest_count, &secret);
	if (error != 0)
		return error;
	lvs__list_for_each (node, save, &service->dests)
		(void)add(&service->by_address,
			  lvs__list_entry(node, struct lvs_dest, node));
	return 0;
}

int lvs__service_index_dest(struct lvs_service *service, struct lvs_dest *dest)
{
	if (!indexed(service)) {
		int error;

		if (service->dest_count < FEW_DESTS)
			return 0;
		error = make_index(service);
		if (error != 0)
			return error;
	}
	return add(&service->by_address, dest);
}

void lvs__service_unindex_dest(struct lvs_service *service,
			       const struct lvs_dest *dest)
{
	struct lvs__endpoint_key key;

	if (!indexed(service))
		return;
	key_of(&key, dest);
	lvs__endpoint_index_remove(&service->by_address, &key);
}

void lvs__service_reindex_dest(struct lvs_service *service,
			       struct lvs_dest *dest)
{
	struct lvs__endpoint_index *index = &service->by_address;
	struct lvs__endpoint_key key;

	if (!indexed(service))
		return;
	key_of(&key, dest);
	index->slots[lvs__endpoint_index_place(index, &key)].value = dest;
}
