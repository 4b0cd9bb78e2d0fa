/*
 * The running node without a backend: what is applied, what stays, what is
 * refused, how health and drains show, what workers answer. Servers are real
 * listeners on the loopback.
 */
#define _GNU_SOURCE /* unshare() */
#include "unit.h"

#include <arpa/inet.h>
#include <lvs/director.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "director/director.h"
#include "slow.h"

#define SYN LVS_TCP_SYN
#define ACK LVS_TCP_ACK
#define RST LVS_TCP_RST
#define SIZE 512

static struct lvs_director *director;
static struct lvs_model *model;
static char message[256];
static uint64_t now = 1000;

static struct lvs_addr address(const char *text)
{
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, text), 0);
	return addr;
}

/* ---- a model: one service a port, dests by address */

static struct lvs_service *add_service(uint16_t port)
{
	struct lvs_addr addr = address("192.0.2.1");
	struct lvs_service *service;

	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, port, LVS_TCP),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service, "rr"), 0);
	ck_assert_int_eq(lvs_model_add_service(model, service), 0);
	return service;
}

static struct lvs_service *service_of(uint16_t port)
{
	struct lvs_addr addr = address("192.0.2.1");

	return lvs_model_find_service(model, &addr, port, LVS_TCP);
}

static struct lvs_dest *add_dest(uint16_t port, const char *dest_addr,
				 uint16_t dest_port)
{
	struct lvs_addr addr = address(dest_addr);
	struct lvs_dest *dest;

	ck_assert_int_eq(lvs_service_add_dest(service_of(port), &dest, &addr,
					      dest_port, 1),
			 0);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_METHOD, LVS_NAT), 0);
	return dest;
}

static void add_check(uint16_t port, struct lvs_dest *dest, bool start_up)
{
	struct lvs_check *check;

	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_INTERVAL, 50), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_TIMEOUT, 200), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_JITTER, 0), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_RETRY, 10), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_FALL, 2), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_START_UP, start_up), 0);
	ck_assert_int_eq(lvs_model_add_check(model, service_of(port), dest,
					     check),
			 0);
}

static int apply(void)
{
	return lvs_director_apply(director, model, message, sizeof(message),
				  now);
}

static void setup_workers(unsigned int workers)
{
	director = NULL;
	ck_assert_int_eq(lvs_model_new(&model), 0);
	ck_assert_int_eq(lvs_model_set_text(model, LVS_MODEL_BACKEND, "none"),
			 0);
	ck_assert_int_eq(lvs_model_set(model, LVS_MODEL_WORKERS, workers), 0);
	ck_assert_int_eq(lvs_model_set(model, LVS_MODEL_CONNECTIONS, 4096), 0);
	ck_assert_msg(lvs_director_new(&director, model, message,
				       sizeof(message), now) == 0,
		      "%s", message);
}

static void setup(void)
{
	setup_workers(1);
}

static void teardown(void)
{
	lvs_director_free(director);
	lvs_model_free(model);
	director = NULL;
	model = NULL;
}

/* ---- the node's loop, and what it says */

static uint64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Runs director and worker 0 until this event, at most `limit` ms. */
static bool event_comes(uint32_t kind, struct lvs_event *event, uint64_t limit)
{
	uint64_t end = clock_now() + limit;

	while (clock_now() < end) {
		struct pollfd fd = {.fd = lvs_director_fd(director),
				    .events = POLLIN};

		now = clock_now();
		lvs_director_dispatch(director, now, 0);
		lvs_worker_dispatch(lvs_director_worker(director, 0), now, 0);
		while (lvs_director_pop_event(director, event,
					      sizeof(*event)) == 1)
			if (event->kind == kind)
				return true;
		poll(&fd, 1, 5);
	}
	return false;
}

static void drop_events(void)
{
	struct lvs_event event;

	while (lvs_director_pop_event(director, &event, sizeof(event)) == 1)
		;
}

static void turn(void)
{
	for (uint32_t i = 0; lvs_director_worker(director, i) != NULL; i++)
		lvs_worker_dispatch(lvs_director_worker(director, i), now, 0);
	lvs_director_dispatch(director, now, 0);
}

/* ---- packets, IPv4 and TCP */

static uint32_t build(uint8_t *at, const char *source, uint16_t source_port,
		      const char *destination, uint16_t destination_port,
		      uint8_t flags)
{
	struct lvs_addr from = address(source), to = address(destination);

	memset(at, 0, 40);
	at[0] = 0x45;
	put16(at + 2, 40);
	at[8] = 64;
	at[9] = LVS_TCP;
	memcpy(at + 12, from.bytes, 4);
	memcpy(at + 16, to.bytes, 4);
	put16(at + 10, 0xffff ^ slow_add(0, at, 20));
	put16(at + 20, source_port);
	put16(at + 22, destination_port);
	at[32] = 0x50;
	at[33] = flags;
	put16(at + 36, 0xffff ^ slow_add(slow_pseudo(from.bytes, to.bytes, 4,
						     LVS_TCP, 20),
					 at + 20, 20));
	return 40;
}

static struct lvs_outcome packet(uint32_t worker, const char *source,
				 uint16_t source_port, const char *destination,
				 uint16_t destination_port, uint8_t flags)
{
	uint8_t buffer[SIZE];
	struct lvs_outcome outcome;
	uint32_t length = build(buffer + LVS_HEADROOM, source, source_port,
				destination, destination_port, flags);

	ck_assert_int_eq(lvs_balancer_input(
				 lvs_worker_balancer(
					 lvs_director_worker(director, worker)),
				 &outcome, buffer, LVS_HEADROOM, length, SIZE,
				 now),
			 0);
	return outcome;
}

static struct lvs_outcome from_client(uint16_t port, uint8_t flags)
{
	return packet(0, "198.51.100.7", port, "192.0.2.1", 80, flags);
}

static uint64_t dest_option(uint16_t port, const char *dest_addr,
			    uint16_t dest_port, int option)
{
	struct lvs_addr addr = address("192.0.2.1");
	struct lvs_addr server = address(dest_addr);
	const struct lvs_service *service =
		lvs_director_find_service(director, &addr, port, LVS_TCP);
	uint64_t value = UINT64_MAX;

	ck_assert_ptr_nonnull(service);
	ck_assert_int_eq(lvs_dest_get(lvs_service_find_dest(service, &server,
							    dest_port),
				      option, &value),
			 0);
	return value;
}

/* ---- servers */

static int listen_at(uint16_t *port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons(*port)};
	socklen_t length = sizeof(in);
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	getsockname(fd, (struct sockaddr *)&in, &length);
	*port = ntohs(in.sin_port);
	return fd;
}

/* ---- facts */

START_TEST(a_model_becomes_what_runs)
{
	struct lvs_outcome outcome;

	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	ck_assert_int_eq(apply(), 1);
	outcome = from_client(1000, SYN);
	ck_assert_uint_eq(outcome.verdict, LVS_FORWARD);
	ck_assert_uint_eq(dest_option(80, "10.0.0.1", 8080, LVS_DEST_ACTIVE) +
				  dest_option(80, "10.0.0.1", 8080,
					      LVS_DEST_INACTIVE),
			  1);
	ck_assert_uint_eq(
		packet(0, "198.51.100.7", 1, "192.0.2.1", 81, SYN).verdict,
		LVS_PASS);
}
END_TEST

static void note_home(void *user, const char *line)
{
	strncat(user, line, 200);
	strcat(user, "\n");
}

static void plan_service(struct lvs_model *plan, const char *addr,
			 uint16_t port)
{
	struct lvs_addr where = address(addr);
	struct lvs_service *service;

	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_address(service, &where, port,
						 LVS_TCP),
			 0);
	ck_assert_int_eq(lvs_model_add_service(plan, service), 0);
}

