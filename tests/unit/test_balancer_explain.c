/*
 * Explain: what it says is what input then does, and saying it changes nothing.
 */
#include <stdio.h>

#include "lone_balancer.h"

static char text[4096];

static void explain(uint32_t length)
{
	ck_assert_int_gt(lvs_balancer_explain(balancer, text, sizeof(text),
					      buffer + LVS_HEADROOM, length,
					      moment),
			 0);
}

/* V2:80, another service with the same dests. */
static void add_second_service(void)
{
	struct lvs_service *first = service;
	struct lvs_addr vip = addr_of('V', 2);

	ck_assert_int_eq(lvs_service_new(&service), 0);
	lvs_service_set_address(service, &vip, 80, LVS_TCP);
	lvs_service_set_sched(service, "rr");
	add_dest(1, LVS_NAT);
	add_dest(2, LVS_NAT);
	ck_assert_int_eq(lvs_balancer_add_service(balancer, service), 0);
	service = first;
}

/*
 * Any packet; but a `calm` client goes on where it opened, and closes nothing,
 * so the table fills up with connections that may not be ended.
 */
static uint32_t any_packet(uint64_t *seed, bool calm)
{
	static const uint8_t flags[] = {SYN, SYN, SYN, ACK, ACK, RST, FIN, 0};
	static struct ends last;
	uint8_t flag = flags[below(seed, calm ? 5 : sizeof(flags))];
	unsigned int ttl = below(seed, 20) == 0 ? 1 : 64;
	struct ends e = from_client(below(seed, 60));

	if (calm && outcome.verdict == LVS_FORWARD && last.source_port != 0) {
		e = last;
		flag = ACK;
		last.source_port = 0;
	} else if (below(seed, 3) == 0) {
		e.destination = addr_of('V', 2);
		last = e;
	} else if (below(seed, 3) == 0) {
		e = from_dest(1 + below(seed, 2), below(seed, 60));
	} else {
		last = e;
	}
	return build(buffer + LVS_HEADROOM, &e, LVS_TCP, flag,
		     flag == ACK ? 64 : ttl);
}

static void assert_told(void)
{
	char word[128];

	snprintf(word, sizeof(word), "(%s)",
		 lvs_reason_name((int)outcome.reason));
	ck_assert_msg(strstr(text, word) != NULL, "input: %s; explain:\n%s",
		      word, text);
	if (outcome.reason == LVS_REASON_FORWARDED) {
		struct lvs_addr d = addr_of('D', dest_hit());

		lvs_endpoint_format(&d, 8080, word, sizeof(word));
		ck_assert_msg(strstr(text, word) != NULL,
			      "went to %s; explain:\n%s", word, text);
	}
}

START_TEST(explain_tells_what_input_does)
{
	uint64_t counts[LVS_REASONS];
	uint64_t seed = 99 + (uint64_t)_i;

	start(_i, LVS_TCP, LVS_NAT, 48);
	add_second_service();
	lvs_dest_set(dest_of(1), LVS_DEST_UPPER, 40);
	lvs_dest_set(dest_of(1), LVS_DEST_LOWER, 1);
	lvs_balancer_commit(balancer);
	for (int i = 0; i < 20000; i++) {
		uint32_t length = any_packet(&seed, i / 1000 % 2 == 1);
		struct lvs_balancer_stats before = totals();
		struct lvs_balancer_stats after;
		uint64_t active = dest_option(1, LVS_DEST_ACTIVE);

		explain(length);
		after = totals();
		ck_assert_mem_eq(&after, &before, sizeof(after));
		ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE), active);
		lvs_balancer_input(balancer, &outcome, buffer, LVS_HEADROOM,
				   length, SIZE, moment);
		assert_told();
		moment += below(&seed, 100);
		/* now and then all of it expires, and no dispatch ends it */
		if (i % 2000 == 500 || i % 2000 == 1500)
			moment += 2 * 900000;
	}
	lvs_balancer_reasons(balancer, counts, LVS_REASONS);
	ck_assert_uint_gt(counts[LVS_REASON_TABLE_FULL], 50);
	ck_assert_uint_gt(counts[LVS_REASON_CONFLICT], 50);
	ck_assert_uint_gt(counts[LVS_REASON_TTL], 50);
	ck_assert_uint_gt(counts[LVS_REASON_NO_CONN], 50);
}
END_TEST

/* Fills the table with connections that may not be ended. */
static void fill_table(unsigned int count)
{
	for (unsigned int n = 0; n < count; n++) {
		ck_assert_int_eq(client_sends(n, SYN), LVS_REASON_FORWARDED);
		ck_assert_int_eq(client_sends(n, ACK), LVS_REASON_FORWARDED);
	}
}

