/*
 * Virtual addresses on the host: the missing ones are added and, when they are
 * claimed no more, removed. What cannot be removed at once is owed and tried
 * again with each claim, every now and then, and at the end.
 */
#include "backend/host/virtual.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/host/address.h"
#include "backend/host/link.h"

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct lvs_addr));
}

static struct lvs__virtual *find(const struct lvs__virtual_list *list,
				 const struct lvs_addr *addr)
{
	if (list->count == 0)
		return NULL;
	return bsearch(addr, list->entries, list->count,
		       sizeof(list->entries[0]), compare);
}

static uint32_t home_of(const struct lvs__virtuals *virtuals)
{
	return virtuals->config->interface_count > 0
		       ? virtuals->devices->entries[0].ifindex
		       : LVS__LOOPBACK;
}

/*
 * One that the host has. Ours only if it carries our mark and no other instance
 * lives here: then a killed process left it.
 */
static int adopt(struct lvs__virtuals *virtuals, struct lvs__virtual *address)
{
	struct lvs__address found;
	int result =
		lvs__address_find(virtuals->requests, &address->addr, &found);

	address->ifindex = 0;
	if (result == 1 && found.ours && lvs__ingress_alone(virtuals->ingress))
		address->ifindex = found.ifindex;
	return result < 0 ? result : 0;
}

static int add_missing(struct lvs__virtuals *virtuals,
		       struct lvs__virtual *address)
{
	uint32_t ifindex = home_of(virtuals);
	struct lvs__address found;
	int result =
		lvs__address_add(virtuals->requests, &address->addr, ifindex);

	if (result == -EEXIST)
		return adopt(virtuals, address);
	address->ifindex = ifindex;
	/* it may be only the answer that was lost: the caller gives it back */
	if (result < 0)
		return result;
	if (virtuals->marks)
		return 0;
	/* an older kernel forgets the mark; then nobody could clean up */
	if (lvs__address_find(virtuals->requests, &address->addr, &found) ==
		    1 &&
	    found.ours) {
		virtuals->marks = true;
		return 0;
	}
	return -EOPNOTSUPP;
}

static const char *why_not(int error)
{
	if (error == -EPERM)
		return "CAP_NET_ADMIN is missing";
	if (error == -EOPNOTSUPP)
		return "this kernel cannot mark addresses (before 5.18): add "
		       "it yourself";
	return lvs_strerror(error);
}

static int add(struct lvs__virtuals *virtuals, struct lvs__virtual *address,
	       char *message, size_t size)
{
	char text[64];
	int result;

	if (lvs__address_is_local(virtuals->requests, &address->addr))
		result = adopt(virtuals, address);
	else
		result = add_missing(virtuals, address);
	if (result == 0)
		return 0;
	(void)lvs_addr_format(&address->addr, text, sizeof(text));
	return lvs__message(message, size, result,
			    "cannot add the virtual address %s: %s", text,
			    why_not(result));
}

/* Room for all removals that may be owed once `more` addresses are held. */
static int reserve(struct lvs__virtuals *virtuals, size_t more)
{
	size_t room = virtuals->owed_count + virtuals->held.count + more;
	struct lvs__virtual *grown;

	if (room <= virtuals->owed_room)
		return 0;
	grown = realloc(virtuals->owed, room * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	virtuals->owed = grown;
	virtuals->owed_room = room;
	return 0;
}

int lvs__virtual_add(struct lvs__virtuals *virtuals,
		     struct lvs__virtual_list *wanted, char *message,
		     size_t size)
{
	int result = reserve(virtuals, wanted->count);

	if (result < 0)
		return lvs__message(message, size, result, "out of memory");
	for (size_t i = 0; i < wanted->count && result == 0; i++) {
		struct lvs__virtual *address = &wanted->entries[i];
		const struct lvs__virtual *old =
			find(&virtuals->held, &address->addr);

		if (old != NULL)
			*address = *old;
		else if (virtuals->config->addresses)
			result = add(virtuals, address, message, size);
	}
	return result;
}

/* Gives an address back; what the kernel refuses now is owed. */
static void give_back(struct lvs__virtuals *virtuals,
		      const struct lvs__virtual *address)
{
	int result = lvs__address_remove(virtuals->requests, &address->addr,
					 address->ifindex);

	/* gone already, or with its interface */
	if (result == 0 || result == -EADDRNOTAVAIL || result == -ENODEV)
		return;
	if (virtuals->owed_count < virtuals->owed_room)
		virtuals->owed[virtuals->owed_count++] = *address;
}

/* Removes our addresses of a list that another does not have. */
static void remove_others(struct lvs__virtuals *virtuals,
			  const struct lvs__virtual_list *list,
			  const struct lvs__virtual_list *kept)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->entries[i].ifindex != 0 &&
		    find(kept, &list->entries[i].addr) == NULL)
			give_back(virtuals, &list->entries[i]);
}

void lvs__virtual_withdraw(struct lvs__virtuals *virtuals,
			   const struct lvs__virtual_list *wanted)
{
	remove_others(virtuals, wanted, &virtuals->held);
}

void lvs__virtual_hold(struct lvs__virtuals *virtuals,
		       struct lvs__virtual_list *wanted)
{
	remove_others(virtuals, &virtuals->held, wanted);
	free(virtuals->held.entries);
	virtuals->held = *wanted;
	*wanted = (struct lvs__virtual_list){0};
	lvs__virtual_pay(virtuals);
}

void lvs__virtual_pay(struct lvs__virtuals *virtuals)
{
	size_t count = virtuals->owed_count;

	virtuals->owed_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct lvs__virtual address = virtuals->owed[i];

		/* one that is claimed again is no longer owed */
		if (find(&virtuals->held, &address.addr) == NULL)
			give_back(virtuals, &address);
	}
}

void lvs__virtual_close(struct lvs__virtuals *virtuals)
{
	struct lvs__virtual_list none = {0};

	lvs__virtual_hold(virtuals, &none);
	free(virtuals->owed);
	virtuals->owed = NULL;
	virtuals->owed_count = 0;
	virtuals->owed_room = 0;
}
