/*
 * The server: one epoll of a listener, the director's answers, and at most 64
 * sessions of bounded size.
 *
 * A peer is checked by its credentials before a byte of it is read. When the
 * process has no descriptors left the listener rests for a second instead of
 * spinning.
 */
#include "config.h"

#include "control/control.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/watch.h"
#include "control/folder.h"
#include "director/director.h"

#define DEFAULT_BUDGET 64
#define REST 1000  /* ms */
#define RETRY 100  /* ms between looks at sessions that wait for workers */
#define ACCEPTS 16 /* in one step */

static int watch(const struct lvs_control *control, int fd, const void *what)
{
	return lvs__watch(control->epoll, EPOLL_CTL_ADD, fd, EPOLLIN,
			  (uint64_t)(uintptr_t)what);
}

static int open_all(struct lvs_control *control, const char *group,
		    char *message, size_t size)
{
	int error;

	control->epoll = epoll_create1(EPOLL_CLOEXEC);
	error = control->epoll < 0 ? -errno : 0;
	if (error == 0)
		error = watch(control,
			      lvs__director_answer_fd(control->director),
			      control->director);
	if (error < 0)
		return lvs__message_error(message, size, error,
					  "control socket");
	error = lvs__socket_open(control, group, message, size);
	if (error < 0)
		return error;
	error = watch(control, control->listener, control);
	if (error < 0)
		lvs__message_error(message, size, error, "control socket");
	return error;
}

LVS_EXPORT int lvs_control_new(struct lvs_control **out,
			       struct lvs_director *director, const char *path,
			       const char *group, char *message, size_t size)
{
	struct lvs_control *control;
	int error;

	if (out == NULL || director == NULL)
		return lvs__message(message, size, -EINVAL,
				    "control socket: no director");
	error = lvs__folder_judge(path, message, size);
	if (error < 0)
		return error;
	control = calloc(1, sizeof(*control));
	if (control == NULL)
		return lvs__message_error(message, size, -ENOMEM, NULL);
	control->director = director;
	control->listener = -1;
	control->epoll = -1;
	lvs__list_init(&control->sessions);
	memcpy(control->path, path, strlen(path) + 1);
	error = open_all(control, group, message, size);
	if (error < 0) {
		lvs_control_free(control);
		return error;
	}
	*out = control;
	return 0;
}

LVS_EXPORT void lvs_control_free(struct lvs_control *control)
{
	struct lvs__list *node, *save;

	if (control == NULL)
		return;
	lvs__list_for_each (node, save, &control->sessions)
		lvs__session_free(
			lvs__list_entry(node, struct lvs__session, node));
	lvs__socket_close(control);
	if (control->epoll >= 0)
		close(control->epoll);
	free(control->restore);
	free(control);
}

LVS_EXPORT int lvs_control_event(struct lvs_control *control,
				 const struct lvs_event *event)
{
	struct lvs__list *node, *save;

	if (control == NULL || event == NULL)
		return -EINVAL;
	lvs__list_for_each (node, save, &control->sessions) {
		struct lvs__session *session =
			lvs__list_entry(node, struct lvs__session, node);

		if (session->subscribed)
			lvs__session_event(session, event);
	}
	return 0;
}

LVS_EXPORT int lvs_control_fd(const struct lvs_control *control)
{
	return control != NULL ? control->epoll : -EINVAL;
}

/* UINT64_MAX: it may be idle for ever. */
static uint64_t ends_at(const struct lvs__session *session)
{
	if (session->subscribed && session->out_length == 0)
		return UINT64_MAX;
	return session->active_at + LVS__SESSION_IDLE;
}

LVS_EXPORT uint64_t lvs_control_deadline(const struct lvs_control *control)
{
	struct lvs__list *node, *save;
	uint64_t deadline = UINT64_MAX;

	if (control == NULL)
		return UINT64_MAX;
	if (control->paused)
		deadline = control->resume_at;
	lvs__list_for_each (node, save, &control->sessions) {
		const struct lvs__session *session =
			lvs__list_entry(node, struct lvs__session, node);

		if (ends_at(session) < deadline)
			deadline = ends_at(session);
		if (session->waiting && control->now + RETRY < deadline)
			deadline = control->now + RETRY;
	}
	return deadline;
}

/* ---- dispatch */

static void pause_listener(struct lvs_control *control)
{
	(void)epoll_ctl(control->epoll, EPOLL_CTL_DEL, control->listener, NULL);
	control->paused = true;
	control->resume_at = control->now + REST;
}

static void resume_listener(struct lvs_control *control)
{
	control->paused = false;
	if (watch(control, control->listener, control) < 0)
		pause_listener(control);
}

static void refuse(int fd, const char *line)
{
	if (send(fd, line, strlen(line), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		line = NULL; /* it will see the end at least */
	close(fd);
}

static void accept_some(struct lvs_control *control)
{
	for (int i = 0; i < ACCEPTS; i++) {
		int fd = accept4(control->listener, NULL, NULL,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0) {
			if (errno != EAGAIN && errno != EINTR &&
			    errno != ECONNABORTED)
				pause_listener(control);
			return;
		}
		if (!lvs__socket_allowed(control, fd))
			refuse(fd, "{\"done\": true, \"error\": 1, "
				   "\"message\": \"permission denied; root, "
				   "lvsd's user and the control group may "
				   "ask: try sudo\"}\n");
		else if (control->count >= LVS__SESSIONS)
			refuse(fd, "{\"done\": true, \"error\": 16, "
				   "\"message\": \"too many clients\"}\n");
		else if (lvs__session_new(control, fd) < 0)
			close(fd);
	}
}

/* Workers answered: whoever waits goes on. */
static void answered(struct lvs_control *control)
{
	struct lvs__list *node, *save;
	uint64_t count;

	if (read(lvs__director_answer_fd(control->director), &count,
		 sizeof(count)) < 0 &&
	    errno != EAGAIN)
		return;
	lvs__list_for_each (node, save, &control->sessions) {
		struct lvs__session *session =
			lvs__list_entry(node, struct lvs__session, node);

		if (session->waiting)
			lvs__session_step(session);
	}
}

static void end_idle(struct lvs_control *control)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, &control->sessions) {
		struct lvs__session *session =
			lvs__list_entry(node, struct lvs__session, node);

		if (ends_at(session) <= control->now)
			lvs__session_free(session);
	}
}

/* A step may end any session, so it is looked for before it is believed. */
static bool holds(const struct lvs_control *control, const void *what)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, &control->sessions)
		if (lvs__list_entry(node, struct lvs__session, node) == what)
			return true;
	return false;
}

LVS_EXPORT int lvs_control_dispatch(struct lvs_control *control, uint64_t now,
				    uint32_t budget)
{
	struct epoll_event events[DEFAULT_BUDGET];
	int most = DEFAULT_BUDGET;
	int count;

	if (control == NULL)
		return -EINVAL;
	control->now = now;
	if (budget > 0 && budget < DEFAULT_BUDGET)
		most = (int)budget;
	if (control->paused && control->resume_at <= now)
		resume_listener(control);
	count = epoll_wait(control->epoll, events, most, 0);
	for (int i = 0; i < count; i++) {
		void *what = (void *)(uintptr_t)events[i].data.u64;

		if (what == control)
			accept_some(control);
		else if (what == control->director)
			answered(control);
		else if (holds(control, what))
			lvs__session_step(what);
	}
	end_idle(control);
	return count < 0 ? 0 : count;
}
