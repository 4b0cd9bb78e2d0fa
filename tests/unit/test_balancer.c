/*
 * The balancer as its users see it: packets in, verdicts and packets out.
 */
#include "lone_balancer.h"

#include <stdio.h>

START_TEST(nat_rewrites_both_ways)
{
	struct lvs_addr vip, client;
	unsigned int d;

	start(_i, LVS_TCP, LVS_NAT, 100);
	vip = addr_of('V', 1);
	client = addr_of('C', 1);
	ck_assert_int_eq(client_sends(7, SYN), LVS_REASON_FORWARDED);
	d = dest_hit();
	ck_assert_uint_eq(get16(ip() + ip_length() + 2), 8080);
	ck_assert_mem_eq(ip_source(), client.bytes, width());
	assert_sums(LVS_TCP);
	ck_assert_int_eq(dest_sends(d, 7, SYN | ACK), LVS_REASON_REPLIED);
	ck_assert_mem_eq(ip_source(), vip.bytes, width());
	ck_assert_uint_eq(get16(ip() + ip_length()), 80);
	ck_assert_mem_eq(outcome.next_hop.bytes, client.bytes, width());
	assert_sums(LVS_TCP);
	/* and the flow stays where it is */
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(client_sends(7, ACK), LVS_REASON_FORWARDED);
		ck_assert_uint_eq(dest_hit(), d);
	}
	/* the other dest is not this flow's */
	ck_assert_int_eq(dest_sends(3 - d, 7, ACK), LVS_REASON_NOT_OURS);
}
END_TEST

START_TEST(direct_routing_changes_the_next_hop_only)
{
	struct lvs_addr vip, dest;

	start(_i, LVS_TCP, LVS_DR, 100);
	vip = addr_of('V', 1);
	dest = addr_of('D', 2);
	ck_assert_int_eq(client_sends(7, SYN), LVS_REASON_FORWARDED);
	ck_assert_mem_eq(ip_destination(), vip.bytes, width());
	ck_assert_uint_eq(get16(ip() + ip_length() + 2), 80);
	ck_assert_mem_eq(outcome.next_hop.bytes, dest.bytes, width());
	assert_sums(LVS_TCP);
	/* replies pass by; one that comes here is not ours */
	ck_assert_int_eq(dest_sends(2, 7, SYN | ACK), LVS_REASON_NOT_OURS);
	client_sends(7, ACK);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 1);
	client_sends(7, FIN | ACK);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 0);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_INACTIVE), 1);
}
END_TEST

START_TEST(nat_and_direct_routing_serve_beside_each_other)
{
	struct lvs_addr vip, direct, other;
	int hits[2] = {0, 0};

	start(_i, LVS_TCP, LVS_NAT, 100);
	ck_assert_int_eq(lvs_dest_set(dest_of(1), LVS_DEST_METHOD, LVS_DR), 0);
	ck_assert_int_eq(lvs_balancer_commit(balancer), 0);
	vip = addr_of('V', 1);
	direct = addr_of('D', 1);
	other = addr_of('D', 2);
	for (unsigned int n = 1; n <= 10; n++) {
		bool nat;

		ck_assert_int_eq(client_sends(n, SYN), LVS_REASON_FORWARDED);
		nat = memcmp(ip_destination(), other.bytes, width()) == 0;
		hits[nat]++;
		assert_sums(LVS_TCP);
		ck_assert_mem_eq(outcome.next_hop.bytes,
				 nat ? other.bytes : direct.bytes, width());
		ck_assert_uint_eq(get16(ip() + ip_length() + 2),
				  nat ? 8080 : 80);
		if (!nat)
			ck_assert_mem_eq(ip_destination(), vip.bytes, width());
		ck_assert_int_eq(dest_sends(nat ? 2 : 1, n, SYN | ACK),
				 nat ? LVS_REASON_REPLIED
				     : LVS_REASON_NOT_OURS);
	}
	ck_assert_int_eq(hits[0], 5);
	ck_assert_int_eq(hits[1], 5);
}
END_TEST

START_TEST(what_is_not_for_a_service_passes)
{
	struct ends e;

	start(_i, LVS_TCP, LVS_NAT, 100);
	e = from_client(1);
	e.destination_port = 81;
	ck_assert_int_eq(input(&e, LVS_TCP, SYN), LVS_REASON_NOT_OURS);
	ck_assert_uint_eq(outcome.verdict, LVS_PASS);
	e = from_client(1);
	ck_assert_int_eq(input(&e, LVS_UDP, 0), LVS_REASON_NOT_OURS);
	ck_assert_uint_eq(totals().conns, 0);
}
END_TEST

