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
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
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

#define NAME "liblvs"
#define NAMES 64	  /* instances in one network namespace */
#define PRIORITY (-300)	  /* before other chains */
#define ROOM (128 * 1024) /* more than any one message takes */
#define NFPROTO NFPROTO_NETDEV

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

/* A transaction that is being written. */
struct batch {
	struct lvs__ingress *ingress;
	char *bytes;
	size_t size;
	size_t used;
	uint32_t sequence;
	bool failed; /* out of memory */
};

static void reserve(struct batch *batch)
{
	char *grown;

	if (batch->size - batch->used >= ROOM)
		return;
	grown = realloc(batch->bytes, batch->used + 2 * ROOM);
	if (grown == NULL) {
		batch->failed = true;
		return;
	}
	batch->bytes = grown;
	batch->size = batch->used + 2 * ROOM;
}

/* Room for a message; NULL when out of memory. */
static char *room(struct batch *batch)
{
	if (!batch->failed)
		reserve(batch);
	return batch->failed ? NULL : batch->bytes + batch->used;
}

static void added(struct batch *batch, const struct nlmsghdr *message)
{
	batch->used += (message->nlmsg_len + 3U) & ~3U;
}

static struct nlmsghdr *begin(struct batch *batch, uint16_t type,
			      uint16_t flags)
{
	char *at = room(batch);

	if (at == NULL)
		return NULL;
	return nftnl_nlmsg_build_hdr(at, type, NFPROTO, flags,
				     ++batch->sequence);
}

static void put_table(struct batch *batch, uint16_t type, uint16_t flags)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct nlmsghdr *message = begin(batch, type, flags);

	if (table == NULL || message == NULL) {
		batch->failed = true;
	} else {
		nftnl_table_set_str(table, NFTNL_TABLE_NAME,
				    batch->ingress->table);
		if (type == NFT_MSG_NEWTABLE)
			nftnl_table_set_u32(table, NFTNL_TABLE_FLAGS,
					    NFT_TABLE_F_OWNER);
		nftnl_table_nlmsg_build_payload(message, table);
		added(batch, message);
	}
	if (table != NULL)
		nftnl_table_free(table);
}

static void put_chain(struct batch *batch, const char *name,
		      const struct lvs__ingress_plan *plan)
{
	const char *devices[LVS__BACKEND_INTERFACES + 1] = {0};
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct nlmsghdr *message = begin(batch, NFT_MSG_NEWCHAIN, NLM_F_CREATE);

	if (chain == NULL || message == NULL) {
		batch->failed = true;
	} else {
		nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE,
				    batch->ingress->table);
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
		added(batch, message);
	}
	if (chain != NULL)
		nftnl_chain_free(chain);
}

static struct nftnl_set *make_set(struct batch *batch, const struct kind *kind)
{
	struct nftnl_set *set = nftnl_set_alloc();

	if (set == NULL) {
		batch->failed = true;
		return NULL;
	}
	nftnl_set_set_str(set, NFTNL_SET_TABLE, batch->ingress->table);
	nftnl_set_set_str(set, NFTNL_SET_NAME, kind->set);
	nftnl_set_set_u32(set, NFTNL_SET_FAMILY, NFPROTO);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, kind->type);
	nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, kind->addr_size + 8);
	nftnl_set_set_u32(set, NFTNL_SET_ID, (uint32_t)(kind - kinds) + 1);
	return set;
}

static void put_set(struct batch *batch, const struct kind *kind)
{
	struct nftnl_set *set = make_set(batch, kind);
	struct nlmsghdr *message = begin(batch, NFT_MSG_NEWSET, NLM_F_CREATE);

	if (set != NULL && message != NULL) {
		nftnl_set_nlmsg_build_payload(message, set);
		added(batch, message);
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

static void put_elements(struct batch *batch, struct nftnl_set *set)
{
	struct nftnl_set_elems_iter *each = nftnl_set_elems_iter_create(set);
	struct nlmsghdr *message;
	int more = 1;

	if (each == NULL)
		batch->failed = true;
	/* a message holds what 16 bits of length allow */
	while (more > 0 && !batch->failed) {
		message = begin(batch, NFT_MSG_NEWSETELEM, NLM_F_CREATE);
		if (message == NULL)
			break;
		more = nftnl_set_elems_nlmsg_build_payload_iter(message, each);
		added(batch, message);
	}
	if (each != NULL)
		nftnl_set_elems_iter_destroy(each);
}

/* Fills a set, after emptying it unless it is new. */
static void put_claims(struct batch *batch, const struct kind *kind,
		       const struct lvs__ingress_plan *plan, bool is_new)
{
	struct nftnl_set *set = make_set(batch, kind);
	struct nlmsghdr *message;
	size_t count = 0;

	if (set == NULL)
		return;
	if (!is_new) {
		message = begin(batch, NFT_MSG_DELSETELEM, 0);
		if (message != NULL) {
			nftnl_set_elems_nlmsg_build_payload(message, set);
			added(batch, message);
		}
	}
	for (size_t i = 0; i < plan->claim_count && !batch->failed; i++) {
		if (!belongs(kind, &plan->claims[i]))
			continue;
		batch->failed = !add_element(set, kind, &plan->claims[i]);
		count++;
	}
	if (count > 0)
		put_elements(batch, set);
	nftnl_set_free(set);
}

/* A rule that is being written. */
struct writer {
	struct nftnl_rule *rule;
	bool failed;
};

static struct nftnl_expr *add(struct writer *w, const char *name)
{
	struct nftnl_expr *expression = nftnl_expr_alloc(name);

	if (expression == NULL)
		w->failed = true;
	else
		nftnl_rule_add_expr(w->rule, expression);
	return expression;
}

static void add_meta(struct writer *w, uint32_t key, uint32_t to)
{
	struct nftnl_expr *e = add(w, "meta");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, to);
}

static void add_load(struct writer *w, uint32_t base, uint32_t at,
		     uint32_t size, uint32_t to)
{
	struct nftnl_expr *e = add(w, "payload");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, at);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, size);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, to);
}

