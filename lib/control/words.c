/*
 * Words as ipvsadm has them, and our own, become a request.
 *
 * Rules (-A, -a, ...) are sent as they are: the server reads them, and its
 * grammar is the only one. Only what lists, saves, restores and sets to zero
 * is taken apart here.
 */
#include "control/client.h"

#include <string.h>

#include "wire/words.h"

struct reader {
	struct lvs__order *order;
	const char *const *words;
	size_t count;
	size_t at;
	char command; /* L, S, R, Z, or 0: a rule */
	int protocol;
	const char *service;
	bool list_option; /* one that only a list takes */
	char *message;
	size_t size;
};

static int wrong(struct reader *r, const char *what, const char *word)
{
	return lvs__message(r->message, r->size, -EINVAL, "%s: %s", word, what);
}

static int set_command(struct reader *r, char command, const char *word)
{
	if (r->command != 0 && r->command != command)
		return wrong(r, "only one command is possible", word);
	r->command = command;
	return 0;
}

static int set_view(struct reader *r, enum lvs__view view, const char *word)
{
	r->list_option = true;
	if (r->order->view != LVS__VIEW_PLAIN && r->order->view != view &&
	    (view >= LVS__VIEW_CONNS || r->order->view >= LVS__VIEW_CONNS))
		return wrong(r, "cannot be combined with the option before it",
			     word);
	/* of --stats and --rate the first one is shown, as ipvsadm does */
	if (r->order->view == LVS__VIEW_PLAIN)
		r->order->view = view;
	return 0;
}

static int set_service(struct reader *r, int protocol, const char *value,
		       const char *word)
{
	if (value == NULL && r->at + 1 < r->count)
		value = r->words[++r->at];
	if (value == NULL)
		return wrong(r, "an address and port is expected", word);
	if (r->service != NULL)
		return wrong(r, "one service only", word);
	r->service = value;
	r->protocol = protocol;
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
		r->order->exact = true;
		r->list_option = true;
		return 0;
	case 's':
		r->list_option = true;
		return 0;
	case 't':
		return set_service(r, LVS_TCP, value, word);
	case 'u':
		return set_service(r, LVS_UDP, value, word);
	default:
		return wrong(r, "not an option of this command", word);
	}
}