START_TEST(only_a_syn_opens_and_others_are_reset)
{
	uint8_t out[1024];
	struct lvs_outcome answer;

	start(_i, LVS_TCP, LVS_NAT, 100);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_NO_CONN);
	ck_assert_uint_eq(outcome.verdict, LVS_DROP);
	ck_assert_int_eq(lvs_balancer_pop(balancer, &answer, out, 10),
			 -ENOBUFS);
	ck_assert_int_eq(lvs_balancer_pop(balancer, &answer, out, sizeof(out)),
			 1);
	memcpy(buffer, out, sizeof(out));
	outcome = answer;
	ck_assert_uint_eq(ip()[ip_length() + 13] & RST, RST);
	ck_assert_uint_eq(get16(ip() + ip_length()), 80);
	assert_sums(LVS_TCP);
	/* a reset is not answered, and opens nothing */
	ck_assert_int_eq(client_sends(1, RST), LVS_REASON_NO_CONN);
	ck_assert_int_eq(client_sends(1, RST | SYN), LVS_REASON_NO_CONN);
	ck_assert_int_eq(lvs_balancer_pop(balancer, &answer, out, sizeof(out)),
			 0);
	ck_assert_uint_eq(totals().conns, 0);
}
END_TEST

START_TEST(no_usable_dest_is_answered_by_icmp)
{
	uint8_t out[1024];
	struct lvs_outcome answer;

	start(_i, LVS_UDP, LVS_NAT, 100);
	lvs_dest_set(dest_of(1), LVS_DEST_WEIGHT, 0);
	lvs_dest_set(dest_of(2), LVS_DEST_DOWN, 1);
	ck_assert_int_eq(lvs_balancer_commit(balancer), 0);
	struct ends e = from_client(1);
	ck_assert_int_eq(input(&e, LVS_UDP, 0), LVS_REASON_NO_DEST);
	ck_assert_int_eq(lvs_balancer_pop(balancer, &answer, out, sizeof(out)),
			 1);
	ck_assert_uint_eq(out[answer.offset + (af == LVS_IPV4 ? 9 : 6)],
			  af == LVS_IPV4 ? 1 : 58);
	ck_assert_mem_eq(answer.next_hop.bytes, e.source.bytes, 16);
	ck_assert_uint_eq(totals().conns, 0);
}
END_TEST

START_TEST(answers_are_rationed)
{
	uint8_t out[1024];
	struct lvs_outcome answer;
	uint64_t made;

	start(_i, LVS_TCP, LVS_NAT, 100);
	for (unsigned int i = 0; i < 10000; i++) {
		client_sends(i, ACK);
		while (lvs_balancer_pop(balancer, &answer, out, sizeof(out)) ==
		       1)
			;
	}
	made = totals().originated;
	ck_assert_uint_ge(made, 100);
	ck_assert_uint_le(made, 300);
	moment += 100;
	for (unsigned int i = 0; i < 10000; i++)
		client_sends(i, ACK); /* nobody pops: the ring bounds it */
	ck_assert_uint_le(totals().originated - made, 100);
	ck_assert_uint_le(totals().queued, 64);
}
END_TEST

START_TEST(the_ttl_ends_here)
{
	struct ends e;
	uint32_t length;

	start(_i, LVS_TCP, LVS_NAT, 100);
	e = from_client(1);
	for (unsigned int ttl = 0; ttl < 3; ttl++) {
		length = build(buffer + LVS_HEADROOM, &e, LVS_TCP, SYN, ttl);
		ck_assert_int_eq(lvs_balancer_input(balancer, &outcome, buffer,
						    LVS_HEADROOM, length, SIZE,
						    moment),
				 0);
		ck_assert_uint_eq(outcome.reason,
				  ttl < 2 ? LVS_REASON_TTL
					  : LVS_REASON_FORWARDED);
		ck_assert_uint_eq(totals().conns, ttl < 2 ? 0 : 1);
	}
	ck_assert_uint_eq(ip()[af == LVS_IPV4 ? 8 : 7], 1);
	assert_sums(LVS_TCP);
	length = build(buffer + LVS_HEADROOM, &e, LVS_TCP, ACK, 1);
	lvs_balancer_input(balancer, &outcome, buffer, LVS_HEADROOM, length,
			   SIZE, moment);
	ck_assert_uint_eq(outcome.reason, LVS_REASON_TTL);
	ck_assert_uint_eq(totals().queued, 3);
}
END_TEST

