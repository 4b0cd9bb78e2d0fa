/*
 * A sorted array: links are few, change rarely, and are searched only when a
 * next hop is not remembered.
 */
#include "backend/host/link.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

int lvs__links_init(struct lvs__links *links)
{
	links->count = 0;
	links->entries = calloc(LVS__LINKS, sizeof(*links->entries));
	return links->entries == NULL ? -ENOMEM : 0;
}

void lvs__links_fini(struct lvs__links *links)
{
	free(links->entries);
	*links = (struct lvs__links){0};
}

/* Where an interface is, or would be. */
static uint32_t place_of(const struct lvs__links *links, uint32_t ifindex)
{
	uint32_t low = 0, high = links->count;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (links->entries[middle].ifindex < ifindex)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct lvs__link *lvs__links_find(const struct lvs__links *links,
					uint32_t ifindex)
{
	uint32_t at = place_of(links, ifindex);

	if (at < links->count && links->entries[at].ifindex == ifindex)
		return &links->entries[at];
	return NULL;
}

static bool take_out(struct lvs__links *links, uint32_t ifindex)
{
	uint32_t at = place_of(links, ifindex);

	if (lvs__links_find(links, ifindex) == NULL)
		return false;
	memmove(&links->entries[at], &links->entries[at + 1],
		(--links->count - at) * sizeof(links->entries[0]));
	return true;
}

static bool put(struct lvs__links *links, const struct lvs__link *link)
{
	uint32_t at = place_of(links, link->ifindex);

	if (lvs__links_find(links, link->ifindex) != NULL) {
		if (memcmp(&links->entries[at], link, sizeof(*link)) == 0)
			return false;
		links->entries[at] = *link;
		return true;
	}
	if (links->count == LVS__LINKS)
		return false;
	memmove(&links->entries[at + 1], &links->entries[at],
		(links->count++ - at) * sizeof(*link));
	links->entries[at] = *link;
	return false;
}

/* False: it says nothing about an interface. */
static bool read_link(struct lvs__link *link, const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFLA_MTU + 1];
	const struct nlattr *mac;

	/* other families tell of a bridge's ports, not of interfaces */
	if ((message->nlmsg_type != RTM_NEWLINK &&
	     message->nlmsg_type != RTM_DELLINK) ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*info) ||
	    info->ifi_family != AF_UNSPEC)
		return false;
	lvs__netlink_attributes(message, sizeof(*info), attributes, IFLA_MTU);
	memset(link, 0, sizeof(*link));
	link->ifindex = (uint32_t)info->ifi_index;
	link->mtu = lvs__netlink_u32(attributes[IFLA_MTU], 0);
	link->flags = info->ifi_flags;
	link->type = info->ifi_type;
	mac = attributes[IFLA_ADDRESS];
	if (mac != NULL && mnl_attr_get_payload_len(mac) == sizeof(link->mac))
		memcpy(link->mac, mnl_attr_get_payload(mac), sizeof(link->mac));
	return true;
}

bool lvs__links_read(struct lvs__links *links, const struct nlmsghdr *message)
{
	struct lvs__link link;

	if (!read_link(&link, message))
		return false;
	if (message->nlmsg_type == RTM_DELLINK)
		return take_out(links, link.ifindex);
	return put(links, &link);
}

static int copy_link(const struct nlmsghdr *message, void *link)
{
	(void)read_link(link, message);
	return 0;
}

int lvs__link_ask(struct lvs__netlink *netlink, uint32_t ifindex,
		  struct lvs__link *link)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *request = lvs__netlink_begin(buffer, RTM_GETLINK, 0);
	struct ifinfomsg *info =
		mnl_nlmsg_put_extra_header(request, sizeof(*info));
	int result;

	info->ifi_index = (int)ifindex;
	memset(link, 0, sizeof(*link));
	result = lvs__netlink_dump(netlink, request, copy_link, link);
	return result == 0 && link->ifindex == 0 ? -ENODEV : result;
}

struct mac_search {
	const uint8_t *mac;
	bool found;
};

static int compare_mac(const struct nlmsghdr *message, void *user)
{
	struct mac_search *search = user;
	struct lvs__link link;

	if (read_link(&link, message) &&
	    memcmp(link.mac, search->mac, sizeof(link.mac)) == 0)
		search->found = true;
	return 0;
}

bool lvs__link_is_ours(struct lvs__netlink *netlink, const uint8_t mac[6])
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *request =
		lvs__netlink_begin(buffer, RTM_GETLINK, NLM_F_DUMP);
	struct mac_search search = {.mac = mac};

	(void)mnl_nlmsg_put_extra_header(request, sizeof(struct ifinfomsg));
	(void)lvs__netlink_dump(netlink, request, compare_mac, &search);
	return search.found;
}
