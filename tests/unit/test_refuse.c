/*
 * The packet libraries when the kernel refuses: monitor and backend say what
 * failed, leave nothing behind, and the monitor takes nobody down for it.
 */
#define _GNU_SOURCE
#include "unit.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <lvs/lvs.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "config.h"
#include "fault.h"
#include "network.h"
#include "refuse.h"

static int say(char *message, size_t size, int result)
{
	if (result < 0)
		snprintf(message, size, "%s", lvs_strerror(result));
	return result;
}

static struct lvs_addr address(const char *text)
{
	struct lvs_addr addr = {0};

	lvs_addr_parse(&addr, text);
	return addr;
}

/* ---- monitor */

static uint16_t open_port;
static int listener;

/* Checks that reached the server stay in its queue until they are taken. */
static void serve(void)
{
	int fd;

	while ((fd = accept(listener, NULL, NULL)) >= 0)
		close(fd);
}

static int new_monitor(char *message, size_t size)
{
	struct lvs_monitor *monitor = NULL;
	int result = lvs_monitor_new(&monitor);

	lvs_monitor_free(monitor);
	return say(message, size, result);
}

static int add_check(struct lvs_monitor *monitor, uint64_t now)
{
	struct lvs_addr addr = address("127.0.0.1");
	struct lvs_check *check = NULL;
	int result = lvs_check_new(&check, "tcp");

	if (result < 0)
		return result;
	lvs_check_set_target(check, &addr, open_port);
	lvs_check_set(check, LVS_CHECK_JITTER, 0);
	lvs_check_set(check, LVS_CHECK_FALL, 1);
	result = lvs_monitor_add_check(monitor, check, 7, now);
	if (result < 0)
		lvs_check_free(check);
	return result;
}

/* Told time does not outrun the network. */
static void give_way(const struct lvs_monitor *monitor)
{
	struct lvs_monitor_stats stats;

	for (int i = 0; i < 100; i++) {
		struct pollfd fd = {.fd = lvs_monitor_fd(monitor),
				    .events = POLLIN};

		lvs_monitor_stats(monitor, &stats, sizeof(stats));
		if (stats.running == 0 ||
		    ppoll(&fd, 1, &(struct timespec){0}, NULL) != 0)
			return;
		usleep(100);
	}
}

/*
 * Forty seconds of told time. -EIO: it was taken for down; the server is there
 * all the time, so the only fault is ours.
 */
static int watch(struct lvs_monitor *monitor, uint64_t now)
{
	struct lvs_check_event event;
	uint64_t end = now + 40000;
	int error;

	for (; now < end; now += 500) {
		give_way(monitor);
		serve();
		do
			error = lvs_monitor_dispatch(monitor, now, 0);
		while (error > 0);
		if (error < 0)
			return error;
		while (lvs_monitor_pop_event(monitor, &event, sizeof(event)) ==
		       1)
			if (event.state == LVS_CHECK_DOWN)
				return -EIO;
	}
	return 0;
}

static int run_monitor(char *message, size_t size)
{
	struct lvs_monitor *monitor = NULL;
	int result = lvs_monitor_new(&monitor);

	if (result == 0)
		result = add_check(monitor, 1000);
	if (result == 0)
		result = watch(monitor, 1000);
	lvs_monitor_free(monitor);
	return say(message, size, result);
}

START_TEST(a_monitor_without_the_kernels_help_says_so)
{
	ck_assert_uint_ge(refuse_flow(&(struct act){.act = new_monitor}), 6);
}
END_TEST

START_TEST(a_check_that_the_kernel_hampers_takes_nobody_down)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t size = sizeof(addr);

	listener =
		socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(listener, (struct sockaddr *)&addr, size), 0);
	ck_assert_int_eq(listen(listener, 64), 0);
	ck_assert_int_eq(getsockname(listener, (struct sockaddr *)&addr, &size),
			 0);
	open_port = ntohs(addr.sin_port);
	ck_assert_uint_ge(refuse_flow(&(struct act){.act = run_monitor}), 100);
	close(listener);
}
END_TEST