START_TEST(homes_of_virtual_addresses_are_told_once_each)
{
	struct lvs_model *plan;
	struct lvs_addr addr;
	char told[1000] = "";

	ck_assert_int_eq(lvs_model_new(&plan), 0);
	plan_service(plan, "192.0.2.76", 80);
	plan_service(plan, "192.0.2.76", 443);
	plan_service(plan, "192.0.2.77", 80);
	ck_assert_int_eq(lvs_director_homes(plan, NULL, NULL), -EINVAL);
	if (lvs_director_homes(plan, note_home, told) != -ENOENT) {
		/* two endpoints, one address */
		ck_assert_ptr_eq(strstr(told, "virtual address 192.0.2.76 "
					      "will be added to "),
				 told);
		ck_assert_ptr_null(strstr(told + 20, "192.0.2.76"));
		ck_assert_ptr_nonnull(strstr(told, "\nvirtual address "
						   "192.0.2.77 will be added "
						   "to "));
		told[0] = '\0';
		addr = address("127.0.0.1");
		ck_assert_int_eq(
			lvs_service_add_dest(lvs_model_next_service(plan, NULL),
					     NULL, &addr, 80, 1),
			0);
		ck_assert_int_eq(lvs_director_homes(plan, note_home, told), 0);
		ck_assert_ptr_nonnull(strstr(told, "warning: 127.0.0.1 is an "
						   "address of this host"));
		told[0] = '\0';
		lvs_model_set(plan, LVS_MODEL_ADDRESSES, 0);
		ck_assert_int_eq(lvs_director_homes(plan, note_home, told), 0);
		ck_assert_ptr_nonnull(strstr(told, "192.0.2.77 is not on this "
						   "host\n"));
		told[0] = '\0';
		lvs_model_add_interface(plan, "nowhere0");
		ck_assert_int_eq(lvs_director_homes(plan, note_home, told), 0);
		ck_assert_ptr_nonnull(strstr(told, "192.0.2.77: an interface "
						   "that is named is not on "
						   "this host\n"));
	}
	told[0] = '\0';
	lvs_model_set_text(plan, LVS_MODEL_BACKEND, "none");
	ck_assert_int_eq(lvs_director_homes(plan, note_home, told), 0);
	ck_assert_str_eq(told, "");
	lvs_model_free(plan);
}
END_TEST

START_TEST(what_did_not_change_is_not_touched)
{
	struct lvs_model *running;
	struct lvs_event event;
	uint64_t conn;

	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	ck_assert_int_eq(apply(), 1);
	conn = from_client(1000, SYN).conn;
	drop_events();

	ck_assert_int_eq(apply(), 0);
	ck_assert_int_eq(lvs_director_pop_event(director, &event,
						sizeof(event)),
			 0);
	add_dest(80, "10.0.0.2", 8080);
	add_service(443);
	ck_assert_int_eq(apply(), 2);
	ck_assert_uint_eq(from_client(1000, ACK).conn, conn);
	/* the model that comes out is the one that went in */
	ck_assert_int_eq(lvs_director_model(director, &running), 0);
	ck_assert_int_eq(lvs_model_diff(running, model, NULL, 0), 0);
	lvs_model_free(running);
}
END_TEST

START_TEST(a_removed_service_is_not_served)
{
	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	ck_assert_int_eq(apply(), 1);
	ck_assert_uint_eq(from_client(1000, SYN).verdict, LVS_FORWARD);
	ck_assert_int_eq(lvs_model_remove_service(model, service_of(80)), 0);
	ck_assert_int_eq(apply(), 1);
	turn();
	ck_assert_uint_eq(from_client(1001, SYN).verdict, LVS_PASS);
	ck_assert_ptr_null(lvs_director_next_service(director, NULL));
	/* and may come back */
	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	ck_assert_int_eq(apply(), 1);
	ck_assert_uint_eq(from_client(1002, SYN).verdict, LVS_FORWARD);
	turn();
}
END_TEST

START_TEST(a_dest_changes_in_place)
{
	struct lvs_dest *dest;
	struct lvs_event event;

	add_service(80);
	dest = add_dest(80, "10.0.0.1", 8080);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_UPPER, 100), 0);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_LOWER, 50), 0);
	apply();
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_LOWER, 20), 0);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_UPPER, 40), 0);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_WEIGHT, 7), 0);
	drop_events();
	ck_assert_int_eq(apply(), 1);
	ck_assert_uint_eq(dest_option(80, "10.0.0.1", 8080, LVS_DEST_WEIGHT),
			  7);
	ck_assert_uint_eq(dest_option(80, "10.0.0.1", 8080, LVS_DEST_UPPER),
			  40);
	ck_assert_uint_eq(dest_option(80, "10.0.0.1", 8080, LVS_DEST_LOWER),
			  20);
	ck_assert(event_comes(LVS_EVENT_DEST_CHANGED, &event, 100));
	ck_assert_uint_eq(event.value, 7);
}
END_TEST

START_TEST(what_a_director_holds_is_changed_through_it_alone)
{
	struct lvs_addr addr = address("10.0.0.2");
	struct lvs_service *service;
	struct lvs_dest *dest;
	uint64_t value = 0;

	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	ck_assert_int_eq(apply(), 1);
	service = (struct lvs_service *)(uintptr_t)
		lvs_director_next_service(director, NULL);
	dest = lvs_service_next_dest(service, NULL);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_WEIGHT, 9), -EBUSY);
	ck_assert_int_eq(lvs_service_set(service, LVS_SERVICE_EXPIRE_NODEST, 1),
			 -EBUSY);
	ck_assert_int_eq(lvs_service_set_sched(service, "wrr"), -EBUSY);
	ck_assert_int_eq(lvs_service_add_dest(service, NULL, &addr, 80, 1),
			 -EBUSY);
	ck_assert_int_eq(lvs_service_remove_dest(service, dest), -EBUSY);
	/* nothing has changed, and the director's own way is open */
	ck_assert_int_eq(lvs_dest_get(dest, LVS_DEST_WEIGHT, &value), 0);
	ck_assert_uint_eq(value, 1);
	ck_assert_int_eq(lvs_dest_set(lvs_service_next_dest(service_of(80),
							    NULL),
				      LVS_DEST_WEIGHT, 9),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service_of(80), "wrr"), 0);
	ck_assert_int_eq(lvs_service_set(service_of(80),
					 LVS_SERVICE_EXPIRE_NODEST, 1),
			 0);
	add_dest(80, "10.0.0.2", 8080);
	ck_assert_int_eq(apply(), 3);
	ck_assert_int_eq(lvs_dest_get(dest, LVS_DEST_WEIGHT, &value), 0);
	ck_assert_uint_eq(value, 9);
	ck_assert_str_eq(lvs_service_get_sched(service), "wrr");
}
END_TEST

/* So many that the service has an index of them. */
static void add_many_dests(const char *sched)
{
	char name[32];

	ck_assert_int_eq(lvs_service_set_sched(add_service(80), sched), 0);
	for (int i = 1; i <= 100; i++) {
		snprintf(name, sizeof(name), "10.0.0.%d", i);
		add_dest(80, name, 8080);
	}
}

