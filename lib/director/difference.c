/*
 * The difference between what runs and a model, with everything prepared that
 * could fail: memory, new services and dests, checks.
 *
 * What is new is added to the catalog here, but no snapshot shows it before
 * apply.c publishes one.
 */
#include "director/apply.h"

#include <stdlib.h>
#include <string.h>

#include "model/model.h"
#include "model/pairs.h"
#include "model/text.h"

static struct lvs__step *add_step(struct lvs__change *change,
				  enum lvs__step_kind kind)
{
	struct lvs__step *step;

	if (change->count == change->room) {
		size_t room = change->room > 0 ? change->room * 2 : 16;

		step = reallocarray(change->steps, room, sizeof(*step));
		if (step == NULL)
			return NULL;
		change->steps = step;
		change->room = room;
	}
	step = &change->steps[change->count];
	memset(step, 0, sizeof(*step));
	step->kind = kind;
	if (kind != LVS__REMOVE_SERVICE && kind != LVS__REMOVE_DEST)
		change->shows = true;
	return step; /* counted by the caller, once it is complete */
}

/* Says which service or dest an error is about, where that stands, and why
 * (NULL: as the error's number says). */
static int refuse(struct lvs__change *change, int error, const char *why,
		  const struct lvs_service *service,
		  const struct lvs_dest *dest)
{
	const char *place = lvs__place_of(change, service, dest);
	char name[2 * LVS__ENDPOINT_TEXT + 16];
	struct lvs__text text;

	lvs__text_init(&text, name, sizeof(name));
	lvs__text_service(&text, service);
	if (dest != NULL) {
		lvs__text_add(&text, " -> ");
		lvs__text_endpoint(&text, &dest->addr, dest->port);
	}
	return lvs__message(change->message, change->size, error, "%s%s%s: %s",
			    place != NULL ? place : "",
			    place != NULL ? ": " : "", name,
			    why != NULL ? why : lvs_strerror(error));
}

/* A server that would be this host itself. 0, or refused. */
static int judge(struct lvs__change *change)
{
	struct lvs__model_local local;
	char words[LVS__LOCAL_WORDS];
	int found = lvs__model_find_local(change->model, &local);

	if (found < 0)
		return lvs__message_error(change->message, change->size, found,
					  NULL);
	if (found == 0)
		return 0;
	return refuse(change, -EINVAL, lvs__model_tell_local(words, &local),
		      local.service, local.dest);
}

/* The checks of a dest of the model, started for a live one. */
static int prepare_checks(struct lvs__change *change, struct lvs__step *step,
			  const struct lvs_dest *dest, bool fresh)
{
	struct lvs_check *checks[LVS__MODEL_CHECKS];
	size_t count = 0;

	while (count < LVS__MODEL_CHECKS &&
	       (checks[count] = lvs_model_get_check(change->model, dest,
						    count)) != NULL)
		count++;
	step->use_count = count;
	return lvs__health_prepare(change->director, &step->uses, step->dest,
				   checks, count, fresh);
}

static int add_dest(struct lvs__change *change, struct lvs__live *live,
		    const struct lvs_dest *dest, bool with_service)
{
	struct lvs__step *step = add_step(change, LVS__ADD_DEST);
	int error;

	if (step == NULL)
		return -ENOMEM;
	error = lvs__live_add_dest(change->director, &step->dest, live,
				   &dest->addr, dest->port);
	if (error < 0)
		return error;
	step->live = live;
	error = prepare_checks(change, step, dest, true);
	if (error < 0) {
		lvs__live_remove_dest(change->director, step->dest);
		return error;
	}
	lvs__health_swap(step->dest, &step->uses, &step->use_count);
	lvs__wish_of_dest(&step->wish, dest);
	/* the service's step undoes it, and is the one that counts */
	step->with_service = with_service;
	change->count++;
	change->adds = true;
	return 0;
}

static int change_dest(struct lvs__change *change, struct lvs__live_dest *live,
		       const struct lvs_dest *dest,
		       const struct lvs_service *before)
{
	struct lvs_dest *twin;
	struct lvs__dest_wish wish;
	struct lvs__step *step;
	bool same_checks, same_wish;
	int error;

	lvs__wish_of_dest(&wish, dest);
	twin = lvs__model_twin_dest(
		lvs__model_twin(change->director->model->services, before),
		dest);
	same_checks = twin != NULL &&
		      lvs__model_checks_equal(change->director->model, twin,
					      change->model, dest);
	same_wish = lvs__wish_same_dest(&wish, &live->wish);
	if (same_checks && same_wish)
		return 0;
	step = add_step(change, LVS__CHANGE_DEST);
	if (step == NULL)
		return -ENOMEM;
	step->live = live->service;
	step->dest = live;
	step->wish = wish;
	step->down = live->down;
	step->new_checks = !same_checks;
	if (!same_checks) {
		error = prepare_checks(change, step, dest, false);
		if (error < 0)
			return error;
		step->down = !lvs__health_up(step->uses, step->use_count);
	}
	if (wish.of[LVS_DEST_METHOD] != live->wish.of[LVS_DEST_METHOD])
		change->adds = true;
	change->count++;
	return 0;
}

