/*
 * Statements, blocks and values of a configuration: what keepalived.c's
 * tables of words stand on.
 */
#ifndef LVS__CONFIG_READER_H
#define LVS__CONFIG_READER_H

#include <lvs/config.h>

#include "base/limits.h"
#include "config/lexer.h"
#include "model/model.h"

#define LVS__STATEMENT_WORDS 256  /* in one line */
#define LVS__STATEMENT_TEXT 32768 /* bytes of them */
#define LVS__READER_SEEN 512	  /* words that were warned of */

struct lvs__word {
	const char *text;
	struct lvs__place place;
};

/* A keyword and the words after it, to the end of the line or a brace. */
struct lvs__statement {
	struct lvs__word words[LVS__STATEMENT_WORDS];
	size_t count;
	int end; /* kind of the token that ended it */
	struct lvs__place end_place;
	size_t used;
	char text[LVS__STATEMENT_TEXT];
};

struct lvs__reader;
struct lvs__keyword;

/* What a block may hold: a line a keyword, the table ends with a NULL name. */
struct lvs__context {
	const char *name; /* "a virtual_server" */
	const struct lvs__keyword *keywords;
	/* known to keepalived, ended by NULL: */
	const char *const *later;   /* not built yet: refused */
	const char *const *ignored; /* without effect here: warned of */
	uint8_t levels;		    /* enum lvs__level_kind: its words too */
};

/* A block that is being read, and the one that it stands in. */
struct lvs__block {
	const struct lvs__context *context;
	const struct lvs__block *outer; /* NULL: none */
};

enum lvs__keyword_kind {
	LVS__PLAIN = 0,
	LVS__MANY,  /* may be said many times in one block */
	LVS__BLOCK, /* a block follows; may be said many times */
};

struct lvs__keyword {
	const char *name;
	int (*read)(struct lvs__reader *reader, int target);
	int target; /* for `read`: what is meant */
	uint8_t kind;
	uint8_t least; /* words after it */
	uint8_t most;
	const char *form; /* how to say it, for messages */
};

/* The blocks that words of several levels may stand in, as bits. */
enum lvs__level_kind {
	LVS__IN_BACKEND = 1 << 0,
	LVS__IN_VIRTUAL = 1 << 1,
	LVS__IN_REAL = 1 << 2,
	LVS__IN_CHECK = 1 << 3
};

/* Times and numbers that may be said at several levels: innermost wins. */
enum lvs__level_value {
	LVS__DELAY_LOOP,
	LVS__CONNECT_TIMEOUT,
	LVS__RETRY,
	LVS__DELAY_BEFORE_RETRY,
	LVS__WARMUP,
	LVS__RISE,
	LVS__FALL,
	LVS__ALPHA,
	LVS__INHIBIT,
	LVS__METHOD,
	LVS__RESETS,
	LVS__RESET_INTERVAL,
	LVS__LEVEL_VALUES
};

#define LVS__UNSAID UINT64_MAX

struct lvs__level {
	uint64_t values[LVS__LEVEL_VALUES]; /* LVS__UNSAID */
	struct lvs__place place;	    /* of the block's keyword */
};

struct lvs__check_text {
	struct lvs__level level;
	struct lvs_addr addr; /* family NONE: the server's */
	uint16_t port;	      /* 0: the server's */
};

struct lvs__real_text {
	struct lvs__level level;
	struct lvs_addr addr;
	uint16_t port; /* 0: the service's */
	uint32_t weight;
	uint16_t upper;
	uint16_t lower;
	bool drain;
	struct lvs__check_text *checks;
	size_t check_count;
};

struct lvs__virtual_text {
	struct lvs__level level;
	struct lvs_addr addr;
	uint16_t port;
	int protocol;
	const char *sched; /* static, from lvs_sched_name() */
	bool expire_nodest;
	struct lvs__real_text *reals;
	size_t real_count;
};

/* A service whose settings the lvs_backend block decides. */
struct lvs__pending {
	struct lvs_service *service;
	bool unsaid[2]; /* resets, interval */
};

struct lvs__reader {
	struct lvs__lexer lexer;
	struct lvs__statement statement;
	struct lvs__token token;
	const struct lvs__block *block; /* the innermost; NULL: none */
	struct lvs_model *model;
	void (*warn)(void *user, int kind, const char *line);
	void *user;
	const char *seen[LVS__READER_SEEN];
	size_t seen_count;

	struct lvs__virtual_text virtual; /* that is being read */
	struct lvs__level *level;	  /* the innermost block's */
	struct lvs__level backend;	  /* for LVS__RESETS and its interval */
	struct lvs__pending *pending;
	size_t pending_count;
	struct lvs_service *own; /* the first with a server at its address */
	struct lvs__place own_place; /* that server's */
	/* of what the model holds, to be judged once: */
	struct lvs__place control_place;
	struct lvs__place group_place;
};

