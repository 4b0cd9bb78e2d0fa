/*
 * The host's addresses: looked up, added, removed. What is made here carries
 * LVS__PROTOCOL, so that it is found after a crash.
 */
#ifndef LVS__BACKEND_ADDRESS_H
#define LVS__BACKEND_ADDRESS_H

#include "backend/host/netlink.h"

/* Who made an address or neighbour: us. */
#define LVS__PROTOCOL 108

/* An address as the kernel tells it. */
struct lvs__address {
	struct lvs_addr addr;
	uint32_t ifindex;
	uint8_t length; /* of its network's prefix */
	bool ours;	/* it carries our mark */
	bool failed;	/* another host has it: duplicate address detection */
};

/* Reads RTM_NEWADDR or RTM_DELADDR. False: nothing for us. */
bool lvs__address_read(const struct nlmsghdr *message,
		       struct lvs__address *address);

/* Hands out a message for each address of the host. 0 or an error. */
int lvs__address_each(struct lvs__netlink *netlink,
		      int (*fn)(const struct nlmsghdr *message, void *user),
		      void *user);

/* Whether packets to an address end at this host. */
bool lvs__address_is_local(struct lvs__netlink *netlink,
			   const struct lvs_addr *addr);

/*
 * Looks an address up among the host's: 1: found; 0: not; or an error. Several
 * interfaces may have it: then the one that carries our mark is told.
 */
int lvs__address_find(struct lvs__netlink *netlink, const struct lvs_addr *addr,
		      struct lvs__address *found);

/* Adds an address with our mark; removes it. 0 or a negative errno. */
int lvs__address_add(struct lvs__netlink *netlink, const struct lvs_addr *addr,
		     uint32_t ifindex);
int lvs__address_remove(struct lvs__netlink *netlink,
			const struct lvs_addr *addr, uint32_t ifindex);

#endif
