/*
 * Virtual addresses are added as /32 or /128. IPv6 ones without duplicate
 * address detection (a standby has the same one) and deprecated, so that the
 * host does not choose them for its own connections.
 */
#include "backend/host/address.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

bool lvs__address_read(const struct nlmsghdr *message,
		       struct lvs__address *address)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFA_PROTO + 1];
	const struct nlattr *local;

	if ((message->nlmsg_type != RTM_NEWADDR &&
	     message->nlmsg_type != RTM_DELADDR) ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*info))
		return false;
	lvs__netlink_attributes(message, sizeof(*info), attributes, IFA_PROTO);
	local = attributes[IFA_LOCAL] != NULL ? attributes[IFA_LOCAL]
					      : attributes[IFA_ADDRESS];
	address->ifindex = info->ifa_index;
	address->length = info->ifa_prefixlen;
	address->ours =
		lvs__netlink_u8(attributes[IFA_PROTO], 0) == LVS__PROTOCOL;
	address->failed = (info->ifa_flags & IFA_F_DADFAILED) != 0;
	return lvs__netlink_get_addr(local, info->ifa_family, &address->addr);
}

static int read_type(const struct nlmsghdr *message, void *user)
{
	const struct rtmsg *route = mnl_nlmsg_get_payload(message);
	uint8_t *type = user;

	if (message->nlmsg_type == RTM_NEWROUTE &&
	    mnl_nlmsg_get_payload_len(message) >= sizeof(*route))
		*type = route->rtm_type;
	return 0;
}

bool lvs__address_is_local(struct lvs__netlink *netlink,
			   const struct lvs_addr *addr)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *message = lvs__netlink_begin(buffer, RTM_GETROUTE, 0);
	struct rtmsg *route =
		mnl_nlmsg_put_extra_header(message, sizeof(*route));
	uint8_t type = RTN_UNSPEC;

	route->rtm_family = lvs__netlink_family(addr);
	route->rtm_dst_len = addr->family == LVS_IPV4 ? 32 : 128;
	lvs__netlink_put_addr(message, RTA_DST, addr);
	return lvs__netlink_dump(netlink, message, read_type, &type) == 0 &&
	       type == RTN_LOCAL;
}

int lvs__address_each(struct lvs__netlink *netlink,
		      int (*fn)(const struct nlmsghdr *message, void *user),
		      void *user)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *message =
		lvs__netlink_begin(buffer, RTM_GETADDR, NLM_F_DUMP);

	(void)mnl_nlmsg_put_extra_header(message, sizeof(struct ifaddrmsg));
	return lvs__netlink_dump(netlink, message, fn, user);
}

struct search {
	const struct lvs_addr *addr;
	struct lvs__address *found;
	bool any;
};

static int match(const struct nlmsghdr *message, void *user)
{
	struct search *search = user;
	struct lvs__address address;

	if (lvs__address_read(message, &address) &&
	    memcmp(&address.addr, search->addr, sizeof(address.addr)) == 0 &&
	    (!search->any || address.ours)) {
		*search->found = address;
		search->any = true;
	}
	return 0;
}

int lvs__address_find(struct lvs__netlink *netlink, const struct lvs_addr *addr,
		      struct lvs__address *found)
{
	struct search search = {.addr = addr, .found = found};
	int result = lvs__address_each(netlink, match, &search);

	/* a change in between does not matter for one address */
	return result < 0 && result != -EINTR ? result : search.any;
}

static struct nlmsghdr *request(void *buffer, uint16_t type, uint16_t flags,
				const struct lvs_addr *addr, uint32_t ifindex)
{
	struct nlmsghdr *message = lvs__netlink_begin(buffer, type, flags);
	struct ifaddrmsg *info =
		mnl_nlmsg_put_extra_header(message, sizeof(*info));

	info->ifa_family = lvs__netlink_family(addr);
	info->ifa_prefixlen = addr->family == LVS_IPV4 ? 32 : 128;
	info->ifa_index = ifindex;
	if (addr->family == LVS_IPV6)
		info->ifa_flags = IFA_F_NODAD;
	lvs__netlink_put_addr(message, IFA_LOCAL, addr);
	lvs__netlink_put_addr(message, IFA_ADDRESS, addr);
	return message;
}

int lvs__address_add(struct lvs__netlink *netlink, const struct lvs_addr *addr,
		     uint32_t ifindex)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *message =
		request(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, addr,
			ifindex);
	struct ifa_cacheinfo deprecated = {
		.ifa_prefered = 0,
		.ifa_valid = UINT32_MAX,
	};

	mnl_attr_put_u8(message, IFA_PROTO, LVS__PROTOCOL);
	if (addr->family == LVS_IPV6)
		mnl_attr_put(message, IFA_CACHEINFO, sizeof(deprecated),
			     &deprecated);
	return lvs__netlink_request(netlink, message);
}

int lvs__address_remove(struct lvs__netlink *netlink,
			const struct lvs_addr *addr, uint32_t ifindex)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];

	return lvs__netlink_request(netlink, request(buffer, RTM_DELADDR, 0,
						     addr, ifindex));
}
