/*
 * AF_PACKET sees a copy; the host's stack would still get the packet and answer
 * it (a reset, "port unreachable") or forward it untranslated. A chain at the
 * netdev ingress hook, which lies behind the packet tap, drops exactly what the
 * balancer takes:
 *
 *	table netdev liblvs {
 *		flags owner
 *		set service4 { type ipv4_addr . inet_proto . inet_service; }
 *		(server4, service6, server6 alike)
 *		chain claimed {
 *			meta pkttype != host accept
 *			ether type 8021q accept
 *			ether type 8021ad accept
 *			drop
 *		}
 *		chain ingress {
 *			type filter hook ingress devices = { ... } priority -300
 *			ip daddr . meta l4proto . th dport @service4
 *				counter jump claimed
 *			ip saddr . meta l4proto . th sport @server4
 *				fib daddr type != local counter jump claimed
 *			(ip6 alike)
 *		}
 *	}
 *
 * "claimed" lets go what the tap did not take either: frames for others and
 * those of another VLAN. Later fragments have no ports and reach the host,
 * which lets them time out, since their first one was dropped.
 *
 * "flags owner": the kernel removes the table when our socket closes, however
 * the process ends. So an owned table also tells that an instance lives.
 */
#include "backend/ingress.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/nft.h"

#define NAME "liblvs"
#define NAMES 64	/* instances in one network namespace */
#define PRIORITY (-300) /* before other chains */

/* One rule and its set. */
struct kind {
	const char *set;
	uint32_t claim; /* enum lvs_claim_kind */
	uint32_t family;
	uint16_t ethertype;
	uint32_t addr_at; /* in the IP header */
	uint32_t addr_size;
	uint32_t port_at; /* in the transport header */
	uint32_t type;	  /* as nft shows it: address . protocol . port */
};

#define TYPE(addr) ((addr) << 12 | 12 << 6 | 13)

static const struct kind kinds[] = {
	{"service4", LVS_CLAIM_VIRTUAL, LVS_IPV4, ETH_P_IP, 16, 4, 2, TYPE(7)},
	{"service6", LVS_CLAIM_VIRTUAL, LVS_IPV6, ETH_P_IPV6, 24, 16, 2,
	 TYPE(8)},
	{"server4", LVS_CLAIM_SERVER, LVS_IPV4, ETH_P_IP, 12, 4, 0, TYPE(7)},
	{"server6", LVS_CLAIM_SERVER, LVS_IPV6, ETH_P_IPV6, 8, 16, 0, TYPE(8)},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* A set's number within a transaction. */
static uint32_t id_of(const struct kind *kind)
{
	return (uint32_t)(kind - kinds) + 1;
}

static void put_table(struct lvs__nft *nft, uint16_t type, uint16_t flags)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct nlmsghdr *message = lvs__nft_message(nft, type, flags);

	if (table == NULL || message == NULL) {
		nft->failed = true;
	} else {
		nftnl_table_set_str(table, NFTNL_TABLE_NAME, nft->table);
		if (type == NFT_MSG_NEWTABLE)
			nftnl_table_set_u32(table, NFTNL_TABLE_FLAGS,
					    NFT_TABLE_F_OWNER);
		nftnl_table_nlmsg_build_payload(message, table);
		lvs__nft_added(nft, message);
	}
	if (table != NULL)
		nftnl_table_free(table);
}

static void put_chain(struct lvs__nft *nft, const char *name,
		      const struct lvs__ingress_plan *plan)
{
	const char *devices[LVS__BACKEND_INTERFACES + 1] = {0};
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct nlmsghdr *message =
		lvs__nft_message(nft, NFT_MSG_NEWCHAIN, NLM_F_CREATE);

	if (chain == NULL || message == NULL) {
		nft->failed = true;
	} else {
		nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, nft->table);
		nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
		for (size_t i = 0; plan != NULL && i < plan->device_count; i++)
			devices[i] = plan->devices[i].name;
		if (plan != NULL) {
			nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
			nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM,
					    NF_NETDEV_INGRESS);
			nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, PRIORITY);
			nftnl_chain_set_array(chain, NFTNL_CHAIN_DEVICES,
					      devices);
		}
		nftnl_chain_nlmsg_build_payload(message, chain);
		lvs__nft_added(nft, message);
	}
	if (chain != NULL)
		nftnl_chain_free(chain);
}

