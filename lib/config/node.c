/*
 * global_defs and lvs_backend: what holds for the whole node.
 */
#include "config/reader.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "backend/backend.h"

/* Notes where a setting of the model stands, once it is set. */
static int set_place(struct lvs__reader *reader, size_t setting,
		     const struct lvs__word *word)
{
	char text[LVS__LEXER_PLACE];
	int error;

	lvs__lexer_place(text, &word->place);
	error = lvs__model_set_place(reader->model, setting, text);
	return error == 0 ? 0 : lvs__reader_failed(reader, &word->place, error);
}

/* Sets a text of the model. */
static int set_text(struct lvs__reader *reader, int option,
		    const struct lvs__word *word)
{
	int error = lvs_model_set_text(reader->model, option, word->text);

	if (error != 0)
		return lvs__reader_failed(reader, &word->place, error);
	return set_place(reader, LVS__PLACE_TEXTS + (size_t)option, word);
}

/* ---- global_defs */

static int read_timeouts(struct lvs__reader *reader, int target)
{
	static const struct {
		const char *name;
		int option;
	} names[] = {
		{"tcp", LVS_MODEL_TIMEOUT_TCP},
		{"tcpfin", LVS_MODEL_TIMEOUT_TCP_FIN},
		{"udp", LVS_MODEL_TIMEOUT_UDP},
	};
	uint64_t ms = 0;
	int error;

	(void)target;
	for (size_t i = 1; lvs__reader_word(reader, i) != NULL; i += 2) {
		size_t n = 0;

		while (n < 3 &&
		       strcmp(lvs__reader_word(reader, i)->text, names[n].name))
			n++;
		if (n == 3)
			return lvs__reader_expected(reader,
						    lvs__reader_word(reader, i),
						    "tcp, tcpfin or udp");
		error = lvs__reader_seconds(reader, &ms,
					    lvs__reader_word(reader, i + 1), 1,
					    LVS__MOST_MS);
		if (error != 0)
			return error;
		(void)lvs_model_set(reader->model, names[n].option, ms);
	}
	return 0;
}

static const struct lvs__keyword global_words[] = {
	{"lvs_timeouts", read_timeouts, 0, LVS__PLAIN, 2, 6,
	 "lvs_timeouts [tcp SECONDS] [tcpfin SECONDS] [udp SECONDS]"},
	{.name = NULL},
};

static const struct lvs__context global_context = {
	"global_defs", global_words, lvs__later_global, lvs__ignored_global, 0,
};

int lvs__read_global(struct lvs__reader *reader, int target)
{
	(void)target;
	return lvs__reader_block(reader, &global_context);
}

/* ---- lvs_backend */

static int read_type(struct lvs__reader *reader, int target)
{
	const struct lvs__word *w = lvs__reader_word(reader, 1);
	bool known = strcmp(w->text, LVS__NO_BACKEND) == 0;
	struct lvs__text text;
	char kinds[128];

	lvs__text_init(&text, kinds, sizeof(kinds));
	for (size_t i = 0; lvs__backend_kind(i) != NULL; i++) {
		known = known || strcmp(w->text, lvs__backend_kind(i)) == 0;
		lvs__text_add(&text, "%s%s", i > 0 ? ", " : "",
			      lvs__backend_kind(i));
	}
	if (!known)
		return lvs__reader_expected(reader, w, "%s or %s", kinds,
					    LVS__NO_BACKEND);
	return set_text(reader, target, w);
}

/* The interface that the model has last. */
static int place_interface(struct lvs__reader *reader,
			   const struct lvs__word *word)
{
	/* only a warning: it may be another host's file */
	if (if_nametoindex(word->text) == 0)
		lvs__reader_warn(reader, LVS_CONFIG_NO_INTERFACE, &word->place,
				 "there is no interface %s on this host",
				 word->text);
	return set_place(reader,
			 LVS__PLACE_INTERFACES +
				 reader->model->interface_count - 1,
			 word);
}

