/*
 * Writing text that may be longer than its buffer: every piece is formatted
 * at the end of what is there, and what does not fit is only counted. Messages
 * are such texts, of one piece or two.
 */
#include "base/text.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>

void lvs__text_init(struct lvs__text *text, char *buffer, size_t size)
{
	text->text = buffer;
	text->size = size;
	text->length = 0;
	if (size > 0)
		buffer[0] = '\0';
}

void lvs__text_add_list(struct lvs__text *text, const char *format,
			va_list arguments)
{
	bool room = text->length < text->size;
	int n = vsnprintf(room ? text->text + text->length : NULL,
			  room ? text->size - text->length : 0, format,
			  arguments);

	if (n > 0)
		text->length += (size_t)n;
}

void lvs__text_add(struct lvs__text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	lvs__text_add_list(text, format, arguments);
	va_end(arguments);
}

void lvs__text_seconds(struct lvs__text *text, uint64_t ms)
{
	unsigned int rest = (unsigned int)(ms % 1000);
	int digits = 3;

	lvs__text_add(text, "%" PRIu64, ms / 1000);
	if (rest == 0)
		return;
	for (; rest % 10 == 0; rest /= 10)
		digits--;
	lvs__text_add(text, ".%0*u", digits, rest);
}

int lvs__text_result(const struct lvs__text *text)
{
	return text->length > INT_MAX ? -EOVERFLOW : (int)text->length;
}

/* ---- messages */

int lvs__message(char *message, size_t size, int error, const char *format, ...)
{
	struct lvs__text text;
	va_list arguments;

	if (message == NULL)
		return error;
	lvs__text_init(&text, message, size);
	va_start(arguments, format);
	lvs__text_add_list(&text, format, arguments);
	va_end(arguments);
	return error;
}

int lvs__message_error(char *message, size_t size, int error,
		       const char *format, ...)
{
	struct lvs__text text;
	va_list arguments;

	if (message == NULL)
		return error;
	lvs__text_init(&text, message, size);
	if (format != NULL) {
		va_start(arguments, format);
		lvs__text_add_list(&text, format, arguments);
		va_end(arguments);
		lvs__text_add(&text, ": ");
	}
	lvs__text_add(&text, "%s", lvs_strerror(error));
	return error;
}
