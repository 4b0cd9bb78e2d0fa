/*
 * Words and braces of a configuration, across included files.
 */
#ifndef LVS__CONFIG_LEXER_H
#define LVS__CONFIG_LEXER_H

#include <limits.h>

#include "base/limits.h"
#include "base/text.h"

#define LVS__LEXER_WORD 1024   /* bytes of a word, with its NUL */
#define LVS__LEXER_INCLUDES 16 /* files within files */
#define LVS__LEXER_BRACES 32   /* blocks within blocks */
#define LVS__LEXER_FILES 4096  /* files in all */

/* Where something stands; the file's name lives as long as the lexer. */
struct lvs__place {
	const char *file;
	uint32_t line;
	uint32_t column;
};

enum lvs__token_kind {
	LVS__TOKEN_WORD = 1,
	LVS__TOKEN_OPEN,  /* { */
	LVS__TOKEN_CLOSE, /* } */
	LVS__TOKEN_LINE,  /* a line or file ended */
	LVS__TOKEN_END	  /* everything was read */
};

struct lvs__token {
	int kind;
	struct lvs__place place;
	size_t length;
	char text[LVS__LEXER_WORD]; /* of a word, without its quotes */
};

/* A file that is being read, and those that follow it by the same pattern. */
struct lvs__lexer_source {
	char *text; /* owned, NULL: `view` is borrowed */
	const char *view;
	size_t length;
	size_t at;
	struct lvs__place place; /* of the next byte */
	int braces;		 /* that were open when it began */
	uint64_t device;	 /* which file it is, to see cycles */
	uint64_t inode;
	char **paths; /* NULL-terminated, owned: files still to come */
	size_t next;
	struct lvs__place included; /* where the include stands */
};

struct lvs__lexer {
	struct lvs__lexer_source sources[LVS__LEXER_INCLUDES];
	int depth; /* sources that are open */
	struct lvs__place opens[LVS__LEXER_BRACES];
	int braces;
	size_t bytes; /* read so far */
	char *names[LVS__LEXER_FILES];
	size_t files;
	char *message; /* the caller's */
	size_t size;
};

void lvs__lexer_init(struct lvs__lexer *lexer, char *message, size_t size);
void lvs__lexer_fini(struct lvs__lexer *lexer);

/* Starts with a file or with a text. 0 or a negative errno, with message. */
int lvs__lexer_open(struct lvs__lexer *lexer, const char *path);
int lvs__lexer_text(struct lvs__lexer *lexer, const char *name,
		    const char *text, size_t length);

/* The next token. 0 or a negative errno, with message. */
int lvs__lexer_next(struct lvs__lexer *lexer, struct lvs__token *token);

/*
 * Goes on with the files that `pattern` names, relative to the file it stands
 * in, then comes back. How many files, or a negative errno, with message.
 */
int lvs__lexer_include(struct lvs__lexer *lexer, const char *pattern,
		       const struct lvs__place *place);

/* Writes "FILE:LINE:COLUMN: ..." as the message and returns `error`. */
int lvs__lexer_error(struct lvs__lexer *lexer, const struct lvs__place *place,
		     int error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* "FILE:LINE"; a name that is cut is still a hint. */
#define LVS__LEXER_PLACE (PATH_MAX + 16)
void lvs__lexer_place(char text[LVS__LEXER_PLACE],
		      const struct lvs__place *place);

/* Writes "FILE:LINE:COLUMN: ..." into `line`, control characters as '?'. */
void lvs__lexer_tell(char *line, size_t size, const struct lvs__place *place,
		     const char *format, va_list arguments)
	__attribute__((format(printf, 4, 0)));

/* Makes one line of a text: control characters become '?'. */
void lvs__lexer_clean(char *text);

/*
 * A word fit to be shown: quoted, cut, without control characters. Into
 * `shown`, which is returned.
 */
#define LVS__SHOWN 64
const char *lvs__lexer_show(char shown[LVS__SHOWN], const char *word);

/* ---- between lexer.c and files.c */

/* The file of the top source ended: opens the next one, or goes back. */
int lvs__lexer_leave(struct lvs__lexer *lexer);

#endif
