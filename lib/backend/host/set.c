/*
 * The sets of the ingress table: what is claimed, as address, protocol and
 * port.
 */
#include "backend/host/set.h"

#include <arpa/inet.h>
#include <libnftnl/set.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#define TYPE(addr) ((addr) << 12 | 12 << 6 | 13)

const struct lvs__set lvs__sets[LVS__SETS] = {
	{"service4", LVS_CLAIM_VIRTUAL, LVS_IPV4, ETH_P_IP, 16, 4, 2, TYPE(7)},
	{"service6", LVS_CLAIM_VIRTUAL, LVS_IPV6, ETH_P_IPV6, 24, 16, 2,
	 TYPE(8)},
	{"server4", LVS_CLAIM_SERVER, LVS_IPV4, ETH_P_IP, 12, 4, 0, TYPE(7)},
	{"server6", LVS_CLAIM_SERVER, LVS_IPV6, ETH_P_IPV6, 8, 16, 0, TYPE(8)},
};

uint32_t lvs__set_id(const struct lvs__set *set)
{
	return (uint32_t)(set - lvs__sets) + 1;
}

static struct nftnl_set *make_set(struct lvs__nft *nft,
				  const struct lvs__set *set)
{
	struct nftnl_set *made = nftnl_set_alloc();

	if (made == NULL) {
		nft->failed = true;
		return NULL;
	}
	nftnl_set_set_str(made, NFTNL_SET_TABLE, nft->table);
	nftnl_set_set_str(made, NFTNL_SET_NAME, set->name);
	nftnl_set_set_u32(made, NFTNL_SET_FAMILY, NFPROTO_NETDEV);
	nftnl_set_set_u32(made, NFTNL_SET_KEY_TYPE, set->type);
	nftnl_set_set_u32(made, NFTNL_SET_KEY_LEN, set->addr_size + 8);
	nftnl_set_set_u32(made, NFTNL_SET_ID, lvs__set_id(set));
	return made;
}

void lvs__set_put(struct lvs__nft *nft, const struct lvs__set *set)
{
	struct nftnl_set *made = make_set(nft, set);
	struct nlmsghdr *message =
		lvs__nft_message(nft, NFT_MSG_NEWSET, NLM_F_CREATE);

	if (made != NULL && message != NULL) {
		nftnl_set_nlmsg_build_payload(message, made);
		lvs__nft_added(nft, message);
	}
	if (made != NULL)
		nftnl_set_free(made);
}

static bool belongs(const struct lvs__set *set, const struct lvs_claim *claim)
{
	return claim->kind == set->claim && claim->addr.family == set->family &&
	       (claim->kind == LVS_CLAIM_VIRTUAL || lvs__ingress_takes(claim));
}

/* A claim as the set's key: address, protocol, port, each padded to four. */
static bool add_element(struct nftnl_set *made, const struct lvs__set *set,
			const struct lvs_claim *claim)
{
	struct nftnl_set_elem *element = nftnl_set_elem_alloc();
	uint16_t port = htons((uint16_t)claim->port);
	uint8_t key[24] = {0};

	if (element == NULL)
		return false;
	memcpy(key, claim->addr.bytes, set->addr_size);
	key[set->addr_size] = (uint8_t)claim->protocol;
	memcpy(&key[set->addr_size + 4], &port, sizeof(port));
	nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, key,
			   set->addr_size + 8);
	nftnl_set_elem_add(made, element);
	return true;
}

static void put_elements(struct lvs__nft *nft, struct nftnl_set *made)
{
	struct nftnl_set_elems_iter *each = nftnl_set_elems_iter_create(made);
	struct nlmsghdr *message;
	int more = 1;

	if (each == NULL)
		nft->failed = true;
	/* a message holds what 16 bits of length allow */
	while (more > 0 && !nft->failed) {
		message =
			lvs__nft_message(nft, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
		if (message == NULL)
			break;
		more = nftnl_set_elems_nlmsg_build_payload_iter(message, each);
		lvs__nft_added(nft, message);
	}
	if (each != NULL)
		nftnl_set_elems_iter_destroy(each);
}

void lvs__set_fill(struct lvs__nft *nft, const struct lvs__set *set,
		   const struct lvs__ingress_plan *plan, bool is_new)
{
	struct nftnl_set *made = make_set(nft, set);
	struct nlmsghdr *message;
	size_t count = 0;

	if (made == NULL)
		return;
	if (!is_new) {
		message = lvs__nft_message(nft, NFT_MSG_DELSETELEM, 0);
		if (message != NULL) {
			nftnl_set_elems_nlmsg_build_payload(message, made);
			lvs__nft_added(nft, message);
		}
	}
	for (size_t i = 0; i < plan->claim_count && !nft->failed; i++) {
		if (!belongs(set, &plan->claims[i]))
			continue;
		nft->failed = !add_element(made, set, &plan->claims[i]);
		count++;
	}
	if (count > 0)
		put_elements(nft, made);
	nftnl_set_free(made);
}
