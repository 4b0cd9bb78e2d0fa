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

#include "backend/host/instance.h"
#include "backend/host/nft.h"
#include "backend/host/set.h"

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

static void put_all(struct lvs__nft *nft, const struct lvs__ingress_plan *plan)
{
	put_table(nft, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
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
	case -ERESTART:
		return error; /* the caller tries again */
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

	lvs__nft_begin(&nft, NFPROTO_NETDEV, ingress->table, plan->generation);
	if (anew && ingress->made)
		put_table(&nft, NFT_MSG_DELTABLE, 0);
	if (anew || !ingress->made)
		put_all(&nft, plan);
	else
		for (size_t i = 0; i < LVS__SETS; i++)
			lvs__set_fill(&nft, &lvs__sets[i], plan, false);
	result = lvs__nft_commit(&nft, &ingress->netlink);
	if (result == 0)
		ingress->made = true;
	return explain(result, message, size);
}

static int make_table(struct lvs__ingress *ingress,
		      const struct lvs__ingress_plan *plan, char *message,
		      size_t size)
{
	struct lvs__instances others;
	int result = lvs__instances_read(&others, &ingress->netlink);

	if (result < 0 && result != -EINTR)
		return explain(result, message, size);
	for (unsigned int i = 0; i < LVS__INSTANCES; i++) {
		if ((others.taken >> i & 1) != 0 || i == 1)
			continue;
		(void)snprintf(ingress->table, sizeof(ingress->table),
			       i == 0 ? LVS__TABLE : LVS__TABLE "%u", i);
		result = lvs__ingress_set(ingress, plan, false, message, size);
		/* taken meanwhile: owned tables say EPERM */
		if (result != -EEXIST && result != -EPERM)
			return result;
	}
	return lvs__message(message, size, -EBUSY,
			    "too many tables named " LVS__TABLE);
}

int lvs__ingress_open(struct lvs__ingress *ingress,
		      const struct lvs__ingress_plan *plan, char *message,
		      size_t size)
{
	int result;

	*ingress = (struct lvs__ingress){0};
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
	struct lvs__instances all;
	int result = lvs__netlink_open(&netlink, NETLINK_NETFILTER, NULL, 0);

	/* without nftables no instance can have left its sign */
	if (result == -EPROTONOSUPPORT)
		return 0;
	if (result < 0)
		return result;
	result = lvs__instances_read(&all, &netlink);
	lvs__netlink_close(&netlink);
	if (result < 0 && result != -EINTR)
		return result;
	(void)snprintf(table, size, "%s",
		       all.count > 0 ? all.entries[0].table : "");
	return all.count > 0;
}

bool lvs__ingress_alone(struct lvs__ingress *ingress)
{
	struct lvs__instances others;
	int result = lvs__instances_read(&others, &ingress->netlink);

	return result == 0 && others.count == (ingress->made ? 1 : 0);
}
