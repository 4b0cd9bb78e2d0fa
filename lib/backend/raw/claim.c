/*
 * A claim is prepared as a whole (memory, programs), then taken in steps that
 * can be undone: steering program, missing addresses, and last the ingress
 * table, whose transaction decides, unless another instance has some of it
 * already. Only then what is claimed no more is given back.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/host/link.h"
#include "backend/host/rival.h"
#include "backend/raw/raw.h"

struct lvs__ingress_plan lvs__raw_plan(const struct lvs__raw *raw,
				       const struct lvs__holdings *holdings)
{
	return (struct lvs__ingress_plan){
		.devices = &raw->devices,
		.claims = holdings->claims,
		.claim_count = holdings->claim_count,
	};
}

#define TRIES 8 /* while others change the rules of nftables */

/* A claim that is being taken. */
struct wanted {
	struct lvs__holdings holdings;
	struct lvs__virtual_list virtuals;
	struct lvs__taken *taken;
};

static void free_wanted(struct wanted *wanted)
{
	free(wanted->holdings.claims);
	free(wanted->holdings.servers);
	free(wanted->virtuals.entries);
	lvs__taken_free(wanted->taken);
}

static bool same(const struct lvs_addr *a, const struct lvs_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* By address and kind first, as read_addresses() wants it. */
static int compare_claims(const void *a, const void *b)
{
	const struct lvs_claim *x = a;
	const struct lvs_claim *y = b;
	int order = memcmp(&x->addr, &y->addr, sizeof(x->addr));

	if (order != 0)
		return order;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->protocol != y->protocol)
		return x->protocol < y->protocol ? -1 : 1;
	return (int)x->port - (int)y->port;
}

const struct lvs_claim *lvs__raw_find(const struct lvs__holdings *holdings,
				      const struct lvs_claim *claim)
{
	if (holdings->claim_count == 0)
		return NULL;
	return bsearch(claim, holdings->claims, holdings->claim_count,
		       sizeof(*claim), compare_claims);
}

/* The addresses of the sorted claims, each once. */
static void read_addresses(struct wanted *wanted)
{
	struct lvs__holdings *holdings = &wanted->holdings;
	struct lvs__virtual_list *virtuals = &wanted->virtuals;
	const struct lvs_claim *last = NULL;

	for (size_t i = 0; i < holdings->claim_count; i++) {
		const struct lvs_claim *claim = &holdings->claims[i];

		if (last != NULL && last->kind == claim->kind &&
		    same(&last->addr, &claim->addr))
			continue;
		last = claim;
		if (claim->kind == LVS_CLAIM_VIRTUAL)
			virtuals->entries[virtuals->count++].addr = claim->addr;
		else
			holdings->servers[holdings->server_count++].addr =
				claim->addr;
	}
}

/*
 * What the lanes have to give back to the host. Nothing where lo is an
 * interface of ours, since what is given back would come in again.
 */
static int make_taken(const struct lvs__raw *raw, struct wanted *wanted)
{
	for (size_t i = 0; i < raw->devices.count; i++)
		if (raw->devices.entries[i].ifindex == LVS__LOOPBACK)
			return 0;
	return lvs__taken_new(&wanted->taken, wanted->holdings.claims,
			      wanted->holdings.claim_count);
}

/* All that a claim needs in memory. 0 or -ENOMEM. */
static int make_wanted(const struct lvs__raw *raw, struct wanted *wanted,
		       const struct lvs_claim *claims, size_t count)
{
	struct lvs__holdings *holdings = &wanted->holdings;

	memset(wanted, 0, sizeof(*wanted));
	holdings->claims = calloc(count + 1, sizeof(*claims));
	holdings->servers = calloc(count + 1, sizeof(*holdings->servers));
	wanted->virtuals.entries =
		calloc(count + 1, sizeof(*wanted->virtuals.entries));
	if (holdings->claims == NULL || holdings->servers == NULL ||
	    wanted->virtuals.entries == NULL)
		return -ENOMEM;
	if (count > 0)
		memcpy(holdings->claims, claims, count * sizeof(*claims));
	holdings->claim_count = count;
	qsort(holdings->claims, count, sizeof(*claims), compare_claims);
	read_addresses(wanted);
	return make_taken(raw, wanted);
}

