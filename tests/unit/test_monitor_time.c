/*
 * The monitor in time: deadlines, late looks, jumps of the clock, jitter.
 */
#include "told_monitor.h"

#include <unistd.h>

/* ---- time */

START_TEST(silence_is_a_timeout_at_the_deadline)
{
	uint16_t port;
	int fillers[4];
	int fd = deaf_server(&port, fillers);
	int before = descriptors();
	struct lvs_check *check = quick_check(port, 1000, 400, 100);
	uint64_t start;

	set(check, LVS_CHECK_FALL, 1);
	add(check, 1);
	while (stats().running == 0)
		pass(1);
	start = now;
	ck_assert_int_eq(descriptors(), before + 1);
	pass(400);
	ck_assert_uint_eq(seen_count, 0);
	pass(TICK);
	ck_assert_uint_eq(seen_count, 1);
	expect(0, LVS_CHECK_DOWN, LVS_CAUSE_TIMEOUT);
	ck_assert_uint_ge(seen[0].time, start + 400);
	ck_assert_uint_le(seen[0].time, start + 400 + TICK);
	ck_assert_uint_ge(seen[0].latency, 400);
	ck_assert_int_eq(descriptors(), before);
	close_deaf(fd, fillers);
}
END_TEST

START_TEST(attempts_that_outlast_the_interval_do_not_overlap)
{
	uint16_t port;
	int fillers[4];
	int fd = deaf_server(&port, fillers);

	add(quick_check(port, 100, 1000, 1), 1);
	for (int i = 0; i < 10000; i++) {
		pass(1);
		ck_assert_uint_le(stats().running, 1);
	}
	ck_assert_uint_ge(stats().failures, 8);
	ck_assert_uint_le(stats().failures, 10);
	close_deaf(fd, fillers);
}
END_TEST

START_TEST(a_result_after_the_deadline_is_never_a_success)
{
	uint16_t port;
	int fd = server(&port);
	struct lvs_check *check = quick_check(port, 1000, 1000, 1000);
	int judged = 0;

	set(check, LVS_CHECK_FALL, 1);
	add(check, 1);
	for (int i = 0; i < 10000; i++) {
		uint64_t begun = real_ms();
		uint64_t failures = stats().failures;

		/* the connection is there at once, we look at 1.1 times */
		while (stats().running == 0) {
			now++;
			lvs_monitor_dispatch(monitor, now, 1);
		}
		now += 1100;
		dispatch();
		/* were we stopped for long, it did come in (told) time */
		if (real_ms() - begun >= 50)
			continue;
		ck_assert_uint_eq(stats().failures, failures + 1);
		judged++;
	}
	ck_assert_int_gt(judged, 5000);
	expect(0, LVS_CHECK_DOWN, LVS_CAUSE_TIMEOUT);
	close(fd);
}
END_TEST

START_TEST(a_result_before_the_deadline_is_a_success)
{
	uint16_t port;
	int fd = server(&port);

	add(quick_check(port, 1000, 1000, 1000), 1);
	for (int i = 0; i < 1000; i++) {
		while (stats().running == 0) {
			now++;
			lvs_monitor_dispatch(monitor, now, 1);
		}
		now += 900;
		dispatch();
		ck_assert_uint_eq(stats().successes, (uint64_t)i + 1);
	}
	ck_assert_uint_eq(seen_count, 1);
	ck_assert_uint_eq(seen[0].latency, 900);
	close(fd);
}
END_TEST

START_TEST(an_answer_in_time_that_is_found_late_is_a_success)
{
	uint16_t port;
	int fd = server(&port);
	uint64_t begun;

	now = real_ms();
	add(quick_check(port, 1000, 100, 1000), 1);
	while (stats().running == 0) {
		usleep(1000);
		now = real_ms();
		lvs_monitor_dispatch(monitor, now, 1);
	}
	begun = now;
	usleep(600000); /* stopped, as by SIGSTOP: the clock is the real one */
	now = real_ms();
	dispatch();
	ck_assert_uint_eq(stats().excused, 0);
	ck_assert_uint_eq(stats().successes, 1);
	expect(0, LVS_CHECK_UP, LVS_CAUSE_OK);
	ck_assert_uint_ge(now - begun, 600);
	ck_assert_uint_lt(seen[0].latency, 100);
	close(fd);
}
END_TEST

