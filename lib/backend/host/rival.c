/*
 * Both of two instances would take each packet of an endpoint that both hold,
 * and both would answer. What an instance holds, its sets show; a killed one's
 * are gone with its table.
 *
 * The kernel numbers its rules' generations. A transaction that names the one
 * that was looked at is refused once there is another, so of two instances that
 * want the same at the same time the later one looks again.
 */
#include "backend/host/rival.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnftnl/common.h>
#include <libnftnl/gen.h>
#include <libnftnl/set.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "backend/host/set.h"
#include "wire/names.h"

#define LOOKS 8		     /* at tables that change meanwhile */
#define MOST_PROCESS 4194304 /* the kernel numbers no process higher */

/* A look into one set. */
struct look {
	const struct lvs__rival_question *question;
	const struct lvs__set *set;
	struct lvs_claim *claim; /* what was found */
	bool found;
};

/* Element's key: address, protocol, port, each padded to four. */
static bool read_key(struct nftnl_set_elem *element, const struct lvs__set *set,
		     struct lvs_claim *claim)
{
	uint32_t length = 0;
	const uint8_t *key =
		nftnl_set_elem_get(element, NFTNL_SET_ELEM_KEY, &length);
	uint16_t port;

	if (key == NULL || length != set->addr_size + 8)
		return false;
	memset(claim, 0, sizeof(*claim));
	memcpy(&port, &key[set->addr_size + 4], sizeof(port));
	claim->kind = set->claim;
	claim->protocol = key[set->addr_size];
	claim->port = ntohs(port);
	claim->addr.family = set->family;
	memcpy(claim->addr.bytes, key, set->addr_size);
	return true;
}

static int judge(struct nftnl_set_elem *element, void *user)
{
	struct look *look = user;
	struct lvs_claim claim;

	if (!look->found && read_key(element, look->set, &claim) &&
	    look->question->asks(&claim, look->question->user)) {
		*look->claim = claim;
		look->found = true;
	}
	return 0;
}

static int read_elements(const struct nlmsghdr *message, void *look)
{
	struct nftnl_set *read = nftnl_set_alloc();

	if (read == NULL)
		return -ENOMEM;
	if (nftnl_set_elems_nlmsg_parse(message, read) == 0)
		(void)nftnl_set_elem_foreach(read, judge, look);
	nftnl_set_free(read);
	return 0;
}

static int look_into(struct lvs__netlink *netlink, const char *table,
		     struct look *look)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST] = {0};
	struct nlmsghdr *message =
		nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETSETELEM,
				      NFPROTO_NETDEV, NLM_F_DUMP, 0);
	int result;

	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_TABLE, table);
	mnl_attr_put_strz(message, NFTA_SET_ELEM_LIST_SET, look->set->name);
	result = lvs__netlink_dump(netlink, message, read_elements, look);
	/* the instance ended meanwhile, or keeps a table without sets */
	if (result == -ENOENT)
		return 0;
	return result < 0 ? result : look->found;
}

static int look_at(struct lvs__netlink *netlink,
		   const struct lvs__instance *instance,
		   const struct lvs__rival_question *question,
		   struct lvs__rival *rival)
{
	struct look look = {.question = question, .claim = &rival->claim};
	int result = 0;

	rival->instance = *instance;
	for (size_t i = 0; i < LVS__SETS && result == 0; i++) {
		look.set = &lvs__sets[i];
		if (look.set->claim == LVS_CLAIM_VIRTUAL)
			result = look_into(netlink, instance->table, &look);
	}
	return result;
}

static int read_generation(const struct nlmsghdr *message, void *generation)
{
	struct nftnl_gen *read = nftnl_gen_alloc();

	if (read == NULL)
		return -ENOMEM;
	if (nftnl_gen_nlmsg_parse(message, read) == 0)
		*(uint32_t *)generation = nftnl_gen_get_u32(read, NFTNL_GEN_ID);
	nftnl_gen_free(read);
	return 0;
}

static int ask_generation(struct lvs__netlink *netlink, uint32_t *generation)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST] = {0};
	struct nlmsghdr *message = nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETGEN,
							 NFPROTO_UNSPEC, 0, 0);

	*generation = 0;
	return lvs__netlink_dump(netlink, message, read_generation, generation);
}

static int look_once(struct lvs__ingress *ingress,
		     const struct lvs__rival_question *question,
		     struct lvs__rival *rival, uint32_t *generation)
{
	struct lvs__instances all;
	int result = ask_generation(&ingress->netlink, generation);

	if (result == 0)
		result = lvs__instances_read(&all, &ingress->netlink);
	for (size_t i = 0; result == 0 && i < all.count; i++)
		if (strcmp(all.entries[i].table, ingress->table) != 0)
			result = look_at(&ingress->netlink, &all.entries[i],
					 question, rival);
	return result;
}

int lvs__rival_find(struct lvs__ingress *ingress,
		    const struct lvs__rival_question *question,
		    struct lvs__rival *rival, uint32_t *generation)
{
	int result = -EINTR;

	for (int i = 0; i < LOOKS && result == -EINTR; i++)
		result = look_once(ingress, question, rival, generation);
	return result;
}

int lvs__rival_message(const struct lvs__rival *rival, char *message,
		       size_t size)
{
	const struct lvs_claim *claim = &rival->claim;
	char where[80];
	struct lvs__text text;

	lvs__text_init(&text, where, sizeof(where));
	lvs__text_add(&text, "%s ", lvs__protocol_name((int)claim->protocol));
	lvs__text_endpoint(&text, &claim->addr, (uint16_t)claim->port);
	if (rival->instance.owner > MOST_PROCESS)
		return lvs__message(message, size, -EADDRINUSE,
				    "%s: another balancer of this host has it "
				    "(nftables table %s)",
				    where, rival->instance.table);
	return lvs__message(message, size, -EADDRINUSE,
			    "%s: another balancer of this host has it "
			    "(nftables table %s, process %u)",
			    where, rival->instance.table,
			    rival->instance.owner);
}
