/*
 * The client's side: what reads a person's words.
 */
#ifndef LVS__CONTROL_ORDER_H
#define LVS__CONTROL_ORDER_H

#include "control/client.h"

struct lvs__words {
	struct lvs__order *order;
	const char *const *words;
	size_t count;
	size_t at;
	int protocol;
	const char *service;
	char *message;
	size_t size;
};

/* Each: 0, or what is wrong, with the message. */
int lvs__order_wrong(struct lvs__words *w, const char *word, const char *what);
int lvs__order_request(struct lvs__words *w, const char *name);
int lvs__order_add(struct lvs__words *w, const char *name, const char *text);
int lvs__order_add_service(struct lvs__words *w);

/* The service that follows the option at `at`, or stands in `value`. */
int lvs__order_set_service(struct lvs__words *w, int protocol,
			   const char *value);

/* No such word: suggests the nearest of those that there are. */
int lvs__order_unknown(struct lvs__words *w, const char *word, const char *what,
		       const char *const *known, size_t count);

/* ---- flags.c: -L, -S, -R, -Z and what they take */
bool lvs__order_are_options(const char *const *words, size_t count);
int lvs__order_read_options(struct lvs__words *w);

#endif
