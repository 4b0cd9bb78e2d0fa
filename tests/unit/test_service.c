/*
 * Services and dests: options, thresholds, removal and coming back, counters.
 */
#include "unit.h"

#include <limits.h>
#include <pthread.h>

#include "service/services.h"
#include "slow.h"

static struct lvs_service *service;

static void setup(void)
{
	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_sched(service, "rr"), 0);
}

static void teardown(void)
{
	lvs_service_free(service);
}

static struct lvs_addr address(const char *text)
{
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, text), 0);
	return addr;
}

static struct lvs_dest *add(const char *text)
{
	struct lvs_addr addr = address(text);
	struct lvs_dest *dest = NULL;

	ck_assert_int_eq(lvs_service_add_dest(service, &dest, &addr, 80, 1), 0);
	return dest;
}

static uint64_t get(const struct lvs_dest *dest, int option)
{
	uint64_t value = UINT64_MAX;

	ck_assert_int_eq(lvs_dest_get(dest, option, &value), 0);
	return value;
}

static void set(struct lvs_dest *dest, int option, uint64_t value)
{
	ck_assert_int_eq(lvs_dest_set(dest, option, value), 0);
}

/* ---- the service's own */

START_TEST(an_address_is_taken_or_refused)
{
	static const char *const bad[] = {
		"0.0.0.0",	   "224.0.0.1", "239.255.255.255",
		"255.255.255.255", "::",	"ff02::1"};
	struct lvs_addr addr = address("192.0.2.1");
	struct lvs_addr seen;
	uint16_t port;
	int protocol;

	addr.bytes[15] = 7; /* what no address has there is not kept */
	ck_assert_int_eq(lvs_service_get_address(service, NULL, NULL, NULL),
			 -ENOENT);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 80, LVS_TCP),
			 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		seen = address(bad[i]);
		ck_assert_int_eq(lvs_service_set_address(service, &seen, 80,
							 LVS_TCP),
				 -EINVAL);
	}
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 0, LVS_TCP),
			 -EINVAL);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 80, 1),
			 -EINVAL);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 80, LVS_SCTP),
			 -EPROTONOSUPPORT);
	addr.family = 5;
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 80, LVS_TCP),
			 -EINVAL);
	ck_assert_int_eq(lvs_service_get_address(service, &seen, &port,
						 &protocol),
			 0);
	addr = address("192.0.2.1");
	ck_assert_mem_eq(&seen, &addr, sizeof(addr));
	ck_assert_uint_eq(port, 80);
	ck_assert_int_eq(protocol, LVS_TCP);
}
END_TEST

START_TEST(families_do_not_mix)
{
	struct lvs_addr four = address("192.0.2.1");
	struct lvs_addr six = address("2001:db8::1");

	add("10.0.0.1");
	ck_assert_int_eq(lvs_service_set_address(service, &six, 80, LVS_TCP),
			 -EINVAL);
	ck_assert_int_eq(lvs_service_set_address(service, &four, 80, LVS_TCP),
			 0);
	ck_assert_int_eq(lvs_service_add_dest(service, NULL, &six, 80, 1),
			 -EINVAL);
}
END_TEST

START_TEST(a_parent_keeps_its_service)
{
	struct lvs_addr addr = address("192.0.2.1");
	struct lvs__services parent = {0};
	struct lvs_addr none = {0};

	service->parent = &parent;
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 80, LVS_TCP),
			 -EBUSY);
	lvs_service_free(service); /* is left alone */
	ck_assert_int_eq(lvs_service_add_dest(service, NULL, &none, 80, 1),
			 -EINVAL);
	ck_assert_int_eq(lvs_service_add_dest(service, NULL, &addr, 0, 1),
			 -EINVAL);
	ck_assert_int_eq(lvs_dest_opened(add("10.0.0.1")), -EBUSY);
	service->parent = NULL;
}
END_TEST

START_TEST(service_options_have_bounds)
{
	struct lvs_dest *dest = add("10.0.0.1");
	uint64_t value = 9;

	ck_assert_int_eq(lvs_service_get(service, 1, &value), 0);
	ck_assert_uint_eq(value, 0);
	ck_assert_int_eq(lvs_service_set(service, 1, 1), 0);
	ck_assert_uint_eq(dest->mark.expire_nodest, 1);
	ck_assert_uint_eq(add("10.0.0.2")->mark.expire_nodest, 1);
	ck_assert_int_eq(lvs_service_set(service, 1, 2), -ERANGE);
	ck_assert_int_eq(lvs_service_set(service, 2, 1), -EINVAL);
	ck_assert_int_eq(lvs_service_get(service, 0, &value), -EINVAL);
}
END_TEST