START_TEST(two_packets_of_a_new_flow_make_one_connection)
{
	static uint8_t buffers[130][256];
	struct lvs_packet packets[130];

	start(_i, LVS_UDP, LVS_NAT, 1000);
	for (unsigned int i = 0; i < 130; i++) {
		struct ends e = from_client(i / 3);

		packets[i] = (struct lvs_packet){
			.data = buffers[i],
			.offset = LVS_HEADROOM,
			.capacity = 256,
			.length = build(buffers[i] + LVS_HEADROOM, &e, LVS_UDP,
					0, 64),
		};
	}
	ck_assert_int_eq(lvs_balancer_batch(balancer, packets, 130, moment), 0);
	for (unsigned int i = 0; i < 130; i++) {
		ck_assert_uint_eq(packets[i].reason, LVS_REASON_FORWARDED);
		ck_assert_uint_eq(packets[i].conn, packets[i / 3 * 3].conn);
	}
	ck_assert_uint_eq(totals().conns, 44);
	ck_assert_uint_eq(totals().in, 130);
}
END_TEST

START_TEST(a_refused_port_is_scheduled_anew)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	dest_sends(2, 1, RST | ACK);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 1);
}
END_TEST

START_TEST(a_port_used_again_is_scheduled_anew)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	dest_sends(2, 1, SYN | ACK);
	client_sends(1, ACK);
	client_sends(1, FIN | ACK);
	dest_sends(2, 1, FIN | ACK);
	client_sends(1, ACK);
	/* TIME_WAIT: the same client and port again */
	ck_assert_int_eq(client_sends(1, SYN), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 1);
	ck_assert_uint_eq(totals().conns, 1);
	/* but a SYN that comes twice stays */
	ck_assert_int_eq(client_sends(1, SYN), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 1);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
	struct lvs_packet packet = {.data = buffer,
				    .offset = 10,
				    .length = 50,
				    .capacity = 59};

	start(0, LVS_TCP, LVS_NAT, 10);
	for (int i = 0; i < 4; i++) {
		packet.reason = 99;
		ck_assert_int_eq(lvs_balancer_batch(balancer, &packet, 1, 0),
				 0);
		ck_assert_uint_eq(packet.reason, LVS_REASON_HEADROOM);
		packet.capacity = i == 0 ? 60 : SIZE;
		packet.offset = i == 1 ? SIZE : UINT32_MAX - 10;
	}
	ck_assert_int_eq(lvs_balancer_input(balancer, &outcome, buffer, 100, 50,
					    149, 0),
			 -EINVAL);
	ck_assert_int_eq(lvs_balancer_input(balancer, &outcome, buffer,
					    UINT32_MAX, 2, 149, 0),
			 -EINVAL);
	ck_assert_int_eq(lvs_balancer_batch(balancer, NULL, 0, 0), 0);
	ck_assert_int_eq(lvs_balancer_add_service(balancer, service), -EBUSY);
	ck_assert_int_eq(lvs_balancer_set_timeout(balancer, 99, 1), -EINVAL);
	ck_assert_int_eq(lvs_balancer_set_timeout(balancer, LVS_STATE_UDP, 0),
			 -ERANGE);
	ck_assert_uint_eq(totals().in, 4);
}
END_TEST

static TCase *path_case(void)
{
	TCase *tcase = tcase_create("path");

	tcase_add_checked_fixture(tcase, NULL, end);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, nat_rewrites_both_ways, 0, 2);
	tcase_add_loop_test(tcase, direct_routing_changes_the_next_hop_only, 0,
			    2);
	tcase_add_loop_test(tcase,
			    nat_and_direct_routing_serve_beside_each_other, 0,
			    2);
	tcase_add_loop_test(tcase, what_is_not_for_a_service_passes, 0, 2);
	tcase_add_loop_test(tcase, only_a_syn_opens_and_others_are_reset, 0, 2);
	tcase_add_loop_test(tcase, no_usable_dest_is_answered_by_icmp, 0, 2);
	tcase_add_loop_test(tcase, answers_are_rationed, 0, 2);
	tcase_add_loop_test(tcase, the_ttl_ends_here, 0, 2);
	tcase_add_loop_test(tcase,
			    two_packets_of_a_new_flow_make_one_connection, 0,
			    2);
	tcase_add_loop_test(tcase, a_refused_port_is_scheduled_anew, 0, 2);
	tcase_add_loop_test(tcase, a_port_used_again_is_scheduled_anew, 0, 2);
	tcase_add_test(tcase, wrong_arguments_are_refused);
	return tcase;
}

Suite *balancer_suite(void)
{
	Suite *suite = suite_create("balancer");

	suite_add_tcase(suite, path_case());
	suite_add_tcase(suite, balancer_change_case());
	suite_add_tcase(suite, balancer_bounds_case());
	suite_add_tcase(suite, balancer_explain_case());
	return suite;
}
