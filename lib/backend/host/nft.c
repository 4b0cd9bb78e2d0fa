/*
 * libnftnl writes messages without looking at the room, so there is always
 * more than any one of them takes. The kernel does the whole transaction while
 * it is sent, and its answers wait when sending returns.
 */
#include "backend/host/nft.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>

#define ROOM (128 * 1024)

/* Room for a message; NULL when out of memory. */
static char *room(struct lvs__nft *nft)
{
	char *grown;

	if (nft->failed)
		return NULL;
	if (nft->size - nft->used >= ROOM)
		return nft->bytes + nft->used;
	grown = realloc(nft->bytes, nft->used + 2 * ROOM);
	if (grown == NULL) {
		nft->failed = true;
		return NULL;
	}
	nft->bytes = grown;
	nft->size = nft->used + 2 * ROOM;
	return nft->bytes + nft->used;
}

void lvs__nft_added(struct lvs__nft *nft, const struct nlmsghdr *message)
{
	nft->used += (message->nlmsg_len + 3U) & ~3U;
}

struct nlmsghdr *lvs__nft_message(struct lvs__nft *nft, uint16_t type,
				  uint16_t flags)
{
	char *at = room(nft);

	if (at == NULL)
		return NULL;
	return nftnl_nlmsg_build_hdr(at, type, nft->family, flags,
				     ++nft->sequence);
}

void lvs__nft_begin(struct lvs__nft *nft, uint16_t family, const char *table,
		    uint32_t generation)
{
	struct nlmsghdr *message;
	char *at;

	*nft = (struct lvs__nft){.family = family, .table = table};
	at = room(nft);
	if (at == NULL)
		return;
	message = nftnl_batch_begin(at, ++nft->sequence);
	if (generation != 0)
		mnl_attr_put_u32(message, NFNL_BATCH_GENID, htonl(generation));
	lvs__nft_added(nft, message);
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

static int send_all(const struct lvs__nft *nft, struct lvs__netlink *netlink)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	int size = (int)nft->used + 65536;
	ssize_t sent;

	/* it must fit into one datagram */
	if (setsockopt(netlink->fd, SOL_SOCKET, SO_SNDBUFFORCE, &size,
		       sizeof(size)) < 0)
		(void)setsockopt(netlink->fd, SOL_SOCKET, SO_SNDBUF, &size,
				 sizeof(size));
	do
		sent = sendto(netlink->fd, nft->bytes, nft->used, 0,
			      (struct sockaddr *)&kernel, sizeof(kernel));
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

int lvs__nft_commit(struct lvs__nft *nft, struct lvs__netlink *netlink)
{
	int result = -ENOMEM;
	char *at = room(nft);

	if (at != NULL) {
		lvs__nft_added(nft, nftnl_batch_end(at, ++nft->sequence));
		result = send_all(nft, netlink);
		if (result == 0)
			result = read_answers(netlink);
	}
	free(nft->bytes);
	nft->bytes = NULL;
	return result;
}

static struct nftnl_expr *add(struct lvs__nft_rule *rule, const char *name)
{
	struct nftnl_expr *expression;

	if (rule->failed)
		return NULL;
	expression = nftnl_expr_alloc(name);
	if (expression == NULL)
		rule->failed = true;
	else
		nftnl_rule_add_expr(rule->rule, expression);
	return expression;
}

void lvs__nft_rule_begin(struct lvs__nft_rule *rule, const struct lvs__nft *nft,
			 const char *chain)
{
	*rule = (struct lvs__nft_rule){.rule = nftnl_rule_alloc()};
	if (rule->rule == NULL) {
		rule->failed = true;
		return;
	}
	nftnl_rule_set_str(rule->rule, NFTNL_RULE_TABLE, nft->table);
	nftnl_rule_set_str(rule->rule, NFTNL_RULE_CHAIN, chain);
	nftnl_rule_set_u32(rule->rule, NFTNL_RULE_FAMILY, nft->family);
}

void lvs__nft_rule_meta(struct lvs__nft_rule *rule, uint32_t key, uint32_t to)
{
	struct nftnl_expr *e = add(rule, "meta");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, key);
	nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, to);
}

