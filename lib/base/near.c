/*
 * The distance of two words is how many characters have to be inserted, left
 * out, replaced or exchanged with their neighbour to make one the other. More
 * than two are no typing error, nor as many as the word has.
 */
#include "base/near.h"

#include <string.h>

#include "base/base.h"

#define FARTHEST 2

void lvs__near_begin(struct lvs__near *near, const char *word, size_t length)
{
	near->word = word;
	near->length = length;
	near->nearest = NULL;
	near->distance = length <= FARTHEST ? length : FARTHEST + 1;
}

static uint8_t least(unsigned int a, unsigned int b)
{
	return (uint8_t)(a < b ? a : b);
}

static size_t distance(const char *a, size_t n, const char *b, size_t m)
{
	uint8_t rows[LVS__NEAR_LONGEST + 1][LVS__NEAR_LONGEST + 1];

	for (size_t i = 0; i <= n; i++) {
		for (size_t j = 0; j <= m; j++) {
			if (i == 0 || j == 0) {
				rows[i][j] = (uint8_t)(i + j);
				continue;
			}
			rows[i][j] =
				least(rows[i - 1][j - 1] +
					      (a[i - 1] == b[j - 1] ? 0u : 1u),
				      least(rows[i - 1][j], rows[i][j - 1]) +
					      1u);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				rows[i][j] = least(rows[i][j],
						   rows[i - 2][j - 2] + 1u);
		}
	}
	return rows[n][m];
}

void lvs__near_try(struct lvs__near *near, const char *known)
{
	size_t length = strlen(known), found;

	if (near->length > LVS__NEAR_LONGEST || length > LVS__NEAR_LONGEST)
		return;
	found = distance(near->word, near->length, known, length);
	if (found < near->distance) {
		near->distance = found;
		near->nearest = known;
	}
}