static struct nftnl_set *make_set(struct lvs__nft *nft, const struct kind *kind)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (set == NULL) {
		nft->failed = true;
		return NULL;
	}
	nftnl_set_set_str(set, NFTNL_SET_TABLE, nft->table);
	nftnl_set_set_str(set, NFTNL_SET_NAME, kind->set);
	nftnl_set_set_u32(set, NFTNL_SET_FAMILY, NFPROTO_NETDEV);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, kind->type);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, kind->addr_size + 8);
	nftnl_set_set_u32(set, NFTNL_SET_ID, id_of(kind));
	return set;
}

static void put_set(struct lvs__nft *nft, const struct kind *kind)
{
	struct nftnl_set *set = make_set(nft, kind);
	struct nlmsghdr *message =
		lvs__nft_message(nft, NFT_MSG_NEWSET, NLM_F_CREATE);

	if (set != NULL && message != NULL) {
		nftnl_set_nlmsg_build_payload(message, set);
		lvs__nft_added(nft, message);
	}
	if (set != NULL)
		nftnl_set_free(set);
}

static bool belongs(const struct kind *kind, const struct lvs_claim *claim)
{
	return claim->kind == kind->claim &&
	       claim->addr.family == kind->family &&
	       (claim->kind == LVS_CLAIM_VIRTUAL || claim->method == LVS_NAT);
}

/* A claim as the set's key: address, protocol, port, each padded to four. */
static bool add_element(struct nftnl_set *set, const struct kind *kind,
			const struct lvs_claim *claim)
{
	struct nftnl_set_elem *element = nftnl_set_elem_alloc();
	uint16_t port = htons((uint16_t)claim->port);
	uint8_t key[24] = {0};

	if (element == NULL)
		return false;
	memcpy(key, claim->addr.bytes, kind->addr_size);
	key[kind->addr_size] = (uint8_t)claim->protocol;
	memcpy(&key[kind->addr_size + 4], &port, sizeof(port));
	nftnl_set_elem_set(element, NFTNL_SET_ELEM_KEY, key,
			   kind->addr_size + 8);
	nftnl_set_elem_add(set, element);
	return true;
}

