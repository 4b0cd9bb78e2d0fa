/*
 * The running node without a backend: what is applied, what stays, what is
 * refused, what it says.
 */
#include "running_node.h"

#include <stdio.h>

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
	ck_assert_int_eq(lvs_director_reload(director, model, NULL, 0, moment),
			 1);
	/* a rule adds a dest that the file does not know */
	ck_assert_int_eq(lvs_director_model(director, &rules), 0);
	ck_assert_int_eq(
		lvs_service_add_dest(
			lvs_model_find_service(rules, &addr, 80, LVS_TCP), NULL,
			&(struct lvs_addr){LVS_IPV4, {10, 0, 0, 9}}, 80, 3),
		0);
	ck_assert_int_eq(lvs_director_apply(director, rules, NULL, 0, moment),
			 1);
	lvs_model_free(rules);
	/* the file is read again with one more service */
	add_service(443);
	ck_assert_int_eq(lvs_director_reload(director, model, NULL, 0, moment),
			 1);
	ck_assert_uint_eq(dest_option(80, "10.0.0.9", 80, LVS_DEST_WEIGHT), 3);
	/* what leaves the file leaves the node */
	ck_assert_int_eq(lvs_model_remove_service(model, service_of(443)), 0);
	ck_assert_int_eq(lvs_director_reload(director, model, NULL, 0, moment),
			 1);
	ck_assert_ptr_null(
		lvs_director_find_service(director, &addr, 443, LVS_TCP));
}
END_TEST

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
	ck_assert_ptr_nonnull(strstr(text, " changed: method nat, upper"));
	ck_assert_ptr_null(strstr(text, "weight"));
}
END_TEST

START_TEST(a_change_says_only_what_is_new)
{
	struct lvs_event event;
	struct lvs_dest *dest;
	struct lvs_service *service;
	char text[160];

	add_service(80);
	service = service_of(80);
	dest = add_dest(80, "10.0.0.1", 8080);
	apply();
	add_check(80, dest, true);
	ck_assert_int_eq(apply(), 1);
	ck_assert(event_comes(LVS_EVENT_DEST_CHANGED, &event, 100));
	ck_assert_uint_eq(event.changed, LVS_CHANGED_CHECKS);
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_str_eq(text, "tcp 192.0.2.1:80 -> 10.0.0.1:8080 changed: "
			       "checks");
	lvs_model_set_service(model, service, LVS_SETTING_RESETS, 9);
	ck_assert_int_eq(apply(), 1);
	ck_assert(event_comes(LVS_EVENT_SERVICE_CHANGED, &event, 100));
	ck_assert_uint_eq(event.changed,
			  LVS_CHANGED_SETTING << LVS_SETTING_RESETS);
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_str_eq(text, "tcp 192.0.2.1:80 changed: resets");
	lvs_service_set_sched(service, "wlc");
	lvs_service_set(service, LVS_SERVICE_EXPIRE_NODEST, 1);
	ck_assert_int_eq(apply(), 1);
	ck_assert(event_comes(LVS_EVENT_SERVICE_CHANGED, &event, 100));
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_str_eq(text, "tcp 192.0.2.1:80 changed: scheduler, "
			       "expire_nodest");
}
END_TEST

START_TEST(a_draining_dest_ends_when_its_last_client_does)
{
	struct lvs_event event;
	struct lvs_dest *dest;
	char text[128];

	add_service(80);
	dest = add_dest(80, "10.0.0.1", 8080);
	moment = clock_now();
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
			.changed = 1U << LVS_DEST_WEIGHT,
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

START_TEST(an_idle_node_does_not_spin)
{
	uint64_t wakes = 0;

	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	moment = clock_now();
	apply();
	from_client(1000, SYN);
	drop_events();
	for (uint64_t end = moment + 10000; moment < end; wakes++) {
		uint64_t a = lvs_director_deadline(director);
		uint64_t b =
			lvs_worker_deadline(lvs_director_worker(director, 0));
		uint64_t next = a < b ? a : b;

		/* at once only because something is readable, and not twice */
		moment = next > moment ? (next < end ? next : end) : moment + 1;
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
	TCase *tcase = running_case("director");

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
	tcase_add_test(tcase, a_dest_s_line_says_its_method);
	tcase_add_test(tcase, a_change_says_only_what_is_new);
	tcase_add_test(tcase, a_draining_dest_ends_when_its_last_client_does);
	tcase_add_test(tcase, lost_events_leave_a_gap);
	tcase_add_test(tcase, every_event_of_a_server_has_its_words);
	tcase_add_test(tcase, an_event_reads_as_a_line);
	tcase_add_test(tcase, zero_is_what_readers_subtract);
	tcase_add_test(tcase, an_idle_node_does_not_spin);
	tcase_add_test(tcase, nothing_is_asked_of_nobody);
	suite_add_tcase(suite, tcase);
	suite_add_tcase(suite, director_health_case());
	suite_add_tcase(suite, director_resets_case());
	suite_add_tcase(suite, director_workers_case());
	return suite;
}
