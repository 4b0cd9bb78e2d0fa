/*
 * Virtual addresses are added as /32 or /128. IPv6 ones without duplicate
 * address detection (a standby has the same one) and deprecated, so that the
 * host does not choose them for its own connections.
 */
#include "backend/host.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/managed.h"
#include "backend/neigh.h"

#define CLEAN_BATCH 64 /* things that one reading finds */

static struct nlmsghdr *ask(void *buffer, uint16_t type, size_t header)
{
	struct nlmsghdr *message = lvs__netlink_begin(buffer, type, NLM_F_DUMP);

	(void)mnl_nlmsg_put_extra_header(message, header);
	return message;
}

struct device_search {
	const struct lvs__backend_config *config;
	struct lvs__device *devices; /* by name, in the order of the config */
	size_t count;
	bool too_many;
};

static const char *text_of(const struct nlattr *attribute, char *text,
			   size_t size)
{
	size_t length;

	text[0] = '\0';
	if (attribute == NULL)
		return text;
	length = strnlen(mnl_attr_get_payload(attribute),
			 mnl_attr_get_payload_len(attribute));
	if (length < size) {
		memcpy(text, mnl_attr_get_payload(attribute), length);
		text[length] = '\0';
	}
	return text;
}

/* A port of a bridge or bond; a member of a VRF works for itself. */
static bool works_for_another(const struct nlattr **attributes)
{
	const struct nlattr *inside[IFLA_INFO_MAX + 1];
	char kind[16];

	if (attributes[IFLA_MASTER] == NULL)
		return false;
	if (attributes[IFLA_LINKINFO] == NULL)
		return true;
	lvs__netlink_nested(mnl_attr_get_payload(attributes[IFLA_LINKINFO]),
			    mnl_attr_get_payload_len(attributes[IFLA_LINKINFO]),
			    inside, IFLA_INFO_MAX);
	text_of(inside[IFLA_INFO_SLAVE_KIND], kind, sizeof(kind));
	return strcmp(kind, "vrf") != 0;
}

static void take_device(struct device_search *search, uint32_t ifindex,
			const char *name)
{
	const struct lvs__backend_config *config = search->config;
	size_t at = search->count;

	for (size_t i = 0; i < config->interface_count; i++)
		if (strcmp(config->interfaces[i], name) == 0)
			at = i;
	if (config->interface_count > 0 && at == search->count)
		return;
	if (config->interface_count == 0) {
		if (search->count == LVS__BACKEND_INTERFACES) {
			search->too_many = true;
			return;
		}
		search->count++;
	}
	search->devices[at].ifindex = ifindex;
	strcpy(search->devices[at].name, name);
}

static int read_device(const struct nlmsghdr *message, void *user)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFLA_LINKINFO + 1];
	struct device_search *search = user;
	char name[IFNAMSIZ];

	if (message->nlmsg_type != RTM_NEWLINK ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*info))
		return 0;
	lvs__netlink_attributes(message, sizeof(*info), attributes,
				IFLA_LINKINFO);
	text_of(attributes[IFLA_IFNAME], name, sizeof(name));
	if (name[0] == '\0')
		return 0;
	if (search->config->interface_count == 0 &&
	    ((info->ifi_flags & IFF_LOOPBACK) != 0 ||
	     works_for_another(attributes)))
		return 0;
	take_device(search, (uint32_t)info->ifi_index, name);
	return 0;
}

int lvs__host_devices(struct lvs__netlink *netlink,
		      const struct lvs__backend_config *config,
		      struct lvs__device *devices, size_t *count, char *message,
		      size_t size)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct device_search search = {
		.config = config,
		.devices = devices,
		/* the place of a name that is not in the configuration */
		.count = config->interface_count,
	};
	int result;

	memset(devices, 0, LVS__BACKEND_INTERFACES * sizeof(*devices));
	result = lvs__netlink_dump(netlink,
				   ask(buffer, RTM_GETLINK,
				       sizeof(struct ifinfomsg)),
				   read_device, &search);
	if (result < 0)
		return lvs__message(message, size, result,
				    "cannot list the interfaces: %s",
				    lvs_strerror(result));
	for (size_t i = 0; i < config->interface_count; i++)
		if (devices[i].ifindex == 0)
			return lvs__message(message, size, -ENODEV,
					    "there is no interface %s",
					    config->interfaces[i]);
	if (search.too_many)
		return lvs__message(
			message, size, -ERANGE,
			"more than %d interfaces: name those to use",
			LVS__BACKEND_INTERFACES);
	*count = search.count;
	return 0;
}

/* An address as a message tells it. */
struct address {
	struct lvs_addr addr;
	uint32_t ifindex;
	bool ours;
};

