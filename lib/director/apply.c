/*
 * Makes a model what runs, as a difference; all or nothing.
 *
 * Everything that can fail comes first (difference.c); then the changes are
 * made, what is new is claimed from the host, and a snapshot is published.
 * Until that moment each step can be undone, for it keeps what was: a service's
 * settings are exchanged with those of its step, and back; a dest goes forward
 * only, and is put back as it was kept. Last, what is not wanted any more is
 * taken out. That cannot fail; should there be no memory for the last snapshot,
 * or the host not take a claim back, it is tried again until it is done.
 */
#include "director/apply.h"

#include <stdlib.h>
#include <string.h>

#include "model/model.h"

/* ---- doing and undoing */

static void exchange_service(struct lvs__step *step)
{
	struct lvs__live *live = step->live;
	struct lvs__service_wish old;
	struct lvs__live_dest *dest = NULL;

	lvs__wish_of_service(&old, live->service, live->settings);
	/* a model has no value that the service would refuse */
	(void)lvs__wish_give_service(&step->service_wish, live->service,
				     live->settings);
	if (old.settings[LVS_SETTING_INHIBIT] !=
	    live->settings[LVS_SETTING_INHIBIT])
		while ((dest = lvs__live_next_dest(live, dest)) != NULL)
			lvs__live_settle(dest);
	step->service_wish = old;
}

/* A dest becomes what the step says; what it was is kept in the step. */
static void change_dest(struct lvs_director *director, struct lvs__step *step)
{
	struct lvs__live_dest *dest = step->dest;
	const struct lvs__dest_wish *old = &step->before.wish;

	step->before = *dest;
	step->two_way = dest->dest->two_way;
	dest->wish = step->wish;
	if (old->of[LVS_DEST_DRAIN] != dest->wish.of[LVS_DEST_DRAIN] ||
	    (old->of[LVS_DEST_WEIGHT] == 0) !=
		    (dest->wish.of[LVS_DEST_WEIGHT] == 0))
		dest->since = director->now;
	if (step->new_checks ||
	    old->of[LVS_DEST_METHOD] != dest->wish.of[LVS_DEST_METHOD])
		lvs__passive_restart(dest);
	if (step->new_checks) {
		lvs__health_swap(dest, &step->uses, &step->use_count);
		dest->down = step->down;
		if (dest->down != step->before.down)
			dest->since = director->now;
	}
	if (old->of[LVS_DEST_DRAIN] == 0 || dest->wish.of[LVS_DEST_DRAIN] == 0)
		dest->drained = false;
	lvs__live_settle(dest);
}

/*
 * As if it had never been changed; new checks are the step's again. What is
 * kept is the director's own record: counters and load, which workers write,
 * are in the dest itself, and stay.
 */
static void put_back(struct lvs__step *step)
{
	struct lvs__live_dest *dest = step->dest;

	if (step->new_checks)
		lvs__health_swap(dest, &step->uses, &step->use_count);
	*dest = step->before;
	lvs__live_settle(dest);
	dest->dest->two_way = step->two_way;
}

static void do_step(struct lvs_director *director, struct lvs__step *step)
{
	switch (step->kind) {
	case LVS__ADD_SERVICE:
	case LVS__CHANGE_SERVICE:
		exchange_service(step);
		break;
	case LVS__ADD_DEST:
		step->dest->down = !lvs__health_up(step->dest->uses,
						   step->dest->use_count);
		change_dest(director, step);
		break;
	case LVS__CHANGE_DEST:
		change_dest(director, step);
		break;
	case LVS__REMOVE_SERVICE:
	case LVS__REMOVE_DEST:
		break; /* last, by finish() */
	}
}

/* Takes back one step; `done`: do_step() was called on it. */
static void undo_step(struct lvs_director *director, struct lvs__step *step,
		      bool done)
{
	switch (step->kind) {
	case LVS__ADD_SERVICE:
		lvs__live_remove(director, step->live);
		break;
	case LVS__ADD_DEST:
		lvs__live_remove_dest(director, step->dest);
		break;
	case LVS__CHANGE_SERVICE:
		if (done)
			exchange_service(step);
		break;
	case LVS__CHANGE_DEST:
		if (done)
			put_back(step);
		lvs__health_drop(director, step->uses, step->use_count);
		break;
	case LVS__REMOVE_SERVICE:
	case LVS__REMOVE_DEST:
		break;
	}
}

static void swap_timeouts(struct lvs__change *change)
{
	uint32_t *now = change->director->catalog.timeouts;
	uint32_t old[LVS_STATES];

	memcpy(old, now, sizeof(old));
	memcpy(now, change->timeouts, sizeof(old));
	memcpy(change->timeouts, old, sizeof(old));
}

static void undo(struct lvs__change *change, bool done)
{
	for (size_t i = change->count; i > 0; i--)
		undo_step(change->director, &change->steps[i - 1], done);
	if (done)
		swap_timeouts(change);
}