static int add_interface(struct lvs__reader *reader,
			 const struct lvs__word *word)
{
	switch (lvs_model_add_interface(reader->model, word->text)) {
	case 0:
		return place_interface(reader, word);
	case -EEXIST:
		return lvs__reader_expected(reader, word,
					    "each interface only once");
	case -ENOSPC:
		return lvs__reader_expected(reader, word,
					    "at most %d interfaces",
					    LVS__MODEL_INTERFACES);
	default:
		return lvs__reader_expected(
			reader, word,
			"an interface's name, 1 to 15 characters");
	}
}

static int read_interfaces(struct lvs__reader *reader, int target)
{
	const struct lvs__word *w;
	int error = 0;

	(void)target;
	for (size_t i = 1;
	     error == 0 && (w = lvs__reader_word(reader, i)) != NULL; i++)
		error = add_interface(reader, w);
	return error;
}

/* A number of the model; its table knows the bounds. */
static int read_option(struct lvs__reader *reader, int target)
{
	const struct lvs__model_number *n = &lvs__model_options[target];
	const struct lvs__word *w = lvs__reader_word(reader, 1);
	uint64_t value = 0;
	int error = lvs__reader_number(reader, &value, w, n->least, n->most);

	if (error != 0)
		return error;
	if (lvs_model_set(reader->model, target, value) != 0)
		return lvs__reader_expected(reader, w,
					    "a power of two from %d to %d",
					    LVS__LEAST_FRAMES,
					    LVS__MOST_FRAMES);
	return set_place(reader, (size_t)target, w);
}

static int read_addresses(struct lvs__reader *reader, int target)
{
	const struct lvs__word *w = lvs__reader_word(reader, 1);
	uint64_t yes = 0;
	int error = lvs__reader_yes(reader, &yes, w);

	if (error != 0)
		return error;
	(void)lvs_model_set(reader->model, target, yes);
	return set_place(reader, (size_t)target, w);
}

static int read_path(struct lvs__reader *reader, int target)
{
	const struct lvs__word *w = lvs__reader_word(reader, 1);

	if (w->text[0] != '/' || strlen(w->text) > LVS__SOCKET_PATH)
		return lvs__reader_expected(
			reader, w, "a path from / on, of at most %d bytes",
			LVS__SOCKET_PATH);
	reader->control_place = w->place;
	return set_text(reader, target, w);
}

static int read_group(struct lvs__reader *reader, int target)
{
	const struct lvs__word *w = lvs__reader_word(reader, 1);

	if (w->text[0] == '\0' || strlen(w->text) > 32)
		return lvs__reader_expected(
			reader, w, "a group's name, 1 to 32 characters");
	reader->group_place = w->place;
	return set_text(reader, target, w);
}

static const struct lvs__keyword backend_words[] = {
	{"type", read_type, LVS_MODEL_BACKEND, LVS__PLAIN, 1, 1,
	 "type BACKEND"},
	{"interface", read_interfaces, 0, LVS__MANY, 1, LVS__MODEL_INTERFACES,
	 "interface NAME [NAME ...]"},
	{"workers", read_option, LVS_MODEL_WORKERS, LVS__PLAIN, 1, 1,
	 "workers NUMBER"},
	{"connections", read_option, LVS_MODEL_CONNECTIONS, LVS__PLAIN, 1, 1,
	 "connections NUMBER"},
	{"ring_frames", read_option, LVS_MODEL_RING_FRAMES, LVS__PLAIN, 1, 1,
	 "ring_frames NUMBER"},
	{"addresses", read_addresses, LVS_MODEL_ADDRESSES, LVS__PLAIN, 1, 1,
	 "addresses yes|no"},
	{"control", read_path, LVS_MODEL_CONTROL, LVS__PLAIN, 1, 1,
	 "control PATH"},
	{"control_group", read_group, LVS_MODEL_GROUP, LVS__PLAIN, 1, 1,
	 "control_group NAME"},
	{.name = NULL},
};

static const struct lvs__context backend_context = {
	"an lvs_backend", backend_words, NULL, NULL, LVS__IN_BACKEND,
};

int lvs__read_backend(struct lvs__reader *reader, int target)
{
	(void)target;
	reader->level = &reader->backend;
	return lvs__reader_block(reader, &backend_context);
}