START_TEST(one_of_many_dests_changes_also_after_all_came_back)
{
	struct lvs_addr addr = address("10.0.0.70");
	struct lvs_event event;

	add_many_dests("rr");
	ck_assert_int_eq(apply(), 1);
	ck_assert_uint_eq(from_client(1000, SYN).verdict, LVS_FORWARD);
	ck_assert_int_eq(lvs_model_remove_service(model, service_of(80)), 0);
	ck_assert_int_eq(apply(), 1);
	/* no worker has let go of them: these are taken back */
	add_many_dests("wrr");
	ck_assert_int_eq(apply(), 1);
	ck_assert_uint_eq(from_client(1000, ACK).verdict, LVS_FORWARD);
	ck_assert_int_eq(lvs_dest_set(lvs_service_find_dest(service_of(80),
							    &addr, 8080),
				      LVS_DEST_DRAIN, 1),
			 0);
	drop_events();
	ck_assert_int_eq(apply(), 1);
	ck_assert_uint_eq(dest_option(80, "10.0.0.70", 8080, LVS_DEST_DRAIN),
			  1);
	ck_assert(event_comes(LVS_EVENT_DEST_DRAINED, &event, 1000));
	ck_assert_uint_eq(event.dest.bytes[3], 70);
	lvs_model_remove_dest(model, service_of(80),
			      lvs_service_find_dest(service_of(80), &addr,
						    8080));
	ck_assert_int_eq(apply(), 1);
}
END_TEST

START_TEST(a_setting_that_needs_a_restart_is_refused_whole)
{
	struct lvs_event event;

	add_service(80);
	ck_assert_int_eq(lvs_model_set(model, LVS_MODEL_WORKERS, 2), 0);
	ck_assert_int_eq(apply(), -EBUSY);
	ck_assert_str_eq(message, "workers 2 needs a restart (1 runs)");
	ck_assert_ptr_null(lvs_director_next_service(director, NULL));
	ck_assert(event_comes(LVS_EVENT_REFUSED, &event, 100));
}
END_TEST

START_TEST(a_reload_keeps_what_was_changed_by_other_means)
{
	struct lvs_model *rules;
	struct lvs_addr addr = address("192.0.2.1");

	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	ck_assert_int_eq(lvs_director_reload(director, model, NULL, 0, now), 1);
	/* a rule adds a dest that the file does not know */
	ck_assert_int_eq(lvs_director_model(director, &rules), 0);
	ck_assert_int_eq(
		lvs_service_add_dest(
			lvs_model_find_service(rules, &addr, 80, LVS_TCP), NULL,
			&(struct lvs_addr){LVS_IPV4, {10, 0, 0, 9}}, 80, 3),
		0);
	ck_assert_int_eq(lvs_director_apply(director, rules, NULL, 0, now), 1);
	lvs_model_free(rules);
	/* the file is read again with one more service */
	add_service(443);
	ck_assert_int_eq(lvs_director_reload(director, model, NULL, 0, now), 1);
	ck_assert_uint_eq(dest_option(80, "10.0.0.9", 80, LVS_DEST_WEIGHT), 3);
	/* what leaves the file leaves the node */
	ck_assert_int_eq(lvs_model_remove_service(model, service_of(443)), 0);
	ck_assert_int_eq(lvs_director_reload(director, model, NULL, 0, now), 1);
	ck_assert_ptr_null(
		lvs_director_find_service(director, &addr, 443, LVS_TCP));
}
END_TEST

START_TEST(a_closed_server_goes_down_and_comes_back)
{
	struct lvs_event event;
	uint16_t port = 0;
	int server = listen_at(&port);
	struct lvs_dest *dest;

	add_service(80);
	dest = add_dest(80, "127.0.0.1", port);
	add_check(80, dest, true);
	now = clock_now();
	ck_assert_int_eq(apply(), 1);
	/* taken for up until proven down */
	ck_assert_uint_eq(from_client(1000, SYN).verdict, LVS_FORWARD);
	ck_assert(!event_comes(LVS_EVENT_DEST_DOWN, &event, 200));
	close(server);
	ck_assert(event_comes(LVS_EVENT_DEST_DOWN, &event, 2000));
	ck_assert_uint_eq(event.cause, LVS_CAUSE_REFUSED);
	ck_assert_uint_eq(event.level, LVS_LOG_WARNING);
	ck_assert_uint_eq(event.dest_port, port);
	ck_assert_uint_eq(from_client(1001, SYN).reason, LVS_REASON_NO_DEST);
	server = listen_at(&port);
	ck_assert(event_comes(LVS_EVENT_DEST_UP, &event, 2000));
	ck_assert_uint_eq(event.level, LVS_LOG_NOTICE);
	ck_assert_uint_eq(from_client(1002, SYN).verdict, LVS_FORWARD);
	close(server);
}
END_TEST

START_TEST(an_unproven_server_gets_nothing)
{
	struct lvs_event event;
	uint16_t port = 0;
	int server = listen_at(&port);

	add_service(80);
	add_check(80, add_dest(80, "127.0.0.1", port), false);
	now = clock_now();
	ck_assert_int_eq(apply(), 1);
	ck_assert_uint_eq(from_client(1000, SYN).reason, LVS_REASON_NO_DEST);
	ck_assert(event_comes(LVS_EVENT_DEST_UP, &event, 2000));
	ck_assert_uint_eq(from_client(1001, SYN).verdict, LVS_FORWARD);
	close(server);
}
END_TEST

START_TEST(a_reload_does_not_switch_a_dead_server_on)
{
	struct lvs_event event;
	uint16_t port = 0;
	int server = listen_at(&port);
	struct lvs_dest *dest;
	struct lvs_check *check;

	add_service(80);
	dest = add_dest(80, "127.0.0.1", port);
	add_check(80, dest, true);
	close(server);
	now = clock_now();
	apply();
	ck_assert(event_comes(LVS_EVENT_DEST_DOWN, &event, 2000));
	/* untouched, and then with other checks: it stays down */
	add_service(443);
	ck_assert_int_eq(apply(), 1);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 1);
	check = lvs_model_get_check(model, dest, 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_INTERVAL, 60), 0);
	ck_assert_int_eq(apply(), 1);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 1);
	ck_assert(!event_comes(LVS_EVENT_DEST_UP, &event, 300));
	server = listen_at(&port);
	ck_assert(event_comes(LVS_EVENT_DEST_UP, &event, 2000));
	close(server);
}
END_TEST

/* The line of an event about the service of port 80, "" for none. */
static const char *alarm_line(uint32_t kind, uint64_t limit)
{
	static char text[160];
	struct lvs_event event;

	text[0] = '\0';
	if (event_comes(kind, &event, limit)) {
		ck_assert_uint_eq(event.level, kind == LVS_EVENT_SERVICE_DOWN
						       ? LVS_LOG_ERROR
						       : LVS_LOG_NOTICE);
		ck_assert_int_eq(event.dest.family, LVS_FAMILY_NONE);
		lvs_event_format(&event, text, sizeof(text));
	}
	return text;
}

START_TEST(a_dest_s_line_says_its_method)
{
	struct lvs_event event;
	struct lvs_dest *dest;
	char text[160];

	add_service(80);
	apply();
	dest = add_dest(80, "10.0.0.2", 80);
	lvs_dest_set(dest, LVS_DEST_METHOD, LVS_DR);
	apply();
	ck_assert(event_comes(LVS_EVENT_DEST_ADDED, &event, 100));
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, " added: dr, weight 1"));
	lvs_dest_set(dest, LVS_DEST_METHOD, LVS_NAT);
	lvs_dest_set(dest, LVS_DEST_UPPER, 9);
	apply();
	ck_assert(event_comes(LVS_EVENT_DEST_CHANGED, &event, 100));
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, " changed: weight 1, now nat, "
					   "other thresholds"));
}
END_TEST

START_TEST(the_last_server_s_death_is_an_alarm)
{
	uint16_t port = 0, other = 0;
	int fd = listen_at(&port), second = listen_at(&other);

	add_service(80);
	add_check(80, add_dest(80, "127.0.0.1", port), true);
	add_check(80, add_dest(80, "127.0.0.1", other), true);
	lvs_model_set_service(model, service_of(80), LVS_SETTING_INHIBIT, 1);
	now = clock_now();
	apply();
	close(fd);
	ck_assert_str_eq(alarm_line(LVS_EVENT_SERVICE_DOWN, 500), "");
	close(second);
	ck_assert_str_eq(alarm_line(LVS_EVENT_SERVICE_DOWN, 2000),
			 "tcp 192.0.2.1:80 has no server left");
	ck_assert_str_eq(alarm_line(LVS_EVENT_SERVICE_DOWN, 200), "");
	fd = listen_at(&port);
	ck_assert_str_eq(alarm_line(LVS_EVENT_SERVICE_UP, 2000),
			 "tcp 192.0.2.1:80 has a server again");
	close(fd);
}
END_TEST

