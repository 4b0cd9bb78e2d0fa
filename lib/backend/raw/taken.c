/*
 * An index of endpoints, built once.
 *
 * The control side puts a new set in the old one's place by one store. A lane
 * says which set it looks at before it looks (a hazard pointer): it reads which
 * it is, notes it, and reads again; if that is still the same, the control side
 * will see the note before it frees. A set that a lane looks at waits for the
 * next change or the end. So there are never more old ones than lanes.
 */
#include "backend/raw/taken.h"

#include <errno.h>
#include <stdlib.h>

#include "backend/host/ingress.h"
#include "service/endpoint.h"

struct lvs__taken {
	struct lvs__taken *next; /* on the shelf of old ones */
	struct lvs__endpoint_index index;
};

static int add(struct lvs__taken *taken, const struct lvs_claim *claim)
{
	struct lvs__endpoint_key key;
	int result;

	lvs__endpoint_key_at(&key, &claim->addr, (uint16_t)claim->port,
			     (int)claim->protocol);
	/* any value will do: what counts is that it is there */
	result = lvs__endpoint_index_add(&taken->index, &key, taken);
	return result == -EEXIST ? 0 : result;
}

static int fill(struct lvs__taken *taken, const struct lvs_claim *claims,
		size_t count, uint32_t wanted)
{
	struct lvs__hash_key secret;
	int result = lvs__hash_key_init(&secret);

	if (result == 0)
		result = lvs__endpoint_index_init(&taken->index, wanted,
						  &secret);
	for (size_t i = 0; i < count && result == 0; i++)
		if (lvs__ingress_takes(&claims[i]))
			result = add(taken, &claims[i]);
	return result;
}

int lvs__taken_new(struct lvs__taken **taken, const struct lvs_claim *claims,
		   size_t count)
{
	struct lvs__taken *made;
	uint32_t wanted = 0;
	int result;

	for (size_t i = 0; i < count; i++)
		wanted += lvs__ingress_takes(&claims[i]);
	*taken = NULL;
	if (wanted == 0)
		return 0;
	made = calloc(1, sizeof(*made));
	if (made == NULL)
		return -ENOMEM;
	result = fill(made, claims, count, wanted);
	if (result < 0)
		lvs__taken_free(made);
	else
		*taken = made;
	return result;
}

void lvs__taken_free(struct lvs__taken *taken)
{
	if (taken == NULL)
		return;
	lvs__endpoint_index_fini(&taken->index);
	free(taken);
}

bool lvs__taken_has(const struct lvs__taken *taken,
		    const struct lvs__tuple *tuple)
{
	struct lvs__endpoint_key key;

	lvs__endpoint_key_set(&key, tuple->family, tuple->protocol,
			      tuple->source_port, tuple->source);
	return lvs__endpoint_index_find(&taken->index, &key) != NULL;
}

/* ---- the control side */

void lvs__taken_join(struct lvs__taken_shelf *shelf,
		     struct lvs__taken_view *view)
{
	view->current = &shelf->current;
	shelf->views[shelf->view_count++] = view;
}

static bool is_read(const struct lvs__taken_shelf *shelf,
		    const struct lvs__taken *taken)
{
	for (size_t i = 0; i < shelf->view_count; i++)
		if (__atomic_load_n(&shelf->views[i]->reading,
				    __ATOMIC_SEQ_CST) == taken)
			return true;
	return false;
}

static void sweep(struct lvs__taken_shelf *shelf)
{
	struct lvs__taken **at = &shelf->old;

	while (*at != NULL) {
		struct lvs__taken *taken = *at;

		if (is_read(shelf, taken)) {
			at = &taken->next;
			continue;
		}
		*at = taken->next;
		lvs__taken_free(taken);
	}
}

void lvs__taken_publish(struct lvs__taken_shelf *shelf,
			struct lvs__taken *taken)
{
	struct lvs__taken *old =
		__atomic_exchange_n(&shelf->current, taken, __ATOMIC_SEQ_CST);

	if (old != NULL) {
		old->next = shelf->old;
		shelf->old = old;
	}
	sweep(shelf);
}

void lvs__taken_close(struct lvs__taken_shelf *shelf)
{
	shelf->view_count = 0;
	lvs__taken_publish(shelf, NULL);
}

/* ---- lanes */

const struct lvs__taken *lvs__taken_enter(struct lvs__taken_view *view)
{
	const struct lvs__taken *taken, *noted;

	if (view->current == NULL)
		return NULL;
	/* again only if a claim came in between */
	taken = __atomic_load_n(view->current, __ATOMIC_SEQ_CST);
	do {
		noted = taken;
		__atomic_store_n(&view->reading, noted, __ATOMIC_SEQ_CST);
		taken = __atomic_load_n(view->current, __ATOMIC_SEQ_CST);
	} while (taken != noted);
	return taken;
}

void lvs__taken_leave(struct lvs__taken_view *view)
{
	__atomic_store_n(&view->reading, NULL, __ATOMIC_RELEASE);
}
