/*
 * The parts of the raw backend that need no privilege: its programs, run by an
 * interpreter written here and checked by the kernel, routes, neighbours, held
 * packets, offload headers, and the arguments of the public functions. One fact
 * needs a network namespace.
 */
#define _GNU_SOURCE /* unshare() */

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/host/neigh.h"
#include "backend/host/route.h"
#include "backend/raw/filter.h"
#include "backend/raw/hold.h"
#include "backend/raw/taken.h"
#include "backend/raw/vnet.h"
#include "network.h"
#include "unit.h"
#include "wire/csum.h"

#include <lvs/backend.h>

static struct lvs_addr addr_of(const char *text)
{
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, text), 0);
	return addr;
}

/* ---- programs */

/* A frame as the kernel shows it to a program. */
struct frame {
	uint8_t ip[60];
	uint32_t protocol;
	uint32_t pkttype;
	uint32_t ifindex;
	uint32_t vlan;
};

static uint32_t load(const struct frame *frame, uint32_t k)
{
	uint32_t word;

	switch ((int32_t)k - SKF_AD_OFF) {
	case SKF_AD_PROTOCOL:
		return frame->protocol;
	case SKF_AD_PKTTYPE:
		return frame->pkttype;
	case SKF_AD_IFINDEX:
		return frame->ifindex;
	case SKF_AD_VLAN_TAG_PRESENT:
		return frame->vlan;
	default:
		ck_assert_uint_le(k, sizeof(frame->ip) - 4);
		memcpy(&word, &frame->ip[k], sizeof(word));
		return ntohl(word);
	}
}

/* Runs a program; counts its steps. */
static uint32_t run(const struct lvs__filter *filter, const struct frame *frame,
		    uint32_t *steps)
{
	uint32_t a = 0, x = 0;

	for (uint32_t pc = 0; pc < filter->length; pc++) {
		const struct sock_filter *i = &filter->code[pc];

		++*steps;
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = load(frame, i->k);
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_ALU | BPF_XOR | BPF_K:
			a ^= i->k;
			break;
		case BPF_ALU | BPF_XOR | BPF_X:
			a ^= x;
			break;
		case BPF_ALU | BPF_MUL | BPF_K:
			a *= i->k;
			break;
		case BPF_ALU | BPF_RSH | BPF_K:
			a >>= i->k;
			break;
		case BPF_MISC | BPF_TAX:
			x = a;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_RET | BPF_A:
			return a;
		default:
			ck_abort_msg("instruction %#x", i->code);
		}
	}
	ck_abort_msg("the program has no end");
	return 0;
}

/* The kernel's own checker. */
static void assert_kernel_takes(struct lvs__filter *filter)
{
	struct sock_fprog program = {.len = filter->length,
				     .filter = filter->code};
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	/* ENOMEM: larger than a socket's option memory; fan-out has no such
	   limit */
	if (setsockopt(pair[0], SOL_SOCKET, SO_ATTACH_FILTER, &program,
		       sizeof(program)) < 0)
		ck_assert_int_eq(errno, ENOMEM);
	close(pair[0]);
	close(pair[1]);
}

static struct frame frame_of(const char *from, const char *to)
{
	struct lvs_addr source = addr_of(from);
	struct lvs_addr destination = addr_of(to);
	struct frame frame = {.pkttype = PACKET_HOST, .ifindex = 7};

	if (source.family == LVS_IPV4) {
		frame.protocol = ETH_P_IP;
		frame.ip[0] = 0x45;
		memcpy(&frame.ip[12], source.bytes, 4);
		memcpy(&frame.ip[16], destination.bytes, 4);
	} else {
		frame.protocol = ETH_P_IPV6;
		frame.ip[0] = 0x60;
		memcpy(&frame.ip[8], source.bytes, 16);
		memcpy(&frame.ip[24], destination.bytes, 16);
	}
	return frame;
}

static uint32_t steer(const struct lvs__filter *filter, const char *from,
		      const char *to)
{
	struct frame frame = frame_of(from, to);
	uint32_t steps = 0;

	return run(filter, &frame, &steps);
}

