/*
 * Words as ipvsadm has them, and our own, become a request.
 *
 * Rules (-A, -a, ...) are sent as they are: the server reads them, and its
 * grammar is the only one: it reads the options of what does not make a rule
 * too. What lists, saves, restores and sets to zero is flags.c's.
 */
#include "control/order.h"

#include <string.h>

#include "base/near.h"
#include "wire/names.h"

int lvs__order_wrong(struct lvs__words *w, const char *word, const char *what)
{
	return lvs__message(w->message, w->size, -EINVAL, "%s: %s", word, what);
}

int lvs__order_wrong_option(struct lvs__words *w,
			    const struct lvs__rule_word *option,
			    const char *what)
{
	char spelled[32];

	return lvs__order_wrong(w, lvs__rule_spell(spelled, option), what);
}

/* No such command: suggests the nearest of those that there are. */
static int unknown(struct lvs__words *w, const char *word,
		   const char *const *known, size_t count)
{
	struct lvs__near near;

	lvs__near_begin(&near, word, strlen(word));
	for (size_t i = 0; i < count; i++)
		lvs__near_try(&near, known[i]);
	if (near.nearest == NULL)
		return lvs__message(
			w->message, w->size, -EINVAL,
			"%s: no such command; lvsadm --help lists all", word);
	return lvs__message(w->message, w->size, -EINVAL,
			    "%s: no such command; did you mean %s?", word,
			    near.nearest);
}

/* ---- requests */

int lvs__order_read_words(struct lvs__words *w, size_t first,
			  int (*take)(struct lvs__rule_text *text,
				      const struct lvs__rule_word *option,
				      const char *value),
			  void *user)
{
	struct lvs__rule_text text = {
		.words = w->words + first,
		.count = w->count - first,
		.message = w->message,
		.size = w->size,
		.take = take,
		.user = user,
	};

	return lvs__rule_read(&text);
}

int lvs__order_take_service(struct lvs__words *w,
			    const struct lvs__rule_word *option,
			    const char *value)
{
	if (option == NULL || (option->name != 't' && option->name != 'u'))
		return 1;
	if (w->service != NULL)
		return lvs__order_wrong_option(w, option, "one service only");
	w->service = value;
	w->protocol = option->target;
	return 0;
}

int lvs__order_add(struct lvs__words *w, const char *name, const char *text)
{
	json_error_t error = {0};
	json_t *string = json_pack_ex(&error, 0, "s", text);

	if (json_object_set_new(w->order->request, name, string) == 0)
		return 0;
	return lvs__json_failed(&error, name, w->message, w->size);
}

int lvs__order_add_service(struct lvs__words *w)
{
	int error;

	if (w->service == NULL)
		return 0;
	w->order->one = true;
	error = lvs__order_add(w, "protocol", lvs__protocol_name(w->protocol));
	return error < 0 ? error : lvs__order_add(w, "virtual", w->service);
}

int lvs__order_request(struct lvs__words *w, const char *name)
{
	w->order->request = json_pack("{s:i}", "version", LVS__CONTROL_VERSION);
	return lvs__order_add(w, "request", name);
}

static int read_rule(struct lvs__words *w)
{
	json_error_t no_text = {0};
	int error = lvs__order_request(w, "rule");
	json_t *list = error == 0 ? json_array() : NULL;

	w->order->view = LVS__VIEW_NOTHING;
	if (error == 0 &&
	    json_object_set_new(w->order->request, "words", list) < 0)
		list = NULL; /* and so is each word */
	for (size_t i = 0; i < w->count && error == 0; i++)
		if (json_array_append_new(list, json_pack_ex(&no_text, 0, "s",
							     w->words[i])) < 0)
			error = lvs__json_failed(&no_text, "rule", w->message,
						 w->size);
	return error;
}

/* ---- words of our own */

static const struct {
	const char *word;
	enum lvs__view view;
	const char *what;  /* the member that it names beside the service */
	const char *usage; /* NULL: it takes no words */
} commands[] = {
	{"drain", LVS__VIEW_NOTHING, "dest", "-t|-u SERVICE -r DEST"},
	{"undrain", LVS__VIEW_NOTHING, "dest", "-t|-u SERVICE -r DEST"},
	{"explain", LVS__VIEW_WRAPPED, "client", "-t|-u SERVICE CLIENT:PORT"},
	{"events", LVS__VIEW_EVENTS, NULL, NULL},
	{"reasons", LVS__VIEW_REASONS, NULL, NULL},
	{"diff", LVS__VIEW_DIFF, NULL, NULL},
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

/* A command's words: the service, and what is named beside it. */
struct named {
	struct lvs__words *words;
	size_t command;
	const char *value; /* NULL: not yet */
};

static int take_named(struct lvs__rule_text *text,
		      const struct lvs__rule_word *option, const char *value)
{
	struct named *n = text->user;
	bool dest = strcmp(commands[n->command].what, "dest") == 0;
	int result = lvs__order_take_service(n->words, option, value);
	char spelled[32];

	if (result != 1)
		return result;
	if (n->value == NULL && dest == (option != NULL) &&
	    (!dest || option->name == 'r')) {
		n->value = value;
		return 0;
	}
	return lvs__message(text->message, text->size, -EINVAL,
			    "%s: not expected here; say: lvsadm %s %s",
			    option == NULL ? value
					   : lvs__rule_spell(spelled, option),
			    commands[n->command].word,
			    commands[n->command].usage);
}

/* "-t|-u SERVICE ...": both, or what is missing. */
static int read_named(struct lvs__words *w, struct named *n)
{
	int error = lvs__order_read_words(w, 1, take_named, n);

	if (error != 0 || (w->service != NULL && n->value != NULL))
		return error;
	return lvs__message(w->message, w->size, -EINVAL,
			    "%s: which %s? say: lvsadm %s %s", w->words[0],
			    w->service == NULL ? "service"
					       : commands[n->command].what,
			    w->words[0], commands[n->command].usage);
}

static int read_command(struct lvs__words *w, size_t command)
{
	struct named named = {.words = w, .command = command};
	int error = 0;

	w->order->view = commands[command].view;
	w->order->forever = w->order->view == LVS__VIEW_EVENTS;
	if (commands[command].usage != NULL)
		error = read_named(w, &named);
	else if (w->count > 1)
		error = lvs__message(w->message, w->size, -EINVAL,
				     "%s: not expected here; %s stands alone",
				     w->words[1], w->words[0]);
	if (error == 0)
		error = lvs__order_request(w, w->words[0]);
	if (error == 0)
		error = lvs__order_add_service(w);
	if (error == 0 && named.value != NULL)
		error = lvs__order_add(w, commands[command].what, named.value);
	return error;
}

int lvs__order_read(struct lvs__order *order, const char *const *words,
		    size_t count, char *message, size_t size)
{
	struct lvs__words w = {
		.order = order,
		.words = words,
		.count = count,
		.message = message,
		.size = size,
	};
	const char *known[COMMANDS];

	if (count == 0)
		return lvs__order_read_options(&w);
	for (size_t i = 0; i < COMMANDS; i++) {
		if (strcmp(words[0], commands[i].word) == 0)
			return read_command(&w, i);
		known[i] = commands[i].word;
	}
	if (words[0][0] != '-')
		return unknown(&w, words[0], known, COMMANDS);
	return lvs__order_are_options(&w) ? lvs__order_read_options(&w)
					  : read_rule(&w);
}