static void put_elements(struct lvs__nft *nft, struct nftnl_set *set)
{
	struct nftnl_set_elems_iter *each = nftnl_set_elems_iter_create(set);
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

/* Fills a set, after emptying it unless it is new. */
static void put_claims(struct lvs__nft *nft, const struct kind *kind,
		       const struct lvs__ingress_plan *plan, bool is_new)
{
	struct nftnl_set *set = make_set(nft, kind);
	struct nlmsghdr *message;
	size_t count = 0;

	if (set == NULL)
		return;
	if (!is_new) {
		message = lvs__nft_message(nft, NFT_MSG_DELSETELEM, 0);
		if (message != NULL) {
			nftnl_set_elems_nlmsg_build_payload(message, set);
			lvs__nft_added(nft, message);
		}
	}
	for (size_t i = 0; i < plan->claim_count && !nft->failed; i++) {
		if (!belongs(kind, &plan->claims[i]))
			continue;
		nft->failed = !add_element(set, kind, &plan->claims[i]);
		count++;
	}
	if (count > 0)
		put_elements(nft, set);
	nftnl_set_free(set);
}

/* The rule that finds what a set claims. */
static void put_find(struct lvs__nft *nft, const struct kind *kind)
{
	uint32_t words = kind->addr_size / 4;
	uint16_t ethertype = htons(kind->ethertype);
	uint32_t local = RTN_LOCAL;
	struct lvs__rule rule;

	lvs__rule_begin(&rule, nft, "ingress");
	lvs__rule_meta(&rule, NFT_META_PROTOCOL, NFT_REG32_00);
	lvs__rule_compare(&rule, NFT_CMP_EQ, NFT_REG32_00, &ethertype,
			  sizeof(ethertype));
	lvs__rule_load(&rule, NFT_PAYLOAD_NETWORK_HEADER, kind->addr_at,
		       kind->addr_size, NFT_REG32_00);
	lvs__rule_meta(&rule, NFT_META_L4PROTO, NFT_REG32_00 + words);
	lvs__rule_load(&rule, NFT_PAYLOAD_TRANSPORT_HEADER, kind->port_at, 2,
		       NFT_REG32_00 + words + 1);
	lvs__rule_lookup(&rule, NFT_REG32_00, kind->set, id_of(kind));
	if (kind->claim == LVS_CLAIM_SERVER) {
		lvs__rule_type(&rule, NFT_REG32_00);
		lvs__rule_compare(&rule, NFT_CMP_NEQ, NFT_REG32_00, &local,
				  sizeof(local));
	}
	lvs__rule_counter(&rule);
	lvs__rule_verdict(&rule, NFT_JUMP, "claimed");
	lvs__rule_put(&rule, nft);
}

static void put_other_vlan(struct lvs__nft *nft, uint16_t ethertype)
{
	uint16_t type = htons(ethertype);
	struct lvs__rule rule;

	lvs__rule_begin(&rule, nft, "claimed");
	lvs__rule_load(&rule, NFT_PAYLOAD_LL_HEADER, 12, 2, NFT_REG32_00);
	lvs__rule_compare(&rule, NFT_CMP_EQ, NFT_REG32_00, &type, sizeof(type));
	lvs__rule_verdict(&rule, NF_ACCEPT, NULL);
	lvs__rule_put(&rule, nft);
}

static void put_other_host(struct lvs__nft *nft)
{
	uint8_t host = PACKET_HOST;
	struct lvs__rule rule;

	lvs__rule_begin(&rule, nft, "claimed");
	lvs__rule_meta(&rule, NFT_META_PKTTYPE, NFT_REG32_00);
	lvs__rule_compare(&rule, NFT_CMP_NEQ, NFT_REG32_00, &host, 1);
	lvs__rule_verdict(&rule, NF_ACCEPT, NULL);
	lvs__rule_put(&rule, nft);
}

static void put_drop(struct lvs__nft *nft)
{
	struct lvs__rule rule;

	lvs__rule_begin(&rule, nft, "claimed");
	lvs__rule_verdict(&rule, NF_DROP, NULL);
	lvs__rule_put(&rule, nft);
}

static void put_all(struct lvs__nft *nft, const struct lvs__ingress_plan *plan,
		    bool with_rules)
{
	put_table(nft, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	if (!with_rules)
		return;
	put_chain(nft, "claimed", NULL);
	put_other_host(nft);
	put_other_vlan(nft, ETH_P_8021Q);
	put_other_vlan(nft, ETH_P_8021AD);
	put_drop(nft);
	for (size_t i = 0; i < KINDS; i++) {
		put_set(nft, &kinds[i]);
		put_claims(nft, &kinds[i], plan, true);
	}
	/* without a device there is nothing to hook to, and nothing comes in */
	if (plan->device_count == 0)
		return;
	put_chain(nft, "ingress", plan);
	for (size_t i = 0; i < KINDS; i++)
		put_find(nft, &kinds[i]);
}

static int explain(int error, char *message, size_t size)
{
	switch (error) {
	case 0:
		return 0;
	case -EPERM:
		return lvs__message(message, size, error,
				    "cannot make an nftables table: "
				    "CAP_NET_ADMIN is missing");
	case -EOPNOTSUPP:
	case -EAFNOSUPPORT:
	case -EPROTONOSUPPORT:
	case -ENOENT:
		return lvs__message(
			message, size, error,
			"this kernel has no nftables ingress table "
			"(CONFIG_NF_TABLES_NETDEV, CONFIG_NFT_FIB_NETDEV)");
	case -EMSGSIZE:
		return lvs__message(message, size, error,
				    "too many claims for one nftables "
				    "transaction (net.core.wmem_max)");
	default:
		return lvs__message(message, size, error,
				    "cannot change the nftables table: %s",
				    lvs_strerror(error));
	}
}

int lvs__ingress_set(struct lvs__ingress *ingress,
		     const struct lvs__ingress_plan *plan, bool anew,
		     char *message, size_t size)
{
	struct lvs__nft nft;
	int result;

	if (!ingress->with_rules && ingress->made)
		return 0;
	lvs__nft_begin(&nft, NFPROTO_NETDEV, ingress->table);
	if (anew && ingress->made)
		put_table(&nft, NFT_MSG_DELTABLE, 0);
	if (anew || !ingress->made)
		put_all(&nft, plan, ingress->with_rules);
	else
		for (size_t i = 0; i < KINDS; i++)
			put_claims(&nft, &kinds[i], plan, false);
	result = lvs__nft_commit(&nft, &ingress->netlink);
	if (result == 0)
		ingress->made = true;
	return explain(result, message, size);
}

/* The owned tables of our name. */
struct table_search {
	uint64_t taken; /* by number */
	char alive[16];
	size_t living;
};

/* Notes a table of our name. */
static void note(struct table_search *search, const char *name, uint32_t flags)
{
	if (name == NULL || strncmp(name, NAME, strlen(NAME)) != 0)
		return;
	search->taken |= 1ULL << strtoul(name + strlen(NAME), NULL, 10) % NAMES;
	if ((flags & NFT_TABLE_F_OWNER) == 0)
		return;
	search->living++;
	(void)snprintf(search->alive, sizeof(search->alive), "%s", name);
}

static int read_table(const struct nlmsghdr *message, void *search)
{
	struct nftnl_table *table = nftnl_table_alloc();

	if (table == NULL)
		return -ENOMEM;
	if (nftnl_table_nlmsg_parse(message, table) == 0)
		note(search, nftnl_table_get_str(table, NFTNL_TABLE_NAME),
		     nftnl_table_get_u32(table, NFTNL_TABLE_FLAGS));
	nftnl_table_free(table);
	return 0;
}

static int find_tables(struct lvs__netlink *netlink,
		       struct table_search *search)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST] = {0};
	struct nlmsghdr *message =
		nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETTABLE, NFPROTO_NETDEV,
				      NLM_F_DUMP, 0);

	memset(search, 0, sizeof(*search));
	return lvs__netlink_dump(netlink, message, read_table, search);
}

