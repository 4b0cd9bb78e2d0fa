/*
 * A monitor in told time: `now` is ours, so years pass in a moment and a late
 * look is exactly as late as we say. Its servers are real sockets on loopback.
 */
#ifndef TESTS_TOLD_MONITOR_H
#define TESTS_TOLD_MONITOR_H

#include <lvs/monitor.h>

#include "unit.h"

#define TICK 17 /* ms: a timer's tick, and one for the dispatch after it */

extern struct lvs_monitor *monitor;
extern struct lvs_check_event seen[4096]; /* what was popped */
extern uint32_t seen_count;
extern uint64_t now;

/* A fixture of every case: a monitor without checks, time at 1000. */
void setup(void);
void teardown(void);

/* ---- servers: a socket, `port` its free port of loopback */

int bound(int family, uint16_t *port); /* that does not listen */
int bound_again(uint16_t port);	       /* where one was closed */
int server(uint16_t *port);

/* One whose backlog is full: it answers nobody any more. */
int deaf_server(uint16_t *port, int fillers[4]);
void close_deaf(int fd, const int fillers[4]);

/* ---- checks */

struct lvs_check *check_of(const char *address, uint16_t port);
void set(struct lvs_check *check, int option, uint64_t value);

/* Interval, timeout and retry in this order; no jitter. */
struct lvs_check *quick_check(uint16_t port, uint64_t interval,
			      uint64_t timeout, uint64_t retry);
void add(struct lvs_check *check, uint64_t user);

/* ---- time, and what it brings */

/* One moment: everything that is ready is done, events are taken. */
void dispatch(void);

/* Lets time pass as a loop does: from deadline to deadline. */
void pass(uint64_t milliseconds);

/* The event `at` tells this state and cause. */
void expect(uint32_t at, uint32_t state, uint32_t cause);
struct lvs_monitor_stats stats(void);
int descriptors(void); /* that this process has open */
uint64_t real_ms(void);

/* The cases of the suite, a file each; test_monitor.c has the others. */
TCase *monitor_values_case(void);
TCase *monitor_time_case(void);
TCase *monitor_host_case(void);

#endif
