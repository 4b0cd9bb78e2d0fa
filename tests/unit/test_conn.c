/*
 * The connection table, judged by a plain array of flows; the states, judged
 * by IPVS's table written out state by state.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/mman.h>

#include "conn/table.h"

static struct lvs_table *table;

static void setup(void)
{
	ck_assert_int_eq(lvs_table_new(&table, 1000, 0), 0);
}

static void teardown(void)
{
	lvs_table_free(table);
}

/* The n-th flow of a family; every n is another client. */
static struct lvs_flow flow_of(uint32_t family, uint32_t protocol, uint32_t n)
{
	struct lvs_flow flow = {
		.family = family,
		.protocol = protocol,
		.method = LVS_NAT,
		.client_port = 1024 + n % 60000,
		.virtual_port = 80,
		.dest_port = 8080,
		.virtual_addr = {192, 0, 2, 1},
		.dest = {10, 0, 0, 1},
	};

	flow.client[0] = 198;
	flow.client[2] = (uint8_t)(n / 60000 / 256);
	flow.client[3] = (uint8_t)(n / 60000);
	if (family == LVS_IPV6)
		flow.client[15] = flow.virtual_addr[15] = flow.dest[15] = 6;
	return flow;
}

static struct lvs_addr addr_of(uint32_t family, const uint8_t *bytes)
{
	struct lvs_addr addr = {.family = family};

	memcpy(addr.bytes, bytes, 16);
	return addr;
}

/* Looks a flow up as its client or its dest would send. */
static int find(const struct lvs_flow *flow, int from, uint64_t *conn,
		uint64_t now)
{
	struct lvs_addr client = addr_of(flow->family, flow->client);
	struct lvs_addr vip = addr_of(flow->family, flow->virtual_addr);
	struct lvs_addr dest = addr_of(flow->family, flow->dest);
	uint16_t client_port = (uint16_t)flow->client_port;
	int direction = -1;
	int result;

	if (from == LVS_FROM_CLIENT)
		result = lvs_table_find(table, conn, &direction, &client,
					client_port, &vip,
					(uint16_t)flow->virtual_port,
					(int)flow->protocol, now);
	else
		result = lvs_table_find(table, conn, &direction, &dest,
					(uint16_t)flow->dest_port, &client,
					client_port, (int)flow->protocol, now);
	if (result == 0)
		ck_assert_int_eq(direction, from);
	return result;
}

START_TEST(a_flow_is_found_both_ways)
{
	uint32_t family = _i == 0 ? LVS_IPV4 : LVS_IPV6;
	struct lvs_flow flow = flow_of(family, LVS_TCP, 7);
	struct lvs_flow read;
	uint64_t conn, found;

	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 100), 0);
	ck_assert_uint_ne(conn, 0);
	ck_assert_int_eq(find(&flow, LVS_FROM_CLIENT, &found, 101), 0);
	ck_assert_uint_eq(found, conn);
	ck_assert_int_eq(find(&flow, LVS_FROM_DEST, &found, 101), 0);
	ck_assert_uint_eq(found, conn);
	ck_assert_int_eq(lvs_table_get(table, &read, sizeof(read), conn, 101),
			 0);
	ck_assert_mem_eq(read.client, flow.client, 16);
	ck_assert_mem_eq(read.virtual_addr, flow.virtual_addr, 16);
	ck_assert_mem_eq(read.dest, flow.dest, 16);
	ck_assert_uint_eq(read.client_port, flow.client_port);
	ck_assert_uint_eq(read.dest_port, 8080);
	ck_assert_uint_eq(read.state, LVS_STATE_NONE);
	/* another protocol or port is another flow */
	flow.protocol = LVS_UDP;
	ck_assert_int_eq(find(&flow, LVS_FROM_CLIENT, &found, 101), -ENOENT);
	flow.protocol = LVS_TCP;
	flow.virtual_port = 81;
	ck_assert_int_eq(find(&flow, LVS_FROM_CLIENT, &found, 101), -ENOENT);
}
END_TEST

START_TEST(direct_routing_has_no_reply_key)
{
	struct lvs_flow flow = flow_of(LVS_IPV4, LVS_TCP, 1);
	uint64_t conn;

	flow.method = LVS_DR;
	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 0), 0);
	ck_assert_int_eq(find(&flow, LVS_FROM_CLIENT, &conn, 0), 0);
	ck_assert_int_eq(find(&flow, LVS_FROM_DEST, &conn, 0), -ENOENT);
}
END_TEST

