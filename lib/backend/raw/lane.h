/*
 * A lane of the raw backend: a ring to receive from, sockets to send by, and
 * its own picture of the ways out.
 */
#ifndef LVS__BACKEND_LANE_H
#define LVS__BACKEND_LANE_H

#include "backend/backend.h"
#include "backend/host/mirror.h"
#include "backend/raw/hold.h"
#include "backend/raw/ring.h"
#include "backend/raw/send.h"
#include "backend/raw/taken.h"

struct lvs__raw_lane {
	struct lvs_lane base;
	int epoll;
	uint64_t followed; /* when news were last read */
	struct lvs__ring ring;
	struct lvs__mirror mirror;
	struct lvs__hold hold;
	struct lvs__sender sender;
	struct lvs__taken_view taken;
};

/* Opens a lane that takes nothing yet. 0, or what failed with `message`. */
int lvs__lane_open(struct lvs__raw_lane **lane, uint32_t frames, char *message,
		   size_t size);
void lvs__lane_close(struct lvs__raw_lane *lane);

/* The operations of lanes. */
int lvs__lane_fd(const struct lvs_lane *lane);
uint64_t lvs__lane_deadline(const struct lvs_lane *lane);
int lvs__lane_recv(struct lvs_lane *lane, struct lvs_packet *packets,
		   size_t count, uint64_t now);
int lvs__lane_send(struct lvs_lane *lane, struct lvs_packet *packets,
		   size_t count, uint64_t now);
void lvs__lane_stats(const struct lvs_lane *lane, struct lvs_lane_stats *stats);

#endif
