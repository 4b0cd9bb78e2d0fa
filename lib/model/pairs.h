/*
 * What two sides have, in pairs: two models, or what runs and what should.
 */
#ifndef LVS__PAIRS_H
#define LVS__PAIRS_H

#include "service/services.h"

/* NULL: that side has none. */
struct lvs__service_pair {
	struct lvs_service *a;
	struct lvs_service *b;
};

struct lvs__dest_pair {
	struct lvs_dest *a;
	struct lvs_dest *b;
};

/*
 * Steps on: first come all of `a` in order, each with its twin of `b`, then in
 * order what is in `b` alone. Begins with {0}. What stands in the pair, or
 * behind it, must not be taken out meanwhile; what is added to `b` for one of
 * `a` is no news. false: that was all.
 */
bool lvs__pair_services(struct lvs__service_pair *pair,
			const struct lvs__services *a,
			const struct lvs__services *b);

/* The same for the dests of two services; one that is NULL has none. */
bool lvs__pair_dests(struct lvs__dest_pair *pair, const struct lvs_service *a,
		     const struct lvs_service *b);

#endif
