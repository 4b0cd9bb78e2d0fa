/*
 * The kernel's own routes tell whose network an address is in: the one that
 * matches has no gateway, and is not the default route of a link without
 * neighbours.
 *
 * IPv4 would be answered for on any interface if loopback had the address;
 * IPv6 would not. One rule for both is easier to foresee.
 */
#include "backend/host/home.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "backend/host/address.h"
#include "backend/host/link.h"
#include "backend/host/lookup.h"

uint32_t lvs__home_of(struct lvs__netlink *netlink,
		      const struct lvs__devices *devices,
		      const struct lvs__backend_config *config,
		      const struct lvs_addr *addr)
{
	struct lvs__lookup match;

	if (lvs__lookup_link(netlink, addr, &match) && match.length > 0)
		for (size_t i = 0; i < devices->count; i++)
			if (devices->entries[i].ifindex == match.ifindex)
				return match.ifindex;
	return config->interface_count > 0 ? devices->entries[0].ifindex
					   : LVS__LOOPBACK;
}

static int ask(struct lvs__netlink *netlink,
	       const struct lvs__backend_config *config,
	       const struct lvs_addr *addr, char *interface)
{
	struct lvs__address found;
	struct lvs__devices devices;
	int has = lvs__address_find(netlink, addr, &found);
	int result = has < 0 ? has : 0;

	if (has == 0)
		result = lvs__devices_read(&devices, netlink, config, NULL, 0);
	if (has == 0 && result == 0)
		found.ifindex = lvs__home_of(netlink, &devices, config, addr);
	if (result == 0)
		result = lvs__device_name(netlink, found.ifindex, interface);
	return result < 0 ? result : has;
}

int lvs__home_ask(const struct lvs__backend_config *config,
		  const struct lvs_addr *addr, char *interface)
{
	struct lvs__netlink netlink;
	int result = lvs__netlink_open(&netlink, NETLINK_ROUTE, NULL, 0);

	if (result < 0)
		return result;
	result = ask(&netlink, config, addr, interface);
	lvs__netlink_close(&netlink);
	return result;
}
