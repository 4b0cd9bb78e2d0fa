/*
 * The dests of a model's services, and the checks that hang on them.
 *
 * A dest knows nothing of checks, so they are found by the dest's pointer;
 * that is why a dest of a model is removed through the model.
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

struct lvs_dest *lvs__model_twin_dest(struct lvs_service *service,
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

int lvs__model_set_thresholds(struct lvs_dest *dest, uint64_t upper,
			      uint64_t lower)
{
	int error = lvs_dest_set(dest, LVS_DEST_LOWER, 0);

	if (error == 0)
		error = lvs_dest_set(dest, LVS_DEST_UPPER, upper);
	if (error == 0)
		error = lvs_dest_set(dest, LVS_DEST_LOWER, lower);
	return error;
}

static struct lvs__model_slot *find_slot(const struct lvs_model *model,
					 const struct lvs_dest *dest)
{
	struct lvs__model_link *link =
		lvs__model_index_first(&model->checks_by_dest,
				       lvs__model_hash(&dest, sizeof(dest)));

	for (; link != NULL; link = link->next) {
		struct lvs__model_slot *slot = (struct lvs__model_slot *)link;

		if (slot->dest == dest)
			return slot;
	}
	return NULL;
}

void lvs__model_drop_checks(struct lvs_model *model,
			    const struct lvs_dest *dest)
{
	struct lvs__model_slot *slot = find_slot(model, dest);

	if (slot == NULL)
		return;
	lvs__model_index_remove(&model->checks_by_dest, &slot->link);
	for (size_t i = 0; i < slot->count; i++)
		lvs_check_free(slot->checks[i]);
	free(slot->checks);
	free(slot);
}

LVS_EXPORT int lvs_model_remove_dest(struct lvs_model *model,
				     struct lvs_service *service,
				     struct lvs_dest *dest)
{
	if (model == NULL || service == NULL || dest == NULL)
		return -EINVAL;
	if (service->parent != model || dest->service != service)
		return -ENOENT;
	lvs__model_drop_checks(model, dest);
	return lvs_service_remove_dest(service, dest);
}

/* The slot of a dest with room for one more check, NULL: no memory. */
static struct lvs__model_slot *roomy_slot(struct lvs_model *model,
					  const struct lvs_dest *dest)
{
	struct lvs__model_slot *slot = find_slot(model, dest);
	struct lvs_check **checks;

	if (slot == NULL) {
		slot = calloc(1, sizeof(*slot));
		if (slot == NULL)
			return NULL;
		slot->dest = dest;
		if (lvs__model_index_add(&model->checks_by_dest, &slot->link,
					 lvs__model_hash(&dest,
							 sizeof(dest))) != 0) {
			free(slot);
			return NULL;
		}
	}
	checks = realloc(slot->checks, (slot->count + 1) * sizeof(*checks));
	if (checks == NULL)
		return NULL;
	slot->checks = checks;
	return slot;
}

static bool holds(const struct lvs__model_slot *slot,
		  const struct lvs_check *check)
{
	for (size_t i = 0; i < slot->count; i++)
		if (slot->checks[i] == check)
			return true;
	return false;
}

LVS_EXPORT int lvs_model_add_check(struct lvs_model *model,
				   struct lvs_service *service,
				   struct lvs_dest *dest,
				   struct lvs_check *check)
{
	struct lvs__model_slot *slot;

	if (model == NULL || service == NULL || dest == NULL || check == NULL)
		return -EINVAL;
	if (service->parent != model || dest->service != service)
		return -ENOENT;
	slot = find_slot(model, dest);
	if (slot != NULL &&
	    (slot->count == LVS__MODEL_CHECKS || holds(slot, check)))
		return -EINVAL;
	slot = roomy_slot(model, dest);
	if (slot == NULL)
		return -ENOMEM;
	slot->checks[slot->count++] = check;
	return 0;
}

LVS_EXPORT struct lvs_check *lvs_model_get_check(const struct lvs_model *model,
						 const struct lvs_dest *dest,
						 size_t index)
{
	const struct lvs__model_slot *slot;

	if (model == NULL || dest == NULL)
		return NULL;
	slot = find_slot(model, dest);
	if (slot == NULL || index >= slot->count)
		return NULL;
	return slot->checks[index];
}

bool lvs__model_checks_equal(const struct lvs_model *a,
			     const struct lvs_dest *dest_a,
			     const struct lvs_model *b,
			     const struct lvs_dest *dest_b)
{
	const struct lvs__model_slot *x = find_slot(a, dest_a);
	const struct lvs__model_slot *y = find_slot(b, dest_b);
	size_t count = x == NULL ? 0 : x->count;

	if (count != (y == NULL ? 0 : y->count))
		return false;
	for (size_t i = 0; i < count; i++)
		if (lvs_check_equal(x->checks[i], y->checks[i]) != 1)
			return false;
	return true;
}
