/*
 * The packet libraries when memory runs out: every constructor and every adder
 * says so and changes nothing; the packet path needs none.
 */
#include "unit.h"

#include <lvs/lvs.h>
#include <stdio.h>

#include "fault.h"

#define TABLE 1000

static struct lvs_addr address(const char *text)
{
	struct lvs_addr addr = {0};

	lvs_addr_parse(&addr, text);
	return addr;
}

/* ---- services */

static int new_service(void *object)
{
	struct lvs_service *service;
	int result = lvs_service_new(&service);

	(void)object;
	if (result == 0)
		lvs_service_free(service);
	return result;
}

static void *make_service(void)
{
	struct lvs_addr addr = address("192.0.2.1");
	struct lvs_addr server = address("10.0.0.1");
	struct lvs_service *service;

	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 80, LVS_TCP),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service, "wlc"), 0);
	for (uint16_t port = 1; port < 4; port++) {
		struct lvs_dest *dest;

		ck_assert_int_eq(lvs_service_add_dest(service, &dest, &server,
						      port, port),
				 0);
		ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_METHOD, LVS_NAT),
				 0);
	}
	return service;
}

static int add_dest(void *object)
{
	struct lvs_addr server = address("10.0.0.9");

	return lvs_service_add_dest(object, NULL, &server, 80, 1);
}

static int pick(void *object)
{
	struct lvs_dest *dest = NULL;
	struct lvs_addr server = address("10.0.0.9");
	int result = lvs_service_add_dest(object, &dest, &server, 80, 1);

	/* a pick may have to prepare itself; the added dest goes again */
	if (result == 0)
		result = lvs_service_pick(object, &dest, NULL, 1);
	dest = lvs_service_find_dest(object, &server, 80);
	if (result < 0 && dest != NULL)
		lvs_service_remove_dest(object, dest);
	return result;
}

static void print_service(void *object, char *text, size_t size)
{
	struct lvs_dest *dest = NULL;
	size_t at = 0;

	while ((dest = lvs_service_next_dest(object, dest)) != NULL) {
		uint64_t weight = 0;
		uint16_t port = 0;

		lvs_dest_get_address(dest, NULL, &port);
		lvs_dest_get(dest, LVS_DEST_WEIGHT, &weight);
		at += (size_t)snprintf(text + at, size - at, "%u %llu\n", port,
				       (unsigned long long)weight);
	}
}

static void end_service(void *object)
{
	lvs_service_free(object);
}

START_TEST(a_service_is_made_whole_or_not)
{
	fault_flow(&(struct flow){.act = new_service});
}
END_TEST

START_TEST(a_dest_is_added_whole_or_not)
{
	fault_flow(&(struct flow){make_service, add_dest, print_service,
				  end_service});
}
END_TEST

START_TEST(a_pick_without_memory_leaves_the_service)
{
	fault_flow(
		&(struct flow){make_service, pick, print_service, end_service});
}
END_TEST

/* ---- the table */

static int new_table(void *object)
{
	struct lvs_table *table;
	int result = lvs_table_new(&table, TABLE, 0);

	(void)object;
	if (result == 0)
		lvs_table_free(table);
	return result;
}

START_TEST(a_table_is_made_whole_or_not)
{
	fault_flow(&(struct flow){.act = new_table});
}
END_TEST

START_TEST(a_table_that_was_made_needs_no_memory)
{
	struct lvs_flow flow = {.family = LVS_IPV4,
				.protocol = LVS_TCP,
				.method = LVS_NAT,
				.virtual_port = 80,
				.dest_port = 80,
				.dest = {10, 0, 0, 1}};
	struct lvs_table *table;
	uint64_t conn;

	ck_assert_int_eq(lvs_table_new(&table, TABLE, 0), 0);
	fault_at(1);
	for (uint32_t i = 0; i < 3 * TABLE; i++) {
		flow.client_port = i % 60000 + 1;
		lvs_table_add(table, &conn, &flow, i);
		lvs_table_touch(table, conn, LVS_FROM_CLIENT, LVS_TCP_SYN, i);
		lvs_table_expire(table, i * 1000, 0);
	}
	ck_assert_uint_eq(fault_end(), 0);
	lvs_table_free(table);
}
END_TEST

/* ---- the balancer */

struct pair {
	struct lvs_balancer *balancer;
	struct lvs_service *service; /* NULL once the balancer has it */
};

static int new_balancer(void *object)
{
	struct lvs_balancer *balancer;
	int result = lvs_balancer_new(&balancer, TABLE, 0);

	(void)object;
	if (result == 0)
		lvs_balancer_free(balancer);
	return result;
}

