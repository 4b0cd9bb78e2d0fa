/*
 * A balancer from the inside: what a director does with one.
 */
#ifndef LVS__BALANCER_H
#define LVS__BALANCER_H

#include <lvs/balancer.h>

#include "snapshot.h"

/*
 * A balancer that owns no services: it works on snapshots that a director
 * publishes, as worker `lane`. Errors as lvs_balancer_new().
 */
LVS_PRIVATE int lvs__balancer_new_lane(struct lvs_balancer **balancer,
				       uint32_t max_conns, uint32_t flags,
				       uint32_t lane);

/* Any thread: the snapshot to use from the next batch or dispatch on. */
LVS_PRIVATE void lvs__balancer_publish(struct lvs_balancer *balancer,
				       const struct lvs__snapshot *snapshot);

/* Any thread: the version of the snapshot in use; 0: none yet. */
LVS_PRIVATE uint64_t lvs__balancer_seen(const struct lvs_balancer *balancer);

#endif
