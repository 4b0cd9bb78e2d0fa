/*
 * Checks as values: settings, bounds, copies, what a monitor holds.
 */
#include "told_monitor.h"

START_TEST(settings_have_their_defaults)
{
	static const uint64_t presets[] = {
		[LVS_CHECK_INTERVAL] = 10000, [LVS_CHECK_TIMEOUT] = 5000,
		[LVS_CHECK_RISE] = 1,	      [LVS_CHECK_FALL] = 3,
		[LVS_CHECK_RETRY] = 1000,     [LVS_CHECK_JITTER] = 10000,
		[LVS_CHECK_START_UP] = 0,
	};
	struct lvs_check *check = check_of("192.0.2.1", 80);
	uint64_t value;

	for (int i = 1; i <= LVS_CHECK_START_UP; i++) {
		ck_assert_int_eq(lvs_check_get(check, i, &value), 0);
		ck_assert_uint_eq(value, presets[i]);
	}
	set(check, LVS_CHECK_INTERVAL, 300);
	ck_assert_int_eq(lvs_check_get(check, LVS_CHECK_JITTER, &value), 0);
	ck_assert_uint_eq(value, 300);
	ck_assert_str_eq(lvs_check_kind(check), "tcp");
	ck_assert_int_eq(lvs_check_state(check), LVS_CHECK_UNKNOWN);
	lvs_check_free(check);
}
END_TEST

START_TEST(values_out_of_range_change_nothing)
{
	static const struct {
		int option;
		uint64_t value;
		int error;
	} cases[] = {
		{0, 1, -EINVAL},
		{-1, 1, -EINVAL},
		{LVS_CHECK_START_UP + 1, 1, -EINVAL},
		{INT32_MAX, 1, -EINVAL},
		{LVS_CHECK_INTERVAL, 0, -ERANGE},
		{LVS_CHECK_INTERVAL, 1ull << 31, -ERANGE},
		{LVS_CHECK_TIMEOUT, 0, -ERANGE},
		{LVS_CHECK_TIMEOUT, UINT64_MAX, -ERANGE},
		{LVS_CHECK_TIMEOUT, 1ull << 32 | 5, -ERANGE},
		{LVS_CHECK_RISE, 0, -ERANGE},
		{LVS_CHECK_RISE, 1001, -ERANGE},
		{LVS_CHECK_FALL, 0, -ERANGE},
		{LVS_CHECK_FALL, 1001, -ERANGE},
		{LVS_CHECK_RETRY, 0, -ERANGE},
		{LVS_CHECK_JITTER, 1ull << 31, -ERANGE},
		{LVS_CHECK_START_UP, 2, -ERANGE},
	};
	struct lvs_check *check = check_of("192.0.2.1", 80);
	struct lvs_check *copy;

	ck_assert_int_eq(lvs_check_copy(&copy, check), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_int_eq(lvs_check_set(check, cases[i].option,
					       cases[i].value),
				 cases[i].error);
	ck_assert_int_eq(lvs_check_equal(check, copy), 1);
	lvs_check_free(copy);
	lvs_check_free(check);
}
END_TEST

START_TEST(a_copy_is_equal_until_it_is_changed)
{
	struct lvs_check *a = check_of("2001:db8::1", 80);
	struct lvs_check *b;
	struct lvs_addr addr;
	uint16_t port;

	for (int i = 1; i <= LVS_CHECK_START_UP; i++) {
		ck_assert_int_eq(lvs_check_copy(&b, a), 0);
		ck_assert_int_eq(lvs_check_equal(a, b), 1);
		set(b, i, i == LVS_CHECK_START_UP ? 1 : 77);
		ck_assert_int_eq(lvs_check_equal(a, b), 0);
		lvs_check_free(b);
	}
	ck_assert_int_eq(lvs_check_copy(&b, a), 0);
	ck_assert_int_eq(lvs_check_get_target(b, &addr, &port), 0);
	ck_assert_uint_eq(port, 80);
	ck_assert_int_eq(lvs_check_set_target(b, &addr, 81), 0);
	ck_assert_int_eq(lvs_check_equal(a, b), 0);
	addr.bytes[15] = 2;
	ck_assert_int_eq(lvs_check_set_target(b, &addr, 80), 0);
	ck_assert_int_eq(lvs_check_equal(a, b), 0);
	lvs_check_free(a);
	lvs_check_free(b);
}
END_TEST

START_TEST(a_jitter_of_its_default_value_is_the_default)
{
	struct lvs_check *a = check_of("192.0.2.1", 80);
	struct lvs_check *b = check_of("192.0.2.1", 80);

	set(b, LVS_CHECK_JITTER, 10000);
	ck_assert_int_eq(lvs_check_equal(a, b), 1);
	lvs_check_free(a);
	lvs_check_free(b);
}
END_TEST

START_TEST(bytes_behind_an_ipv4_address_do_not_count)
{
	struct lvs_check *a = check_of("192.0.2.1", 80);
	struct lvs_check *b = check_of("192.0.2.1", 80);
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, "192.0.2.1"), 0);
	memset(addr.bytes + 4, 0xff, 12);
	ck_assert_int_eq(lvs_check_set_target(b, &addr, 80), 0);
	ck_assert_int_eq(lvs_check_equal(a, b), 1);
	lvs_check_free(a);
	lvs_check_free(b);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
	struct lvs_check *check = NULL;
	struct lvs_check *fresh;
	struct lvs_addr none = {.family = LVS_FAMILY_NONE};
	struct lvs_addr odd = {.family = 10};
	struct lvs_addr addr;
	struct lvs_check_event event;
	struct lvs_monitor_stats got;
	uint64_t value = 7;
	uint16_t port;

	ck_assert_int_eq(lvs_check_new(NULL, "tcp"), -EINVAL);
	ck_assert_int_eq(lvs_check_new(&check, NULL), -EINVAL);
	ck_assert_int_eq(lvs_check_new(&check, "tcpx"), -ENOENT);
	ck_assert_int_eq(lvs_check_new(&check, ""), -ENOENT);
	ck_assert_ptr_null(check);
	lvs_check_free(NULL);
	ck_assert_int_eq(lvs_check_new(&fresh, "tcp"), 0);
	ck_assert_int_eq(lvs_addr_parse(&addr, "192.0.2.1"), 0);
	ck_assert_int_eq(lvs_check_copy(NULL, fresh), -EINVAL);
	ck_assert_int_eq(lvs_check_copy(&check, NULL), -EINVAL);
	ck_assert_int_eq(lvs_check_equal(fresh, NULL), -EINVAL);
	ck_assert_int_eq(lvs_check_set(NULL, 1, 1), -EINVAL);
	ck_assert_int_eq(lvs_check_get(fresh, 99, &value), -EINVAL);
	ck_assert_int_eq(lvs_check_get(fresh, 1, NULL), -EINVAL);
	ck_assert_uint_eq(value, 7);
	ck_assert_int_eq(lvs_check_set_target(fresh, &none, 80), -EINVAL);
	ck_assert_int_eq(lvs_check_set_target(fresh, &odd, 80), -EINVAL);
	ck_assert_int_eq(lvs_check_set_target(fresh, &addr, 0), -EINVAL);
	ck_assert_int_eq(lvs_check_set_target(fresh, NULL, 80), -EINVAL);
	ck_assert_int_eq(lvs_check_get_target(fresh, &addr, &port), -ENOENT);
	ck_assert_int_eq(lvs_check_state(NULL), -EINVAL);
	ck_assert_str_eq(lvs_check_kind(NULL), "?");
	ck_assert_str_eq(lvs_check_state_name(-1), "?");
	ck_assert_str_eq(lvs_check_state_name(3), "?");
	ck_assert_str_eq(lvs_check_cause_name(8), "?");

	ck_assert_int_eq(lvs_monitor_new(NULL), -EINVAL);
	lvs_monitor_free(NULL);
	/* no target */
	ck_assert_int_eq(lvs_monitor_add_check(monitor, fresh, 0, 0), -EINVAL);
	ck_assert_int_eq(lvs_monitor_add_check(NULL, fresh, 0, 0), -EINVAL);
	ck_assert_int_eq(lvs_monitor_add_check(monitor, NULL, 0, 0), -EINVAL);
	/* not this monitor's */
	ck_assert_int_eq(lvs_monitor_remove_check(monitor, fresh), -ENOENT);
	ck_assert_int_eq(lvs_monitor_remove_check(monitor, NULL), -EINVAL);
	ck_assert_int_eq(lvs_monitor_force_down(monitor, fresh, 0), -ENOENT);
	ck_assert_int_eq(lvs_monitor_force_down(NULL, fresh, 0), -EINVAL);
	ck_assert_int_eq(lvs_monitor_fd(NULL), -EINVAL);
	ck_assert_uint_eq(lvs_monitor_deadline(NULL), UINT64_MAX);
	ck_assert_uint_eq(lvs_monitor_deadline(monitor), UINT64_MAX);
	ck_assert_int_eq(lvs_monitor_dispatch(NULL, 0, 0), -EINVAL);
	ck_assert_int_eq(lvs_monitor_dispatch(monitor, 0, 0), 0);
	ck_assert_int_eq(lvs_monitor_pop_event(NULL, &event, sizeof(event)),
			 -EINVAL);
	ck_assert_int_eq(lvs_monitor_pop_event(monitor, NULL, sizeof(event)),
			 -EINVAL);
	ck_assert_int_eq(lvs_monitor_pop_event(monitor, &event, 0), -EINVAL);
	ck_assert_int_eq(lvs_monitor_pop_event(monitor, &event, sizeof(event)),
			 0);
	ck_assert_int_eq(lvs_monitor_stats(monitor, &got, 0), -EINVAL);
	lvs_check_free(fresh);
}
END_TEST

