/*
 * A backend: what it takes from the host and the arguments of the public
 * functions. One fact needs a network namespace.
 */
#define _GNU_SOURCE /* unshare() */
#include "backend_parts.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>

#include "backend/raw/taken.h"
#include "network.h"

#include <lvs/backend.h>

/* ---- what is taken from the host */

static struct lvs_claim server(const char *addr, uint32_t port, uint32_t method)
{
	return (struct lvs_claim){.kind = LVS_CLAIM_SERVER,
				  .protocol = LVS_TCP,
				  .method = method,
				  .port = port,
				  .addr = addr_of(addr)};
}

static bool taken_from(const struct lvs__taken *taken, const char *addr,
		       uint16_t port, uint8_t protocol)
{
	struct lvs_addr source = addr_of(addr);
	struct lvs__tuple tuple = {.source_port = htons(port),
				   .family = (uint8_t)source.family,
				   .protocol = protocol};

	memcpy(tuple.source, source.bytes, sizeof(tuple.source));
	return lvs__taken_has(taken, &tuple);
}

START_TEST(only_nat_servers_are_taken_whole_endpoints)
{
	struct lvs_claim claims[] = {
		server("10.2.0.11", 80, LVS_NAT),
		server("fd00:2::11", 80, LVS_NAT),
		server("10.2.0.11", 80, LVS_NAT),
		server("10.2.0.12", 80, LVS_DR),
		server("10.1.0.100", 80, LVS_NAT),
	};
	struct lvs__taken *taken;

	claims[4].kind = LVS_CLAIM_VIRTUAL;
	ck_assert_int_eq(lvs__taken_new(&taken, claims, 5), 0);
	ck_assert(taken_from(taken, "10.2.0.11", 80, LVS_TCP));
	ck_assert(taken_from(taken, "fd00:2::11", 80, LVS_TCP));
	ck_assert(!taken_from(taken, "10.2.0.11", 81, LVS_TCP));
	ck_assert(!taken_from(taken, "10.2.0.11", 80, LVS_UDP));
	ck_assert(!taken_from(taken, "10.2.0.12", 80, LVS_TCP));
	ck_assert(!taken_from(taken, "10.1.0.100", 80, LVS_TCP));
	lvs__taken_free(taken);
	ck_assert_int_eq(lvs__taken_new(&taken, &claims[3], 2), 0);
	ck_assert_ptr_null(taken);
}
END_TEST

START_TEST(thousands_of_servers_are_all_found)
{
	static struct lvs_claim claims[4096];
	struct lvs__taken *taken;
	char text[32];

	for (unsigned int i = 0; i < 4096; i++) {
		snprintf(text, sizeof(text), "10.2.%u.%u", i >> 8, i & 255);
		claims[i] = server(text, 80, LVS_NAT);
	}
	ck_assert_int_eq(lvs__taken_new(&taken, claims, 4096), 0);
	for (unsigned int i = 0; i < 8192; i++) {
		snprintf(text, sizeof(text), "10.2.%u.%u", i >> 8, i & 255);
		ck_assert(taken_from(taken, text, 80, LVS_TCP) == (i < 4096));
	}
	lvs__taken_free(taken);
}
END_TEST

/* A freed set is found by the sanitizer, a kept one by its leak check. */
START_TEST(a_set_stays_while_a_lane_looks_at_it)
{
	struct lvs_claim first = server("10.2.0.1", 80, LVS_NAT);
	struct lvs_claim second = server("10.2.0.2", 80, LVS_NAT);
	struct lvs__taken_shelf shelf = {0};
	struct lvs__taken_view view = {0};
	const struct lvs__taken *seen;
	struct lvs__taken *taken;

	ck_assert_ptr_null(lvs__taken_enter(&view));
	lvs__taken_join(&shelf, &view);
	ck_assert_ptr_null(lvs__taken_enter(&view));
	lvs__taken_leave(&view);
	ck_assert_int_eq(lvs__taken_new(&taken, &first, 1), 0);
	lvs__taken_publish(&shelf, taken);
	seen = lvs__taken_enter(&view);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(lvs__taken_new(&taken, &second, 1), 0);
		lvs__taken_publish(&shelf, taken);
	}
	ck_assert(taken_from(seen, "10.2.0.1", 80, LVS_TCP));
	ck_assert_ptr_eq(shelf.old, seen);
	lvs__taken_leave(&view);
	seen = lvs__taken_enter(&view);
	ck_assert(taken_from(seen, "10.2.0.2", 80, LVS_TCP));
	lvs__taken_leave(&view);
	lvs__taken_publish(&shelf, NULL);
	ck_assert_ptr_null(shelf.old);
	lvs__taken_close(&shelf);
}
END_TEST

/* ---- the public functions */

