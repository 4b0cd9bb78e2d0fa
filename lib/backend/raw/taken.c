/*
 * A hash table that is built once, at most half full, so a search ends soon.
 * The endpoints are the administrator's: a multiplication spreads them well
 * enough.
 *
 * The control side puts a new set in the old one's place by one store. A lane
 * says which set it looks at before it looks (a hazard pointer): it reads the
 * place, notes it, and reads again; if that is still the same, the control side
 * will see the note before it frees. A set that a lane looks at waits for the
 * next change or the end. So there are never more old ones than lanes.
 */
#include "backend/raw/taken.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/host/ingress.h"
#include "wire/bytes.h"

struct endpoint {
	uint8_t addr[16];
	uint16_t port;	  /* network order */
	uint8_t family;	  /* enum lvs_family; LVS_FAMILY_NONE: empty */
	uint8_t protocol; /* enum lvs_protocol */
};

struct lvs__taken {
	struct lvs__taken *next; /* on the shelf of old ones */
	size_t mask;		 /* how many slots there are, less one */
	struct endpoint slots[];
};

static size_t place_of(const struct lvs__taken *taken,
		       const struct endpoint *endpoint)
{
	uint64_t words[2], rest;

	memcpy(words, endpoint->addr, sizeof(words));
	rest = (uint64_t)endpoint->port << 16 |
	       (uint64_t)endpoint->family << 8 | endpoint->protocol;
	rest = (words[0] * 0x9e3779b97f4a7c15ULL) ^
	       (words[1] * 0xc2b2ae3d27d4eb4fULL) ^
	       (rest * 0x165667b19e3779f9ULL);
	return (size_t)((rest ^ rest >> 32) & taken->mask);
}

/* Where an endpoint is, or the empty slot that ends the search. */
static size_t find(const struct lvs__taken *taken,
		   const struct endpoint *endpoint)
{
	size_t i = place_of(taken, endpoint);

	while (taken->slots[i].family != LVS_FAMILY_NONE &&
	       memcmp(&taken->slots[i], endpoint, sizeof(*endpoint)) != 0)
		i = (i + 1) & taken->mask;
	return i;
}

static void add(struct lvs__taken *taken, const struct lvs_claim *claim)
{
	struct endpoint endpoint = {
		.port = htobe16((uint16_t)claim->port),
		.family = (uint8_t)claim->addr.family,
		.protocol = (uint8_t)claim->protocol,
	};

	memcpy(endpoint.addr, claim->addr.bytes,
	       claim->addr.family == LVS_IPV6 ? 16 : 4);
	taken->slots[find(taken, &endpoint)] = endpoint;
}

int lvs__taken_new(struct lvs__taken **taken, const struct lvs_claim *claims,
		   size_t count)
{
	struct lvs__taken *made;
	size_t wanted = 0, slots = 2;

	for (size_t i = 0; i < count; i++)
		wanted += lvs__ingress_takes(&claims[i]);
	*taken = NULL;
	if (wanted == 0)
		return 0;
	while (slots <= 2 * wanted)
		slots *= 2;
	made = calloc(1, sizeof(*made) + slots * sizeof(made->slots[0]));
	if (made == NULL)
		return -ENOMEM;
	made->mask = slots - 1;
	for (size_t i = 0; i < count; i++)
		if (lvs__ingress_takes(&claims[i]))
			add(made, &claims[i]);
	*taken = made;
	return 0;
}

void lvs__taken_free(struct lvs__taken *taken)
{
	free(taken);
}

bool lvs__taken_has(const struct lvs__taken *taken,
		    const struct lvs__tuple *tuple)
{
	struct endpoint endpoint = {
		.port = tuple->source_port,
		.family = tuple->family,
		.protocol = tuple->protocol,
	};

	memcpy(endpoint.addr, tuple->source, sizeof(endpoint.addr));
	return taken->slots[find(taken, &endpoint)].family != LVS_FAMILY_NONE;
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
