/*
 * The services of a model.
 *
 * The model is the parent of its services, so that nobody else takes them
 * while they are here, and so that their address cannot change under the
 * index that finds them.
 */
#include "model/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "service/service.h"

static uint64_t hash_address(const struct lvs_addr *addr, uint16_t port,
			     int protocol)
{
	struct {
		struct lvs_addr addr;
		uint16_t port;
		uint16_t protocol;
	} key = {*addr, port, (uint16_t)protocol};

	return lvs__model_hash(&key, sizeof(key));
}

static struct lvs__model_entry *find_entry(const struct lvs_model *model,
					   const struct lvs_addr *addr,
					   uint16_t port, int protocol)
{
	uint64_t hash = hash_address(addr, port, protocol);
	struct lvs__model_link *link =
		lvs__model_index_first(&model->services_by_address, hash);

	for (; link != NULL; link = link->next) {
		struct lvs__model_entry *e = (struct lvs__model_entry *)link;
		const struct lvs_service *s = e->service;

		if (link->hash == hash && s->port == port &&
		    s->protocol == protocol &&
		    memcmp(&s->addr, addr, sizeof(*addr)) == 0)
			return e;
	}
	return NULL;
}

/* The entry of a service of this model, NULL if it is not one. */
static struct lvs__model_entry *entry_of(const struct lvs_model *model,
					 const struct lvs_service *service)
{
	if (model == NULL || service == NULL || service->parent != model)
		return NULL;
	return find_entry(model, &service->addr, service->port,
			  service->protocol);
}

LVS_EXPORT int lvs_model_add_service(struct lvs_model *model,
				     struct lvs_service *service)
{
	struct lvs__model_entry *e;
	int error;

	if (model == NULL || service == NULL ||
	    service->addr.family == LVS_FAMILY_NONE)
		return -EINVAL;
	if (service->parent != NULL)
		return -EBUSY;
	if (lvs__model_twin(model, service) != NULL)
		return -EEXIST;
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return -ENOMEM;
	error = lvs__model_index_add(&model->services_by_address, &e->link,
				     hash_address(&service->addr, service->port,
						  service->protocol));
	if (error != 0) {
		free(e);
		return error;
	}
	for (int i = 0; i < LVS__MODEL_SETTINGS; i++)
		e->settings[i] = lvs__model_settings[i].unset;
	e->service = service;
	service->parent = model;
	lvs__list_append(&model->services, &e->node);
	return 0;
}

static void end_entry(struct lvs_model *model, struct lvs__model_entry *e)
{
	struct lvs_dest *dest = NULL;

	while ((dest = lvs_service_next_dest(e->service, dest)) != NULL)
		lvs__model_drop_checks(model, dest);
	lvs__model_index_remove(&model->services_by_address, &e->link);
	lvs__list_remove(&e->node);
	e->service->parent = NULL;
	lvs_service_free(e->service);
	free(e);
}

LVS_EXPORT int lvs_model_remove_service(struct lvs_model *model,
					struct lvs_service *service)
{
	struct lvs__model_entry *e;

	if (model == NULL || service == NULL)
		return -EINVAL;
	e = entry_of(model, service);
	if (e == NULL)
		return -ENOENT;
	end_entry(model, e);
	return 0;
}

LVS_EXPORT struct lvs_service *lvs_model_find_service(
	struct lvs_model *model, const struct lvs_addr *addr, uint16_t port,
	int protocol)
{
	struct lvs__model_entry *e;

	if (model == NULL || addr == NULL || protocol < 0 || protocol > 255)
		return NULL;
	e = find_entry(model, addr, port, protocol);
	return e == NULL ? NULL : e->service;
}

struct lvs_service *lvs__model_twin(const struct lvs_model *model,
				    const struct lvs_service *service)
{
	struct lvs__model_entry *e =
		find_entry(model, &service->addr, service->port,
			   service->protocol);

	return e == NULL ? NULL : e->service;
}

struct lvs_service *lvs__model_next_service(const struct lvs_model *model,
					    const struct lvs_service *service)
{
	const struct lvs__list *node = &model->services;

	if (service != NULL) {
		struct lvs__model_entry *e = entry_of(model, service);

		if (e == NULL)
			return NULL;
		node = &e->node;
	}
	if (node->next == &model->services)
		return NULL;
	return lvs__list_entry(node->next, struct lvs__model_entry, node)
		->service;
}

LVS_EXPORT struct lvs_service *lvs_model_next_service(
	struct lvs_model *model, const struct lvs_service *service)
{
	return model == NULL ? NULL : lvs__model_next_service(model, service);
}

static const struct lvs__model_number *setting_number(int setting)
{
	if (setting <= 0 || setting >= LVS__MODEL_SETTINGS)
		return NULL;
	return &lvs__model_settings[setting];
}

LVS_EXPORT int lvs_model_set_service(struct lvs_model *model,
				     struct lvs_service *service, int setting,
				     uint64_t value)
{
	const struct lvs__model_number *n = setting_number(setting);
	struct lvs__model_entry *e;

	if (model == NULL || service == NULL || n == NULL)
		return -EINVAL;
	e = entry_of(model, service);
	if (e == NULL)
		return -ENOENT;
	if (value < n->least || value > n->most)
		return -ERANGE;
	e->settings[setting] = value;
	return 0;
}

LVS_EXPORT int lvs_model_get_service(const struct lvs_model *model,
				     const struct lvs_service *service,
				     int setting, uint64_t *value)
{
	const struct lvs__model_entry *e;

	if (model == NULL || service == NULL || value == NULL ||
	    setting_number(setting) == NULL)
		return -EINVAL;
	e = entry_of(model, service);
	if (e == NULL)
		return -ENOENT;
	*value = e->settings[setting];
	return 0;
}

uint64_t lvs__model_service_number(const struct lvs_service *service,
				   int option)
{
	uint64_t value = 0;

	(void)lvs_service_get(service, option, &value);
	return value;
}
