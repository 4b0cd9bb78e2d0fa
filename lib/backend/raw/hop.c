/*
 * Route, link, neighbour, in this order. AF_PACKET traffic neither makes nor
 * confirms the kernel's neighbours, so a neighbour in use is put to the kernel
 * to verify every VERIFY milliseconds, unless it is static or managed; asking
 * for one of those would make the kernel forget that it is.
 */
#include "backend/raw/hop.h"

#include <linux/if.h>
#include <linux/if_arp.h>
#include <string.h>

#define VERIFY 15000

_Static_assert(LVS__HOPS == 1 << (64 - 52), "the hash's bits fit the cache");

static int no_header(struct lvs__hop *hop)
{
	hop->link = 0;
	return LVS_REASON_FORWARDED;
}

static void set_macs(struct lvs__hop *hop, const uint8_t *to,
		     const uint8_t *from)
{
	hop->link = LVS__ETHERNET;
	memcpy(hop->macs, to, 6);
	memcpy(hop->macs + 6, from, 6);
}

static int find_neighbour(struct lvs__hop *hop, struct lvs__mirror *mirror,
			  const struct lvs__link *link,
			  const struct lvs__unresolved *wanted, uint64_t now)
{
	struct lvs__neigh *neigh;

	if ((link->flags & IFF_NOARP) != 0) {
		set_macs(hop, link->mac, link->mac);
		return LVS_REASON_FORWARDED;
	}
	neigh = lvs__neighs_find(&mirror->neighs, wanted->ifindex,
				 &wanted->neighbour);
	if (neigh == NULL)
		return LVS_REASON_NO_NEIGHBOUR;
	set_macs(hop, neigh->mac, link->mac);
	if (!neigh->settled &&
	    (neigh->asked == 0 || now - neigh->asked >= VERIFY)) {
		neigh->asked = now;
		lvs__mirror_ask(mirror, wanted->ifindex, &wanted->neighbour);
	}
	return LVS_REASON_FORWARDED;
}

static int resolve(struct lvs__hop *hop, struct lvs__mirror *mirror,
		   struct lvs__unresolved *unresolved, uint64_t now)
{
	const struct lvs__route_hop *route =
		lvs__mirror_route(mirror, &hop->addr);
	const struct lvs__link *link;

	if (route == NULL)
		return LVS_REASON_NO_ROUTE;
	link = lvs__links_find(&mirror->links, route->ifindex);
	if (link == NULL || (link->flags & IFF_UP) == 0 ||
	    (link->flags & IFF_LOOPBACK) != 0)
		return LVS_REASON_NO_ROUTE;
	hop->ifindex = link->ifindex;
	hop->mtu = link->mtu;
	if (link->type == ARPHRD_NONE)
		return no_header(hop);
	if (link->type != ARPHRD_ETHER)
		return LVS_REASON_NO_ROUTE;
	unresolved->ifindex = link->ifindex;
	unresolved->neighbour = route->gateway.family != LVS_FAMILY_NONE
					? route->gateway
					: hop->addr;
	return find_neighbour(hop, mirror, link, unresolved, now);
}

int lvs__hop_resolve(struct lvs__hop *hop, struct lvs__mirror *mirror,
		     struct lvs__unresolved *unresolved, uint64_t now)
{
	int reason = resolve(hop, mirror, unresolved, now);

	hop->verify = now + VERIFY;
	hop->generation =
		reason == LVS_REASON_FORWARDED ? mirror->generation : 0;
	return reason;
}
