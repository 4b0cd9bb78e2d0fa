/*
 * The model: a description of a node. Here it is made and ended, and has its
 * numbers, texts and interfaces; each number's bounds stand in one table,
 * which the reader and the printer of configuration use too.
 */
#include "model/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/backend.h"
#include "base/limits.h"

const struct lvs__model_number lvs__model_options[LVS__MODEL_OPTIONS] = {
	[LVS_MODEL_TIMEOUT_TCP] = {"timeout_tcp", 1, LVS__MOST_MS,
				   LVS__TIMEOUT_TCP, LVS__KIND_TIME, true},
	[LVS_MODEL_TIMEOUT_TCP_FIN] = {"timeout_tcp_fin", 1, LVS__MOST_MS,
				       LVS__TIMEOUT_TCP_FIN, LVS__KIND_TIME,
				       true},
	[LVS_MODEL_TIMEOUT_UDP] = {"timeout_udp", 1, LVS__MOST_MS,
				   LVS__TIMEOUT_UDP, LVS__KIND_TIME, true},
	[LVS_MODEL_WORKERS] = {"workers", 1, LVS__MOST_LANES, 1,
			       LVS__KIND_NUMBER, false},
	[LVS_MODEL_CONNECTIONS] = {"connections", 1, LVS__MOST_CONNS,
				   LVS__DEFAULT_CONNS, LVS__KIND_NUMBER, false},
	[LVS_MODEL_RING_FRAMES] = {"ring_frames", LVS__LEAST_FRAMES,
				   LVS__MOST_FRAMES, LVS__DEFAULT_FRAMES,
				   LVS__KIND_NUMBER, false},
	[LVS_MODEL_ADDRESSES] = {"addresses", 0, 1, 1, LVS__KIND_YES, false},
};

const struct lvs__model_number lvs__model_settings[LVS__MODEL_SETTINGS] = {
	[LVS_SETTING_RESETS] = {"resets", 0, 1000000, 3, LVS__KIND_NUMBER,
				true},
	[LVS_SETTING_RESET_INTERVAL] = {"reset_interval", 1, LVS__MOST_MS, 1000,
					LVS__KIND_TIME, true},
	[LVS_SETTING_INHIBIT] = {"inhibit_on_failure", 0, 1, 0, LVS__KIND_YES,
				 true},
};

const struct lvs__model_number lvs__model_services[LVS__SERVICE_OPTIONS] = {
	[LVS_SERVICE_EXPIRE_NODEST] = {"expire_nodest", 0, 1, 0, LVS__KIND_YES,
				       true},
};

/* Not LVS_DEST_DOWN: that is what a dest is, not what it should be. */
const struct lvs__model_number lvs__model_dests[LVS__DEST_OPTIONS] = {
	[LVS_DEST_WEIGHT] = {"weight", 0, LVS__MOST_WEIGHT, 1, LVS__KIND_NUMBER,
			     true},
	[LVS_DEST_METHOD] = {"method", LVS_NAT, LVS_LOCAL, LVS_DR,
			     LVS__KIND_METHOD, true},
	[LVS_DEST_UPPER] = {"upper", 0, LVS__MOST_THRESHOLD, 0,
			    LVS__KIND_NUMBER, true},
	[LVS_DEST_LOWER] = {"lower", 0, LVS__MOST_THRESHOLD, 0,
			    LVS__KIND_NUMBER, true},
	[LVS_DEST_DRAIN] = {"drain", 0, 1, 0, LVS__KIND_YES, true},
};

const char *const lvs__model_texts[LVS__MODEL_TEXTS] = {
	[LVS_MODEL_BACKEND] = "type",
	[LVS_MODEL_CONTROL] = "control",
	[LVS_MODEL_GROUP] = "control_group",
};

LVS_EXPORT int lvs_model_new(struct lvs_model **model)
{
	struct lvs_model *m;
	int error;

	if (model == NULL)
		return -EINVAL;
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return -ENOMEM;
	error = lvs__services_new(&m->services);
	if (error != 0) {
		free(m);
		return error;
	}
	m->services->forget = lvs__model_drop_extras;
	for (int i = 0; i < LVS__MODEL_OPTIONS; i++)
		m->options[i] = lvs__model_options[i].unset;
	*model = m;
	return 0;
}

