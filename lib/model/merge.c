/*
 * The three-way merge: a configuration file was read again, and meanwhile
 * somebody changed what runs. What the file changed (before to after) is done,
 * value by value; what it did not change stays as it runs.
 *
 * A service or dest that the file names in both versions but that was taken
 * out of the model by hand stays out. One that the file newly names and that
 * is already there gets the file's values. The public function works on a copy
 * that takes the model's place at the end, so a failure leaves the model alone;
 * who has a copy of its own merges into that.
 *
 * Checks are the file's alone: rules, which are what people change with, carry
 * none. So a dest that came to be without any gets those of the file.
 */
#include "model/model.h"

#include <errno.h>
#include <string.h>

#include "model/pairs.h"
#include "model/wish.h"

struct merge {
	struct lvs_model *model;
	const struct lvs_model *before;
	const struct lvs_model *after;
};

static bool same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int merge_node(struct merge *m)
{
	struct lvs_model *model = m->model;
	int error;

	lvs__wish_merge(model->options, m->before->options, m->after->options,
			LVS__MODEL_OPTIONS);
	for (int i = 1; i < LVS__MODEL_TEXTS; i++) {
		if (same_text(m->before->texts[i], m->after->texts[i]))
			continue;
		error = lvs_model_set_text(model, i, m->after->texts[i]);
		if (error != 0)
			return error;
	}
	if (m->before->interface_count != m->after->interface_count ||
	    memcmp(m->before->interfaces, m->after->interfaces,
		   sizeof(m->after->interfaces)) != 0) {
		memcpy(model->interfaces, m->after->interfaces,
		       sizeof(model->interfaces));
		model->interface_count = m->after->interface_count;
	}
	return 0;
}

/* ---- dests */

/* `before` NULL: every value of `after` is new. */
static int merge_dest(struct merge *m, struct lvs_dest *dest,
		      const struct lvs_dest *before,
		      const struct lvs_dest *after)
{
	struct lvs__dest_wish wish, old, new;
	int error;

	lvs__wish_of_dest(&wish, dest);
	lvs__wish_of_dest(&new, after);
	if (before != NULL)
		lvs__wish_of_dest(&old, before);
	lvs__wish_merge_dest(&wish, before != NULL ? &old : NULL, &new);
	error = lvs__wish_give_dest(&wish, dest);
	if (error != 0)
		return error;
	if (before != NULL && lvs_model_get_check(m->model, dest, 0) != NULL &&
	    lvs__model_checks_equal(m->before, before, m->after, after))
		return 0;
	return lvs__model_copy_checks(m->model, dest, m->after, after);
}

static int add_dest(struct merge *m, struct lvs_service *service,
		    const struct lvs_dest *after)
{
	struct lvs_dest *dest;
	int error = lvs_service_add_dest(service, &dest, &after->addr,
					 after->port, 0);

	return error != 0 ? error : merge_dest(m, dest, NULL, after);
}

static int merge_dests(struct merge *m, struct lvs_service *service,
		       const struct lvs_service *before,
		       const struct lvs_service *after)
{
	struct lvs__dest_pair pair = {0};
	int error = 0;

	while (error == 0 && lvs__pair_dests(&pair, before, after)) {
		struct lvs_dest *dest =
			lvs__model_twin_dest(service, pair.from != NULL
							      ? pair.from
							      : pair.to);

		if (dest != NULL && pair.to == NULL)
			error = lvs_model_remove_dest(m->model, service, dest);
		else if (dest != NULL)
			error = merge_dest(m, dest, pair.from, pair.to);
		else if (pair.from == NULL)
			error = add_dest(m, service, pair.to);
	}
	return error;
}

/* ---- services */

/* `before` NULL: the file names the service for the first time. */
static int merge_service(struct merge *m, struct lvs_service *service,
			 const struct lvs_service *before,
			 const struct lvs_service *after)
{
	uint64_t *settings = lvs__model_settings_of(service);
	struct lvs__service_wish wish, old, new;
	int error;

	lvs__wish_of_service(&wish, service, settings);
	lvs__wish_of_service(&new, after, lvs__model_settings_of(after));
	if (before != NULL)
		lvs__wish_of_service(&old, before,
				     lvs__model_settings_of(before));
	lvs__wish_merge_service(&wish, before != NULL ? &old : NULL, &new);
	error = lvs__wish_give_service(&wish, service, settings);
	return error != 0 ? error : merge_dests(m, service, before, after);
}

static int merge_services(struct merge *m)
{
	struct lvs__service_pair pair = {0};
	int error = 0;

	while (error == 0 && lvs__pair_services(&pair, m->before->services,
						m->after->services)) {
		struct lvs_service *service =
			lvs__model_twin(m->model->services, pair.from != NULL
								    ? pair.from
								    : pair.to);

		if (service != NULL && pair.to == NULL)
			error = lvs_model_remove_service(m->model, service);
		else if (service != NULL)
			error = merge_service(m, service, pair.from, pair.to);
		else if (pair.from == NULL)
			error = lvs__model_copy_service(m->model, m->after,
							pair.to);
	}
	return error;
}

int lvs__model_merge(struct lvs_model *model, const struct lvs_model *before,
		     const struct lvs_model *after)
{
	struct merge m = {
		.model = model,
		.before = before,
		.after = after,
	};
	int error = merge_node(&m);

	return error != 0 ? error : merge_services(&m);
}

LVS_EXPORT int lvs_model_merge(struct lvs_model *model,
			       const struct lvs_model *before,
			       const struct lvs_model *after)
{
	struct lvs_model *merged;
	int error;

	if (model == NULL || before == NULL || after == NULL)
		return -EINVAL;
	error = lvs_model_copy(&merged, model);
	if (error != 0)
		return error;
	error = lvs__model_merge(merged, before, after);
	if (error == 0)
		lvs__model_swap(model, merged);
	lvs_model_free(merged);
	return error;
}
