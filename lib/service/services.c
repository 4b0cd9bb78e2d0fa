/*
 * A parent's services. While a service is here its address cannot change, so
 * the index stays true.
 */
#include "service/services.h"

#include <stdlib.h>

void lvs__service_endpoint(struct lvs__endpoint_key *key,
			   const struct lvs_service *service)
{
	lvs__endpoint_key_at(key, &service->addr, service->port,
			     service->protocol);
}

int lvs__services_new(struct lvs__services **services)
{
	struct lvs__hash_key secret;
	struct lvs__services *s;
	int error = lvs__hash_key_init(&secret);

	if (error != 0)
		return error;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	error = lvs__endpoint_index_init(&s->index, 0, &secret);
	if (error != 0) {
		free(s);
		return error;
	}
	lvs__list_init(&s->list);
	*services = s;
	return 0;
}

void lvs__services_free(struct lvs__services *services)
{
	if (services == NULL)
		return;
	lvs__endpoint_index_fini(&services->index);
	free(services);
}

int lvs__services_add(struct lvs__services *services,
		      struct lvs_service *service)
{
	struct lvs__endpoint_key key;
	int error;

	if (service->addr.family == LVS_FAMILY_NONE)
		return -EINVAL;
	if (service->parent != NULL)
		return -EBUSY;
	lvs__service_endpoint(&key, service);
	error = lvs__endpoint_index_add(&services->index, &key, service);
	if (error != 0)
		return error;
	service->parent = services;
	lvs__list_append(&services->list, &service->node);
	return 0;
}

void lvs__services_remove(struct lvs__services *services,
			  struct lvs_service *service)
{
	struct lvs__endpoint_key key;
	struct lvs__list *node, *save;

	if (services->forget != NULL)
		lvs__list_for_each (node, save, &service->dests)
			services->forget(
				lvs__list_entry(node, struct lvs_dest, node));
	lvs__service_endpoint(&key, service);
	lvs__endpoint_index_remove(&services->index, &key);
	lvs__list_remove(&service->node);
	service->parent = NULL;
	service->note = NULL;
}

struct lvs_service *lvs__services_find(const struct lvs__services *services,
				       const struct lvs_addr *addr,
				       uint16_t port, int protocol)
{
	struct lvs__endpoint_key key;

	if (protocol < 0 || protocol > UINT8_MAX)
		return NULL;
	lvs__endpoint_key_at(&key, addr, port, protocol);
	return lvs__endpoint_index_find(&services->index, &key);
}

struct lvs_service *lvs__services_next(const struct lvs__services *services,
				       const struct lvs_service *service)
{
	const struct lvs__list *node = &services->list;

	if (service != NULL) {
		if (service->parent != services)
			return NULL;
		node = &service->node;
	}
	if (node->next == &services->list)
		return NULL;
	return lvs__list_entry(node->next, struct lvs_service, node);
}
