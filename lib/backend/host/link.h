/*
 * The interfaces of the host, as senders see them.
 */
#ifndef LVS__BACKEND_LINK_H
#define LVS__BACKEND_LINK_H

#include "backend/host/netlink.h"

#define LVS__LINKS 4096
#define LVS__LOOPBACK 1 /* the kernel gives lo this number everywhere */

struct lvs__link {
	uint32_t ifindex;
	uint32_t mtu;
	uint32_t flags; /* IFF_ */
	uint16_t type;	/* ARPHRD_ */
	uint8_t mac[6];
};

struct lvs__links {
	struct lvs__link *entries; /* sorted by ifindex */
	uint32_t count;
};

/* One link, as the kernel tells it now. 0, -ENODEV, or another error. */
int lvs__link_ask(struct lvs__netlink *netlink, uint32_t ifindex,
		  struct lvs__link *link);

/* Whether a link address is of an interface of this host. */
bool lvs__link_is_ours(struct lvs__netlink *netlink, const uint8_t mac[6]);

/* Reserves memory for all. 0 or -ENOMEM. */
int lvs__links_init(struct lvs__links *links);
void lvs__links_fini(struct lvs__links *links);

/*
 * Takes over what RTM_NEWLINK or RTM_DELLINK says. True: what was found before
 * may be wrong now.
 */
bool lvs__links_read(struct lvs__links *links, const struct nlmsghdr *message);

/* The link, NULL if there is none. */
const struct lvs__link *lvs__links_find(const struct lvs__links *links,
					uint32_t ifindex);

#endif
