/*
 * One walk over two sides, for all that compare them: a difference in words, a
 * merge, a change of what runs. A pair without `a` is the mark of the second
 * half of the walk.
 */
#include "model/pairs.h"

#include "model/model.h"

static struct lvs_service *twin_of(const struct lvs__services *services,
				   const struct lvs_service *service)
{
	return lvs__services_find(services, &service->addr, service->port,
				  service->protocol);
}

bool lvs__pair_services(struct lvs__service_pair *pair,
			const struct lvs__services *a,
			const struct lvs__services *b)
{
	if (pair->a != NULL || pair->b == NULL) {
		pair->a = lvs__services_next(a, pair->a);
		pair->b = NULL;
		if (pair->a != NULL) {
			pair->b = twin_of(b, pair->a);
			return true;
		}
	}
	do {
		pair->b = lvs__services_next(b, pair->b);
	} while (pair->b != NULL && twin_of(a, pair->b) != NULL);
	return pair->b != NULL;
}

static struct lvs_dest *next(const struct lvs_service *service,
			     const struct lvs_dest *dest)
{
	return service == NULL ? NULL : lvs__model_next_dest(service, dest);
}

bool lvs__pair_dests(struct lvs__dest_pair *pair, const struct lvs_service *a,
		     const struct lvs_service *b)
{
	if (pair->a != NULL || pair->b == NULL) {
		pair->a = next(a, pair->a);
		pair->b = NULL;
		if (pair->a != NULL) {
			pair->b = lvs__model_twin_dest(b, pair->a);
			return true;
		}
	}
	do {
		pair->b = next(b, pair->b);
	} while (pair->b != NULL && lvs__model_twin_dest(a, pair->b) != NULL);
	return pair->b != NULL;
}
