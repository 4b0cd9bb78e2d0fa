/*
 * The index doubles when half of it is used; a removal moves back what stands
 * behind, so nothing is left to walk over.
 */
#include "service/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 16

void lvs__endpoint_key_at(struct lvs__endpoint_key *key,
			  const struct lvs_addr *addr, uint16_t port,
			  int protocol)
{
	uint32_t words[4] = {0};

	memcpy(words, addr->bytes,
	       addr->family == LVS_IPV4 ? 4 : sizeof(addr->bytes));
	lvs__endpoint_key_set(key, addr->family, (uint32_t)protocol,
			      htons(port), words);
}

static struct lvs__endpoint_slot *new_slots(size_t count)
{
	return calloc(count, sizeof(struct lvs__endpoint_slot));
}

int lvs__endpoint_index_init(struct lvs__endpoint_index *index, uint32_t count,
			     const struct lvs__hash_key *secret)
{
	size_t size = FIRST_SLOTS;

	while (size < (size_t)count * 2)
		size *= 2;
	*index = (struct lvs__endpoint_index){
		.secret = *secret,
		.slots = new_slots(size),
		.mask = (uint32_t)(size - 1),
	};
	return index->slots == NULL ? -ENOMEM : 0;
}

void lvs__endpoint_index_fini(struct lvs__endpoint_index *index)
{
	free(index->slots);
	index->slots = NULL;
}

static int grow(struct lvs__endpoint_index *index)
{
	struct lvs__endpoint_index larger = *index;

	larger.mask = index->mask * 2 + 1;
	larger.slots = new_slots((size_t)larger.mask + 1);
	if (larger.slots == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i <= index->mask; i++) {
		const struct lvs__endpoint_slot *slot = &index->slots[i];

		if (slot->value != NULL)
			larger.slots[lvs__endpoint_index_place(&larger,
							       &slot->key)] =
				*slot;
	}
	free(index->slots);
	*index = larger;
	return 0;
}

int lvs__endpoint_index_add(struct lvs__endpoint_index *index,
			    const struct lvs__endpoint_key *key, void *value)
{
	uint32_t place = lvs__endpoint_index_place(index, key);

	if (index->slots[place].value != NULL)
		return -EEXIST;
	if ((index->count + 1) * 2 > index->mask + 1) {
		if (grow(index) != 0)
			return -ENOMEM;
		place = lvs__endpoint_index_place(index, key);
	}
	index->slots[place].key = *key;
	index->slots[place].value = value;
	index->count++;
	return 0;
}

void lvs__endpoint_index_remove(struct lvs__endpoint_index *index,
				const struct lvs__endpoint_key *key)
{
	uint32_t hole = lvs__endpoint_index_place(index, key);
	uint32_t i = hole;

	index->slots[hole].value = NULL;
	index->count--;
	while (index->slots[i = (i + 1) & index->mask].value != NULL) {
		struct lvs__endpoint_slot slot = index->slots[i];

		/* to the hole, if that is on its way; else here again */
		index->slots[i].value = NULL;
		index->slots[lvs__endpoint_index_place(index, &slot.key)] =
			slot;
	}
}
