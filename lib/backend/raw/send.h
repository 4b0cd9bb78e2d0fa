/*
 * Sends IP packets to their next hops.
 */
#ifndef LVS__BACKEND_SEND_H
#define LVS__BACKEND_SEND_H

#include <linux/if_packet.h>
#include <sys/socket.h>

#include "backend/raw/hold.h"
#include "backend/raw/hop.h"

struct lvs__sender {
	int bypass; /* socket past the queues: ordinary packets */
	int queued; /* socket through the queues: GSO packets */
	struct lvs__mirror *mirror;
	struct lvs__hold *hold;
	struct lvs__hop *hops; /* LVS__HOPS */

	bool passed; /* of the last batch some were the host's */

	/* the group that is being collected */
	bool use_queued;
	uint32_t count;
	struct lvs_packet *packets[LVS_BATCH];
	struct mmsghdr *messages; /* LVS_BATCH */
	struct iovec pieces[LVS_BATCH];
	struct sockaddr_ll names[LVS_BATCH];

	/* counters */
	uint64_t sent;
	uint64_t returned;
	uint64_t no_route;
	uint64_t no_neighbour;
	uint64_t too_big;
	uint64_t failed;
};

/* 0 or a negative errno, `what` says of which step. */
int lvs__sender_open(struct lvs__sender *sender, struct lvs__mirror *mirror,
		     struct lvs__hold *hold, const char **what);
void lvs__sender_close(struct lvs__sender *sender);

/* As lvs_lane_send(). */
int lvs__sender_send(struct lvs__sender *sender, struct lvs_packet *packets,
		     size_t count, uint64_t now);

/*
 * Gives a packet back to the host's own stack, as if it had just come in; the
 * last ones go with lvs__sender_returned().
 */
void lvs__sender_return(struct lvs__sender *sender, struct lvs_packet *packet);
void lvs__sender_returned(struct lvs__sender *sender);

/* Sends or drops what no longer has to wait. */
void lvs__sender_release(struct lvs__sender *sender, uint64_t now);

#endif