void lvs__nft_rule_load(struct lvs__nft_rule *rule, uint32_t base, uint32_t at,
			uint32_t size, uint32_t to)
{
	struct nftnl_expr *e = add(rule, "payload");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, base);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, at);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, size);
	nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, to);
}

static void put_part(struct lvs__nft_rule *rule, uint32_t operation,
		     uint8_t type, uint32_t at, uint32_t size, uint32_t to)
{
	struct nftnl_expr *e = add(rule, "exthdr");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OP, operation);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_DREG, to);
	nftnl_expr_set_u8(e, NFTNL_EXPR_EXTHDR_TYPE, type);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_OFFSET, at);
	nftnl_expr_set_u32(e, NFTNL_EXPR_EXTHDR_LEN, size);
}

void lvs__nft_rule_extension(struct lvs__nft_rule *rule, uint8_t header,
			     uint32_t at, uint32_t size, uint32_t to)
{
	put_part(rule, NFT_EXTHDR_OP_IPV6, header, at, size, to);
}

void lvs__nft_rule_option(struct lvs__nft_rule *rule, uint8_t option,
			  uint32_t at, uint32_t size, uint32_t to)
{
	put_part(rule, NFT_EXTHDR_OP_IPV4, option, at, size, to);
}

void lvs__nft_rule_mask(struct lvs__nft_rule *rule, uint16_t mask, uint32_t at)
{
	struct nftnl_expr *e = add(rule, "bitwise");
	uint16_t order = htons(mask), none = 0;

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, at);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, at);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, sizeof(order));
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, &order, sizeof(order));
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, &none, sizeof(none));
}

void lvs__nft_rule_compare(struct lvs__nft_rule *rule, uint32_t operation,
			   uint32_t from, const void *data, uint32_t size)
{
	struct nftnl_expr *e = add(rule, "cmp");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, operation);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, from);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, data, size);
}

void lvs__nft_rule_lookup(struct lvs__nft_rule *rule, uint32_t from,
			  const char *set, uint32_t id)
{
	struct nftnl_expr *e = add(rule, "lookup");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SREG, from);
	nftnl_expr_set_str(e, NFTNL_EXPR_LOOKUP_SET, set);
	nftnl_expr_set_u32(e, NFTNL_EXPR_LOOKUP_SET_ID, id);
}

void lvs__nft_rule_counter(struct lvs__nft_rule *rule)
{
	(void)add(rule, "counter");
}

void lvs__nft_rule_type(struct lvs__nft_rule *rule, uint32_t to)
{
	struct nftnl_expr *e = add(rule, "fib");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_FLAGS, NFTA_FIB_F_DADDR);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_RESULT, NFT_FIB_RESULT_ADDRTYPE);
	nftnl_expr_set_u32(e, NFTNL_EXPR_FIB_DREG, to);
}

void lvs__nft_rule_verdict(struct lvs__nft_rule *rule, int verdict,
			   const char *chain)
{
	struct nftnl_expr *e = add(rule, "immediate");

	if (e == NULL)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
	if (chain != NULL)
		nftnl_expr_set_str(e, NFTNL_EXPR_IMM_CHAIN, chain);
}

void lvs__nft_rule_put(struct lvs__nft_rule *rule, struct lvs__nft *nft)
{
	struct nlmsghdr *message = NULL;

	if (!rule->failed)
		message = lvs__nft_message(nft, NFT_MSG_NEWRULE,
					   NLM_F_CREATE | NLM_F_APPEND);
	if (message != NULL) {
		nftnl_rule_nlmsg_build_payload(message, rule->rule);
		lvs__nft_added(nft, message);
	} else {
		nft->failed = true;
	}
	if (rule->rule != NULL)
		nftnl_rule_free(rule->rule);
}