static void add_compare(struct writer *w, uint32_t operation, uint32_t from,
			const void *data, uint32_t size)
{
	struct nftnl_expr *e = add(w, "cmp");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, operation);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, from);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, size);
}

static void add_lookup(struct writer *w, uint32_t from, const struct kind *kind)
{
	struct nftnl_expr *e = add(w, "lookup");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, from);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, kind->set);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID,
			   (uint32_t)(kind - kinds) + 1);
}

static void add_verdict(struct writer *w, uint32_t verdict, const char *chain)
{
	struct nftnl_expr *e = add(w, "immediate");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, verdict);
	if (chain != NULL)
		nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chain);
}

/* fib daddr type != local */
static void add_not_local(struct writer *w)
{
	struct nftnl_expr *e = add(w, "fib");
	uint32_t local = RTN_LOCAL;

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, NFT_REG32_00);
	add_compare(w, NFT_CMP_NEQ, NFT_REG32_00, &local, sizeof(local));
}

static void begin_rule(struct writer *w, const struct batch *batch,
		       const char *chain)
{
	*w = (struct writer){.rule = nftnl_rule_alloc()};
	if (w->rule == NULL) {
		w->failed = true;
		return;
	}
	nftnl_rule_set_str(w->rule, NFTNL_RULE_TABLE, batch->ingress->table);
	nftnl_rule_set_str(w->rule, NFTNL_RULE_CHAIN, chain);
	nftnl_rule_set_u32(w->rule, NFTNL_RULE_FAMILY, NFPROTO);
}

