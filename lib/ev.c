/*
 * liblvs objects on a libev loop: the only file that knows libev.
 *
 * Every object has the same three functions (fd, deadline, dispatch), so a
 * watch is one I/O watcher, one timer and the object's three functions. Both
 * watchers do the same: dispatch, tell the caller, arm the timer for the new
 * deadline. libev's timers count from the time that the loop took at the start
 * of its round, so after a long round a timer may fire early; then dispatch
 * finds nothing to do and the timer is armed again.
 *
 * `after` may free the watch, also when it runs the loop anew and the watch
 * fires inside: each call leaves a flag on its stack for lvs_ev_free() to set,
 * and looks at nothing of a watch that is gone.
 */
#include "config.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <time.h>

#include <lvs/ev.h>

#include "base/base.h"

struct kind {
	int (*fd)(const void *object);
	uint64_t (*deadline)(const void *object);
	int (*dispatch)(void *object, uint64_t now, uint32_t budget);
};

struct lvs_ev {
	struct ev_io io;
	struct ev_timer timer;
	struct ev_loop *loop;
	const struct kind *kind;
	void *object;
	void (*after)(void *user, int result);
	void *user;
	bool *gone; /* a call of `after` wants to know; NULL: none runs */
};

/* The three functions of a noun, for any object. */
#define KIND(noun)                                                 \
	static int noun##_fd(const void *object)                   \
	{                                                          \
		return lvs_##noun##_fd(object);                    \
	}                                                          \
	static uint64_t noun##_deadline(const void *object)        \
	{                                                          \
		return lvs_##noun##_deadline(object);              \
	}                                                          \
	static int noun##_dispatch(void *object, uint64_t now,     \
				   uint32_t budget)                \
	{                                                          \
		return lvs_##noun##_dispatch(object, now, budget); \
	}                                                          \
	static const struct kind noun##_kind = {                   \
		.fd = noun##_fd,                                   \
		.deadline = noun##_deadline,                       \
		.dispatch = noun##_dispatch,                       \
	}

KIND(monitor);
KIND(director);
KIND(worker);
#ifdef LVS_WITH_CONTROL
KIND(control);
#endif

LVS_EXPORT uint64_t lvs_ev_now(void)
{
	struct timespec time;

	/* cannot fail: the clock is there and the pointer is good */
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

LVS_EXPORT void lvs_ev_update(struct lvs_ev *watch)
{
	uint64_t deadline, now;

	if (watch == NULL)
		return;
	ev_timer_stop(watch->loop, &watch->timer);
	deadline = watch->kind->deadline(watch->object);
	if (deadline == UINT64_MAX)
		return;
	now = lvs_ev_now();
	ev_timer_set(&watch->timer,
		     deadline > now ? (double)(deadline - now) / 1000.0 : 0.0,
		     0.0);
	ev_timer_start(watch->loop, &watch->timer);
}

static void run(struct lvs_ev *watch)
{
	int result = watch->kind->dispatch(watch->object, lvs_ev_now(), 0);
	bool *outer = watch->gone;
	bool gone = false;

	if (watch->after != NULL) {
		watch->gone = &gone;
		watch->after(watch->user, result);
		if (gone) {
			if (outer != NULL)
				*outer = true;
			return;
		}
		watch->gone = outer;
	}
	lvs_ev_update(watch);
}

static void on_readable(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)loop;
	(void)events;
	run(io->data);
}

static void on_deadline(struct ev_loop *loop, struct ev_timer *timer,
			int events)
{
	(void)loop;
	(void)events;
	run(timer->data);
}

static int attach(struct lvs_ev **watch, struct ev_loop *loop,
		  const struct kind *kind, void *object,
		  void (*after)(void *user, int result), void *user)
{
	struct lvs_ev *made;
	int fd;

	if (watch == NULL || loop == NULL || object == NULL)
		return -EINVAL;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return -ENOMEM;
	made->loop = loop;
	made->kind = kind;
	made->object = object;
	made->after = after;
	made->user = user;
	fd = kind->fd(object);
	ev_io_init(&made->io, on_readable, fd, EV_READ);
	ev_timer_init(&made->timer, on_deadline, 0.0, 0.0);
	made->io.data = made;
	made->timer.data = made;
	if (fd >= 0) /* none: deadlines alone */
		ev_io_start(loop, &made->io);
	lvs_ev_update(made);
	*watch = made;
	return 0;
}

LVS_EXPORT int lvs_ev_attach_monitor(struct lvs_ev **watch,
				     struct ev_loop *loop,
				     struct lvs_monitor *monitor,
				     void (*after)(void *user, int result),
				     void *user)
{
	return attach(watch, loop, &monitor_kind, monitor, after, user);
}

LVS_EXPORT int lvs_ev_attach_director(struct lvs_ev **watch,
				      struct ev_loop *loop,
				      struct lvs_director *director,
				      void (*after)(void *user, int result),
				      void *user)
{
	return attach(watch, loop, &director_kind, director, after, user);
}

LVS_EXPORT int lvs_ev_attach_worker(struct lvs_ev **watch, struct ev_loop *loop,
				    struct lvs_worker *worker,
				    void (*after)(void *user, int result),
				    void *user)
{
	return attach(watch, loop, &worker_kind, worker, after, user);
}

LVS_EXPORT int lvs_ev_attach_control(struct lvs_ev **watch,
				     struct ev_loop *loop,
				     struct lvs_control *control,
				     void (*after)(void *user, int result),
				     void *user)
{
#ifdef LVS_WITH_CONTROL
	return attach(watch, loop, &control_kind, control, after, user);
#else
	(void)watch, (void)loop, (void)control, (void)after, (void)user;
	return -EINVAL; /* no control exists in this build */
#endif
}

LVS_EXPORT void lvs_ev_free(struct lvs_ev *watch)
{
	if (watch == NULL)
		return;
	ev_io_stop(watch->loop, &watch->io);
	ev_timer_stop(watch->loop, &watch->timer);
	if (watch->gone != NULL)
		*watch->gone = true;
	free(watch);
}