START_TEST(a_filter_takes_ip_for_this_host_on_its_interfaces)
{
	uint32_t interfaces[100];
	struct lvs__filter filter;
	struct frame frame = frame_of("192.0.2.1", "192.0.2.2");
	uint32_t steps = 0;

	for (uint32_t i = 0; i < 100; i++)
		interfaces[i] = 1000 - 7 * i;
	ck_assert_int_eq(lvs__filter_accept(&filter, interfaces, 100), 0);
	assert_kernel_takes(&filter);
	for (uint32_t i = 290; i < 1020; i++) {
		bool mine =
			i <= 1000 && i >= 1000 - 7 * 99 && (1000 - i) % 7 == 0;

		frame.ifindex = i;
		ck_assert_int_eq(run(&filter, &frame, &steps) != 0, mine);
	}
	frame.ifindex = 1000;
	ck_assert_uint_ne(run(&filter, &frame, &steps), 0);
	frame.pkttype = PACKET_OTHERHOST;
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
	frame.pkttype = PACKET_OUTGOING;
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
	frame.pkttype = PACKET_HOST;
	frame.vlan = 1;
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
	frame.vlan = 0;
	frame.protocol = ETH_P_ARP;
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
	frame.protocol = ETH_P_IPV6;
	ck_assert_uint_ne(run(&filter, &frame, &steps), 0);
}
END_TEST

START_TEST(a_filter_without_interfaces_takes_nothing)
{
	struct frame frame = frame_of("192.0.2.1", "192.0.2.2");
	struct lvs__filter filter;
	uint32_t steps = 0;

	ck_assert_int_eq(lvs__filter_accept(&filter, NULL, 0), 0);
	assert_kernel_takes(&filter);
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
	lvs__filter_none(&filter);
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
}
END_TEST

START_TEST(both_directions_of_a_client_meet_in_one_lane)
{
	struct lvs_addr virtuals[] = {addr_of("198.51.100.1"),
				      addr_of("198.51.100.2"),
				      addr_of("2001:db8::1"),
				      addr_of("2001:db8:1::1"),
				      addr_of("198.51.100.1")};
	struct lvs__filter filter;

	ck_assert_int_eq(lvs__filter_steer(&filter, virtuals, 5, 12345), 0);
	assert_kernel_takes(&filter);
	ck_assert_uint_eq(steer(&filter, "192.0.2.9", "198.51.100.1"),
			  steer(&filter, "10.0.0.1", "192.0.2.9"));
	ck_assert_uint_eq(steer(&filter, "192.0.2.9", "198.51.100.2"),
			  steer(&filter, "10.0.0.2", "192.0.2.9"));
	/* not virtual: the destination counts */
	ck_assert_uint_eq(steer(&filter, "192.0.2.9", "198.51.100.3"),
			  steer(&filter, "192.0.2.8", "198.51.100.3"));
	ck_assert_uint_eq(steer(&filter, "2001:db8::99", "2001:db8::1"),
			  steer(&filter, "fd00::1", "2001:db8::99"));
	ck_assert_uint_eq(steer(&filter, "2001:db8::99", "2001:db8:1::1"),
			  steer(&filter, "fd00::2", "2001:db8::99"));
	ck_assert_uint_ne(steer(&filter, "2001:db8::99", "2001:db8::1"),
			  steer(&filter, "2001:db8::98", "2001:db8::1"));
}
END_TEST

START_TEST(clients_spread_evenly_over_lanes)
{
	struct lvs_addr virtual = addr_of("198.51.100.1");
	struct lvs__filter filter;
	char text[32];

	ck_assert_int_eq(lvs__filter_steer(&filter, &virtual, 1, 99), 0);
	for (uint32_t lanes = 2; lanes <= 8; lanes++) {
		uint32_t counts[8] = {0};

		for (int i = 0; i < 4000; i++) {
			(void)snprintf(text, sizeof(text), "10.1.%d.%d",
				       i / 250, i % 250);
			counts[steer(&filter, text, "198.51.100.1") % lanes]++;
		}
		for (uint32_t i = 0; i < lanes; i++) {
			ck_assert_uint_gt(counts[i], 4000 / lanes * 8 / 10);
			ck_assert_uint_lt(counts[i], 4000 / lanes * 12 / 10);
		}
	}
}
END_TEST

