/*
 * What runs changes: dests drain and go, services come back, timeouts move.
 */
#include "lone_balancer.h"

#include "balancer/balancer.h"

START_TEST(changes_take_effect_at_commit_together)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	add_dest(3, LVS_NAT);
	lvs_dest_set(dest_of(1), LVS_DEST_WEIGHT, 0);
	for (unsigned int i = 0; i < 10; i++) {
		client_sends(i, SYN);
		ck_assert_uint_ne(dest_hit(), 3);
	}
	ck_assert_int_eq(lvs_balancer_commit(balancer), 0);
	for (unsigned int i = 10; i < 20; i++) {
		client_sends(i, SYN);
		ck_assert_uint_ne(dest_hit(), 1);
	}
}
END_TEST

START_TEST(a_drained_dest_keeps_its_flows_and_gets_no_more)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	for (unsigned int i = 0; i < 10; i++)
		client_sends(i, SYN);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE), 5);
	lvs_dest_set(dest_of(1), LVS_DEST_DRAIN, 1);
	lvs_balancer_commit(balancer);
	for (unsigned int i = 0; i < 20; i++)
		ck_assert_int_eq(client_sends(i, i < 10 ? ACK : SYN),
				 LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE), 5);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 15);
}
END_TEST

START_TEST(a_removed_dest_drops_its_flows_until_it_comes_back)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	client_sends(1, ACK);
	ck_assert_int_eq(lvs_service_remove_dest(service, dest_of(2)), 0);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_DEST_GONE);
	ck_assert_uint_eq(totals().conns, 1);
	add_dest(2, LVS_NAT);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 2);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 1);
	/* a SYN does not wait for it */
	ck_assert_int_eq(lvs_service_remove_dest(service, dest_of(2)), 0);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(client_sends(1, SYN), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 1);
	ck_assert_uint_eq(totals().conns, 1);
}
END_TEST

START_TEST(expire_nodest_ends_flows_of_removed_dests)
{
	start(_i, LVS_UDP, LVS_NAT, 100);
	ck_assert_int_eq(lvs_service_set(service, LVS_SERVICE_EXPIRE_NODEST, 1),
			 0);
	struct ends e = from_client(1);
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 2);
	ck_assert_int_eq(lvs_service_remove_dest(service, dest_of(2)), 0);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(input(&e, LVS_UDP, 0), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 1);
	ck_assert_uint_eq(totals().conns, 1);
}
END_TEST

START_TEST(udp_leaves_a_dead_dest_tcp_stays)
{
	struct ends e;

	start(_i, LVS_UDP, LVS_NAT, 100);
	e = from_client(1);
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 2);
	lvs_dest_set(dest_of(2), LVS_DEST_DOWN, 1);
	lvs_balancer_commit(balancer);
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 1);
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	lvs_dest_set(dest_of(2), LVS_DEST_DOWN, 1);
	lvs_balancer_commit(balancer);
	client_sends(1, ACK);
	ck_assert_uint_eq(dest_hit(), 2);
}
END_TEST

START_TEST(what_a_removed_dest_still_sends_reaches_the_client)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	ck_assert_int_eq(lvs_service_remove_dest(service, dest_of(2)), 0);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(dest_sends(2, 1, SYN | ACK), LVS_REASON_REPLIED);
	ck_assert_int_eq(dest_sends(2, 1, ACK), LVS_REASON_REPLIED);
	ck_assert_uint_eq(totals().conns, 1);
}
END_TEST

/* Two services, one dest: the client's port is free again for the second as
 * soon as the first connection closes. */
START_TEST(another_service_takes_a_closing_connections_reply_key)
{
	struct lvs_service *second;
	struct lvs_addr addr;
	struct ends e;

	start(_i, LVS_TCP, LVS_NAT, 100);
	lvs_service_remove_dest(service, dest_of(1));
	ck_assert_int_eq(lvs_service_new(&second), 0);
	addr = addr_of('V', 2);
	lvs_service_set_address(second, &addr, 80, LVS_TCP);
	lvs_service_set_sched(second, "rr");
	addr = addr_of('D', 2);
	struct lvs_dest *dest;
	ck_assert_int_eq(lvs_service_add_dest(second, &dest, &addr, 8080, 1),
			 0);
	lvs_dest_set(dest, LVS_DEST_METHOD, LVS_NAT);
	ck_assert_int_eq(lvs_balancer_add_service(balancer, second), 0);
	ck_assert_int_eq(lvs_balancer_commit(balancer), 0);
	client_sends(1, SYN);
	dest_sends(2, 1, SYN | ACK);
	client_sends(1, ACK);
	e = from_client(1);
	e.destination = addr_of('V', 2);
	/* established: nobody can tell the replies apart */
	ck_assert_int_eq(input(&e, LVS_TCP, SYN), LVS_REASON_CONFLICT);
	client_sends(1, FIN | ACK);
	dest_sends(2, 1, FIN | ACK);
	ck_assert_int_eq(input(&e, LVS_TCP, SYN), LVS_REASON_FORWARDED);
	ck_assert_int_eq(dest_sends(2, 1, SYN | ACK), LVS_REASON_REPLIED);
	ck_assert_mem_eq(ip_source(), e.destination.bytes, width());
	ck_assert_uint_eq(totals().conns, 1);
}
END_TEST

