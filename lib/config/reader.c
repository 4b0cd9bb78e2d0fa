/*
 * Statements and blocks.
 *
 * A statement is a keyword and the words after it up to the end of the line or
 * a brace. A block is read by its context's table: a known keyword is called,
 * one that is not built yet is refused, one without effect is warned of once
 * and skipped, any other word is an error. The lexer has balanced the braces.
 */
#include "config/reader.h"

#include <errno.h>
#include <string.h>

/* ---- messages */

/* What stands where a word was expected. */
static const char *end_name(const struct lvs__reader *reader)
{
	if (reader->statement.end == LVS__TOKEN_OPEN)
		return "'{'";
	if (reader->statement.end == LVS__TOKEN_CLOSE)
		return "'}'";
	return "the end of the line";
}

int lvs__reader_expected(struct lvs__reader *reader,
			 const struct lvs__word *word, const char *format, ...)
{
	char shown[LVS__SHOWN];
	char buffer[256];
	struct lvs__text what;
	va_list arguments;

	lvs__text_init(&what, buffer, sizeof(buffer));
	va_start(arguments, format);
	lvs__text_add_list(&what, format, arguments);
	va_end(arguments);
	if (word == NULL)
		return lvs__lexer_error(&reader->lexer,
					&reader->statement.end_place, -EINVAL,
					"found %s, expected %s",
					end_name(reader), buffer);
	return lvs__lexer_error(&reader->lexer, &word->place, -EINVAL,
				"found %s, expected %s",
				lvs__lexer_show(shown, word->text), buffer);
}

int lvs__reader_later(struct lvs__reader *reader, const struct lvs__word *word,
		      const char *name)
{
	return lvs__lexer_error(&reader->lexer, &word->place, -EINVAL,
				"found %s, which is not built yet", name);
}

int lvs__reader_failed(struct lvs__reader *reader,
		       const struct lvs__place *place, int error)
{
	return lvs__lexer_error(&reader->lexer, place, error, "%s",
				lvs_strerror(error));
}

void lvs__reader_warn(struct lvs__reader *reader, enum lvs_config_warning kind,
		      const struct lvs__place *place, const char *format, ...)
{
	char line[512];
	va_list arguments;

	if (reader->warn == NULL)
		return;
	va_start(arguments, format);
	lvs__lexer_tell(line, sizeof(line), place, format, arguments);
	va_end(arguments);
	reader->warn(reader->user, (int)kind, line);
}

/* ---- statements */

static int next(struct lvs__reader *reader)
{
	return lvs__lexer_next(&reader->lexer, &reader->token);
}

/* Puts the token, a word, at the end of the statement. */
static int add_word(struct lvs__reader *reader)
{
	struct lvs__statement *s = &reader->statement;
	const struct lvs__token *t = &reader->token;

	if (s->count == LVS__STATEMENT_WORDS ||
	    t->length >= sizeof(s->text) - s->used)
		return lvs__lexer_error(
			&reader->lexer, &t->place, -EINVAL,
			"found more than %d words or %d bytes in one line, "
			"expected fewer",
			LVS__STATEMENT_WORDS, LVS__STATEMENT_TEXT);
	s->words[s->count].text = s->text + s->used;
	s->words[s->count].place = t->place;
	s->count++;
	memcpy(s->text + s->used, t->text, t->length + 1);
	s->used += t->length + 1;
	return 0;
}

/* The token is the keyword: reads the rest of its statement. */
static int read_statement(struct lvs__reader *reader)
{
	struct lvs__statement *s = &reader->statement;
	int error = 0;

	s->count = 0;
	s->used = 0;
	while (error == 0 && reader->token.kind == LVS__TOKEN_WORD) {
		error = add_word(reader);
		if (error == 0)
			error = next(reader);
	}
	s->end = reader->token.kind;
	s->end_place = reader->token.place;
	return error;
}

/* A brace may stand in the next line: goes on to it. */
int lvs__reader_find_brace(struct lvs__reader *reader)
{
	struct lvs__statement *s = &reader->statement;
	int error = 0;

	while (error == 0 && reader->token.kind == LVS__TOKEN_LINE)
		error = next(reader);
	s->end = reader->token.kind;
	if (error == 0 && s->end != LVS__TOKEN_OPEN)
		return lvs__lexer_error(
			&reader->lexer, &s->end_place, -EINVAL,
			"found no '{', expected one: %s begins a block",
			s->words[0].text);
	return error;
}

/* ---- include */

/*
 * include and its variants. A name must exist; a pattern may fit no file,
 * which the stricter variants (all but include and includer) refuse.
 */
static int include(struct lvs__reader *reader)
{
	const struct lvs__statement *s = &reader->statement;
	const struct lvs__word *variant = &s->words[0];
	int count;

	if (s->count != 2 || s->end != LVS__TOKEN_LINE)
		return lvs__lexer_error(
			&reader->lexer, &variant->place, -EINVAL,
			"found %s with other words in its line, expected: "
			"%s FILE (a pattern with braces in quotes)",
			variant->text, variant->text);
	if (s->words[1].text[0] == '\0')
		return lvs__reader_expected(reader, &s->words[1],
					    "the name of a file");
	count = lvs__lexer_include(&reader->lexer, s->words[1].text,
				   &s->words[1].place);
	if (count != 0)
		return count < 0 ? count : 0;
	if (variant->text[7] != '\0' && variant->text[7] != 'r')
		return lvs__reader_expected(reader, &s->words[1],
					    "a pattern that fits some file");
	lvs__reader_warn(reader, LVS_CONFIG_NO_FILE, &s->words[1].place,
			 "no file fits the pattern '%s'", s->words[1].text);
	return 0;
}

