/*
 * One hash table over {table, family, length, prefix}; a search tries the
 * lengths that occur, longest first. A host has few lengths, and what was found
 * is remembered by the caller, so this is off the fast path; but it stays quick
 * with tens of thousands of routes, where a walk would not.
 *
 * Routes are only added; a change on the host makes a new table.
 */
#include "backend/host/route.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

_Static_assert(LVS__ROUTE_BUCKETS == 1 << 17, "as bucket_of() has it");

#define HOPS 64 /* of one route that are looked at */

int lvs__routes_init(struct lvs__routes *routes)
{
	int result;

	memset(routes, 0, sizeof(*routes));
	result = lvs__hash_key_init(&routes->key);
	if (result < 0)
		return result;
	routes->routes = calloc(LVS__ROUTES, sizeof(*routes->routes));
	routes->hops = calloc(LVS__ROUTE_HOPS, sizeof(*routes->hops));
	routes->buckets = calloc(LVS__ROUTE_BUCKETS, sizeof(*routes->buckets));
	if (routes->routes != NULL && routes->hops != NULL &&
	    routes->buckets != NULL)
		return 0;
	lvs__routes_fini(routes);
	return -ENOMEM;
}

void lvs__routes_fini(struct lvs__routes *routes)
{
	free(routes->routes);
	free(routes->hops);
	free(routes->buckets);
	memset(routes, 0, sizeof(*routes));
}

/*
 * Routes are the host's own, strangers cannot choose them: a multiplication
 * spreads them well enough, and needs no random key.
 */
static uint32_t bucket_of(const struct lvs__route *route)
{
	uint64_t mixed = route->prefix[0] * 0x9e3779b97f4a7c15ULL ^
			 route->prefix[1] * 0xc2b2ae3d27d4eb4fULL;

	mixed ^= (uint64_t)route->table << 16 | (uint64_t)route->family << 8 |
		 route->length;
	mixed = (mixed ^ mixed >> 29) * 0xbf58476d1ce4e5b9ULL;
	return (uint32_t)(mixed >> 47); /* LVS__ROUTE_BUCKETS: 17 bits */
}

void lvs__routes_clear(struct lvs__routes *routes)
{
	for (uint32_t i = 0; i < routes->count; i++)
		routes->buckets[bucket_of(&routes->routes[i])] = 0;
	routes->count = 0;
	routes->hop_count = 0;
	routes->missed = 0;
	memset(routes->lengths, 0, sizeof(routes->lengths));
}

/* The first `length` bits of an address as a key. */
static void set_prefix(struct lvs__route *route, const struct lvs_addr *addr,
		       uint8_t length)
{
	uint8_t bytes[16] = {0};
	uint8_t whole = length / 8;

	memcpy(bytes, addr->bytes, whole);
	if (length % 8 != 0)
		bytes[whole] = (uint8_t)(addr->bytes[whole] &
					 0xff << (8 - length % 8));
	memcpy(route->prefix, bytes, sizeof(bytes));
	route->family = (uint8_t)addr->family;
	route->length = length;
}

static struct lvs__route *find_prefix(const struct lvs__routes *routes,
				      const struct lvs__route *key)
{
	uint32_t i = routes->buckets[bucket_of(key)];

	while (i != 0) {
		struct lvs__route *route = &routes->routes[i - 1];

		if (route->prefix[0] == key->prefix[0] &&
		    route->prefix[1] == key->prefix[1] &&
		    route->length == key->length &&
		    route->family == key->family && route->table == key->table)
			return route;
		i = route->next;
	}
	return NULL;
}

static void set_hops(struct lvs__routes *routes, struct lvs__route *route,
		     const struct lvs__route_hop *hops, uint32_t count)
{
	route->first = routes->hop_count;
	route->hops = count;
	if (count > 0)
		memcpy(&routes->hops[route->first], hops,
		       count * sizeof(*hops));
	routes->hop_count += count;
}

