/*
 * Links and neighbours are followed one by one. Routes are not: IPv4 routes
 * vanish without a word when a link or an address goes, and the kernel's
 * rules of replacing and appending are its own. So any sign of change only
 * starts a new reading of all routes, a few datagrams at a time, into the
 * second of two tables, which then becomes the one in use. It is read again at
 * most every REST milliseconds, and again if something changed meanwhile.
 *
 * Where the kernel had to drop news (ENOBUFS), everything is read again.
 */
#include "backend/host/mirror.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define REST 100   /* milliseconds between two readings of all routes */
#define BUDGET 8   /* datagrams in one call */
#define ATTEMPTS 5 /* at a consistent dump */

static int read_link(const struct nlmsghdr *message, void *user)
{
	struct lvs__mirror *mirror = user;

	if (lvs__links_read(&mirror->links, message))
		mirror->generation++;
	return 0;
}

static int read_neigh(const struct nlmsghdr *message, void *user)
{
	struct lvs__mirror *mirror = user;
	struct lvs__neigh_news news;

	if (!lvs__neigh_read(message, &news))
		return 0;
	if (lvs__neighs_update(&mirror->neighs, &news))
		mirror->generation++;
	if (mirror->resolved == NULL)
		return 0;
	if (news.usable)
		mirror->resolved(mirror->user, news.ifindex, &news.addr,
				 news.mac);
	else if ((news.state & NUD_FAILED) != 0)
		mirror->resolved(mirror->user, news.ifindex, &news.addr, NULL);
	return 0;
}

static struct nlmsghdr *ask_all(void *buffer, uint16_t type, int family)
{
	struct nlmsghdr *message = lvs__netlink_begin(buffer, type, NLM_F_DUMP);
	struct rtgenmsg *general;

	/* the kernel wants the type's own header, 0 but for the family */
	general = mnl_nlmsg_put_extra_header(message,
					     type == RTM_GETLINK
						     ? sizeof(struct ifinfomsg)
					     : type == RTM_GETNEIGH
						     ? sizeof(struct ndmsg)
						     : sizeof(struct rtmsg));
	general->rtgen_family = (unsigned char)family;
	return message;
}

/* A whole dump at once. */
static int read_all(struct lvs__mirror *mirror, uint16_t type, int family,
		    int (*fn)(const struct nlmsghdr *message, void *user),
		    void *user)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	int result = -EINTR;

	for (int i = 0; i < ATTEMPTS && result == -EINTR; i++)
		result = lvs__netlink_dump(&mirror->dump,
					   ask_all(buffer, type, family), fn,
					   user);
	/* it changed all the time: what came is good, and news follow */
	return result == -EINTR ? 0 : result;
}

static int read_links_and_neighs(struct lvs__mirror *mirror)
{
	int result;

	mirror->generation++;
	mirror->links.count = 0;
	lvs__neighs_clear(&mirror->neighs);
	result = read_all(mirror, RTM_GETLINK, AF_UNSPEC, read_link, mirror);
	if (result == 0)
		result = read_all(mirror, RTM_GETNEIGH, AF_UNSPEC, read_neigh,
				  mirror);
	return result;
}

static struct lvs__routes *other_routes(struct lvs__mirror *mirror)
{
	return &mirror->routes[1 - mirror->current];
}

static void use_other_routes(struct lvs__mirror *mirror)
{
	mirror->current = 1 - mirror->current;
	mirror->generation++;
}

static int read_routes_at_once(struct lvs__mirror *mirror)
{
	struct lvs__routes *routes = other_routes(mirror);
	int result;

	lvs__routes_clear(routes);
	result = read_all(mirror, RTM_GETROUTE, AF_INET, lvs__routes_read,
			  routes);
	if (result == 0)
		result = read_all(mirror, RTM_GETROUTE, AF_INET6,
				  lvs__routes_read, routes);
	/* a kernel without IPv6 has no such routes */
	if (result == -EOPNOTSUPP || result == -EAFNOSUPPORT)
		result = 0;
	if (result == 0)
		use_other_routes(mirror);
	return result;
}

static int allocate(struct lvs__mirror *mirror)
{
	int result = lvs__neighs_init(&mirror->neighs);

	for (size_t i = 0; i < 2 && result == 0; i++)
		result = lvs__routes_init(&mirror->routes[i]);
	if (result < 0)
		return result;
	return lvs__links_init(&mirror->links);
}

