/*
 * What the backend reads of the host: routes and neighbours.
 */
#include "backend_parts.h"

#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>

#include "backend/host/neigh.h"
#include "backend/host/route.h"

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

TCase *backend_routes_case(void)
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
	return tcase;
}

TCase *backend_neighbours_case(void)
{
	TCase *tcase = tcase_create("parts");

	tcase_add_test(tcase, a_neighbour_is_followed);
	tcase_add_test(tcase,
		       neighbours_are_bounded_and_their_places_used_again);
	return tcase;
}
