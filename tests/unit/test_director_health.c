/*
 * The running node and its servers: checks, what they take out and bring back,
 * and the alarms. Servers are real listeners on the loopback.
 */
#define _GNU_SOURCE /* unshare() */
#include "running_node.h"

#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "director/director.h"

/* The service of port 80, its one server checked; the server's socket. */
static int checked_server(uint16_t *port, bool start_up)
{
	int server = listen_at(port);

	moment = clock_now();
	add_service(80);
	add_check(80, add_dest(80, "127.0.0.1", *port), start_up);
	return server;
}

static bool is_down(uint16_t port)
{
	return dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN) == 1;
}

START_TEST(a_closed_server_goes_down_and_comes_back)
{
	struct lvs_event event;
	uint16_t port = 0;
	int server = checked_server(&port, true);

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
	int server = checked_server(&port, false);

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
	int server = checked_server(&port, true);
	struct lvs_dest *dest = lvs_service_next_dest(service_of(80), NULL);
	struct lvs_check *check;

	close(server);
	apply();
	ck_assert(event_comes(LVS_EVENT_DEST_DOWN, &event, 2000));
	/* untouched, and then with other checks: it stays down */
	add_service(443);
	ck_assert_int_eq(apply(), 1);
	ck_assert(is_down(port));
	check = lvs_model_get_check(model, dest, 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_INTERVAL, 60), 0);
	ck_assert_int_eq(apply(), 1);
	ck_assert(is_down(port));
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

START_TEST(the_last_server_s_death_is_an_alarm)
{
	uint16_t port = 0, other = 0;
	int fd = checked_server(&port, true), second = listen_at(&other);

	add_check(80, add_dest(80, "127.0.0.1", other), true);
	lvs_model_set_service(model, service_of(80), LVS_SETTING_INHIBIT, 1);
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

	close(checked_server(&port, false));
	apply();
	ck_assert_str_ne(alarm_line(LVS_EVENT_SERVICE_DOWN, 2000), "");
}
END_TEST

START_TEST(a_dest_is_up_when_all_its_checks_are)
{
	struct lvs_event event;
	uint16_t port = 0, other = 0;
	int server = checked_server(&port, true), second = listen_at(&other);
	struct lvs_addr loopback = address("127.0.0.1");
	struct lvs_dest *dest = lvs_service_next_dest(service_of(80), NULL);

	add_check(80, dest, true);
	ck_assert_int_eq(lvs_check_set_target(lvs_model_get_check(model, dest,
								  1),
					      &loopback, other),
			 0);
	apply();
	close(second);
	ck_assert(event_comes(LVS_EVENT_DEST_DOWN, &event, 2000));
	/* no check any more: always up */
	ck_assert_int_eq(lvs_model_remove_service(model, service_of(80)), 0);
	add_service(80);
	add_dest(80, "127.0.0.1", port);
	apply();
	ck_assert(!is_down(port));
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
	moment = clock_now();
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
	char text[128];

	close(checked_server(&port, true));
	add_service(81);
	add_dest(81, "127.0.0.1", port);
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
	int fd = checked_server(&port, true), free_fd;
	char text[256];

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
	ck_assert(!is_down(port));
	lvs_director_dispatch(director, moment + 60001, 0);
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
	bool checked = false;
	char text[160];

	if (unshare(CLONE_NEWNET) < 0 &&
	    unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return; /* no namespaces here */
	add_service(80);
	add_check(80, add_dest(80, "203.0.113.9", 80), true);
	moment = clock_now();
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
	/* a route comes: looked for each minute, here at once */
	if (system("exec 2>/dev/null; PATH=$PATH:/sbin:/usr/sbin; "
		   "ip link set lo up && ip addr add 203.0.113.9/32 dev lo") !=
	    0)
		return; /* no tool to give one */
	for (int i = 0; i < 60 && !checked; i++) {
		director->fault_at = 0;
		checked = event_comes(LVS_EVENT_DEST_CHECKED, &event, 50);
	}
	ck_assert(checked);
	ck_assert_uint_eq(event.level, LVS_LOG_NOTICE);
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_str_eq(text, "tcp 192.0.2.1:80 -> 203.0.113.9:80 is checked "
			       "again");
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
	moment = clock_now();
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

START_TEST(a_dead_dest_with_inhibit_has_weight_0)
{
	struct lvs_event event;
	uint16_t port = 0;
	int server = checked_server(&port, true);
	struct lvs_service *service = service_of(80);

	ck_assert_int_eq(lvs_model_set_service(model, service,
					       LVS_SETTING_INHIBIT, 1),
			 0);
	apply();
	close(server);
	ck_assert(event_comes(LVS_EVENT_DEST_DOWN, &event, 2000));
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_WEIGHT),
			  0);
	ck_assert(!is_down(port));
	ck_assert_int_eq(lvs_model_set_service(model, service,
					       LVS_SETTING_INHIBIT, 0),
			 0);
	ck_assert_int_eq(apply(), 1);
	ck_assert_uint_eq(dest_option(80, "127.0.0.1", port, LVS_DEST_WEIGHT),
			  1);
	ck_assert(is_down(port));
}
END_TEST

TCase *director_health_case(void)
{
	TCase *tcase = running_case("director");

	tcase_add_test(tcase, a_closed_server_goes_down_and_comes_back);
	tcase_add_test(tcase, an_unproven_server_gets_nothing);
	tcase_add_test(tcase, a_reload_does_not_switch_a_dead_server_on);
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
	tcase_add_test(tcase, a_dead_dest_with_inhibit_has_weight_0);
	return tcase;
}
