/*
 * lvsd: a layer 4 load balancer, complete, on liblvs-director. It makes a
 * director of a configuration, gives each worker a thread, serves the control
 * socket, and waits. daemon.c has what any daemon needs.
 */
#include <errno.h>
#include <ev.h>
#include <lvs/config.h>
#include <lvs/control.h>
#include <lvs/ev.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lvsd.h"

#define CONFIG "/etc/lvs/lvsd.conf"

struct worker {
	pthread_t thread;
	struct ev_loop *loop;
	struct ev_async stop;
	struct lvs_ev *watch;
	int error; /* told last */
};

struct node {
	const char *file;
	struct ev_loop *loop;
	struct lvs_director *director;
	struct lvs_control *control;
	struct lvs_ev *director_watch, *control_watch;
	struct ev_signal signals[3];
	struct worker workers[64 + 1]; /* the last one has no loop */
	uint32_t running;
	bool reloading; /* which tells its refusal itself, and why */
};

/* ---- workers: a thread, a loop, a watch each */

static void worker_after(void *user, int result)
{
	struct worker *worker = user;

	if (result < 0 && result != worker->error)
		say(LVS_LOG_ERROR, "a worker: %s", lvs_strerror(result));
	worker->error = result < 0 ? result : 0;
}

static void stop_worker(struct ev_loop *loop, struct ev_async *async,
			int events)
{
	(void)async, (void)events;
	ev_break(loop, EVBREAK_ALL);
}

static void *run_worker(void *user)
{
	struct worker *worker = user;

	ev_run(worker->loop, 0);
	return NULL;
}

static int prepare_worker(struct node *node, uint32_t index)
{
	struct worker *worker = &node->workers[index];

	worker->loop = ev_loop_new(EVFLAG_AUTO | EVFLAG_NOENV);
	if (worker->loop == NULL)
		return -1;
	ev_async_init(&worker->stop, stop_worker);
	ev_async_start(worker->loop, &worker->stop);
	return lvs_ev_attach_worker(&worker->watch, worker->loop,
				    lvs_director_worker(node->director, index),
				    worker_after, worker);
}

static int start_worker(struct node *node, uint32_t index, bool pinned)
{
	struct worker *worker = &node->workers[index];

	if (pthread_create(&worker->thread, NULL, run_worker, worker) != 0)
		return -1;
	node->running++;
	if (pinned)
		pin(worker->thread, index);
	return 0;
}

static int start_workers(struct node *node)
{
	bool pinned = lvs_director_worker(node->director, 1) != NULL;
	sigset_t all, old;
	int result = 0;

	/* signals are the first thread's */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (uint32_t i = 0;
	     lvs_director_worker(node->director, i) != NULL && result == 0; i++)
		result = start_worker(node, i, pinned);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return result;
}

static void stop_workers(struct node *node)
{
	for (uint32_t i = 0; i < node->running; i++) {
		ev_async_send(node->workers[i].loop, &node->workers[i].stop);
		pthread_join(node->workers[i].thread, NULL);
	}
	for (uint32_t i = 0; node->workers[i].loop != NULL; i++) {
		lvs_ev_free(node->workers[i].watch);
		ev_loop_destroy(node->workers[i].loop);
	}
}

/* ---- what happens */

static void tell_events(void *user, int result)
{
	struct node *node = user;
	struct lvs_event event;

	(void)result;
	while (lvs_director_pop_event(node->director, &event, sizeof(event)) ==
	       1) {
		if (!node->reloading || event.kind != LVS_EVENT_REFUSED)
			tell_event(&event);
		if (node->control != NULL)
			lvs_control_event(node->control, &event);
	}
	if (node->control_watch != NULL)
		lvs_ev_update(node->control_watch);
}

/* The file as it is now becomes what runs: 0, or why not in `message`. */
static int read_again(struct node *node, char *message, size_t size)
{
	struct lvs_model *model;
	struct missing missing = {.line = ""};
	int result = lvs_config_read(&model, node->file, message, size,
				     warn_of_file, &missing);

	if (result < 0)
		return result;
	result = lvs_director_reload(node->director, model, message, size,
				     lvs_ev_now());
	tell_events(node, 0);
	/* an interface that is new is refused, with its place */
	if (missing.line[0] != '\0' && (result >= 0 || !missing.of_backend))
		say(LVS_LOG_WARNING, "%s", missing.line);
	if (result >= 0)
		tell_kept(node->director, model);
	lvs_model_free(model);
	return result;
}

