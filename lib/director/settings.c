/*
 * Settings that hold from the start to the end of a node: a change of one of
 * them is refused with its name and place, never ignored.
 */
#include "director/apply.h"

#include <string.h>

#include "model/model.h"
#include "model/text.h"

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

static int check_number(struct pair *pair, int option)
{
	const struct lvs__model_number *number = &lvs__model_options[option];
	uint64_t a = pair->runs->options[option];
	uint64_t b = pair->wanted->options[option];
	struct lvs__text text;
	char wanted[24], runs[24];

	if (a == b || number->live)
		return 0;
	pair->place = (size_t)option;
	lvs__text_init(&text, wanted, sizeof(wanted));
	lvs__text_number(&text, number, b);
	lvs__text_init(&text, runs, sizeof(runs));
	lvs__text_number(&text, number, a);
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

	for (int i = 1; i < LVS__MODEL_OPTIONS && error == 0; i++)
		error = check_number(&pair, i);
	for (int i = 1; i < LVS__MODEL_TEXTS && error == 0; i++)
		error = check_text(&pair, LVS__PLACE_TEXTS + (size_t)i,
				   lvs__model_texts[i],
				   lvs_model_get_text(pair.runs, i),
				   lvs_model_get_text(model, i));
	return error == 0 ? check_interfaces(&pair) : error;
}