static void put_rule(struct batch *batch, struct writer *w)
{
	struct nlmsghdr *message =
		begin(batch, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	if (w->failed || message == NULL) {
		batch->failed = true;
	} else {
		nftnl_rule_nlmsg_build_payload(message, w->rule);
		added(batch, message);
	}
	if (w->rule != NULL)
		nftnl_rule_free(w->rule);
}

/* The rule that finds what a set claims. */
static void put_find(struct batch *batch, const struct kind *kind)
{
	uint32_t words = kind->addr_size / 4;
	uint16_t ethertype = htons(kind->ethertype);
	struct writer w;

	begin_rule(&w, batch, "ingress");
	if (!w.failed) {
		add_meta(&w, NFT_META_PROTOCOL, NFT_REG32_00);
		add_compare(&w, NFT_CMP_EQ, NFT_REG32_00, &ethertype,
			    sizeof(ethertype));
		add_load(&w, NFT_PAYLOAD_NETWORK_HEADER, kind->addr_at,
			 kind->addr_size, NFT_REG32_00);
		add_meta(&w, NFT_META_L4PROTO, NFT_REG32_00 + words);
		add_load(&w, NFT_PAYLOAD_TRANSPORT_HEADER, kind->port_at, 2,
			 NFT_REG32_00 + words + 1);
		add_lookup(&w, NFT_REG32_00, kind);
		if (kind->claim == LVS_CLAIM_SERVER)
			add_not_local(&w);
		(void)add(&w, "counter");
		add_verdict(&w, (uint32_t)NFT_JUMP, "claimed");
	}
	put_rule(batch, &w);
}

static void put_other_vlan(struct batch *batch, uint16_t ethertype)
{
	uint16_t type = htons(ethertype);
	struct writer w;

	begin_rule(&w, batch, "claimed");
	if (!w.failed) {
		add_load(&w, NFT_PAYLOAD_LL_HEADER, 12, 2, NFT_REG32_00);
		add_compare(&w, NFT_CMP_EQ, NFT_REG32_00, &type, sizeof(type));
		add_verdict(&w, NF_ACCEPT, NULL);
	}
	put_rule(batch, &w);
}

static void put_other_host(struct batch *batch)
{
	uint8_t host = PACKET_HOST;
	struct writer w;

	begin_rule(&w, batch, "claimed");
	if (!w.failed) {
		add_meta(&w, NFT_META_PKTTYPE, NFT_REG32_00);
		add_compare(&w, NFT_CMP_NEQ, NFT_REG32_00, &host, 1);
		add_verdict(&w, NF_ACCEPT, NULL);
	}
	put_rule(batch, &w);
}

static void put_drop(struct batch *batch)
{
	struct writer w;

	begin_rule(&w, batch, "claimed");
	if (!w.failed)
		add_verdict(&w, NF_DROP, NULL);
	put_rule(batch, &w);
}

static void put_all(struct batch *batch, const struct lvs__ingress_plan *plan)
{
	put_table(batch, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);
	if (!batch->ingress->with_rules)
		return;
	put_chain(batch, "claimed", NULL);
	put_other_host(batch);
	put_other_vlan(batch, ETH_P_8021Q);
	put_other_vlan(batch, ETH_P_8021AD);
	put_drop(batch);
	for (size_t i = 0; i < KINDS; i++) {
		put_set(batch, &kinds[i]);
		put_claims(batch, &kinds[i], plan, true);
	}
	/* without a device there is nothing to hook to, and nothing comes in */
	if (plan->device_count == 0)
		return;
	put_chain(batch, "ingress", plan);
	for (size_t i = 0; i < KINDS; i++)
		put_find(batch, &kinds[i]);
}

static void put_border(struct batch *batch, bool end)
{
	char *at = room(batch);

	if (at == NULL)
		return;
	added(batch, end ? nftnl_batch_end(at, ++batch->sequence)
			 : nftnl_batch_begin(at, ++batch->sequence));
}

/* The kernel's answers; the first error, or 0 after all of them. */
static int read_answers(struct lvs__netlink *netlink)
{
	const struct nlmsghdr *message;
	const struct nlmsgerr *error;
	int result = 0;
	int got;

	while ((got = lvs__netlink_recv(netlink)) > 0) {
		message = (const void *)netlink->buffer;
		for (; mnl_nlmsg_ok(message, got);
		     message = mnl_nlmsg_next(message, &got)) {
			error = mnl_nlmsg_get_payload(message);
			if (message->nlmsg_type == NLMSG_ERROR &&
			    mnl_nlmsg_get_payload_len(message) >=
				    sizeof(*error) &&
			    error->error < 0 && result == 0)
				result = error->error;
		}
	}
	return got < 0 ? got : result;
}

/* The kernel does the whole transaction while it is sent. */
static int commit(struct batch *batch)
{
	struct lvs__netlink *netlink = &batch->ingress->netlink;
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int size = (int)batch->used + 65536;
	ssize_t sent;

	if (batch->failed)
		return -ENOMEM;
	if (setsockopt(netlink->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size,
		       sizeof(size)) < 0)
		(void)setsockopt(netlink->fd, SOL_SOCKET, SO_SNDBUF, &size,
				 sizeof(size));
	do
		sent = sendto(netlink->fd, batch->bytes, batch->used, 0,
			      (struct sockaddr *)&kernel, sizeof(kernel));
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : read_answers(netlink);
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
	struct batch batch = {.ingress = ingress};
	int result;

	if (!ingress->with_rules && ingress->made)
		return 0;
	put_border(&batch, false);
	if (anew && ingress->made)
		put_table(&batch, NFT_MSG_DELTABLE, 0);
	if (anew || !ingress->made)
		put_all(&batch, plan);
	else
		for (size_t i = 0; i < KINDS; i++)
			put_claims(&batch, &kinds[i], plan, false);
	put_border(&batch, true);
	result = commit(&batch);
	free(batch.bytes);
	if (result == 0)
		ingress->made = true;
	return explain(result, message, size);
}

/* The owned tables of our name. */
struct table_search {
	uint64_t taken; /* by number */
	char alive[16];
};

static int read_table(const struct nlmsghdr *message, void *user)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct table_search *search = user;
	const char *name;
	unsigned long number;

	if (table == NULL)
		return -ENOMEM;
	if (nftnl_table_nlmsg_parse(message, table) == 0) {
		name = nftnl_table_get_str(table, NFTNL_TABLE_NAME);
		if (name != NULL && strncmp(name, NAME, strlen(NAME)) == 0) {
			number = strtoul(name + strlen(NAME), NULL, 10);
			search->taken |= 1ULL << (number % NAMES);
			if ((nftnl_table_get_u32(table, NFTNL_TABLE_FLAGS) &
			     NFT_TABLE_F_OWNER) != 0)
				(void)snprintf(search->alive,
					       sizeof(search->alive), "%s",
					       name);
		}
	}
	nftnl_table_free(table);
	return 0;
}

static int find_tables(struct lvs__netlink *netlink,
		       struct table_search *search)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST] = {0};
	struct nlmsghdr *message =
		nftnl_nlmsg_build_hdr(buffer, NFT_MSG_GETTABLE, NFPROTO,
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
		if (result != -EEXIST)
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