static void insert(struct lvs__routes *routes, const struct lvs__route *key)
{
	uint32_t *bucket = &routes->buckets[bucket_of(key)];
	struct lvs__route *route = &routes->routes[routes->count];

	*route = *key;
	route->next = *bucket;
	*bucket = ++routes->count;
	routes->lengths[key->table][key->family == LVS_IPV6]
		       [key->length / 64] |= 1ULL << key->length % 64;
}

int lvs__routes_add(struct lvs__routes *routes, int table,
		    const struct lvs_addr *prefix, uint8_t length,
		    uint32_t metric, const struct lvs__route_hop *hops,
		    uint32_t count)
{
	struct lvs__route key = {.table = (uint8_t)table, .metric = metric};
	struct lvs__route *old;

	if (length > (prefix->family == LVS_IPV4 ? 32 : 128))
		return -EINVAL;
	set_prefix(&key, prefix, length);
	old = find_prefix(routes, &key);
	if (old != NULL && old->metric <= metric)
		return 0;
	if (count > LVS__ROUTE_HOPS - routes->hop_count ||
	    (old == NULL && routes->count == LVS__ROUTES)) {
		routes->missed++;
		return -ENOSPC;
	}
	if (old != NULL) {
		old->metric = metric;
		set_hops(routes, old, hops, count);
		return 0;
	}
	set_hops(routes, &key, hops, count);
	insert(routes, &key);
	return 0;
}

static const struct lvs__route *find_longest(const struct lvs__routes *routes,
					     const struct lvs_addr *addr,
					     uint8_t table)
{
	const uint64_t *lengths =
		routes->lengths[table][addr->family == LVS_IPV6];
	struct lvs__route key = {.table = table};
	const struct lvs__route *route;

	for (int word = 2; word >= 0; word--) {
		uint64_t left = lengths[word];

		while (left != 0) {
			int bit = 63 - __builtin_clzll(left);

			left &= ~(1ULL << bit);
			set_prefix(&key, addr, (uint8_t)(word * 64 + bit));
			route = find_prefix(routes, &key);
			if (route != NULL)
				return route;
		}
	}
	return NULL;
}

const struct lvs__route_hop *lvs__routes_find(const struct lvs__routes *routes,
					      const struct lvs_addr *addr)
{
	const struct lvs__route *route = NULL;
	uint64_t words[2];

	if (addr->family != LVS_IPV4 && addr->family != LVS_IPV6)
		return NULL;
	for (uint8_t t = 0; t < LVS__ROUTE_TABLES && route == NULL; t++)
		route = find_longest(routes, addr, t);
	if (route == NULL || route->hops == 0)
		return NULL;
	if (route->hops == 1)
		return &routes->hops[route->first];
	memcpy(words, addr->bytes, sizeof(words));
	return &routes->hops[route->first +
			     lvs__hash_words(&routes->key, words, 2) %
				     route->hops];
}

bool lvs__routes_end_here(const struct lvs__routes *routes,
			  const struct lvs_addr *addr)
{
	const struct lvs__route *route;

	if (addr->family != LVS_IPV4 && addr->family != LVS_IPV6)
		return false;
	route = find_longest(routes, addr, LVS__ROUTE_LOCAL);
	return route != NULL && route->hops == 0;
}

/* RTA_VIA: a gateway of another family. */
static bool read_via(const struct nlattr *attribute, struct lvs_addr *gateway)
{
	const struct rtvia *via;
	size_t length;

	if (mnl_attr_get_payload_len(attribute) < sizeof(*via))
		return false;
	via = mnl_attr_get_payload(attribute);
	length = via->rtvia_family == AF_INET ? 4 : 16;
	if ((via->rtvia_family != AF_INET && via->rtvia_family != AF_INET6) ||
	    mnl_attr_get_payload_len(attribute) < sizeof(*via) + length)
		return false;
	*gateway =
		(struct lvs_addr){.family = length == 4 ? LVS_IPV4 : LVS_IPV6};
	memcpy(gateway->bytes, via->rtvia_addr, length);
	return true;
}

