/*
 * Settings that hold from the start to the end of a node: a change of one of
 * them is refused with its name and place, never ignored.
 */
#include "director/apply.h"

#include <inttypes.h>
#include <string.h>

#include "model/model.h"

static const int fixed[] = {LVS_MODEL_WORKERS, LVS_MODEL_CONNECTIONS,
			    LVS_MODEL_RING_FRAMES, LVS_MODEL_ADDRESSES};
static const int fixed_texts[] = {LVS_MODEL_BACKEND, LVS_MODEL_CONTROL,
				  LVS_MODEL_GROUP};

/* A setting as it runs and as it should be; both have the same numbers. */
struct pair {
	const struct lvs_model *runs;
	const struct lvs_model *wanted;
	size_t place;
	char *message;
	size_t size;
};

/* Refuses, at the place where it is said, else at the one that is gone. */
static int refuse(const struct pair *pair, const char *name, const char *wanted,
		  const char *runs)
{
	const char *at = lvs__model_place(pair->wanted, pair->place);
	const char *was = lvs__model_place(pair->runs, pair->place);

	return lvs__message(pair->message, pair->size, -EBUSY,
			    "%s%s%s %s needs a restart (%s runs%s%s)",
			    at != NULL ? at : "", at != NULL ? ": " : "", name,
			    wanted, runs,
			    at == NULL && was != NULL ? ", from " : "",
			    at == NULL && was != NULL ? was : "");
}

/* As the configuration says it. */
static void say(char said[24], const struct lvs__model_number *number,
		uint64_t value)
{
	if (number->most == 1)
		(void)lvs__message(said, 24, 0, value != 0 ? "yes" : "no");
	else
		(void)lvs__message(said, 24, 0, "%" PRIu64, value);
}

static int check_number(struct pair *pair, int option)
{
	const struct lvs__model_number *number = &lvs__model_options[option];
	char wanted[24], runs[24];
	uint64_t a = 0, b = 0;

	(void)lvs_model_get(pair->runs, option, &a);
	(void)lvs_model_get(pair->wanted, option, &b);
	if (a == b)
		return 0;
	pair->place = (size_t)option;
	say(wanted, number, b);
	say(runs, number, a);
	return refuse(pair, number->name, wanted, runs);
}

/* `a` runs, `b` is wanted; NULL: unset. */
static int check_text(struct pair *pair, size_t place, const char *name,
		      const char *a, const char *b)
{
	a = a != NULL ? a : "(unset)";
	b = b != NULL ? b : "(unset)";
	if (strcmp(a, b) == 0)
		return 0;
	pair->place = place;
	return refuse(pair, name, b, a);
}

static int check_interfaces(struct pair *pair)
{
	const char *a, *b;
	size_t i = 0;
	int error;

	do {
		a = lvs_model_get_interface(pair->runs, i);
		b = lvs_model_get_interface(pair->wanted, i);
		error = check_text(pair, LVS__PLACE_INTERFACES + i, "interface",
				   a, b);
		i++;
	} while (error == 0 && a != NULL);
	return error;
}

int lvs__settings_check(const struct lvs_director *director,
			const struct lvs_model *model, char *message,
			size_t size)
{
	struct pair pair = {
		.runs = director->file,
		.wanted = model,
		.message = message,
		.size = size,
	};
	int error = 0;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]) && error == 0;
	     i++)
		error = check_number(&pair, fixed[i]);
	for (size_t i = 0;
	     i < sizeof(fixed_texts) / sizeof(fixed_texts[0]) && error == 0;
	     i++) {
		int option = fixed_texts[i];

		error = check_text(&pair, LVS__PLACE_TEXTS + (size_t)option,
				   lvs__model_texts[option],
				   lvs_model_get_text(pair.runs, option),
				   lvs_model_get_text(model, option));
	}
	return error == 0 ? check_interfaces(&pair) : error;
}
