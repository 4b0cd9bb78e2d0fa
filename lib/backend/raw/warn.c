/*
 * What of a claim will not work on this host, told once when it is claimed.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/host/address.h"
#include "backend/host/unused.h"
#include "backend/host/listener.h"
#include "backend/host/reverse.h"
#include "backend/raw/raw.h"

/* The claims as they are now, and the news. */
struct listening {
	struct lvs__raw *raw;
	const struct lvs__holdings *before;
};

static void check_listener(const struct lvs__listener *listener, void *user)
{
	struct listening *all = user;
	struct lvs_claim claim = {
		.kind = LVS_CLAIM_VIRTUAL,
		.protocol = listener->protocol,
		.port = listener->port,
		.addr = listener->addr,
	};
	struct lvs_backend_event event = {
		.kind = LVS_BACKEND_PORT_TAKEN,
		.protocol = listener->protocol,
		.port = listener->port,
		.addr = listener->addr,
	};

	if (lvs__raw_find(&all->raw->held, &claim) != NULL &&
	    lvs__raw_find(all->before, &claim) == NULL)
		lvs__news_add(&all->raw->told, &event);
}

static bool has_new(const struct lvs__raw *raw,
		    const struct lvs__holdings *before)
{
	for (size_t i = 0; i < raw->held.claim_count; i++)
		if (raw->held.claims[i].kind == LVS_CLAIM_VIRTUAL &&
		    lvs__raw_find(before, &raw->held.claims[i]) == NULL)
			return true;
	return false;
}

/* Whether the same server was claimed for NAT before. */
static bool was_nat(const struct lvs__holdings *before,
		    const struct lvs_claim *claim)
{
	const struct lvs_claim *old = lvs__raw_find(before, claim);

	return old != NULL && lvs__ingress_takes(old);
}

/* NAT servers whose replies come in elsewhere, each address once. */
static void check_servers(struct lvs__raw *raw,
			  const struct lvs__holdings *before)
{
	const struct lvs_claim *last = NULL;
	struct lvs_backend_event event;

	for (size_t i = 0; i < raw->held.claim_count; i++) {
		const struct lvs_claim *claim = &raw->held.claims[i];
		uint32_t ifindex;

		if (!lvs__ingress_takes(claim) || was_nat(before, claim) ||
		    (last != NULL && memcmp(&last->addr, &claim->addr,
					    sizeof(last->addr)) == 0))
			continue;
		last = claim;
		ifindex = lvs__unused_of(&raw->requests, &raw->devices, claim);
		if (ifindex != 0 &&
		    lvs__unused_event(&raw->requests, ifindex, claim, &event))
			lvs__news_add(&raw->told, &event);
	}
}

/* By address, as they stand in the holdings. */
static int compare_servers(const void *addr, const void *server)
{
	return memcmp(addr, &((const struct lvs__managed *)server)->addr,
		      sizeof(struct lvs_addr));
}

static bool has_server(const struct lvs__holdings *holdings,
		       const struct lvs_addr *addr)
{
	return holdings->server_count > 0 &&
	       bsearch(addr, holdings->servers, holdings->server_count,
		       sizeof(holdings->servers[0]), compare_servers) != NULL;
}

/* New servers that packets of this host itself would go to. */
static void check_local(struct lvs__raw *raw,
			const struct lvs__holdings *before)
{
	for (size_t i = 0; i < raw->held.server_count; i++) {
		struct lvs_backend_event event = {
			.kind = LVS_BACKEND_SERVER_LOCAL,
			.addr = raw->held.servers[i].addr,
		};

		if (!has_server(before, &event.addr) &&
		    lvs__address_is_local(&raw->requests, &event.addr))
			lvs__news_add(&raw->told, &event);
	}
}

void lvs__raw_warn(struct lvs__raw *raw, const struct lvs__holdings *before)
{
	struct lvs_backend_event event = {.kind = LVS_BACKEND_REVERSE_PATH};
	struct listening all = {raw, before};

	/* where the kernel does not tell, nobody is warned */
	if (has_new(raw, before))
		(void)lvs__listener_each(check_listener, &all);
	check_local(raw, before);
	check_servers(raw, before);
	if (raw->taken.current == NULL || raw->reverse_told ||
	    !lvs__reverse_is_strict(&raw->requests))
		return;
	lvs__news_add(&raw->told, &event);
	raw->reverse_told = true;
}
