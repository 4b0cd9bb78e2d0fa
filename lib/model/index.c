/*
 * The model's index: a hash table of chained links that doubles when it has
 * as many elements as buckets.
 *
 * The key of the hash is fixed: what goes in is the administrator's own text,
 * and the elements are never walked in the table's order. When there is no
 * memory to grow, chains become longer and nothing else happens.
 */
#include "model/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define FIRST_SIZE 16

uint64_t lvs__model_hash(const void *key, size_t length)
{
	static const struct lvs__hash_key fixed = {0, 0};
	uint64_t words[4] = {0, 0, 0, 0};

	memcpy(words, key, length < sizeof(words) ? length : sizeof(words));
	return lvs__hash_words(&fixed, words, 4);
}

static struct lvs__model_link **bucket(const struct lvs__model_index *index,
				       uint64_t hash)
{
	return &index->buckets[hash & (index->size - 1)];
}

static int grow(struct lvs__model_index *index)
{
	struct lvs__model_index larger = {
		.size = index->size == 0 ? FIRST_SIZE : 2 * index->size,
		.count = index->count,
	};

	larger.buckets = calloc(larger.size, sizeof(struct lvs__model_link *));
	if (larger.buckets == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < index->size; i++) {
		struct lvs__model_link *link = index->buckets[i];

		while (link != NULL) {
			struct lvs__model_link *next = link->next;
			struct lvs__model_link **to;

			to = bucket(&larger, link->hash);
			link->next = *to;
			*to = link;
			link = next;
		}
	}
	free(index->buckets);
	*index = larger;
	return 0;
}

int lvs__model_index_add(struct lvs__model_index *index,
			 struct lvs__model_link *link, uint64_t hash)
{
	struct lvs__model_link **to;

	if (index->count >= index->size && grow(index) != 0 && index->size == 0)
		return -ENOMEM;
	to = bucket(index, hash);
	link->hash = hash;
	link->next = *to;
	*to = link;
	index->count++;
	return 0;
}

void lvs__model_index_remove(struct lvs__model_index *index,
			     struct lvs__model_link *link)
{
	struct lvs__model_link **at = bucket(index, link->hash);

	while (*at != link)
		at = &(*at)->next;
	*at = link->next;
	index->count--;
}

struct lvs__model_link *lvs__model_index_first(
	const struct lvs__model_index *index, uint64_t hash)
{
	return index->size == 0 ? NULL : *bucket(index, hash);
}
