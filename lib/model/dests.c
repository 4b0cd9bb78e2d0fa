/*
 * The dests of a model's services, and the checks that hang on them.
 *
 * The checks hang on the dest, which does not know what they are: the model's
 * set of services ends them when a dest goes, whoever takes it out.
 */
#include "model/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "service/service.h"

struct lvs_dest *lvs__model_next_dest(const struct lvs_service *service,
				      const struct lvs_dest *dest)
{
	const struct lvs__list *node =
		dest == NULL ? &service->dests : &dest->node;

	if (node->prev == &service->dests)
		return NULL;
	return lvs__list_entry(node->prev, struct lvs_dest, node);
}

struct lvs_dest *lvs__model_twin_dest(const struct lvs_service *service,
				      const struct lvs_dest *dest)
{
	return lvs_service_find_dest(service, &dest->addr, dest->port);
}

uint64_t lvs__model_dest_number(const struct lvs_dest *dest, int option)
{
	uint64_t value = 0;

	(void)lvs_dest_get(dest, option, &value);
	return value;
}

static struct lvs__model_extras *extras_of(const struct lvs_model *model,
					   const struct lvs_dest *dest)
{
	return dest->service != NULL && dest->service->parent == model->services
		       ? dest->note
		       : NULL;
}

/* They are made when there is something to note. NULL: no memory. */
static struct lvs__model_extras *need_extras(struct lvs_dest *dest)
{
	if (dest->note == NULL)
		dest->note = calloc(1, sizeof(struct lvs__model_extras));
	return dest->note;
}

static void end_checks(struct lvs__model_extras *extras)
{
	for (size_t i = 0; i < extras->count; i++)
		lvs_check_free(extras->checks[i]);
	free(extras->checks);
	extras->checks = NULL;
	extras->count = 0;
}

void lvs__model_drop_checks(struct lvs_model *model, struct lvs_dest *dest)
{
	struct lvs__model_extras *extras = extras_of(model, dest);

	if (extras != NULL)
		end_checks(extras);
}

/*
 * The walk to the first dest with a check goes on where the last one ended,
 * so that thousands that come, one by one, are not walked over each time.
 */
struct lvs_dest *lvs__model_first_checked(struct lvs_service *service)
{
	struct lvs__model_entry *e = service->note;
	struct lvs_dest *dest = e->unchecked_to;

	if (dest == NULL)
		dest = lvs__model_next_dest(service, NULL);
	for (; dest != NULL; dest = lvs__model_next_dest(service, dest)) {
		const struct lvs__model_extras *extras = dest->note;

		e->unchecked_to = dest;
		if (extras != NULL && extras->count > 0)
			return dest;
	}
	return NULL;
}

/* A dest that goes is no place to go on from: the one after it is, else the
 * one before it. */
static void leave(const struct lvs_dest *dest)
{
	struct lvs__model_entry *e = dest->service->note;

	if (e == NULL || e->unchecked_to != dest)
		return;
	e->unchecked_to = lvs__model_next_dest(dest->service, dest);
	if (e->unchecked_to == NULL)
		e->unchecked_to = lvs_service_next_dest(dest->service, dest);
}

void lvs__model_drop_extras(struct lvs_dest *dest)
{
	struct lvs__model_extras *extras = dest->note;

	leave(dest);
	if (extras == NULL)
		return;
	end_checks(extras);
	free(extras->place);
	free(extras);
	dest->note = NULL;
}

int lvs__model_set_dest_place(struct lvs_dest *dest, const char *text)
{
	struct lvs__model_extras *extras;

	if (text == NULL && dest->note == NULL)
		return 0;
	extras = need_extras(dest);
	return extras == NULL ? -ENOMEM : lvs__model_keep(&extras->place, text);
}

const char *lvs__model_dest_place(const struct lvs_dest *dest)
{
	const struct lvs__model_extras *extras = dest->note;

	return extras == NULL ? NULL : extras->place;
}

LVS_EXPORT int lvs_model_remove_dest(struct lvs_model *model,
				     struct lvs_service *service,
				     struct lvs_dest *dest)
{
	if (model == NULL || service == NULL || dest == NULL)
		return -EINVAL;
	if (service->parent != model->services || dest->service != service ||
	    dest->mark.gone != 0)
		return -ENOENT;
	lvs__service_remove_dest(service, dest);
	return 0;
}

/* Its extras with room for one check more, NULL: no memory. */
static struct lvs__model_extras *roomy(struct lvs_dest *dest)
{
	struct lvs__model_extras *extras = need_extras(dest);
	struct lvs_check **checks;

	if (extras == NULL)
		return NULL;
	checks = realloc(extras->checks, (extras->count + 1) * sizeof(*checks));
	if (checks == NULL)
		return NULL;
	extras->checks = checks;
	return extras;
}

static bool holds(const struct lvs__model_extras *extras,
		  const struct lvs_check *check)
{
	for (size_t i = 0; i < extras->count; i++)
		if (extras->checks[i] == check)
			return true;
	return false;
}

LVS_EXPORT int lvs_model_add_check(struct lvs_model *model,
				   struct lvs_service *service,
				   struct lvs_dest *dest,
				   struct lvs_check *check)
{
	struct lvs__model_extras *extras;
	struct lvs__model_entry *e;

	if (model == NULL || service == NULL || dest == NULL || check == NULL)
		return -EINVAL;
	if (service->parent != model->services || dest->service != service)
		return -ENOENT;
	extras = extras_of(model, dest);
	if (extras != NULL &&
	    (extras->count == LVS__MODEL_CHECKS || holds(extras, check)))
		return -EINVAL;
	extras = roomy(dest);
	if (extras == NULL)
		return -ENOMEM;
	extras->checks[extras->count++] = check;
	e = service->note;
	if (e->unchecked_to != NULL && dest->serial < e->unchecked_to->serial)
		e->unchecked_to = dest;
	return 0;
}

LVS_EXPORT struct lvs_check *lvs_model_get_check(const struct lvs_model *model,
						 const struct lvs_dest *dest,
						 size_t index)
{
	const struct lvs__model_extras *extras;

	if (model == NULL || dest == NULL)
		return NULL;
	extras = extras_of(model, dest);
	if (extras == NULL || index >= extras->count)
		return NULL;
	return extras->checks[index];
}

bool lvs__model_checks_equal(const struct lvs_model *a,
			     const struct lvs_dest *dest_a,
			     const struct lvs_model *b,
			     const struct lvs_dest *dest_b)
{
	const struct lvs__model_extras *x = extras_of(a, dest_a);
	const struct lvs__model_extras *y = extras_of(b, dest_b);
	size_t count = x == NULL ? 0 : x->count;

	if (count != (y == NULL ? 0 : y->count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (lvs_check_equal(x->checks[i], y->checks[i]) != 1)
			return false;
	return true;
}
