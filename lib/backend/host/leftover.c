/*
 * What a killed process left: found by the mark that all we make carries, in
 * readings of a fixed size until one finds nothing.
 */
#include "backend/host/leftover.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "backend/host/address.h"
#include "backend/host/device.h"
#include "backend/host/managed.h"
#include "backend/host/neigh.h"
#include "wire/names.h"

#define CLEAN_BATCH 64 /* things that one reading finds */

struct leftovers {
	struct lvs__address addresses[CLEAN_BATCH];
	struct lvs__neigh_news neighbours[CLEAN_BATCH];
	size_t address_count;
	size_t neighbour_count;
};

static int collect(const struct nlmsghdr *message, void *user)
{
	struct leftovers *left = user;
	struct lvs__neigh_news news;
	struct lvs__address address;

	if (left->address_count < CLEAN_BATCH &&
	    lvs__address_read(message, &address) && address.ours)
		left->addresses[left->address_count++] = address;
	if (left->neighbour_count < CLEAN_BATCH &&
	    lvs__neigh_read(message, &news) && lvs__managed_ours(&news))
		left->neighbours[left->neighbour_count++] = news;
	return 0;
}

static int read_leftovers(struct lvs__netlink *netlink, struct leftovers *left)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *neighbours;
	int result;

	memset(left, 0, sizeof(*left));
	result = lvs__address_each(netlink, collect, left);
	if (result == 0 || result == -EINTR) {
		neighbours =
			lvs__netlink_begin(buffer, RTM_GETNEIGH, NLM_F_DUMP);
		(void)mnl_nlmsg_put_extra_header(neighbours,
						 sizeof(struct ndmsg));
		result = lvs__netlink_dump(netlink, neighbours, collect, left);
	}
	return result == -EINTR ? 0 : result;
}

struct cleaner {
	struct lvs__netlink *netlink;
	void (*tell)(void *user, const char *line);
	void *user;
	int undone;
};

/* One thing was undone, or not: `what` of an address, with its `suffix`. */
static int note(struct cleaner *cleaner, int result, const char *what,
		const struct lvs_addr *addr, const char *suffix,
		uint32_t ifindex)
{
	char name[IFNAMSIZ] = "?", line[160];
	struct lvs__text text;

	if (result < 0)
		return result;
	cleaner->undone++;
	if (cleaner->tell == NULL)
		return 0;
	(void)lvs__device_name(cleaner->netlink, ifindex, name);
	lvs__text_init(&text, line, sizeof(line));
	lvs__text_add(&text, "%s ", what);
	lvs__text_addr(&text, addr);
	lvs__text_add(&text, "%s from %s", suffix, name);
	cleaner->tell(cleaner->user, line);
	return 0;
}

/* What one reading found. 0 or an error. */
static int undo(struct cleaner *cleaner, const struct leftovers *left)
{
	int result = 0;

	for (size_t i = 0; i < left->address_count && result == 0; i++) {
		const struct lvs__address *address = &left->addresses[i];

		result = lvs__address_remove(cleaner->netlink, &address->addr,
					     address->ifindex);
		result =
			note(cleaner, result, "removed address", &address->addr,
			     address->addr.family == LVS_IPV4 ? "/32" : "/128",
			     address->ifindex);
	}
	for (size_t i = 0; i < left->neighbour_count && result == 0; i++) {
		const struct lvs__neigh_news *neighbour = &left->neighbours[i];

		result = lvs__managed_undo(cleaner->netlink, neighbour);
		result = note(cleaner, result, "removed neighbour",
			      &neighbour->addr, "", neighbour->ifindex);
	}
	return result;
}

int lvs__leftover_clean(struct lvs__netlink *netlink,
			void (*tell)(void *user, const char *line), void *user)
{
	struct cleaner cleaner = {netlink, tell, user, 0};
	struct leftovers left;
	int before, result;

	do {
		before = cleaner.undone;
		result = read_leftovers(netlink, &left);
		if (result == 0)
			result = undo(&cleaner, &left);
	} while (result == 0 && cleaner.undone > before);
	return result < 0 ? result : cleaner.undone;
}
