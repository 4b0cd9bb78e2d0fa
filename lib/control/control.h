/*
 * The control socket from the inside.
 *
 * A session is one client on the server's side. It asks one thing at a time;
 * what is asked while an answer is on its way waits in its buffer. Long
 * answers are made piece by piece, as much as its output buffer takes: a slow
 * reader costs its own time only.
 */
#ifndef LVS__CONTROL_H
#define LVS__CONTROL_H

#include <errno.h>
#include <jansson.h>
#include <lvs/control.h>
#include <sys/types.h>

#include "base/base.h"
#include "base/limits.h"
#include "base/list.h"

#define LVS__CONTROL_VERSION 1
#define LVS__SESSIONS 64
#define LVS__SESSION_IN 30720	/* bytes: the longest request */
#define LVS__SESSION_OUT 32000	/* bytes: what a reader may be behind */
#define LVS__SESSION_IDLE 30000 /* ms */

struct lvs__list_line {
	const struct lvs_service *service;
	const struct lvs_dest *dest; /* NULL: the service itself */
};

struct lvs__session {
	struct lvs__list node;
	struct lvs_control *control;
	int fd;
	uint32_t events;    /* what epoll watches it for */
	uint64_t active_at; /* ms: it last asked in full, or read */
	bool closing;	    /* once its output is sent */
	bool subscribed;
	uint64_t lost; /* events that did not fit */

	/* the answer on its way: makes the next line. 1: made, 0: that was
	 * the last, -EAGAIN: workers will answer, -ENOBUFS: no room */
	int (*next)(struct lvs__session *session);
	struct lvs_listing *listing;
	struct lvs_explanation *explanation;
	char *text; /* save: the rest of it from `place` on */
	uint64_t place;
	bool waiting; /* for workers */
	/* list: its lines, from `place` on to be sent, once it is begun; while
	 * the generation is the same, what they point to is there */
	struct lvs__list_line *list;
	size_t list_count;
	uint64_t generation; /* of the director */
	bool sort;
	bool one; /* the service with this address only */
	struct lvs_addr addr;
	uint16_t port;
	int protocol;

	size_t in_length;
	size_t out_at, out_length;
	char in[LVS__SESSION_IN];
	char out[LVS__SESSION_OUT];
};

_Static_assert(sizeof(struct lvs__session) <= 65536, "64 KiB a client");

struct lvs_control {
	struct lvs_director *director;
	char path[LVS__SOCKET_PATH + 1];
	bool made_folder;
	dev_t device; /* of our socket, to remove no other */
	ino_t inode;
	bool has_group;
	gid_t group;
	int epoll;
	int listener;
	bool paused; /* no descriptors: the listener waits */
	uint64_t resume_at;
	uint64_t now;
	struct lvs__list sessions;
	uint32_t count;
	/* one restore at a time */
	struct lvs__session *restorer;
	char *restore;
	size_t restore_length;
};

/* ---- socket.c */

/* Opens control->listener at control->path. 0, or what failed, `message`. */
int lvs__socket_open(struct lvs_control *control, const char *group,
		     char *message, size_t size);
void lvs__socket_close(struct lvs_control *control);

/* Whether the peer of a fresh connection may ask. */
bool lvs__socket_allowed(const struct lvs_control *control, int fd);

/* ---- session.c */

int lvs__session_new(struct lvs_control *control, int fd);
void lvs__session_free(struct lvs__session *session);

/* Reads, answers, sends: one bounded step. The session may be gone after. */
void lvs__session_step(struct lvs__session *session);

/* Takes `object`. Adds it as a line: true, or there is no room. */
bool lvs__session_put(struct lvs__session *session, json_t *object);

/* The last line of an answer: done, or what failed (NULL: the error alone). */
void lvs__session_done(struct lvs__session *session);
void lvs__session_fail(struct lvs__session *session, int error,
		       const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Tells an event to a subscriber. */
void lvs__session_event(struct lvs__session *session,
			const struct lvs_event *event);

/* ---- request.c: one line that was read, without its end */
void lvs__request(struct lvs__session *session, const char *line,
		  size_t length);

/* ---- sample.c: a first packet to explain; its length */
#define LVS__SAMPLE_SIZE 64
size_t lvs__sample_packet(uint8_t *packet, int protocol,
			  const struct lvs_addr *from, uint16_t from_port,
			  const struct lvs_addr *to, uint16_t to_port);

/* ---- answer.c: what session->next may be */
int lvs__answer_list(struct lvs__session *session);
int lvs__answer_conns(struct lvs__session *session);
int lvs__answer_reasons(struct lvs__session *session);
int lvs__answer_save(struct lvs__session *session);
int lvs__answer_explain(struct lvs__session *session);

/* ---- json.c: things as objects; NULL: no memory */
json_t *lvs__json_service(const struct lvs_service *service);
json_t *lvs__json_dest(const struct lvs_director *director,
		       const struct lvs_service *service,
		       const struct lvs_dest *dest, uint64_t now);
json_t *lvs__json_conn(const struct lvs_flow *flow, uint64_t now);
json_t *lvs__json_event(const struct lvs_event *event);
json_t *lvs__json_worker(uint32_t index, const struct lvs_balancer_stats *b,
			 const struct lvs_lane_stats *l);

#endif