/* ---- dests come, are found and go */

START_TEST(new_dests_stand_first)
{
	struct lvs_dest *one = add("10.0.0.1");
	struct lvs_dest *two = add("10.0.0.2");
	struct lvs_dest *three = add("10.0.0.3");

	ck_assert_ptr_eq(lvs_service_next_dest(service, NULL), three);
	ck_assert_ptr_eq(lvs_service_next_dest(service, three), two);
	ck_assert_ptr_eq(lvs_service_next_dest(service, two), one);
	ck_assert_ptr_null(lvs_service_next_dest(service, one));
	/* an edit keeps the place */
	set(one, LVS_DEST_WEIGHT, 5);
	ck_assert_ptr_eq(lvs_service_next_dest(service, two), one);
}
END_TEST

START_TEST(a_dest_is_added_once)
{
	struct lvs_addr addr = address("10.0.0.1");
	struct lvs_dest *other, *dest = add("10.0.0.1");

	other = (void *)&other;
	ck_assert_int_eq(lvs_service_add_dest(service, &other, &addr, 80, 1),
			 -EEXIST);
	ck_assert_ptr_eq(other, (void *)&other);
	ck_assert_int_eq(lvs_service_add_dest(service, &other, &addr, 81,
					      (uint32_t)INT32_MAX + 1),
			 -ERANGE);
	ck_assert_int_eq(lvs_service_add_dest(service, &other, &addr, 81,
					      INT32_MAX),
			 0);
	ck_assert_ptr_eq(lvs_service_find_dest(service, &addr, 80), dest);
	ck_assert_ptr_eq(lvs_service_find_dest(service, &addr, 81), other);
	ck_assert_ptr_null(lvs_service_find_dest(service, &addr, 82));
}
END_TEST

START_TEST(each_of_many_dests_is_found)
{
	struct lvs_dest *dests[200], *dest;
	struct lvs_addr addr = address("10.0.0.0");

	for (uint8_t i = 1; i < 200; i++) {
		addr.bytes[3] = i;
		ck_assert_int_eq(lvs_service_add_dest(service, &dests[i], &addr,
						      80, 1),
				 0);
		ck_assert_int_eq(lvs_service_add_dest(service, &dest, &addr, 80,
						      1),
				 -EEXIST);
	}
	for (uint8_t i = 1; i < 200; i += 3)
		ck_assert_int_eq(lvs_service_remove_dest(service, dests[i]), 0);
	for (uint8_t i = 1; i < 200; i++) {
		addr.bytes[3] = i;
		dest = lvs_service_find_dest(service, &addr, 80);
		ck_assert_ptr_eq(dest, i % 3 == 1 ? NULL : dests[i]);
		ck_assert_ptr_null(lvs_service_find_dest(service, &addr, 81));
	}
}
END_TEST

START_TEST(only_an_own_dest_is_removed)
{
	struct lvs_service *mine = service;
	struct lvs_dest *dest = add("10.0.0.1");
	struct lvs_dest *foreign;

	ck_assert_int_eq(lvs_service_new(&service), 0);
	foreign = add("10.0.0.1");
	ck_assert_int_eq(lvs_service_remove_dest(mine, foreign), -ENOENT);
	ck_assert_ptr_null(lvs_service_next_dest(mine, foreign));
	lvs_service_free(service);
	service = mine;
	ck_assert_int_eq(lvs_service_remove_dest(mine, dest), 0);
	/* a pointer to nothing any more is not followed */
	ck_assert_int_eq(lvs_service_remove_dest(mine, dest), -ENOENT);
}
END_TEST