START_TEST(a_key_is_held_once)
{
	struct lvs_flow flow = flow_of(LVS_IPV4, LVS_TCP, 1);
	uint64_t conn;

	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 0), 0);
	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 0), -EEXIST);
	/* the same reply key from another virtual address */
	flow.virtual_addr[3] = 9;
	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 0), -EEXIST);
	ck_assert_uint_eq(lvs_table_count(table), 1);
	/* once dead, a key is free though the wheel has not come by */
	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 3000), 0);
	ck_assert_uint_eq(lvs_table_count(table), 1);
}
END_TEST

START_TEST(a_handle_of_an_earlier_life_is_not_found)
{
	struct lvs_flow flow = flow_of(LVS_IPV4, LVS_TCP, 1);
	uint64_t first, second;

	ck_assert_int_eq(lvs_table_add(table, &first, &flow, 0), 0);
	ck_assert_int_eq(lvs_table_remove(table, first), 0);
	ck_assert_int_eq(lvs_table_remove(table, first), -ENOENT);
	ck_assert_int_eq(lvs_table_add(table, &second, &flow, 0), 0);
	ck_assert_uint_ne(first, second);
	ck_assert_int_eq(lvs_table_touch(table, first, 0, LVS_TCP_SYN, 0),
			 -ENOENT);
	ck_assert_int_eq(lvs_table_get(table, &flow, sizeof(flow), UINT64_MAX,
				       0),
			 -ENOENT);
}
END_TEST

START_TEST(a_connection_is_dead_at_its_expiry)
{
	struct lvs_flow flow = flow_of(LVS_IPV4, LVS_UDP, 1);
	uint64_t conn, found, cursor = 0;

	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 1000), 0);
	ck_assert_int_eq(lvs_table_touch(table, conn, 0, 0, 1000),
			 LVS_STATE_UDP);
	ck_assert_int_eq(find(&flow, 0, &found, 300999), 0);
	ck_assert_int_eq(find(&flow, 0, &found, 301000), -ENOENT);
	ck_assert_int_eq(lvs_table_next(table, &cursor, &flow, sizeof(flow),
					301000),
			 0);
	ck_assert_uint_eq(lvs_table_count(table), 1);
	ck_assert_uint_le(lvs_table_deadline(table), 301032);
	ck_assert_int_eq(lvs_table_expire(table, 301032, 0), 1);
	ck_assert_uint_eq(lvs_table_count(table), 0);
	ck_assert_uint_eq(lvs_table_deadline(table), UINT64_MAX);
}
END_TEST

/* A timeout that gets shorter does not wait for the longer one's timer. */
START_TEST(closing_brings_the_timer_forward)
{
	struct lvs_flow flow = flow_of(LVS_IPV4, LVS_TCP, 1);
	uint64_t conn;

	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 0), 0);
	lvs_table_touch(table, conn, 0, LVS_TCP_SYN, 0);
	lvs_table_touch(table, conn, 0, LVS_TCP_ACK, 10);
	lvs_table_expire(table, 100000, 0); /* the timer is now at 900 s */
	ck_assert_int_eq(lvs_table_touch(table, conn, 0, LVS_TCP_RST, 200000),
			 LVS_STATE_CLOSE);
	ck_assert_int_eq(lvs_table_expire(table, 209999, 0), 0);
	ck_assert_int_eq(lvs_table_expire(table, 210032, 0), 1);
}
END_TEST