START_TEST(a_service_without_servers_by_hand_is_an_alarm)
{
	struct lvs_addr server = address("10.0.0.2");
	struct lvs_dest *dest;

	add_service(80);
	apply(); /* nobody has missed one yet */
	dest = add_dest(80, "10.0.0.2", 80);
	lvs_dest_set(dest, LVS_DEST_WEIGHT, 0);
	apply();
	ck_assert_str_eq(alarm_line(LVS_EVENT_SERVICE_DOWN, 50), "");
	lvs_dest_set(dest, LVS_DEST_WEIGHT, 1);
	apply();
	ck_assert_str_eq(alarm_line(LVS_EVENT_SERVICE_UP, 50), "");
	lvs_dest_set(dest, LVS_DEST_WEIGHT, 0);
	apply();
	ck_assert_str_ne(alarm_line(LVS_EVENT_SERVICE_DOWN, 100), "");
	lvs_dest_set(dest, LVS_DEST_WEIGHT, 1);
	apply();
	ck_assert_str_ne(alarm_line(LVS_EVENT_SERVICE_UP, 100), "");
	lvs_dest_set(dest, LVS_DEST_DRAIN, 1);
	apply();
	ck_assert_str_ne(alarm_line(LVS_EVENT_SERVICE_DOWN, 100), "");
	lvs_dest_set(dest, LVS_DEST_DRAIN, 0);
	apply();
	ck_assert_str_ne(alarm_line(LVS_EVENT_SERVICE_UP, 100), "");
	lvs_service_remove_dest(service_of(80),
				lvs_service_find_dest(service_of(80), &server,
						      80));
	apply();
	ck_assert_str_ne(alarm_line(LVS_EVENT_SERVICE_DOWN, 100), "");
}
END_TEST

START_TEST(a_service_that_starts_with_dead_servers_is_an_alarm)
{
	uint16_t port = 0;

	close(listen_at(&port));
	add_service(80);
	add_check(80, add_dest(80, "127.0.0.1", port), false);
	now = clock_now();
	apply();
	ck_assert_str_ne(alarm_line(LVS_EVENT_SERVICE_DOWN, 2000), "");
}
END_TEST

START_TEST(a_dest_is_up_when_all_its_checks_are)
{
	struct lvs_event event;
	uint16_t port = 0, other = 0;
	int server = listen_at(&port), second = listen_at(&other);
	struct lvs_addr loopback = address("127.0.0.1");
	struct lvs_dest *dest;

	add_service(80);
	dest = add_dest(80, "127.0.0.1", port);
	add_check(80, dest, true);
	add_check(80, dest, true);
	ck_assert_int_eq(lvs_check_set_target(lvs_model_get_check(model, dest,
								  1),
					      &loopback, other),
			 0);
	now = clock_now();
	apply();
	close(second);
	ck_assert(event_comes(LVS_EVENT_DEST_DOWN, &event, 2000));
	/* no check any more: always up */
	ck_assert_int_eq(lvs_model_remove_service(model, service_of(80)), 0);
	add_service(80);
	add_dest(80, "127.0.0.1", port);
	apply();
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 0);
	close(server);
}
END_TEST

static unsigned int count_probes(void)
{
	const struct lvs__list *node;
	unsigned int count = 0;

	for (size_t i = 0; i < LVS__BUCKETS; i++)
		for (node = director->probes[i].next;
		     node != &director->probes[i]; node = node->next)
			count++;
	return count;
}

START_TEST(equal_checks_are_one_probe)
{
	struct lvs_event event;
	uint16_t port = 0;
	int server = listen_at(&port);

	for (uint16_t service = 80; service < 90; service++) {
		add_service(service);
		add_check(service, add_dest(service, "127.0.0.1", port), true);
	}
	now = clock_now();
	ck_assert_int_eq(apply(), 10);
	ck_assert_uint_eq(count_probes(), 1);
	close(server);
	for (int i = 0; i < 10; i++)
		ck_assert(event_comes(LVS_EVENT_DEST_DOWN, &event, 2000));
	for (uint16_t service = 80; service < 90; service++)
		lvs_model_remove_service(model, service_of(service));
	ck_assert_int_eq(apply(), 10);
	ck_assert_uint_eq(count_probes(), 0);
}
END_TEST

START_TEST(new_checks_that_take_a_dest_out_say_why)
{
	struct lvs_event event;
	uint16_t port = 0;
	int server = listen_at(&port);
	char text[128];

	close(server);
	add_service(80);
	add_service(81);
	add_check(80, add_dest(80, "127.0.0.1", port), true);
	add_dest(81, "127.0.0.1", port);
	now = clock_now();
	ck_assert_int_eq(apply(), 2);
	ck_assert(event_comes(LVS_EVENT_DEST_DOWN, &event, 2000));
	/* the check that 81 gets now runs already, and is down */
	add_check(81, lvs_service_find_dest(service_of(81), &event.dest, port),
		  true);
	ck_assert_int_eq(apply(), 1);
	ck_assert(event_comes(LVS_EVENT_DEST_DOWN, &event, 2000));
	ck_assert_uint_eq(event.virtual_port, 81);
	ck_assert_uint_eq(event.cause, LVS_CAUSE_REFUSED);
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, " down: refused"));
	/* and without it nothing says that it is down */
	lvs_model_remove_service(model, service_of(81));
	add_service(81);
	add_dest(81, "127.0.0.1", port);
	ck_assert_int_eq(apply(), 1);
	ck_assert(event_comes(LVS_EVENT_DEST_UP, &event, 2000));
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, " up: no check says otherwise"));
}
END_TEST

START_TEST(a_fault_of_our_own_is_told_once_a_minute)
{
	struct rlimit limit, none;
	struct lvs_event event;
	uint16_t port = 0;
	int fd = listen_at(&port), free_fd;
	char text[256];

	add_service(80);
	add_check(80, add_dest(80, "127.0.0.1", port), true);
	apply();
	free_fd = dup(fd);
	close(free_fd);
	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = (rlim_t)free_fd;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
	ck_assert(event_comes(LVS_EVENT_LOCAL_FAULT, &event, 2000));
	ck_assert_uint_ge(event.value, 1);
	ck_assert_uint_eq(event.level, LVS_LOG_WARNING);
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_ptr_nonnull(strstr(text, " could not run: a fault of this "
					   "host"));
	ck_assert_ptr_nonnull(strstr(text, "nothing about the servers"));
	ck_assert_str_eq(lvs_event_name((int)event.kind), "local_fault");
	/* it goes on, in silence, and nobody is taken out */
	ck_assert(!event_comes(LVS_EVENT_LOCAL_FAULT, &event, 300));
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 0);
	lvs_director_dispatch(director, now + 60001, 0);
	do {
		ck_assert_int_eq(lvs_director_pop_event(director, &event,
							sizeof(event)),
				 1);
	} while (event.kind != LVS_EVENT_LOCAL_FAULT);
	ck_assert_uint_ge(event.value, 2);
	setrlimit(RLIMIT_NOFILE, &limit);
	close(fd);
}
END_TEST