LVS_EXPORT void lvs_model_free(struct lvs_model *model)
{
	struct lvs_service *service;

	if (model == NULL)
		return;
	while ((service = lvs_model_next_service(model, NULL)) != NULL)
		(void)lvs_model_remove_service(model, service);
	for (int i = 0; i < LVS__MODEL_TEXTS; i++)
		free(model->texts[i]);
	for (size_t i = 0; i < LVS__PLACES; i++)
		free(model->places[i]);
	lvs__services_free(model->services);
	free(model);
}

/* ---- numbers, texts, interfaces */

const struct lvs__model_number *lvs__model_find_number(
	const struct lvs__model_number *table, int count, int option)
{
	if (option <= 0 || option >= count || table[option].name == NULL)
		return NULL;
	return &table[option];
}

LVS_EXPORT int lvs_model_set(struct lvs_model *model, int option,
			     uint64_t value)
{
	const struct lvs__model_number *n;

	n = lvs__model_find_number(lvs__model_options, LVS__MODEL_OPTIONS,
				   option);
	if (model == NULL || n == NULL)
		return -EINVAL;
	if (value < n->least || value > n->most)
		return -ERANGE;
	if (option == LVS_MODEL_RING_FRAMES && (value & (value - 1)) != 0)
		return -ERANGE;
	model->options[option] = value;
	(void)lvs__model_set_place(model, (size_t)option, NULL);
	return 0;
}

LVS_EXPORT int lvs_model_get(const struct lvs_model *model, int option,
			     uint64_t *value)
{
	if (model == NULL || value == NULL ||
	    lvs__model_find_number(lvs__model_options, LVS__MODEL_OPTIONS,
				   option) == NULL)
		return -EINVAL;
	*value = model->options[option];
	return 0;
}

int lvs__model_keep(char **kept, const char *text)
{
	char *copy = NULL;

	if (text != NULL) {
		copy = strdup(text);
		if (copy == NULL)
			return -ENOMEM;
	}
	free(*kept);
	*kept = copy;
	return 0;
}

int lvs__model_set_place(struct lvs_model *model, size_t setting,
			 const char *text)
{
	return lvs__model_keep(&model->places[setting], text);
}

const char *lvs__model_place(const struct lvs_model *model, size_t setting)
{
	return model->places[setting];
}

LVS_EXPORT int lvs_model_set_text(struct lvs_model *model, int option,
				  const char *text)
{
	int error;

	if (model == NULL || option <= 0 || option >= LVS__MODEL_TEXTS ||
	    (text != NULL && strnlen(text, LVS__MODEL_TEXT) == LVS__MODEL_TEXT))
		return -EINVAL;
	error = lvs__model_keep(&model->texts[option], text);
	if (error == 0)
		(void)lvs__model_set_place(model,
					   LVS__PLACE_TEXTS + (size_t)option,
					   NULL);
	return error;
}

LVS_EXPORT const char *lvs_model_get_text(const struct lvs_model *model,
					  int option)
{
	if (model == NULL || option <= 0 || option >= LVS__MODEL_TEXTS)
		return NULL;
	return model->texts[option];
}

const char *lvs__model_backend(const struct lvs_model *model)
{
	const char *kind = model->texts[LVS_MODEL_BACKEND];

	if (kind == NULL)
		return lvs__backend_kind(0);
	return strcmp(kind, LVS__NO_BACKEND) == 0 ? NULL : kind;
}

/* What the kernel takes for an interface's name. */
static bool interface_name(const char *name)
{
	size_t length = strnlen(name, LVS__MODEL_NAME);

	if (length == 0 || length == LVS__MODEL_NAME ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (size_t i = 0; i < length; i++)
		if (name[i] <= ' ' || name[i] == '/' || name[i] == ':' ||
		    name[i] == 0x7f)
			return false;
	return true;
}

LVS_EXPORT int lvs_model_add_interface(struct lvs_model *model,
				       const char *name)
{
	if (model == NULL || name == NULL || !interface_name(name))
		return -EINVAL;
	for (size_t i = 0; i < model->interface_count; i++)
		if (strcmp(model->interfaces[i], name) == 0)
			return -EEXIST;
	if (model->interface_count == LVS__MODEL_INTERFACES)
		return -ENOSPC;
	strcpy(model->interfaces[model->interface_count++], name);
	return 0;
}

LVS_EXPORT const char *lvs_model_get_interface(const struct lvs_model *model,
					       size_t index)
{
	if (model == NULL || index >= model->interface_count)
		return NULL;
	return model->interfaces[index];
}
