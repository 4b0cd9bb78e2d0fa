/*
 * Passive checks: resets to clients take a server out, and when they do not.
 */
#include "running_node.h"

#include <unistd.h>

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
	moment = clock_now();
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

static bool is_down(uint16_t port)
{
	return dest_option(80, "127.0.0.1", port, LVS_DEST_DOWN) == 1;
}

/* One that runs, and whose check has looked once. */
static struct lvs_dest *start_calm_server(int *fd, uint16_t *port)
{
	struct lvs_dest *dest = calm_server(fd, port);

	check_calmly(dest);
	apply();
	step_to(moment + 50);
	return dest;
}

START_TEST(resets_take_a_nat_server_out_at_once)
{
	struct lvs_event event;
	char text[160];
	uint16_t port = 0;
	int server;

	check_calmly(calm_server(&server, &port));
	/* a window of ten seconds: nobody waits for its next sample */
	ck_assert_int_eq(lvs_model_set_service(model, service_of(80),
					       LVS_SETTING_RESET_INTERVAL,
					       10000),
			 0);
	apply();
	ck_assert(!event_comes(LVS_EVENT_DEST_DOWN, &event, 300));
	reset_clients(3, port);
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
	uint16_t port = 0;
	int server;

	calm_server(&server, &port);
	apply();
	reset_clients(10, port);
	ck_assert(!event_comes(LVS_EVENT_DEST_DOWN, &event, 600));
	close(server);
}
END_TEST

START_TEST(resets_before_its_check_take_no_server_out)
{
	struct lvs_dest *dest;
	uint16_t port = 0;
	int server;

	dest = calm_server(&server, &port);
	apply();
	step_to(moment + 50);
	reset_clients(9, port);
	step_to(moment + 50);
	/* a reload gives it a check */
	check_calmly(dest);
	apply();
	step_to(moment + 50);
	ck_assert(!is_down(port));
	/* and the check is judged from then on */
	reset_clients(3, port);
	step_to(moment + 50);
	ck_assert(is_down(port));
	close(server);
}
END_TEST

/* Those that answer connections of its time with NAT neither. */
START_TEST(resets_take_no_direct_routing_server_out)
{
	struct lvs_dest *dest;
	uint16_t port = 0;
	int server;

	dest = start_calm_server(&server, &port);
	for (uint16_t i = 0; i < 9; i++)
		from_client((uint16_t)(2000 + i), SYN);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_METHOD, LVS_DR), 0);
	ck_assert_int_eq(apply(), 1);
	step_to(moment + 50);
	for (uint16_t i = 0; i < 9; i++)
		packet(0, "127.0.0.1", port, "198.51.100.7",
		       (uint16_t)(2000 + i), RST | ACK);
	step_to(moment + 50);
	ck_assert(!is_down(port));
	close(server);
}
END_TEST

START_TEST(resets_while_nobody_counts_take_no_server_out)
{
	uint16_t port = 0;
	int server;

	check_calmly(calm_server(&server, &port));
	lvs_model_set_service(model, service_of(80), LVS_SETTING_RESETS, 0);
	apply();
	reset_clients(9, port);
	step_to(moment + 5000);
	/* a reload counts again */
	lvs_model_set_service(model, service_of(80), LVS_SETTING_RESETS, 3);
	apply();
	step_to(moment + 50);
	ck_assert(!is_down(port));
	close(server);
}
END_TEST

START_TEST(resets_of_a_longer_interval_take_no_server_out)
{
	uint16_t port = 0;
	int server;

	check_calmly(calm_server(&server, &port));
	lvs_model_set_service(model, service_of(80), LVS_SETTING_RESET_INTERVAL,
			      60000);
	lvs_model_set_service(model, service_of(80), LVS_SETTING_RESETS, 5);
	apply();
	step_to(moment + 50);
	reset_clients(4, port);
	step_to(moment + 5000);
	ck_assert(!is_down(port));
	lvs_model_set_service(model, service_of(80), LVS_SETTING_RESET_INTERVAL,
			      1000);
	apply();
	reset_clients(1, port);
	step_to(moment + 50);
	ck_assert(!is_down(port));
	/* the new interval holds at once */
	reset_clients(4, port);
	step_to(moment + 50);
	ck_assert(is_down(port));
	close(server);
}
END_TEST

START_TEST(resets_of_a_pause_take_no_server_out)
{
	uint16_t port = 0;
	int server;

	start_calm_server(&server, &port);
	reset_clients(2, port);
	/* the node did not run, and comes back with one more */
	moment += 5000;
	reset_clients(1, port);
	step_to(moment);
	ck_assert(!is_down(port));
	/* within the interval, a sample late: they count */
	reset_clients(2, port);
	step_to(moment + 300);
	reset_clients(1, port);
	step_to(moment + 300);
	ck_assert(is_down(port));
	close(server);
}
END_TEST

TCase *director_resets_case(void)
{
	TCase *tcase = running_case("director");

	tcase_add_test(tcase, resets_take_a_nat_server_out_at_once);
	tcase_add_test(tcase, resets_do_not_take_out_what_nothing_brings_back);
	tcase_add_test(tcase, resets_before_its_check_take_no_server_out);
	tcase_add_test(tcase, resets_take_no_direct_routing_server_out);
	tcase_add_test(tcase, resets_while_nobody_counts_take_no_server_out);
	tcase_add_test(tcase, resets_of_a_longer_interval_take_no_server_out);
	tcase_add_test(tcase, resets_of_a_pause_take_no_server_out);
	return tcase;
}
