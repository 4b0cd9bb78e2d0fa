/*
 * A change on its way: what differs between what runs and what should.
 */
#ifndef LVS__APPLY_H
#define LVS__APPLY_H

#include "director/director.h"

enum lvs__step_kind {
	LVS__ADD_SERVICE = 1,
	LVS__CHANGE_SERVICE = 2,
	LVS__REMOVE_SERVICE = 3,
	LVS__ADD_DEST = 4,
	LVS__CHANGE_DEST = 5,
	LVS__REMOVE_DEST = 6
};

/*
 * One difference: what a service or a dest is to become, and, once that is
 * done, what it was.
 */
struct lvs__step {
	enum lvs__step_kind kind;
	struct lvs__live *live;
	struct lvs__live_dest *dest;
	struct lvs__service_wish service_wish; /* exchanged: once done, what
						* was */
	struct lvs__dest_wish wish;
	struct lvs__use *uses; /* new ones; once done, the old ones */
	size_t use_count;
	bool new_checks;
	bool down;		      /* what new checks say */
	bool with_service;	      /* added together with its service */
	struct lvs__live_dest before; /* what the dest was, once done */
	bool two_way;		      /* of `before`, in the dest itself */
};

struct lvs__change {
	struct lvs_director *director;
	struct lvs_model *model;       /* what should run */
	const struct lvs_model *asked; /* whose places are told */
	struct lvs__step *steps;
	size_t count;
	size_t room;
	uint32_t timeouts[LVS_STATES]; /* exchanged with the catalog's */
	bool new_timeouts;
	bool shows;   /* more than removals: to be published first */
	bool adds;    /* something is there to claim */
	bool removes; /* something is there to give back */
	char *message;
	size_t size;
};

/* ---- settings.c: 0, or -EBUSY with the message: needs a restart */
int lvs__settings_check(const struct lvs_director *director,
			const struct lvs_model *model, char *message,
			size_t size);

/* ---- difference.c */

/* Finds the differences and prepares all that they need. 0, or an error with
 * the message written; what was prepared is in the steps. */
int lvs__difference_find(struct lvs__change *change);

/*
 * ---- place.c: where a service, or a dest of it, was asked for
 * ("site.conf:7"), NULL: in no file; and begins the message of a refused claim
 * with it
 */
const char *lvs__place_of(const struct lvs__change *change,
			  const struct lvs_service *service,
			  const struct lvs_dest *dest);
void lvs__place_claim(struct lvs__change *change);

/* ---- tell.c: says what a step that was done has changed */
void lvs__step_tell(struct lvs_director *director, struct lvs__step *step);

#endif
