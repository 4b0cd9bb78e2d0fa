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
#include "backend/host/unused.h"
#include "backend/host/home.h"

#define PROBES 3

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct lvs_addr));
}

struct lvs__virtual *lvs__virtual_find(const struct lvs__virtual_list *list,
				       const struct lvs_addr *addr)
{
	if (list->count == 0)
		return NULL;
	return bsearch(addr, list->entries, list->count,
		       sizeof(list->entries[0]), compare);
}

void lvs__virtual_tell(struct lvs__virtuals *virtuals,
		       const struct lvs__virtual *address, int kind, int error)
{
	struct lvs_backend_event event = {
		.kind = (uint32_t)kind,
		.error = error,
		.addr = address->addr,
	};

	memcpy(event.interface, address->interface, IFNAMSIZ);
	lvs__news_add(virtuals->news, &event);
}

/* Where an address is. */
static void settle(struct lvs__virtuals *virtuals, struct lvs__virtual *address,
		   uint32_t ifindex)
{
	char name[IFNAMSIZ];

	address->ifindex = ifindex;
	/* one that is gone may come back by its name */
	if (lvs__device_name(virtuals->requests, ifindex, name) == 0)
		memcpy(address->interface, name, sizeof(name));
}

/*
 * One that the host may have. Ours only if it carries our mark and no other
 * instance lives here: then a killed process left it.
 */
static int adopt(struct lvs__virtuals *virtuals, struct lvs__virtual *address)
{
	struct lvs__address found;
	int result =
		lvs__address_find(virtuals->requests, &address->addr, &found);

	if (result < 0)
		return result;
	address->news = result == 1 ? LVS_BACKEND_ADDRESS_FOUND
				    : LVS_BACKEND_ADDRESS_GONE;
	address->gone = result == 0;
	if (result == 0)
		return 0;
	if (found.failed)
		address->news = LVS_BACKEND_ADDRESS_DUPLICATE;
	/* where none is to be added, none is ours to keep either */
	address->keep = found.ours && virtuals->config->addresses;
	address->ours = address->keep && lvs__ingress_alone(virtuals->ingress);
	settle(virtuals, address, found.ifindex);
	return 0;
}

int lvs__virtual_put(struct lvs__virtuals *virtuals,
		     struct lvs__virtual *address, uint32_t ifindex)
{
	int result =
		lvs__address_add(virtuals->requests, &address->addr, ifindex);

	if (result == -EEXIST)
		return result;
	/* it may be only the answer that was lost: the caller gives it back */
	address->ours = address->keep = true;
	settle(virtuals, address, ifindex);
	return result;
}

void lvs__virtual_probe(struct lvs__virtuals *virtuals,
			struct lvs__virtual *address)
{
	if (address->addr.family != LVS_IPV4 || address->gone)
		return;
	address->probes = PROBES + 1;
	virtuals->probing = true;
}

static int add_missing(struct lvs__virtuals *virtuals,
		       struct lvs__virtual *address)
{
	uint32_t home = lvs__home_of(virtuals->requests, virtuals->devices,
				     virtuals->config, &address->addr);
	int result = lvs__virtual_put(virtuals, address, home);
	struct lvs__address found;

	if (result == -EEXIST)
		return adopt(virtuals, address);
	address->news = LVS_BACKEND_ADDRESS_ADDED;
	if (result < 0 || virtuals->marks)
		return result;
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
	struct lvs_claim claim = {
		.kind = LVS_CLAIM_VIRTUAL,
		.addr = address->addr,
	};
	char text[64];
	int result;

	/* before it is added, which hides its network */
	address->unused =
		lvs__unused_of(virtuals->requests, virtuals->devices, &claim);
	if (!virtuals->config->addresses ||
	    lvs__address_is_local(virtuals->requests, &address->addr))
		result = adopt(virtuals, address);
	else
		result = add_missing(virtuals, address);
	if (result == 0)
		return 0;
	virtuals->refused = address->addr;
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

	memset(&virtuals->refused, 0, sizeof(virtuals->refused));
	if (result < 0)
		return lvs__message(message, size, result, "out of memory");
	for (size_t i = 0; i < wanted->count && result == 0; i++) {
		struct lvs__virtual *address = &wanted->entries[i];
		const struct lvs__virtual *old =
			lvs__virtual_find(&virtuals->held, &address->addr);

		if (old != NULL)
			*address = *old;
		else
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
		if (list->entries[i].ours &&
		    lvs__virtual_find(kept, &list->entries[i].addr) == NULL)
			give_back(virtuals, &list->entries[i]);
}

void lvs__virtual_withdraw(struct lvs__virtuals *virtuals,
			   const struct lvs__virtual_list *wanted)
{
	remove_others(virtuals, wanted, &virtuals->held);
}

/* What is to be told of an address that is held now. */
static void tell_news(struct lvs__virtuals *virtuals,
		      struct lvs__virtual *address)
{
	struct lvs_claim claim = {
		.kind = LVS_CLAIM_VIRTUAL,
		.addr = address->addr,
	};
	struct lvs_backend_event event;

	if (address->news != 0)
		lvs__virtual_probe(virtuals, address);
	if (address->news != 0)
		lvs__virtual_tell(virtuals, address, (int)address->news, 0);
	if (address->unused != 0 &&
	    lvs__unused_event(virtuals->requests, address->unused, &claim,
			      &event))
		lvs__news_add(virtuals->news, &event);
	address->news = address->unused = 0;
}

void lvs__virtual_hold(struct lvs__virtuals *virtuals,
		       struct lvs__virtual_list *wanted)
{
	remove_others(virtuals, &virtuals->held, wanted);
	free(virtuals->held.entries);
	virtuals->held = *wanted;
	*wanted = (struct lvs__virtual_list){0};
	for (size_t i = 0; i < virtuals->held.count; i++)
		tell_news(virtuals, &virtuals->held.entries[i]);
	lvs__virtual_pay(virtuals);
}

void lvs__virtual_pay(struct lvs__virtuals *virtuals)
{
	size_t count = virtuals->owed_count;

	virtuals->owed_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct lvs__virtual address = virtuals->owed[i];

		/* one that is claimed again is no longer owed */
		if (lvs__virtual_find(&virtuals->held, &address.addr) == NULL)
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
	virtuals->stale = false;
}
