/*
 * What lists, saves, restores and sets to zero, as ipvsadm has it: -L, -S, -R
 * and -Z, with the options that they take.
 */
#include "control/order.h"

#include <string.h>

struct reader {
	struct lvs__words *words;
	char command;	  /* L, S, R, Z, or 0: none yet */
	const char *list; /* the last option that only a list takes */
};

static int set_command(struct reader *r, char command, const char *word)
{
	if (r->command != 0 && r->command != command)
		return lvs__order_wrong(r->words, word,
					"only one command is possible");
	r->command = command;
	return 0;
}

static int set_view(struct reader *r, enum lvs__view view, const char *word)
{
	enum lvs__view *now = &r->words->order->view;

	r->list = word;
	if (*now != LVS__VIEW_PLAIN && *now != view &&
	    (view >= LVS__VIEW_CONNS || *now >= LVS__VIEW_CONNS))
		return lvs__order_wrong(r->words, word,
					"cannot be combined with the option "
					"before it");
	/* of --stats and --rate the first one is shown, as ipvsadm does */
	if (*now == LVS__VIEW_PLAIN)
		*now = view;
	return 0;
}

static const struct {
	const char *word;
	char command;
	enum lvs__view view; /* 0: none */
	char option;	     /* as its short twin */
} longs[] = {
	{"--list", 'L', 0, 0},
	{"--save", 'S', 0, 0},
	{"--restore", 'R', 0, 0},
	{"--zero", 'Z', 0, 0},
	{"--stats", 0, LVS__VIEW_STATS, 0},
	{"--rate", 0, LVS__VIEW_RATE, 0},
	{"--thresholds", 0, LVS__VIEW_THRESHOLDS, 0},
	{"--persistent-conn", 0, LVS__VIEW_PERSISTENT, 0},
	{"--health", 0, LVS__VIEW_HEALTH, 0},
	{"--connection", 0, LVS__VIEW_CONNS, 0},
	{"--timeout", 0, LVS__VIEW_TIMEOUTS, 0},
	{"--daemon", 0, LVS__VIEW_NOTHING, 0},
	{"--exact", 0, 0, 'e'},
	{"--numeric", 0, 0, 'n'},
	{"--sort", 0, 0, 's'},
	{"--nosort", 0, 0, 's'},
	{"--tcp-service", 0, 0, 't'},
	{"--udp-service", 0, 0, 'u'},
};

#define LONGS (sizeof(longs) / sizeof(longs[0]))

static int unknown(struct reader *r, const char *word)
{
	const char *known[LONGS];

	for (size_t i = 0; i < LONGS; i++)
		known[i] = longs[i].word;
	return lvs__order_unknown(r->words, word,
				  "not an option of this command", known,
				  LONGS);
}

static int read_option(struct reader *r, char option, const char *value,
		       const char *word)
{
	switch (option) {
	case 'L':
	case 'l':
		return set_command(r, 'L', word);
	case 'S':
	case 'R':
	case 'Z':
		return set_command(r, option, word);
	case 'n': /* addresses and ports are always numbers */
		return 0;
	case 'c':
		return set_view(r, LVS__VIEW_CONNS, word);
	case 'e':
		r->words->order->exact = true;
		r->list = word;
		return 0;
	case 's':
		r->list = word;
		return 0;
	case 't':
		return lvs__order_set_service(r->words, LVS_TCP, value);
	case 'u':
		return lvs__order_set_service(r->words, LVS_UDP, value);
	default:
		return unknown(r, word);
	}
}

static int read_long(struct reader *r, const char *word)
{
	for (size_t i = 0; i < LONGS; i++) {
		if (strcmp(longs[i].word, word) != 0)
			continue;
		if (longs[i].command != 0)
			return set_command(r, longs[i].command, word);
		if (longs[i].view != 0)
			return set_view(r, longs[i].view, word);
		return read_option(r, longs[i].option, NULL, word);
	}
	return unknown(r, word);
}

/* "-Lnc" is "-L -n -c"; "-tADDRESS" is "-t ADDRESS". */
static int read_shorts(struct reader *r, const char *word)
{
	for (const char *at = word + 1; *at != '\0'; at++) {
		bool takes = *at == 't' || *at == 'u';
		const char *value = takes && at[1] != '\0' ? at + 1 : NULL;
		int error = read_option(r, *at, value, word);

		if (error < 0 || takes)
			return error;
	}
	return 0;
}

static int check(struct reader *r)
{
	struct lvs__words *w = r->words;

	if (r->list != NULL && r->command != 'L')
		return lvs__order_wrong(w, r->list, "is for -L only");
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

static int read_words(struct reader *r)
{
	struct lvs__words *w = r->words;
	int error = 0;

	for (w->at = 0; w->at < w->count && error == 0; w->at++) {
		const char *word = w->words[w->at];

		if (strncmp(word, "--", 2) == 0)
			error = read_long(r, word);
		else if (word[0] == '-' && word[1] != '\0')
			error = read_shorts(r, word);
		else
			error = lvs__order_wrong(w, word,
						 "an option is expected "
						 "before it (-t, -u)");
	}
	return error == 0 ? check(r) : error;
}

/* The first command letter or word tells whether it is one of ours. */
bool lvs__order_are_options(const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *word = words[i];

		if (strncmp(word, "--", 2) == 0) {
			for (size_t n = 0; n < 4; n++)
				if (strcmp(longs[n].word, word) == 0)
					return true;
			continue;
		}
		if (word[0] == '-' && word[1] != '\0' &&
		    strchr("LlSRZ", word[1]) != NULL)
			return true;
		if (word[0] == '-' && word[1] != '\0' &&
		    strchr("AEDCaed", word[1]) != NULL)
			return false;
	}
	return false;
}

int lvs__order_read_options(struct lvs__words *w)
{
	struct lvs__order *order = w->order;
	struct reader r = {.words = w};
	const char *name = "list";
	int error = read_words(&r);

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
	return error < 0 ? error : lvs__order_add_service(w);
}
