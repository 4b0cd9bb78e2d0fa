/*
 * Objects on a libev loop: what is watched is dispatched, and a watch may end
 * at any moment.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <ev.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lvs/ev.h"

static struct ev_loop *loop;
static struct lvs_monitor *monitor;
static struct lvs_ev *watch;
static struct lvs_check *check;
static int server;
static uint32_t calls, ups, depth;

static void setup(void)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	struct lvs_addr target;
	socklen_t size = sizeof(addr);

	calls = ups = depth = 0;
	watch = NULL;
	loop = ev_loop_new(0);
	ck_assert_ptr_nonnull(loop);
	ck_assert_int_eq(lvs_monitor_new(&monitor), 0);
	server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(server, (struct sockaddr *)&addr, size), 0);
	ck_assert_int_eq(listen(server, 64), 0);
	getsockname(server, (struct sockaddr *)&addr, &size);
	ck_assert_int_eq(lvs_addr_parse(&target, "127.0.0.1"), 0);
	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	lvs_check_set_target(check, &target, ntohs(addr.sin_port));
	lvs_check_set(check, LVS_CHECK_INTERVAL, 20);
	lvs_check_set(check, LVS_CHECK_JITTER, 0);
}

static void teardown(void)
{
	lvs_ev_free(watch);
	lvs_monitor_free(monitor);
	close(server);
	ev_loop_destroy(loop);
}

static void add(void)
{
	ck_assert_int_eq(lvs_monitor_add_check(monitor, check, 0, lvs_ev_now()),
			 0);
}

static void pop(void)
{
	struct lvs_check_event event;

	while (lvs_monitor_pop_event(monitor, &event, sizeof(event)) == 1)
		ups += event.state == LVS_CHECK_UP;
}

static void end_of_time(struct ev_loop *l, struct ev_timer *timer, int events)
{
	(void)timer;
	(void)events;
	ev_break(l, EVBREAK_ALL);
}

/* Runs the loop for so long, or until something breaks it. */
static void run(double seconds)
{
	struct ev_timer timer;

	ev_now_update(loop);
	ev_timer_init(&timer, end_of_time, seconds, 0.0);
	ev_timer_start(loop, &timer);
	ev_run(loop, 0);
	ev_timer_stop(loop, &timer);
}

static void count(void *user, int result)
{
	ck_assert_ptr_eq(user, &calls);
	ck_assert_int_ge(result, 0);
	calls++;
	pop();
}

START_TEST(a_monitor_is_dispatched_by_deadline_and_descriptor)
{
	struct lvs_monitor_stats stats;

	add();
	ck_assert_int_eq(lvs_ev_attach_monitor(&watch, loop, monitor, count,
					       &calls),
			 0);
	run(0.5);
	lvs_monitor_stats(monitor, &stats, sizeof(stats));
	ck_assert_uint_eq(ups, 1);
	ck_assert_uint_ge(stats.successes, 5);
	/* it sleeps between: no more calls than things to do, and a few */
	ck_assert_uint_le(calls, 4 * stats.attempts + 10);
}
END_TEST

START_TEST(an_idle_object_costs_no_call)
{
	ck_assert_int_eq(lvs_ev_attach_monitor(&watch, loop, monitor, count,
					       &calls),
			 0);
	run(0.1);
	ck_assert_uint_eq(calls, 0);
	add();
	run(0.1);
	ck_assert_uint_eq(calls, 0); /* the watch was not told */
	lvs_ev_update(watch);
	run(0.2);
	ck_assert_uint_eq(ups, 1);
}
END_TEST

static void free_inside(void *user, int result)
{
	(void)user;
	(void)result;
	calls++;
	lvs_ev_free(watch);
	watch = NULL;
}

START_TEST(a_watch_may_be_freed_inside_after)
{
	add();
	ck_assert_int_eq(lvs_ev_attach_monitor(&watch, loop, monitor,
					       free_inside, NULL),
			 0);
	run(0.2);
	ck_assert_uint_eq(calls, 1);
}
END_TEST

static void free_deep_inside(void *user, int result)
{
	(void)user;
	(void)result;
	calls++;
	pop();
	if (depth++ < 2) {
		lvs_ev_update(watch); /* so that it fires inside */
		run(0.1);
	} else if (watch != NULL) {
		lvs_ev_free(watch);
		watch = NULL;
	}
}

START_TEST(a_watch_may_be_freed_by_a_loop_that_runs_inside_it)
{
	add();
	ck_assert_int_eq(lvs_ev_attach_monitor(&watch, loop, monitor,
					       free_deep_inside, NULL),
			 0);
	run(0.3);
	ck_assert_uint_eq(calls, 3);
	ck_assert_ptr_null(watch);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	ck_assert_int_eq(lvs_ev_attach_monitor(NULL, loop, monitor, NULL, NULL),
			 -EINVAL);
	ck_assert_int_eq(lvs_ev_attach_monitor(&watch, NULL, monitor, NULL,
					       NULL),
			 -EINVAL);
	ck_assert_int_eq(lvs_ev_attach_monitor(&watch, loop, NULL, NULL, NULL),
			 -EINVAL);
	ck_assert_int_eq(lvs_ev_attach_director(&watch, loop, NULL, NULL, NULL),
			 -EINVAL);
	ck_assert_int_eq(lvs_ev_attach_worker(&watch, loop, NULL, NULL, NULL),
			 -EINVAL);
	ck_assert_int_eq(lvs_ev_attach_control(&watch, loop, NULL, NULL, NULL),
			 -EINVAL);
	ck_assert_ptr_null(watch);
	lvs_ev_update(NULL);
	lvs_ev_free(NULL);
	lvs_check_free(check);
}
END_TEST

Suite *ev_suite(void)
{
	Suite *suite = suite_create("ev");
	TCase *tcase = tcase_create("ev");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase,
		       a_monitor_is_dispatched_by_deadline_and_descriptor);
	tcase_add_test(tcase, an_idle_object_costs_no_call);
	tcase_add_test(tcase, a_watch_may_be_freed_inside_after);
	tcase_add_test(tcase,
		       a_watch_may_be_freed_by_a_loop_that_runs_inside_it);
	tcase_add_test(tcase, bad_arguments_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
