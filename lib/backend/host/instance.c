/*
 * A table with an owner goes when its owner does, so it shows an instance that
 * lives. One without is nothing of ours, but its name is taken.
 */
#include "backend/host/instance.h"

#include <errno.h>
#include <libnftnl/common.h>
#include <libnftnl/table.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void note(struct lvs__instances *all, const struct nftnl_table *table)
{
	const char *name = nftnl_table_get_str(table, NFTNL_TABLE_NAME);
	struct lvs__instance *one = &all->entries[all->count];
	size_t length = strlen(LVS__TABLE);

	if (name == NULL || strncmp(name, LVS__TABLE, length) != 0)
		return;
	all->taken |= 1ULL << strtoul(name + length, NULL, 10) % LVS__INSTANCES;
	if ((nftnl_table_get_u32(table, NFTNL_TABLE_FLAGS) &
	     NFT_TABLE_F_OWNER) == 0 ||
	    all->count == LVS__INSTANCES)
		return;
	(void)snprintf(one->table, sizeof(one->table), "%s", name);
	one->owner = nftnl_table_get_u32(table, NFTNL_TABLE_OWNER);
	all->count++;
}

static int read_table(const struct nlmsghdr *message, void *all)
{
	struct nftnl_table *table = nftnl_table_alloc();

	if (table == NULL)
		return -ENOMEM;
	if (nftnl_table_nlmsg_parse(message, table) == 0)
		note(all, table);
	nftnl_table_free(table);
	return 0;
}

int lvs__instances_read(struct lvs__instances *instances,
			struct lvs__netlink *netlink)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST] = {0};
	struct nlmsghdr *message =
		nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETTABLE, NFPROTO_NETDEV,
				      NLM_F_DUMP, 0);

	memset(instances, 0, sizeof(*instances));
	return lvs__netlink_dump(netlink, message, read_table, instances);
}
