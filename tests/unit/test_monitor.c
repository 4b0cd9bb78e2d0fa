/*
 * The monitor: who goes up and down, and which events that makes.
 */
#include "told_monitor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- up and down */

START_TEST(an_open_port_goes_up_at_the_first_attempt)
{
	uint16_t port;
	int fd = server(&port);
	struct lvs_check *check = quick_check(port, 1000, 500, 100);

	add(check, 0xfeedfacecafebeefULL);
	pass(TICK);
	ck_assert_uint_eq(seen_count, 1);
	expect(0, LVS_CHECK_UP, LVS_CAUSE_OK);
	ck_assert_uint_eq(seen[0].user, 0xfeedfacecafebeefULL);
	ck_assert_uint_eq(seen[0].attempts, 1);
	ck_assert_uint_gt(seen[0].time, 1000);
	ck_assert_uint_le(seen[0].time, now);
	ck_assert_int_eq(lvs_check_state(check), LVS_CHECK_UP);
	pass(60000);
	ck_assert_uint_eq(seen_count, 1); /* no news is no event */
	ck_assert_uint_eq(stats().successes, stats().attempts);
	ck_assert_uint_ge(stats().attempts, 58);
	ck_assert_uint_le(stats().attempts, 61);
	close(fd);
}
END_TEST

START_TEST(an_ipv6_server_goes_up_and_down)
{
	uint16_t port;
	int fd = bound(AF_INET6, &port);
	struct lvs_check *check = check_of("::1", port);

	ck_assert_int_eq(listen(fd, 16), 0);
	set(check, LVS_CHECK_JITTER, 0);
	add(check, 1);
	pass(TICK);
	expect(0, LVS_CHECK_UP, LVS_CAUSE_OK);
	close(fd);
	pass(14000);
	expect(1, LVS_CHECK_DOWN, LVS_CAUSE_REFUSED);
}
END_TEST

START_TEST(a_closed_port_goes_down_after_fall_failures)
{
	uint16_t port;
	int fd = bound(AF_INET, &port);
	struct lvs_check *check = quick_check(port, 1000, 500, 100);

	set(check, LVS_CHECK_FALL, 4);
	add(check, 1);
	pass(3 * 100); /* three attempts, at 0, 100 and 200 */
	ck_assert_uint_eq(seen_count, 0);
	ck_assert_int_eq(lvs_check_state(check), LVS_CHECK_UNKNOWN);
	pass(4 * TICK + 100);
	ck_assert_uint_eq(seen_count, 1);
	expect(0, LVS_CHECK_DOWN, LVS_CAUSE_REFUSED);
	ck_assert_uint_eq(seen[0].attempts, 4);
	/* down, it is asked once an interval */
	pass(10000);
	ck_assert_uint_le(stats().attempts, 4 + 10);
	ck_assert_uint_ge(stats().attempts, 4 + 9);
	close(fd);
}
END_TEST

START_TEST(rise_successes_bring_it_back)
{
	uint16_t port;
	int fd = bound(AF_INET, &port);
	struct lvs_check *check = quick_check(port, 1000, 500, 100);

	set(check, LVS_CHECK_RISE, 3);
	set(check, LVS_CHECK_FALL, 1);
	add(check, 1);
	pass(TICK);
	expect(0, LVS_CHECK_DOWN, LVS_CAUSE_REFUSED);
	ck_assert_int_eq(listen(fd, 16), 0);
	pass(2000 + 2 * TICK);
	ck_assert_uint_eq(seen_count, 1);
	pass(1000 + TICK);
	ck_assert_uint_eq(seen_count, 2);
	expect(1, LVS_CHECK_UP, LVS_CAUSE_OK);
	ck_assert_uint_eq(seen[1].attempts, 3);
	close(fd);
}
END_TEST

START_TEST(one_success_forgives_the_failures_before)
{
	uint16_t port;
	int fd = server(&port);

	add(quick_check(port, 1000, 500, 100), 1);
	pass(TICK);
	for (int i = 0; i < 10; i++) {
		/* two failures of three, then well again */
		close(fd);
		for (uint64_t want = stats().failures + 2;
		     stats().failures < want;)
			pass(1);
		fd = bound_again(port);
		ck_assert_int_eq(listen(fd, 16), 0);
		pass(200);
	}
	ck_assert_uint_eq(seen_count, 1);
	ck_assert_uint_eq(stats().failures, 20);
	close(fd);
}
END_TEST