START_TEST(dest_options_have_bounds)
{
	static const struct {
		int option;
		uint64_t value;
		int result;
	} cases[] = {
		{LVS_DEST_WEIGHT, 0, 0},
		{LVS_DEST_WEIGHT, INT32_MAX, 0},
		{LVS_DEST_WEIGHT, 1ull << 31, -ERANGE},
		{LVS_DEST_WEIGHT, UINT64_MAX, -ERANGE},
		{LVS_DEST_METHOD, LVS_NAT, 0},
		{LVS_DEST_METHOD, LVS_DR, 0},
		{LVS_DEST_METHOD, LVS_TUNNEL, -EPROTONOSUPPORT},
		{LVS_DEST_METHOD, LVS_LOCAL, -EPROTONOSUPPORT},
		{LVS_DEST_METHOD, 0, -ERANGE},
		{LVS_DEST_METHOD, 5, -ERANGE},
		{LVS_DEST_LOWER, 1, -ERANGE}, /* above upper */
		{LVS_DEST_UPPER, 65536, -ERANGE},
		{LVS_DEST_UPPER, 65535, 0},
		{LVS_DEST_LOWER, 65535, 0},
		{LVS_DEST_UPPER, 65534, -ERANGE}, /* below lower */
		{LVS_DEST_UPPER, 0, -ERANGE},
		{LVS_DEST_LOWER, 0, 0},
		{LVS_DEST_UPPER, 0, 0},
		{LVS_DEST_DRAIN, 1, 0},
		{LVS_DEST_DRAIN, 2, -ERANGE},
		{LVS_DEST_DOWN, 1, 0},
		{LVS_DEST_DOWN, 2, -ERANGE},
		{LVS_DEST_ACTIVE, 0, -EPERM},
		{LVS_DEST_INACTIVE, 0, -EPERM},
		{LVS_DEST_OVERLOAD, 0, -EPERM},
		{0, 0, -EINVAL},
		{7, 0, -EINVAL},
		{INT_MAX, 0, -EINVAL},
		{INT_MIN, 0, -EINVAL},
	};
	struct lvs_dest *dest = add("10.0.0.1");

	ck_assert_uint_eq(get(dest, LVS_DEST_WEIGHT), 1);
	ck_assert_uint_eq(get(dest, LVS_DEST_METHOD), LVS_DR);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t before = 0, after = 0;
		int known = lvs_dest_get(dest, cases[i].option, &before);
		int result =
			lvs_dest_set(dest, cases[i].option, cases[i].value);

		ck_assert_msg(result == cases[i].result, "case %zu: %d", i,
			      result);
		if (known == 0)
			after = get(dest, cases[i].option);
		ck_assert_uint_eq(after, result == 0 ? cases[i].value : before);
	}
}
END_TEST

/* ---- thresholds */

/* IPVS's rule, in its own words. */
static bool clears(uint32_t total, uint32_t upper, uint32_t lower)
{
	if (lower > 0)
		return total < lower;
	return total * 4 < upper * 3;
}

START_TEST(thresholds_mark_and_clear)
{
	uint32_t upper = (uint32_t)_i;
	struct lvs_dest *dest = add("10.0.0.1");

	for (uint32_t lower = 0; lower <= upper; lower++) {
		bool marked = true;

		set(dest, LVS_DEST_LOWER, 0);
		set(dest, LVS_DEST_UPPER, upper);
		set(dest, LVS_DEST_LOWER, lower);
		for (uint32_t total = 1; total <= upper; total++) {
			ck_assert_uint_eq(get(dest, LVS_DEST_OVERLOAD), 0);
			ck_assert_int_eq(lvs_dest_opened(dest), 0);
		}
		ck_assert_uint_eq(get(dest, LVS_DEST_OVERLOAD), 1);
		ck_assert_int_eq(lvs_dest_opened(dest), -EUSERS);
		ck_assert_uint_eq(get(dest, LVS_DEST_ACTIVE), upper);
		for (uint32_t total = upper; total-- > 0;) {
			ck_assert_int_eq(lvs_dest_closed(dest), 0);
			marked = marked && !clears(total, upper, lower);
			ck_assert_uint_eq(get(dest, LVS_DEST_OVERLOAD), marked);
		}
	}
}
END_TEST

START_TEST(an_edit_of_the_upper_threshold_counts_at_once)
{
	struct lvs_dest *dest = add("10.0.0.1");

	set(dest, LVS_DEST_UPPER, 4);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(lvs_dest_opened(dest), 0);
	ck_assert_uint_eq(get(dest, LVS_DEST_OVERLOAD), 1);
	set(dest, LVS_DEST_UPPER, 5);
	ck_assert_uint_eq(get(dest, LVS_DEST_OVERLOAD), 0);
	set(dest, LVS_DEST_UPPER, 2);
	ck_assert_uint_eq(get(dest, LVS_DEST_OVERLOAD), 1);
	ck_assert_int_eq(lvs_dest_opened(dest), -EUSERS);
	set(dest, LVS_DEST_UPPER, 0);
	ck_assert_uint_eq(get(dest, LVS_DEST_OVERLOAD), 0);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(lvs_dest_opened(dest), 0);
}
END_TEST

