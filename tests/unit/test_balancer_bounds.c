/*
 * Thresholds, a full table, expiry, and counters that are exact.
 */
#include "lone_balancer.h"

#include "service/service.h"

START_TEST(an_upper_threshold_is_never_passed)
{
	int refused = 0;

	start(_i, LVS_TCP, LVS_NAT, 100);
	lvs_dest_set(dest_of(1), LVS_DEST_UPPER, 3);
	lvs_dest_set(dest_of(2), LVS_DEST_UPPER, 5);
	lvs_balancer_commit(balancer);
	for (unsigned int i = 0; i < 20; i++)
		if (client_sends(i, SYN) == LVS_REASON_NO_DEST)
			refused++;
	ck_assert_int_eq(refused, 12);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE), 3);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 5);
}
END_TEST

START_TEST(counters_are_exact)
{
	struct lvs_stats s;
	uint64_t reasons[LVS_REASONS];
	uint32_t in = 0, out = 0;

	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	in += outcome.length;
	dest_sends(2, 1, SYN | ACK);
	out += outcome.length;
	client_sends(1, ACK);
	in += outcome.length;
	client_sends(2, ACK);
	ck_assert_int_eq(lvs_dest_stats(dest_of(2), &s, sizeof(s)), 0);
	ck_assert_uint_eq(s.conns, 1);
	ck_assert_uint_eq(s.in_packets, 2);
	ck_assert_uint_eq(s.out_packets, 1);
	ck_assert_uint_eq(s.in_bytes, in);
	ck_assert_uint_eq(s.out_bytes, out);
	ck_assert_int_eq(lvs_service_stats(service, &s, sizeof(s)), 0);
	ck_assert_uint_eq(s.in_packets, 2);
	ck_assert_int_eq(lvs_balancer_reasons(balancer, reasons, LVS_REASONS),
			 LVS_REASONS);
	ck_assert_uint_eq(reasons[LVS_REASON_FORWARDED], 2);
	ck_assert_uint_eq(reasons[LVS_REASON_REPLIED], 1);
	ck_assert_uint_eq(reasons[LVS_REASON_NO_CONN], 1);
}
END_TEST

START_TEST(a_reset_that_answers_a_syn_is_noted_once)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	dest_sends(2, 1, RST | ACK);
	dest_sends(2, 1, RST);
	ck_assert_uint_eq(lvs__dest_resets(dest_of(2)), 1);
	/* one that ends an established connection says nothing */
	client_sends(2, SYN);
	dest_sends(1, 2, SYN | ACK);
	client_sends(2, ACK);
	dest_sends(1, 2, RST);
	ck_assert_uint_eq(lvs__dest_resets(dest_of(1)), 0);
}
END_TEST

/* A client's stray SYN+ACK is answered by a reset of any healthy server. */
START_TEST(a_reset_that_answers_an_ack_says_nothing)
{
	struct lvs__lane_counters sum;

	start(_i, LVS_TCP, LVS_NAT, 100);
	ck_assert_int_eq(client_sends(1, SYN | ACK), LVS_REASON_FORWARDED);
	dest_sends(2, 1, RST);
	client_sends(2, SYN);
	client_sends(2, SYN | ACK);
	dest_sends(1, 2, RST);
	for (unsigned int d = 1; d <= 2; d++) {
		lvs__dest_sum(dest_of(d), &sum);
		ck_assert_uint_eq(sum.syn_resets, 0);
	}
}
END_TEST

START_TEST(what_has_expired_goes_before_what_lives)
{
	start(_i, LVS_TCP, LVS_NAT, 8);
	for (unsigned int i = 0; i < 7; i++) {
		client_sends(i, SYN);
		client_sends(i, ACK);
	}
	lvs_balancer_set_timeout(balancer, LVS_STATE_SYN_RECV, 1000);
	lvs_balancer_set_timeout(balancer, LVS_STATE_CLOSE, 600000);
	client_sends(7, SYN); /* dead in a second */
	client_sends(0, RST); /* closed, and lives for ten minutes */
	moment += 2000;
	ck_assert_int_eq(client_sends(8, SYN), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(totals().evicted, 0);
	ck_assert_uint_eq(totals().expired, 1);
}
END_TEST

START_TEST(a_full_table_refuses_by_name)
{
	start(_i, LVS_TCP, LVS_NAT, 8);
	for (unsigned int i = 0; i < 8; i++) {
		client_sends(i, SYN);
		client_sends(i, ACK);
		dest_sends(dest_hit(), i, ACK);
	}
	ck_assert_int_eq(client_sends(8, SYN), LVS_REASON_TABLE_FULL);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE) +
				  dest_option(2, LVS_DEST_ACTIVE) +
				  dest_option(1, LVS_DEST_INACTIVE) +
				  dest_option(2, LVS_DEST_INACTIVE),
			  8);
	for (unsigned int i = 0; i < 8; i++)
		ck_assert_int_eq(client_sends(i, ACK), LVS_REASON_FORWARDED);
}
END_TEST