static void *make_pair(void)
{
	static struct pair pair;

	ck_assert_int_eq(lvs_balancer_new(&pair.balancer, TABLE, 0), 0);
	pair.service = make_service();
	return &pair;
}

static int add_service(void *object)
{
	struct pair *pair = object;
	int result = lvs_balancer_add_service(pair->balancer, pair->service);

	if (result == 0)
		pair->service = NULL;
	return result;
}

static void *make_added(void)
{
	struct pair *pair = make_pair();

	ck_assert_int_eq(add_service(pair), 0);
	return pair;
}

static int commit(void *object)
{
	return lvs_balancer_commit(((struct pair *)object)->balancer);
}

/* A SYN from 198.51.100.1 to 192.0.2.1:80. */
static const uint8_t syn[40] = {0x45, 0, 0,    40,   0,	   1,	 0,   0,
				64,   6, 0,    0,    198,  51,	 100, 1,
				192,  0, 2,    1,    0x30, 0x39, 0,   80,
				0,    0, 0,    1,    0,	   0,	 0,   0,
				0x50, 2, 0xff, 0xff, 0,	   0,	 0,   0};

/* What it serves: the services it holds and what becomes of a SYN. */
static void print_pair(void *object, char *text, size_t size)
{
	struct pair *pair = object;
	struct lvs_service *service = NULL;
	size_t at = 0;

	while ((service = lvs_balancer_next_service(pair->balancer, service)) !=
	       NULL)
		at += (size_t)snprintf(text + at, size - at, "a service\n");
	lvs_balancer_explain(pair->balancer, text + at, size - at, syn,
			     sizeof(syn), 1);
}

static void end_pair(void *object)
{
	struct pair *pair = object;

	lvs_balancer_free(pair->balancer);
	lvs_service_free(pair->service);
}

START_TEST(a_balancer_is_made_whole_or_not)
{
	fault_flow(&(struct flow){.act = new_balancer});
}
END_TEST

START_TEST(a_balancer_takes_a_service_whole_or_not)
{
	fault_flow(
		&(struct flow){make_pair, add_service, print_pair, end_pair});
}
END_TEST

START_TEST(a_commit_takes_effect_whole_or_not)
{
	fault_flow(&(struct flow){make_added, commit, print_pair, end_pair});
}
END_TEST

/* Batches of SYNs, two from each of 32 clients, from ever new ports. */
static int drive(struct lvs_balancer *balancer, uint32_t batches)
{
	static uint8_t buffers[LVS_BATCH][LVS_HEADROOM + sizeof(syn)];
	struct lvs_packet packets[LVS_BATCH];
	uint64_t now = 1;

	for (uint32_t i = 0; i < batches; i++, now += 17) {
		for (uint32_t j = 0; j < LVS_BATCH; j++) {
			uint8_t *ip = buffers[j] + LVS_HEADROOM;

			memcpy(ip, syn, sizeof(syn));
			ip[20] = (uint8_t)(1 + (i >> 8));
			ip[21] = (uint8_t)i;
			ip[15] = (uint8_t)(j / 2);
			packets[j] = (struct lvs_packet){.data = buffers[j],
							 .offset = LVS_HEADROOM,
							 .length = sizeof(syn),
							 .capacity = sizeof(
								 buffers[j])};
		}
		if (lvs_balancer_batch(balancer, packets, LVS_BATCH, now) != 0)
			return -1;
		lvs_balancer_dispatch(balancer, now, 0);
	}
	return 0;
}

START_TEST(the_packet_path_allocates_nothing)
{
	struct lvs_balancer_stats stats;
	struct pair *pair = make_added();
	int result;

	ck_assert_int_eq(commit(pair), 0);
	fault_at(1);
	result = drive(pair->balancer, 500);
	ck_assert_uint_eq(fault_end(), 0);
	ck_assert_int_eq(result, 0);
	ck_assert_int_eq(lvs_balancer_stats(pair->balancer, &stats,
					    sizeof(stats)),
			 0);
	/* it worked: forwarded, and came to the end of the table too */
	ck_assert_uint_eq(stats.in, 500 * LVS_BATCH);
	ck_assert_uint_gt(stats.forwarded, TABLE);
	end_pair(pair);
}
END_TEST

/* ---- monitor and backend */

static int new_check(void *object)
{
	struct lvs_check *check;
	int result = lvs_check_new(&check, "tcp");

	(void)object;
	if (result == 0)
		lvs_check_free(check);
	return result;
}

