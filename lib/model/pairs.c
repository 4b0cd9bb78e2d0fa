/*
 * One walk over two sides, for all that compare them: a difference in words, a
 * merge, a change of what runs. A pair without `from` is the mark of the
 * second half of the walk.
 */
#include "model/pairs.h"

#include "model/model.h"

bool lvs__pair_services(struct lvs__service_pair *pair,
			const struct lvs__services *from,
			const struct lvs__services *to)
{
	if (pair->from != NULL || pair->to == NULL) {
		pair->from = lvs__services_next(from, pair->from);
		pair->to = NULL;
		if (pair->from != NULL) {
			pair->to = lvs__model_twin(to, pair->from);
			return true;
		}
	}
	do {
		pair->to = lvs__services_next(to, pair->to);
	} while (pair->to != NULL && lvs__model_twin(from, pair->to) != NULL);
	return pair->to != NULL;
}

static struct lvs_dest *next(const struct lvs_service *service,
			     const struct lvs_dest *dest)
{
	return service == NULL ? NULL : lvs__model_next_dest(service, dest);
}

bool lvs__pair_dests(struct lvs__dest_pair *pair,
		     const struct lvs_service *from,
		     const struct lvs_service *to)
{
	if (pair->from != NULL || pair->to == NULL) {
		pair->from = next(from, pair->from);
		pair->to = NULL;
		if (pair->from != NULL) {
			pair->to = lvs__model_twin_dest(to, pair->from);
			return true;
		}
	}
	do {
		pair->to = next(to, pair->to);
	} while (pair->to != NULL &&
		 lvs__model_twin_dest(from, pair->to) != NULL);
	return pair->to != NULL;
}
