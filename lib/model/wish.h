/*
 * What a dest and a service are configured to be, as values apart from them.
 *
 * All that copies, compares, merges, applies or lists settings goes through
 * here and the tables of model.h, so a new setting is a row there (and its
 * storage: an option of the service room, or one of model.h's settings), and
 * the words for it in the readers and printers of configuration.
 */
#ifndef LVS__WISH_H
#define LVS__WISH_H

#include "model/model.h"

struct lvs__dest_wish {
	uint64_t of[LVS__DEST_OPTIONS]; /* by enum lvs_dest_option */
};

struct lvs__service_wish {
	const char *sched;			/* static */
	uint64_t of[LVS__SERVICE_OPTIONS];	/* by enum lvs_service_option */
	uint64_t settings[LVS__MODEL_SETTINGS]; /* enum lvs_service_setting */
};

/*
 * Reads it, and makes it so: only what differs is set, in an order that never
 * breaks a rule between two options. give: 0, or what was refused first.
 */
void lvs__wish_of_dest(struct lvs__dest_wish *wish,
		       const struct lvs_dest *dest);
int lvs__wish_give_dest(const struct lvs__dest_wish *wish,
			struct lvs_dest *dest);

/* The same; `settings` are what the service's parent keeps beside it. */
void lvs__wish_of_service(struct lvs__service_wish *wish,
			  const struct lvs_service *service,
			  const uint64_t *settings);
int lvs__wish_give_service(const struct lvs__service_wish *wish,
			   struct lvs_service *service, uint64_t *settings);

bool lvs__wish_same_dest(const struct lvs__dest_wish *a,
			 const struct lvs__dest_wish *b);
bool lvs__wish_same_service(const struct lvs__service_wish *a,
			    const struct lvs__service_wish *b);

/*
 * What changed from `before` (NULL: all) to `after` is changed in `wish`. The
 * thresholds are a pair: one without the other could be out of order.
 */
void lvs__wish_merge_dest(struct lvs__dest_wish *wish,
			  const struct lvs__dest_wish *before,
			  const struct lvs__dest_wish *after);
void lvs__wish_merge_service(struct lvs__service_wish *wish,
			     const struct lvs__service_wish *before,
			     const struct lvs__service_wish *after);

/* The same of any numbers. */
void lvs__wish_merge(uint64_t *numbers, const uint64_t *before,
		     const uint64_t *after, size_t count);

#endif
