/*
 * The kernel uses the larger of net.ipv4.conf.all.rp_filter and the
 * interface's own: 1 is strict, 2 loose. It knows no such filter for IPv6.
 */
#include "backend/host/reverse.h"

#include <linux/netconf.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "backend/host/link.h"

#define STRICT 1

static int read_filter(const struct nlmsghdr *message, void *user)
{
	const struct nlattr *attributes[NETCONFA_RP_FILTER + 1];
	uint32_t *filter = user;

	if (message->nlmsg_type != RTM_NEWNETCONF ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(struct netconfmsg))
		return 0;
	lvs__netlink_attributes(message, sizeof(struct netconfmsg), attributes,
				NETCONFA_RP_FILTER);
	*filter = lvs__netlink_u32(attributes[NETCONFA_RP_FILTER], 0);
	return 0;
}

static uint32_t filter_of(struct lvs__netlink *netlink, int ifindex)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *message =
		lvs__netlink_begin(buffer, RTM_GETNETCONF, 0);
	struct netconfmsg *config =
		mnl_nlmsg_put_extra_header(message, sizeof(*config));
	uint32_t filter = 0;

	config->ncm_family = AF_INET;
	mnl_attr_put_u32(message, NETCONFA_IFINDEX, (uint32_t)ifindex);
	(void)lvs__netlink_dump(netlink, message, read_filter, &filter);
	return filter;
}

bool lvs__reverse_is_strict(struct lvs__netlink *netlink)
{
	uint32_t all = filter_of(netlink, NETCONFA_IFINDEX_ALL);
	uint32_t own = filter_of(netlink, LVS__LOOPBACK);

	return (all > own ? all : own) == STRICT;
}