/* ---- backend */

static int set_lanes(struct lvs_backend *backend)
{
	lvs_backend_set(backend, LVS_BACKEND_LANES, 2);
	lvs_backend_set(backend, LVS_BACKEND_FRAMES, 16);
	return lvs_backend_add_interface(backend, "one");
}

static int claim(struct lvs_backend *backend, size_t count, char *message,
		 size_t size)
{
	const struct lvs_claim claims[] = {
		{LVS_CLAIM_VIRTUAL, LVS_UDP, 0, 53, address("192.0.2.10")},
		{LVS_CLAIM_VIRTUAL, LVS_UDP, 0, 53, address("2001:db8::10")},
		{LVS_CLAIM_SERVER, LVS_UDP, LVS_NAT, 53, address("10.77.0.2")},
		{LVS_CLAIM_SERVER, LVS_TCP, LVS_DR, 80, address("10.77.0.3")},
	};

	return lvs_backend_claim(backend, claims, count, message, size);
}

static bool send_failed; /* a packet was dropped as LVS_REASON_SEND */

/* Each packet went, waits, or was dropped by a backend's reason. */
static int look(const struct lvs_packet *packets, int count)
{
	for (int i = 0; i < count; i++) {
		const struct lvs_packet *p = &packets[i];

		if (p->verdict == LVS_DROP && p->reason == LVS_REASON_SEND)
			send_failed = true;
		if (p->verdict != LVS_FORWARD && p->verdict != LVS_HELD &&
		    (p->verdict != LVS_DROP ||
		     p->reason < LVS_REASON_NO_ROUTE ||
		     p->reason > LVS_REASON_SEND))
			return -EPROTO;
	}
	return 0;
}

/*
 * Packets to a neighbour that is there, to one that is not, and to nowhere;
 * one that is not for sending.
 */
static int move(struct lvs_lane *lane, uint64_t now)
{
	static const char *const hops[] = {"10.77.0.9", "10.77.0.2", "10.9.9.9",
					   "10.77.0.9"};
	static uint8_t buffer[4][LVS_HEADROOM + 40];
	struct lvs_packet packets[4] = {{0}}, got[8];
	int result;

	for (int i = 0; i < 4; i++) {
		uint8_t *ip = buffer[i] + LVS_HEADROOM;

		memset(ip, 0, 40);
		ip[0] = 0x45;
		ip[3] = 40;
		ip[8] = 64;
		ip[9] = LVS_UDP;
		packets[i].data = buffer[i];
		packets[i].offset = LVS_HEADROOM;
		packets[i].length = 40;
		packets[i].capacity = sizeof(buffer[i]);
		packets[i].verdict = i < 3 ? LVS_FORWARD : LVS_PASS;
		packets[i].next_hop = address(hops[i]);
	}
	result = lvs_lane_recv(lane, got, 8, now);
	if (result >= 0)
		result = lvs_lane_send(lane, packets, 4, now);
	if (result >= 0)
		result = look(packets, 3);
	for (uint64_t later = 0; later < 3000 && result >= 0; later += 500)
		result = lvs_lane_recv(lane, got, 8, now + later);
	return result;
}

static int open_two(struct lvs_backend **backend, char *message, size_t size)
{
	int result = lvs_backend_new(backend, "raw");

	if (result == 0)
		result = set_lanes(*backend);
	if (result < 0)
		return say(message, size, result);
	return lvs_backend_open(*backend, message, size);
}

static int open_backend(char *message, size_t size)
{
	struct lvs_backend *backend = NULL;
	int result = open_two(&backend, message, size);

	lvs_backend_free(backend);
	return result;
}

/* One that stays open, for closing packet sockets takes the kernel long. */
static struct lvs_backend *standing;