static void reload(struct node *node)
{
	char message[512];

	tell_events(node, 0); /* what was before it */
	notify("RELOADING=1");
	node->reloading = true;
	if (read_again(node, message, sizeof(message)) < 0)
		say(LVS_LOG_ERROR, "reload refused: %s; what ran goes on",
		    message);
	node->reloading = false;
	notify("READY=1");
}

static void on_signal(struct ev_loop *loop, struct ev_signal *signal,
		      int events)
{
	(void)events;
	if (signal->signum == SIGHUP)
		reload(signal->data);
	else
		ev_break(loop, EVBREAK_ALL);
}

static void watch_signals(struct node *node)
{
	static const int numbers[3] = {SIGHUP, SIGTERM, SIGINT};

	for (int i = 0; i < 3; i++) {
		ev_signal_init(&node->signals[i], on_signal, numbers[i]);
		node->signals[i].data = node;
		ev_signal_start(node->loop, &node->signals[i]);
	}
}

/* ---- start to end */

/* libev's way to say that it lacks something, most likely descriptors. */
static void lack(const char *what)
{
	say(LVS_LOG_ERROR, "%s: %s", what, strerror(errno));
	exit(EXIT_FAILURE);
}

/* All loops: before the host is touched, as lack() undoes nothing. */
static int prepare(struct node *node)
{
	ev_set_syserr_cb(lack);
	node->loop = ev_default_loop(EVFLAG_NOENV);
	if (node->loop == NULL)
		return -1;
	watch_signals(node);
	for (uint32_t i = 0; lvs_director_worker(node->director, i) != NULL;
	     i++)
		if (prepare_worker(node, i) < 0)
			return -1;
	return lvs_ev_attach_director(&node->director_watch, node->loop,
				      node->director, tell_events, node);
}

/* Makes the node. What failed has been said. */
static int start(struct node *node, const struct lvs_model *model)
{
	const char *path = lvs_model_get_text(model, LVS_MODEL_CONTROL);
	char message[512] = "";
	int result;

	result = lvs_director_new(&node->director, model, message,
				  sizeof(message), lvs_ev_now());
	if (result >= 0)
		result = prepare(node);
	if (result >= 0)
		result = lvs_control_new(&node->control, node->director,
					 path != NULL ? path : CONTROL,
					 lvs_model_get_text(model,
							    LVS_MODEL_GROUP),
					 message, sizeof(message));
	if (result >= 0)
		result = lvs_ev_attach_control(&node->control_watch, node->loop,
					       node->control, NULL, NULL);
	if (result >= 0)
		result = lvs_director_reload(node->director, model, message,
					     sizeof(message), lvs_ev_now());
	if (result >= 0) {
		keep_capabilities();
		result = start_workers(node);
	}
	if (result < 0)
		say(LVS_LOG_ERROR, "%s",
		    message[0] != '\0' ? message
				       : "no room for a loop or a thread");
	return result < 0 ? -1 : 0;
}

static int run(const char *file, struct lvs_model *model)
{
	static struct node node; /* large, and one */
	int result;

	node.file = file;
	result = start(&node, model);
	if (result == 0) {
		tell_start(node.director, model, CONTROL);
		ready();
		ev_run(node.loop, 0);
		notify("STOPPING=1");
		say(LVS_LOG_NOTICE, "lvsd ends");
	}
	stop_workers(&node);
	lvs_ev_free(node.control_watch);
	lvs_ev_free(node.director_watch);
	lvs_control_free(node.control);
	lvs_director_free(node.director);
	return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct options options = {.file = CONFIG};
	struct lvs_model *model;
	int result = read_options(&options, argc, argv);

	if (result >= 0)
		return result;
	if (options.cleanup)
		return clean_host(options.file);
	model = read_file(options.file);
	if (model == NULL)
		return EXIT_FAILURE;
	if (options.check)
		result = print_config(options.file, model);
	else if (!options.daemon || to_background() == 0)
		result = run(options.file, model);
	else
		result = EXIT_FAILURE;
	lvs_model_free(model);
	return result;
}