/* Many virtual addresses: a family each, scattered. */
static void make_many(struct lvs_addr *addrs, uint32_t count, uint32_t family)
{
	memset(addrs, 0, count * sizeof(*addrs));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t mixed = htonl((i * 2654435761u) | 1);

		addrs[i].family = family;
		memcpy(addrs[i].bytes, &mixed, 4);
		if (family == LVS_IPV6) /* many share their last word */
			addrs[i].bytes[15] = (uint8_t)(i % 3);
	}
}

START_TEST(many_virtual_addresses_are_found_in_few_steps)
{
	static struct lvs_addr many[2500];
	struct lvs_addr client = addr_of("192.0.2.9");
	struct lvs__filter filter;
	struct frame frame;
	uint32_t expected;

	make_many(many, 2500, LVS_IPV4);
	ck_assert_int_eq(lvs__filter_steer(&filter, many, 2500, 1), 0);
	assert_kernel_takes(&filter);
	expected = steer(&filter, "10.0.0.1", "192.0.2.9");
	for (int i = 0; i < 2500; i++) {
		uint32_t steps = 0;

		frame = frame_of("192.0.2.9", "192.0.2.9");
		memcpy(&frame.ip[12], client.bytes, 4);
		memcpy(&frame.ip[16], many[i].bytes, 4);
		ck_assert_uint_eq(run(&filter, &frame, &steps), expected);
		ck_assert_uint_lt(steps, 70);
	}
}
END_TEST

START_TEST(ipv6_virtual_addresses_that_share_words_are_told_apart)
{
	static struct lvs_addr many[300];
	struct lvs__filter filter;
	uint32_t expected;

	make_many(many, 300, LVS_IPV6);
	ck_assert_int_eq(lvs__filter_steer(&filter, many, 300, 1), 0);
	assert_kernel_takes(&filter);
	expected = steer(&filter, "fd00::1", "2001:db8::9");
	for (int i = 0; i < 300; i++) {
		struct frame frame = frame_of("2001:db8::9", "::");
		uint32_t steps = 0;

		memcpy(&frame.ip[24], many[i].bytes, 16);
		ck_assert_uint_eq(run(&filter, &frame, &steps), expected);
		frame.ip[24] ^= 1; /* one bit off: not virtual */
		ck_assert_uint_ne(run(&filter, &frame, &steps), expected);
	}
}
END_TEST

START_TEST(more_addresses_than_a_program_holds_are_refused)
{
	static struct lvs_addr many[5000];
	struct lvs__filter filter;

	make_many(many, 5000, LVS_IPV4);
	ck_assert_int_eq(lvs__filter_steer(&filter, many, 5000, 1), -EFBIG);
	make_many(many, 1000, LVS_IPV6);
	ck_assert_int_eq(lvs__filter_steer(&filter, many, 1000, 1), -EFBIG);
}
END_TEST

/* ---- routes */

static struct lvs__routes routes;

static void set_up_routes(void)
{
	ck_assert_int_eq(lvs__routes_init(&routes), 0);
}

static void tear_down_routes(void)
{
	lvs__routes_fini(&routes);
}

static void add_route(int table, const char *prefix, uint8_t length,
		      uint32_t metric, uint32_t ifindex)
{
	struct lvs__route_hop hop = {.ifindex = ifindex};
	struct lvs_addr addr = addr_of(prefix);

	ck_assert_int_eq(lvs__routes_add(&routes, table, &addr, length, metric,
					 &hop, ifindex != 0),
			 0);
}

static uint32_t way_to(const char *text)
{
	struct lvs_addr addr = addr_of(text);
	const struct lvs__route_hop *hop = lvs__routes_find(&routes, &addr);

	return hop == NULL ? 0 : hop->ifindex;
}

