/*
 * What workers are asked: their connections, and what they would do with a
 * packet.
 *
 * A question is one piece of memory with a part for each worker, shared by
 * the asker and the workers, and freed by the last one that lets go. Of each
 * part either the worker or the asker is the owner; one atomic word says who.
 * So nothing waits for anybody, and an asker may go at any moment.
 */
#include "director/worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balancer/balancer.h"

#define CHUNK 128   /* connections that a worker answers at once */
#define PLACES 4096 /* of the table that it looks at for them */
#define EXPLAIN_TEXT 4096

enum turn {
	WORKERS = 0, /* the worker fills the part */
	ASKERS = 1,  /* the asker reads it */
	LAST = 2     /* the asker reads it, and nothing comes after */
};

/* What listing and explanation have in common. */
struct question {
	uint32_t references; /* __atomic */
	uint32_t given_up;   /* __atomic: the asker is gone */
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
	struct question question;
	uint32_t count;
	struct part parts[];
};

static bool let_go(struct question *question)
{
	return __atomic_sub_fetch(&question->references, 1, __ATOMIC_ACQ_REL) ==
	       0;
}

/* ---- connections: the worker's side */

/* One step of the walk, bounded where places are empty. 1: there is more. */
static bool fill(struct part *part, struct lvs_balancer *balancer, uint64_t now)
{
	const struct lvs_table *table = balancer->table;

	part->count = 0;
	for (int i = 0; i < PLACES && part->count < CHUNK; i++) {
		if (part->cursor >= table->fresh)
			return false;
		if ((table->conns[part->cursor].flags & LVS__CONN_USED) == 0 ||
		    now >= table->conns[part->cursor].expires) {
			part->cursor++;
			continue;
		}
		if (lvs_balancer_next_conn(balancer, &part->cursor,
					   &part->flows[part->count],
					   sizeof(part->flows[0]), now) != 1)
			return false;
		part->count++;
	}
	return true;
}

static int list(struct lvs__job *job, struct lvs_balancer *balancer,
		uint64_t now)
{
	struct part *part = lvs__list_entry(job, struct part, job);
	struct lvs_listing *listing = part->listing;
	bool more;

	if (__atomic_load_n(&listing->question.given_up, __ATOMIC_RELAXED) != 0)
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
	if (let_go(&part->listing->question))
		free(part->listing);
}

/* ---- connections: the asker's side */

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

	if (listing == NULL || flow == NULL)
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
	__atomic_store_n(&listing->question.given_up, 1, __ATOMIC_RELAXED);
	/* workers that wait for their turn let go when they are woken */
	for (uint32_t i = 0; i < listing->count; i++)
		if (__atomic_load_n(&listing->parts[i].turn,
				    __ATOMIC_ACQUIRE) != LAST)
			lvs__worker_wake(listing->parts[i].worker);
	if (let_go(&listing->question))
		free(listing);
}

/*
 * ---- explain: the kernel alone knows whose packet it would be, so all are
 * asked; the worker that has its connection is believed, else the first.
 */

struct answer {
	struct lvs__job job;
	struct lvs_explanation *explanation;
	uint32_t ready; /* __atomic: the worker has answered */
	uint32_t known; /* the packet belongs to a connection there */
	struct lvs_worker *worker;
	char text[EXPLAIN_TEXT];
};

struct lvs_explanation {
	struct question question;
	uint8_t *packet;
	size_t length;
	uint32_t count;
	struct answer answers[];
};

static int explain(struct lvs__job *job, struct lvs_balancer *balancer,
		   uint64_t now)
{
	struct answer *answer = lvs__list_entry(job, struct answer, job);
	const struct lvs_explanation *explanation = answer->explanation;

	if (__atomic_load_n(&explanation->question.given_up,
			    __ATOMIC_RELAXED) != 0)
		return 1;
	answer->known = lvs__balancer_knows(balancer, explanation->packet,
					    explanation->length, now);
	if (lvs_balancer_explain(balancer, answer->text, sizeof(answer->text),
				 explanation->packet, explanation->length,
				 now) < 0)
		answer->text[0] = '\0';
	__atomic_store_n(&answer->ready, 1, __ATOMIC_RELEASE);
	lvs__director_answered(answer->worker->director);
	return 1;
}

static void free_explanation(struct lvs_explanation *explanation)
{
	if (!let_go(&explanation->question))
		return;
	free(explanation->packet);
	free(explanation);
}

/* A worker that ends before it looked has an answer too. */
static void explain_done(struct lvs__job *job)
{
	struct answer *answer = lvs__list_entry(job, struct answer, job);

	if (answer->ready == 0) { /* the worker alone writes it */
		snprintf(answer->text, sizeof(answer->text),
			 "the node ended before it looked\n");
		__atomic_store_n(&answer->ready, 1, __ATOMIC_RELEASE);
	}
	free_explanation(answer->explanation);
}

LVS_EXPORT int lvs_director_explain(struct lvs_director *director,
				    struct lvs_explanation **out,
				    const uint8_t *packet, size_t length)
{
	struct lvs_explanation *explanation;
	uint32_t count;

	if (director == NULL || out == NULL || packet == NULL || length == 0 ||
	    length > UINT16_MAX)
		return -EINVAL;
	count = director->worker_count;
	explanation =
		calloc(1, sizeof(*explanation) + count * sizeof(struct answer));
	if (explanation == NULL)
		return -ENOMEM;
	explanation->packet = malloc(length);
	if (explanation->packet == NULL) {
		free(explanation);
		return -ENOMEM;
	}
	memcpy(explanation->packet, packet, length);
	explanation->length = length;
	explanation->count = count;
	explanation->question.references = count + 1;
	for (uint32_t i = 0; i < count; i++) {
		struct answer *answer = &explanation->answers[i];

		answer->explanation = explanation;
		answer->worker = director->workers[i];
		answer->job.work = explain;
		answer->job.done = explain_done;
		lvs__worker_post(answer->worker, &answer->job);
	}
	*out = explanation;
	return 0;
}

LVS_EXPORT const char *lvs_explanation_text(
	const struct lvs_explanation *explanation)
{
	const struct answer *best;

	if (explanation == NULL)
		return NULL;
	best = &explanation->answers[0];
	for (uint32_t i = 0; i < explanation->count; i++) {
		const struct answer *answer = &explanation->answers[i];

		if (__atomic_load_n(&answer->ready, __ATOMIC_ACQUIRE) == 0)
			return NULL;
		if (answer->known != 0 && best->known == 0)
			best = answer;
	}
	return best->text;
}

LVS_EXPORT void lvs_explanation_free(struct lvs_explanation *explanation)
{
	if (explanation == NULL)
		return;
	__atomic_store_n(&explanation->question.given_up, 1, __ATOMIC_RELAXED);
	free_explanation(explanation);
}
