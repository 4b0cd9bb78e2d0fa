/*
 * Packets that wait for their neighbour to be resolved: a few per neighbour,
 * copied into memory that was reserved before.
 */
#ifndef LVS__BACKEND_HOLD_H
#define LVS__BACKEND_HOLD_H

#include <lvs/packet.h>

#include "base/base.h"

#define LVS__HOLD_SLOTS 128   /* neighbours that are waited for */
#define LVS__HOLD_PACKETS 3   /* a neighbour */
#define LVS__HOLD_BYTES 65536 /* a neighbour */
#define LVS__HOLD_WAIT 3000   /* milliseconds */

enum lvs__hold_state {
	LVS__HOLD_FREE,
	LVS__HOLD_WAITING,
	LVS__HOLD_READY, /* resolved: to be sent */
	LVS__HOLD_FAILED /* does not resolve, or too late: to be dropped */
};

struct lvs__held {
	struct lvs_addr addr; /* the neighbour */
	uint32_t ifindex;
	uint32_t state; /* enum lvs__hold_state */
	uint32_t count;
	uint32_t used; /* bytes of the packets */
	uint64_t deadline;
	struct lvs_packet packets[LVS__HOLD_PACKETS];
};

struct lvs__hold {
	struct lvs__held *slots;
	uint8_t *memory;
	uint32_t busy;	  /* slots */
	bool settled;	  /* some slot is READY or FAILED */
	uint64_t packets; /* that wait now */
};

/* Reserves the memory. 0 or -ENOMEM. */
int lvs__hold_init(struct lvs__hold *hold);
void lvs__hold_fini(struct lvs__hold *hold);

/*
 * Keeps a copy. 1: the first for this neighbour, which is to be resolved; 0:
 * one more; -ENOBUFS: no room.
 */
int lvs__hold_add(struct lvs__hold *hold, uint32_t ifindex,
		  const struct lvs_addr *addr, const struct lvs_packet *packet,
		  uint64_t now);

/* The neighbour was resolved, or not. */
void lvs__hold_settle(struct lvs__hold *hold, uint32_t ifindex,
		      const struct lvs_addr *addr, bool resolved);

/* Fails those whose time is over. */
void lvs__hold_expire(struct lvs__hold *hold, uint64_t now);

/*
 * A slot that is READY or FAILED, NULL if there is none; to be released when
 * its packets are dealt with.
 */
struct lvs__held *lvs__hold_next(struct lvs__hold *hold);
void lvs__hold_release(struct lvs__hold *hold, struct lvs__held *held);

/* When the next one's time is over; UINT64_MAX: none waits. */
uint64_t lvs__hold_deadline(const struct lvs__hold *hold);

#endif
