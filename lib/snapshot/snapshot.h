/*
 * Services as the packet path sees them: immutable, found by address,
 * compiled from a catalog and published to workers by pointer.
 */
#ifndef LVS__SNAPSHOT_H
#define LVS__SNAPSHOT_H

#include <lvs/conn.h>

#include "sched/sched.h"
#include "service/endpoint.h"
#include "wire/packet.h"

struct lvs__snapshot {
	uint64_t version;		  /* 1 and up: a later one is greater */
	uint32_t timeouts[LVS_STATES];	  /* ms, by enum lvs_conn_state */
	struct lvs__endpoint_index plans; /* a struct lvs__plan a service */
	struct lvs__list node;		  /* in its catalog */
};

/* The service that a packet to this tuple's destination is for, or NULL. */
LVS__INLINE const struct lvs__plan *lvs__snapshot_find(
	const struct lvs__snapshot *snapshot, const struct lvs__tuple *tuple)
{
	struct lvs__endpoint_key key;

	lvs__endpoint_key_set(&key, tuple->family, tuple->protocol,
			      tuple->destination_port, tuple->destination);
	return lvs__endpoint_index_find(&snapshot->plans, &key);
}

/* Lets go of the plans; called once no worker uses it. */
void lvs__snapshot_free(struct lvs__snapshot *snapshot);

#endif
