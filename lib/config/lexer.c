/*
 * Words and braces, with the place of each.
 *
 * A line ends a statement, so line ends are tokens. Braces are counted here,
 * for each file on its own: a file must close what it opened and nothing
 * else, so what reads the tokens may trust that they balance. Parts in quotes
 * join with what they touch; within quotes a backslash begins an escape, as
 * keepalived.conf(5) has them.
 */
#include "config/lexer.h"

#include <errno.h>
#include <string.h>

/* ---- bytes */

static struct lvs__lexer_source *top(struct lvs__lexer *lexer)
{
	return &lexer->sources[lexer->depth - 1];
}

/* The byte `ahead` of the next, -1 at the end of the file. */
static int peek(const struct lvs__lexer_source *s, size_t ahead)
{
	if (s->length - s->at <= ahead)
		return -1;
	return (unsigned char)s->view[s->at + ahead];
}

/* Goes on by one byte; columns count characters, not bytes of UTF-8. */
static void advance(struct lvs__lexer_source *s)
{
	unsigned char c = (unsigned char)s->view[s->at++];

	if (c == '\n') {
		s->place.line++;
		s->place.column = 1;
	} else if (s->at == s->length || (peek(s, 0) & 0xc0) != 0x80) {
		s->place.column++;
	}
}

/* A line may end in \r\n; any other control character but tab is an error. */
static bool bad_byte(const struct lvs__lexer_source *s)
{
	int c = peek(s, 0);

	if (c == '\r')
		return peek(s, 1) != '\n' && peek(s, 1) != -1;
	return (c >= 0 && c < ' ' && c != '\t' && c != '\n') || c == 0x7f;
}

static int refuse_byte(struct lvs__lexer *lexer)
{
	struct lvs__lexer_source *s = top(lexer);
	int c = peek(s, 0);

	if (c == '\0')
		return lvs__lexer_error(lexer, &s->place, -EINVAL,
					"found a NUL byte, expected text");
	return lvs__lexer_error(
		lexer, &s->place, -EINVAL,
		"found the control character 0x%02x, expected text", c);
}

/* ---- words */

static int append(struct lvs__lexer *lexer, struct lvs__token *token, int c)
{
	if (token->length == LVS__LEXER_WORD - 1)
		return lvs__lexer_error(
			lexer, &token->place, -EINVAL,
			"found a word of more than %d bytes, expected a "
			"shorter one",
			LVS__LEXER_WORD - 1);
	token->text[token->length++] = (char)c;
	return 0;
}