START_TEST(the_longest_prefix_wins)
{
	add_route(LVS__ROUTE_MAIN, "0.0.0.0", 0, 0, 1);
	add_route(LVS__ROUTE_MAIN, "10.0.0.0", 8, 0, 2);
	add_route(LVS__ROUTE_MAIN, "10.1.0.0", 17, 0, 3);
	add_route(LVS__ROUTE_MAIN, "10.1.2.3", 32, 0, 4);
	add_route(LVS__ROUTE_MAIN, "2001:db8::", 33, 0, 5);
	add_route(LVS__ROUTE_MAIN, "2001:db8::7", 128, 0, 6);
	ck_assert_uint_eq(way_to("192.0.2.1"), 1);
	ck_assert_uint_eq(way_to("10.200.0.1"), 2);
	ck_assert_uint_eq(way_to("10.1.127.1"), 3);
	ck_assert_uint_eq(way_to("10.1.128.1"), 2);
	ck_assert_uint_eq(way_to("10.1.2.3"), 4);
	ck_assert_uint_eq(way_to("2001:db8:7fff::1"), 5);
	ck_assert_uint_eq(way_to("2001:db8:8000::1"), 0);
	ck_assert_uint_eq(way_to("2001:db8::7"), 6);
}
END_TEST

START_TEST(the_local_table_comes_first)
{
	add_route(LVS__ROUTE_MAIN, "10.1.2.3", 32, 0, 4);
	add_route(LVS__ROUTE_LOCAL, "10.0.0.0", 8, 0, 0);
	ck_assert_uint_eq(way_to("10.1.2.3"), 0);
}
END_TEST

START_TEST(the_lower_metric_wins_whatever_comes_first)
{
	add_route(LVS__ROUTE_MAIN, "10.0.0.0", 8, 200, 2);
	add_route(LVS__ROUTE_MAIN, "10.0.0.0", 8, 100, 3);
	add_route(LVS__ROUTE_MAIN, "10.0.0.0", 8, 300, 4);
	add_route(LVS__ROUTE_MAIN, "10.0.0.0", 8, 100, 5);
	ck_assert_uint_eq(way_to("10.0.0.1"), 3);
}
END_TEST

START_TEST(what_ends_here_is_in_the_local_table)
{
	struct lvs__route_hop hop = {.ifindex = 1};
	struct lvs_addr none = {0}, vip = addr_of("10.0.0.100");
	struct lvs_addr net = addr_of("10.0.0.0");
	struct lvs_addr refused = addr_of("10.3.0.0");

	lvs__routes_add(&routes, LVS__ROUTE_LOCAL, &vip, 32, 0, NULL, 0);
	lvs__routes_add(&routes, LVS__ROUTE_MAIN, &net, 24, 0, &hop, 1);
	lvs__routes_add(&routes, LVS__ROUTE_MAIN, &refused, 16, 0, NULL, 0);
	ck_assert(lvs__routes_end_here(&routes, &vip));
	ck_assert(!lvs__routes_end_here(&routes, &net));
	ck_assert(!lvs__routes_end_here(&routes, &refused));
	ck_assert(!lvs__routes_end_here(&routes, &none));
}
END_TEST

START_TEST(cleared_routes_are_gone)
{
	add_route(LVS__ROUTE_MAIN, "0.0.0.0", 0, 0, 1);
	lvs__routes_clear(&routes);
	ck_assert_uint_eq(way_to("192.0.2.1"), 0);
	add_route(LVS__ROUTE_MAIN, "192.0.2.0", 24, 0, 9);
	ck_assert_uint_eq(way_to("192.0.2.1"), 9);
	ck_assert_uint_eq(way_to("10.0.0.1"), 0);
}
END_TEST

START_TEST(several_ways_share_destinations_and_each_keeps_its_own)
{
	struct lvs__route_hop hops[] = {{.ifindex = 1}, {.ifindex = 2}};
	struct lvs_addr any = {.family = LVS_IPV4};
	uint32_t counts[3] = {0};
	char text[32];

	ck_assert_int_eq(lvs__routes_add(&routes, LVS__ROUTE_MAIN, &any, 0, 0,
					 hops, 2),
			 0);
	for (int i = 0; i < 200; i++) {
		(void)snprintf(text, sizeof(text), "10.0.0.%d", i);
		counts[way_to(text)]++;
		ck_assert_uint_eq(way_to(text), way_to(text));
	}
	ck_assert_uint_gt(counts[1], 60);
	ck_assert_uint_gt(counts[2], 60);
}
END_TEST

