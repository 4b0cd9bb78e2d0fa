/*
 * Virtual addresses on the host: the missing ones are added and, when they are
 * claimed no more, removed. What cannot be removed at once is owed and tried
 * again with each claim, every now and then, and at the end.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/raw.h"

static const struct lvs__held_address *find_held(
	const struct lvs__holdings *holdings, const struct lvs_addr *addr)
{
	for (size_t i = 0; i < holdings->address_count; i++)
		if (memcmp(&holdings->addresses[i].addr, addr, sizeof(*addr)) ==
		    0)
			return &holdings->addresses[i];
	return NULL;
}

/* Loopback's number is 1 in every network namespace. */
static uint32_t home_of(const struct lvs__raw *raw)
{
	return raw->base.config.interface_count > 0 ? raw->devices[0].ifindex
						    : 1;
}

/*
 * One that the host has. Ours only if it carries our mark and no other instance
 * lives here: then a killed process left it.
 */
static int adopt_address(struct lvs__raw *raw,
			 struct lvs__held_address *address)
{
	bool ours = false;
	uint32_t ifindex;
	int result = lvs__host_find_address(&raw->requests, &address->addr,
					    &ifindex, &ours);

	address->ifindex = 0;
	if (result == 1 && ours && lvs__ingress_alone(&raw->ingress))
		address->ifindex = ifindex;
	return result < 0 ? result : 0;
}

static int add_missing(struct lvs__raw *raw, struct lvs__held_address *address)
{
	uint32_t ifindex = home_of(raw);
	bool ours = false;
	int result =
		lvs__host_add_address(&raw->requests, &address->addr, ifindex);

	if (result == -EEXIST)
		return adopt_address(raw, address);
	address->ifindex = ifindex;
	/* it may be only the answer that was lost: the caller gives it back */
	if (result < 0)
		return result;
	if (raw->marks)
		return 0;
	/* an older kernel forgets the mark; then nobody could clean up */
	if (lvs__host_find_address(&raw->requests, &address->addr, &ifindex,
				   &ours) == 1 &&
	    ours) {
		raw->marks = true;
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

static int add_address(struct lvs__raw *raw, struct lvs__held_address *address,
		       char *message, size_t size)
{
	char text[64];
	int result;

	if (lvs__host_is_local(&raw->requests, &address->addr))
		result = adopt_address(raw, address);
	else
		result = add_missing(raw, address);
	if (result == 0)
		return 0;
	(void)lvs_addr_format(&address->addr, text, sizeof(text));
	return lvs__message(message, size, result,
			    "cannot add the virtual address %s: %s", text,
			    why_not(result));
}

/* Gives an address back; what the kernel refuses now is owed. */
static void give_back(struct lvs__raw *raw,
		      const struct lvs__held_address *address)
{
	int result = lvs__host_remove_address(&raw->requests, &address->addr,
					      address->ifindex);

	/* gone already, or with its interface */
	if (result == 0 || result == -EADDRNOTAVAIL || result == -ENODEV)
		return;
	if (raw->owed_count < raw->owed_room)
		raw->owed[raw->owed_count++] = *address;
}

void lvs__virtual_remove(struct lvs__raw *raw,
			 const struct lvs__holdings *holdings,
			 const struct lvs__holdings *kept)
{
	for (size_t i = 0; i < holdings->address_count; i++) {
		const struct lvs__held_address *address =
			&holdings->addresses[i];

		if (address->ifindex != 0 &&
		    find_held(kept, &address->addr) == NULL)
			give_back(raw, address);
	}
}

void lvs__virtual_pay(struct lvs__raw *raw)
{
	size_t count = raw->owed_count;

	raw->owed_count = 0;
	for (size_t i = 0; i < count; i++) {
		struct lvs__held_address address = raw->owed[i];

		/* one that is claimed again is no longer owed */
		if (find_held(&raw->held, &address.addr) == NULL)
			give_back(raw, &address);
	}
}

int lvs__virtual_reserve(struct lvs__raw *raw, size_t more)
{
	size_t room = raw->owed_count + raw->held.address_count + more;
	struct lvs__held_address *grown;

	if (room <= raw->owed_room)
		return 0;
	grown = realloc(raw->owed, room * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	raw->owed = grown;
	raw->owed_room = room;
	return 0;
}

int lvs__virtual_add(struct lvs__raw *raw, struct lvs__holdings *wanted,
		     char *message, size_t size)
{
	int result = 0;

	for (size_t i = 0; i < wanted->address_count && result == 0; i++) {
		struct lvs__held_address *address = &wanted->addresses[i];
		const struct lvs__held_address *old =
			find_held(&raw->held, &address->addr);

		if (old != NULL)
			address->ifindex = old->ifindex;
		else if (raw->base.config.addresses)
			result = add_address(raw, address, message, size);
	}
	return result;
}
