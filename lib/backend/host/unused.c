/*
 * The commonest mistake in naming interfaces is to name one side. The host's
 * routes know better: clients of a virtual address are on its network, and a
 * server's replies come back the way that leads to it. Both may be otherwise,
 * so it is a warning.
 *
 * A virtual address that the host has as one of a network's (10.0.0.1/24) is on
 * that network; as a single one (/32) it may be reached from anywhere.
 */
#include "backend/host/unused.h"

#include "backend/host/address.h"
#include "backend/host/ingress.h"
#include "backend/host/link.h"
#include "backend/host/lookup.h"

/* The interface whose network holds an address, 0: none. */
static uint32_t network_of(struct lvs__netlink *netlink,
			   const struct lvs_addr *addr)
{
	uint8_t whole = addr->family == LVS_IPV4 ? 32 : 128;
	struct lvs__address found;
	struct lvs__lookup match;

	if (lvs__lookup_link(netlink, addr, &match))
		return match.length > 0 ? match.ifindex : 0;
	if (lvs__address_is_local(netlink, addr) &&
	    lvs__address_find(netlink, addr, &found) == 1 &&
	    found.length < whole)
		return found.ifindex;
	return 0;
}

uint32_t lvs__unused_of(struct lvs__netlink *netlink,
			const struct lvs__devices *devices,
			const struct lvs_claim *claim)
{
	uint32_t ifindex = 0;

	if (claim->kind == LVS_CLAIM_VIRTUAL)
		ifindex = network_of(netlink, &claim->addr);
	else if (lvs__ingress_takes(claim))
		ifindex = lvs__lookup_out(netlink, &claim->addr);
	if (ifindex == LVS__LOOPBACK)
		return 0;
	for (size_t i = 0; i < devices->count; i++)
		if (devices->entries[i].ifindex == ifindex)
			return 0;
	return ifindex;
}

bool lvs__unused_event(struct lvs__netlink *netlink, uint32_t ifindex,
		       const struct lvs_claim *claim,
		       struct lvs_backend_event *event)
{
	*event = (struct lvs_backend_event){
		.kind = claim->kind == LVS_CLAIM_VIRTUAL
				? LVS_BACKEND_NETWORK_UNUSED
				: LVS_BACKEND_SERVER_UNUSED,
		.level = LVS_LOG_WARNING,
		.addr = claim->addr,
	};
	return lvs__device_name(netlink, ifindex, event->interface) == 0;
}

static int ask(struct lvs__netlink *netlink,
	       const struct lvs__backend_config *config,
	       const struct lvs_claim *claim, struct lvs_backend_event *event)
{
	struct lvs__devices devices;
	uint32_t ifindex;
	int result = lvs__devices_read(&devices, netlink, config, NULL, 0);

	if (result < 0)
		return result;
	if (claim->kind == LVS_CLAIM_SERVER &&
	    lvs__address_is_local(netlink, &claim->addr)) {
		*event = (struct lvs_backend_event){
			.kind = LVS_BACKEND_SERVER_LOCAL,
			.level = LVS_LOG_WARNING,
			.addr = claim->addr,
		};
		return 1;
	}
	ifindex = lvs__unused_of(netlink, &devices, claim);
	return ifindex != 0 &&
	       lvs__unused_event(netlink, ifindex, claim, event);
}

int lvs__unused_ask(const struct lvs__backend_config *config,
		    const struct lvs_claim *claim,
		    struct lvs_backend_event *event)
{
	struct lvs__netlink netlink;
	int result = lvs__netlink_open(&netlink, NETLINK_ROUTE, NULL, 0);

	if (result < 0)
		return result;
	result = ask(&netlink, config, claim, event);
	lvs__netlink_close(&netlink);
	return result;
}
