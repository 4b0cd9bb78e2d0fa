/*
 * The three-way merge: a configuration file was read again, and meanwhile
 * somebody changed what runs. What the file changed (before to after) is done,
 * value by value; what it did not change stays as it runs.
 *
 * A service or dest that the file names in both versions but that was taken
 * out of the model by hand stays out. One that the file newly names and that
 * is already there gets the file's values. The work is done on a copy that
 * takes the model's place at the end, so a failure leaves the model alone.
 *
 * Checks are the file's alone: rules, which are what people change with, carry
 * none. So a dest that came to be without any gets those of the file.
 */
#include "model/model.h"

#include <errno.h>
#include <string.h>

#include "model/pairs.h"

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

	for (int i = 1; i < LVS__MODEL_OPTIONS; i++)
		if (m->before->options[i] != m->after->options[i])
			model->options[i] = m->after->options[i];
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

static bool changed(const struct lvs_dest *before, const struct lvs_dest *after,
		    int option)
{
	return before == NULL || lvs__model_dest_number(before, option) !=
					 lvs__model_dest_number(after, option);
}

/* `before` NULL: every value of `after` is new. */
static int merge_dest(struct merge *m, struct lvs_dest *dest,
		      const struct lvs_dest *before,
		      const struct lvs_dest *after)
{
	static const int options[] = {LVS_DEST_WEIGHT, LVS_DEST_METHOD,
				      LVS_DEST_DRAIN};
	int error;

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		if (!changed(before, after, options[i]))
			continue;
		error = lvs_dest_set(dest, options[i],
				     lvs__model_dest_number(after, options[i]));
		if (error != 0)
			return error;
	}
	/* a pair: one without the other could be out of order */
	if (changed(before, after, LVS_DEST_UPPER) ||
	    changed(before, after, LVS_DEST_LOWER)) {
		error = lvs__model_set_thresholds(
			dest, lvs__model_dest_number(after, LVS_DEST_UPPER),
			lvs__model_dest_number(after, LVS_DEST_LOWER));
		if (error != 0)
			return error;
	}
	if (before != NULL && lvs_model_get_check(m->model, dest, 0) != NULL &&
	    lvs__model_checks_equal(m->before, before, m->after, after))
		return 0;
	return lvs__model_copy_checks(m->model, dest, m->after, after);
}

static int add_dest(struct merge *m, struct lvs_service *service,
		    const struct lvs_dest *after)
{
	struct lvs_dest *dest;
	struct lvs_addr addr;
	uint16_t port;
	int error;

	(void)lvs_dest_get_address(after, &addr, &port);
	error = lvs_service_add_dest(
		service, &dest, &addr, port,
		(uint32_t)lvs__model_dest_number(after, LVS_DEST_WEIGHT));
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
			lvs__model_twin_dest(service,
					     pair.a != NULL ? pair.a : pair.b);

		if (dest != NULL && pair.b == NULL)
			error = lvs_model_remove_dest(m->model, service, dest);
		else if (dest != NULL)
			error = merge_dest(m, dest, pair.a, pair.b);
		else if (pair.a == NULL)
			error = add_dest(m, service, pair.b);
	}
	return error;
}

/* ---- services */

static int merge_settings(struct merge *m, struct lvs_service *service,
			  const struct lvs_service *before,
			  const struct lvs_service *after)
{
	uint64_t old = 0;
	uint64_t new = 0;
	int error = 0;

	for (int i = 1; i < LVS__MODEL_SETTINGS && error == 0; i++) {
		(void)lvs_model_get_service(m->after, after, i, &new);
		if (before == NULL ||
		    (lvs_model_get_service(m->before, before, i, &old) == 0 &&
		     old != new))
			error = lvs_model_set_service(m->model, service, i,
						      new);
	}
	return error;
}

/* `before` NULL: the file names the service for the first time. */
static int merge_service(struct merge *m, struct lvs_service *service,
			 const struct lvs_service *before,
			 const struct lvs_service *after)
{
	const int option = LVS_SERVICE_EXPIRE_NODEST;
	int error = 0;

	if (before == NULL || !same_text(lvs_service_get_sched(before),
					 lvs_service_get_sched(after)))
		error = lvs_service_set_sched(service,
					      lvs_service_get_sched(after));
	if (error == 0 && (before == NULL ||
			   lvs__model_service_number(before, option) !=
				   lvs__model_service_number(after, option)))
		error = lvs_service_set(service, option,
					lvs__model_service_number(after,
								  option));
	if (error == 0)
		error = merge_settings(m, service, before, after);
	if (error == 0)
		error = merge_dests(m, service, before, after);
	return error;
}

static int merge_services(struct merge *m)
{
	struct lvs__service_pair pair = {0};
	int error = 0;

	while (error == 0 && lvs__pair_services(&pair, m->before->services,
						m->after->services)) {
		struct lvs_service *service =
			lvs__model_twin(m->model,
					pair.a != NULL ? pair.a : pair.b);

		if (service != NULL && pair.b == NULL)
			error = lvs_model_remove_service(m->model, service);
		else if (service != NULL)
			error = merge_service(m, service, pair.a, pair.b);
		else if (pair.a == NULL)
			error = lvs__model_copy_service(m->model, m->after,
							pair.b);
	}
	return error;
}

LVS_EXPORT int lvs_model_merge(struct lvs_model *model,
			       const struct lvs_model *before,
			       const struct lvs_model *after)
{
	struct merge m = {
		.before = before,
		.after = after,
	};
	int error;

	if (model == NULL || before == NULL || after == NULL)
		return -EINVAL;
	error = lvs_model_copy(&m.model, model);
	if (error != 0)
		return error;
	error = merge_node(&m);
	if (error == 0)
		error = merge_services(&m);
	if (error == 0)
		lvs__model_swap(model, m.model);
	lvs_model_free(m.model);
	return error;
}
