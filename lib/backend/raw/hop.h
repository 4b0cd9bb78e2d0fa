/*
 * From a next hop's address to an interface and a link header.
 */
#ifndef LVS__BACKEND_HOP_H
#define LVS__BACKEND_HOP_H

#include "backend/host/mirror.h"
#include "backend/raw/vnet.h"

#define LVS__HOPS 4096 /* next hops that are remembered */

struct lvs__hop {
	struct lvs_addr addr;
	uint32_t generation; /* the mirror's; 0: empty */
	uint32_t ifindex;
	uint32_t mtu;
	uint64_t verify; /* when to look again */
	uint8_t link;	 /* bytes of the link header: LVS__ETHERNET or 0 */
	uint8_t macs[12];
} LVS__ALIGNED;

/* Where to send, if the neighbour were known. */
struct lvs__unresolved {
	uint32_t ifindex;
	struct lvs_addr neighbour;
};

/*
 * Fills `hop` for its `addr`. LVS_REASON_FORWARDED: done; LVS_REASON_NO_ROUTE;
 * or LVS_REASON_NO_NEIGHBOUR: `unresolved` says who.
 */
int lvs__hop_resolve(struct lvs__hop *hop, struct lvs__mirror *mirror,
		     struct lvs__unresolved *unresolved, uint64_t now);

/* The place in the cache for an address. */
LVS__INLINE struct lvs__hop *lvs__hop_place(struct lvs__hop *hops,
					    const struct lvs_addr *addr)
{
	uint64_t words[2];

	__builtin_memcpy(words, addr->bytes, sizeof(words));
	words[0] = (words[0] ^ LVS__ROTL(words[1], 32) ^ words[1] >> 15) *
		   0x9e3779b97f4a7c15ULL;
	return &hops[words[0] >> 52];
}

/* Whether a place of the cache is good for an address now. */
LVS__INLINE bool lvs__hop_fresh(const struct lvs__hop *hop,
				const struct lvs_addr *addr,
				uint32_t generation, uint64_t now)
{
	return hop->generation == generation && now < hop->verify &&
	       __builtin_memcmp(&hop->addr, addr, sizeof(*addr)) == 0;
}

#endif