START_TEST(too_many_routes_are_counted_not_taken)
{
	struct lvs__route_hop hop = {.ifindex = 1};
	struct lvs_addr addr = {.family = LVS_IPV4};

	for (uint32_t i = 0; i < LVS__ROUTES + 10; i++) {
		uint32_t word = htonl(i << 8);

		memcpy(addr.bytes, &word, 4);
		ck_assert_int_eq(lvs__routes_add(&routes, LVS__ROUTE_MAIN,
						 &addr, 24, 0, &hop, 1),
				 i < LVS__ROUTES ? 0 : -ENOSPC);
	}
	ck_assert_uint_eq(routes.missed, 10);
	ck_assert_int_eq(lvs__routes_add(&routes, LVS__ROUTE_MAIN, &addr, 33, 0,
					 &hop, 1),
			 -EINVAL);
}
END_TEST

/* Reads what looks like a route, cut after `length` bytes. */
START_TEST(a_cut_route_message_is_read_within_its_bounds)
{
	_Alignas(8) char whole[256] = {0};
	struct nlmsghdr *message = mnl_nlmsg_put_header(whole);
	struct rtmsg *route =
		mnl_nlmsg_put_extra_header(message, sizeof(*route));
	struct nlattr *multipath;
	struct rtnexthop *hop;
	uint32_t length;

	message->nlmsg_type = RTM_NEWROUTE;
	route->rtm_family = AF_INET;
	route->rtm_dst_len = 8;
	route->rtm_table = RT_TABLE_MAIN;
	route->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(message, RTA_DST, htonl(0x0a000000));
	multipath = mnl_attr_nest_start(message, RTA_MULTIPATH);
	hop = mnl_nlmsg_get_payload_tail(message);
	hop->rtnh_len = sizeof(*hop);
	hop->rtnh_ifindex = 5;
	message->nlmsg_len += (uint32_t)sizeof(*hop);
	mnl_attr_nest_end(message, multipath);
	length = message->nlmsg_len;
	lvs__routes_read(message, &routes);
	ck_assert_uint_eq(way_to("10.9.9.9"), 5);
	for (uint32_t i = sizeof(*message); i < length; i++) {
		/* exactly so long, for the sanitizer to see */
		struct nlmsghdr *cut = malloc(i);

		memcpy(cut, whole, i);
		cut->nlmsg_len = i;
		lvs__routes_clear(&routes);
		lvs__routes_read(cut, &routes);
		free(cut);
	}
	hop->rtnh_len = 0xffff;
	lvs__routes_clear(&routes);
	lvs__routes_read(message, &routes);
	ck_assert_uint_eq(way_to("10.9.9.9"), 0);
}
END_TEST

/* ---- neighbours */

static struct lvs__neigh_news news_of(const char *addr, uint8_t last,
				      bool usable)
{
	return (struct lvs__neigh_news){
		.addr = addr_of(addr),
		.ifindex = 3,
		.usable = usable,
		.mac = {2, 0, 0, 0, 0, last},
	};
}

START_TEST(a_neighbour_is_followed)
{
	struct lvs__neigh_news news = news_of("192.0.2.1", 1, true);
	struct lvs__neighs neighs;
	struct lvs__neigh *found;

	ck_assert_int_eq(lvs__neighs_init(&neighs), 0);
	/* a new one makes nothing wrong that was found before */
	ck_assert(!lvs__neighs_update(&neighs, &news));
	found = lvs__neighs_find(&neighs, 3, &news.addr);
	ck_assert_ptr_nonnull(found);
	ck_assert_ptr_null(lvs__neighs_find(&neighs, 4, &news.addr));
	ck_assert(!lvs__neighs_update(&neighs, &news));
	news.mac[5] = 2;
	ck_assert(lvs__neighs_update(&neighs, &news));
	ck_assert_uint_eq(found->mac[5], 2);
	news.usable = false;
	ck_assert(lvs__neighs_update(&neighs, &news));
	ck_assert_ptr_null(lvs__neighs_find(&neighs, 3, &news.addr));
	ck_assert(!lvs__neighs_update(&neighs, &news));
	lvs__neighs_fini(&neighs);
}
END_TEST