static int remove_step(struct lvs__change *change, enum lvs__step_kind kind,
		       struct lvs__live *live, struct lvs__live_dest *dest)
{
	struct lvs__step *step = add_step(change, kind);

	if (step == NULL)
		return -ENOMEM;
	step->live = live;
	step->dest = dest;
	change->count++;
	change->removes = true;
	return 0;
}

/* `fresh`: the live service is about to be added. */
static int find_dests(struct lvs__change *change, struct lvs__live *live,
		      const struct lvs_service *service, bool fresh)
{
	struct lvs__dest_pair pair = {0};
	int error = 0;

	while (lvs__pair_dests(&pair, live->service, service)) {
		if (pair.to == NULL)
			error = remove_step(change, LVS__REMOVE_DEST, live,
					    pair.from->note);
		else if (pair.from == NULL)
			error = add_dest(change, live, pair.to, fresh);
		else
			error = change_dest(change, pair.from->note, pair.to,
					    service);
		if (error < 0)
			return refuse(change, error, NULL, service,
				      pair.to != NULL ? pair.to : pair.from);
	}
	return 0;
}

/* A service of the catalog as the model's, without dests and scheduler. */
static int new_service(struct lvs_service **out,
		       const struct lvs_service *service)
{
	int error = lvs_service_new(out);

	if (error < 0)
		return error;
	error = lvs_service_set_address(*out, &service->addr, service->port,
					service->protocol);
	if (error < 0)
		lvs_service_free(*out);
	return error;
}

static int add_service(struct lvs__change *change,
		       const struct lvs_service *service)
{
	struct lvs__step *step = add_step(change, LVS__ADD_SERVICE);
	struct lvs_service *copy;
	struct lvs__live *live;
	int error;

	if (step == NULL)
		return refuse(change, -ENOMEM, NULL, service, NULL);
	error = new_service(&copy, service);
	if (error < 0)
		return refuse(change, error, NULL, service, NULL);
	error = lvs__live_add(&live, copy);
	if (error < 0) {
		lvs_service_free(copy);
		return refuse(change, error, NULL, service, NULL);
	}
	step->live = live;
	lvs__wish_of_service(&step->service_wish, service,
			     lvs__model_settings_of(service));
	change->count++;
	change->adds = true;
	error = find_dests(change, live, service, true);
	if (error < 0)
		return error;
	/* after the dests: it looks at all of them whenever one comes */
	error = lvs_service_set_sched(copy, lvs_service_get_sched(service));
	if (error == 0)
		error = lvs__live_enter(change->director, live);
	return error < 0 ? refuse(change, error, NULL, service, NULL) : 0;
}

static int change_service(struct lvs__change *change, struct lvs__live *live,
			  const struct lvs_service *service)
{
	struct lvs__service_wish wish, now;
	struct lvs__step *step;

	lvs__wish_of_service(&wish, service, lvs__model_settings_of(service));
	lvs__wish_of_service(&now, live->service, live->settings);
	if (!lvs__wish_same_service(&wish, &now)) {
		step = add_step(change, LVS__CHANGE_SERVICE);
		if (step == NULL)
			return refuse(change, -ENOMEM, NULL, service, NULL);
		step->live = live;
		step->service_wish = wish;
		change->count++;
	}
	return find_dests(change, live, service, false);
}

static int remove_service(struct lvs__change *change,
			  const struct lvs_service *service)
{
	int error =
		remove_step(change, LVS__REMOVE_SERVICE, service->note, NULL);

	return error < 0 ? refuse(change, error, NULL, service, NULL) : 0;
}

static void find_timeouts(struct lvs__change *change)
{
	static const struct {
		int option;
		int state;
	} map[] = {
		{LVS_MODEL_TIMEOUT_TCP, LVS_STATE_ESTABLISHED},
		{LVS_MODEL_TIMEOUT_TCP_FIN, LVS_STATE_FIN_WAIT},
		{LVS_MODEL_TIMEOUT_UDP, LVS_STATE_UDP},
	};
	const uint32_t *now = change->director->catalog.timeouts;
	uint64_t value;

	memcpy(change->timeouts, now, sizeof(change->timeouts));
	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (lvs_model_get(change->model, map[i].option, &value) == 0)
			change->timeouts[map[i].state] = (uint32_t)value;
	change->new_timeouts =
		memcmp(change->timeouts, now, sizeof(change->timeouts)) != 0;
	if (change->new_timeouts)
		change->shows = true;
}

int lvs__difference_find(struct lvs__change *change)
{
	struct lvs__service_pair pair = {0};
	int error = judge(change);

	while (error == 0 &&
	       lvs__pair_services(&pair, change->director->catalog.services,
				  change->model->services)) {
		if (pair.to == NULL)
			error = remove_service(change, pair.from);
		else if (pair.from == NULL)
			error = add_service(change, pair.to);
		else
			error = change_service(change, pair.from->note,
					       pair.to);
	}
	find_timeouts(change);
	return error;
}
