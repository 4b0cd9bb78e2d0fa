/*
 * What lists, saves, restores and sets to zero, as ipvsadm has it: -L, -S, -R
 * and -Z, with the options that they take. The words are read as those of a
 * rule are, by the one table of options; here is what they mean.
 */
#include "control/order.h"

#include <string.h>

struct reader {
	struct lvs__words *words;
	char command;			   /* L, S, R, Z, or 0: none yet */
	const struct lvs__rule_word *list; /* the last that only a list takes */
};

/* What those of ipvsadm's options mean that are no part of a rule. */
static const struct meaning {
	const char *word;
	char command; /* 0: none */
	bool list;    /* -L alone takes it */
	enum lvs__view view;
} meanings[] = {
	{"list", 'L', false, 0},
	{"save", 'S', false, 0},
	{"restore", 'R', false, 0},
	{"zero", 'Z', false, 0},
	{"stats", 0, true, LVS__VIEW_STATS},
	{"rate", 0, true, LVS__VIEW_RATE},
	{"thresholds", 0, true, LVS__VIEW_THRESHOLDS},
	{"persistent-conn", 0, true, LVS__VIEW_PERSISTENT},
	{"health", 0, true, LVS__VIEW_HEALTH},
	{"connection", 0, true, LVS__VIEW_CONNS},
	{"timeout", 0, true, LVS__VIEW_TIMEOUTS},
	{"daemon", 0, true, LVS__VIEW_NOTHING},
	{"exact", 0, true, 0},
	{"sort", 0, true, 0},
	{"nosort", 0, true, 0},
	{"numeric", 0, false, 0}, /* all is always in numbers */
};

static const struct meaning *meaning_of(const struct lvs__rule_word *option)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++)
		if (strcmp(meanings[i].word, option->word) == 0)
			return &meanings[i];
	return NULL;
}

static int set_command(struct reader *r, char command,
		       const struct lvs__rule_word *option)
{
	if (r->command != 0 && r->command != command)
		return lvs__order_wrong_option(r->words, option,
					       "only one command is possible");
	r->command = command;
	return 0;
}

static int set_view(struct reader *r, enum lvs__view view,
		    const struct lvs__rule_word *option)
{
	enum lvs__view *now = &r->words->order->view;

	if (*now != LVS__VIEW_PLAIN && *now != view &&
	    (view >= LVS__VIEW_CONNS || *now >= LVS__VIEW_CONNS))
		return lvs__order_wrong_option(r->words, option,
					       "cannot be combined with the "
					       "option before it");
	/* of --stats and --rate the first one is shown, as ipvsadm does */
	if (*now == LVS__VIEW_PLAIN)
		*now = view;
	return 0;
}

/* An option, or a word that is none, that has no meaning here. */
static int refuse(struct lvs__rule_text *text,
		  const struct lvs__rule_word *option, const char *value)
{
	struct reader *r = text->user;

	if (option == NULL)
		return lvs__order_wrong(r->words, value,
					"an option is expected before it "
					"(-t, -u)");
	if (option->read == lvs__rule_later)
		return lvs__rule_later(NULL, text, option, value);
	return lvs__order_wrong_option(r->words, option,
				       lvs__rule_is_command(option)
					       ? "only one command is possible"
					       : "not an option of this "
						 "command");
}

/* Of --sort and --nosort the last one holds. */
static void set_manner(struct lvs__order *order, const char *word)
{
	if (strcmp(word, "exact") == 0)
		order->exact = true;
	else if (strcmp(word, "sort") == 0)
		order->nosort = false;
	else if (strcmp(word, "nosort") == 0)
		order->nosort = true;
}

static int take(struct lvs__rule_text *text,
		const struct lvs__rule_word *option, const char *value)
{
	struct reader *r = text->user;
	const struct meaning *m = option == NULL ? NULL : meaning_of(option);
	int result = lvs__order_take_service(r->words, option, value);

	if (result != 1)
		return result;
	if (m == NULL)
		return refuse(text, option, value);
	if (m->command != 0)
		return set_command(r, m->command, option);
	if (m->list)
		r->list = option;
	set_manner(r->words->order, m->word);
	return m->view == 0 ? 0 : set_view(r, m->view, option);
}

static int check(struct reader *r)
{
	struct lvs__words *w = r->words;

	if (r->list != NULL && r->command != 'L')
		return lvs__order_wrong_option(w, r->list, "is for -L only");
	if (w->service == NULL)
		return 0;
	if (w->order->view >= LVS__VIEW_CONNS)
		return lvs__order_wrong(w, w->service,
					"leave the service out: this list is "
					"always of all");
	if (r->command != 'L' && r->command != 'Z')
		return lvs__order_wrong(w, w->service,
					"leave the service out: -S and -R are "
					"for all");
	return 0;
}

/* Ends the reading at the first command. */
static int find_command(struct lvs__rule_text *text,
			const struct lvs__rule_word *option, const char *value)
{
	const struct meaning *m = option == NULL ? NULL : meaning_of(option);
	bool *found = text->user;

	(void)value;
	*found = m != NULL && m->command != 0;
	return *found || (option != NULL && lvs__rule_is_command(option));
}

/* What is wrong is told when the words are read in earnest. */
bool lvs__order_are_options(struct lvs__words *w)
{
	bool found = false;

	(void)lvs__order_read_words(w, 0, find_command, &found);
	return found;
}

int lvs__order_read_options(struct lvs__words *w)
{
	struct lvs__order *order = w->order;
	struct reader r = {.words = w};
	const char *name = "list";
	int error = lvs__order_read_words(w, 0, take, &r);

	if (error == 0)
		error = check(&r);
	if (error < 0)
		return error;
	if (r.command == 'S') {
		name = "save";
		order->view = LVS__VIEW_TEXT;
	} else if (r.command == 'R') {
		name = "restore";
		order->view = LVS__VIEW_NOTHING;
		order->restore = true;
	} else if (r.command == 'Z') {
		name = "zero";
		order->view = LVS__VIEW_NOTHING;
	} else if (order->view == LVS__VIEW_CONNS) {
		name = "conns";
	} else if (order->view == LVS__VIEW_TIMEOUTS) {
		name = "timeouts";
	}
	error = lvs__order_request(w, name);
	if (error == 0 && strcmp(name, "list") == 0 &&
	    json_object_set_new(order->request, "sort",
				json_boolean(!order->nosort)) < 0)
		error = lvs__message_error(w->message, w->size, -ENOMEM, NULL);
	return error < 0 ? error : lvs__order_add_service(w);
}
