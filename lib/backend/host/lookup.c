/*
 * One request: the kernel looks the route up as for a packet, and shows the
 * entry that matched rather than what it made of it.
 */
#include "backend/host/lookup.h"

#include <linux/rtnetlink.h>

static int read_match(const struct nlmsghdr *message, void *user)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[RTA_MAX + 1];
	struct lvs__lookup *match = user;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*route) ||
	    route->rtm_type != RTN_UNICAST)
		return 0;
	lvs__netlink_attributes(message, sizeof(*route), attributes, RTA_MAX);
	if (attributes[RTA_GATEWAY] != NULL || attributes[RTA_VIA] != NULL)
		return 0;
	match->ifindex = lvs__netlink_u32(attributes[RTA_OIF], 0);
	match->length = route->rtm_dst_len;
	return 0;
}

static int ask(struct lvs__netlink *netlink, const struct lvs_addr *addr,
	       uint32_t flags,
	       int (*fn)(const struct nlmsghdr *message, void *user),
	       void *user)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *message = lvs__netlink_begin(buffer, RTM_GETROUTE, 0);
	struct rtmsg *route =
		mnl_nlmsg_put_extra_header(message, sizeof(*route));

	route->rtm_family = lvs__netlink_family(addr);
	route->rtm_dst_len = addr->family == LVS_IPV4 ? 32 : 128;
	route->rtm_flags = flags;
	lvs__netlink_put_addr(message, RTA_DST, addr);
	return lvs__netlink_dump(netlink, message, fn, user);
}

bool lvs__lookup_link(struct lvs__netlink *netlink, const struct lvs_addr *addr,
		      struct lvs__lookup *match)
{
	*match = (struct lvs__lookup){0};
	return ask(netlink, addr, RTM_F_FIB_MATCH, read_match, match) == 0 &&
	       match->ifindex != 0;
}

static int read_out(const struct nlmsghdr *message, void *user)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[RTA_OIF + 1];
	uint32_t *ifindex = user;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*route) ||
	    route->rtm_type != RTN_UNICAST)
		return 0;
	lvs__netlink_attributes(message, sizeof(*route), attributes, RTA_OIF);
	*ifindex = lvs__netlink_u32(attributes[RTA_OIF], 0);
	return 0;
}

/* The route as it was resolved: of several next hops the one that is used. */
uint32_t lvs__lookup_out(struct lvs__netlink *netlink,
			 const struct lvs_addr *addr)
{
	uint32_t ifindex = 0;

	return ask(netlink, addr, 0, read_out, &ifindex) == 0 ? ifindex : 0;
}
