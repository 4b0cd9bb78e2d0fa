/*
 * One request: the kernel looks the route up as for a packet, and shows the
 * entry that matched rather than what it made of it.
 */
#include "backend/host/way.h"

#include <linux/rtnetlink.h>

static int read_way(const struct nlmsghdr *message, void *user)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[RTA_MAX + 1];
	struct lvs__way *way = user;

	if (message->nlmsg_type != RTM_NEWROUTE ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*route) ||
	    route->rtm_type != RTN_UNICAST)
		return 0;
	lvs__netlink_attributes(message, sizeof(*route), attributes, RTA_MAX);
	if (attributes[RTA_GATEWAY] != NULL || attributes[RTA_VIA] != NULL)
		return 0;
	way->ifindex = lvs__netlink_u32(attributes[RTA_OIF], 0);
	way->length = route->rtm_dst_len;
	return 0;
}

bool lvs__way_find(struct lvs__netlink *netlink, const struct lvs_addr *addr,
		   struct lvs__way *way)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *message = lvs__netlink_begin(buffer, RTM_GETROUTE, 0);
	struct rtmsg *route =
		mnl_nlmsg_put_extra_header(message, sizeof(*route));

	*way = (struct lvs__way){0};
	route->rtm_family = lvs__netlink_family(addr);
	route->rtm_dst_len = addr->family == LVS_IPV4 ? 32 : 128;
	route->rtm_flags = RTM_F_FIB_MATCH;
	lvs__netlink_put_addr(message, RTA_DST, addr);
	return lvs__netlink_dump(netlink, message, read_way, way) == 0 &&
	       way->ifindex != 0;
}
