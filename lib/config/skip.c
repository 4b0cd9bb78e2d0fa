/*
 * Words that are not read: those without effect are warned of, once each, and
 * skipped with their block; for unknown ones the nearest known is offered.
 */
#include "config/reader.h"

#include <errno.h>
#include <string.h>

#include "base/near.h"

const char *lvs__reader_listed(const char *const *names, const char *name)
{
	for (; names != NULL && *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return *names;
	return NULL;
}

/* Names are remembered by their place in later.c. */
static bool warned(struct lvs__reader *reader, const char *name)
{
	for (size_t i = 0; i < reader->seen_count; i++)
		if (reader->seen[i] == name)
			return true;
	if (reader->seen_count < LVS__READER_SEEN)
		reader->seen[reader->seen_count++] = name;
	return false;
}

/* Reads over a block to the brace that ends it. */
static int skip_block(struct lvs__reader *reader)
{
	int depth = 1;
	int error = 0;

	while (error == 0 && depth > 0) {
		error = lvs__lexer_next(&reader->lexer, &reader->token);
		if (reader->token.kind == LVS__TOKEN_OPEN)
			depth++;
		else if (reader->token.kind == LVS__TOKEN_CLOSE)
			depth--;
	}
	return error;
}

/* Blocks of keepalived without effect; other such words are one line. */
static bool ignored_block(const char *name)
{
	static const char *const blocks[] = {
		"SSL",
		"garp_group",
		"interface_up_down_delays",
		"linkbeat_interfaces",
		"notification_email",
		"static_track_group",
		"track_file",
		"vrrp_script",
		"vrrp_track_file",
		"vrrp_track_process",
		NULL,
	};

	return lvs__reader_listed(blocks, name) != NULL;
}

int lvs__reader_ignore(struct lvs__reader *reader, const char *name)
{
	const struct lvs__word *word = lvs__reader_word(reader, 0);
	int error = 0;

	if (!warned(reader, name))
		lvs__reader_warn(reader, LVS_CONFIG_NO_EFFECT, &word->place,
				 "'%s' is understood but has no effect", name);
	if (ignored_block(name))
		error = lvs__reader_find_brace(reader);
	if (error == 0 && reader->token.kind == LVS__TOKEN_OPEN) {
		error = skip_block(reader);
		if (error == 0)
			error = lvs__lexer_next(&reader->lexer, &reader->token);
	}
	return error;
}

/* The brace that the block of the statement began with, NULL: there is none;
 * the statement may have opened one of its own. */
static const struct lvs__place *open_brace(const struct lvs__reader *reader)
{
	int own = reader->statement.end == LVS__TOKEN_OPEN;
	int count = reader->lexer.braces - own;

	return count > 0 ? &reader->lexer.opens[count - 1] : NULL;
}

/* Whether a block around the one that is read has the word as one that is not
 * built yet. */
static bool is_later(const struct lvs__reader *reader, const char *name)
{
	const struct lvs__block *block = reader->block;

	while (block != NULL && (block = block->outer) != NULL)
		if (lvs__reader_listed(block->context->later, name) != NULL)
			return true;
	return false;
}

/* Whether the word begins a block that may stand in one of those around. */
static bool begins_outer(const struct lvs__reader *reader, const char *name)
{
	const struct lvs__block *block = reader->block;

	while (block != NULL && (block = block->outer) != NULL) {
		const struct lvs__context *context = block->context;

		for (const struct lvs__keyword *k = context->keywords;
		     k->name != NULL; k++)
			if (k->kind == LVS__BLOCK && strcmp(k->name, name) == 0)
				return true;
		if (ignored_block(name) &&
		    lvs__reader_listed(context->ignored, name) != NULL)
			return true;
	}
	return false;
}

/* The word of the context that may be meant, NULL: none is near. */
static const char *nearest(const struct lvs__context *context, const char *name)
{
	struct lvs__near near;

	lvs__near_begin(&near, name, strlen(name));
	for (const struct lvs__keyword *k = context->keywords; k->name != NULL;
	     k++)
		lvs__near_try(&near, k->name);
	for (const struct lvs__level_word *w = lvs__level_words;
	     w->keyword.name != NULL; w++)
		if ((w->levels & context->levels) != 0)
			lvs__near_try(&near, w->keyword.name);
	return near.nearest;
}

/* A block where none may stand: the one before it may lack its end. */
static int ask_for_brace(struct lvs__reader *reader,
			 const struct lvs__context *context,
			 const struct lvs__place *brace)
{
	const struct lvs__word *word = lvs__reader_word(reader, 0);
	bool here = strcmp(brace->file, word->place.file) == 0;
	char shown[LVS__SHOWN];

	return lvs__lexer_error(
		&reader->lexer, &word->place, -EINVAL,
		"found %s, expected a word of %s; is a '}' missing for the "
		"'{' at %s%s%u:%u?",
		lvs__lexer_show(shown, word->text), context->name,
		here ? "" : brace->file, here ? "" : ":", brace->line,
		brace->column);
}

int lvs__reader_unknown(struct lvs__reader *reader,
			const struct lvs__context *context)
{
	const struct lvs__word *word = lvs__reader_word(reader, 0);
	const struct lvs__place *brace = open_brace(reader);
	const char *near;

	if (word->text[0] == '$' || word->text[0] == '@' ||
	    word->text[0] == '~')
		return lvs__reader_later(reader, word,
					 word->text[0] == '$'
						 ? "a parameter ($NAME)"
					 : word->text[0] == '@'
						 ? "a conditional line (@ID)"
						 : "a sequence (~SEQ, ~LST)");
	if (is_later(reader, word->text))
		return lvs__reader_later(reader, word, word->text);
	near = nearest(context, word->text);
	if (near != NULL)
		return lvs__reader_expected(reader, word,
					    "a word of %s; is '%s' meant?",
					    context->name, near);
	if (brace != NULL && begins_outer(reader, word->text))
		return ask_for_brace(reader, context, brace);
	return lvs__reader_expected(reader, word, "a word of %s",
				    context->name);
}