START_TEST(inactive_connections_count_for_thresholds)
{
	struct lvs_dest *dest = add("10.0.0.1");

	set(dest, LVS_DEST_UPPER, 2);
	ck_assert_int_eq(lvs__dest_bind(dest), 0);
	ck_assert_int_eq(lvs__dest_bind(dest), 0);
	lvs__dest_activate(dest);
	ck_assert_uint_eq(get(dest, LVS_DEST_ACTIVE), 1);
	ck_assert_uint_eq(get(dest, LVS_DEST_INACTIVE), 1);
	ck_assert_int_eq(lvs__dest_bind(dest), -EUSERS);
	lvs__dest_deactivate(dest);
	ck_assert_uint_eq(get(dest, LVS_DEST_INACTIVE), 2);
	lvs__dest_unbind(dest, false);
	lvs__dest_unbind(dest, false);
	ck_assert_uint_eq(get(dest, LVS_DEST_OVERLOAD), 0);
}
END_TEST

#define UPPER 50

static uint32_t bound, most; /* __atomic */
static struct lvs_dest *shared;

/* Binds, moves and unbinds like a worker. */
static void *work(void *user)
{
	uint64_t seed = (uint64_t)(uintptr_t)user;
	uint32_t held = 0;

	for (int i = 0; i < 300000; i++) {
		if (below(&seed, 2) == 0 && lvs__dest_bind(shared) == 0) {
			uint32_t now =
				__atomic_add_fetch(&bound, 1, __ATOMIC_SEQ_CST);

			held++;
			if (now > __atomic_load_n(&most, __ATOMIC_RELAXED))
				__atomic_store_n(&most, now, __ATOMIC_RELAXED);
			lvs__dest_activate(shared);
			lvs__dest_deactivate(shared);
		} else if (held > 0) {
			__atomic_sub_fetch(&bound, 1, __ATOMIC_SEQ_CST);
			lvs__dest_unbind(shared, false);
			held--;
		}
	}
	for (; held > 0; held--) {
		__atomic_sub_fetch(&bound, 1, __ATOMIC_SEQ_CST);
		lvs__dest_unbind(shared, false);
	}
	return NULL;
}

START_TEST(threads_never_exceed_the_upper_threshold)
{
	pthread_t threads[3];

	shared = add("10.0.0.1");
	set(shared, LVS_DEST_UPPER, UPPER);
	for (uintptr_t i = 0; i < 3; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, work,
						(void *)(i + 1)),
				 0);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_le(most, UPPER);
	ck_assert_uint_ge(most, UPPER / 2); /* it was tried */
	ck_assert_uint_eq(lvs__dest_conns(shared), 0);
	ck_assert_uint_eq(get(shared, LVS_DEST_OVERLOAD), 0);
}
END_TEST

/* ---- removal and coming back */

START_TEST(a_removed_dest_lives_while_connections_do)
{
	struct lvs_addr addr = address("10.0.0.1");
	struct lvs_dest *dest = add("10.0.0.1");

	ck_assert_int_eq(lvs_dest_opened(dest), 0);
	ck_assert_int_eq(lvs_dest_opened(dest), 0);
	ck_assert_int_eq(lvs_service_remove_dest(service, dest), 0);
	ck_assert_ptr_null(lvs_service_find_dest(service, &addr, 80));
	ck_assert_ptr_null(lvs_service_next_dest(service, NULL));
	ck_assert_int_eq(lvs_dest_opened(dest), -ENOENT);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_WEIGHT, 2), -ENOENT);
	ck_assert_int_eq(lvs_dest_closed(dest), 0);
	ck_assert_uint_eq(get(dest, LVS_DEST_ACTIVE), 1);
	ck_assert_int_eq(lvs_dest_closed(dest), 0); /* the last one ends it */
	ck_assert(lvs__list_empty(&service->removed));
}
END_TEST

