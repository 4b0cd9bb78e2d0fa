/*
 * An nftables transaction: messages that take effect together or not at all.
 */
#ifndef LVS__BACKEND_NFT_H
#define LVS__BACKEND_NFT_H

#include <libnftnl/rule.h>

#include "backend/host/netlink.h"

/* A transaction that is being written; errors are remembered until commit. */
struct lvs__nft {
	uint16_t family;
	const char *table;
	char *bytes;
	size_t size;
	size_t used;
	uint32_t sequence;
	bool failed; /* out of memory */
};

/* A rule that is being written. */
struct lvs__nft_rule {
	struct nftnl_rule *rule;
	bool failed;
};

/*
 * Begins a message, which lvs__nft_added() ends once it has its payload. NULL
 * when out of memory.
 */
struct nlmsghdr *lvs__nft_message(struct lvs__nft *nft, uint16_t type,
				  uint16_t flags);
void lvs__nft_added(struct lvs__nft *nft, const struct nlmsghdr *message);

/*
 * Begins the transaction, for rules of this generation (0: of any); ends it and
 * has the kernel do it: -ERESTART: they are of another by now.
 */
void lvs__nft_begin(struct lvs__nft *nft, uint16_t family, const char *table,
		    uint32_t generation);
int lvs__nft_commit(struct lvs__nft *nft, struct lvs__netlink *netlink);

/* Begins a rule of a chain, adds expressions, puts it into a transaction. */
void lvs__nft_rule_begin(struct lvs__nft_rule *rule, const struct lvs__nft *nft,
			 const char *chain);
void lvs__nft_rule_meta(struct lvs__nft_rule *rule, uint32_t key, uint32_t to);
void lvs__nft_rule_load(struct lvs__nft_rule *rule, uint32_t base, uint32_t at,
			uint32_t size, uint32_t to);
/* bytes of an IPv6 extension header, of an IPv4 option; where it is absent the
 * rule ends */
void lvs__nft_rule_extension(struct lvs__nft_rule *rule, uint8_t header,
			     uint32_t at, uint32_t size, uint32_t to);
void lvs__nft_rule_option(struct lvs__nft_rule *rule, uint8_t option,
			  uint32_t at, uint32_t size, uint32_t to);
/* two bytes of a register, masked */
void lvs__nft_rule_mask(struct lvs__nft_rule *rule, uint16_t mask, uint32_t at);
void lvs__nft_rule_compare(struct lvs__nft_rule *rule, uint32_t operation,
			   uint32_t from, const void *data, uint32_t size);
void lvs__nft_rule_lookup(struct lvs__nft_rule *rule, uint32_t from,
			  const char *set, uint32_t id);
void lvs__nft_rule_counter(struct lvs__nft_rule *rule);
/* "fib daddr type" into a register */
void lvs__nft_rule_type(struct lvs__nft_rule *rule, uint32_t to);
/* a verdict; `chain` for a jump, else NULL */
void lvs__nft_rule_verdict(struct lvs__nft_rule *rule, int verdict,
			   const char *chain);
void lvs__nft_rule_put(struct lvs__nft_rule *rule, struct lvs__nft *nft);

#endif
