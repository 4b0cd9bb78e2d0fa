/*
 * What would become of a packet. Whose it would be the kernel alone knows, so
 * all workers are asked; the one that has its connection is believed, else the
 * first.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "balancer/balancer.h"
#include "director/question.h"
#include "director/worker.h"

#define EXPLAIN_TEXT 4096

struct answer {
	struct lvs__job job;
	struct lvs_explanation *explanation;
	uint32_t ready; /* __atomic: the worker has answered */
	uint32_t known; /* the packet belongs to a connection there */
	struct lvs_worker *worker;
	char text[EXPLAIN_TEXT];
};

struct lvs_explanation {
	struct lvs__question question;
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

	if (lvs__question_given_up(&explanation->question))
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
	if (!lvs__question_let_go(&explanation->question))
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
	lvs__question_give_up(&explanation->question);
	free_explanation(explanation);
}
