/*
 * Callers who err: what another parent holds, what was removed already, what
 * belongs elsewhere, and numbers from the far ends. Each gets its error and
 * nothing is changed. (A pointer to something that was freed is the caller's
 * to avoid: no C library can tell. Connections have handles for that.)
 */
#include "unit.h"

#include <lvs/lvs.h>
#include <stdint.h>

static struct lvs_addr address(const char *text)
{
	struct lvs_addr addr = {0};

	ck_assert_int_eq(lvs_addr_parse(&addr, text), 0);
	return addr;
}

static struct lvs_service *service_at(uint16_t port)
{
	struct lvs_addr vip = address("192.0.2.1");
	struct lvs_addr server = address("10.0.0.1");
	struct lvs_service *service;

	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_address(service, &vip, port, LVS_TCP),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service, "rr"), 0);
	ck_assert_int_eq(lvs_service_add_dest(service, NULL, &server, 80, 1),
			 0);
	return service;
}

static struct lvs_check *check_at(uint16_t port)
{
	struct lvs_addr addr = address("127.0.0.1");
	struct lvs_check *check;

	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	ck_assert_int_eq(lvs_check_set_target(check, &addr, port), 0);
	return check;
}

START_TEST(what_one_balancer_holds_another_refuses)
{
	struct lvs_service *service = service_at(80), *other = service_at(81);
	struct lvs_balancer *a, *b;
	struct lvs_dest *dest;

	ck_assert_int_eq(lvs_balancer_new(&a, 16, 0), 0);
	ck_assert_int_eq(lvs_balancer_new(&b, 16, 0), 0);
	ck_assert_int_eq(lvs_balancer_add_service(a, service), 0);
	ck_assert_int_eq(lvs_balancer_add_service(a, service), -EBUSY);
	ck_assert_int_eq(lvs_balancer_add_service(b, service), -EBUSY);
	ck_assert_int_eq(lvs_balancer_remove_service(b, service), -ENOENT);
	ck_assert_int_eq(lvs_balancer_remove_service(a, other), -ENOENT);
	/* the parent ends it, nobody else; and it picks and counts */
	lvs_service_free(service);
	dest = lvs_service_next_dest(service, NULL);
	ck_assert_int_eq(lvs_service_pick(service, &dest, NULL, 1), -EBUSY);
	ck_assert_int_eq(lvs_dest_opened(dest), -EBUSY);
	ck_assert_int_eq(lvs_dest_closed(dest), -EBUSY);
	/* a walk from a stranger ends */
	ck_assert_ptr_null(lvs_balancer_next_service(b, NULL));
	ck_assert_int_eq(lvs_balancer_remove_service(a, service), 0);
	lvs_service_free(other);
	lvs_balancer_free(b);
	lvs_balancer_free(a);
}
END_TEST

START_TEST(a_dest_of_another_service_is_not_ours)
{
	struct lvs_service *a = service_at(80), *b = service_at(81);
	struct lvs_dest *dest = lvs_service_next_dest(a, NULL);

	ck_assert_int_eq(lvs_service_remove_dest(b, dest), -ENOENT);
	ck_assert_int_eq(lvs_dest_opened(dest), 0);
	ck_assert_int_eq(lvs_service_remove_dest(a, dest), 0);
	/* it lives while a connection does, and is nobody's */
	ck_assert_int_eq(lvs_service_remove_dest(a, dest), -ENOENT);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_WEIGHT, 3), -ENOENT);
	ck_assert_int_eq(lvs_dest_opened(dest), -ENOENT);
	ck_assert_int_eq(lvs_dest_closed(dest), 0);
	lvs_service_free(a);
	lvs_service_free(b);
}
END_TEST