START_TEST(a_server_that_flaps_changes_state_only_as_rise_and_fall_allow)
{
	uint16_t port;
	int fd = bound(AF_INET, &port);
	struct lvs_check *check = quick_check(port, 1000, 500, 1000);
	uint32_t before;

	set(check, LVS_CHECK_RISE, 2);
	set(check, LVS_CHECK_FALL, 2);
	add(check, 1);
	/* an hour: dead and well in turns of 0.5 s, then of 4 s */
	for (int i = 0; i < 7200; i++) {
		close(fd);
		fd = bound_again(port);
		if (i % 2 == 0)
			ck_assert_int_eq(listen(fd, 16), 0);
		before = seen_count;
		pass(500);
		ck_assert_uint_le(seen_count - before, 1);
	}
	/* two attempts a change: at most one change in 2 s */
	ck_assert_uint_le(seen_count, 1 + 3600 / 2);
	for (uint32_t i = 1; i < seen_count; i++) {
		ck_assert_uint_ne(seen[i].state, seen[i - 1].state);
		ck_assert_uint_ge(seen[i].time - seen[i - 1].time, 1000);
	}
	close(fd);
}
END_TEST

START_TEST(accepted_or_not_a_mute_server_is_up)
{
	uint16_t port;
	int fd = server(&port);

	add(quick_check(port, 100, 50, 100), 1);
	pass(20000);
	ck_assert_uint_eq(seen_count, 1);
	expect(0, LVS_CHECK_UP, LVS_CAUSE_OK);
	ck_assert_uint_eq(stats().failures, 0);
	close(fd);
}
END_TEST

START_TEST(the_server_program_never_sees_a_check)
{
	uint16_t port;
	int fd = server(&port);

	add(quick_check(port, 100, 50, 100), 1);
	pass(20000);
	ck_assert_uint_ge(stats().successes, 100);
	ck_assert_int_eq(accept(fd, NULL, NULL), -1);
	ck_assert_int_eq(errno, EAGAIN);
	close(fd);
}
END_TEST

START_TEST(a_server_taken_for_up_tells_only_its_fall)
{
	uint16_t port;
	int fd = server(&port);
	struct lvs_check *check = quick_check(port, 1000, 500, 100);

	set(check, LVS_CHECK_START_UP, 1);
	add(check, 1);
	ck_assert_int_eq(lvs_check_state(check), LVS_CHECK_UP);
	pass(5000);
	ck_assert_uint_eq(seen_count, 0);
	close(fd);
	pass(2000);
	ck_assert_uint_eq(seen_count, 1);
	expect(0, LVS_CHECK_DOWN, LVS_CAUSE_REFUSED);
}
END_TEST

/* ---- events, removal, force */

START_TEST(only_the_newest_event_of_a_check_waits)
{
	uint16_t port;
	int fd = server(&port);
	struct lvs_check *check = quick_check(port, 100, 50, 10);
	struct lvs_check_event event;

	add(check, 9);
	for (; now < 3000; now++)
		lvs_monitor_dispatch(monitor, now, 0);
	close(fd);
	for (; now < 6000; now++)
		lvs_monitor_dispatch(monitor, now, 0);
	ck_assert_uint_eq(lvs_monitor_deadline(monitor), 0);
	ck_assert_int_eq(lvs_monitor_pop_event(monitor, &event, sizeof(event)),
			 1);
	ck_assert_uint_eq(event.state, LVS_CHECK_DOWN);
	ck_assert_uint_eq(event.user, 9);
	ck_assert_int_eq(lvs_monitor_pop_event(monitor, &event, sizeof(event)),
			 0);
	ck_assert_uint_gt(lvs_monitor_deadline(monitor), 5000);
}
END_TEST