/* Reads statements up to the end of the block, or of everything. */
int lvs__reader_block(struct lvs__reader *reader,
		      const struct lvs__context *context);

/* The i-th word of the statement, the keyword being 0; NULL past the last. */
LVS__INLINE const struct lvs__word *lvs__reader_word(
	const struct lvs__reader *reader, size_t index)
{
	const struct lvs__statement *s = &reader->statement;

	return index < s->count ? &s->words[index] : NULL;
}

/* "FILE:LINE:COLUMN: found 'word', expected WHAT". Returns -EINVAL. */
int lvs__reader_expected(struct lvs__reader *reader,
			 const struct lvs__word *word, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "FILE:LINE:COLUMN: NAME is not built yet". Returns -EINVAL. */
int lvs__reader_later(struct lvs__reader *reader, const struct lvs__word *word,
		      const char *name);

/* An error of the library's own, told at a place. Returns `error`. */
int lvs__reader_failed(struct lvs__reader *reader,
		       const struct lvs__place *place, int error);

/* Tells a warning at a place. */
void lvs__reader_warn(struct lvs__reader *reader, enum lvs_config_warning kind,
		      const struct lvs__place *place, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Values; 0 or -EINVAL with message. Times are given as milliseconds. */
int lvs__reader_number(struct lvs__reader *reader, uint64_t *value,
		       const struct lvs__word *word, uint64_t least,
		       uint64_t most);
int lvs__reader_seconds(struct lvs__reader *reader, uint64_t *ms,
			const struct lvs__word *word, uint64_t least,
			uint64_t most);
int lvs__reader_yes(struct lvs__reader *reader, uint64_t *value,
		    const struct lvs__word *word);
/* The keyword's own value: yes where it stands alone. */
int lvs__reader_flag(struct lvs__reader *reader, uint64_t *value);
int lvs__reader_addr(struct lvs__reader *reader, struct lvs_addr *addr,
		     const struct lvs__word *word);

/* The scheduler of that name, or "none"; NULL: there is none. Static. */
const char *lvs__sched_word(const char *text);
#define LVS__SCHED_EXPECTED "a scheduler: rr, wrr, lc or wlc"

/* Plain digits; "1.5" as milliseconds. 0 or -EINVAL (not a number). */
int lvs__digits(uint64_t *value, const char *text);
int lvs__decimal(uint64_t *ms, const char *text);

/* ---- words of several levels: into the innermost level */

struct lvs__level_word {
	struct lvs__keyword keyword;
	uint8_t levels; /* enum lvs__level_kind: where it may stand */
};

/* Ends with a NULL name. */
extern const struct lvs__level_word lvs__level_words[];

void lvs__level_clear(struct lvs__level *level);

/* The word that is read as `method`. Static. */
const char *lvs__method_word(uint64_t method);

/* The block of the statement, as a level inside the one there is. */
int lvs__read_level(struct lvs__reader *reader, struct lvs__level *level,
		    const struct lvs__context *context);

/* ---- the outermost blocks */

int lvs__read_global(struct lvs__reader *reader, int target);
int lvs__read_backend(struct lvs__reader *reader, int target);
int lvs__read_virtual(struct lvs__reader *reader, int target);

/* ---- between reader.c and skip.c */

/* The list's own name that is equal to this one, NULL if there is none. */
const char *lvs__reader_listed(const char *const *names, const char *name);

/* A brace may stand in the next line: goes on to it. */
int lvs__reader_find_brace(struct lvs__reader *reader);

/*
 * Warns of the statement, once for each `name` (as later.c has it), and reads
 * over it, to the token after it.
 */
int lvs__reader_ignore(struct lvs__reader *reader, const char *name);

/* Refuses a keyword that the context does not have. Returns -EINVAL. */
int lvs__reader_unknown(struct lvs__reader *reader,
			const struct lvs__context *context);

/* ---- build.c */

/* Makes a service of what was read and gives it to the model. */
int lvs__reader_build(struct lvs__reader *reader);

/* Ends what was read of a virtual_server. */
void lvs__reader_clear(struct lvs__reader *reader);

/* ---- settle.c */

/*
 * All is read: gives what the lvs_backend block says to the services that left
 * it so, judges what hangs on it, and warns of what this host lacks for the
 * control socket. 0 or a negative errno, with message.
 */
int lvs__reader_settle(struct lvs__reader *reader);

extern const char *const lvs__later_scheds[];
extern const char *const lvs__later_top[];
extern const char *const lvs__later_global[];
extern const char *const lvs__later_virtual[];
extern const char *const lvs__later_real[];
extern const char *const lvs__later_check[];
extern const char *const lvs__ignored_top[];
extern const char *const lvs__ignored_global[];
extern const char *const lvs__ignored_virtual[];
extern const char *const lvs__ignored_real[];
extern const char *const lvs__ignored_check[];

#endif