static int digit(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* Digits of an escape, at most `most` of them. */
static int escape_number(struct lvs__lexer_source *s, int base, int most)
{
	int value = 0;

	for (int i = 0; i < most && digit(peek(s, 0)) < base; i++) {
		value = value * base + digit(peek(s, 0));
		advance(s);
	}
	return value & 0xff;
}

/* What stands after a backslash; -1: the line or file ends there. */
static int escape(struct lvs__lexer_source *s)
{
	static const char from[] = "abEefnrtv";
	static const char to[] = "\a\b\033\033\f\n\r\t\v";
	int c = peek(s, 0);
	const char *at;

	if (c == -1 || c == '\n')
		return -1;
	if (digit(c) < 8)
		return escape_number(s, 8, 3);
	advance(s);
	if (c == 'x' && digit(peek(s, 0)) < 16)
		return escape_number(s, 16, 2);
	if (c == 'c' && peek(s, 0) >= '@' && peek(s, 0) < 0x7f) {
		c = peek(s, 0) & 0x1f;
		advance(s);
		return c;
	}
	at = c == '\0' ? NULL : strchr(from, c);
	return at == NULL ? c : (unsigned char)to[at - from];
}

static int quoted(struct lvs__lexer *lexer, struct lvs__token *token)
{
	struct lvs__lexer_source *s = top(lexer);
	struct lvs__place begin = s->place;
	int quote = peek(s, 0);
	int error;
	int c;

	advance(s);
	while ((c = peek(s, 0)) != quote) {
		if (c == -1 || c == '\n' || c == '\r')
			return lvs__lexer_error(
				lexer, &begin, -EINVAL,
				"found a %c without a second one, expected "
				"both in one line",
				quote);
		if (bad_byte(s))
			return refuse_byte(lexer);
		advance(s);
		if (c == '\\')
			c = escape(s);
		if (c == 0)
			return lvs__lexer_error(
				lexer, &begin, -EINVAL,
				"found an escape for NUL, expected text");
		if (c == -1)
			continue;
		error = append(lexer, token, c);
		if (error != 0)
			return error;
	}
	advance(s);
	return 0;
}

static bool ends_word(int c)
{
	return c == -1 || c == ' ' || c == '\t' || c == '\r' || c == '\n' ||
	       c == '{' || c == '}' || c == '#' || c == '!';
}

/* "${NAME}" stays in its word, braces and all. */
static int parameter(struct lvs__lexer *lexer, struct lvs__token *token)
{
	struct lvs__lexer_source *s = top(lexer);
	size_t n = 2;
	int error = 0;
	int c;

	while ((c = peek(s, n)) != '}' && c != '\n' && c != -1)
		n++;
	if (c != '}')
		return lvs__lexer_error(
			lexer, &s->place, -EINVAL,
			"found '${' without '}', expected both in one line");
	for (n++; n > 0 && error == 0; n--) {
		if (bad_byte(s))
			return refuse_byte(lexer);
		error = append(lexer, token, peek(s, 0));
		advance(s);
	}
	return error;
}

static int word(struct lvs__lexer *lexer, struct lvs__token *token)
{
	struct lvs__lexer_source *s = top(lexer);
	int error = 0;
	int c;

	token->kind = LVS__TOKEN_WORD;
	while (error == 0 && !ends_word(c = peek(s, 0))) {
		if (bad_byte(s))
			return refuse_byte(lexer);
		if (c == '"' || c == '\'') {
			error = quoted(lexer, token);
		} else if (c == '$' && peek(s, 1) == '{') {
			error = parameter(lexer, token);
		} else {
			error = append(lexer, token, c);
			advance(s);
		}
	}
	token->text[token->length] = '\0';
	return error;
}

/* ---- braces, comments, lines */

static int open_brace(struct lvs__lexer *lexer, struct lvs__token *token)
{
	if (lexer->braces == LVS__LEXER_BRACES)
		return lvs__lexer_error(
			lexer, &token->place, -EINVAL,
			"found blocks nested deeper than %d, expected fewer",
			LVS__LEXER_BRACES);
	lexer->opens[lexer->braces++] = token->place;
	token->kind = LVS__TOKEN_OPEN;
	advance(top(lexer));
	return 0;
}

static int close_brace(struct lvs__lexer *lexer, struct lvs__token *token)
{
	if (lexer->braces == top(lexer)->braces)
		return lvs__lexer_error(
			lexer, &token->place, -EINVAL,
			"found '}', expected no more of them: this file has "
			"no open '{'");
	lexer->braces--;
	token->kind = LVS__TOKEN_CLOSE;
	advance(top(lexer));
	return 0;
}

/* Blanks and a comment; NUL is refused even there. */
static int skip(struct lvs__lexer *lexer)
{
	struct lvs__lexer_source *s = top(lexer);
	bool comment = false;
	int c;

	while ((c = peek(s, 0)) != -1 && c != '\n') {
		if (c == '#' || c == '!')
			comment = true;
		if (c == '\0' || (!comment && bad_byte(s)))
			return refuse_byte(lexer);
		if (!comment && c != ' ' && c != '\t' && c != '\r')
			break;
		advance(s);
	}
	return 0;
}

static int end_of_file(struct lvs__lexer *lexer, struct lvs__token *token)
{
	const struct lvs__place *open;

	token->kind = LVS__TOKEN_LINE;
	if (lexer->braces == top(lexer)->braces)
		return lvs__lexer_leave(lexer);
	open = &lexer->opens[lexer->braces - 1];
	return lvs__lexer_error(
		lexer, &token->place, -EINVAL,
		"found the end of the file, expected '}' for the '{' at "
		"%s:%u:%u",
		open->file, open->line, open->column);
}

int lvs__lexer_next(struct lvs__lexer *lexer, struct lvs__token *token)
{
	int error;

	token->length = 0;
	token->text[0] = '\0';
	if (lexer->depth == 0) {
		token->kind = LVS__TOKEN_END;
		return 0;
	}
	error = skip(lexer);
	if (error != 0)
		return error;
	token->place = top(lexer)->place;
	switch (peek(top(lexer), 0)) {
	case -1:
		return end_of_file(lexer, token);
	case '\n':
		token->kind = LVS__TOKEN_LINE;
		advance(top(lexer));
		return 0;
	case '{':
		return open_brace(lexer, token);
	case '}':
		return close_brace(lexer, token);
	default:
		return word(lexer, token);
	}
}
