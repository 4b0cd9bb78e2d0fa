/*
 * What stands at an endpoint: one key, one hash, one table for all who look
 * services up (the parents of services, the packet path in a snapshot), for a
 * service that has many dests, and for what a backend takes from servers.
 *
 * Open addressing with linear probing, at least half of it free, so a walk
 * ends. The secret keeps whoever knows the addresses from choosing the walks.
 */
#ifndef LVS__ENDPOINT_H
#define LVS__ENDPOINT_H

#include <lvs/addr.h>

#include "base/hash.h"

/* Family, protocol, port and address, as a packet's destination has them. */
struct lvs__endpoint_key {
	uint64_t words[3];
};

/* `port` and `addr` in network order; IPv4 in the first word, the rest 0. */
LVS__INLINE void lvs__endpoint_key_set(struct lvs__endpoint_key *key,
				       uint32_t family, uint32_t protocol,
				       uint16_t port, const uint32_t addr[4])
{
	key->words[0] = (uint64_t)family << 32 | protocol << 16 | port;
	key->words[1] = (uint64_t)addr[0] << 32 | addr[1];
	key->words[2] = (uint64_t)addr[2] << 32 | addr[3];
}

/* From an address and a port as people write it; a dest's has protocol 0. */
void lvs__endpoint_key_at(struct lvs__endpoint_key *key,
			  const struct lvs_addr *addr, uint16_t port,
			  int protocol);

LVS__INLINE uint8_t
lvs__endpoint_key_protocol(const struct lvs__endpoint_key *key)
{
	return (uint8_t)(key->words[0] >> 16);
}

LVS__INLINE bool lvs__endpoint_key_same(const struct lvs__endpoint_key *a,
					const struct lvs__endpoint_key *b)
{
	return ((a->words[0] ^ b->words[0]) | (a->words[1] ^ b->words[1]) |
		(a->words[2] ^ b->words[2])) == 0;
}

struct lvs__endpoint_slot {
	struct lvs__endpoint_key key;
	void *value; /* NULL: free */
};

struct lvs__endpoint_index {
	struct lvs__hash_key secret;
	struct lvs__endpoint_slot *slots; /* a power of two */
	uint32_t mask;			  /* how many, less 1 */
	uint32_t count;			  /* values */
};

/* Empty, with room for `count` values at first. 0 or -ENOMEM. */
int lvs__endpoint_index_init(struct lvs__endpoint_index *index, uint32_t count,
			     const struct lvs__hash_key *secret);
void lvs__endpoint_index_fini(struct lvs__endpoint_index *index);

/* 0, -EEXIST or -ENOMEM; never -ENOMEM while there is room. */
int lvs__endpoint_index_add(struct lvs__endpoint_index *index,
			    const struct lvs__endpoint_key *key, void *value);

/* The key must be there. */
void lvs__endpoint_index_remove(struct lvs__endpoint_index *index,
				const struct lvs__endpoint_key *key);

LVS__INLINE uint32_t lvs__endpoint_key_hash(const struct lvs__endpoint_key *key,
					    const struct lvs__hash_key *secret)
{
	return (uint32_t)lvs__hash_words(secret, key->words, 3);
}

/* Where a key is, or the free slot where it would be. */
LVS__INLINE uint32_t
lvs__endpoint_index_place(const struct lvs__endpoint_index *index,
			  const struct lvs__endpoint_key *key)
{
	uint32_t i = lvs__endpoint_key_hash(key, &index->secret);

	for (i &= index->mask; index->slots[i].value != NULL;
	     i = (i + 1) & index->mask)
		if (lvs__endpoint_key_same(key, &index->slots[i].key))
			break;
	return i;
}

/* NULL: nothing. */
LVS__INLINE void *lvs__endpoint_index_find(
	const struct lvs__endpoint_index *index,
	const struct lvs__endpoint_key *key)
{
	return index->slots[lvs__endpoint_index_place(index, key)].value;
}

#endif
