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

bool lvs__links_read(struct lvs__links *links, const struct nlmsghdr *message)
{
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[IFLA_MTU + 1];
	const struct nlattr *mac;
	struct lvs__link link;

	/* other families tell of a bridge's ports, not of interfaces */
	if (mnl_nlmsg_get_payload_len(message) < sizeof(*info) ||
	    info->ifi_family != AF_UNSPEC)
		return false;
	if (message->nlmsg_type == RTM_DELLINK)
		return take_out(links, (uint32_t)info->ifi_index);
	if (message->nlmsg_type != RTM_NEWLINK)
		return false;
	lvs__netlink_attributes(message, sizeof(*info), attributes, IFLA_MTU);
	memset(&link, 0, sizeof(link));
	link.ifindex = (uint32_t)info->ifi_index;
	link.mtu = lvs__netlink_u32(attributes[IFLA_MTU], 0);
	link.flags = info->ifi_flags;
	link.type = info->ifi_type;
	mac = attributes[IFLA_ADDRESS];
	if (mac != NULL && mnl_attr_get_payload_len(mac) == sizeof(link.mac))
		memcpy(link.mac, mnl_attr_get_payload(mac), sizeof(link.mac));
	return put(links, &link);
}