static int make_table(struct lvs__ingress *ingress,
		      const struct lvs__ingress_plan *plan, char *message,
		      size_t size)
{
	struct table_search search;
	int result = find_tables(&ingress->netlink, &search);

	if (result < 0 && result != -EINTR)
		return explain(result, message, size);
	for (unsigned int i = 0; i < NAMES; i++) {
		if ((search.taken >> i & 1) != 0 || i == 1)
			continue;
		(void)snprintf(ingress->table, sizeof(ingress->table),
			       i == 0 ? NAME : NAME "%u", i);
		result = lvs__ingress_set(ingress, plan, false, message, size);
		/* taken meanwhile: owned tables say EPERM */
		if (result != -EEXIST && result != -EPERM)
			return result;
	}
	return lvs__message(message, size, -EBUSY,
			    "too many tables named " NAME);
}

int lvs__ingress_open(struct lvs__ingress *ingress, bool with_rules,
		      const struct lvs__ingress_plan *plan, char *message,
		      size_t size)
{
	int result;

	*ingress = (struct lvs__ingress){.with_rules = with_rules};
	result = lvs__netlink_open(&ingress->netlink, NETLINK_NETFILTER, NULL,
				   0);
	if (result < 0)
		return explain(result, message, size);
	result = make_table(ingress, plan, message, size);
	if (result < 0)
		lvs__ingress_close(ingress);
	return result;
}

void lvs__ingress_close(struct lvs__ingress *ingress)
{
	lvs__netlink_close(&ingress->netlink);
	ingress->made = false;
}

int lvs__ingress_alive(char *table, size_t size)
{
	struct lvs__netlink netlink;
	struct table_search search;
	int result = lvs__netlink_open(&netlink, NETLINK_NETFILTER, NULL, 0);

	/* without nftables no instance can have left its sign */
	if (result == -EPROTONOSUPPORT)
		return 0;
	if (result < 0)
		return result;
	result = find_tables(&netlink, &search);
	lvs__netlink_close(&netlink);
	if (result < 0 && result != -EINTR)
		return result;
	(void)snprintf(table, size, "%s", search.alive);
	return search.alive[0] != '\0';
}

bool lvs__ingress_alone(struct lvs__ingress *ingress)
{
	struct table_search search;
	int result = find_tables(&ingress->netlink, &search);

	return result == 0 && search.living == (ingress->made ? 1 : 0);
}