START_TEST(a_check_has_one_monitor)
{
	struct lvs_check *check = check_at(9), *loose = check_at(10);
	struct lvs_monitor *a, *b;

	ck_assert_int_eq(lvs_monitor_new(&a), 0);
	ck_assert_int_eq(lvs_monitor_new(&b), 0);
	ck_assert_int_eq(lvs_monitor_add_check(a, check, 1, 1), 0);
	ck_assert_int_eq(lvs_monitor_add_check(a, check, 1, 1), -EBUSY);
	ck_assert_int_eq(lvs_monitor_add_check(b, check, 1, 1), -EBUSY);
	ck_assert_int_eq(lvs_monitor_remove_check(b, check), -ENOENT);
	ck_assert_int_eq(lvs_monitor_force_down(b, check, 1), -ENOENT);
	ck_assert_int_eq(lvs_monitor_remove_check(a, loose), -ENOENT);
	lvs_check_free(check); /* held: left alone */
	ck_assert_int_eq(lvs_check_state(check), LVS_CHECK_UNKNOWN);
	ck_assert_int_eq(lvs_monitor_remove_check(a, check), 0);
	lvs_check_free(loose);
	lvs_monitor_free(a);
	lvs_monitor_free(b);
}
END_TEST

START_TEST(a_stale_handle_is_nobodys_for_2_32_lives)
{
	struct lvs_flow flow = {.family = LVS_IPV4,
				.protocol = LVS_UDP,
				.method = LVS_DR,
				.client_port = 1,
				.virtual_port = 53,
				.dest_port = 53,
				.client = {198, 51, 100, 1},
				.virtual_addr = {192, 0, 2, 1},
				.dest = {10, 0, 0, 1}};
	struct lvs_table *table;
	uint64_t first, conn = 0;

	ck_assert_int_eq(lvs_table_new(&table, 1, 0), 0);
	ck_assert_int_eq(lvs_table_add(table, &first, &flow, 1), 0);
	ck_assert_int_eq(lvs_table_remove(table, first), 0);
	ck_assert_int_eq(lvs_table_remove(table, first), -ENOENT);
	for (int i = 0; i < 100000; i++) {
		ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 1), 0);
		ck_assert_uint_ne(conn, first);
		ck_assert_int_eq(lvs_table_remove(table, first), -ENOENT);
		ck_assert_int_eq(lvs_table_remove(table, conn), 0);
	}
	ck_assert_int_eq(lvs_table_touch(table, first, 0, 0, 1), -ENOENT);
	ck_assert_int_eq(lvs_table_get(table, &flow, sizeof(flow), first, 1),
			 -ENOENT);
	/* numbers that were never handles */
	for (uint64_t bit = 0; bit < 64; bit++) {
		ck_assert_int_eq(lvs_table_remove(table, 1ull << bit), -ENOENT);
		ck_assert_int_eq(lvs_table_remove(table, ~(1ull << bit)),
				 -ENOENT);
	}
	ck_assert_int_eq(lvs_table_remove(table, UINT64_MAX), -ENOENT);
	lvs_table_free(table);
}
END_TEST

/* ---- numbers from the far ends */

/* What a caller gets who computed a number by mistake. */
static const uint64_t huge[] = {1ull << 31,	    (1ull << 32) - 1,
				1ull << 32,	    (1ull << 32) + 1,
				1ull << 63,	    UINT64_MAX,
				(uint64_t)INT32_MIN};
#define HUGE (sizeof(huge) / sizeof(huge[0]))

START_TEST(sizes_beyond_memory_are_refused)
{
	struct lvs_balancer *balancer = NULL;
	struct lvs_table *table = NULL;

	ck_assert_int_eq(lvs_table_new(&table, 0, 0), -EINVAL);
	ck_assert_int_eq(lvs_table_new(&table, (1u << 26) + 1, 0), -EINVAL);
	ck_assert_int_eq(lvs_table_new(&table, UINT32_MAX, 0), -EINVAL);
	ck_assert_int_eq(lvs_balancer_new(&balancer, UINT32_MAX, 0), -EINVAL);
	ck_assert_int_eq(lvs_balancer_new(&balancer, 16, UINT32_MAX), -EINVAL);
	ck_assert_ptr_null(table);
	ck_assert_ptr_null(balancer);
}
END_TEST

