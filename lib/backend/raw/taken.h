/*
 * Which server endpoints the ingress table takes from the host, for the lanes
 * to look up while the control side replaces them.
 */
#ifndef LVS__BACKEND_TAKEN_H
#define LVS__BACKEND_TAKEN_H

#include "backend/backend.h"
#include "wire/packet.h"

/* A set of endpoints; it never changes. */
struct lvs__taken;

/* A lane's hold on the set that it looks at. */
struct lvs__taken_view {
	struct lvs__taken *const *current; /* NULL: of no shelf */
	const struct lvs__taken *reading;
};

/* The set in use, those that some lane may still look at, and the lanes. */
struct lvs__taken_shelf {
	struct lvs__taken *current; /* NULL: nothing is taken */
	struct lvs__taken *old;
	const struct lvs__taken_view *views[LVS__MOST_LANES];
	size_t view_count;
};

/* The claims whose packets are taken; NULL: none is. 0 or -ENOMEM. */
int lvs__taken_new(struct lvs__taken **taken, const struct lvs_claim *claims,
		   size_t count);
void lvs__taken_free(struct lvs__taken *taken);

/* Whether a packet comes from one of the endpoints. */
bool lvs__taken_has(const struct lvs__taken *taken,
		    const struct lvs__tuple *tuple);

/* Control side: adds a view; puts a set (NULL: none) in the other's place. */
void lvs__taken_join(struct lvs__taken_shelf *shelf,
		     struct lvs__taken_view *view);
void lvs__taken_publish(struct lvs__taken_shelf *shelf,
			struct lvs__taken *taken);

/* Frees all. No lane may look any more. */
void lvs__taken_close(struct lvs__taken_shelf *shelf);

/*
 * A lane: the set in use, NULL for none; it stays until lvs__taken_leave().
 * Never waits for the control side.
 */
const struct lvs__taken *lvs__taken_enter(struct lvs__taken_view *view);
void lvs__taken_leave(struct lvs__taken_view *view);

#endif