/* One way out of the attributes that describe it. */
static bool read_hop(const struct nlattr **attributes, int family,
		     uint32_t ifindex, uint32_t flags,
		     struct lvs__route_hop *hop)
{
	*hop = (struct lvs__route_hop){.ifindex = ifindex};
	if (ifindex == 0 || (flags & RTNH_F_DEAD) != 0 ||
	    attributes[RTA_ENCAP] != NULL)
		return false;
	if (attributes[RTA_VIA] != NULL)
		return read_via(attributes[RTA_VIA], &hop->gateway);
	if (attributes[RTA_GATEWAY] != NULL)
		return lvs__netlink_get_addr(attributes[RTA_GATEWAY], family,
					     &hop->gateway);
	return true;
}

static uint32_t read_multipath(const struct nlattr *multipath, int family,
			       struct lvs__route_hop *hops)
{
	const char *at = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath);
	const struct nlattr *attributes[RTA_MAX + 1];
	const struct rtnexthop *next;
	uint32_t count = 0;
	size_t length;

	while (left >= sizeof(*next) && count < HOPS) {
		next = (const void *)at;
		length = next->rtnh_len;
		if (length < sizeof(*next) || length > left)
			break;
		lvs__netlink_nested(at + sizeof(*next), length - sizeof(*next),
				    attributes, RTA_MAX);
		count += read_hop(attributes, family,
				  (uint32_t)next->rtnh_ifindex,
				  next->rtnh_flags, &hops[count]);
		length = (length + 3) & ~(size_t)3;
		if (left < length)
			break;
		left -= length;
		at += length;
	}
	return count;
}

/* A route that packets can take: at least one living way out. */
static uint32_t read_hops(const struct rtmsg *route,
			  const struct nlattr **attributes,
			  struct lvs__route_hop *hops)
{
	if (attributes[RTA_MULTIPATH] != NULL)
		return read_multipath(attributes[RTA_MULTIPATH],
				      route->rtm_family, hops);
	return read_hop(attributes, route->rtm_family,
			lvs__netlink_u32(attributes[RTA_OIF], 0),
			route->rtm_flags, &hops[0]);
}

int lvs__routes_read(const struct nlmsghdr *message, void *routes)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[RTA_MAX + 1];
	struct lvs__route_hop hops[HOPS];
	struct lvs_addr prefix = {0};
	uint32_t count = 0;
	uint32_t table;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*route))
		return 0;
	if ((route->rtm_family != AF_INET && route->rtm_family != AF_INET6) ||
	    (route->rtm_flags & RTM_F_CLONED) != 0 || route->rtm_tos != 0 ||
	    route->rtm_src_len != 0 || route->rtm_type == RTN_THROW)
		return 0;
	lvs__netlink_attributes(message, sizeof(*route), attributes, RTA_MAX);
	table = lvs__netlink_u32(attributes[RTA_TABLE], route->rtm_table);
	if (table != RT_TABLE_MAIN && table != RT_TABLE_LOCAL)
		return 0;
	prefix.family = route->rtm_family == AF_INET ? LVS_IPV4 : LVS_IPV6;
	if (attributes[RTA_DST] != NULL &&
	    !lvs__netlink_get_addr(attributes[RTA_DST], route->rtm_family,
				   &prefix))
		return 0;
	if (route->rtm_type == RTN_UNICAST) {
		count = read_hops(route, attributes, hops);
		if (count == 0)
			return 0;
	}
	(void)lvs__routes_add(routes,
			      table == RT_TABLE_MAIN ? LVS__ROUTE_MAIN
						     : LVS__ROUTE_LOCAL,
			      &prefix, route->rtm_dst_len,
			      lvs__netlink_u32(attributes[RTA_PRIORITY], 0),
			      hops, count);
	return 0;
}
