/*
 * What two sides have, in pairs: two models, or what runs and what is wanted.
 */
#ifndef LVS__PAIRS_H
#define LVS__PAIRS_H

#include "service/services.h"

/* Without `from` it comes, without `to` it goes. */
struct lvs__service_pair {
	struct lvs_service *from;
	struct lvs_service *to;
};

struct lvs__dest_pair {
	struct lvs_dest *from;
	struct lvs_dest *to;
};

/*
 * Steps on: first all of `from` in order, each with its twin of `to`, then in
 * order what is in `to` alone. Begins with {0}. What stands in the pair, or
 * behind it, must not be taken out meanwhile; what is added to `from` for one
 * of `to` is no news. false: that was all.
 */
bool lvs__pair_services(struct lvs__service_pair *pair,
			const struct lvs__services *from,
			const struct lvs__services *to);

/* The same for the dests of two services; one that is NULL has none. */
bool lvs__pair_dests(struct lvs__dest_pair *pair,
		     const struct lvs_service *from,
		     const struct lvs_service *to);

#endif
