/*
 * A claim is prepared as a whole (memory, programs), then taken in steps that
 * can be undone: steering program, missing addresses, and last the ingress
 * table, whose transaction decides. Only then what is claimed no more is given
 * back. Neighbours are a service to the packets: where one cannot be entered
 * (no route yet), it is tried again later.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/raw.h"

struct lvs__ingress_plan lvs__raw_plan(const struct lvs__raw *raw,
				       const struct lvs__holdings *holdings)
{
	return (struct lvs__ingress_plan){
		.devices = raw->devices,
		.device_count = raw->device_count,
		.claims = holdings->claims,
		.claim_count = holdings->claim_count,
	};
}

static void free_holdings(struct lvs__holdings *holdings)
{
	free(holdings->claims);
	free(holdings->addresses);
	free(holdings->servers);
	memset(holdings, 0, sizeof(*holdings));
}

static bool same(const struct lvs_addr *a, const struct lvs_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static int compare_claims(const void *a, const void *b)
{
	const struct lvs_claim *x = a;
	const struct lvs_claim *y = b;
	int order = memcmp(&x->addr, &y->addr, sizeof(x->addr));

	return order != 0 ? order : (int)x->kind - (int)y->kind;
}

/* The claims sorted, and their addresses, each once. */
static int make_holdings(struct lvs__holdings *holdings,
			 const struct lvs_claim *claims, size_t count)
{
	const struct lvs_claim *last = NULL;

	memset(holdings, 0, sizeof(*holdings));
	holdings->claims = calloc(count + 1, sizeof(*claims));
	holdings->addresses = calloc(count + 1, sizeof(*holdings->addresses));
	holdings->servers = calloc(count + 1, sizeof(*holdings->servers));
	if (holdings->claims == NULL || holdings->addresses == NULL ||
	    holdings->servers == NULL) {
		free_holdings(holdings);
		return -ENOMEM;
	}
	if (count > 0)
		memcpy(holdings->claims, claims, count * sizeof(*claims));
	holdings->claim_count = count;
	qsort(holdings->claims, count, sizeof(*claims), compare_claims);
	for (size_t i = 0; i < count; i++) {
		const struct lvs_claim *claim = &holdings->claims[i];

		if (last != NULL && last->kind == claim->kind &&
		    same(&last->addr, &claim->addr))
			continue;
		last = claim;
		if (claim->kind == LVS_CLAIM_VIRTUAL)
			holdings->addresses[holdings->address_count++].addr =
				claim->addr;
		else
			holdings->servers[holdings->server_count++].addr =
				claim->addr;
	}
	return 0;
}

static int steer(struct lvs__raw *raw, const struct lvs__holdings *holdings)
{
	struct lvs_addr *addresses;
	struct lvs__filter filter;
	struct sock_fprog program = {.filter = filter.code};
	int result;

	if (raw->base.config.lanes == 1)
		return 0;
	addresses = calloc(holdings->address_count + 1, sizeof(*addresses));
	if (addresses == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < holdings->address_count; i++)
		addresses[i] = holdings->addresses[i].addr;
	result = lvs__filter_steer(&filter, addresses, holdings->address_count,
				   raw->seed);
	free(addresses);
	if (result < 0)
		return result;
	program.len = filter.length;
	if (setsockopt(raw->lanes[0]->ring.fd, SOL_PACKET, PACKET_FANOUT_DATA,
		       &program, sizeof(program)) < 0)
		return -errno;
	return 0;
}

/* The steps that can be undone; the last one decides. */
static int take(struct lvs__raw *raw, struct lvs__holdings *wanted,
		char *message, size_t size)
{
	struct lvs__ingress_plan plan = lvs__raw_plan(raw, wanted);
	int result = steer(raw, wanted);

	if (result < 0)
		return lvs__message(message, size, result,
				    result == -EFBIG
					    ? "too many virtual addresses to "
					      "steer by (about 2500 IPv4 or "
					      "400 IPv6): use one lane"
					    : "cannot set the steering "
					      "program: %s",
				    lvs_strerror(result));
	result = lvs__virtual_add(raw, wanted, message, size);
	if (result == 0)
		result = lvs__ingress_set(&raw->ingress, &plan, false, message,
					  size);
	if (result == 0)
		return 0;
	lvs__virtual_remove(raw, wanted, &raw->held);
	(void)steer(raw, &raw->held);
	return result;
}

void lvs__raw_manage(struct lvs__raw *raw)
{
	for (size_t i = 0; i < raw->held.server_count; i++)
		lvs__managed_enter(&raw->requests, &raw->held.servers[i]);
}

/* Servers in both keep what is known of them; others are given back. */
static void hand_over_servers(struct lvs__raw *raw,
			      struct lvs__holdings *wanted)
{
	for (size_t i = 0; i < raw->held.server_count; i++) {
		struct lvs__managed *old = &raw->held.servers[i];
		bool kept = false;

		for (size_t j = 0; j < wanted->server_count && !kept; j++)
			if (same(&wanted->servers[j].addr, &old->addr)) {
				wanted->servers[j] = *old;
				kept = true;
			}
		if (!kept)
			lvs__managed_leave(&raw->requests, old);
	}
}

/*
 * What the lanes have to give back to the host. Nothing where the host gets
 * everything anyway; nor where lo is an interface of ours, since what is given
 * back would come in again.
 */
static int make_taken(const struct lvs__raw *raw, struct lvs__taken **taken,
		      const struct lvs__holdings *wanted)
{
	*taken = NULL;
	if (!raw->base.config.table)
		return 0;
	for (size_t i = 0; i < raw->device_count; i++)
		if (raw->devices[i].ifindex == LVS__LOOPBACK)
			return 0;
	return lvs__taken_new(taken, wanted->claims, wanted->claim_count);
}

int lvs__raw_claim(struct lvs__raw *raw, const struct lvs_claim *claims,
		   size_t count, char *message, size_t size)
{
	struct lvs__taken *taken = NULL;
	struct lvs__holdings wanted;
	int result = make_holdings(&wanted, claims, count);

	if (result < 0)
		return lvs__message(message, size, result, "out of memory");
	result = lvs__virtual_reserve(raw, wanted.address_count);
	if (result == 0)
		result = make_taken(raw, &taken, &wanted);
	if (result < 0)
		(void)lvs__message(message, size, result, "out of memory");
	else
		result = take(raw, &wanted, message, size);
	if (result < 0) {
		lvs__taken_free(taken);
		free_holdings(&wanted);
		return result;
	}
	lvs__taken_publish(&raw->taken, taken);
	lvs__virtual_remove(raw, &raw->held, &wanted);
	hand_over_servers(raw, &wanted);
	free_holdings(&raw->held);
	raw->held = wanted;
	lvs__virtual_pay(raw);
	lvs__raw_manage(raw);
	return 0;
}

void lvs__raw_unclaim(struct lvs__raw *raw)
{
	const struct lvs__holdings none = {0};

	for (size_t i = 0; i < raw->held.server_count; i++)
		lvs__managed_leave(&raw->requests, &raw->held.servers[i]);
	lvs__virtual_remove(raw, &raw->held, &none);
	free_holdings(&raw->held);
	lvs__virtual_pay(raw); /* once more, and for the last time */
	free(raw->owed);
	raw->owed = NULL;
	raw->owed_count = 0;
	raw->owed_room = 0;
}