START_TEST(expired_connections_leave_their_dests)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	for (unsigned int i = 0; i < 50; i++)
		client_sends(i, SYN);
	ck_assert_uint_ne(lvs_balancer_deadline(balancer), UINT64_MAX);
	moment += 61000;
	for (int i = 0; i < 20; i++)
		lvs_balancer_dispatch(balancer, moment, 10);
	ck_assert_uint_eq(totals().conns, 0);
	ck_assert_uint_eq(totals().expired, 50);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE), 0);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_INACTIVE), 0);
	ck_assert_uint_eq(lvs_balancer_deadline(balancer), UINT64_MAX);
}
END_TEST

/* Anything at all: one verdict, one reason, and the books balance. */
START_TEST(junk_is_counted_and_hurts_nobody)
{
	uint64_t seed = 4711 + (uint64_t)_i;
	uint8_t out[1024];
	struct lvs_outcome answer;

	start(_i, LVS_TCP, LVS_NAT, 64);
	for (unsigned long i = 0; i < rounds(200000); i++) {
		struct ends e = from_client(below(&seed, 100));
		uint32_t length;
		uint8_t *at = buffer + LVS_HEADROOM;

		if (below(&seed, 3) == 0)
			e = from_dest(1 + below(&seed, 2), below(&seed, 100));
		length = build(at, &e, below(&seed, 4) ? LVS_TCP : LVS_UDP,
			       (uint8_t)below(&seed, 64), below(&seed, 256));
		for (unsigned int k = below(&seed, 4); k > 0; k--)
			at[below(&seed, length)] = (uint8_t)number(&seed);
		if (below(&seed, 4) == 0)
			length = below(&seed, length + 1);
		ck_assert_int_eq(lvs_balancer_input(balancer, &outcome, buffer,
						    LVS_HEADROOM, length,
						    LVS_HEADROOM + length,
						    moment),
				 0);
		ck_assert_uint_lt(outcome.reason, LVS_REASONS);
		ck_assert_int_eq((int)outcome.verdict,
				 lvs_reason_verdict((int)outcome.reason));
		ck_assert_uint_le(outcome.offset + outcome.length,
				  LVS_HEADROOM + length);
		if (below(&seed, 8) == 0)
			lvs_balancer_pop(balancer, &answer, out, sizeof(out));
		moment += below(&seed, 20);
		if (below(&seed, 16) == 0)
			lvs_balancer_dispatch(balancer, moment, 4);
	}
	ck_assert_uint_eq(totals().in, rounds(200000));
}
END_TEST

TCase *balancer_bounds_case(void)
{
	TCase *tcase = tcase_create("bounds");

	tcase_add_checked_fixture(tcase, NULL, end);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, an_upper_threshold_is_never_passed, 0, 2);
	tcase_add_loop_test(tcase, counters_are_exact, 0, 2);
	tcase_add_loop_test(tcase, a_reset_that_answers_a_syn_is_noted_once, 0,
			    2);
	tcase_add_loop_test(tcase, a_reset_that_answers_an_ack_says_nothing, 0,
			    2);
	tcase_add_loop_test(tcase, what_has_expired_goes_before_what_lives, 0,
			    2);
	tcase_add_loop_test(tcase, a_full_table_refuses_by_name, 0, 2);
	tcase_add_loop_test(tcase, expired_connections_leave_their_dests, 0, 2);
	tcase_add_loop_test(tcase, junk_is_counted_and_hurts_nobody, 0, 2);
	return tcase;
}