START_TEST(options_beyond_their_range_are_refused)
{
	struct lvs_service *service = service_at(80);
	struct lvs_dest *dest = lvs_service_next_dest(service, NULL);
	struct lvs_check *check = check_at(9);
	struct lvs_addr server = address("10.0.0.2");
	struct lvs_backend *backend;
	struct lvs_table *table;
	uint64_t value;

	ck_assert_int_eq(lvs_backend_new(&backend, "raw"), 0);
	ck_assert_int_eq(lvs_table_new(&table, 16, 0), 0);
	for (size_t i = 0; i < HUGE; i++) {
		for (int option = 1; option < 8; option++) {
			ck_assert_int_lt(lvs_dest_set(dest, option, huge[i]),
					 0);
			ck_assert_int_lt(lvs_check_set(check, option, huge[i]),
					 0);
			ck_assert_int_lt(lvs_backend_set(backend, option,
							 huge[i]),
					 0);
		}
		ck_assert_int_lt(lvs_service_set(service, 1, huge[i]), 0);
		ck_assert_int_lt(lvs_table_set_timeout(table, 1, huge[i]), 0);
	}
	ck_assert_int_eq(lvs_service_add_dest(service, NULL, &server, 80,
					      1u << 31),
			 -ERANGE);
	ck_assert_int_eq(lvs_service_add_dest(service, NULL, &server, 80,
					      UINT32_MAX),
			 -ERANGE);
	ck_assert_ptr_null(lvs_service_find_dest(service, &server, 80));
	ck_assert_int_eq(lvs_dest_get(dest, LVS_DEST_WEIGHT, &value), 0);
	ck_assert_uint_eq(value, 1);
	lvs_table_free(table);
	lvs_backend_free(backend);
	lvs_check_free(check);
	lvs_service_free(service);
}
END_TEST

START_TEST(enumerators_beyond_their_range_are_refused)
{
	static const int wrong[] = {INT32_MIN, -1, 0, 67, 1 << 16, INT32_MAX};
	struct lvs_service *service = service_at(80);
	struct lvs_dest *dest = lvs_service_next_dest(service, NULL);
	struct lvs_check *check = check_at(9);
	struct lvs_addr vip = address("192.0.2.1");
	struct lvs_backend *backend;
	struct lvs_table *table;
	uint64_t value = 4711;

	ck_assert_int_eq(lvs_backend_new(&backend, "raw"), 0);
	ck_assert_int_eq(lvs_table_new(&table, 16, 0), 0);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		int w = wrong[i];

		ck_assert_int_eq(lvs_service_set(service, w, 1), -EINVAL);
		ck_assert_int_eq(lvs_service_get(service, w, &value), -EINVAL);
		ck_assert_int_eq(lvs_dest_set(dest, w, 1), -EINVAL);
		ck_assert_int_eq(lvs_dest_get(dest, w, &value), -EINVAL);
		ck_assert_int_eq(lvs_check_set(check, w, 1), -EINVAL);
		ck_assert_int_eq(lvs_check_get(check, w, &value), -EINVAL);
		ck_assert_int_eq(lvs_backend_set(backend, w, 1), -EINVAL);
		ck_assert_int_lt(lvs_service_set_address(service, &vip, 80, w),
				 0);
		if (w != 0) {
			ck_assert_int_eq(lvs_table_set_timeout(table, w, 1),
					 -EINVAL);
			ck_assert_int_lt(lvs_reason_verdict(w), 0);
		}
		ck_assert_ptr_nonnull(lvs_reason_name(w));
		ck_assert_ptr_nonnull(lvs_reason_text(w));
		ck_assert_ptr_nonnull(lvs_state_name(w));
		ck_assert_ptr_nonnull(lvs_strerror(w));
		ck_assert_ptr_nonnull(lvs_check_state_name(w));
		ck_assert_ptr_nonnull(lvs_check_cause_name(w));
	}
	ck_assert_ptr_null(lvs_sched_name(SIZE_MAX));
	ck_assert_ptr_null(lvs_backend_lane(backend, UINT32_MAX));
	ck_assert_uint_eq(value, 4711);
	lvs_table_free(table);
	lvs_backend_free(backend);
	lvs_check_free(check);
	lvs_service_free(service);
}
END_TEST