/* Makes the changes and publishes them. 0, or all is as before. */
static int commit(struct lvs__change *change)
{
	struct lvs_director *director = change->director;
	int error = 0;

	for (size_t i = 0; i < change->count; i++)
		do_step(director, &change->steps[i]);
	swap_timeouts(change);
	if (change->adds)
		error = lvs__director_claim(director, change->message,
					    change->size);
	if (error < 0)
		lvs__place_claim(change);
	if (error == 0 && change->shows) {
		error = lvs__director_publish(director);
		if (error < 0)
			lvs__message_error(change->message, change->size, error,
					   NULL);
	}
	if (error == 0)
		return 0;
	undo(change, true);
	/* the claims that were there; what could not be said is said later */
	if (change->adds && lvs__director_claim(director, NULL, 0) < 0)
		director->unclaimed = true;
	return error;
}

/* Says what was done and takes out what is not wanted any more. */
static void finish(struct lvs__change *change)
{
	struct lvs_director *director = change->director;

	for (size_t i = 0; i < change->count; i++) {
		struct lvs__step *step = &change->steps[i];

		lvs__step_tell(director, step);
		if (step->kind == LVS__REMOVE_SERVICE)
			lvs__live_remove(director, step->live);
		else if (step->kind == LVS__REMOVE_DEST)
			lvs__live_remove_dest(director, step->dest);
		else if (step->kind == LVS__CHANGE_DEST)
			lvs__health_drop(director, step->uses, step->use_count);
	}
	if (change->adds || change->removes)
		director->generation++;
	if (change->removes) {
		director->behind = lvs__director_publish(director) < 0;
		director->unclaimed =
			lvs__director_claim(director, NULL, 0) < 0;
	}
	lvs__serving_tell(director);
	lvs__passive_sample(director);
	director->drain_at = director->now;
	lvs__director_wake(director);
}

static int count(const struct lvs__change *change)
{
	int n = change->new_timeouts;

	for (size_t i = 0; i < change->count; i++)
		n += change->steps[i].kind != LVS__ADD_DEST ||
		     !change->steps[i].with_service;
	return n;
}

/* Takes `model` on success; what was `asked` knows its places. */
static int apply(struct lvs_director *director, struct lvs_model *model,
		 const struct lvs_model *asked, char *message, size_t size)
{
	struct lvs__change change = {
		.director = director,
		.model = model,
		.asked = asked,
		.message = message,
		.size = size,
	};
	int error = lvs__settings_check(director, asked, message, size);

	if (error < 0)
		return error;
	error = lvs__difference_find(&change);
	if (error < 0)
		undo(&change, false);
	else if (change.count > 0 || change.new_timeouts)
		error = commit(&change);
	if (error < 0) {
		/* what was added for a moment waits for the next snapshot */
		lvs__director_sweep(director);
		free(change.steps);
		return error;
	}
	lvs_model_free(director->model);
	director->model = model;
	error = count(&change);
	finish(&change);
	free(change.steps);
	return error;
}

static int refused(struct lvs_director *director, int error)
{
	struct lvs_event event = {.kind = LVS_EVENT_REFUSED};

	lvs__event_add(director, &event);
	lvs__director_wake(director);
	return error;
}

int lvs__director_apply(struct lvs_director *director, struct lvs_model *model,
			char *message, size_t size, uint64_t now)
{
	int result;

	director->now = now;
	result = apply(director, model, model, message, size);
	if (result < 0) {
		lvs_model_free(model);
		return refused(director, result);
	}
	return result;
}

LVS_EXPORT int lvs_director_apply(struct lvs_director *director,
				  const struct lvs_model *model, char *message,
				  size_t size, uint64_t now)
{
	struct lvs_model *copy;
	int error;

	if (director == NULL || model == NULL)
		return lvs__message_error(message, size, -EINVAL, NULL);
	director->now = now;
	error = lvs_model_copy(&copy, model);
	if (error < 0)
		return lvs__message_error(message, size, error, NULL);
	return lvs__director_apply(director, copy, message, size, now);
}

/* The model that runs, with what changed in the file since it was last read. */
static int merge(struct lvs_director *director, struct lvs_model **out,
		 const struct lvs_model *file)
{
	struct lvs_model *merged;
	int error = lvs_model_copy(&merged, director->model);

	if (error < 0)
		return error;
	error = lvs__model_merge(merged, director->file, file);
	if (error < 0) {
		lvs_model_free(merged);
		return error;
	}
	*out = merged;
	return 0;
}

LVS_EXPORT int lvs_director_reload(struct lvs_director *director,
				   const struct lvs_model *model, char *message,
				   size_t size, uint64_t now)
{
	struct lvs_model *file = NULL, *merged = NULL;
	struct lvs_event event = {.kind = LVS_EVENT_RELOADED};
	int result;

	if (director == NULL || model == NULL)
		return lvs__message_error(message, size, -EINVAL, NULL);
	director->now = now;
	result = lvs_model_copy(&file, model);
	if (result == 0)
		result = merge(director, &merged, file);
	if (result < 0)
		lvs__message_error(message, size, result, NULL);
	else
		result = apply(director, merged, file, message, size);
	if (result < 0) {
		lvs_model_free(merged);
		lvs_model_free(file);
		return refused(director, result);
	}
	lvs_model_free(director->file);
	director->file = file;
	event.value = (uint64_t)result;
	lvs__event_add(director, &event);
	lvs__director_wake(director);
	return result;
}