START_TEST(removal_between_two_pops_drops_the_event)
{
	struct lvs_check *checks[10];
	struct lvs_check_event event;
	uint16_t port;
	int fd = server(&port);

	for (uint64_t i = 0; i < 10; i++) {
		checks[i] = quick_check(port, 1000, 500, 10);
		add(checks[i], i);
	}
	for (; now < 1100; now++)
		lvs_monitor_dispatch(monitor, now, 0);
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(lvs_monitor_pop_event(monitor, &event,
						       sizeof(event)),
				 1);
		/* this one, and one whose event still waits */
		lvs_monitor_remove_check(monitor, checks[event.user]);
		checks[event.user] = NULL;
		for (int j = 0; j < 10; j++) {
			if (checks[j] == NULL)
				continue;
			lvs_monitor_remove_check(monitor, checks[j]);
			checks[j] = NULL;
			break;
		}
	}
	ck_assert_int_eq(lvs_monitor_pop_event(monitor, &event, sizeof(event)),
			 0);
	ck_assert_uint_eq(stats().checks, 0);
	ck_assert_uint_eq(lvs_monitor_deadline(monitor), UINT64_MAX);
	close(fd);
}
END_TEST

START_TEST(forced_down_it_comes_back_after_an_interval)
{
	uint16_t port;
	int fd = server(&port);
	struct lvs_check *check = quick_check(port, 2000, 500, 10);

	add(check, 1);
	pass(100);
	ck_assert_int_eq(lvs_monitor_force_down(monitor, check, now), 0);
	ck_assert_int_eq(lvs_monitor_force_down(monitor, check, now), 0);
	ck_assert_int_eq(lvs_check_state(check), LVS_CHECK_DOWN);
	ck_assert_uint_eq(lvs_monitor_deadline(monitor), 0);
	pass(1900);
	ck_assert_uint_eq(seen_count, 2);
	expect(1, LVS_CHECK_DOWN, LVS_CAUSE_FORCED);
	ck_assert_uint_eq(seen[1].attempts, 0);
	pass(100 + TICK);
	ck_assert_uint_eq(seen_count, 3);
	expect(2, LVS_CHECK_UP, LVS_CAUSE_OK);
	close(fd);
}
END_TEST

START_TEST(an_attempt_begun_before_a_force_does_not_undo_it)
{
	uint16_t port;
	int fd = server(&port);
	struct lvs_check *check = quick_check(port, 2000, 500, 10);

	add(check, 1);
	while (stats().running == 0) {
		now++;
		lvs_monitor_dispatch(monitor, now, 1);
	}
	ck_assert_int_eq(lvs_monitor_force_down(monitor, check, now), 0);
	ck_assert_uint_eq(stats().running, 0);
	pass(1900);
	ck_assert_uint_eq(stats().successes, 0);
	ck_assert_int_eq(lvs_check_state(check), LVS_CHECK_DOWN);
	close(fd);
}
END_TEST

START_TEST(what_a_forked_child_keeps_open_is_not_heard)
{
	uint16_t first_port, second_port;
	int first_fillers[4], second_fillers[4], gate[2];
	int first = deaf_server(&first_port, first_fillers);
	int second = deaf_server(&second_port, second_fillers);
	struct lvs_check *check = quick_check(first_port, 1000, 500, 10);
	pid_t child;
	char byte;

	ck_assert_int_eq(pipe(gate), 0);
	add(check, 1);
	pass(TICK);
	ck_assert_uint_eq(stats().running, 1);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (child == 0) { /* holds the attempt's socket until we are done */
		close(gate[1]);
		(void)!read(gate[0], &byte, 1);
		_exit(0);
	}
	/* the same place in the monitor, another deaf target */
	lvs_monitor_remove_check(monitor, check);
	add(quick_check(second_port, 1000, 500, 10), 2);
	pass(TICK);
	/* now the first answers, when its SYN comes again, in a second */
	while (accept(first, NULL, NULL) >= 0)
		;
	usleep(1300000);
	pass(100);
	ck_assert_uint_eq(stats().running, 1);
	ck_assert_uint_eq(stats().successes, 0);
	close(gate[0]);
	close(gate[1]);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	close_deaf(first, first_fillers);
	close_deaf(second, second_fillers);
}
END_TEST

