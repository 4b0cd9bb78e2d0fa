/*
 * The nftables table that keeps claimed packets from the host's own stack.
 */
#ifndef LVS__BACKEND_INGRESS_H
#define LVS__BACKEND_INGRESS_H

#include <lvs/backend.h>

#include "backend/host/device.h"
#include "backend/host/netlink.h"
#include "wire/method.h"

struct lvs__ingress {
	struct lvs__netlink netlink; /* the table lives as long as this */
	char table[16];
	bool made;
};

/* What the table is to hold. */
struct lvs__ingress_plan {
	const struct lvs__devices *devices;
	const struct lvs_claim *claims;
	size_t claim_count;
	uint32_t generation; /* of the rules that it is meant for; 0: any */
};

/* Whether a claim is of a server whose packets the table takes. */
LVS__INLINE bool lvs__ingress_takes(const struct lvs_claim *claim)
{
	return claim->kind == LVS_CLAIM_SERVER &&
	       lvs__method_two_way(claim->method);
}

/*
 * Makes the table under a name that is free. 0, or what failed with
 * `message`.
 */
int lvs__ingress_open(struct lvs__ingress *ingress,
		      const struct lvs__ingress_plan *plan, char *message,
		      size_t size);
void lvs__ingress_close(struct lvs__ingress *ingress);

/*
 * Puts the claims into the sets, in one transaction; `anew`: the devices
 * changed, so the whole table is made again, in the same transaction.
 * -ERESTART: the rules are not of the plan's generation.
 */
int lvs__ingress_set(struct lvs__ingress *ingress,
		     const struct lvs__ingress_plan *plan, bool anew,
		     char *message, size_t size);

/* Whether no other instance lives here, as far as can be told. */
bool lvs__ingress_alone(struct lvs__ingress *ingress);

/* Whether an instance lives here: 1, its table in `table`; 0; or an error. */
int lvs__ingress_alive(char *table, size_t size);

#endif
