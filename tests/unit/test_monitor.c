/*
 * The monitor against real sockets on loopback, in told time: `now` is ours,
 * so years pass in a moment and a late look is exactly as late as we say.
 */
#define _GNU_SOURCE /* unshare() */
#include "unit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lvs/monitor.h"

#define TICK 17 /* ms: a timer's tick, and one for the dispatch after it */

static struct lvs_monitor *monitor;
static struct lvs_check_event seen[4096];
static uint32_t seen_count;
static uint64_t now;

static void setup(void)
{
	now = 1000;
	seen_count = 0;
	ck_assert_int_eq(lvs_monitor_new(&monitor), 0);
}

static void teardown(void)
{
	lvs_monitor_free(monitor);
	monitor = NULL;
}

/* A socket bound to a free port of loopback; `port` receives it. */
static int bound(int family, uint16_t *port)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr = {.any.sa_family = (sa_family_t)family};
	socklen_t size = sizeof(addr);
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	if (family == AF_INET6)
		addr.v6.sin6_addr = in6addr_loopback;
	else
		addr.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, &addr.any, size), 0);
	ck_assert_int_eq(getsockname(fd, &addr.any, &size), 0);
	*port = ntohs(family == AF_INET6 ? addr.v6.sin6_port
					 : addr.v4.sin_port);
	return fd;
}

static int server(uint16_t *port)
{
	int fd = bound(AF_INET, port);

	ck_assert_int_eq(listen(fd, 4096), 0);
	return fd;
}

/* A server whose backlog is full: it answers nobody any more. */
static int deaf_server(uint16_t *port, int fillers[4])
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	int fd = bound(AF_INET, port);

	ck_assert_int_eq(listen(fd, 0), 0);
	addr.sin_port = htons(*port);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < 4; i++) {
		fillers[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		ck_assert_int_ge(fillers[i], 0);
		(void)connect(fillers[i], (struct sockaddr *)&addr,
			      sizeof(addr));
	}
	return fd;
}

static void close_deaf(int fd, const int fillers[4])
{
	close(fd);
	for (int i = 0; i < 4; i++)
		close(fillers[i]);
}

static struct lvs_check *check_of(const char *address, uint16_t port)
{
	struct lvs_check *check;
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, address), 0);
	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	ck_assert_int_eq(lvs_check_set_target(check, &addr, port), 0);
	return check;
}

static void set(struct lvs_check *check, int option, uint64_t value)
{
	ck_assert_int_eq(lvs_check_set(check, option, value), 0);
}

/* Interval, timeout and retry in this order; no jitter. */
static struct lvs_check *quick_check(uint16_t port, uint64_t interval,
				     uint64_t timeout, uint64_t retry)
{
	struct lvs_check *check = check_of("127.0.0.1", port);

	set(check, LVS_CHECK_INTERVAL, interval);
	set(check, LVS_CHECK_TIMEOUT, timeout);
	set(check, LVS_CHECK_RETRY, retry);
	set(check, LVS_CHECK_JITTER, 0);
	return check;
}

static void add(struct lvs_check *check, uint64_t user)
{
	ck_assert_int_eq(lvs_monitor_add_check(monitor, check, user, now), 0);
}

/* One moment: everything that is ready is done, events are taken. */
static void dispatch(void)
{
	struct lvs_check_event event;

	while (lvs_monitor_dispatch(monitor, now, 0) > 0)
		;
	while (lvs_monitor_pop_event(monitor, &event, sizeof(event)) == 1) {
		ck_assert_uint_lt(seen_count, 4096);
		seen[seen_count++] = event;
	}
}

/* Lets time pass as a loop does: from deadline to deadline. */
static void pass(uint64_t milliseconds)
{
	uint64_t end = now + milliseconds;
	uint64_t next;

	dispatch();
	while (now < end) {
		next = lvs_monitor_deadline(monitor);
		if (next <= now)
			next = now + 1;
		now = next < end ? next : end;
		dispatch();
	}
}

static struct lvs_monitor_stats stats(void)
{
	struct lvs_monitor_stats got;

	ck_assert_int_eq(lvs_monitor_stats(monitor, &got, sizeof(got)), 0);
	return got;
}

static int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

static uint64_t real_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void expect(uint32_t at, uint32_t state, uint32_t cause)
{
	ck_assert_uint_gt(seen_count, at);
	ck_assert_str_eq(lvs_check_state_name((int)seen[at].state),
			 lvs_check_state_name((int)state));
	ck_assert_str_eq(lvs_check_cause_name((int)seen[at].cause),
			 lvs_check_cause_name((int)cause));
}

/* ---- checks as values */

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
	ck_assert_str_eq(lvs_check_cause_name(7), "?");

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
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		struct sockaddr_in addr = {.sin_family = AF_INET,
					   .sin_port = htons(port)};
		int on = 1;

		addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr,
				      sizeof(addr)),
				 0);
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
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		struct sockaddr_in addr = {.sin_family = AF_INET,
					   .sin_port = htons(port)};
		int on = 1;

		addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr,
				      sizeof(addr)),
				 0);
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

/* ---- local faults */

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

static TCase *values_case(void)
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

static TCase *time_case(void)
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

static TCase *use_case(void)
{
	TCase *tcase = tcase_create("use");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, without_descriptors_nobody_goes_down);
	tcase_add_test(tcase, checks_queue_for_few_descriptors);
	tcase_add_test(tcase, no_route_of_our_own_proves_nothing);
	tcase_add_test(tcase, a_thousand_attempts_leave_no_descriptor);
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

	suite_add_tcase(suite, values_case());
	suite_add_tcase(suite, states_case());
	suite_add_tcase(suite, time_case());
	suite_add_tcase(suite, use_case());
	return suite;
}
