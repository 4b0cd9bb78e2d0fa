/*
 * What went wrong, in one line: the place first, then what was found there,
 * then what was expected. What comes from a file is shown without control
 * characters, so that it cannot write on somebody's terminal or log.
 */
#include "config/lexer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void lvs__lexer_clean(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

void lvs__lexer_place(char text[LVS__LEXER_PLACE],
		      const struct lvs__place *place)
{
	snprintf(text, LVS__LEXER_PLACE, "%s:%" PRIu32, place->file,
		 place->line);
	lvs__lexer_clean(text);
}

void lvs__lexer_tell(char *line, size_t size, const struct lvs__place *place,
		     const char *format, va_list arguments)
{
	struct lvs__text text;

	lvs__text_init(&text, line, size);
	lvs__text_add(&text, "%s:%u:%u: ", place->file, place->line,
		      place->column);
	lvs__text_add_list(&text, format, arguments);
	lvs__lexer_clean(line);
}

int lvs__lexer_error(struct lvs__lexer *lexer, const struct lvs__place *place,
		     int error, const char *format, ...)
{
	va_list arguments;

	if (lexer->message == NULL || lexer->size == 0)
		return error;
	va_start(arguments, format);
	lvs__lexer_tell(lexer->message, lexer->size, place, format, arguments);
	va_end(arguments);
	return error;
}

const char *lvs__lexer_show(char shown[LVS__SHOWN], const char *word)
{
	size_t n = 0;

	shown[n++] = '\'';
	for (; *word != '\0' && n < LVS__SHOWN - 6; word++) {
		unsigned char c = (unsigned char)*word;

		shown[n++] = c < ' ' || c == 0x7f ? '?' : *word;
	}
	/* never half of a UTF-8 character */
	if (*word != '\0') {
		while (n > 1 && ((unsigned char)*word & 0xc0) == 0x80) {
			word--;
			n--;
		}
		memcpy(shown + n, "...", 3);
		n += 3;
	}
	shown[n++] = '\'';
	shown[n] = '\0';
	return shown;
}