START_TEST(a_jump_takes_nobody_down)
{
	enum {
		COUNT = 200
	};
	uint16_t port;
	int fillers[4];
	int fd = deaf_server(&port, fillers);
	uint64_t attempts;

	for (int i = 0; i < COUNT; i++) {
		struct lvs_check *check = quick_check(port, 1000, 900, 100);

		set(check, LVS_CHECK_JITTER, 1000);
		set(check, LVS_CHECK_FALL, 1);
		set(check, LVS_CHECK_START_UP, 1);
		add(check, (uint64_t)i);
	}
	pass(700); /* some run, some wait */
	ck_assert_uint_gt(stats().running, COUNT / 4);
	attempts = stats().attempts;
	now += 30000;
	dispatch();
	ck_assert_uint_eq(seen_count, 0);
	ck_assert_uint_eq(stats().failures, 0);
	ck_assert_uint_gt(stats().excused, COUNT / 4);
	/* not one burst: each once, and spread over the jitter */
	ck_assert_uint_le(stats().attempts - attempts, COUNT / 10);
	pass(500);
	ck_assert_uint_le(stats().attempts - attempts, COUNT * 3 / 4);
	pass(500 + 2 * TICK);
	ck_assert_uint_ge(stats().attempts - attempts, COUNT);
	/* and then they do count: nobody here answers */
	pass(1000);
	ck_assert_uint_eq(seen_count, COUNT);
	close_deaf(fd, fillers);
}
END_TEST

START_TEST(who_always_looks_late_hears_of_dead_servers_too)
{
	uint16_t port;
	int fillers[4];
	int fd = deaf_server(&port, fillers);

	add(quick_check(port, 1000, 100, 100), 1);
	for (int i = 0; i < 20 && seen_count == 0; i++) {
		now += 5000;
		dispatch();
	}
	ck_assert_uint_eq(seen_count, 1);
	expect(0, LVS_CHECK_DOWN, LVS_CAUSE_TIMEOUT);
	close_deaf(fd, fillers);
}
END_TEST

START_TEST(checks_go_on_across_the_boundaries_of_numbers)
{
	static const uint64_t starts[] = {
		0,
		(1ull << 31) - 5000,
		(1ull << 32) - 5000,
		(1ull << 36) - 5000, /* 2^32 ticks */
		INT64_MAX - 1000000ull,
	};
	uint16_t port;
	int fd = server(&port);

	now = starts[_i];
	add(quick_check(port, 1000, 500, 100), 1);
	pass(20000);
	ck_assert_uint_ge(stats().successes, 19);
	ck_assert_uint_eq(stats().failures + stats().excused, 0);
	close(fd);
	pass(3000);
	ck_assert_uint_eq(seen_count, 2);
	expect(1, LVS_CHECK_DOWN, LVS_CAUSE_REFUSED);
}
END_TEST

START_TEST(time_that_goes_back_or_to_its_end_is_survived)
{
	uint16_t port;
	int fd = server(&port);
	struct lvs_check *check = quick_check(port, 1000, 500, 100);

	add(check, 1);
	pass(5000);
	for (uint64_t back = 0; back < 5000; back += 100)
		lvs_monitor_dispatch(monitor, back, 0);
	ck_assert_uint_eq(stats().failures, 0);
	pass(5000);
	ck_assert_uint_ge(stats().successes, 9);
	lvs_monitor_force_down(monitor, check, 10);
	dispatch();
	expect(1, LVS_CHECK_DOWN, LVS_CAUSE_FORCED);
	ck_assert_uint_ge(seen[1].time, seen[0].time + 10000 - TICK);
	for (int i = 0; i < 10; i++)
		lvs_monitor_dispatch(monitor, UINT64_MAX - 9 + (uint64_t)i, 0);
	ck_assert_uint_eq(seen_count, 2);
	close(fd);
}
END_TEST

/* ---- jitter */

