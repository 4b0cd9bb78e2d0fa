/*
 * A monitor in told time and what it probes: servers that answer, that refuse
 * and that are silent.
 */
#include "told_monitor.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct lvs_monitor *monitor;
struct lvs_check_event seen[4096];
uint32_t seen_count;
uint64_t now;

void setup(void)
{
	now = 1000;
	seen_count = 0;
	ck_assert_int_eq(lvs_monitor_new(&monitor), 0);
}

void teardown(void)
{
	lvs_monitor_free(monitor);
	monitor = NULL;
}

int bound(int family, uint16_t *port)
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

int bound_again(uint16_t port)
{
	struct sockaddr_in addr = {.sin_family = AF_INET,
				   .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int on = 1;

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

int server(uint16_t *port)
{
	int fd = bound(AF_INET, port);

	ck_assert_int_eq(listen(fd, 4096), 0);
	return fd;
}

int deaf_server(uint16_t *port, int fillers[4])
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

void close_deaf(int fd, const int fillers[4])
{
	close(fd);
	for (int i = 0; i < 4; i++)
		close(fillers[i]);
}

struct lvs_check *check_of(const char *address, uint16_t port)
{
	struct lvs_check *check;
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, address), 0);
	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	ck_assert_int_eq(lvs_check_set_target(check, &addr, port), 0);
	return check;
}

void set(struct lvs_check *check, int option, uint64_t value)
{
	ck_assert_int_eq(lvs_check_set(check, option, value), 0);
}

struct lvs_check *quick_check(uint16_t port, uint64_t interval,
			      uint64_t timeout, uint64_t retry)
{
	struct lvs_check *check = check_of("127.0.0.1", port);

	set(check, LVS_CHECK_INTERVAL, interval);
	set(check, LVS_CHECK_TIMEOUT, timeout);
	set(check, LVS_CHECK_RETRY, retry);
	set(check, LVS_CHECK_JITTER, 0);
	return check;
}

void add(struct lvs_check *check, uint64_t user)
{
	ck_assert_int_eq(lvs_monitor_add_check(monitor, check, user, now), 0);
}

void dispatch(void)
{
	struct lvs_check_event event;

	while (lvs_monitor_dispatch(monitor, now, 0) > 0)
		;
	while (lvs_monitor_pop_event(monitor, &event, sizeof(event)) == 1) {
		ck_assert_uint_lt(seen_count, 4096);
		seen[seen_count++] = event;
	}
}

void pass(uint64_t milliseconds)
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

struct lvs_monitor_stats stats(void)
{
	struct lvs_monitor_stats got;

	ck_assert_int_eq(lvs_monitor_stats(monitor, &got, sizeof(got)), 0);
	return got;
}

int descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count;
}

uint64_t real_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

void expect(uint32_t at, uint32_t state, uint32_t cause)
{
	ck_assert_uint_gt(seen_count, at);
	ck_assert_str_eq(lvs_check_state_name((int)seen[at].state),
			 lvs_check_state_name((int)state));
	ck_assert_str_eq(lvs_check_cause_name((int)seen[at].cause),
			 lvs_check_cause_name((int)cause));
}
