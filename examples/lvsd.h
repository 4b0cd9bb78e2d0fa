/*
 * What surrounds the running node: what any daemon needs, and what lvsd does
 * instead of running.
 */
#ifndef LVSD_H
#define LVSD_H

#include <lvs/director.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define CONTROL "/run/lvs/control" /* where the configuration names none */

struct options {
	const char *file;
	bool check;
	bool cleanup;
	bool daemon;
};

/* Reads the options; -1: go on, else the exit status. */
int read_options(struct options *options, int argc, char **argv);

/* What a start would need and this host has not. */
struct missing {
	char line[512];	 /* "": nothing */
	bool of_backend; /* which may be none */
};

/*
 * What a file is warned of is logged; but the first thing that is missing is
 * kept in `user`, a struct missing: whether it matters is known later.
 */
void warn_of_file(void *user, int kind, const char *line);

/* The model of a file; NULL: it is wrong, or wrong here, which was said. */
struct lvs_model *read_file(const char *file);

/* --check: prints what was understood, and where addresses will be. The exit
 * status. */
int print_config(const char *file, struct lvs_model *model);

/* --cleanup: undoes what a killed lvsd left, and says so. The exit status. */
int clean_host(const char *file);

/* One line to the log: stderr with the time, syslog in the background. */
void say(int level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * What the log says of the node: an event, all that was started, and what a
 * reload of `file` left as people have changed it.
 */
void tell_event(const struct lvs_event *event);
void tell_start(struct lvs_director *director, struct lvs_model *model,
		const char *control);
void tell_kept(const struct lvs_director *director,
	       const struct lvs_model *file);

/* What to put behind a noun. */
const char *plural(uint32_t count);

/* Goes into the background; the foreground waits for ready(). 0 or -1. */
int to_background(void);

/* It runs: tells the service manager, and the foreground that waits. */
void ready(void);

/* Tells the service manager a state, as sd_notify(3) says; or nothing. */
void notify(const char *state);

/* Gives up every capability but CAP_NET_ADMIN and CAP_NET_RAW. */
void keep_capabilities(void);

/* Binds a thread to the index-th CPU that the process may use. */
void pin(pthread_t thread, uint32_t index);

#endif
