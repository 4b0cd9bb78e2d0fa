/*
 * The client's side: what reads a person's words.
 */
#ifndef LVS__CONTROL_ORDER_H
#define LVS__CONTROL_ORDER_H

#include "config/options.h"
#include "control/client.h"

struct lvs__words {
	struct lvs__order *order;
	const char *const *words;
	size_t count;
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

/* The same of an option. */
int lvs__order_wrong_option(struct lvs__words *w,
			    const struct lvs__rule_word *option,
			    const char *what);

/* Reads the words from `first` on as ipvsadm's options: what `take` says. */
int lvs__order_read_words(struct lvs__words *w, size_t first,
			  int (*take)(struct lvs__rule_text *text,
				      const struct lvs__rule_word *option,
				      const char *value),
			  void *user);

/* The service, if the option names one; 1: it does not. */
int lvs__order_take_service(struct lvs__words *w,
			    const struct lvs__rule_word *option,
			    const char *value);

/* ---- flags.c: -L, -S, -R, -Z and what they take */
bool lvs__order_are_options(struct lvs__words *w);
int lvs__order_read_options(struct lvs__words *w);

#endif