START_TEST(a_server_without_a_route_is_told_by_its_name)
{
	struct lvs_event event;
	struct lvs_dest_health health = {0};
	struct lvs_service *service;
	struct lvs_addr addr = address("192.0.2.1");
	struct lvs_addr server = address("203.0.113.9");
	char text[160];

	if (unshare(CLONE_NEWNET) < 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return; /* no namespaces here */
	add_service(80);
	add_check(80, add_dest(80, "203.0.113.9", 80), true);
	now = clock_now();
	apply();
	ck_assert(event_comes(LVS_EVENT_DEST_UNCHECKED, &event, 2000));
	ck_assert_uint_eq(event.level, LVS_LOG_WARNING);
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_str_eq(text, "tcp 192.0.2.1:80 -> 203.0.113.9:80 unchecked: "
			       "no route from this host; it stays what it was");
	ck_assert(!event_comes(LVS_EVENT_LOCAL_FAULT, &event, 200));
	service = (struct lvs_service *)(uintptr_t)
		lvs_director_find_service(director, &addr, 80, LVS_TCP);
	ck_assert_int_eq(lvs_director_dest_health(
				 director,
				 lvs_service_find_dest(service, &server, 80),
				 &health, sizeof(health)),
			 0);
	ck_assert_uint_eq(health.state, LVS_DEST_STATE_UNCHECKED);
	ck_assert_uint_eq(health.cause, LVS_CAUSE_NO_ROUTE);
	ck_assert_uint_eq(dest_option(80, "203.0.113.9", 80, LVS_DEST_DOWN), 0);
}
END_TEST

static struct lvs_dest_health health_of(const char *server, uint16_t port)
{
	struct lvs_addr addr = address("192.0.2.1"), a = address(server);
	struct lvs_dest_health health = {0};

	ck_assert_int_eq(lvs_director_dest_health(
				 director,
				 lvs_service_find_dest(
					 lvs_director_find_service(
						 director, &addr, 80, LVS_TCP),
					 &a, port),
				 &health, sizeof(health)),
			 0);
	return health;
}

START_TEST(a_dests_state_is_a_word_with_its_cause)
{
	struct lvs_dest_health health;
	struct lvs_event event;
	uint16_t port = 0;
	int server = listen_at(&port);
	struct lvs_dest *up;

	add_service(80);
	up = add_dest(80, "127.0.0.1", port);
	add_check(80, up, false);
	add_dest(80, "127.0.0.2", 80);
	lvs_dest_set(add_dest(80, "127.0.0.3", 80), LVS_DEST_WEIGHT, 0);
	lvs_dest_set(add_dest(80, "127.0.0.4", 80), LVS_DEST_DRAIN, 1);
	now = clock_now();
	apply();
	ck_assert_uint_eq(health_of("127.0.0.1", port).state,
			  LVS_DEST_STATE_CHECKING);
	health = health_of("127.0.0.2", 80);
	ck_assert_uint_eq(health.state, LVS_DEST_STATE_UP);
	ck_assert_uint_eq(health.checked, 0);
	ck_assert_uint_eq(health.cause, LVS_CAUSE_NONE);
	ck_assert_uint_eq(health_of("127.0.0.3", 80).state,
			  LVS_DEST_STATE_QUIESCENT);
	ck_assert_uint_eq(health_of("127.0.0.4", 80).state,
			  LVS_DEST_STATE_DRAINING);
	ck_assert(event_comes(LVS_EVENT_DEST_DRAINED, &event, 2000));
	ck_assert_uint_eq(health_of("127.0.0.4", 80).state,
			  LVS_DEST_STATE_DRAINED);
	while (health_of("127.0.0.1", port).state != LVS_DEST_STATE_UP)
		ck_assert(event_comes(LVS_EVENT_DEST_UP, &event, 2000));
	health = health_of("127.0.0.1", port);
	ck_assert_uint_eq(health.checked, 1);
	ck_assert_uint_eq(health.cause, LVS_CAUSE_OK);
	ck_assert_uint_ge(health.since, 1);
	ck_assert_str_eq(lvs_dest_state_name((int)health.state), "up");
	ck_assert_str_eq(lvs_dest_state_name(LVS_DEST_STATE_OVERLOAD),
			 "overload");
	ck_assert_str_eq(lvs_dest_state_name(0), "unknown");
	ck_assert_str_eq(lvs_dest_state_name(9), "unknown");
	/* the model's is another dest, that does not run */
	ck_assert_int_eq(lvs_director_dest_health(director, up, &health,
						  sizeof(health)),
			 -ENOENT);
	ck_assert_int_eq(lvs_director_dest_health(director, NULL, &health, 1),
			 -EINVAL);
	ck_assert_int_eq(lvs_director_dest_health(director, up, NULL, 1),
			 -EINVAL);
	close(server);
}
END_TEST

START_TEST(resets_take_a_nat_server_out_at_once)
{
	struct lvs_event event;
	char text[160];
	uint16_t port = 0;
	int server = listen_at(&port);
	struct lvs_dest *dest;

	add_service(80);
	dest = add_dest(80, "127.0.0.1", port);
	add_check(80, dest, true);
	ck_assert_int_eq(lvs_check_set(lvs_model_get_check(model, dest, 0),
				       LVS_CHECK_INTERVAL, 60000),
			 0);
	/* a window of ten seconds: nobody waits for its next sample */
	ck_assert_int_eq(lvs_model_set_service(model, service_of(80),
					       LVS_SETTING_RESET_INTERVAL,
					       10000),
			 0);
	now = clock_now();
	apply();
	ck_assert(!event_comes(LVS_EVENT_DEST_DOWN, &event, 300));
	for (uint16_t i = 0; i < 3; i++) {
		from_client((uint16_t)(2000 + i), SYN);
		packet(0, "127.0.0.1", port, "198.51.100.7",
		       (uint16_t)(2000 + i), RST | ACK);
	}
	ck_assert(event_comes(LVS_EVENT_DEST_DOWN, &event, 200));
	ck_assert_uint_eq(event.cause, LVS_CAUSE_FORCED);
	ck_assert_int_gt(lvs_event_format(&event, text, sizeof(text)), 0);
	ck_assert_ptr_nonnull(strstr(text, " down: resets to clients"));
	ck_assert_str_eq(lvs_check_cause_name((int)event.cause), "forced");
	close(server);
}
END_TEST

START_TEST(resets_do_not_take_out_what_nothing_brings_back)
{
	struct lvs_event event;

	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	now = clock_now();
	apply();
	for (uint16_t i = 0; i < 10; i++) {
		from_client((uint16_t)(2000 + i), SYN);
		packet(0, "10.0.0.1", 8080, "198.51.100.7",
		       (uint16_t)(2000 + i), RST | ACK);
	}
	ck_assert(!event_comes(LVS_EVENT_DEST_DOWN, &event, 600));
}
END_TEST

/* So many SYNs of new clients, each answered by a reset. */
static void reset_clients(uint16_t count, uint16_t port)
{
	static uint16_t client = 3000;

	for (; count > 0; count--, client++) {
		from_client(client, SYN);
		packet(0, "127.0.0.1", port, "198.51.100.7", client, RST | ACK);
	}
}

/* A server that listens and whose check rarely looks. */
static struct lvs_dest *calm_server(int *fd, uint16_t *port)
{
	*fd = listen_at(port);
	now = clock_now();
	add_service(80);
	return add_dest(80, "127.0.0.1", *port);
}

static void check_calmly(struct lvs_dest *dest)
{
	add_check(80, dest, true);
	ck_assert_int_eq(lvs_check_set(lvs_model_get_check(model, dest, 0),
				       LVS_CHECK_INTERVAL, 60000),
			 0);
}

/* A step of the node's loop without waiting. */
static void step_to(uint64_t at)
{
	now = at;
	turn();
}

START_TEST(resets_before_its_check_take_no_server_out)
{
	struct lvs_dest *dest;
	uint16_t port = 0;
	int server;

	dest = calm_server(&server, &port);
	apply();
	step_to(now + 50);
	reset_clients(9, port);
	step_to(now + 50);
	/* a reload gives it a check */
	check_calmly(dest);
	apply();
	step_to(now + 50);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 0);
	/* and the check is judged from then on */
	reset_clients(3, port);
	step_to(now + 50);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 1);
	close(server);
}
END_TEST

