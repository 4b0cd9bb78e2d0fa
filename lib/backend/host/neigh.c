/*
 * The kernel resolves and verifies neighbours; this keeps the usable ones at
 * hand, by interface and address. Strangers on the link choose addresses, so
 * the hash has a random key, and the table a bound.
 */
#include "backend/host/neigh.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define USABLE                                                               \
	(NUD_REACHABLE | NUD_STALE | NUD_DELAY | NUD_PROBE | NUD_PERMANENT | \
	 NUD_NOARP)

int lvs__neighs_init(struct lvs__neighs *neighs)
{
	int result;

	memset(neighs, 0, sizeof(*neighs));
	result = lvs__hash_key_init(&neighs->key);
	if (result < 0)
		return result;
	neighs->entries = calloc(LVS__NEIGHS, sizeof(*neighs->entries));
	neighs->buckets = calloc(LVS__NEIGH_BUCKETS, sizeof(*neighs->buckets));
	if (neighs->entries != NULL && neighs->buckets != NULL)
		return 0;
	lvs__neighs_fini(neighs);
	return -ENOMEM;
}

void lvs__neighs_fini(struct lvs__neighs *neighs)
{
	free(neighs->entries);
	free(neighs->buckets);
	memset(neighs, 0, sizeof(*neighs));
}

void lvs__neighs_clear(struct lvs__neighs *neighs)
{
	memset(neighs->buckets, 0,
	       LVS__NEIGH_BUCKETS * sizeof(*neighs->buckets));
	neighs->used = 0;
	neighs->free = 0;
	neighs->missed = 0;
}

static uint32_t *bucket_of(const struct lvs__neighs *neighs, uint32_t ifindex,
			   const struct lvs_addr *addr)
{
	uint64_t words[3];

	memcpy(words, addr->bytes, 16);
	words[2] = (uint64_t)ifindex << 32 | addr->family;
	return &neighs->buckets[lvs__hash_words(&neighs->key, words, 3) %
				LVS__NEIGH_BUCKETS];
}

static bool is_it(const struct lvs__neigh *entry, uint32_t ifindex,
		  const struct lvs_addr *addr)
{
	return entry->ifindex == ifindex &&
	       memcmp(&entry->addr, addr, sizeof(*addr)) == 0;
}

/* Where the entry's index is written, so that it can be taken out. */
static uint32_t *find_link(const struct lvs__neighs *neighs, uint32_t ifindex,
			   const struct lvs_addr *addr)
{
	uint32_t *link = bucket_of(neighs, ifindex, addr);

	while (*link != 0 && !is_it(&neighs->entries[*link - 1], ifindex, addr))
		link = &neighs->entries[*link - 1].next;
	return link;
}

struct lvs__neigh *lvs__neighs_find(const struct lvs__neighs *neighs,
				    uint32_t ifindex,
				    const struct lvs_addr *addr)
{
	uint32_t index = *find_link(neighs, ifindex, addr);

	return index == 0 ? NULL : &neighs->entries[index - 1];
}

static uint32_t take_free(struct lvs__neighs *neighs)
{
	uint32_t index = neighs->free;

	if (index != 0)
		neighs->free = neighs->entries[index - 1].next;
	else if (neighs->used < LVS__NEIGHS)
		index = ++neighs->used;
	else
		neighs->missed++;
	return index;
}

static void add(struct lvs__neighs *neighs, uint32_t *link,
		const struct lvs__neigh_news *news)
{
	uint32_t index = take_free(neighs);
	struct lvs__neigh *entry;

	if (index == 0)
		return;
	entry = &neighs->entries[index - 1];
	*entry = (struct lvs__neigh){
		.addr = news->addr,
		.ifindex = news->ifindex,
		.settled = news->settled,
	};
	memcpy(entry->mac, news->mac, sizeof(entry->mac));
	*link = index;
}

bool lvs__neighs_update(struct lvs__neighs *neighs,
			const struct lvs__neigh_news *news)
{
	uint32_t *link = find_link(neighs, news->ifindex, &news->addr);
	uint32_t index = *link;
	struct lvs__neigh *entry;

	if (index == 0) {
		if (news->usable)
			add(neighs, link, news);
		return false;
	}
	entry = &neighs->entries[index - 1];
	if (!news->usable) {
		*link = entry->next;
		entry->next = neighs->free;
		neighs->free = index;
		return true;
	}
	entry->settled = news->settled;
	if (memcmp(entry->mac, news->mac, sizeof(entry->mac)) == 0)
		return false;
	memcpy(entry->mac, news->mac, sizeof(entry->mac));
	return true;
}

bool lvs__neigh_read(const struct nlmsghdr *message,
		     struct lvs__neigh_news *news)
{
	const struct ndmsg *neigh = mnl_nlmsg_get_payload(message);
	const struct nlattr *attributes[NDA_MAX + 1];
	const struct nlattr *mac;

	if ((message->nlmsg_type != RTM_NEWNEIGH &&
	     message->nlmsg_type != RTM_DELNEIGH) ||
	    mnl_nlmsg_get_payload_len(message) < sizeof(*neigh) ||
	    (neigh->ndm_flags & NTF_PROXY) != 0)
		return false;
	lvs__netlink_attributes(message, sizeof(*neigh), attributes, NDA_MAX);
	*news = (struct lvs__neigh_news){
		.ifindex = (uint32_t)neigh->ndm_ifindex,
		.state = neigh->ndm_state,
		.protocol = lvs__netlink_u8(attributes[NDA_PROTOCOL], 0),
	};
	if (!lvs__netlink_get_addr(attributes[NDA_DST], neigh->ndm_family,
				   &news->addr))
		return false;
	if (message->nlmsg_type == RTM_DELNEIGH)
		news->state = NUD_NONE;
	news->settled = (news->state & (NUD_PERMANENT | NUD_NOARP)) != 0 ||
			(lvs__netlink_u32(attributes[NDA_FLAGS_EXT], 0) &
			 NTF_EXT_MANAGED) != 0;
	mac = attributes[NDA_LLADDR];
	if (mac != NULL && mnl_attr_get_payload_len(mac) == sizeof(news->mac)) {
		news->usable = (news->state & USABLE) != 0;
		memcpy(news->mac, mnl_attr_get_payload(mac), sizeof(news->mac));
	}
	return true;
}

struct nlmsghdr *lvs__neigh_request(void *buffer, uint16_t type,
				    uint32_t ifindex,
				    const struct lvs_addr *addr, uint8_t flags)
{
	struct nlmsghdr *message =
		lvs__netlink_begin(buffer, type,
				   type == RTM_NEWNEIGH ? NLM_F_CREATE : 0);
	struct ndmsg *neigh =
		mnl_nlmsg_put_extra_header(message, sizeof(*neigh));

	neigh->ndm_family = lvs__netlink_family(addr);
	neigh->ndm_ifindex = (int)ifindex;
	neigh->ndm_flags = flags;
	lvs__netlink_put_addr(message, NDA_DST, addr);
	return message;
}