START_TEST(a_dest_comes_back_with_its_connections)
{
	struct lvs_dest *back, *dest = add("10.0.0.1");
	struct lvs_stats stats;

	add("10.0.0.2");
	set(dest, LVS_DEST_WEIGHT, 7);
	set(dest, LVS_DEST_UPPER, 2);
	set(dest, LVS_DEST_DRAIN, 1);
	set(dest, LVS_DEST_DOWN, 1);
	ck_assert_int_eq(lvs_dest_opened(dest), 0);
	ck_assert_int_eq(lvs_dest_opened(dest), 0);
	ck_assert_int_eq(lvs_service_remove_dest(service, dest), 0);
	back = add("10.0.0.1");
	ck_assert_ptr_eq(back, dest);
	ck_assert_ptr_eq(lvs_service_next_dest(service, NULL), dest);
	ck_assert_uint_eq(get(back, LVS_DEST_ACTIVE), 2);
	ck_assert_int_eq(lvs_dest_stats(back, &stats, sizeof(stats)), 0);
	ck_assert_uint_eq(stats.conns, 2);
	/* the rest is as new */
	ck_assert_uint_eq(get(back, LVS_DEST_WEIGHT), 1);
	ck_assert_uint_eq(get(back, LVS_DEST_UPPER), 0);
	ck_assert_uint_eq(get(back, LVS_DEST_OVERLOAD), 0);
	ck_assert_uint_eq(get(back, LVS_DEST_DRAIN), 0);
	ck_assert_uint_eq(get(back, LVS_DEST_DOWN), 0);
	ck_assert_int_eq(lvs_dest_closed(back), 0);
	ck_assert_int_eq(lvs_dest_closed(back), 0);
	ck_assert_int_eq(lvs_dest_closed(back), -ERANGE);
}
END_TEST

/* ---- counters */

static struct lvs_stats read_stats(void)
{
	struct lvs_stats stats;

	ck_assert_int_eq(lvs_service_stats(service, &stats, sizeof(stats)), 0);
	return stats;
}

START_TEST(a_services_count_never_goes_back)
{
	struct lvs_dest *dest = add("10.0.0.1");

	ck_assert_int_eq(lvs_dest_opened(add("10.0.0.2")), 0);
	ck_assert_int_eq(lvs_dest_opened(dest), 0);
	dest->lanes[0].in_bytes = 1000;
	ck_assert_uint_eq(read_stats().conns, 2);
	ck_assert_int_eq(lvs_service_remove_dest(service, dest), 0);
	ck_assert_uint_eq(read_stats().conns, 2);
	ck_assert_int_eq(lvs_dest_closed(dest), 0); /* it is gone */
	ck_assert_uint_eq(read_stats().conns, 2);
	ck_assert_uint_eq(read_stats().in_bytes, 1000);
	lvs__service_zero(service);
	ck_assert_uint_eq(read_stats().conns, 0);
	ck_assert_uint_eq(read_stats().in_bytes, 0);
}
END_TEST

START_TEST(lanes_are_added_up)
{
	struct lvs_dest *dest = add("10.0.0.1");
	struct lvs_stats stats;

	dest->lanes[0].conns = 5;
	ck_assert_int_eq(lvs__service_set_lanes(service, 3), 0);
	dest->lanes[1].out_packets = 7;
	dest->lanes[2].out_packets = 8;
	dest->lanes[2].conns = 1;
	ck_assert_int_eq(lvs_dest_stats(dest, &stats, sizeof(stats)), 0);
	ck_assert_uint_eq(stats.conns, 6);
	ck_assert_uint_eq(stats.out_packets, 15);
	ck_assert_uint_eq(read_stats().out_packets, 15);
	ck_assert_int_eq(lvs__service_set_lanes(service, 0), -EINVAL);
	ck_assert_int_eq(lvs__service_set_lanes(service, 65), -EINVAL);
}
END_TEST

START_TEST(rates_follow_in_a_few_ticks)
{
	struct lvs_dest *dest = add("10.0.0.1");
	struct lvs_stats stats;

	/* 100 a second, told every 2 seconds */
	for (int i = 0; i < 8; i++) {
		dest->lanes[0].conns += 200;
		lvs__service_estimate(service);
		if (i == 0) /* a quarter of it */
			ck_assert_uint_eq(read_stats().conn_rate, 25);
	}
	ck_assert_uint_ge(read_stats().conn_rate, 88);
	ck_assert_uint_le(read_stats().conn_rate, 100);
	for (int i = 0; i < 40; i++) {
		dest->lanes[0].conns += 200;
		lvs__service_estimate(service);
	}
	ck_assert_int_eq(lvs_dest_stats(dest, &stats, sizeof(stats)), 0);
	ck_assert_uint_eq(stats.conn_rate, 100);
	for (int i = 0; i < 60; i++)
		lvs__service_estimate(service);
	ck_assert_uint_eq(read_stats().conn_rate, 0);
	ck_assert_uint_eq(dest->rates.conn_rate, 0);
}
END_TEST