START_TEST(a_packet_outside_its_buffer_is_refused)
{
	static uint8_t buffer[256];
	static const uint32_t far[] = {257, 1u << 31, UINT32_MAX - 95,
				       UINT32_MAX};
	struct lvs_outcome out = {.verdict = 4711};
	struct lvs_balancer *balancer;
	struct lvs_packet packet;

	ck_assert_int_eq(lvs_balancer_new(&balancer, 16, 0), 0);
	for (size_t i = 0; i < sizeof(far) / sizeof(far[0]); i++)
		for (size_t j = 0; j < sizeof(far) / sizeof(far[0]); j++) {
			ck_assert_int_eq(lvs_balancer_input(balancer, &out,
							    buffer, far[i],
							    far[j],
							    sizeof(buffer), 1),
					 -EINVAL);
			ck_assert_int_eq(lvs_balancer_input(balancer, &out,
							    buffer, 96, far[j],
							    sizeof(buffer), 1),
					 -EINVAL);
			packet = (struct lvs_packet){
				.data = buffer,
				.offset = far[i],
				.length = far[j],
				.capacity = sizeof(buffer),
			};
			ck_assert_int_eq(lvs_balancer_batch(balancer, &packet,
							    1, 1),
					 0);
			ck_assert_uint_eq(packet.verdict, LVS_DROP);
			ck_assert_uint_eq(packet.reason, LVS_REASON_HEADROOM);
		}
	ck_assert_uint_eq(out.verdict, 4711);
	lvs_balancer_free(balancer);
}
END_TEST

START_TEST(a_text_without_end_is_no_address)
{
	static char text[1 << 16];
	struct lvs_addr addr;
	uint16_t port;

	memset(text, '1', sizeof(text) - 1);
	ck_assert_int_eq(lvs_addr_parse(&addr, text), -EINVAL);
	ck_assert_int_eq(lvs_endpoint_parse(&addr, &port, text), -EINVAL);
	memset(text, ':', sizeof(text) - 1);
	ck_assert_int_eq(lvs_addr_parse(&addr, text), -EINVAL);
	memset(text, '[', sizeof(text) - 1);
	ck_assert_int_eq(lvs_endpoint_parse(&addr, &port, text), -EINVAL);
	for (size_t i = 0; i < 6; i++) {
		static const char *const ends[] = {
			"192.0.2.1:65536",
			"192.0.2.1:-1",
			"192.0.2.1:4294967376",
			"192.0.2.1/129",
			"[2001:db8::1]:18446744073709551696",
			"2001:db8::1/129"};

		ck_assert_int_eq(lvs_endpoint_parse(&addr, &port, ends[i]),
				 -EINVAL);
	}
}
END_TEST

Suite *misuse_suite(void)
{
	Suite *suite = suite_create("misuse");
	TCase *tcase = tcase_create("misuse");

	tcase_add_test(tcase, what_one_balancer_holds_another_refuses);
	tcase_add_test(tcase, a_dest_of_another_service_is_not_ours);
	tcase_add_test(tcase, a_check_has_one_monitor);
	tcase_add_test(tcase, a_stale_handle_is_nobodys_for_2_32_lives);
	tcase_add_test(tcase, sizes_beyond_memory_are_refused);
	tcase_add_test(tcase, options_beyond_their_range_are_refused);
	tcase_add_test(tcase, enumerators_beyond_their_range_are_refused);
	tcase_add_test(tcase, a_packet_outside_its_buffer_is_refused);
	tcase_add_test(tcase, a_text_without_end_is_no_address);
	suite_add_tcase(suite, tcase);
	return suite;
}
