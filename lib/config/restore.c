/*
 * A text of rules on a model, a rule a line, as one change: it is done to a
 * copy, which takes the model's place when every line has succeeded.
 */
#include "config/options.h"

#include <errno.h>
#include <string.h>

#include <lvs/rules.h>

#include "base/limits.h"
#include "model/model.h"

#define LINE_BYTES 4096
#define LINE_WORDS 64

/* A line cut into words. */
struct line {
	char text[LINE_BYTES];
	const char *words[LINE_WORDS];
	size_t columns[LINE_WORDS];
	size_t count;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* What is wrong with a line as such, NULL if nothing. */
static const char *cut(struct line *line, const char *text, size_t length)
{
	line->count = 0;
	if (length >= LINE_BYTES)
		return "found a line of more than 4095 bytes, expected less";
	if (memchr(text, '\0', length) != NULL)
		return "found a NUL byte, expected text";
	memcpy(line->text, text, length);
	line->text[length] = '\0';
	for (size_t i = 0; i < length;) {
		if (blank(line->text[i])) {
			line->text[i++] = '\0';
			continue;
		}
		if (line->count == LINE_WORDS)
			return "found more than 64 words, expected fewer";
		line->words[line->count] = line->text + i;
		line->columns[line->count++] = i + 1;
		while (i < length && !blank(line->text[i]))
			i++;
	}
	return NULL;
}

/* One line onto the model: 1: a rule, 0: none, or an error with message. */
static int apply_line(struct lvs_model *model, struct line *line,
		      const char *from, size_t length, size_t number,
		      char *message, size_t size)
{
	char why[512] = "";
	struct lvs__rule_text text = {.message = why, .size = sizeof(why)};
	const char *bad = cut(line, from, length);
	struct lvs__rule rule;
	int error;

	if (bad != NULL)
		return lvs__message(message, size, -EINVAL,
				    "line %zu, column 1: %s", number, bad);
	if (line->count == 0 || line->words[0][0] == '#')
		return 0;
	text.words = line->words;
	text.count = line->count;
	error = lvs__rule_parse(&rule, &text);
	if (error == 0) {
		text.fault = 0;
		error = lvs__rule_apply(model, &rule, &text);
	}
	if (error == 0)
		return 1;
	return lvs__message(message, size, error, "line %zu, column %zu: %s",
			    number, line->columns[text.fault], why);
}

static int apply_lines(struct lvs_model *model, const char *text, size_t length,
		       char *message, size_t size)
{
	struct line line;
	size_t number = 0;
	int count = 0;

	while (length > 0) {
		const char *end = memchr(text, '\n', length);
		size_t n = end == NULL ? length : (size_t)(end - text);
		int result;

		result = apply_line(model, &line, text, n, ++number, message,
				    size);
		if (result < 0)
			return result;
		count += result;
		if (end == NULL)
			break;
		text += n + 1;
		length -= n + 1;
	}
	return count;
}

LVS_EXPORT int lvs_rules_apply_text(struct lvs_model *model, const char *text,
				    size_t length, char *message, size_t size)
{
	struct lvs_model *copy;
	int result;

	if (model == NULL || (text == NULL && length > 0))
		return lvs__message_error(message, size, -EINVAL, NULL);
	if (length > LVS__MOST_TEXT)
		return lvs__message(
			message, size, -EINVAL,
			"found more than %u MiB of rules, expected less",
			LVS__MOST_TEXT >> 20);
	result = lvs_model_copy(&copy, model);
	if (result != 0)
		return lvs__message_error(message, size, result, NULL);
	result = apply_lines(copy, text, length, message, size);
	if (result >= 0)
		lvs__model_swap(model, copy);
	lvs_model_free(copy);
	return result;
}