/* Those that answer connections of its time with NAT neither. */
START_TEST(resets_take_no_direct_routing_server_out)
{
	struct lvs_dest *dest;
	uint16_t port = 0;
	int server;

	dest = calm_server(&server, &port);
	check_calmly(dest);
	apply();
	step_to(now + 50);
	for (uint16_t i = 0; i < 9; i++)
		from_client((uint16_t)(2000 + i), SYN);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_METHOD, LVS_DR), 0);
	ck_assert_int_eq(apply(), 1);
	step_to(now + 50);
	for (uint16_t i = 0; i < 9; i++)
		packet(0, "127.0.0.1", port, "198.51.100.7",
		       (uint16_t)(2000 + i), RST | ACK);
	step_to(now + 50);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 0);
	close(server);
}
END_TEST

START_TEST(resets_while_nobody_counts_take_no_server_out)
{
	struct lvs_dest *dest;
	uint16_t port = 0;
	int server;

	dest = calm_server(&server, &port);
	check_calmly(dest);
	lvs_model_set_service(model, service_of(80), LVS_SETTING_RESETS, 0);
	apply();
	reset_clients(9, port);
	step_to(now + 5000);
	/* a reload counts again */
	lvs_model_set_service(model, service_of(80), LVS_SETTING_RESETS, 3);
	apply();
	step_to(now + 50);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 0);
	close(server);
}
END_TEST

START_TEST(resets_of_a_longer_interval_take_no_server_out)
{
	struct lvs_dest *dest;
	uint16_t port = 0;
	int server;

	dest = calm_server(&server, &port);
	check_calmly(dest);
	lvs_model_set_service(model, service_of(80), LVS_SETTING_RESET_INTERVAL,
			      60000);
	lvs_model_set_service(model, service_of(80), LVS_SETTING_RESETS, 5);
	apply();
	step_to(now + 50);
	reset_clients(4, port);
	step_to(now + 5000);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 0);
	lvs_model_set_service(model, service_of(80), LVS_SETTING_RESET_INTERVAL,
			      1000);
	apply();
	reset_clients(1, port);
	step_to(now + 50);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 0);
	/* the new interval holds at once */
	reset_clients(4, port);
	step_to(now + 50);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 1);
	close(server);
}
END_TEST

START_TEST(resets_of_a_pause_take_no_server_out)
{
	struct lvs_dest *dest;
	uint16_t port = 0;
	int server;

	dest = calm_server(&server, &port);
	check_calmly(dest);
	apply();
	step_to(now + 50);
	reset_clients(2, port);
	/* the node did not run, and comes back with one more */
	now += 5000;
	reset_clients(1, port);
	step_to(now);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 0);
	/* within the interval, a sample late: they count */
	reset_clients(2, port);
	step_to(now + 300);
	reset_clients(1, port);
	step_to(now + 300);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 1);
	close(server);
}
END_TEST

START_TEST(a_draining_dest_ends_when_its_last_client_does)
{
	struct lvs_event event;
	struct lvs_dest *dest;
	char text[128];

	add_service(80);
	dest = add_dest(80, "10.0.0.1", 8080);
	now = clock_now();
	apply();
	from_client(1000, SYN);
	packet(0, "10.0.0.1", 8080, "198.51.100.7", 1000, SYN | ACK);
	from_client(1000, ACK);
	ck_assert_uint_eq(dest_option(80, "10.0.0.1", 8080, LVS_DEST_ACTIVE),
			  1);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_DRAIN, 1), 0);
	ck_assert_int_eq(apply(), 1);
	ck_assert(event_comes(LVS_EVENT_DEST_DRAINING, &event, 100));
	ck_assert_uint_eq(event.value, 1);
	ck_assert_uint_eq(from_client(1001, SYN).reason, LVS_REASON_NO_DEST);
	ck_assert_uint_eq(from_client(1000, ACK).verdict, LVS_FORWARD);
	ck_assert(!event_comes(LVS_EVENT_DEST_DRAINED, &event, 400));
	from_client(1000, RST);
	ck_assert(event_comes(LVS_EVENT_DEST_DRAINED, &event, 1000));
	/* said once */
	ck_assert(!event_comes(LVS_EVENT_DEST_DRAINED, &event, 400));
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_DRAIN, 0), 0);
	ck_assert_int_eq(apply(), 1);
	ck_assert(event_comes(LVS_EVENT_DEST_UNDRAINED, &event, 100));
	ck_assert_uint_eq(event.value, 1);
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_str_eq(text, "tcp 192.0.2.1:80 -> 10.0.0.1:8080 undrained: "
			       "weight 1");
	ck_assert_uint_eq(from_client(1002, SYN).verdict, LVS_FORWARD);
}
END_TEST

START_TEST(a_dead_dest_with_inhibit_has_weight_0)
{
	struct lvs_event event;
	uint16_t port = 0;
	int server = listen_at(&port);
	struct lvs_service *service = add_service(80);

	ck_assert_int_eq(lvs_model_set_service(model, service,
					       LVS_SETTING_INHIBIT, 1),
			 0);
	add_check(80, add_dest(80, "127.0.0.1", port), true);
	now = clock_now();
	apply();
	close(server);
	ck_assert(event_comes(LVS_EVENT_DEST_DOWN, &event, 2000));
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_WEIGHT),
			  0);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 0);
	ck_assert_int_eq(lvs_model_set_service(model, service,
					       LVS_SETTING_INHIBIT, 0),
			 0);
	ck_assert_int_eq(apply(), 1);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_WEIGHT),
			  1);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN), 1);
}
END_TEST

START_TEST(lost_events_leave_a_gap)
{
	struct lvs_event event;
	uint64_t number = 0, count = 0;

	for (uint16_t port = 1; port <= 2000; port++)
		add_service(port);
	ck_assert_int_eq(apply(), 2000);
	while (lvs_director_pop_event(director, &event, sizeof(event)) == 1) {
		ck_assert(number == 0 || event.number == number + 1);
		number = event.number;
		count++;
	}
	ck_assert_uint_eq(number, 2000);
	ck_assert_uint_lt(count, 2000);
	ck_assert_uint_ge(count, 1024);
}
END_TEST

START_TEST(every_event_of_a_server_has_its_words)
{
	static const struct {
		uint32_t kind;
		const char *name;
		const char *words;
	} kinds[] = {
		{LVS_EVENT_DEST_ADDED, "dest_added", " added: nat, weight 2"},
		{LVS_EVENT_DEST_CHANGED, "dest_changed", " changed: weight 2"},
		{LVS_EVENT_DEST_REMOVED, "dest_removed", " removed"},
		{LVS_EVENT_DEST_UP, "dest_up", " up: no check says otherwise"},
		{LVS_EVENT_DEST_DOWN, "dest_down",
		 " down: its check has not succeeded yet"},
		{LVS_EVENT_DEST_DRAINING, "dest_draining",
		 " draining: 2 active"},
		{LVS_EVENT_DEST_DRAINED, "dest_drained", " drained"},
		{LVS_EVENT_DEST_UNDRAINED, "dest_undrained",
		 " undrained: weight 2"},
		{LVS_EVENT_DEST_UNCHECKED, "dest_unchecked",
		 " unchecked: no route from this host; it stays what it was"},
		{LVS_EVENT_DEST_CHECKED, "dest_checked", " is checked again"},
	};
	const char *head = "tcp 192.0.2.1:80 -> 10.0.0.1:8080";
	char text[160];

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct lvs_event event = {
			.kind = kinds[i].kind,
			.protocol = LVS_TCP,
			.virtual_addr = address("192.0.2.1"),
			.virtual_port = 80,
			.dest = address("10.0.0.1"),
			.dest_port = 8080,
			.method = LVS_NAT,
			.value = 2,
		};

		ck_assert_str_eq(lvs_event_name((int)event.kind),
				 kinds[i].name);
		ck_assert_int_gt(lvs_event_format(&event, text, sizeof(text)),
				 0);
		ck_assert_int_eq(strncmp(text, head, strlen(head)), 0);
		ck_assert_str_eq(text + strlen(head), kinds[i].words);
	}
}
END_TEST