START_TEST(neighbours_are_bounded_and_their_places_used_again)
{
	struct lvs__neigh_news news = news_of("10.0.0.0", 1, true);
	struct lvs__neighs neighs;

	ck_assert_int_eq(lvs__neighs_init(&neighs), 0);
	for (uint32_t i = 0; i < LVS__NEIGHS + 5; i++) {
		memcpy(news.addr.bytes, &i, 4);
		lvs__neighs_update(&neighs, &news);
	}
	ck_assert_uint_eq(neighs.missed, 5);
	ck_assert_ptr_null(lvs__neighs_find(&neighs, 3, &news.addr));
	memset(news.addr.bytes, 0, 4);
	news.usable = false;
	ck_assert(lvs__neighs_update(&neighs, &news));
	news.usable = true;
	news.addr = addr_of("192.0.2.77");
	lvs__neighs_update(&neighs, &news);
	ck_assert_ptr_nonnull(lvs__neighs_find(&neighs, 3, &news.addr));
	lvs__neighs_fini(&neighs);
}
END_TEST

/* ---- held packets */

static uint8_t buffer[70000];

static struct lvs_packet packet_of(uint32_t length)
{
	return (struct lvs_packet){
		.data = buffer,
		.offset = LVS_HEADROOM,
		.length = length,
		.capacity = sizeof(buffer),
		.cookie = 77,
	};
}

START_TEST(three_packets_wait_for_a_neighbour)
{
	struct lvs_addr addr = addr_of("192.0.2.1");
	struct lvs_packet packet = packet_of(100);
	struct lvs__held *held;
	struct lvs__hold hold;

	ck_assert_int_eq(lvs__hold_init(&hold), 0);
	ck_assert_uint_eq(lvs__hold_deadline(&hold), UINT64_MAX);
	for (int i = 0; i < LVS__HOLD_PACKETS; i++) {
		memset(buffer + LVS_HEADROOM, 'a' + i, 100);
		ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &packet, 1000),
				 i == 0);
	}
	ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &packet, 1000),
			 -ENOBUFS);
	ck_assert_uint_eq(hold.packets, 3);
	ck_assert_uint_eq(lvs__hold_deadline(&hold), 1000 + LVS__HOLD_WAIT);
	ck_assert_ptr_null(lvs__hold_next(&hold));
	lvs__hold_settle(&hold, 4, &addr, true);
	ck_assert_ptr_null(lvs__hold_next(&hold));
	lvs__hold_settle(&hold, 3, &addr, true);
	ck_assert_uint_eq(lvs__hold_deadline(&hold), 0);
	held = lvs__hold_next(&hold);
	ck_assert_ptr_nonnull(held);
	ck_assert_uint_eq(held->state, LVS__HOLD_READY);
	ck_assert_uint_eq(held->count, 3);
	for (uint32_t i = 0; i < 3; i++) {
		struct lvs_packet *copy = &held->packets[i];

		ck_assert_uint_eq(copy->cookie, 77);
		ck_assert_uint_ge(copy->offset, LVS_HEADROOM);
		ck_assert_int_eq(copy->data[copy->offset], 'a' + (int)i);
		ck_assert_int_eq(copy->data[copy->offset + 99], 'a' + (int)i);
	}
	lvs__hold_release(&hold, held);
	ck_assert_uint_eq(hold.packets, 0);
	ck_assert_ptr_null(lvs__hold_next(&hold));
	ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &packet, 2000), 1);
	lvs__hold_fini(&hold);
}
END_TEST

START_TEST(a_neighbour_holds_64_kilobytes)
{
	struct lvs_addr addr = addr_of("192.0.2.1");
	struct lvs_packet big = packet_of(65535);
	struct lvs_packet small = packet_of(2);
	struct lvs__hold hold;

	ck_assert_int_eq(lvs__hold_init(&hold), 0);
	ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &big, 0), 1);
	ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &small, 0), -ENOBUFS);
	small.length = 1;
	ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &small, 0), 0);
	lvs__hold_fini(&hold);
}
END_TEST