/* 10^5 random operations against an array. */
START_TEST(a_random_life_agrees_with_an_array)
{
	enum {
		FLOWS = 900
	};
	static uint64_t handles[FLOWS], expires[FLOWS];
	uint64_t now = 1000;
	uint32_t seed = 12345;
	uint64_t found;

	memset(handles, 0, sizeof(handles));
	for (int i = 0; i < 100000; i++) {
		uint32_t n = (seed = seed * 1664525u + 1013904223u) >> 8;
		uint32_t what = n / 1024 % 8;
		uint32_t k = n % FLOWS;
		struct lvs_flow flow =
			flow_of(k % 2 ? LVS_IPV4 : LVS_IPV6, LVS_UDP, k);
		bool live = handles[k] != 0 && expires[k] > now;

		if (what < 3) {
			ck_assert_int_eq(lvs_table_add(table, &found, &flow,
						       now),
					 live ? -EEXIST : 0);
			if (!live) {
				handles[k] = found;
				expires[k] = now + 3000;
			}
		} else if (what == 3 && live) {
			ck_assert_int_eq(lvs_table_remove(table, handles[k]),
					 0);
			handles[k] = 0;
		} else if (what < 6) {
			ck_assert_int_eq(find(&flow, n % 2 ? 0 : 1, &found,
					      now),
					 live ? 0 : -ENOENT);
			if (live)
				ck_assert_uint_eq(found, handles[k]);
		} else if (what == 6) {
			ck_assert_int_eq(lvs_table_touch(table, handles[k], 0,
							 0, now),
					 live ? LVS_STATE_UDP : -ENOENT);
			if (live)
				expires[k] = now + 300000;
		} else {
			now += n % 3000;
			lvs_table_expire(table, now, n % 64 + 1);
		}
	}
}
END_TEST

START_TEST(the_index_stays_whole_when_full)
{
	uint64_t conns[1000], found;

	for (uint32_t i = 0; i < 1000; i++) {
		struct lvs_flow flow = flow_of(LVS_IPV4, LVS_TCP, i);

		ck_assert_int_eq(lvs_table_add(table, &conns[i], &flow, 0), 0);
		lvs_table_touch(table, conns[i], 0, LVS_TCP_ACK, 0);
	}
	for (uint32_t i = 0; i < 1000; i += 2)
		ck_assert_int_eq(lvs_table_remove(table, conns[i]), 0);
	for (uint32_t i = 0; i < 1000; i++) {
		struct lvs_flow flow = flow_of(LVS_IPV4, LVS_TCP, i);

		ck_assert_int_eq(find(&flow, 0, &found, 1),
				 i % 2 ? 0 : -ENOENT);
		ck_assert_int_eq(find(&flow, 1, &found, 1),
				 i % 2 ? 0 : -ENOENT);
	}
}
END_TEST

static uint64_t add_in(uint32_t n, uint32_t tcp_flags, uint64_t now)
{
	struct lvs_flow flow = flow_of(LVS_IPV4, LVS_TCP, n);
	uint64_t conn = 0;
	int result = lvs_table_add(table, &conn, &flow, now);

	ck_assert_msg(result == 0, "flow %u: %s", n, lvs_strerror(result));
	if (tcp_flags & LVS_TCP_ACK)
		lvs_table_touch(table, conn, 0, LVS_TCP_ACK, now);
	if (tcp_flags & LVS_TCP_RST)
		lvs_table_touch(table, conn, 0, LVS_TCP_RST, now);
	if (tcp_flags & LVS_TCP_SYN)
		lvs_table_touch(table, conn, 0, LVS_TCP_SYN, now);
	return conn;
}

static bool there(uint64_t conn)
{
	struct lvs_flow flow;

	return lvs_table_get(table, &flow, sizeof(flow), conn, 100) == 0;
}

START_TEST(a_full_table_evicts_closed_then_half_open_never_more)
{
	uint64_t closed[2], half[2];
	struct lvs_flow flow = flow_of(LVS_IPV4, LVS_TCP, 5000);
	uint64_t conn;

	for (uint32_t i = 0; i < 996; i++)
		add_in(i, LVS_TCP_ACK, 0);
	half[0] = add_in(996, LVS_TCP_SYN, 1);
	closed[0] = add_in(997, LVS_TCP_RST, 2);
	closed[1] = add_in(998, LVS_TCP_RST, 3);
	half[1] = add_in(999, LVS_TCP_SYN, 4);
	ck_assert_uint_eq(lvs_table_count(table), 1000);
	add_in(1000, LVS_TCP_ACK, 5);
	ck_assert(!there(closed[0]) && there(closed[1]));
	add_in(1001, LVS_TCP_ACK, 5);
	ck_assert(!there(closed[1]) && there(half[0]));
	add_in(1002, LVS_TCP_ACK, 5);
	ck_assert(!there(half[0]) && there(half[1]));
	add_in(1003, LVS_TCP_ACK, 5);
	ck_assert(!there(half[1]));
	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 5), -ENOSPC);
	ck_assert_uint_eq(lvs_table_count(table), 1000);
}
END_TEST