START_TEST(an_event_reads_as_a_line)
{
	struct lvs_event event = {
		.kind = LVS_EVENT_DEST_DOWN,
		.protocol = LVS_TCP,
		.virtual_addr = address("192.0.2.1"),
		.virtual_port = 80,
		.dest = address("2001:db8::3"),
		.dest_port = 8080,
		.cause = LVS_CAUSE_REFUSED,
	};
	char text[128];

	ck_assert_int_eq(lvs_event_format(&event, text, sizeof(text)), 52);
	ck_assert_str_eq(
		text, "tcp 192.0.2.1:80 -> [2001:db8::3]:8080 down: refused");
	ck_assert_int_eq(lvs_event_format(&event, text, 4), 52);
	ck_assert_str_eq(text, "tcp");
	event.kind = LVS_EVENT_RELOADED;
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_str_eq(text, "reloaded: nothing changed");
	event.value = 1;
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_str_eq(text, "reloaded: 1 change");
	event.kind = LVS_EVENT_REFUSED;
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_str_eq(text, "a change was refused, and its caller told why; "
			       "what ran before goes on");
	ck_assert_str_eq(lvs_event_name(LVS_EVENT_DEST_DOWN), "dest_down");
	ck_assert_str_eq(lvs_event_name(-1), "unknown");
}
END_TEST

START_TEST(zero_is_what_readers_subtract)
{
	uint64_t counts[LVS_REASONS];
	struct lvs_balancer_stats stats;
	struct lvs_lane_stats lane;

	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	apply();
	from_client(1000, SYN);
	ck_assert_int_eq(lvs_director_reasons(director, counts, LVS_REASONS),
			 LVS_REASONS);
	ck_assert_uint_eq(counts[LVS_REASON_FORWARDED], 1);
	ck_assert_int_eq(lvs_director_zero(director, NULL), 0);
	lvs_director_reasons(director, counts, LVS_REASONS);
	ck_assert_uint_eq(counts[LVS_REASON_FORWARDED], 0);
	ck_assert_int_eq(lvs_director_balancer_stats(director, 0, &stats,
						     sizeof(stats)),
			 0);
	ck_assert_uint_eq(stats.forwarded, 1);
	ck_assert_int_eq(lvs_director_balancer_stats(director, 1, &stats,
						     sizeof(stats)),
			 -ENOENT);
	memset(&lane, 1, sizeof(lane));
	ck_assert_int_eq(lvs_director_lane_stats(director, 0, &lane,
						 sizeof(lane)),
			 0);
	ck_assert_uint_eq(lane.received, 0);
}
END_TEST

START_TEST(a_workers_balancer_is_changed_by_its_director_alone)
{
	struct lvs_addr vip = address("192.0.2.77");
	struct lvs_service *own = NULL;
	struct lvs_balancer *balancer;

	balancer = lvs_worker_balancer(lvs_director_worker(director, 0));
	ck_assert_ptr_nonnull(balancer);
	ck_assert_int_eq(lvs_service_new(&own), 0);
	lvs_service_set_address(own, &vip, 80, LVS_TCP);
	lvs_service_set_sched(own, "rr");
	ck_assert_int_eq(lvs_balancer_add_service(balancer, own), -EBUSY);
	ck_assert_int_eq(lvs_balancer_remove_service(balancer, own), -EBUSY);
	ck_assert_int_eq(lvs_balancer_commit(balancer), -EBUSY);
	ck_assert_int_eq(lvs_balancer_set_timeout(balancer, LVS_STATE_UDP, 9),
			 -EBUSY);
	lvs_service_free(own);
}
END_TEST

START_TEST(explain_believes_the_worker_that_has_the_connection)
{
	struct lvs_explanation *explanation;
	uint8_t bytes[64];
	uint32_t length;

	teardown();
	setup_workers(2);
	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	apply();
	packet(1, "198.51.100.7", 1000, "192.0.2.1", 80, SYN);
	length = build(bytes, "198.51.100.7", 1000, "192.0.2.1", 80, ACK);
	ck_assert_int_eq(lvs_director_explain(director, &explanation, bytes,
					      length),
			 0);
	ck_assert_ptr_null(lvs_explanation_text(explanation));
	turn();
	ck_assert_ptr_nonnull(lvs_explanation_text(explanation));
	ck_assert_msg(strstr(lvs_explanation_text(explanation), "forward") !=
			      NULL,
		      "%s", lvs_explanation_text(explanation));
	lvs_explanation_free(explanation);
	/* one that is given up before the workers answered */
	ck_assert_int_eq(lvs_director_explain(director, &explanation, bytes,
					      length),
			 0);
	lvs_explanation_free(explanation);
	turn();
}
END_TEST

/* ---- two workers, each its own thread */

struct thread {
	pthread_t id;
	uint32_t index;
	uint32_t stop; /* __atomic */
	uint64_t packets;
};

static void *work(void *user)
{
	struct thread *t = user;
	struct lvs_worker *worker = lvs_director_worker(director, t->index);
	struct lvs_balancer *balancer = lvs_worker_balancer(worker);
	uint8_t buffer[SIZE];
	uint64_t seed = 99 + t->index;
	struct lvs_outcome outcome;
	char client[32];

	snprintf(client, sizeof(client), "198.51.100.%u", t->index + 1);
	while (__atomic_load_n(&t->stop, __ATOMIC_ACQUIRE) == 0) {
		lvs_worker_dispatch(worker, clock_now(), 0);
		for (int i = 0; i < 50; i++) {
			uint16_t port = (uint16_t)(1024 + below(&seed, 1000));
			uint32_t length = build(buffer + LVS_HEADROOM, client,
						port, "192.0.2.1", 80,
						below(&seed, 4) ? SYN : RST);

			lvs_balancer_input(balancer, &outcome, buffer,
					   LVS_HEADROOM, length, SIZE,
					   clock_now());
			t->packets++;
		}
	}
	return NULL;
}

static size_t list_all(void)
{
	struct lvs_listing *listing;
	struct lvs_flow flow;
	size_t count = 0;
	uint64_t end = clock_now() + 5000;
	int result;

	ck_assert_int_eq(lvs_director_list_conns(director, &listing), 0);
	while ((result = lvs_listing_next(listing, &flow, sizeof(flow))) != 0) {
		if (result == 1) {
			ck_assert_uint_eq(flow.virtual_port, 80);
			count++;
			continue;
		}
		ck_assert_int_eq(result, -EAGAIN);
		ck_assert(clock_now() < end);
		lvs_director_dispatch(director, clock_now(), 0);
	}
	lvs_listing_free(listing);
	return count;
}

