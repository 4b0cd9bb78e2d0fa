/*
 * Typing errors: which known word a wrong one was meant to be.
 */
#ifndef LVS__NEAR_H
#define LVS__NEAR_H

#include <stddef.h>

#define LVS__NEAR_LONGEST 31 /* characters of a word that is compared */

struct lvs__near {
	const char *word; /* what was typed */
	size_t length;
	const char *nearest; /* of the words that were tried; NULL: none */
	size_t distance;
};

void lvs__near_begin(struct lvs__near *near, const char *word, size_t length);

/* Compares one more; of two that are as near the first one stays. */
void lvs__near_try(struct lvs__near *near, const char *known);

#endif
