/*
 * The services of a model.
 *
 * The model is the parent of its services, so that nobody else takes them
 * while they are here, and so that their address cannot change under the
 * index that finds them. A service's settings hang on it.
 */
#include "model/model.h"

#include <errno.h>
#include <stdlib.h>

/* The settings of a service of this model, NULL if it is not one. */
static struct lvs__model_entry *entry_of(const struct lvs_model *model,
					 const struct lvs_service *service)
{
	return service->parent == model->services ? service->note : NULL;
}

LVS_EXPORT int lvs_model_add_service(struct lvs_model *model,
				     struct lvs_service *service)
{
	struct lvs__model_entry *e;
	int error;

	if (model == NULL || service == NULL)
		return -EINVAL;
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return -ENOMEM;
	error = lvs__services_add(model->services, service);
	if (error != 0) {
		free(e);
		return error;
	}
	for (int i = 0; i < LVS__MODEL_SETTINGS; i++)
		e->settings[i] = lvs__model_settings[i].unset;
	service->note = e;
	return 0;
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
	lvs__services_remove(model->services, service);
	lvs_service_free(service);
	free(e->place);
	free(e);
	return 0;
}

LVS_EXPORT struct lvs_service *lvs_model_find_service(
	const struct lvs_model *model, const struct lvs_addr *addr,
	uint16_t port, int protocol)
{
	if (model == NULL || addr == NULL)
		return NULL;
	return lvs__services_find(model->services, addr, port, protocol);
}

struct lvs_service *lvs__model_twin(const struct lvs__services *services,
				    const struct lvs_service *service)
{
	return lvs__services_find(services, &service->addr, service->port,
				  service->protocol);
}

LVS_EXPORT struct lvs_service *lvs_model_next_service(
	const struct lvs_model *model, const struct lvs_service *service)
{
	return model == NULL ? NULL
			     : lvs__services_next(model->services, service);
}

int lvs__model_set_service_place(struct lvs_service *service, const char *text)
{
	struct lvs__model_entry *e = service->note;

	return lvs__model_keep(&e->place, text);
}

const char *lvs__model_service_place(const struct lvs_service *service)
{
	const struct lvs__model_entry *e = service->note;

	return e->place;
}

uint64_t *lvs__model_settings_of(const struct lvs_service *service)
{
	struct lvs__model_entry *e = service->note;

	return e->settings;
}

static const struct lvs__model_number *number(int setting)
{
	return lvs__model_find_number(lvs__model_settings, LVS__MODEL_SETTINGS,
				      setting);
}

LVS_EXPORT int lvs_model_set_service(struct lvs_model *model,
				     struct lvs_service *service, int setting,
				     uint64_t value)
{
	const struct lvs__model_number *n = number(setting);
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
	    number(setting) == NULL)
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
