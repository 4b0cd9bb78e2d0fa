/*
 * keepalived.conf as a model: the outermost words, and reading from the first
 * byte to the last. Either everything is understood or no model comes out.
 *
 * How the files share the work: lexer.c makes words of bytes, files.c opens
 * and includes; reader.c makes statements and blocks of words by tables, which
 * stand in node.c, virtual.c and levels.c; later.c lists what is known but not
 * read.
 */
#include "config/reader.h"

#include <errno.h>
#include <stdlib.h>

static const struct lvs__keyword top_words[] = {
	{"global_defs", lvs__read_global, 0, LVS__BLOCK, 0, 0, "global_defs {"},
	{"lvs_backend", lvs__read_backend, 0, LVS__BLOCK, 0, 0,
	 "lvs_backend {"},
	{"virtual_server", lvs__read_virtual, 0, LVS__BLOCK, 1, 2,
	 "virtual_server ADDRESS PORT {"},
	{.name = NULL},
};

static const struct lvs__context top_context = {
	"the configuration", top_words, lvs__later_top, lvs__ignored_top, 0,
};

static int new_reader(struct lvs__reader **reader, char *message, size_t size,
		      void (*warn)(void *user, int kind, const char *line),
		      void *user)
{
	struct lvs__reader *r = calloc(1, sizeof(*r));
	int error = -ENOMEM;

	if (r != NULL)
		error = lvs_model_new(&r->model);
	if (error != 0) {
		free(r);
		return lvs__message_error(message, size, error, NULL);
	}
	lvs__lexer_init(&r->lexer, message, size);
	r->warn = warn;
	r->user = user;
	lvs__level_clear(&r->backend);
	*reader = r;
	return 0;
}

/* Reads all and ends the reader; `error` is that of opening. */
static int finish(struct lvs__reader *reader, struct lvs_model **model,
		  int error)
{
	if (error == 0)
		error = lvs__reader_block(reader, &top_context);
	if (error == 0)
		error = lvs__reader_settle(reader);
	if (error == 0)
		*model = reader->model;
	else
		lvs_model_free(reader->model);
	lvs__reader_clear(reader);
	lvs__lexer_fini(&reader->lexer);
	free(reader->pending);
	free(reader);
	return error;
}

LVS_EXPORT int lvs_config_read(
	struct lvs_model **model, const char *path, char *message, size_t size,
	void (*warn)(void *user, int kind, const char *line), void *user)
{
	struct lvs__reader *reader;
	int error;

	if (model == NULL || path == NULL)
		return lvs__message_error(message, size, -EINVAL, NULL);
	error = new_reader(&reader, message, size, warn, user);
	if (error != 0)
		return error;
	return finish(reader, model, lvs__lexer_open(&reader->lexer, path));
}

LVS_EXPORT int lvs_config_parse(
	struct lvs_model **model, const char *name, const char *text,
	size_t length, char *message, size_t size,
	void (*warn)(void *user, int kind, const char *line), void *user)
{
	struct lvs__reader *reader;
	int error;

	if (model == NULL || name == NULL || (text == NULL && length > 0))
		return lvs__message_error(message, size, -EINVAL, NULL);
	error = new_reader(&reader, message, size, warn, user);
	if (error != 0)
		return error;
	return finish(reader, model,
		      lvs__lexer_text(&reader->lexer, name, text, length));
}
