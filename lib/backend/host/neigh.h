/*
 * Neighbours whose link address the kernel knows.
 */
#ifndef LVS__BACKEND_NEIGH_H
#define LVS__BACKEND_NEIGH_H

#include "backend/host/netlink.h"
#include "base/hash.h"

#define LVS__NEIGHS 65536
#define LVS__NEIGH_BUCKETS (2 * LVS__NEIGHS)

struct lvs__neigh {
	struct lvs_addr addr;
	uint32_t ifindex;
	uint32_t next; /* in its bucket or the free list, index + 1 */
	bool settled;  /* needs no asking: static, or managed */
	uint8_t mac[6];
	uint64_t asked; /* when the kernel was last asked to verify it */
};

struct lvs__neighs {
	struct lvs__hash_key key;
	struct lvs__neigh *entries;
	uint32_t *buckets; /* index + 1 */
	uint32_t used;	   /* of the array */
	uint32_t free;	   /* index + 1 */
	uint64_t missed;   /* had no room */
};

/* What an rtnetlink message says about a neighbour. */
struct lvs__neigh_news {
	struct lvs_addr addr;
	uint32_t ifindex;
	uint16_t state;	  /* NUD_; NUD_NONE: the entry is gone */
	uint8_t protocol; /* who made it */
	bool usable;	  /* mac may be used */
	bool settled;	  /* the kernel itself keeps it, or nobody need */
	uint8_t mac[6];
};

/* Reserves memory for all. 0, -ENOMEM, or no random key. */
int lvs__neighs_init(struct lvs__neighs *neighs);
void lvs__neighs_fini(struct lvs__neighs *neighs);
void lvs__neighs_clear(struct lvs__neighs *neighs);

/* Reads RTM_NEWNEIGH or RTM_DELNEIGH. False: nothing for us. */
bool lvs__neigh_read(const struct nlmsghdr *message,
		     struct lvs__neigh_news *news);

/*
 * Takes news over. True: what was found before may be wrong now (an entry
 * went, or has another link address).
 */
bool lvs__neighs_update(struct lvs__neighs *neighs,
			const struct lvs__neigh_news *news);

/* The entry, NULL where none is usable. */
struct lvs__neigh *lvs__neighs_find(const struct lvs__neighs *neighs,
				    uint32_t ifindex,
				    const struct lvs_addr *addr);

/* Writes a request about a neighbour: `flags` are NTF_ flags. */
struct nlmsghdr *lvs__neigh_request(void *buffer, uint16_t type,
				    uint32_t ifindex,
				    const struct lvs_addr *addr, uint8_t flags);

#endif
