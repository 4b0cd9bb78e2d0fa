/*
 * Text written piece by piece into a caller's buffer, cut at its size, while
 * the length of the whole is counted.
 */
#ifndef LVS__TEXT_H
#define LVS__TEXT_H

#include <stdarg.h>

#include "base/base.h"

struct lvs__text {
	char *text; /* may be NULL when size is 0 */
	size_t size;
	size_t length; /* of the whole, what did not fit included */
};

/* An empty text; NUL-terminated from now on when size > 0. */
void lvs__text_init(struct lvs__text *text, char *buffer, size_t size);

void lvs__text_add(struct lvs__text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void lvs__text_add_list(struct lvs__text *text, const char *format,
			va_list arguments)
	__attribute__((format(printf, 2, 0)));

/* Milliseconds as seconds: "1.5". */
void lvs__text_seconds(struct lvs__text *text, uint64_t ms);

/* The length as a result: -EOVERFLOW when an int does not hold it. */
int lvs__text_result(const struct lvs__text *text);

#endif
