/*
 * The table of schedulers, plans, and how a rotation follows changes.
 *
 * A cursor stands on the dest that it picked last, known by its serial number.
 * As in IPVS, when that dest is removed it moves to the one before it, and in
 * front of the first if there is none. While no worker sees the service this
 * happens at each change (follow); afterwards when the worker first meets the
 * new plan (lvs__cursor_follow), since only the worker may touch its cursor.
 *
 * With several workers each starts elsewhere in the list, so that their first
 * picks do not all meet at one dest.
 */
#include "sched/sched.h"

#include <stdlib.h>
#include <string.h>

#include "service/services.h"

/* A new scheduler: one file, one line here. */
static const struct lvs__sched *const scheds[] = {
	&lvs__sched_rr,
	&lvs__sched_wrr,
	&lvs__sched_lc,
	&lvs__sched_wlc,
};

#define SCHEDS (sizeof(scheds) / sizeof(scheds[0]))

LVS_EXPORT const char *lvs_sched_name(size_t index)
{
	return index < SCHEDS ? scheds[index]->name : NULL;
}

const struct lvs__sched *lvs__sched_find(const char *name)
{
	for (size_t i = 0; i < SCHEDS; i++)
		if (strcmp(scheds[i]->name, name) == 0)
			return scheds[i];
	return NULL;
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
	while (b != 0) {
		uint32_t rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

/* Takes one more weight into the greatest common divisor and the maximum. */
static void measure(uint32_t *divisor, uint32_t *max_weight, uint32_t weight)
{
	if (weight == 0)
		return;
	*divisor = gcd(*divisor, weight);
	if (weight > *max_weight)
		*max_weight = weight;
}

static struct lvs_dest *dest_of(struct lvs__list *node)
{
	return lvs__list_entry(node, struct lvs_dest, node);
}

/* `late`: the dests were there before the scheduler. */
static void reset(struct lvs__cursor *cursor, const struct lvs__sched *sched,
		  bool late)
{
	memset(cursor, 0, sizeof(*cursor));
	cursor->sched = sched;
	cursor->serial = LVS__SERIAL_HEAD;
	cursor->weight = late ? LVS__WEIGHT_LATE : LVS__WEIGHT_NONE;
}

/* Tells the scheduler of a change, by the dests without `removed`. */
static void tell_changed(struct lvs__cursor *cursor,
			 const struct lvs_service *service,
			 const struct lvs_dest *removed)
{
	struct lvs__list *node, *save;
	uint32_t divisor = 0;
	uint32_t max_weight = 0;

	if (service->sched->changed == NULL)
		return;
	lvs__list_for_each (node, save, &service->dests)
		if (dest_of(node) != removed)
			measure(&divisor, &max_weight,
				lvs__dest_usable_weight(dest_of(node)));
	service->sched->changed(cursor, divisor == 0 ? 1 : divisor, max_weight);
}

static void follow(struct lvs_service *service, const struct lvs_dest *removed)
{
	struct lvs__cursor *cursor = &service->cursors[0];

	if (cursor->sched != service->sched)
		reset(cursor, service->sched, true);
	if (service->sched == NULL)
		return;
	if (removed != NULL && cursor->serial == removed->serial)
		cursor->serial = removed->node.prev == &service->dests
					 ? LVS__SERIAL_HEAD
					 : dest_of(removed->node.prev)->serial;
	tell_changed(cursor, service, removed);
	cursor->version = 0;
}

/* The index of the first dest behind `serial`. */
static uint32_t behind(const struct lvs__plan *plan, uint64_t serial)
{
	uint32_t low = 0;
	uint32_t high = plan->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (plan->dests[middle].serial < serial)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void lvs__cursor_follow(struct lvs__cursor *cursor,
			const struct lvs__plan *plan, uint32_t lane)
{
	uint32_t next;

	if (cursor->sched != plan->sched)
		reset(cursor, plan->sched, cursor->sched != NULL);
	next = behind(plan, cursor->serial);
	/* its own dest, or the one before it that stayed */
	cursor->serial =
		next == 0 ? LVS__SERIAL_HEAD : plan->dests[next - 1].serial;
	if (plan->sched->changed != NULL)
		plan->sched->changed(cursor, plan->gcd, plan->max_weight);
	if (cursor->serial == LVS__SERIAL_HEAD)
		next = (uint32_t)((uint64_t)plan->count * lane / plan->lanes);
	cursor->next = next;
	cursor->version = plan->version;
}

static void forget(struct lvs_service *service)
{
	lvs__plan_put(service->plan);
	service->plan = NULL;
}

static const struct lvs__service_ops service_ops = {
	.follow = follow,
	.forget = forget,
};

void lvs__plan_put(struct lvs__plan *plan)
{
	if (plan == NULL || --plan->references > 0)
		return;
	if (plan->sched != NULL && plan->sched->release != NULL)
		plan->sched->release(plan);
	free(plan);
}

static void fill(struct lvs__plan *plan, const struct lvs_service *service)
{
	struct lvs__list *node, *save;
	uint32_t divisor = 0;

	lvs__list_for_each (node, save, &service->dests) {
		struct lvs_dest *dest = dest_of(node);
		struct lvs__plan_dest *d = &plan->dests[plan->count++];

		d->dest = dest;
		d->serial = dest->serial;
		d->weight = lvs__dest_usable_weight(dest);
		d->configured = dest->weight & LVS__MOST_WEIGHT;
		d->draining = dest->draining;
		d->forward = lvs__forward_find((int)dest->method);
		measure(&divisor, &plan->max_weight, d->weight);
		if (service->parent != NULL)
			dest->published = true;
	}
	plan->gcd = divisor == 0 ? 1 : divisor;
}

static struct lvs__plan *new_plan(struct lvs_service *service)
{
	struct lvs__plan *plan =
		calloc(1, sizeof(*plan) +
				  service->dest_count * sizeof(plan->dests[0]));

	if (plan == NULL)
		return NULL;
	plan->sched = service->sched;
	plan->cursors = service->cursors;
	plan->lanes = service->lane_count;
	plan->version = service->changes;
	plan->references = 1;
	fill(plan, service);
	if (plan->sched != NULL && plan->sched->compile != NULL &&
	    plan->sched->compile(plan) != 0) {
		free(plan);
		return NULL;
	}
	return plan;
}

int lvs__plan_get(struct lvs__plan **plan, struct lvs_service *service)
{
	if (service->plan == NULL ||
	    service->plan->version != service->changes) {
		struct lvs__plan *fresh = new_plan(service);

		if (fresh == NULL)
			return -ENOMEM;
		forget(service);
		service->plan = fresh;
		service->ops = &service_ops;
		if (service->parent != NULL)
			service->published = true;
	}
	service->plan->references++;
	*plan = service->plan;
	return 0;
}

LVS_EXPORT int lvs_service_set_sched(struct lvs_service *service,
				     const char *name)
{
	if (service != NULL && lvs__service_sealed(service))
		return -EBUSY;
	return lvs__service_set_sched(service, name);
}

LVS_PRIVATE int lvs__service_set_sched(struct lvs_service *service,
				       const char *name)
{
	const struct lvs__sched *sched = NULL;

	if (service == NULL || name == NULL)
		return -EINVAL;
	if (strcmp(name, "none") != 0) {
		sched = lvs__sched_find(name);
		if (sched == NULL)
			return -ENOENT;
	}
	if (sched == service->sched)
		return 0;
	service->sched = sched;
	service->ops = &service_ops;
	lvs__service_changed(service, NULL);
	return 0;
}

LVS_EXPORT const char *lvs_service_get_sched(const struct lvs_service *service)
{
	return service == NULL || service->sched == NULL ? "none"
							 : service->sched->name;
}

LVS_EXPORT int lvs_service_pick(struct lvs_service *service,
				struct lvs_dest **dest,
				const struct lvs_key *key, uint64_t now)
{
	const struct lvs__plan_dest *picked;

	if (service == NULL || dest == NULL)
		return -EINVAL;
	if (service->parent != NULL)
		return -EBUSY;
	if (service->sched == NULL)
		return -ENODEV;
	if (service->plan == NULL ||
	    service->plan->version != service->changes) {
		struct lvs__plan *plan;

		if (lvs__plan_get(&plan, service) != 0)
			return -ENOMEM;
		lvs__plan_put(plan);
	}
	picked = lvs__plan_pick(service->plan, &service->plan->cursors[0], 0,
				key, now);
	if (picked == NULL)
		return -ENOENT;
	*dest = picked->dest;
	return 0;
}
