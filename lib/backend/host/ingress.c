/*
 * The table as a whole: its transactions, its name among other instances', and
 * whether one lives. set.c and chain.c say what it holds.
 *
 * "flags owner": the kernel removes the table when our socket closes, however
 * the process ends. So an owned table also tells that an instance lives.
 */
#include "backend/host/ingress.h"

#include <errno.h>
#include <libnftnl/common.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/host/nft.h"
#include "backend/host/set.h"

#define NAME "liblvs"
#define NAMES 64 /* instances in one network namespace */

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

static void put_all(struct lvs__nft *nft, const struct lvs__ingress_plan *plan,
		    bool with_rules)
{
	put_table(nft, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	if (!with_rules)
		return;
	lvs__chain_put_claimed(nft);
	for (size_t i = 0; i < LVS__SETS; i++) {
		lvs__set_put(nft, &lvs__sets[i]);
		lvs__set_fill(nft, &lvs__sets[i], plan, true);
	}
	/* without a device there is nothing to hook to, and nothing comes in */
	if (plan->devices->count > 0)
		lvs__chain_put_ingress(nft, plan);
}

static int explain(int error, char *message, size_t size)
{
	switch (error) {
	case 0:
		return 0;
	case -EPERM:
		return lvs__message(message, size, error,
				    "cannot make an nftables table: "
				    "CAP_NET_ADMIN is missing: run it as root "
				    "(sudo)");
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
		return lvs__message_error(message, size, error,
					  "cannot change the nftables table");
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
		for (size_t i = 0; i < LVS__SETS; i++)
			lvs__set_fill(&nft, &lvs__sets[i], plan, false);
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