static void explain_syn(unsigned int n)
{
	struct ends e = from_client(n);

	explain(build(buffer + LVS_HEADROOM, &e, LVS_TCP, SYN, 64));
}

START_TEST(explain_tells_of_a_full_table)
{
	start(_i, LVS_TCP, LVS_NAT, 200);
	fill_table(200);
	explain_syn(999);
	ck_assert_ptr_nonnull(strstr(text, "begin: no, the table is full"));
	ck_assert_ptr_nonnull(strstr(text, "drop (table_full)"));
	/* until they have expired, whether the wheel has come or not */
	moment += 900001;
	explain_syn(999);
	ck_assert_ptr_nonnull(strstr(text, "forward (forwarded)"));
	ck_assert_uint_eq(totals().conns, 200);
	ck_assert_uint_eq(totals().expired, 0);
	ck_assert_int_eq(client_sends(999, SYN), LVS_REASON_FORWARDED);
}
END_TEST

/* What a balancer picks between changes, explained on the way or not. */
static void pick_all(unsigned int *picks, bool explained)
{
	start(0, LVS_TCP, LVS_NAT, 1000);
	lvs_service_set_sched(service, "wrr");
	lvs_dest_set(dest_of(1), LVS_DEST_WEIGHT, 3);
	for (unsigned int n = 0; n < 60; n++) {
		if (n % 7 == 0) {
			lvs_dest_set(dest_of(2), LVS_DEST_WEIGHT, 1 + n % 5);
			lvs_balancer_commit(balancer);
			if (explained)
				explain_syn(n);
			lvs_dest_set(dest_of(1), LVS_DEST_WEIGHT, 2 + n % 3);
			lvs_balancer_commit(balancer);
		}
		if (explained)
			explain_syn(n);
		client_sends(n, SYN);
		picks[n] = dest_hit();
	}
}

START_TEST(explain_takes_nobodys_turn)
{
	unsigned int alone[60], explained[60];

	pick_all(alone, false);
	pick_all(explained, true);
	ck_assert_mem_eq(alone, explained, sizeof(alone));
}
END_TEST

START_TEST(explain_names_the_method)
{
	static const struct {
		uint64_t method;
		const char *word;
	} methods[] = {{LVS_NAT, " by nat"}, {LVS_DR, " by dr"}};
	struct ends e;

	for (size_t i = 0; i < 2; i++) {
		start(_i, LVS_TCP, methods[i].method, 100);
		e = from_client(7);
		/* of the dest that is picked, and of a connection */
		explain(build(buffer + LVS_HEADROOM, &e, LVS_TCP, SYN, 64));
		ck_assert_ptr_nonnull(strstr(text, "pick: "));
		ck_assert_ptr_nonnull(
			strstr(strstr(text, "pick: "), methods[i].word));
		client_sends(7, SYN);
		explain(build(buffer + LVS_HEADROOM, &e, LVS_TCP, ACK, 64));
		ck_assert_ptr_nonnull(strstr(text, "connection: to "));
		ck_assert_ptr_nonnull(strstr(strstr(text, "connection: to "),
					     methods[i].word));
	}
}
END_TEST

START_TEST(explain_says_what_is_not_ours_and_what_to_do)
{
	struct ends e;

	start(_i, LVS_TCP, LVS_NAT, 100);
	e = from_client(7);
	e.destination_port = 81;
	explain(build(buffer + LVS_HEADROOM, &e, LVS_TCP, SYN, 64));
	ck_assert_ptr_nonnull(strstr(text, "(not_ours)"));
	ck_assert_ptr_nonnull(
		strstr(text, lvs_reason_text(LVS_REASON_NOT_OURS)));
	ck_assert_ptr_nonnull(
		strstr(lvs_reason_text(LVS_REASON_NOT_OURS),
		       "so the host gets the packet: its own traffic, such as "
		       "checks and ssh; add a service if it should be "
		       "balanced"));
}
END_TEST

TCase *balancer_explain_case(void)
{
	TCase *tcase = tcase_create("explain");

	tcase_add_checked_fixture(tcase, NULL, end);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, explain_tells_what_input_does, 0, 2);
	tcase_add_loop_test(tcase, explain_tells_of_a_full_table, 0, 2);
	tcase_add_test(tcase, explain_takes_nobodys_turn);
	tcase_add_loop_test(tcase, explain_names_the_method, 0, 2);
	tcase_add_loop_test(tcase, explain_says_what_is_not_ours_and_what_to_do,
			    0, 2);
	return tcase;
}