START_TEST(two_workers_follow_while_all_changes)
{
	struct thread threads[2] = {{.index = 0}, {.index = 1}};
	struct lvs_listing *listing;
	struct lvs_balancer_stats stats;

	teardown();
	setup_workers(2);
	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	apply();
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&threads[i].id, NULL, work,
						&threads[i]),
				 0);
	for (int i = 0; i < 60; i++) {
		char name[32];
		struct lvs_dest *dest;

		now = clock_now();
		snprintf(name, sizeof(name), "10.0.1.%d", i % 7 + 1);
		dest = lvs_service_find_dest(
			service_of(80),
			&(struct lvs_addr){LVS_IPV4,
					   {10, 0, 1, (uint8_t)(i % 7 + 1)}},
			8080);
		if (dest != NULL)
			lvs_model_remove_dest(model, service_of(80), dest);
		else
			add_dest(80, name, 8080);
		ck_assert_int_eq(apply(), 1);
		lvs_director_dispatch(director, now, 0);
		(void)list_all();
		/* one that is given up in the middle */
		ck_assert_int_eq(lvs_director_list_conns(director, &listing),
				 0);
		lvs_listing_free(listing);
		lvs_director_balancer_stats(director, (uint32_t)i % 2, &stats,
					    sizeof(stats));
		if (i % 10 == 0)
			lvs_director_zero(director, NULL);
	}
	ck_assert_uint_gt(list_all(), 100);
	for (int i = 0; i < 2; i++) {
		__atomic_store_n(&threads[i].stop, 1, __ATOMIC_RELEASE);
		pthread_join(threads[i].id, NULL);
		ck_assert_uint_gt(threads[i].packets, 1000);
	}
	drop_events();
}
END_TEST

START_TEST(questions_outlive_the_node)
{
	struct lvs_explanation *explanation;
	struct lvs_listing *empty, *half;
	struct lvs_flow flow;
	uint8_t bytes[40];
	int count = 0;

	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	apply();
	turn();
	for (uint16_t i = 0; i < 300; i++)
		from_client((uint16_t)(1024 + i), SYN);
	ck_assert_int_eq(lvs_director_list_conns(director, &half), 0);
	turn();
	ck_assert_int_eq(lvs_listing_next(half, &flow, sizeof(flow)), 1);
	ck_assert_int_eq(lvs_director_list_conns(director, &empty), 0);
	build(bytes, "198.51.100.7", 1, "192.0.2.1", 80, SYN);
	ck_assert_int_eq(lvs_director_explain(director, &explanation, bytes,
					      sizeof(bytes)),
			 0);
	ck_assert_ptr_null(lvs_explanation_text(explanation));
	lvs_director_free(director);
	director = NULL;
	/* what was there can be read, and then it is the end */
	while (lvs_listing_next(half, &flow, sizeof(flow)) == 1)
		count++;
	ck_assert_int_gt(count, 0);
	ck_assert_int_eq(lvs_listing_next(half, &flow, sizeof(flow)), 0);
	ck_assert_int_eq(lvs_listing_next(empty, &flow, sizeof(flow)), 0);
	ck_assert_ptr_nonnull(lvs_explanation_text(explanation));
	lvs_listing_free(half);
	lvs_listing_free(empty);
	lvs_explanation_free(explanation);
}
END_TEST

START_TEST(an_idle_node_does_not_spin)
{
	uint64_t wakes = 0;

	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	now = clock_now();
	apply();
	from_client(1000, SYN);
	drop_events();
	for (uint64_t end = now + 10000; now < end; wakes++) {
		uint64_t a = lvs_director_deadline(director);
		uint64_t b =
			lvs_worker_deadline(lvs_director_worker(director, 0));
		uint64_t next = a < b ? a : b;

		/* at once only because something is readable, and not twice */
		now = next > now ? (next < end ? next : end) : now + 1;
		turn();
	}
	/* ten seconds: the estimator, resets, one connection's timers */
	ck_assert_uint_lt(wakes, 150);
}
END_TEST

START_TEST(nothing_is_asked_of_nobody)
{
	ck_assert_int_eq(lvs_director_new(NULL, model, NULL, 0, 0), -EINVAL);
	ck_assert_int_eq(lvs_director_apply(NULL, model, NULL, 0, 0), -EINVAL);
	ck_assert_int_eq(lvs_director_apply(director, NULL, NULL, 0, 0),
			 -EINVAL);
	ck_assert_int_eq(lvs_worker_dispatch(NULL, 0, 0), -EINVAL);
	ck_assert_ptr_null(lvs_director_worker(director, 1));
	ck_assert_int_eq(lvs_director_zero(director,
					   (const struct lvs_service *)model),
			 -ENOENT);
	lvs_director_free(NULL);
}
END_TEST

Suite *director_suite(void)
{
	Suite *suite = suite_create("director");
	TCase *tcase = tcase_create("director");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	tcase_add_test(tcase, a_model_becomes_what_runs);
	tcase_add_test(tcase, homes_of_virtual_addresses_are_told_once_each);
	tcase_add_test(tcase, what_did_not_change_is_not_touched);
	tcase_add_test(tcase, a_removed_service_is_not_served);
	tcase_add_test(tcase, a_dest_changes_in_place);
	tcase_add_test(tcase,
		       what_a_director_holds_is_changed_through_it_alone);
	tcase_add_test(tcase,
		       one_of_many_dests_changes_also_after_all_came_back);
	tcase_add_test(tcase, a_setting_that_needs_a_restart_is_refused_whole);
	tcase_add_test(tcase, a_reload_keeps_what_was_changed_by_other_means);
	tcase_add_test(tcase, a_closed_server_goes_down_and_comes_back);
	tcase_add_test(tcase, an_unproven_server_gets_nothing);
	tcase_add_test(tcase, a_reload_does_not_switch_a_dead_server_on);
	tcase_add_test(tcase, a_dest_s_line_says_its_method);
	tcase_add_test(tcase, the_last_server_s_death_is_an_alarm);
	tcase_add_test(tcase, a_service_without_servers_by_hand_is_an_alarm);
	tcase_add_test(tcase,
		       a_service_that_starts_with_dead_servers_is_an_alarm);
	tcase_add_test(tcase, a_dest_is_up_when_all_its_checks_are);
	tcase_add_test(tcase, equal_checks_are_one_probe);
	tcase_add_test(tcase, new_checks_that_take_a_dest_out_say_why);
	tcase_add_test(tcase, a_fault_of_our_own_is_told_once_a_minute);
	tcase_add_test(tcase, a_server_without_a_route_is_told_by_its_name);
	tcase_add_test(tcase, a_dests_state_is_a_word_with_its_cause);
	tcase_add_test(tcase, resets_take_a_nat_server_out_at_once);
	tcase_add_test(tcase, resets_do_not_take_out_what_nothing_brings_back);
	tcase_add_test(tcase, resets_before_its_check_take_no_server_out);
	tcase_add_test(tcase, resets_take_no_direct_routing_server_out);
	tcase_add_test(tcase, resets_while_nobody_counts_take_no_server_out);
	tcase_add_test(tcase, resets_of_a_longer_interval_take_no_server_out);
	tcase_add_test(tcase, resets_of_a_pause_take_no_server_out);
	tcase_add_test(tcase, a_draining_dest_ends_when_its_last_client_does);
	tcase_add_test(tcase, a_dead_dest_with_inhibit_has_weight_0);
	tcase_add_test(tcase, lost_events_leave_a_gap);
	tcase_add_test(tcase, every_event_of_a_server_has_its_words);
	tcase_add_test(tcase, an_event_reads_as_a_line);
	tcase_add_test(tcase, zero_is_what_readers_subtract);
	tcase_add_test(tcase,
		       explain_believes_the_worker_that_has_the_connection);
	tcase_add_test(tcase,
		       a_workers_balancer_is_changed_by_its_director_alone);
	tcase_add_test(tcase, two_workers_follow_while_all_changes);
	tcase_add_test(tcase, questions_outlive_the_node);
	tcase_add_test(tcase, an_idle_node_does_not_spin);
	tcase_add_test(tcase, nothing_is_asked_of_nobody);
	suite_add_tcase(suite, tcase);
	return suite;
}
