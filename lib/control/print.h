/*
 * The client's side: an answer's lines become text.
 */
#ifndef LVS__PRINT_H
#define LVS__PRINT_H

#include "control/client.h"

#define LVS__SCREEN 80 /* columns */

struct lvs__printer {
	const struct lvs__order *order;
	int (*write)(void *user, const char *text, size_t length);
	void *user;
	int stopped;   /* what write said, < 0 */
	int width;     /* of the addresses of a list */
	int widths[2]; /* of those of connections, so far */
	bool titled;   /* connections */
};

/* One line of the answer as text. 0, or < 0: write wants no more. */
int lvs__print_line(struct lvs__printer *printer, json_t *line);

/* The answer is over: the title of a list of connections that has none. */
int lvs__print_end(struct lvs__printer *printer);

/* ---- what kinds of lines share */
int lvs__print(struct lvs__printer *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Members of an object; "?", 0 and false where there is none. */
const char *lvs__text_of(const json_t *object, const char *name);
uint64_t lvs__number_of(const json_t *object, const char *name);
bool lvs__true_of(const json_t *object, const char *name);

/* Its protocol: "TCP" or "UDP". */
const char *lvs__title_of(const json_t *object);

/* ---- lists.c */
int lvs__print_node(struct lvs__printer *p, const json_t *node);
int lvs__print_service(struct lvs__printer *p, const json_t *service);
int lvs__print_dest(struct lvs__printer *p, const json_t *dest);

#endif
