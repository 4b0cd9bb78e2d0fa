/*
 * Values in text: digits only, so that "-1", "+1", " 1", "0x1" and "1e9" are
 * told to be no numbers rather than read as something else; bounded in length
 * before they are added up, so nothing overflows.
 */
#include "config/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "model/text.h"

#define MOST_DIGITS 18 /* fit in 64 bits, times 1000 for decimals at 15 */

int lvs__digits(uint64_t *value, const char *text)
{
	uint64_t v = 0;
	size_t n = 0;

	for (; text[n] >= '0' && text[n] <= '9'; n++) {
		if (n == MOST_DIGITS)
			return -EINVAL;
		v = v * 10 + (uint64_t)(text[n] - '0');
	}
	if (n == 0 || text[n] != '\0')
		return -EINVAL;
	*value = v;
	return 0;
}

int lvs__decimal(uint64_t *ms, const char *text)
{
	uint64_t whole = 0;
	uint64_t part = 0;
	uint64_t unit = 1000;
	size_t n = 0;
	size_t m = 0;

	for (; text[n] >= '0' && text[n] <= '9'; n++) {
		if (n == MOST_DIGITS - 3)
			return -EINVAL;
		whole = whole * 10 + (uint64_t)(text[n] - '0');
	}
	if (text[n] == '.')
		for (; text[n + 1 + m] >= '0' && text[n + 1 + m] <= '9'; m++) {
			unit /= 10;
			part += unit * (uint64_t)(text[n + 1 + m] - '0');
		}
	if (n + m == 0 || m > MOST_DIGITS ||
	    text[n + (text[n] == '.' ? m + 1 : 0)] != '\0')
		return -EINVAL;
	*ms = whole * 1000 + part;
	return 0;
}

int lvs__reader_number(struct lvs__reader *reader, uint64_t *value,
		       const struct lvs__word *word, uint64_t least,
		       uint64_t most)
{
	uint64_t v = 0;

	if (word == NULL || lvs__digits(&v, word->text) != 0 || v < least ||
	    v > most)
		return lvs__reader_expected(reader, word,
					    "a number from %" PRIu64
					    " to %" PRIu64,
					    least, most);
	*value = v;
	return 0;
}

int lvs__reader_seconds(struct lvs__reader *reader, uint64_t *ms,
			const struct lvs__word *word, uint64_t least,
			uint64_t most)
{
	struct lvs__text range;
	char text[64];
	uint64_t v = 0;

	if (word != NULL && lvs__decimal(&v, word->text) == 0 && v >= least &&
	    v <= most) {
		*ms = v;
		return 0;
	}
	lvs__text_init(&range, text, sizeof(text));
	lvs__text_seconds(&range, least);
	lvs__text_add(&range, " to ");
	lvs__text_seconds(&range, most);
	return lvs__reader_expected(reader, word, "seconds from %s", text);
}

int lvs__reader_yes(struct lvs__reader *reader, uint64_t *value,
		    const struct lvs__word *word)
{
	static const char *const words[] = {"no",  "off", "false",
					    "yes", "on",  "true"};

	for (size_t i = 0; word != NULL && i < 6; i++)
		if (strcasecmp(word->text, words[i]) == 0) {
			*value = i >= 3;
			return 0;
		}
	return lvs__reader_expected(reader, word, "yes or no");
}

int lvs__reader_flag(struct lvs__reader *reader, uint64_t *value)
{
	if (lvs__reader_word(reader, 1) != NULL)
		return lvs__reader_yes(reader, value,
				       lvs__reader_word(reader, 1));
	*value = 1;
	return 0;
}

const char *lvs__sched_word(const char *text)
{
	const char *name = "none";

	for (size_t i = 0; name != NULL; name = lvs_sched_name(i++))
		if (strcmp(name, text) == 0)
			return name;
	return NULL;
}

int lvs__reader_addr(struct lvs__reader *reader, struct lvs_addr *addr,
		     const struct lvs__word *word)
{
	if (word != NULL && lvs_addr_parse(addr, word->text) == 0)
		return 0;
	return lvs__reader_expected(reader, word,
				    "an IPv4 or IPv6 address in numbers");
}
