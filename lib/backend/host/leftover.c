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
#include "backend/host/managed.h"
#include "backend/host/neigh.h"

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

/* How many of a reading were undone, or an error. */
static int undo(struct lvs__netlink *netlink, const struct leftovers *left)
{
	int undone = 0;
	int result = 0;

	for (size_t i = 0; i < left->address_count && result == 0; i++) {
		result = lvs__address_remove(netlink, &left->addresses[i].addr,
					     left->addresses[i].ifindex);
		undone += result == 0;
	}
	for (size_t i = 0; i < left->neighbour_count && result == 0; i++) {
		result = lvs__managed_undo(netlink, &left->neighbours[i]);
		undone += result == 0;
	}
	return result < 0 ? result : undone;
}

int lvs__leftover_clean(struct lvs__netlink *netlink)
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
