/*
 * Virtual addresses that vanish: the kernel drops IPv6 addresses when their
 * link goes down, an administrator deletes one by mistake, another instance
 * ends and takes its own away, an interface is made anew. What an instance of
 * ours added is put back; what the host had by itself is not ours to make, it
 * is only told.
 *
 * News only say that it is time to look: one reading of all addresses shows
 * what is missing, so nothing depends on their order or on having all. There
 * is at most one look a second, so an address that something keeps removing
 * is put back once a second.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "backend/host/address.h"
#include "backend/host/virtual.h"

#define REST 1000 /* milliseconds between two looks */

void lvs__virtual_lost(struct lvs__virtuals *virtuals)
{
	virtuals->stale = virtuals->held.count > 0;
}

void lvs__virtual_read(struct lvs__virtuals *virtuals,
		       const struct nlmsghdr *message)
{
	struct lvs__address news;
	struct lvs__virtual *address;

	if (message->nlmsg_type == RTM_NEWLINK ||
	    message->nlmsg_type == RTM_DELLINK) {
		/* probes may wait for a link */
		virtuals->probing = virtuals->held.count > 0;
		lvs__virtual_lost(virtuals);
		return;
	}
	if (!lvs__address_read(message, &news))
		return;
	address = lvs__virtual_find(&virtuals->held, &news.addr);
	if (address == NULL)
		return;
	if (message->nlmsg_type == RTM_DELADDR || address->gone)
		virtuals->stale = true;
	else if (news.failed)
		lvs__virtual_tell(virtuals, address,
				  LVS_BACKEND_ADDRESS_DUPLICATE, 0);
}

static int see(const struct nlmsghdr *message, void *user)
{
	struct lvs__virtuals *virtuals = user;
	struct lvs__virtual *address;
	struct lvs__address seen;

	if (!lvs__address_read(message, &seen))
		return 0;
	address = lvs__virtual_find(&virtuals->held, &seen.addr);
	if (address != NULL)
		address->seen = true;
	return 0;
}

/*
 * The number that the address's interface has now; 0: it is not there. It may
 * have another name by now, or, when it was made anew, another number.
 */
static uint32_t home_of(const struct lvs__virtuals *virtuals,
			const struct lvs__virtual *address)
{
	const struct lvs__devices *devices = virtuals->devices;
	char name[IFNAMSIZ];

	if (lvs__device_name(virtuals->requests, address->ifindex, name) == 0)
		return address->ifindex;
	for (size_t i = 0; i < devices->count; i++)
		if (strcmp(devices->entries[i].name, address->interface) == 0)
			return devices->entries[i].ifindex;
	return 0;
}

static void tell_gone(struct lvs__virtuals *virtuals,
		      struct lvs__virtual *address, int error)
{
	if (!address->gone)
		lvs__virtual_tell(virtuals, address, LVS_BACKEND_ADDRESS_GONE,
				  error);
	address->gone = true;
}

static void put_back(struct lvs__virtuals *virtuals,
		     struct lvs__virtual *address)
{
	uint32_t home = home_of(virtuals, address);
	int result = -ENODEV;

	if (!address->keep) {
		tell_gone(virtuals, address, 0);
		return;
	}
	if (home != 0)
		result = lvs__virtual_put(virtuals, address, home);
	/* somebody was faster */
	if (result == -EEXIST)
		return;
	if (result == 0) {
		lvs__virtual_tell(virtuals, address, LVS_BACKEND_ADDRESS_BACK,
				  0);
		address->gone = false;
		lvs__virtual_probe(virtuals, address);
		return;
	}
	tell_gone(virtuals, address, result);
	/* an interface that comes back brings news */
	virtuals->stale = virtuals->stale || result != -ENODEV;
}

static void look(struct lvs__virtuals *virtuals)
{
	struct lvs__virtual_list *held = &virtuals->held;

	for (size_t i = 0; i < held->count; i++)
		held->entries[i].seen = false;
	/* not whole: what is missing may be there */
	if (lvs__address_each(virtuals->requests, see, virtuals) < 0) {
		virtuals->stale = true;
		return;
	}
	for (size_t i = 0; i < held->count; i++) {
		if (!held->entries[i].seen)
			put_back(virtuals, &held->entries[i]);
		else if (held->entries[i].gone) {
			held->entries[i].gone = false;
			lvs__virtual_probe(virtuals, &held->entries[i]);
			lvs__virtual_tell(virtuals, &held->entries[i],
					  LVS_BACKEND_ADDRESS_FOUND, 0);
		}
	}
}

void lvs__virtual_watch(struct lvs__virtuals *virtuals, uint64_t now)
{
	if (now < lvs__virtual_deadline(virtuals))
		return;
	virtuals->stale = false;
	virtuals->next = now + REST;
	look(virtuals);
}

uint64_t lvs__virtual_deadline(const struct lvs__virtuals *virtuals)
{
	return virtuals->stale ? virtuals->next : UINT64_MAX;
}