START_TEST(a_held_check_is_read_and_copied_but_not_changed)
{
	struct lvs_check *check = check_of("127.0.0.1", 9);
	struct lvs_check *copy;
	struct lvs_addr addr;
	uint16_t port;

	add(check, 1);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_RISE, 2), -EBUSY);
	ck_assert_int_eq(lvs_check_get_target(check, &addr, &port), 0);
	ck_assert_int_eq(lvs_check_set_target(check, &addr, 10), -EBUSY);
	ck_assert_int_eq(lvs_monitor_add_check(monitor, check, 2, now), -EBUSY);
	lvs_check_free(check); /* the monitor's: nothing happens */
	ck_assert_int_eq(lvs_check_copy(&copy, check), 0);
	ck_assert_int_eq(lvs_check_equal(copy, check), 1);
	set(copy, LVS_CHECK_RISE, 2);
	lvs_check_free(copy);
	ck_assert_uint_eq(stats().checks, 1);
}
END_TEST

TCase *monitor_values_case(void)
{
	TCase *tcase = tcase_create("values");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, settings_have_their_defaults);
	tcase_add_test(tcase, values_out_of_range_change_nothing);
	tcase_add_test(tcase, a_copy_is_equal_until_it_is_changed);
	tcase_add_test(tcase, a_jitter_of_its_default_value_is_the_default);
	tcase_add_test(tcase, bytes_behind_an_ipv4_address_do_not_count);
	tcase_add_test(tcase, bad_arguments_are_refused);
	tcase_add_test(tcase, a_held_check_is_read_and_copied_but_not_changed);
	return tcase;
}
