/*
 * The connections of all workers, a chunk at a time.
 *
 * Of each worker's part either the worker or the asker is the owner; one
 * atomic word says who (question.h has how such a thing lives and ends).
 */
#include <stdlib.h>

#include "balancer/balancer.h"
#include "director/question.h"
#include "director/worker.h"

#define CHUNK 128   /* connections that a worker answers at once */
#define PLACES 4096 /* of the table that it looks at for them */

enum turn {
	WORKERS = 0, /* the worker fills the part */
	ASKERS = 1,  /* the asker reads it */
	LAST = 2     /* the asker reads it, and nothing comes after */
};

struct part {
	struct lvs__job job;
	struct lvs_listing *listing;
	struct lvs_worker *worker;
	uint32_t turn; /* __atomic, enum turn */
	uint32_t count;
	uint32_t read; /* by the asker */
	uint64_t cursor;
	struct lvs_flow flows[CHUNK];
};

struct lvs_listing {
	struct lvs__question question;
	uint32_t count;
	struct part parts[];
};

/* ---- the worker's side */

/* One step of the walk, bounded where places are empty. 1: there is more. */
static bool fill(struct part *part, struct lvs_balancer *balancer, uint64_t now)
{
	uint64_t places = PLACES;
	int result = 1;

	for (part->count = 0; part->count < CHUNK; part->count++) {
		result = lvs__table_step(balancer->table, &part->cursor,
					 &part->flows[part->count], now,
					 &places);
		if (result != 1)
			break;
	}
	return result != 0;
}

static int list(struct lvs__job *job, struct lvs_balancer *balancer,
		uint64_t now)
{
	struct part *part = lvs__list_entry(job, struct part, job);
	struct lvs_listing *listing = part->listing;
	bool more;

	if (lvs__question_given_up(&listing->question))
		return 1;
	if (__atomic_load_n(&part->turn, __ATOMIC_ACQUIRE) != WORKERS)
		return -EAGAIN;
	part->read = 0;
	more = fill(part, balancer, now);
	if (more && part->count == 0)
		return 0;
	__atomic_store_n(&part->turn, more ? ASKERS : LAST, __ATOMIC_RELEASE);
	lvs__director_answered(part->worker->director);
	return more ? -EAGAIN : 1;
}

/* From here on the worker may be gone: this part asks it nothing more. */
static void list_done(struct lvs__job *job)
{
	struct part *part = lvs__list_entry(job, struct part, job);

	__atomic_store_n(&part->turn, LAST, __ATOMIC_RELEASE);
	if (lvs__question_let_go(&part->listing->question))
		free(part->listing);
}

/* ---- the asker's side */

LVS_EXPORT int lvs_director_list_conns(struct lvs_director *director,
				       struct lvs_listing **out)
{
	struct lvs_listing *listing;
	uint32_t count;

	if (director == NULL || out == NULL)
		return -EINVAL;
	count = director->worker_count;
	listing = calloc(1, sizeof(*listing) + count * sizeof(struct part));
	if (listing == NULL)
		return -ENOMEM;
	listing->count = count;
	listing->question.references = count + 1;
	for (uint32_t i = 0; i < count; i++) {
		struct part *part = &listing->parts[i];

		part->listing = listing;
		part->worker = director->workers[i];
		part->job.work = list;
		part->job.done = list_done;
		lvs__worker_post(part->worker, &part->job);
	}
	*out = listing;
	return 0;
}

/* 1: a flow; 0: this part is at its end; -EAGAIN. */
static int next_of(struct part *part, struct lvs_flow *flow, size_t size)
{
	uint32_t turn = __atomic_load_n(&part->turn, __ATOMIC_ACQUIRE);

	if (turn == WORKERS)
		return -EAGAIN;
	if (part->read < part->count) {
		(void)lvs__give(flow, size, &part->flows[part->read++],
				sizeof(*flow));
		return 1;
	}
	if (turn == LAST)
		return 0;
	__atomic_store_n(&part->turn, WORKERS, __ATOMIC_RELEASE);
	lvs__worker_wake(part->worker);
	return -EAGAIN;
}

LVS_EXPORT int lvs_listing_next(struct lvs_listing *listing,
				struct lvs_flow *flow, size_t size)
{
	int result = 0;

	if (listing == NULL || flow == NULL || size == 0)
		return -EINVAL;
	for (uint32_t i = 0; i < listing->count; i++) {
		int one = next_of(&listing->parts[i], flow, size);

		if (one == 1)
			return 1;
		if (one == -EAGAIN)
			result = -EAGAIN;
	}
	return result;
}

LVS_EXPORT void lvs_listing_free(struct lvs_listing *listing)
{
	if (listing == NULL)
		return;
	lvs__question_give_up(&listing->question);
	/* workers that wait for their turn let go when they are woken */
	for (uint32_t i = 0; i < listing->count; i++)
		if (__atomic_load_n(&listing->parts[i].turn,
				    __ATOMIC_ACQUIRE) != LAST)
			lvs__worker_wake(listing->parts[i].worker);
	if (lvs__question_let_go(&listing->question))
		free(listing);
}