static void *make_check(void)
{
	struct lvs_addr addr = address("127.0.0.1");
	struct lvs_check *check;

	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	ck_assert_int_eq(lvs_check_set_target(check, &addr, 9), 0);
	return check;
}

static int copy_check(void *object)
{
	struct lvs_check *copy;
	int result = lvs_check_copy(&copy, object);

	if (result == 0)
		lvs_check_free(copy);
	return result;
}

static void end_check(void *object)
{
	lvs_check_free(object);
}

static int new_monitor(void *object)
{
	struct lvs_monitor *monitor;
	int result = lvs_monitor_new(&monitor);

	(void)object;
	if (result == 0)
		lvs_monitor_free(monitor);
	return result;
}

struct watch {
	struct lvs_monitor *monitor;
	struct lvs_check *check; /* NULL once the monitor has it */
};

static void *make_watch(void)
{
	static struct watch watch;

	ck_assert_int_eq(lvs_monitor_new(&watch.monitor), 0);
	watch.check = make_check();
	return &watch;
}

static int add_check(void *object)
{
	struct watch *watch = object;
	int result = lvs_monitor_add_check(watch->monitor, watch->check, 1, 1);

	if (result == 0)
		watch->check = NULL;
	return result;
}

/* A check that was refused is still the caller's to set. */
static void print_watch(void *object, char *text, size_t size)
{
	struct watch *watch = object;

	if (watch->check != NULL)
		snprintf(text, size, "rise set: %d",
			 lvs_check_set(watch->check, LVS_CHECK_RISE, 2));
}

static void end_watch(void *object)
{
	struct watch *watch = object;

	lvs_monitor_free(watch->monitor);
	lvs_check_free(watch->check);
}

START_TEST(a_check_is_made_whole_or_not)
{
	fault_flow(&(struct flow){.act = new_check});
}
END_TEST

START_TEST(a_check_is_copied_whole_or_not)
{
	fault_flow(&(struct flow){make_check, copy_check, NULL, end_check});
}
END_TEST

START_TEST(a_monitor_is_made_whole_or_not)
{
	fault_flow(&(struct flow){.act = new_monitor});
}
END_TEST

START_TEST(a_monitor_takes_a_check_whole_or_not)
{
	fault_flow(
		&(struct flow){make_watch, add_check, print_watch, end_watch});
}
END_TEST

static int new_backend(void *object)
{
	struct lvs_backend *backend;
	int result = lvs_backend_new(&backend, "raw");

	(void)object;
	if (result == 0)
		lvs_backend_free(backend);
	return result;
}

START_TEST(a_backend_is_made_whole_or_not)
{
	fault_flow(&(struct flow){.act = new_backend});
}
END_TEST

static void *make_backend(void)
{
	struct lvs_backend *backend;

	ck_assert_int_eq(lvs_backend_new(&backend, "raw"), 0);
	return backend;
}

static int add_interface(void *object)
{
	return lvs_backend_add_interface(object, "lo");
}

static void end_backend(void *object)
{
	lvs_backend_free(object);
}

START_TEST(an_interface_is_added_whole_or_not)
{
	fault_flow(
		&(struct flow){make_backend, add_interface, NULL, end_backend});
}
END_TEST

static Suite *fault_suite(void)
{
	Suite *suite = suite_create("fault");
	TCase *tcase = tcase_create("fault");

	tcase_add_test(tcase, a_service_is_made_whole_or_not);
	tcase_add_test(tcase, a_dest_is_added_whole_or_not);
	tcase_add_test(tcase, a_pick_without_memory_leaves_the_service);
	tcase_add_test(tcase, a_table_is_made_whole_or_not);
	tcase_add_test(tcase, a_table_that_was_made_needs_no_memory);
	tcase_add_test(tcase, a_balancer_is_made_whole_or_not);
	tcase_add_test(tcase, a_balancer_takes_a_service_whole_or_not);
	tcase_add_test(tcase, a_commit_takes_effect_whole_or_not);
	tcase_add_test(tcase, the_packet_path_allocates_nothing);
	tcase_add_test(tcase, a_check_is_made_whole_or_not);
	tcase_add_test(tcase, a_check_is_copied_whole_or_not);
	tcase_add_test(tcase, a_monitor_is_made_whole_or_not);
	tcase_add_test(tcase, a_monitor_takes_a_check_whole_or_not);
	tcase_add_test(tcase, a_backend_is_made_whole_or_not);
	tcase_add_test(tcase, an_interface_is_added_whole_or_not);
	suite_add_tcase(suite, tcase);
	return suite;
}

const struct unit units[] = {
	{"fault", fault_suite},
	{"path", path_suite},
	{NULL, NULL},
};