/* A service that is removed and made again, a dest at a time, as lvsadm does:
 * what runs goes on. */
START_TEST(a_dest_of_a_service_made_again_takes_its_flows_back)
{
	struct lvs_addr vip;

	start(_i, LVS_TCP, LVS_NAT, 100);
	vip = addr_of('V', 1);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	client_sends(1, ACK);
	lvs_balancer_remove_service(balancer, service);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_DEST_GONE);
	ck_assert_int_eq(lvs_service_new(&service), 0);
	lvs_service_set_address(service, &vip, 80, LVS_TCP);
	lvs_service_set_sched(service, "rr");
	ck_assert_int_eq(lvs_balancer_add_service(balancer, service), 0);
	lvs_balancer_commit(balancer);
	add_dest(2, LVS_NAT);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 2);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 1);
}
END_TEST

START_TEST(a_removed_service_passes_and_its_flows_drop)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	client_sends(2, SYN);
	ck_assert_int_eq(lvs_balancer_remove_service(balancer, service), 0);
	ck_assert_int_eq(lvs_balancer_commit(balancer), 0);
	ck_assert_int_eq(client_sends(3, SYN), LVS_REASON_NOT_OURS);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_DEST_GONE);
	ck_assert_ptr_null(lvs_balancer_next_service(balancer, NULL));
	moment += 1000000;
	for (int i = 0; i < 5; i++)
		lvs_balancer_dispatch(balancer, moment, 0);
	ck_assert_uint_eq(totals().conns, 0);
}
END_TEST

START_TEST(a_configured_timeout_holds)
{
	start(_i, LVS_UDP, LVS_NAT, 10);
	ck_assert_int_eq(lvs_balancer_set_timeout(balancer, LVS_STATE_UDP,
						  5000),
			 0);
	lvs_balancer_commit(balancer);
	struct ends e = from_client(1);
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 2);
	moment += 4999;
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 2);
	moment += 5000;
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 1);
}
END_TEST

/* Under a director, services and timeouts arrive with a snapshot. */
START_TEST(a_lane_works_on_what_is_published)
{
	const struct lvs__snapshot *snapshot;
	struct lvs__catalog catalog;
	struct lvs_service *served;
	struct lvs_addr addr;
	struct ends e;

	start(0, LVS_UDP, LVS_NAT, 10);
	end();
	ck_assert_int_eq(lvs__catalog_init(&catalog, 3), 0);
	ck_assert_int_eq(lvs_service_new(&served), 0);
	addr = addr_of('V', 1);
	lvs_service_set_address(served, &addr, 80, LVS_UDP);
	lvs_service_set_sched(served, "rr");
	addr = addr_of('D', 1);
	ck_assert_int_eq(lvs_service_add_dest(served, NULL, &addr, 8080, 1), 0);
	ck_assert_int_eq(lvs__catalog_add(&catalog, served), 0);
	catalog.timeouts[LVS_STATE_UDP] = 5000;
	ck_assert_int_eq(lvs__catalog_compile(&catalog, &snapshot), 0);
	ck_assert_int_eq(lvs__balancer_new_lane(&balancer, 10, 0, 2), 0);
	e = from_client(1);
	ck_assert_int_eq(input(&e, LVS_UDP, 0), LVS_REASON_NOT_OURS);
	ck_assert_uint_eq(lvs__balancer_seen(balancer), 0);
	lvs__balancer_publish(balancer, snapshot);
	ck_assert_int_eq(input(&e, LVS_UDP, 0), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(lvs__balancer_seen(balancer), snapshot->version);
	/* found for 5 seconds, then gone */
	moment += 5032;
	ck_assert_int_eq(lvs_balancer_dispatch(balancer, moment, 0), 1);
	/* services are the director's: not to be changed here */
	ck_assert_int_eq(lvs_balancer_commit(balancer), -EBUSY);
	ck_assert_int_eq(lvs_balancer_set_timeout(balancer, 1, 1), -EBUSY);
	end();
	lvs__catalog_fini(&catalog);
}
END_TEST

TCase *balancer_change_case(void)
{
	TCase *tcase = tcase_create("change");

	tcase_add_checked_fixture(tcase, NULL, end);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, changes_take_effect_at_commit_together, 0,
			    2);
	tcase_add_loop_test(tcase,
			    a_drained_dest_keeps_its_flows_and_gets_no_more, 0,
			    2);
	tcase_add_loop_test(tcase,
			    a_removed_dest_drops_its_flows_until_it_comes_back,
			    0, 2);
	tcase_add_loop_test(tcase, expire_nodest_ends_flows_of_removed_dests, 0,
			    2);
	tcase_add_loop_test(tcase, udp_leaves_a_dead_dest_tcp_stays, 0, 2);
	tcase_add_loop_test(tcase,
			    what_a_removed_dest_still_sends_reaches_the_client,
			    0, 2);
	tcase_add_loop_test(
		tcase, another_service_takes_a_closing_connections_reply_key, 0,
		2);
	tcase_add_loop_test(tcase,
			    a_dest_of_a_service_made_again_takes_its_flows_back,
			    0, 2);
	tcase_add_loop_test(tcase, a_removed_service_passes_and_its_flows_drop,
			    0, 2);
	tcase_add_loop_test(tcase, a_configured_timeout_holds, 0, 2);
	tcase_add_test(tcase, a_lane_works_on_what_is_published);
	return tcase;
}
