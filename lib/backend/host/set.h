/*
 * What the ingress table holds: its sets, one for each kind of claim and
 * family, and its chains.
 */
#ifndef LVS__BACKEND_SET_H
#define LVS__BACKEND_SET_H

#include "backend/host/ingress.h"
#include "backend/host/nft.h"

#define LVS__SETS 4

/* A set, and what the rule that searches it looks at. */
struct lvs__set {
	const char *name;
	uint32_t claim; /* enum lvs_claim_kind */
	uint32_t family;
	uint16_t ethertype;
	uint32_t addr_at; /* in the IP header */
	uint32_t addr_size;
	uint32_t port_at; /* in the transport header */
	uint32_t type;	  /* as nft shows it: address . protocol . port */
};

extern const struct lvs__set lvs__sets[LVS__SETS];

/* A set's number within a transaction. */
uint32_t lvs__set_id(const struct lvs__set *set);

/* Makes a set; fills it, after emptying it unless it is new. */
void lvs__set_put(struct lvs__nft *nft, const struct lvs__set *set);
void lvs__set_fill(struct lvs__nft *nft, const struct lvs__set *set,
		   const struct lvs__ingress_plan *plan, bool is_new);

/*
 * Makes the chains and their rules: those that drop, before the sets; the one
 * that searches them, after.
 */
void lvs__chain_put_claimed(struct lvs__nft *nft);
void lvs__chain_put_ingress(struct lvs__nft *nft,
			    const struct lvs__ingress_plan *plan);

#endif
