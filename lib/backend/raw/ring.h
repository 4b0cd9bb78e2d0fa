/*
 * A receive ring: packets are read where the kernel wrote them.
 */
#ifndef LVS__BACKEND_RING_H
#define LVS__BACKEND_RING_H

#include <lvs/packet.h>

#include "backend/raw/filter.h"

struct lvs__ring {
	int fd; /* -1: closed */
	uint8_t *map;
	size_t size;
	uint8_t **frames; /* where each frame is */
	uint32_t count;
	uint32_t head; /* the next frame to look at */
	uint32_t lent; /* frames before it that the caller has */
	uint64_t oversized;
	uint64_t received;
	uint64_t *lost; /* added up by any thread */
};

/*
 * A packet socket with a ring of at least `frames` frames that takes nothing
 * yet. 0 or a negative errno, `what` says of which step.
 */
int lvs__ring_open(struct lvs__ring *ring, uint32_t frames, const char **what);
void lvs__ring_close(struct lvs__ring *ring);

/* Replaces the socket filter. Any thread. 0 or a negative errno. */
int lvs__ring_filter(const struct lvs__ring *ring,
		     const struct lvs__filter *filter);

/*
 * Gives back what was lent, lends up to `count` packets. How many; 0: none
 * waits.
 */
size_t lvs__ring_recv(struct lvs__ring *ring, struct lvs_packet *packets,
		      size_t count);

/* Frames that the kernel had no room for, since the opening. Any thread. */
uint64_t lvs__ring_lost(const struct lvs__ring *ring);

#endif
