/*
 * Words that may be said at several levels: of a service, a server, a check.
 * They go to the innermost block that is being read; build.c joins the levels.
 */
#include "config/reader.h"

#include <strings.h>

static const struct lvs__word *word(const struct lvs__reader *reader, size_t i)
{
	return lvs__reader_word(reader, i);
}

void lvs__level_clear(struct lvs__level *level)
{
	for (int i = 0; i < LVS__LEVEL_VALUES; i++)
		level->values[i] = LVS__UNSAID;
}

int lvs__read_time(struct lvs__reader *reader, int target)
{
	return lvs__reader_seconds(reader, &reader->level->values[target],
				   word(reader, 1),
				   target == LVS__WARMUP ? 0 : 1, LVS__MOST_MS);
}

int lvs__read_retry(struct lvs__reader *reader, int target)
{
	return lvs__reader_number(reader, &reader->level->values[target],
				  word(reader, 1), 0, LVS__MOST_ATTEMPTS - 1);
}

int lvs__read_count(struct lvs__reader *reader, int target)
{
	return lvs__reader_number(reader, &reader->level->values[target],
				  word(reader, 1), 1, LVS__MOST_ATTEMPTS);
}

/* A word alone means yes. */
int lvs__read_flag(struct lvs__reader *reader, int target)
{
	if (word(reader, 1) != NULL)
		return lvs__reader_yes(reader, &reader->level->values[target],
				       word(reader, 1));
	reader->level->values[target] = 1;
	return 0;
}

int lvs__read_resets(struct lvs__reader *reader, int target)
{
	return lvs__reader_number(reader, &reader->level->values[target],
				  word(reader, 1), 0,
				  lvs__model_settings[LVS_SETTING_RESETS].most);
}

/* keepalived.conf's words for methods; another case is read too. */
static const struct {
	const char *word;
	uint64_t method;
} methods[] = {
	{"NAT", LVS_NAT},
	{"DR", LVS_DR},
};

#define METHODS (sizeof(methods) / sizeof(methods[0]))

const char *lvs__method_word(uint64_t method)
{
	for (size_t i = 0; i < METHODS; i++)
		if (methods[i].method == method)
			return methods[i].word;
	return "?";
}

int lvs__read_method(struct lvs__reader *reader, int target)
{
	const struct lvs__word *w = word(reader, 1);

	if (strcasecmp(w->text, "TUN") == 0)
		return lvs__reader_later(reader, w, "the method TUN");
	if (word(reader, 2) != NULL)
		return lvs__reader_expected(reader, word(reader, 2),
					    "nothing more: lvs_method NAT|DR");
	for (size_t i = 0; i < METHODS; i++)
		if (strcasecmp(w->text, methods[i].word) == 0) {
			reader->level->values[target] = methods[i].method;
			return 0;
		}
	return lvs__reader_expected(reader, w, "NAT or DR");
}

/* The block of the statement, its level inside the one there is. */
int lvs__read_level(struct lvs__reader *reader, struct lvs__level *level,
		    const struct lvs__context *context)
{
	struct lvs__level *outer = reader->level;
	int error;

	lvs__level_clear(level);
	level->place = word(reader, 0)->place;
	reader->level = level;
	error = lvs__reader_block(reader, context);
	reader->level = outer;
	return error;
}