START_TEST(a_flood_of_syns_evicts_itself)
{
	uint64_t kept[500];

	for (uint32_t i = 0; i < 400; i++)
		kept[i] = add_in(i, LVS_TCP_ACK, 0);
	for (uint32_t i = 0; i < 100000; i++)
		add_in(1000 + i, LVS_TCP_SYN, 1);
	for (uint32_t i = 0; i < 400; i++)
		ck_assert_msg(there(kept[i]), "connection %u is gone", i);
	ck_assert_uint_le(lvs_table_count(table), 400 + 501);
}
END_TEST

START_TEST(one_datagram_is_half_open_two_are_not)
{
	uint64_t once[600], twice[400], conn;

	for (uint32_t i = 0; i < 400; i++) {
		struct lvs_flow flow = flow_of(LVS_IPV4, LVS_UDP, i);

		ck_assert_int_eq(lvs_table_add(table, &twice[i], &flow, 0), 0);
		lvs_table_touch(table, twice[i], 0, 0, 0);
		lvs_table_touch(table, twice[i], 1, 0, 0); /* not by replies */
		lvs_table_touch(table, twice[i], 0, 0, 0);
	}
	for (uint32_t i = 0; i < 600; i++) {
		struct lvs_flow flow = flow_of(LVS_IPV4, LVS_UDP, 1000 + i);

		ck_assert_int_eq(lvs_table_add(table, &once[i], &flow, 0), 0);
		lvs_table_touch(table, once[i], 0, 0, 0);
		lvs_table_touch(table, once[i], 1, 0, 0);
	}
	for (uint32_t i = 0; i < 3000; i++) {
		struct lvs_flow flow = flow_of(LVS_IPV4, LVS_UDP, 5000 + i);

		ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 0), 0);
	}
	for (uint32_t i = 0; i < 400; i++)
		ck_assert(there(twice[i]));
	for (uint32_t i = 0; i < 600; i++)
		ck_assert(!there(once[i]));
}
END_TEST

/* From the reference table: per state now, INPUT OUTPUT INPUT-ONLY, each as
 * the next state after syn, fin, ack, rst. */
static const char *const rows[] = {
	"NO SR CL ES CL SS TW ES CL SR CL ES CL",
	"ES ES CW ES CL ES FW ES CL ES FW ES CL",
	"SS ES SS SS CL SS SS SS SS ES SS SS CL",
	"SR SR TW ES SR SR TW ES CL SR TW ES SR",
	"FW SR TW FW CL SS FW FW CL SR FW FW CL",
	"TW SR TW TW CL SS TW TW TW SR TW TW CL",
	"CL SR CL CL CL SS CL CL CL SR CL CL CL",
	"CW SR CW CW CL SS TW CW CL SR CW CW CL",
	"LA SR LA CL LA SS LA LA CL SR LA CL LA",
	"LI SR LI LI LI LI LI ES CL SR LI LI LI",
	"SA SR TW ES SR SR TW ES CL SR TW ES CL",
};

static int state_of(const char *two)
{
	static const char names[] = "NOESSSSRFWTWCLCWLALISA";

	for (int i = 0; i < 11; i++)
		if (strncmp(names + 2 * i, two, 2) == 0)
			return i;
	return -1;
}