START_TEST(first_attempts_are_spread_over_the_jitter)
{
	enum {
		COUNT = 1000,
		JITTER = 8000
	};
	uint64_t counts[9] = {0};
	uint16_t port;
	int fd = server(&port);

	for (int i = 0; i < COUNT; i++) {
		struct lvs_check *check = quick_check(port, 60000, 500, 100);

		set(check, LVS_CHECK_JITTER, JITTER);
		add(check, (uint64_t)i);
	}
	for (int i = 0; i < 8; i++) {
		uint64_t before = stats().attempts;

		pass(JITTER / 8);
		counts[i] = stats().attempts - before;
		ck_assert_uint_ge(counts[i], COUNT / 8 * 6 / 10);
		ck_assert_uint_le(counts[i], COUNT / 8 * 14 / 10);
	}
	pass(2 * TICK);
	ck_assert_uint_eq(stats().attempts, COUNT);
	ck_assert_uint_eq(seen_count, COUNT);
	close(fd);
}
END_TEST

START_TEST(later_attempts_shift_by_a_tenth_of_the_jitter_at_most)
{
	uint16_t port;
	int fd = server(&port);
	struct lvs_check *check = quick_check(port, 10000, 500, 100);
	uint64_t attempts = 0, last = 0;
	uint64_t least = UINT64_MAX, most = 0;

	set(check, LVS_CHECK_JITTER, 10000);
	add(check, 1);
	for (int i = 0; i < 4000; i++) {
		pass(100);
		if (stats().attempts == attempts)
			continue;
		if (attempts > 0) {
			least = now - last < least ? now - last : least;
			most = now - last > most ? now - last : most;
		}
		attempts = stats().attempts;
		last = now;
	}
	ck_assert_uint_ge(least, 9000 - 200);
	ck_assert_uint_le(most, 10000 + 200);
	ck_assert_uint_gt(most - least, 300);
	close(fd);
}
END_TEST

START_TEST(two_monitors_do_not_keep_step)
{
	struct lvs_monitor *other;
	uint64_t same = 0;

	for (int i = 0; i < 20; i++) {
		struct lvs_check *a = check_of("127.0.0.1", 9);
		struct lvs_check *b = check_of("127.0.0.1", 9);
		uint64_t deadline;

		ck_assert_int_eq(lvs_monitor_new(&other), 0);
		set(a, LVS_CHECK_JITTER, 4000);
		set(b, LVS_CHECK_JITTER, 4000);
		ck_assert_int_eq(lvs_monitor_add_check(other, a, 0, 0), 0);
		deadline = lvs_monitor_deadline(other);
		lvs_monitor_free(other);
		ck_assert_int_eq(lvs_monitor_new(&other), 0);
		ck_assert_int_eq(lvs_monitor_add_check(other, b, 0, 0), 0);
		if (lvs_monitor_deadline(other) == deadline)
			same++;
		lvs_monitor_free(other);
	}
	ck_assert_uint_lt(same, 10);
}
END_TEST

TCase *monitor_time_case(void)
{
	TCase *tcase = tcase_create("time");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, silence_is_a_timeout_at_the_deadline);
	tcase_add_test(tcase,
		       attempts_that_outlast_the_interval_do_not_overlap);
	tcase_add_test(tcase, a_result_after_the_deadline_is_never_a_success);
	tcase_add_test(tcase, a_result_before_the_deadline_is_a_success);
	tcase_add_test(tcase,
		       an_answer_in_time_that_is_found_late_is_a_success);
	tcase_add_test(tcase, a_jump_takes_nobody_down);
	tcase_add_test(tcase, who_always_looks_late_hears_of_dead_servers_too);
	tcase_add_loop_test(tcase,
			    checks_go_on_across_the_boundaries_of_numbers, 0,
			    5);
	tcase_add_test(tcase, time_that_goes_back_or_to_its_end_is_survived);
	tcase_add_test(tcase, first_attempts_are_spread_over_the_jitter);
	tcase_add_test(tcase,
		       later_attempts_shift_by_a_tenth_of_the_jitter_at_most);
	tcase_add_test(tcase, two_monitors_do_not_keep_step);
	return tcase;
}
