/*
 * Words that are not read: those without effect are warned of, once each, and
 * skipped with their block; for unknown ones the nearest known is offered.
 */
#include "config/reader.h"

#include <errno.h>
#include <string.h>

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
		lvs__reader_warn(reader, &word->place,
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

/* How many single edits make `a` into `b`; words longer than fit: many. */
static size_t distance(const char *a, const char *b)
{
	size_t row[32];
	size_t width = strlen(b);

	if (width >= sizeof(row) / sizeof(row[0]) || strlen(a) > 64)
		return SIZE_MAX;
	for (size_t j = 0; j <= width; j++)
		row[j] = j;
	for (size_t i = 0; a[i] != '\0'; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < width; j++) {
			size_t best = diagonal + (a[i] != b[j] ? 1 : 0);

			diagonal = row[j + 1];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (diagonal + 1 < best)
				best = diagonal + 1;
			row[j + 1] = best;
		}
	}
	return row[width];
}

/* A nearer word than `best`, in `near`. */
static void compare(const struct lvs__keyword *k, const char *text,
		    const struct lvs__keyword **near, size_t *best)
{
	size_t d = distance(text, k->name);

	if (d < *best) {
		*best = d;
		*near = k;
	}
}

int lvs__reader_unknown(struct lvs__reader *reader,
			const struct lvs__context *context)
{
	const struct lvs__word *word = lvs__reader_word(reader, 0);
	const struct lvs__keyword *near = NULL;
	size_t best = 3; /* a word further away is no typing error */

	if (word->text[0] == '$' || word->text[0] == '@' ||
	    word->text[0] == '~')
		return lvs__reader_later(reader, word,
					 word->text[0] == '$'
						 ? "a parameter ($NAME)"
					 : word->text[0] == '@'
						 ? "a conditional line (@ID)"
						 : "a sequence (~SEQ, ~LST)");
	for (const struct lvs__keyword *k = context->keywords; k->name != NULL;
	     k++)
		compare(k, word->text, &near, &best);
	for (const struct lvs__level_word *w = lvs__level_words;
	     w->keyword.name != NULL; w++)
		if ((w->levels & context->levels) != 0)
			compare(&w->keyword, word->text, &near, &best);
	if (near != NULL)
		return lvs__reader_expected(reader, word,
					    "a word of %s; is '%s' meant?",
					    context->name, near->name);
	return lvs__reader_expected(reader, word, "a word of %s",
				    context->name);
}
