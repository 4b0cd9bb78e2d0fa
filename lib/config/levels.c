/*
 * Words that may be said at several levels: of a service, a server, a check,
 * some of them of the whole backend. A line a word says where it may stand. It
 * goes to the innermost block that is being read; build.c joins the levels.
 */
#include "config/reader.h"

#include <strings.h>

void lvs__level_clear(struct lvs__level *level)
{
	for (int i = 0; i < LVS__LEVEL_VALUES; i++)
		level->values[i] = LVS__UNSAID;
}

static int read_time(struct lvs__reader *reader, int target)
{
	return lvs__reader_seconds(reader, &reader->level->values[target],
				   lvs__reader_word(reader, 1),
				   target == LVS__WARMUP ? 0 : 1, LVS__MOST_MS);
}

static int read_retry(struct lvs__reader *reader, int target)
{
	return lvs__reader_number(reader, &reader->level->values[target],
				  lvs__reader_word(reader, 1), 0,
				  LVS__MOST_ATTEMPTS - 1);
}

static int read_count(struct lvs__reader *reader, int target)
{
	return lvs__reader_number(reader, &reader->level->values[target],
				  lvs__reader_word(reader, 1), 1,
				  LVS__MOST_ATTEMPTS);
}

static int read_flag(struct lvs__reader *reader, int target)
{
	return lvs__reader_flag(reader, &reader->level->values[target]);
}

static int read_resets(struct lvs__reader *reader, int target)
{
	return lvs__reader_number(reader, &reader->level->values[target],
				  lvs__reader_word(reader, 1), 0,
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

static int read_method(struct lvs__reader *reader, int target)
{
	const struct lvs__word *w = lvs__reader_word(reader, 1);

	if (strcasecmp(w->text, "TUN") == 0)
		return lvs__reader_later(reader, w, "the method TUN");
	if (lvs__reader_word(reader, 2) != NULL)
		return lvs__reader_expected(reader, lvs__reader_word(reader, 2),
					    "nothing more: lvs_method NAT|DR");
	for (size_t i = 0; i < METHODS; i++)
		if (strcasecmp(w->text, methods[i].word) == 0) {
			reader->level->values[target] = methods[i].method;
			return 0;
		}
	return lvs__reader_expected(reader, w, "NAT or DR");
}

#define EVERYWHERE (LVS__IN_VIRTUAL | LVS__IN_REAL | LVS__IN_CHECK)
#define OUTSIDE (LVS__IN_VIRTUAL | LVS__IN_REAL) /* of a check */

const struct lvs__level_word lvs__level_words[] = {
	{{"delay_loop", read_time, LVS__DELAY_LOOP, LVS__PLAIN, 1, 1,
	  "delay_loop SECONDS"},
	 EVERYWHERE},
	{{"connect_timeout", read_time, LVS__CONNECT_TIMEOUT, LVS__PLAIN, 1, 1,
	  "connect_timeout SECONDS"},
	 EVERYWHERE},
	{{"retry", read_retry, LVS__RETRY, LVS__PLAIN, 1, 1, "retry NUMBER"},
	 EVERYWHERE},
	{{"nb_get_retry", read_retry, LVS__RETRY, LVS__PLAIN, 1, 1,
	  "nb_get_retry NUMBER"},
	 LVS__IN_CHECK},
	{{"delay_before_retry", read_time, LVS__DELAY_BEFORE_RETRY, LVS__PLAIN,
	  1, 1, "delay_before_retry SECONDS"},
	 EVERYWHERE},
	{{"warmup", read_time, LVS__WARMUP, LVS__PLAIN, 1, 1, "warmup SECONDS"},
	 EVERYWHERE},
	{{"alpha", read_flag, LVS__ALPHA, LVS__PLAIN, 0, 1, "alpha [yes|no]"},
	 EVERYWHERE},
	{{"rise", read_count, LVS__RISE, LVS__PLAIN, 1, 1, "rise NUMBER"},
	 LVS__IN_CHECK},
	{{"fall", read_count, LVS__FALL, LVS__PLAIN, 1, 1, "fall NUMBER"},
	 LVS__IN_CHECK},
	{{"inhibit_on_failure", read_flag, LVS__INHIBIT, LVS__PLAIN, 0, 1,
	  "inhibit_on_failure [yes|no]"},
	 OUTSIDE},
	{{"lvs_method", read_method, LVS__METHOD, LVS__PLAIN, 1, 8,
	  "lvs_method NAT|DR"},
	 OUTSIDE},
	{{"lb_kind", read_method, LVS__METHOD, LVS__PLAIN, 1, 8,
	  "lb_kind NAT|DR"},
	 OUTSIDE},
	{{"resets", read_resets, LVS__RESETS, LVS__PLAIN, 1, 1,
	  "resets NUMBER"},
	 LVS__IN_BACKEND | LVS__IN_VIRTUAL},
	{{"reset_interval", read_time, LVS__RESET_INTERVAL, LVS__PLAIN, 1, 1,
	  "reset_interval SECONDS"},
	 LVS__IN_BACKEND | LVS__IN_VIRTUAL},
	{.keyword = {.name = NULL}},
};

/* The block of the statement, its level inside the one there is. */
int lvs__read_level(struct lvs__reader *reader, struct lvs__level *level,
		    const struct lvs__context *context)
{
	struct lvs__level *outer = reader->level;
	int error;

	lvs__level_clear(level);
	level->place = lvs__reader_word(reader, 0)->place;
	reader->level = level;
	error = lvs__reader_block(reader, context);
	reader->level = outer;
	return error;
}
