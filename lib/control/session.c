/*
 * A session: bytes in, lines, bytes out.
 *
 * One step reads what is there, takes up at most one request after the other,
 * makes as much of an answer as fits, and sends. It is watched for reading
 * only while it may ask, for writing only while there is something to send; so
 * a peer that neither reads nor asks costs nothing but its place, for 30
 * seconds.
 */
#include "control/control.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "base/watch.h"

#define MESSAGE 512
#define LINES 256 /* of an answer, made in one step */

int lvs__session_new(struct lvs_control *control, int fd)
{
	struct lvs__session *session = calloc(1, sizeof(*session));
	int error;

	if (session == NULL)
		return -ENOMEM;
	error = lvs__watch(control->epoll, EPOLL_CTL_ADD, fd, EPOLLIN,
			   (uint64_t)(uintptr_t)session);
	if (error < 0) {
		free(session);
		return error;
	}
	session->control = control;
	session->fd = fd;
	session->events = EPOLLIN;
	session->active_at = control->now;
	lvs__list_append(&control->sessions, &session->node);
	control->count++;
	return 0;
}

static void end_answer(struct lvs__session *session)
{
	lvs_listing_free(session->listing);
	lvs_explanation_free(session->explanation);
	free(session->text);
	free(session->list);
	session->list = NULL;
	session->listing = NULL;
	session->explanation = NULL;
	session->text = NULL;
	session->next = NULL;
	session->waiting = false;
}

void lvs__session_free(struct lvs__session *session)
{
	struct lvs_control *control = session->control;

	if (control->restorer == session) {
		control->restorer = NULL;
		free(control->restore);
		control->restore = NULL;
		control->restore_length = 0;
	}
	end_answer(session);
	lvs__list_remove(&session->node);
	control->count--;
	close(session->fd);
	free(session);
}

/* ---- out */

bool lvs__session_put(struct lvs__session *session, json_t *object)
{
	size_t room, length;

	if (object == NULL)
		return false;
	if (session->out_at > 0) {
		memmove(session->out, session->out + session->out_at,
			session->out_length - session->out_at);
		session->out_length -= session->out_at;
		session->out_at = 0;
	}
	room = sizeof(session->out) - session->out_length;
	length =
		json_dumpb(object, session->out + session->out_length, room, 0);
	json_decref(object);
	if (length == 0 || length + 1 > room)
		return false;
	session->out_length += length;
	session->out[session->out_length++] = '\n';
	return true;
}

/* What must fit, as a request is only taken up when there is room for it. */
static void put_last(struct lvs__session *session, json_t *object)
{
	end_answer(session);
	if (!lvs__session_put(session, object))
		session->closing = true;
}

void lvs__session_done(struct lvs__session *session)
{
	put_last(session, json_pack("{s:b}", "done", 1));
}

void lvs__session_fail(struct lvs__session *session, int error,
		       const char *format, ...)
{
	char message[MESSAGE];
	json_t *text = NULL;
	struct lvs__text line;
	va_list list;

	if (format != NULL) {
		lvs__text_init(&line, message, sizeof(message));
		va_start(list, format);
		lvs__text_add_list(&line, format, list);
		va_end(list);
		/* what a peer sent may be cut in the middle of a character */
		text = json_string(message);
	}
	if (text == NULL)
		text = json_string(lvs_strerror(error));
	put_last(session, json_pack("{s:b, s:i, s:o}", "done", 1, "error",
				    -error, "message", text));
}

static bool flush(struct lvs__session *session)
{
	while (session->out_at < session->out_length) {
		ssize_t n = send(session->fd, session->out + session->out_at,
				 session->out_length - session->out_at,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		session->out_at += (size_t)n;
		session->active_at = session->control->now;
	}
	session->out_at = 0;
	session->out_length = 0;
	return true;
}

/* How many were lost is said once there is room for more than saying it. */
static bool put_lost(struct lvs__session *session)
{
	if (session->lost == 0)
		return true;
	if (session->out_length - session->out_at > sizeof(session->out) / 2 ||
	    !lvs__session_put(session, json_pack("{s:I}", "lost",
						 (json_int_t)session->lost)))
		return false;
	session->lost = 0;
	return true;
}

/* ---- in */

/* Reads once. False: the peer is gone. */
static bool fetch(struct lvs__session *session)
{
	size_t room = sizeof(session->in) - session->in_length;
	ssize_t n;

	if (room == 0)
		return true;
	n = recv(session->fd, session->in + session->in_length, room,
		 MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	session->in_length += (size_t)n;
	return n > 0;
}

/* Takes up the next request, if a whole one is there. */
static bool take_line(struct lvs__session *session)
{
	char *end = memchr(session->in, '\n', session->in_length);
	size_t length;

	if (end == NULL) {
		if (session->in_length == sizeof(session->in)) {
			lvs__session_fail(session, -EMSGSIZE,
					  "a request has at most %d bytes",
					  LVS__SESSION_IN - 1);
			session->closing = true;
		}
		return false;
	}
	length = (size_t)(end - session->in);
	session->active_at = session->control->now;
	lvs__request(session, session->in, length);
	session->in_length -= length + 1;
	memmove(session->in, end + 1, session->in_length);
	return true;
}

/* Makes lines of the answer until the buffer is full. True: go on later. */
static bool make_answer(struct lvs__session *session)
{
	session->waiting = false;
	for (int i = 0; i < LINES && session->next != NULL; i++) {
		int result = session->next(session);

		session->waiting = result == -EAGAIN && session->next != NULL;
		if (result == 0)
			lvs__session_done(session);
		else if (result == -EAGAIN || result == -ENOBUFS)
			return true;
		else if (result < 0 && session->next != NULL)
			lvs__session_fail(session, result, NULL);
	}
	return session->next != NULL;
}

/* Half of the buffer is kept for the end of an answer and for events. */
static bool may_ask(const struct lvs__session *session)
{
	return session->next == NULL && !session->closing &&
	       session->out_length - session->out_at < sizeof(session->out) / 2;
}

static void watch(struct lvs__session *session)
{
	bool output = session->out_length > session->out_at;
	uint32_t events = 0;

	if (output || (session->next != NULL && !session->waiting))
		events |= EPOLLOUT;
	if (may_ask(session))
		events |= EPOLLIN;
	if (events == session->events)
		return;
	if (lvs__watch(session->control->epoll, EPOLL_CTL_MOD, session->fd,
		       events, (uint64_t)(uintptr_t)session) == 0)
		session->events = events;
}

/* Sends; a subscriber that has read is told what it missed. False: gone. */
static bool send_out(struct lvs__session *session)
{
	return flush(session) &&
	       (session->lost == 0 || !put_lost(session) || flush(session));
}

void lvs__session_step(struct lvs__session *session)
{
	bool open = true;

	if (may_ask(session))
		open = fetch(session);
	for (int i = 0; i < LINES; i++) {
		if (session->next != NULL && make_answer(session))
			break;
		if (!may_ask(session) || !take_line(session))
			break;
	}
	if (!send_out(session) || !open ||
	    (session->closing && session->out_length == 0)) {
		lvs__session_free(session);
		return;
	}
	watch(session);
}

void lvs__session_event(struct lvs__session *session,
			const struct lvs_event *event)
{
	if (!put_lost(session) ||
	    !lvs__session_put(session, lvs__json_event(event)))
		session->lost++;
	if (!send_out(session)) {
		lvs__session_free(session);
		return;
	}
	watch(session);
}