START_TEST(a_small_budget_does_all_in_more_steps)
{
	uint16_t port;
	int fd = server(&port);
	int done, calls = 0;

	for (uint64_t i = 0; i < 300; i++)
		add(quick_check(port, 100000, 500, 10), i);
	now += TICK;
	while (stats().successes < 300) {
		done = lvs_monitor_dispatch(monitor, now, 7);
		ck_assert_int_ge(done, 0);
		ck_assert_int_le(done, 7);
		ck_assert_int_lt(calls++, 1000);
	}
	close(fd);
}
END_TEST

START_TEST(random_use_keeps_the_books)
{
	enum {
		MOST = 300
	};
	static struct lvs_check *held[MOST];
	uint16_t ports[3];
	int fillers[4];
	int fds[3] = {server(&ports[0]), bound(AF_INET, &ports[1]),
		      deaf_server(&ports[2], fillers)};
	int before = descriptors();
	struct lvs_monitor_stats got;
	uint64_t held_count = 0;

	srandom(42);
	for (int round = 0; round < 20000; round++) {
		size_t i = (size_t)random() % MOST;

		if (held[i] == NULL) {
			held[i] = quick_check(ports[random() % 3],
					      1 + (uint64_t)random() % 300,
					      1 + (uint64_t)random() % 300,
					      1 + (uint64_t)random() % 300);
			add(held[i], i);
			held_count++;
		} else if (random() % 3 == 0) {
			lvs_monitor_force_down(monitor, held[i], now);
		} else {
			lvs_monitor_remove_check(monitor, held[i]);
			held[i] = NULL;
			held_count--;
		}
		now += (uint64_t)random() % 8;
		if (random() % 1000 == 0)
			now += 5000;
		lvs_monitor_dispatch(monitor, now, (uint32_t)random() % 20);
		seen_count = 0;
		if (random() % 4 == 0)
			dispatch();
		got = stats();
		ck_assert_uint_eq(got.checks, held_count);
		ck_assert_uint_le(got.running, held_count);
	}
	ck_assert_int_eq(descriptors(), before + (int)stats().running);
	for (size_t i = 0; i < MOST; i++)
		if (held[i] != NULL)
			lvs_monitor_remove_check(monitor, held[i]);
	ck_assert_int_eq(descriptors(), before);
	memset(held, 0, sizeof(held));
	close(fds[0]);
	close(fds[1]);
	close_deaf(fds[2], fillers);
}
END_TEST

static TCase *states_case(void)
{
	TCase *tcase = tcase_create("states");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, an_open_port_goes_up_at_the_first_attempt);
	tcase_add_test(tcase, an_ipv6_server_goes_up_and_down);
	tcase_add_test(tcase, a_closed_port_goes_down_after_fall_failures);
	tcase_add_test(tcase, rise_successes_bring_it_back);
	tcase_add_test(tcase, one_success_forgives_the_failures_before);
	tcase_add_test(
		tcase,
		a_server_that_flaps_changes_state_only_as_rise_and_fall_allow);
	tcase_add_test(tcase, accepted_or_not_a_mute_server_is_up);
	tcase_add_test(tcase, the_server_program_never_sees_a_check);
	tcase_add_test(tcase, a_server_taken_for_up_tells_only_its_fall);
	return tcase;
}

static TCase *use_case(void)
{
	TCase *tcase = tcase_create("use");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, only_the_newest_event_of_a_check_waits);
	tcase_add_test(tcase, removal_between_two_pops_drops_the_event);
	tcase_add_test(tcase, forced_down_it_comes_back_after_an_interval);
	tcase_add_test(tcase, an_attempt_begun_before_a_force_does_not_undo_it);
	tcase_add_test(tcase, what_a_forked_child_keeps_open_is_not_heard);
	tcase_add_test(tcase, a_small_budget_does_all_in_more_steps);
	tcase_add_test(tcase, random_use_keeps_the_books);
	return tcase;
}

Suite *monitor_suite(void)
{
	Suite *suite = suite_create("monitor");

	suite_add_tcase(suite, monitor_values_case());
	suite_add_tcase(suite, states_case());
	suite_add_tcase(suite, monitor_time_case());
	suite_add_tcase(suite, monitor_host_case());
	suite_add_tcase(suite, use_case());
	return suite;
}