int lvs__mirror_open(struct lvs__mirror *mirror)
{
	static const uint32_t groups[] = {
		RTNLGRP_LINK,	    RTNLGRP_NEIGH,	 RTNLGRP_IPV4_ROUTE,
		RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV6_IFADDR,
		RTNLGRP_NEXTHOP};
	int result;

	memset(mirror, 0, sizeof(*mirror));
	mirror->news.fd = mirror->dump.fd = -1;
	result = allocate(mirror);
	/* news first, so that nothing falls between dump and news */
	if (result == 0)
		result = lvs__netlink_open(&mirror->news, NETLINK_ROUTE, groups,
					   sizeof(groups) / sizeof(groups[0]));
	if (result == 0)
		result = lvs__netlink_open(&mirror->dump, NETLINK_ROUTE, NULL,
					   0);
	if (result == 0)
		result = read_links_and_neighs(mirror);
	if (result == 0)
		result = read_routes_at_once(mirror);
	if (result < 0)
		lvs__mirror_close(mirror);
	return result;
}

void lvs__mirror_close(struct lvs__mirror *mirror)
{
	lvs__netlink_close(&mirror->news);
	lvs__netlink_close(&mirror->dump);
	lvs__neighs_fini(&mirror->neighs);
	for (size_t i = 0; i < 2; i++)
		lvs__routes_fini(&mirror->routes[i]);
	lvs__links_fini(&mirror->links);
}

static void follow_one(struct lvs__mirror *mirror,
		       const struct nlmsghdr *message)
{
	switch (message->nlmsg_type) {
	case RTM_NEWNEIGH:
	case RTM_DELNEIGH:
		(void)read_neigh(message, mirror);
		break;
	case RTM_NEWLINK:
	case RTM_DELLINK:
		(void)read_link(message, mirror);
		mirror->stale = true;
		break;
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
	case RTM_NEWADDR:
	case RTM_DELADDR:
	case RTM_NEWNEXTHOP:
	case RTM_DELNEXTHOP:
		mirror->stale = true;
		break;
	default:
		break;
	}
}

static void read_news(struct lvs__mirror *mirror)
{
	const struct nlmsghdr *message;
	int got;

	for (int i = 0; i < BUDGET; i++) {
		got = lvs__netlink_recv(&mirror->news);
		if (got < 0)
			mirror->lost = true;
		if (got <= 0)
			return;
		message = (const void *)mirror->news.buffer;
		for (; mnl_nlmsg_ok(message, got);
		     message = mnl_nlmsg_next(message, &got))
			follow_one(mirror, message);
	}
}

static void begin_reading(struct lvs__mirror *mirror, int family)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	int result;

	if (family == AF_INET) {
		mirror->stale = false;
		lvs__routes_clear(other_routes(mirror));
	}
	result = lvs__netlink_send(&mirror->dump,
				   ask_all(buffer, RTM_GETROUTE, family));
	mirror->reading = result == 0 ? family : 0;
	if (result < 0)
		mirror->stale = true;
}

static void read_routes(struct lvs__mirror *mirror, uint64_t now)
{
	int result;

	if (mirror->reading == 0) {
		if (!mirror->stale || now < mirror->next)
			return;
		mirror->next = now + REST;
		begin_reading(mirror, AF_INET);
	}
	result = lvs__netlink_answer(&mirror->dump, BUDGET, lvs__routes_read,
				     other_routes(mirror));
	if (result == 0)
		return;
	if (mirror->reading == AF_INET && result == 1) {
		begin_reading(mirror, AF_INET6);
		return;
	}
	mirror->reading = 0;
	mirror->next = now + REST;
	if (result == 1 || result == -EOPNOTSUPP || result == -EAFNOSUPPORT)
		use_other_routes(mirror);
	else
		mirror->stale = true;
}

void lvs__mirror_follow(struct lvs__mirror *mirror, uint64_t now)
{
	read_news(mirror);
	if (mirror->lost && mirror->reading == 0 && now >= mirror->next) {
		mirror->lost = read_links_and_neighs(mirror) < 0;
		mirror->stale = true;
	}
	read_routes(mirror, now);
}

uint64_t lvs__mirror_deadline(const struct lvs__mirror *mirror)
{
	if (mirror->reading != 0)
		return 0;
	return mirror->stale || mirror->lost ? mirror->next : UINT64_MAX;
}

const struct lvs__route_hop *lvs__mirror_route(const struct lvs__mirror *mirror,
					       const struct lvs_addr *addr)
{
	return lvs__routes_find(&mirror->routes[mirror->current], addr);
}

bool lvs__mirror_is_local(const struct lvs__mirror *mirror,
			  const struct lvs_addr *addr)
{
	return lvs__routes_end_here(&mirror->routes[mirror->current], addr);
}

void lvs__mirror_ask(struct lvs__mirror *mirror, uint32_t ifindex,
		     const struct lvs_addr *addr)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];

	/* should it fail, the caller's wait ends without an answer */
	(void)lvs__netlink_send(&mirror->news,
				lvs__neigh_request(buffer, RTM_NEWNEIGH,
						   ifindex, addr, NTF_USE));
}