static int read_long(struct reader *r, const char *word)
{
	for (size_t i = 0; i < sizeof(longs) / sizeof(longs[0]); i++) {
		if (strcmp(longs[i].word, word) != 0)
			continue;
		if (longs[i].command != 0)
			return set_command(r, longs[i].command, word);
		if (longs[i].view != 0)
			return set_view(r, longs[i].view, word);
		return read_option(r, longs[i].option, NULL, word);
	}
	return wrong(r, "not an option of this command", word);
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

static int read_words(struct reader *r)
{
	int error = 0;

	for (r->at = 0; r->at < r->count && error == 0; r->at++) {
		const char *word = r->words[r->at];

		if (strncmp(word, "--", 2) == 0)
			error = read_long(r, word);
		else if (word[0] == '-' && word[1] != '\0')
			error = read_shorts(r, word);
		else
			error = wrong(r, "what is this?", word);
	}
	if (error == 0 && r->list_option && r->command != 'L')
		error = wrong(r, "is for -L only", r->words[r->count - 1]);
	if (error == 0 && r->service != NULL &&
	    (r->order->view >= LVS__VIEW_CONNS ||
	     (r->command != 'L' && r->command != 'Z')))
		error = wrong(r, "no service is possible here", r->service);
	return error;
}

/* 1: this is for us; 0: a rule. The first command letter or word tells. */
static bool is_ours(const char *const *words, size_t count)
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

static int add_text(struct reader *r, const char *name, const char *text)
{
	json_error_t error = {0};
	json_t *string = json_pack_ex(&error, 0, "s", text);

	if (json_object_set_new(r->order->request, name, string) == 0)
		return 0;
	return lvs__json_failed(&error, name, r->message, r->size);
}

static int add_service(struct reader *r)
{
	int error;

	if (r->service == NULL)
		return 0;
	r->order->one = true;
	error = add_text(r, "protocol", lvs__protocol_name(r->protocol));
	return error < 0 ? error : add_text(r, "virtual", r->service);
}

static int set_request(struct reader *r, const char *name)
{
	r->order->request = json_pack("{s:i}", "version", LVS__CONTROL_VERSION);
	return add_text(r, "request", name);
}

static int read_ours(struct reader *r)
{
	struct lvs__order *order = r->order;
	const char *name = "list";
	int error = read_words(r);

	if (error < 0)
		return error;
	if (r->command == 'S') {
		name = "save";
		order->view = LVS__VIEW_TEXT;
	} else if (r->command == 'R') {
		name = "restore";
		order->view = LVS__VIEW_NOTHING;
		order->restore = true;
	} else if (r->command == 'Z') {
		name = "zero";
		order->view = LVS__VIEW_NOTHING;
	} else if (order->view == LVS__VIEW_CONNS) {
		name = "conns";
	} else if (order->view == LVS__VIEW_TIMEOUTS) {
		name = "timeouts";
	}
	error = set_request(r, name);
	return error < 0 ? error : add_service(r);
}

/* ---- rules and words of our own */

static int read_rule(struct reader *r)
{
	json_error_t no_text = {0};
	int error = set_request(r, "rule");
	json_t *list = error == 0 ? json_array() : NULL;

	r->order->view = LVS__VIEW_NOTHING;
	if (error == 0 &&
	    json_object_set_new(r->order->request, "words", list) < 0)
		list = NULL; /* and so is each word */
	for (size_t i = 0; i < r->count && error == 0; i++)
		if (json_array_append_new(list, json_pack_ex(&no_text, 0, "s",
							     r->words[i])) < 0)
			error = lvs__json_failed(&no_text, "rule", r->message,
						 r->size);
	return error;
}

/* drain -t SERVICE -r DEST, explain -t SERVICE CLIENT */
static int read_named(struct reader *r, const char *what)
{
	const char *value = NULL;
	int error = 0;

	for (r->at = 1; r->at < r->count && error == 0; r->at++) {
		const char *word = r->words[r->at];

		if (strcmp(word, "-t") == 0 ||
		    strcmp(word, "--tcp-service") == 0)
			error = set_service(r, LVS_TCP, NULL, word);
		else if (strcmp(word, "-u") == 0 ||
			 strcmp(word, "--udp-service") == 0)
			error = set_service(r, LVS_UDP, NULL, word);
		else if (strcmp(what, "dest") == 0 &&
			 (strcmp(word, "-r") == 0 ||
			  strcmp(word, "--real-server") == 0) &&
			 r->at + 1 < r->count)
			value = r->words[++r->at];
		else if (strcmp(what, "client") == 0 && word[0] != '-' &&
			 value == NULL)
			value = word;
		else
			error = wrong(r, "what is this?", word);
	}
	if (error == 0 && (r->service == NULL || value == NULL))
		error = lvs__message(r->message, r->size, -EINVAL,
				     strcmp(what, "dest") == 0
					     ? "expected: %s -t|-u SERVICE -r "
					       "DEST"
					     : "expected: %s -t|-u SERVICE "
					       "CLIENT",
				     r->words[0]);
	if (error == 0)
		error = set_request(r, r->words[0]);
	if (error == 0)
		error = add_service(r);
	return error == 0 ? add_text(r, what, value) : error;
}

static int read_single(struct reader *r, enum lvs__view view)
{
	if (r->count > 1)
		return wrong(r, "what is this?", r->words[1]);
	r->order->view = view;
	r->order->forever = view == LVS__VIEW_EVENTS;
	return set_request(r, r->words[0]);
}

int lvs__words_read(struct lvs__order *order, const char *const *words,
		    size_t count, char *message, size_t size)
{
	struct reader r = {
		.order = order,
		.words = words,
		.count = count,
		.message = message,
		.size = size,
	};

	if (count == 0)
		return read_ours(&r);
	if (strcmp(words[0], "drain") == 0 ||
	    strcmp(words[0], "undrain") == 0) {
		order->view = LVS__VIEW_NOTHING;
		return read_named(&r, "dest");
	}
	if (strcmp(words[0], "explain") == 0) {
		order->view = LVS__VIEW_TEXT;
		return read_named(&r, "client");
	}
	if (strcmp(words[0], "events") == 0)
		return read_single(&r, LVS__VIEW_EVENTS);
	if (strcmp(words[0], "reasons") == 0)
		return read_single(&r, LVS__VIEW_REASONS);
	return is_ours(words, count) ? read_ours(&r) : read_rule(&r);
}
