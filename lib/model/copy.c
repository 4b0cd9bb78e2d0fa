/*
 * Copies of a model and of its parts, and the exchange of two models.
 *
 * The exchange is how a change of many steps becomes one: the steps are done
 * to a copy, and the copy takes the model's place when all have succeeded.
 */
#include "model/model.h"

#include <errno.h>
#include <string.h>

#include "service/service.h"

/* What probes `from` itself, at any port, shall probe `to`. */
static int retarget(struct lvs_check *check, const struct lvs_dest *to,
		    const struct lvs_dest *from)
{
	struct lvs_addr addr;
	uint16_t port;

	if (lvs_check_get_target(check, &addr, &port) != 0 ||
	    addr.family != from->addr.family ||
	    memcmp(addr.bytes, from->addr.bytes, sizeof(addr.bytes)) != 0)
		return 0;
	return lvs_check_set_target(check, &to->addr,
				    port == from->port ? to->port : port);
}

/* `twin`: both are one dest, of two models, so targets stay. */
static int copy_checks(struct lvs_model *model, struct lvs_dest *to,
		       const struct lvs_model *source,
		       const struct lvs_dest *from, bool twin)
{
	struct lvs_check *check;
	struct lvs_check *copy;
	int error;

	for (size_t i = 0;
	     (check = lvs_model_get_check(source, from, i)) != NULL; i++) {
		error = lvs_check_copy(&copy, check);
		if (error != 0)
			return error;
		if (!twin)
			error = retarget(copy, to, from);
		if (error == 0)
			error = lvs_model_add_check(model, to->service, to,
						    copy);
		if (error != 0) {
			lvs_check_free(copy);
			return error;
		}
	}
	return 0;
}

int lvs__model_copy_checks(struct lvs_model *model, struct lvs_dest *to,
			   const struct lvs_model *source,
			   const struct lvs_dest *from)
{
	lvs__model_drop_checks(model, to);
	return copy_checks(model, to, source, from, true);
}

int lvs__model_inherit_checks(struct lvs_model *model, struct lvs_dest *dest)
{
	const struct lvs_dest *sibling =
		lvs__model_first_checked(dest->service);

	return sibling == NULL || sibling == dest
		       ? 0
		       : copy_checks(model, dest, model, sibling, false);
}

/* Settings, checks and places, once the service itself is copied. */
static int copy_extras(struct lvs_model *model, struct lvs_service *copy,
		       const struct lvs_model *source,
		       const struct lvs_service *service)
{
	struct lvs_dest *to = NULL;
	struct lvs_dest *from = NULL;
	int error =
		lvs__model_set_service_place(copy,
					     lvs__model_service_place(service));

	if (error != 0)
		return error;
	memcpy(lvs__model_settings_of(copy), lvs__model_settings_of(service),
	       LVS__MODEL_SETTINGS * sizeof(uint64_t));
	/* both walks have the same order: one is the other's copy */
	while ((to = lvs__model_next_dest(copy, to)) != NULL &&
	       (from = lvs__model_next_dest(service, from)) != NULL) {
		error = lvs__model_copy_checks(model, to, source, from);
		if (error == 0)
			error = lvs__model_set_dest_place(to,
							  lvs__model_dest_place(
								  from));
		if (error != 0)
			return error;
	}
	return 0;
}

int lvs__model_copy_service(struct lvs_model *model,
			    const struct lvs_model *source,
			    const struct lvs_service *service)
{
	struct lvs_service *copy;
	int error = lvs__service_copy(&copy, service);

	if (error != 0)
		return error;
	error = lvs_model_add_service(model, copy);
	if (error != 0) {
		lvs_service_free(copy);
		return error;
	}
	error = copy_extras(model, copy, source, service);
	if (error != 0)
		(void)lvs_model_remove_service(model, copy);
	return error;
}

static int fill(struct lvs_model *copy, const struct lvs_model *model)
{
	struct lvs_service *service = NULL;
	int error;

	memcpy(copy->options, model->options, sizeof(copy->options));
	memcpy(copy->interfaces, model->interfaces, sizeof(copy->interfaces));
	copy->interface_count = model->interface_count;
	for (int i = 1; i < LVS__MODEL_TEXTS; i++) {
		error = lvs_model_set_text(copy, i, model->texts[i]);
		if (error != 0)
			return error;
	}
	for (size_t i = 0; i < LVS__PLACES; i++) {
		error = lvs__model_set_place(copy, i, model->places[i]);
		if (error != 0)
			return error;
	}
	while ((service = lvs_model_next_service(model, service)) != NULL) {
		error = lvs__model_copy_service(copy, model, service);
		if (error != 0)
			return error;
	}
	return 0;
}

LVS_EXPORT int lvs_model_copy(struct lvs_model **copy,
			      const struct lvs_model *model)
{
	struct lvs_model *new;
	int error;

	if (copy == NULL || model == NULL)
		return -EINVAL;
	error = lvs_model_new(&new);
	if (error != 0)
		return error;
	error = fill(new, model);
	if (error != 0) {
		lvs_model_free(new);
		return error;
	}
	*copy = new;
	return 0;
}

/* A service's parent is what the model points to, so it need not be told. */
void lvs__model_swap(struct lvs_model *a, struct lvs_model *b)
{
	struct lvs_model c = *a;

	*a = *b;
	*b = c;
}