START_TEST(every_transition_is_the_kernels)
{
	static const uint32_t flags[4] = {LVS_TCP_SYN, LVS_TCP_FIN, LVS_TCP_ACK,
					  LVS_TCP_RST};
	int state = state_of(rows[_i]);
	struct lvs__conn *conn;
	uint64_t handle;

	for (int column = 0; column < 3; column++) {
		for (int event = 0; event < 5; event++) {
			struct lvs_flow flow = flow_of(LVS_IPV4, LVS_TCP, 1);
			int want = event == 4
					   ? LVS_STATE_CLOSE
					   : state_of(rows[_i] + 3 +
						      12 * column + 3 * event);
			uint32_t seen = event == 4 ? 0 : flags[event];
			uint64_t timeout;

			flow.method = column == 2 ? LVS_DR : LVS_NAT;
			ck_assert_int_eq(lvs_table_add(table, &handle, &flow,
						       1000),
					 0);
			conn = &table->conns[(uint32_t)handle];
			conn->state = (uint8_t)state;
			if (lvs__state_active((uint32_t)state))
				conn->flags |= LVS__CONN_ACTIVE;
			/* SYN and ACK together count as SYN, and so on */
			if (seen == LVS_TCP_SYN || seen == LVS_TCP_FIN)
				seen |= LVS_TCP_ACK;
			ck_assert_int_eq(lvs_table_touch(table, handle,
							 column == 1, seen,
							 1000),
					 want);
			ck_assert_int_eq((conn->flags & LVS__CONN_ACTIVE) != 0,
					 want == LVS_STATE_ESTABLISHED ||
						 want == LVS_STATE_SYN_SENT ||
						 want == LVS_STATE_SYN_RECV ||
						 want == LVS_STATE_SYNACK);
			ck_assert_int_eq(lvs_table_get_timeout(table, want,
							       &timeout),
					 0);
			ck_assert_uint_eq(conn->expires, 1000 + timeout);
			lvs_table_remove(table, handle);
		}
	}
}
END_TEST

START_TEST(timeouts_are_the_kernels)
{
	static const struct {
		int state;
		uint64_t seconds;
	} facts[] = {
		{LVS_STATE_NONE, 2},	   {LVS_STATE_ESTABLISHED, 900},
		{LVS_STATE_SYN_SENT, 120}, {LVS_STATE_SYN_RECV, 60},
		{LVS_STATE_FIN_WAIT, 120}, {LVS_STATE_TIME_WAIT, 120},
		{LVS_STATE_CLOSE, 10},	   {LVS_STATE_CLOSE_WAIT, 60},
		{LVS_STATE_LAST_ACK, 30},  {LVS_STATE_LISTEN, 120},
		{LVS_STATE_SYNACK, 120},   {LVS_STATE_UDP, 300},
	};
	uint64_t ms;

	for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
		ck_assert_int_eq(lvs_table_get_timeout(table, facts[i].state,
						       &ms),
				 0);
		ck_assert_uint_eq(ms, facts[i].seconds * 1000);
	}
	ck_assert_int_eq(lvs_table_set_timeout(table, LVS_STATE_UDP, 0),
			 -ERANGE);
	ck_assert_int_eq(lvs_table_set_timeout(table, LVS_STATES, 1), -EINVAL);
	ck_assert_int_eq(lvs_table_set_timeout(table, LVS_STATE_UDP, 5), 0);
	ck_assert_int_eq(lvs_table_get_timeout(table, LVS_STATE_UDP, &ms), 0);
	ck_assert_uint_eq(ms, 5);
}
END_TEST

START_TEST(a_connection_costs_128_bytes_and_192_in_ipv6)
{
	size_t index = sizeof(*table->index) * table->index_size / table->max;

	ck_assert_uint_le(index + sizeof(struct lvs__conn) +
				  sizeof(struct lvs__cold),
			  128);
	ck_assert_uint_le(index + sizeof(struct lvs__conn) +
				  sizeof(struct lvs__cold) +
				  sizeof(struct lvs__conn6),
			  192);
}
END_TEST

/*
 * The linker puts this in the place of madvise(): what is asked for is noted,
 * and the kernel may be one that has no huge pages.
 */
int __real_madvise(void *memory, size_t size, int advice);
int __wrap_madvise(void *memory, size_t size, int advice);

static struct {
	const char *memory;
	size_t size;
} asked[8];
static size_t asks;
static bool without_huge_pages;

int __wrap_madvise(void *memory, size_t size, int advice)
{
	if (advice == MADV_HUGEPAGE) {
		ck_assert_uint_lt(asks, 8);
		asked[asks].memory = memory;
		asked[asks++].size = size;
		if (without_huge_pages) {
			errno = EINVAL;
			return -1;
		}
	}
	return __real_madvise(memory, size, advice);
}

static bool was_asked_for(const void *memory, size_t size)
{
	for (size_t i = 0; i < asks; i++)
		if (asked[i].memory == memory && asked[i].size >= size)
			return true;
	return false;
}