static bool read_address(const struct nlmsghdr *message,
			 struct address *address)
{
	const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFA_PROTO + 1];
	const struct nlattr *local;

	if (message->nlmsg_type != RTM_NEWADDR ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*info))
		return false;
	lvs__netlink_attributes(message, sizeof(*info), attributes, IFA_PROTO);
	local = attributes[IFA_LOCAL] != NULL ? attributes[IFA_LOCAL]
					      : attributes[IFA_ADDRESS];
	address->ifindex = info->ifa_index;
	address->ours =
		lvs__netlink_u8(attributes[IFA_PROTO], 0) == LVS__PROTOCOL;
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

bool lvs__host_is_local(struct lvs__netlink *netlink,
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

struct address_search {
	const struct lvs_addr *addr;
	struct address found;
	bool any;
};

static int match_address(const struct nlmsghdr *message, void *user)
{
	struct address_search *search = user;
	struct address address;

	if (read_address(message, &address) &&
	    memcmp(&address.addr, search->addr, sizeof(address.addr)) == 0) {
		search->found = address;
		search->any = true;
	}
	return 0;
}

int lvs__host_find_address(struct lvs__netlink *netlink,
			   const struct lvs_addr *addr, uint32_t *ifindex,
			   bool *ours)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct address_search search = {.addr = addr};
	int result = lvs__netlink_dump(netlink,
				       ask(buffer, RTM_GETADDR,
					   sizeof(struct ifaddrmsg)),
				       match_address, &search);

	/* a change in between does not matter for one address */
	if (result < 0 && result != -EINTR)
		return result;
	if (!search.any)
		return 0;
	*ifindex = search.found.ifindex;
	*ours = search.found.ours;
	return 1;
}

static struct nlmsghdr *address_request(void *buffer, uint16_t type,
					uint16_t flags,
					const struct lvs_addr *addr,
					uint32_t ifindex)
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

int lvs__host_add_address(struct lvs__netlink *netlink,
			  const struct lvs_addr *addr, uint32_t ifindex)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *message =
		address_request(buffer, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL,
				addr, ifindex);
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

int lvs__host_remove_address(struct lvs__netlink *netlink,
			     const struct lvs_addr *addr, uint32_t ifindex)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];

	return lvs__netlink_request(netlink,
				    address_request(buffer, RTM_DELADDR, 0,
						    addr, ifindex));
}

struct leftovers {
	struct address addresses[CLEAN_BATCH];
	struct lvs__neigh_news neighbours[CLEAN_BATCH];
	size_t address_count;
	size_t neighbour_count;
};

static int collect(const struct nlmsghdr *message, void *user)
{
	struct leftovers *left = user;
	struct lvs__neigh_news news;
	struct address address;

	if (left->address_count < CLEAN_BATCH &&
	    read_address(message, &address) && address.ours)
		left->addresses[left->address_count++] = address;
	if (left->neighbour_count < CLEAN_BATCH &&
	    lvs__neigh_read(message, &news) && lvs__managed_ours(&news))
		left->neighbours[left->neighbour_count++] = news;
	return 0;
}

static int read_leftovers(struct lvs__netlink *netlink, struct leftovers *left)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	int result;

	memset(left, 0, sizeof(*left));
	result = lvs__netlink_dump(netlink,
				   ask(buffer, RTM_GETADDR,
				       sizeof(struct ifaddrmsg)),
				   collect, left);
	if (result == 0 || result == -EINTR)
		result = lvs__netlink_dump(netlink,
					   ask(buffer, RTM_GETNEIGH,
					       sizeof(struct ndmsg)),
					   collect, left);
	return result == -EINTR ? 0 : result;
}

/* How many of a reading were undone, or an error. */
static int undo(struct lvs__netlink *netlink, const struct leftovers *left)
{
	int undone = 0;
	int result = 0;

	for (size_t i = 0; i < left->address_count && result == 0; i++) {
		result = lvs__host_remove_address(netlink,
						  &left->addresses[i].addr,
						  left->addresses[i].ifindex);
		undone += result == 0;
	}
	for (size_t i = 0; i < left->neighbour_count && result == 0; i++) {
		result = lvs__managed_undo(netlink, &left->neighbours[i]);
		undone += result == 0;
	}
	return result < 0 ? result : undone;
}

int lvs__host_clean(struct lvs__netlink *netlink)
{
	struct leftovers left;
	int undone = 0;
	int result;

	do {
		result = read_leftovers(netlink, &left);
		if (result == 0)
			result = undo(netlink, &left);
		if (result > 0)
			undone += result;
	} while (result > 0);
	return result < 0 ? result : undone;
}