START_TEST(held_packets_fail_when_their_time_is_over)
{
	struct lvs_addr addr = addr_of("192.0.2.1");
	struct lvs_packet packet = packet_of(100);
	struct lvs__held *held;
	struct lvs__hold hold;

	ck_assert_int_eq(lvs__hold_init(&hold), 0);
	lvs__hold_add(&hold, 3, &addr, &packet, 0);
	lvs__hold_expire(&hold, LVS__HOLD_WAIT - 1);
	ck_assert_ptr_null(lvs__hold_next(&hold));
	lvs__hold_expire(&hold, LVS__HOLD_WAIT);
	held = lvs__hold_next(&hold);
	ck_assert_ptr_nonnull(held);
	ck_assert_uint_eq(held->state, LVS__HOLD_FAILED);
	lvs__hold_fini(&hold);
}
END_TEST

START_TEST(strangers_cannot_make_more_wait_than_there_are_slots)
{
	struct lvs_addr addr = addr_of("192.0.2.1");
	struct lvs_packet packet = packet_of(100);
	struct lvs__hold hold;

	ck_assert_int_eq(lvs__hold_init(&hold), 0);
	for (uint32_t i = 0; i < LVS__HOLD_SLOTS + 9; i++)
		ck_assert_int_eq(lvs__hold_add(&hold, i, &addr, &packet, 0),
				 i < LVS__HOLD_SLOTS ? 1 : -ENOBUFS);
	ck_assert_uint_eq(hold.packets, LVS__HOLD_SLOTS);
	lvs__hold_fini(&hold);
}
END_TEST

/* ---- offloads */

static struct lvs_packet tcp_packet(uint32_t payload)
{
	struct lvs_packet packet = packet_of(40 + payload);
	uint8_t *ip = buffer + LVS_HEADROOM;

	memset(ip, 0, packet.length);
	ip[0] = 0x45;
	ip[9] = LVS_TCP;
	ip[32] = 0x50;
	return packet;
}

START_TEST(an_ordinary_packet_has_an_empty_header)
{
	static const struct lvs__vnet none;
	struct lvs_packet packet = tcp_packet(10);
	struct lvs__vnet vnet;
	uint32_t wire = 0;

	ck_assert(lvs__vnet_write(&vnet, 14, &packet, &wire));
	ck_assert_mem_eq(&vnet, &none, sizeof(vnet));
	ck_assert_uint_eq(wire, 50);
}
END_TEST

START_TEST(a_partial_gso_packet_comes_back_as_it_was)
{
	struct lvs__vnet in = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = 54,
		.gso_size = 1460,
		.csum_start = 34,
		.csum_offset = 16,
	};
	struct lvs_packet packet = tcp_packet(30000);
	struct lvs__vnet out;
	uint32_t wire = 0;

	ck_assert(lvs__vnet_read(&in, 14, &packet));
	ck_assert_uint_eq(packet.flags, LVS_PACKET_PARTIAL);
	ck_assert_uint_eq(packet.gso_size, 1460);
	ck_assert(lvs__vnet_write(&out, 14, &packet, &wire));
	ck_assert_mem_eq(&in, &out, sizeof(in));
	ck_assert_uint_eq(wire, 1500);
	/* without a link header the checksum begins earlier */
	ck_assert(lvs__vnet_write(&out, 0, &packet, &wire));
	ck_assert_uint_eq(out.csum_start, 20);
}
END_TEST

START_TEST(a_checksum_that_is_not_the_packets_own_is_finished)
{
	struct lvs__vnet in = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = 14 + 24,
		.csum_offset = 2,
	};
	struct lvs_packet packet = tcp_packet(24);
	uint8_t *ip = buffer + LVS_HEADROOM;

	memset(ip + 24, 0x31, 40);
	ck_assert(lvs__vnet_read(&in, 14, &packet));
	ck_assert_uint_eq(packet.flags, 0);
	/* the field was part of the sum: taken out again it must come to 0 */
	ck_assert_uint_eq(lvs__csum_fold(lvs__csum_sum(ip + 24, 40) + 0x3131),
			  0xffff);
}
END_TEST