START_TEST(a_table_that_is_there_at_once_asks_for_huge_pages)
{
	struct lvs_flow flow = flow_of(LVS_IPV4, LVS_TCP, 1);
	struct lvs_table *whole;
	uint64_t conn;

	ck_assert_uint_eq(asks, 0); /* the suite's table is no such one */
	without_huge_pages = _i == 1;
	ck_assert_int_eq(lvs_table_new(&whole, 100000, LVS_TABLE_PREFAULT), 0);
	ck_assert(was_asked_for(whole->index, 100000 * 8));
	ck_assert(
		was_asked_for(whole->conns, 100000 * sizeof(struct lvs__conn)));
	ck_assert_int_eq(lvs_table_add(whole, &conn, &flow, 0), 0);
	lvs_table_free(whole);
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
	struct lvs_flow flow = flow_of(LVS_IPV4, LVS_TCP, 1);
	struct lvs_table *none = NULL;
	uint64_t conn;

	ck_assert_int_eq(lvs_table_new(NULL, 1, 0), -EINVAL);
	ck_assert_int_eq(lvs_table_new(&none, 0, 0), -EINVAL);
	ck_assert_int_eq(lvs_table_new(&none, UINT32_MAX, 0), -EINVAL);
	ck_assert_int_eq(lvs_table_new(&none, 1, 99), -EINVAL);
	flow.family = 5;
	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 0), -EINVAL);
	flow = flow_of(LVS_IPV4, 132, 1);
	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 0), -EINVAL);
	flow = flow_of(LVS_IPV4, LVS_TCP, 1);
	flow.dest_port = 65536;
	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, 0), -EINVAL);
	ck_assert_int_eq(lvs_table_touch(table, 0, 7, 0, 0), -EINVAL);
	ck_assert_str_eq(lvs_state_name(99), "?");
	ck_assert_str_eq(lvs_state_name(-1), "?");
}
END_TEST

/* Times far from 0, and across the places where 32 bits turn over. */
START_TEST(any_time_of_the_clock_works)
{
	static const uint64_t starts[] = {
		1,
		INT32_MAX - 1000ull,
		UINT32_MAX - 1000ull,
		(1ull << 36) - 1000,
		1ull << 55,
	};
	struct lvs_flow flow = flow_of(LVS_IPV4, LVS_UDP, 1);
	uint64_t start = starts[_i];
	uint64_t conn, found;

	ck_assert_int_eq(lvs_table_add(table, &conn, &flow, start), 0);
	lvs_table_touch(table, conn, 0, 0, start);
	lvs_table_expire(table, start + 299999, 0);
	ck_assert_int_eq(find(&flow, 0, &found, start + 299999), 0);
	ck_assert_int_eq(find(&flow, 0, &found, start + 300000), -ENOENT);
	for (int i = 0; i < 10; i++)
		lvs_table_expire(table, start + 300032, 0);
	ck_assert_uint_eq(lvs_table_count(table), 0);
}
END_TEST

Suite *conn_suite(void)
{
	Suite *suite = suite_create("conn");
	TCase *tcase = tcase_create("conn");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, a_flow_is_found_both_ways, 0, 2);
	tcase_add_test(tcase, direct_routing_has_no_reply_key);
	tcase_add_test(tcase, a_key_is_held_once);
	tcase_add_test(tcase, a_handle_of_an_earlier_life_is_not_found);
	tcase_add_test(tcase, a_connection_is_dead_at_its_expiry);
	tcase_add_test(tcase, closing_brings_the_timer_forward);
	tcase_add_test(tcase, a_random_life_agrees_with_an_array);
	tcase_add_test(tcase, the_index_stays_whole_when_full);
	tcase_add_test(tcase,
		       a_full_table_evicts_closed_then_half_open_never_more);
	tcase_add_test(tcase, a_flood_of_syns_evicts_itself);
	tcase_add_test(tcase, one_datagram_is_half_open_two_are_not);
	tcase_add_loop_test(tcase, every_transition_is_the_kernels, 0, 11);
	tcase_add_test(tcase, timeouts_are_the_kernels);
	tcase_add_test(tcase, a_connection_costs_128_bytes_and_192_in_ipv6);
	tcase_add_loop_test(tcase,
			    a_table_that_is_there_at_once_asks_for_huge_pages,
			    0, 2);
	tcase_add_test(tcase, wrong_arguments_are_refused);
	tcase_add_loop_test(tcase, any_time_of_the_clock_works, 0, 5);
	suite_add_tcase(suite, tcase);
	return suite;
}
