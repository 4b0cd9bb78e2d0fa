/*
 * Virtual endpoints that another instance on this host holds.
 */
#ifndef LVS__BACKEND_RIVAL_H
#define LVS__BACKEND_RIVAL_H

#include "backend/host/ingress.h"
#include "backend/host/instance.h"

/* Whether an endpoint is one that is asked about. */
struct lvs__rival_question {
	bool (*asks)(const struct lvs_claim *claim, const void *user);
	const void *user;
};

/* An endpoint, and the instance that holds it. */
struct lvs__rival {
	struct lvs_claim claim;
	struct lvs__instance instance;
};

/*
 * Looks for one in the tables of the others that live. 1: `rival` is filled; 0:
 * there is none as long as the rules' `generation` is this; or an error.
 */
int lvs__rival_find(struct lvs__ingress *ingress,
		    const struct lvs__rival_question *question,
		    struct lvs__rival *rival, uint32_t *generation);

/* Says it in words. */
int lvs__rival_message(const struct lvs__rival *rival, char *message,
		       size_t size);

#endif