START_TEST(stats_are_as_long_as_the_caller_knows)
{
	struct {
		struct lvs_stats stats;
		uint64_t more;
	} longer;
	uint64_t shorter[3] = {9, 9, 9};
	struct lvs_dest *dest = add("10.0.0.1");

	dest->lanes[0].conns = 4;
	memset(&longer, 0xff, sizeof(longer));
	ck_assert_int_eq(lvs_dest_stats(dest, &longer.stats, sizeof(longer)),
			 0);
	ck_assert_uint_eq(longer.stats.conns, 4);
	ck_assert_uint_eq(longer.more, 0);
	ck_assert_int_eq(lvs_dest_stats(dest, (void *)shorter, 16), 0);
	ck_assert_uint_eq(shorter[0], 4);
	ck_assert_uint_eq(shorter[2], 9);
	ck_assert_int_eq(lvs_dest_stats(dest, &longer.stats, 0), -EINVAL);
}
END_TEST

START_TEST(a_copy_has_the_description_and_no_more)
{
	struct lvs_addr addr = address("192.0.2.1");
	struct lvs_service *copy;
	struct lvs_dest *d, *dest = add("10.0.0.1");

	add("10.0.0.2");
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 80, LVS_TCP),
			 0);
	ck_assert_int_eq(lvs_service_set(service, 1, 1), 0);
	set(dest, LVS_DEST_WEIGHT, 0);
	set(dest, LVS_DEST_METHOD, LVS_NAT);
	set(dest, LVS_DEST_UPPER, 9);
	set(dest, LVS_DEST_LOWER, 3);
	set(dest, LVS_DEST_DRAIN, 1);
	ck_assert_int_eq(lvs_dest_opened(dest), 0);
	ck_assert_int_eq(lvs__service_copy(&copy, service), 0);
	ck_assert_str_eq(lvs_service_get_sched(copy), "rr");
	ck_assert_mem_eq(&copy->addr, &addr, sizeof(addr));
	ck_assert_uint_eq(copy->expire_nodest, 1);
	ck_assert_uint_eq(copy->dest_count, 2);
	d = lvs_service_next_dest(copy, lvs_service_next_dest(copy, NULL));
	ck_assert_ptr_ne(d, dest);
	for (int option = LVS_DEST_WEIGHT; option <= LVS_DEST_DOWN; option++)
		ck_assert_uint_eq(get(d, option), get(dest, option));
	ck_assert_uint_eq(get(d, LVS_DEST_ACTIVE), 0);
	ck_assert_uint_eq(d->lanes[0].conns, 0);
	lvs_service_free(copy);
}
END_TEST

Suite *service_suite(void)
{
	Suite *suite = suite_create("service");
	TCase *tcase = tcase_create("service");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, an_address_is_taken_or_refused);
	tcase_add_test(tcase, families_do_not_mix);
	tcase_add_test(tcase, a_parent_keeps_its_service);
	tcase_add_test(tcase, service_options_have_bounds);
	tcase_add_test(tcase, new_dests_stand_first);
	tcase_add_test(tcase, a_dest_is_added_once);
	tcase_add_test(tcase, each_of_many_dests_is_found);
	tcase_add_test(tcase, only_an_own_dest_is_removed);
	tcase_add_test(tcase, dest_options_have_bounds);
	tcase_add_loop_test(tcase, thresholds_mark_and_clear, 1, 10);
	tcase_add_test(tcase, an_edit_of_the_upper_threshold_counts_at_once);
	tcase_add_test(tcase, inactive_connections_count_for_thresholds);
	tcase_add_test(tcase, threads_never_exceed_the_upper_threshold);
	tcase_add_test(tcase, a_removed_dest_lives_while_connections_do);
	tcase_add_test(tcase, a_dest_comes_back_with_its_connections);
	tcase_add_test(tcase, a_services_count_never_goes_back);
	tcase_add_test(tcase, lanes_are_added_up);
	tcase_add_test(tcase, rates_follow_in_a_few_ticks);
	tcase_add_test(tcase, stats_are_as_long_as_the_caller_knows);
	tcase_add_test(tcase, a_copy_has_the_description_and_no_more);
	suite_add_tcase(suite, tcase);
	return suite;
}