static bool is_include(const char *word)
{
	return strncmp(word, "include", 7) == 0 &&
	       (word[7] == '\0' ||
		(strchr("rmwba", word[7]) != NULL && word[8] == '\0'));
}

/* ---- keywords */

/* `bit` tells it from the others of the block: the shared ones are above. */
static const struct lvs__keyword *find(const struct lvs__context *context,
				       const char *name, uint64_t *bit)
{
	*bit = 1;
	for (const struct lvs__keyword *k = context->keywords; k->name != NULL;
	     k++, *bit <<= 1)
		if (strcmp(k->name, name) == 0)
			return k;
	*bit = (uint64_t)1 << 32;
	for (const struct lvs__level_word *w = lvs__level_words;
	     w->keyword.name != NULL; w++, *bit <<= 1)
		if ((w->levels & context->levels) != 0 &&
		    strcmp(w->keyword.name, name) == 0)
			return &w->keyword;
	return NULL;
}

/* Whether a word may stand in a block, or could if it were built. */
static bool knows(const struct lvs__context *context, const char *name)
{
	uint64_t bit;

	return find(context, name, &bit) != NULL ||
	       lvs__reader_listed(context->later, name) != NULL ||
	       lvs__reader_listed(context->ignored, name) != NULL;
}

/* Another check than the one that is built: that is offered. */
static int later(struct lvs__reader *reader, const struct lvs__context *context,
		 const struct lvs__word *word)
{
	const char *end = strrchr(word->text, '_');
	bool check = end != NULL &&
		     (strcmp(end, "_CHECK") == 0 || strcmp(end, "_GET") == 0);

	if (!check || !knows(context, "TCP_CHECK"))
		return lvs__reader_later(reader, word, word->text);
	return lvs__lexer_error(
		&reader->lexer, &word->place, -EINVAL,
		"found %s, which is not built yet; TCP_CHECK is", word->text);
}

static int check_form(struct lvs__reader *reader, const struct lvs__keyword *k)
{
	const struct lvs__statement *s = &reader->statement;

	for (size_t i = 1; i < s->count; i++)
		if (strchr(s->words[i].text, '$') != NULL)
			return lvs__reader_later(reader, &s->words[i],
						 "a parameter ($NAME)");
	if (s->count - 1 < k->least)
		return lvs__lexer_error(&reader->lexer, &s->end_place, -EINVAL,
					"found %s, expected: %s",
					end_name(reader), k->form);
	if (s->count - 1 > k->most)
		return lvs__reader_expected(reader, &s->words[k->most + 1],
					    "nothing more: %s", k->form);
	if (k->kind != LVS__BLOCK && s->end == LVS__TOKEN_OPEN)
		return lvs__lexer_error(&reader->lexer, &s->end_place, -EINVAL,
					"found '{', expected none: %s",
					k->form);
	return k->kind == LVS__BLOCK ? lvs__reader_find_brace(reader) : 0;
}

/*
 * Reads one statement, its keyword being the token; the token after it is
 * there when this returns. `said` has a bit for each keyword.
 */
static int read_keyword(struct lvs__reader *reader,
			const struct lvs__context *context, uint64_t *said)
{
	const struct lvs__keyword *k;
	const struct lvs__word *word;
	const char *ignored;
	uint64_t bit;
	int error = read_statement(reader);

	if (error != 0)
		return error;
	word = lvs__reader_word(reader, 0);
	if (is_include(word->text)) {
		error = include(reader);
		return error != 0 ? error : next(reader);
	}
	if (lvs__reader_listed(context->later, word->text) != NULL)
		return later(reader, context, word);
	ignored = lvs__reader_listed(context->ignored, word->text);
	if (ignored != NULL)
		return lvs__reader_ignore(reader, ignored);
	k = find(context, word->text, &bit);
	if (k == NULL)
		return lvs__reader_unknown(reader, context);
	error = check_form(reader, k);
	if (error != 0)
		return error;
	if (k->kind == LVS__PLAIN && (*said & bit) != 0)
		lvs__reader_warn(reader, LVS_CONFIG_REPEATED, &word->place,
				 "'%s' is said again: the last one holds",
				 word->text);
	*said |= bit;
	error = k->read(reader, k->target);
	if (error == 0 && k->kind == LVS__BLOCK)
		error = next(reader);
	return error;
}

static int read_block(struct lvs__reader *reader,
		      const struct lvs__context *context)
{
	uint64_t said = 0;
	int error = next(reader);

	while (error == 0) {
		switch (reader->token.kind) {
		case LVS__TOKEN_END:
		case LVS__TOKEN_CLOSE:
			return 0;
		case LVS__TOKEN_LINE:
			error = next(reader);
			break;
		case LVS__TOKEN_OPEN:
			return lvs__lexer_error(
				&reader->lexer, &reader->token.place, -EINVAL,
				"found '{', expected a word of %s",
				context->name);
		default:
			error = read_keyword(reader, context, &said);
		}
	}
	return error;
}

int lvs__reader_block(struct lvs__reader *reader,
		      const struct lvs__context *context)
{
	const struct lvs__block block = {context, reader->block};
	int error;

	reader->block = &block;
	error = read_block(reader, context);
	reader->block = block.outer;
	return error;
}