static int steer(struct lvs__raw *raw, const struct lvs__virtual_list *virtuals)
{
	struct lvs_addr *addresses;
	struct lvs__filter filter;
	struct sock_fprog program = {.filter = filter.code};
	int result;

	if (raw->base.config.lanes == 1)
		return 0;
	addresses = calloc(virtuals->count + 1, sizeof(*addresses));
	if (addresses == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < virtuals->count; i++)
		addresses[i] = virtuals->entries[i].addr;
	result = lvs__filter_steer(&filter, addresses, virtuals->count,
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

/* Who asks whether others hold what is new. */
struct asker {
	const struct lvs__holdings *wanted;
	const struct lvs__holdings *held;
};

static bool is_new(const struct lvs_claim *claim, const void *user)
{
	const struct asker *asker = user;

	return lvs__raw_find(asker->wanted, claim) != NULL &&
	       lvs__raw_find(asker->held, claim) == NULL;
}

/* No other instance has what is new, while the rules are of `generation`. */
static int look_for_rivals(struct lvs__raw *raw, const struct wanted *wanted,
			   uint32_t *generation, char *message, size_t size)
{
	struct asker asker = {&wanted->holdings, &raw->held};
	struct lvs__rival_question question = {is_new, &asker};
	struct lvs__rival rival;
	int result;

	*generation = 0;
	result = lvs__rival_find(&raw->ingress, &question, &rival, generation);
	if (result == 1) {
		raw->base.refused = rival.claim;
		return lvs__rival_message(&rival, message, size);
	}
	if (result < 0)
		return lvs__message_error(message, size, result,
					  "cannot read the nftables tables of "
					  "other balancers");
	return 0;
}

/* Sets the table, unless another instance was faster. */
static int decide(struct lvs__raw *raw, const struct wanted *wanted,
		  uint32_t generation, char *message, size_t size)
{
	struct lvs__ingress_plan plan = lvs__raw_plan(raw, &wanted->holdings);
	int result = -ERESTART;

	for (int i = 0; i < TRIES && result == -ERESTART; i++) {
		plan.generation = generation;
		result = lvs__ingress_set(&raw->ingress, &plan, false, message,
					  size);
		if (result != -ERESTART)
			return result;
		result = look_for_rivals(raw, wanted, &generation, message,
					 size);
		if (result == 0)
			result = -ERESTART;
	}
	return result == -ERESTART
		       ? lvs__message(message, size, -EBUSY,
				      "the nftables rules change all the time")
		       : result;
}

/* The steps that can be undone; the last one decides. */
static int take(struct lvs__raw *raw, struct wanted *wanted, char *message,
		size_t size)
{
	uint32_t generation;
	int result = look_for_rivals(raw, wanted, &generation, message, size);

	if (result < 0)
		return result;
	result = steer(raw, &wanted->virtuals);
	if (result < 0)
		return result == -EFBIG
			       ? lvs__message(message, size, result,
					      "too many virtual addresses to "
					      "steer by (about 2500 IPv4 or "
					      "400 IPv6): use one lane")
			       : lvs__message_error(message, size, result,
						    "cannot set the steering "
						    "program");
	result = lvs__virtual_add(&raw->virtuals, &wanted->virtuals, message,
				  size);
	if (result < 0 && raw->virtuals.refused.family != LVS_FAMILY_NONE)
		raw->base.refused = (struct lvs_claim){
			.kind = LVS_CLAIM_VIRTUAL,
			.addr = raw->virtuals.refused,
		};
	if (result == 0)
		result = decide(raw, wanted, generation, message, size);
	if (result == 0)
		return 0;
	lvs__virtual_withdraw(&raw->virtuals, &wanted->virtuals);
	(void)steer(raw, &raw->virtuals.held);
	return result;
}

int lvs__raw_claim(struct lvs__raw *raw, const struct lvs_claim *claims,
		   size_t count, char *message, size_t size)
{
	struct lvs__holdings before = raw->held;
	struct wanted wanted;
	int result = make_wanted(raw, &wanted, claims, count);

	if (result < 0)
		(void)lvs__message(message, size, result, "out of memory");
	else
		result = take(raw, &wanted, message, size);
	if (result < 0) {
		free_wanted(&wanted);
		return result;
	}
	lvs__taken_publish(&raw->taken, wanted.taken);
	lvs__virtual_hold(&raw->virtuals, &wanted.virtuals);
	lvs__arp_hold(raw);
	lvs__raw_hand_over(raw, &wanted.holdings);
	lvs__raw_warn(raw, &before);
	free(before.claims);
	free(before.servers);
	return 0;
}

void lvs__raw_unclaim(struct lvs__raw *raw)
{
	for (size_t i = 0; i < raw->held.server_count; i++)
		lvs__managed_leave(&raw->requests, &raw->held.servers[i]);
	lvs__virtual_close(&raw->virtuals);
	free(raw->held.claims);
	free(raw->held.servers);
	memset(&raw->held, 0, sizeof(raw->held));
}
