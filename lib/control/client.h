/*
 * The client's side: words become a request, the answer becomes text.
 */
#ifndef LVS__CLIENT_H
#define LVS__CLIENT_H

#include "control/control.h"

#define LVS__CLIENT_LINE 65536 /* an answer's line is never longer */
#define LVS__CLIENT_WAIT 10000 /* ms without any answer */
#define LVS__RESTORE_PIECE 8192

/* How a list is shown. */
enum lvs__view {
	LVS__VIEW_PLAIN = 0,
	LVS__VIEW_STATS = 1,
	LVS__VIEW_RATE = 2,
	LVS__VIEW_THRESHOLDS = 3,
	LVS__VIEW_PERSISTENT = 4,
	LVS__VIEW_HEALTH = 5,
	LVS__VIEW_CONNS = 6, /* from here on no list of services */
	LVS__VIEW_TIMEOUTS = 7,
	LVS__VIEW_EVENTS = 8,
	LVS__VIEW_REASONS = 9,
	LVS__VIEW_TEXT = 10,	/* "text" as it is */
	LVS__VIEW_DIFF = 11,	/* the same with a title, or a word for none */
	LVS__VIEW_WRAPPED = 12, /* "text" in lines that fit on the screen */
	LVS__VIEW_NOTHING = 13
};

struct lvs__order {
	json_t *request;
	enum lvs__view view;
	bool json;    /* lines as they come */
	bool exact;   /* numbers in full */
	bool nosort;  /* services and dests as they stand in the node */
	bool one;     /* one service: no first line */
	bool restore; /* the input is sent in pieces */
	bool forever; /* events */
};

/* ---- client.c */

struct lvs_client {
	int fd;
	size_t length; /* of what waits in `in` */
	size_t used;   /* of that, the line that was taken */
	char in[LVS__CLIENT_LINE];
};

/* Sends an object as a line. 0 or a negative errno. */
int lvs__client_send(const struct lvs_client *client, const json_t *object);

/*
 * The next line, without its end; it stays until the next call, and the byte
 * after it may be written. 0 or a negative errno.
 */
int lvs__client_read(struct lvs_client *client, char **line, size_t *length,
		     bool forever);

/* ---- run.c: why there is no JSON of `what`: not UTF-8, or no memory. */
int lvs__json_failed(const json_error_t *error, const char *what, char *message,
		     size_t size);

/* ---- order.c: 0, or what is wrong, with `message`. */
int lvs__order_read(struct lvs__order *order, const char *const *words,
		    size_t count, char *message, size_t size);

#endif