START_TEST(offloads_that_the_packet_does_not_allow_are_refused)
{
	struct lvs_packet packet = tcp_packet(100);
	struct lvs__vnet vnet = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = 60000,
		.csum_offset = 16,
	};
	uint32_t wire;

	ck_assert(!lvs__vnet_read(&vnet, 14, &packet));
	packet.flags = LVS_PACKET_PARTIAL;
	buffer[LVS_HEADROOM + 9] = LVS_SCTP;
	ck_assert(!lvs__vnet_write(&vnet, 14, &packet, &wire));
	buffer[LVS_HEADROOM + 9] = LVS_TCP;
	buffer[LVS_HEADROOM + 6] = 0;
	buffer[LVS_HEADROOM + 7] = 8; /* a later fragment */
	ck_assert(!lvs__vnet_write(&vnet, 14, &packet, &wire));
	buffer[LVS_HEADROOM + 7] = 0;
	packet.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	packet.gso_size = 0;
	ck_assert(!lvs__vnet_write(&vnet, 14, &packet, &wire));
	packet.gso_size = 70000;
	ck_assert(!lvs__vnet_write(&vnet, 14, &packet, &wire));
}
END_TEST

/* ---- the public functions */

/* ---- what the table takes from the host */

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
	ck_assert_int_eq(lvs_backend_set(backend, LVS_BACKEND_TABLE, 2),
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

static void add_programs(Suite *suite)
{
	TCase *tcase = tcase_create("programs");

	tcase_add_test(tcase,
		       a_filter_takes_ip_for_this_host_on_its_interfaces);
	tcase_add_test(tcase, a_filter_without_interfaces_takes_nothing);
	tcase_add_test(tcase, both_directions_of_a_client_meet_in_one_lane);
	tcase_add_test(tcase, clients_spread_evenly_over_lanes);
	tcase_add_test(tcase, many_virtual_addresses_are_found_in_few_steps);
	tcase_add_test(tcase,
		       ipv6_virtual_addresses_that_share_words_are_told_apart);
	tcase_add_test(tcase, more_addresses_than_a_program_holds_are_refused);
	suite_add_tcase(suite, tcase);
}

static void add_routes(Suite *suite)
{
	TCase *tcase = tcase_create("routes");

	tcase_add_checked_fixture(tcase, set_up_routes, tear_down_routes);
	tcase_add_test(tcase, the_longest_prefix_wins);
	tcase_add_test(tcase, the_local_table_comes_first);
	tcase_add_test(tcase, the_lower_metric_wins_whatever_comes_first);
	tcase_add_test(tcase, what_ends_here_is_in_the_local_table);
	tcase_add_test(tcase, cleared_routes_are_gone);
	tcase_add_test(tcase,
		       several_ways_share_destinations_and_each_keeps_its_own);
	tcase_add_test(tcase, too_many_routes_are_counted_not_taken);
	tcase_add_test(tcase, a_cut_route_message_is_read_within_its_bounds);
	suite_add_tcase(suite, tcase);
}

Suite *backend_suite(void)
{
	Suite *suite = suite_create("backend");
	TCase *tcase = tcase_create("parts");

	add_programs(suite);
	add_routes(suite);
	tcase_add_test(tcase, a_neighbour_is_followed);
	tcase_add_test(tcase,
		       neighbours_are_bounded_and_their_places_used_again);
	tcase_add_test(tcase, three_packets_wait_for_a_neighbour);
	tcase_add_test(tcase, a_neighbour_holds_64_kilobytes);
	tcase_add_test(tcase, held_packets_fail_when_their_time_is_over);
	tcase_add_test(tcase,
		       strangers_cannot_make_more_wait_than_there_are_slots);
	tcase_add_test(tcase, an_ordinary_packet_has_an_empty_header);
	tcase_add_test(tcase, a_partial_gso_packet_comes_back_as_it_was);
	tcase_add_test(tcase,
		       a_checksum_that_is_not_the_packets_own_is_finished);
	tcase_add_test(tcase,
		       offloads_that_the_packet_does_not_allow_are_refused);
	tcase_add_test(tcase, only_nat_servers_are_taken_whole_endpoints);
	tcase_add_test(tcase, thousands_of_servers_are_all_found);
	tcase_add_test(tcase, a_set_stays_while_a_lane_looks_at_it);
	tcase_add_test(tcase, options_are_checked);
	tcase_add_test(tcase, a_backend_that_is_not_open_says_so);
	tcase_add_test(tcase, a_dispatch_reads_no_more_news_than_its_budget);
	suite_add_tcase(suite, tcase);
	return suite;
}