static int use_backend(char *message, size_t size)
{
	int result = claim(standing, 4, message, size);

	if (result == 0)
		result = claim(standing, 1, message, size);
	if (result == 0)
		result = say(message, size,
			     lvs_backend_dispatch(standing, 100000, 0));
	for (uint32_t i = 0; i < 2 && result >= 0; i++)
		result = say(message, size,
			     move(lvs_backend_lane(standing, i), 1000));
	return result < 0 ? result : 0;
}

/* The addresses of this namespace, in words. */
static void list_addresses(char *text, size_t size)
{
	struct ifaddrs *all = NULL, *one;
	size_t at = 0;

	text[0] = '\0';
	ck_assert_int_eq(getifaddrs(&all), 0);
	for (one = all; one != NULL && at < size; one = one->ifa_next) {
		char addr[64] = "";

		if (one->ifa_addr == NULL)
			continue;
		if (one->ifa_addr->sa_family == AF_INET)
			inet_ntop(AF_INET,
				  &((struct sockaddr_in *)(void *)one->ifa_addr)
					   ->sin_addr,
				  addr, sizeof(addr));
		if (one->ifa_addr->sa_family == AF_INET6)
			inet_ntop(
				AF_INET6,
				&((struct sockaddr_in6 *)(void *)one->ifa_addr)
					 ->sin6_addr,
				addr, sizeof(addr));
		at += (size_t)snprintf(text + at, size - at, "%s %s\n",
				       one->ifa_name, addr);
	}
	freeifaddrs(all);
}

static char before[4096];

static void same_host(void)
{
	char after[4096];

	list_addresses(after, sizeof(after));
	ck_assert_msg(strcmp(before, after) == 0, "%s: what was\n%sis\n%s",
		      refuse_what(), before, after);
}

static void give_back(void)
{
	char message[REFUSE_TEXT] = "";

	ck_assert_msg(claim(standing, 0, message, sizeof(message)) == 0, "%s",
		      message);
	same_host();
}

static bool have_backend(void)
{
	char message[REFUSE_TEXT];

	/* no namespaces, no ip or no nftables here: tests/net says so */
	if (!own_network() || open_backend(message, sizeof(message)) < 0)
		return false;
	sleep(2); /* the cable's own IPv6 address comes late */
	list_addresses(before, sizeof(before));
	return true;
}

START_TEST(a_backend_that_the_kernel_refuses_leaves_the_host)
{
	struct act act = {.act = open_backend, .undo = same_host, .slow = true};

	if (have_backend())
		ck_assert_uint_ge(refuse_flow(&act), 50);
}
END_TEST

START_TEST(a_claim_that_the_kernel_refuses_leaves_the_host)
{
	/* while the kernel refuses all, nothing can be taken back either */
	struct act act = {.act = use_backend, .undo = give_back, .once = true};
	char message[REFUSE_TEXT] = "";
	long held = fault_held();

	if (!have_backend())
		return;
	ck_assert_msg(open_two(&standing, message, sizeof(message)) == 0, "%s",
		      message);
	ck_assert_uint_ge(refuse_flow(&act), 100);
	ck_assert(send_failed);
	lvs_backend_free(standing);
	ck_assert_int_eq(fault_held(), held);
	same_host();
}
END_TEST

static Suite *refuse_suite(void)
{
	Suite *suite = suite_create("refuse");
	TCase *tcase = tcase_create("refuse");

	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_monitor_without_the_kernels_help_says_so);
	tcase_add_test(tcase,
		       a_check_that_the_kernel_hampers_takes_nobody_down);
	tcase_add_test(tcase,
		       a_backend_that_the_kernel_refuses_leaves_the_host);
	tcase_add_test(tcase, a_claim_that_the_kernel_refuses_leaves_the_host);
	suite_add_tcase(suite, tcase);
	return suite;
}

const struct unit units[] = {
	{"refuse", refuse_suite},
	{NULL, NULL},
};