START_TEST(options_are_checked)
{
	struct lvs_backend *backend;
	char name[32];

	ck_assert_int_eq(lvs_backend_new(&backend, "cooked"), -ENOENT);
	ck_assert_int_eq(lvs_backend_new(&backend, "raw"), 0);
	ck_assert_int_eq(lvs_backend_set(backend, LVS_BACKEND_LANES, 0),
			 -ERANGE);
	ck_assert_int_eq(lvs_backend_set(backend, LVS_BACKEND_LANES, 65),
			 -ERANGE);
	ck_assert_int_eq(lvs_backend_set(backend, LVS_BACKEND_LANES, 64), 0);
	ck_assert_int_eq(lvs_backend_set(backend, LVS_BACKEND_FRAMES, 100),
			 -ERANGE);
	ck_assert_int_eq(lvs_backend_set(backend, LVS_BACKEND_FRAMES, 8),
			 -ERANGE);
	ck_assert_int_eq(lvs_backend_set(backend, LVS_BACKEND_FRAMES, 16), 0);
	ck_assert_int_eq(lvs_backend_set(backend, LVS_BACKEND_ADDRESSES, 2),
			 -ERANGE);
	ck_assert_int_eq(lvs_backend_set(backend, 99, 0), -EINVAL);
	ck_assert_int_eq(lvs_backend_add_interface(backend, ""), -EINVAL);
	ck_assert_int_eq(lvs_backend_add_interface(backend, "sixteen-letters!"),
			 -EINVAL);
	for (int i = 0; i < 256; i++) {
		(void)snprintf(name, sizeof(name), "eth%d", i);
		ck_assert_int_eq(lvs_backend_add_interface(backend, name), 0);
		ck_assert_int_eq(lvs_backend_add_interface(backend, name), 0);
	}
	ck_assert_int_eq(lvs_backend_add_interface(backend, "one-more"),
			 -ERANGE);
	lvs_backend_free(backend);
}
END_TEST

START_TEST(a_backend_that_is_not_open_says_so)
{
	struct lvs_claim claim = {.kind = LVS_CLAIM_VIRTUAL,
				  .protocol = LVS_TCP,
				  .port = 80,
				  .addr = addr_of("192.0.2.1")};
	struct lvs_backend *backend;
	char message[80];

	ck_assert_int_eq(lvs_backend_new(&backend, "raw"), 0);
	ck_assert_int_eq(lvs_backend_fd(backend), -ENOTCONN);
	ck_assert_int_eq(lvs_backend_dispatch(backend, 0, 0), -ENOTCONN);
	ck_assert_uint_eq(lvs_backend_deadline(backend), UINT64_MAX);
	ck_assert_ptr_null(lvs_backend_lane(backend, 0));
	ck_assert_int_eq(lvs_backend_claim(backend, &claim, 1, message,
					   sizeof(message)),
			 -ENOTCONN);
	ck_assert_str_eq(message, "the backend is not open");
	claim.port = 65536;
	ck_assert_int_eq(lvs_backend_claim(backend, &claim, 1, message,
					   sizeof(message)),
			 -EINVAL);
	ck_assert_str_eq(message, "claim 1: its port is not 1 to 65535");
	lvs_backend_free(backend);
}
END_TEST

/* What is left stays readable, so a loop comes back for it. */
START_TEST(a_dispatch_reads_no_more_news_than_its_budget)
{
	struct lvs_backend *backend;
	struct pollfd news = {.events = POLLIN};
	int most = 0;

	if (!own_network())
		return;
	ck_assert_int_eq(lvs_backend_new(&backend, "raw"), 0);
	lvs_backend_add_interface(backend, "one");
	if (lvs_backend_open(backend, NULL, 0) < 0) {
		lvs_backend_free(backend); /* no nftables here */
		return;
	}
	ck_assert_int_ge(lvs_backend_dispatch(backend, 0, 0), 0);
	ck_assert_int_eq(system("PATH=$PATH:/sbin:/usr/sbin; "
				"for i in 1 2 3; do ip link set two down && "
				"ip link set two up; done 2>/dev/null"),
			 0);
	news.fd = lvs_backend_fd(backend);
	ck_assert_int_eq(lvs_backend_dispatch(backend, 10, 2), 2);
	ck_assert_int_eq(poll(&news, 1, 0), 1);
	for (int i = 0; i < 1000 && poll(&news, 1, 0) == 1; i++)
		most = lvs_backend_dispatch(backend, 20, 1);
	ck_assert_int_eq(most, 1);
	ck_assert_int_eq(poll(&news, 1, 0), 0);
	lvs_backend_free(backend);
}
END_TEST

Suite *backend_suite(void)
{
	Suite *suite = suite_create("backend");
	TCase *tcase = tcase_create("parts");

	tcase_add_test(tcase, only_nat_servers_are_taken_whole_endpoints);
	tcase_add_test(tcase, thousands_of_servers_are_all_found);
	tcase_add_test(tcase, a_set_stays_while_a_lane_looks_at_it);
	tcase_add_test(tcase, options_are_checked);
	tcase_add_test(tcase, a_backend_that_is_not_open_says_so);
	tcase_add_test(tcase, a_dispatch_reads_no_more_news_than_its_budget);
	suite_add_tcase(suite, backend_filter_case());
	suite_add_tcase(suite, backend_routes_case());
	suite_add_tcase(suite, backend_neighbours_case());
	suite_add_tcase(suite, backend_packets_case());
	suite_add_tcase(suite, tcase);
	return suite;
}
