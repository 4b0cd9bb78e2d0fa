/*
 * Faults of this host say nothing about servers: no descriptors, no route.
 */
#define _GNU_SOURCE /* unshare() */
#include "told_monitor.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

/* Leaves `count` descriptors to open; the former limit is returned. */
static struct rlimit leave_descriptors(unsigned int count)
{
	struct rlimit old, tight;
	int lowest = dup(0);

	ck_assert_int_ge(lowest, 0);
	close(lowest);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = old;
	tight.rlim_cur = (rlim_t)lowest + count;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &tight), 0);
	return old;
}

START_TEST(without_descriptors_nobody_goes_down)
{
	uint16_t port;
	int fd = server(&port);
	struct lvs_check *check = quick_check(port, 1000, 500, 100);
	struct rlimit old;
	uint64_t faults;

	set(check, LVS_CHECK_FALL, 1);
	add(check, 1);
	add(quick_check(port, 1000, 500, 100), 2);
	pass(500);
	ck_assert_uint_eq(seen_count, 2);
	old = leave_descriptors(0);
	add(quick_check(port, 1000, 500, 100), 3);
	pass(20000);
	ck_assert_int_eq(lvs_check_fault(check), LVS_CAUSE_LOCAL);
	faults = stats().local_faults;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	ck_assert_uint_gt(faults, 100);
	ck_assert_uint_eq(stats().failures, 0);
	ck_assert_uint_eq(seen_count, 2);
	/* within an interval all is well again, the third for the first time */
	pass(1000);
	ck_assert_uint_eq(seen_count, 3);
	expect(2, LVS_CHECK_UP, LVS_CAUSE_OK);
	ck_assert_uint_eq(stats().local_faults, faults);
	ck_assert_int_eq(lvs_check_fault(check), LVS_CAUSE_NONE);
	close(fd);
}
END_TEST

START_TEST(checks_queue_for_few_descriptors)
{
	enum {
		COUNT = 1000
	};
	uint16_t port, deaf_port;
	int fillers[4];
	int fd = server(&port);
	int deaf = deaf_server(&deaf_port, fillers);
	struct rlimit old;
	bool known[COUNT] = {false};

	/* every tenth keeps its descriptor for a whole timeout */
	for (int i = 0; i < COUNT; i++)
		add(quick_check(i % 10 == 0 ? deaf_port : port, 1000, 300, 100),
		    (uint64_t)i);
	old = leave_descriptors(20);
	pass(60000);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &old), 0);
	ck_assert_uint_gt(stats().local_faults, 0);
	ck_assert_uint_eq(seen_count, COUNT);
	for (int i = 0; i < COUNT; i++) {
		ck_assert_uint_eq(seen[i].state, seen[i].user % 10 == 0
							 ? LVS_CHECK_DOWN
							 : LVS_CHECK_UP);
		ck_assert(!known[seen[i].user]);
		known[seen[i].user] = true;
	}
	close(fd);
	close_deaf(deaf, fillers);
}
END_TEST

/* A network of our own with nothing but loopback, or false. */
static bool own_network(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	int fd, error;

	if (unshare(CLONE_NEWNET) < 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return false;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	request.ifr_flags = IFF_UP;
	error = ioctl(fd, SIOCSIFFLAGS, &request);
	close(fd);
	return error == 0;
}

START_TEST(no_route_of_our_own_proves_nothing)
{
	struct lvs_check *v4, *v6;

	if (!own_network())
		return; /* no namespaces here; tests/net has this too */
	v4 = check_of("192.0.2.1", 80);
	v6 = check_of("2001:db8::1", 80);
	set(v4, LVS_CHECK_FALL, 1);
	set(v6, LVS_CHECK_FALL, 1);
	add(v4, 1);
	add(v6, 2);
	pass(60000);
	ck_assert_uint_eq(seen_count, 0);
	ck_assert_uint_eq(stats().failures, 0);
	ck_assert_uint_gt(stats().local_faults, 50);
	ck_assert_int_eq(lvs_check_fault(v4), LVS_CAUSE_NO_ROUTE);
	ck_assert_int_eq(lvs_check_fault(v6), LVS_CAUSE_NO_ROUTE);
	ck_assert_int_eq(lvs_check_fault(NULL), -EINVAL);
}
END_TEST

START_TEST(a_thousand_attempts_leave_no_descriptor)
{
	uint16_t open_port, closed_port, deaf_port;
	int fillers[4];
	int fd = server(&open_port);
	int closed = bound(AF_INET, &closed_port);
	int deaf = deaf_server(&deaf_port, fillers);
	int before = descriptors();
	struct lvs_check *held[3];

	for (int i = 0; i < 1000; i++) {
		held[0] = quick_check(open_port, 100, 50, 10);
		held[1] = quick_check(closed_port, 100, 50, 10);
		held[2] = quick_check(deaf_port, 100, 50, 10);
		for (int j = 0; j < 3; j++)
			add(held[j], (uint64_t)j);
		pass((uint64_t)i % 200);
		for (int j = 0; j < 3; j++)
			ck_assert_int_eq(lvs_monitor_remove_check(monitor,
								  held[j]),
					 0);
		ck_assert_int_eq(descriptors(), before);
	}
	ck_assert_uint_eq(stats().running, 0);
	close(fd);
	close(closed);
	close_deaf(deaf, fillers);
}
END_TEST

TCase *monitor_host_case(void)
{
	TCase *tcase = tcase_create("host");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, without_descriptors_nobody_goes_down);
	tcase_add_test(tcase, checks_queue_for_few_descriptors);
	tcase_add_test(tcase, no_route_of_our_own_proves_nothing);
	tcase_add_test(tcase, a_thousand_attempts_leave_no_descriptor);
	return tcase;
}
