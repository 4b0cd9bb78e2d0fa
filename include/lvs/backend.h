/*
 * liblvs: backends move packets between the host's network and a balancer.
 *
 * "raw" takes them off AF_PACKET rings next to the kernel's own stack and
 * sends them back the same way; the host keeps its own life (addresses, ARP,
 * ND, ping, other ports). Alone it is a way to receive and send IP packets in
 * batches.
 *
 * The backend itself is used by one thread (the control thread); each lane
 * by one thread of its own, at the same time.
 */
#ifndef LVS_BACKEND_H
#define LVS_BACKEND_H

#include <lvs/packet.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lvs_backend;
struct lvs_lane;

enum lvs_backend_option {
	LVS_BACKEND_LANES = 1,	  /* how many, 1 to 64, default 1 */
	LVS_BACKEND_FRAMES = 2,	  /* ring frames a lane, power of two, 16..4096;
				     default 512. A frame is 65 KiB: it must
				     hold a 64 KiB GSO packet */
	LVS_BACKEND_ADDRESSES = 3 /* 1 (default): add a virtual address that
				     the host does not have */
};

/* What a claim takes from the host. */
enum lvs_claim_kind {
	LVS_CLAIM_VIRTUAL = 1, /* packets to addr:port: clients' */
	LVS_CLAIM_SERVER = 2   /* packets from addr:port that are not for the
				  host itself: replies of a NAT server (what
				  turns out to be none goes back to the host);
				  also names a next hop to keep resolved */
};

/* One endpoint that the backend is to take, flat. */
struct lvs_claim {
	uint32_t kind;	   /* enum lvs_claim_kind */
	uint32_t protocol; /* enum lvs_protocol */
	uint32_t method;   /* server: enum lvs_method; replies for NAT only */
	uint32_t port;
	struct lvs_addr addr;
};

/* What a backend tells about the host it works on. */
enum lvs_backend_event_kind {
	LVS_BACKEND_ADDRESS_ADDED = 1, /* a virtual address, to `interface` */
	LVS_BACKEND_ADDRESS_FOUND = 2, /* the host has it, on `interface` */
	LVS_BACKEND_ADDRESS_BACK = 3,  /* it had vanished and was put back */
	LVS_BACKEND_ADDRESS_GONE = 4,  /* it is not on the host. `error`: why it
					  cannot be put back, which is tried
					  again; 0: it is the host's own to
					  add */
	LVS_BACKEND_ADDRESS_DUPLICATE = 5, /* another host of the link has it
					      too; `mac`: which, 0: not known
					    */
	LVS_BACKEND_PORT_TAKEN = 6,	   /* a program listens on a virtual
					      endpoint: it gets nothing */
	LVS_BACKEND_REVERSE_PATH = 7,	   /* the host drops what is given back
					      to it, see lvs_lane_send */
	LVS_BACKEND_NETWORK_UNUSED = 8,	   /* a virtual address's network is on
					      `interface`, none of those to
					      use: clients there get nothing */
	LVS_BACKEND_SERVER_UNUSED = 9,	   /* a NAT server is reached through
					      `interface`, none of those to
					      use: its replies are not seen */
	LVS_BACKEND_SERVER_LOCAL = 10	   /* a server's address is the host's
					      own: it is not reached */
};

/* One event, flat; what does not apply is 0. */
struct lvs_backend_event {
	uint32_t kind;	/* enum lvs_backend_event_kind */
	uint32_t level; /* enum lvs_log_level: notice or warning */
	uint32_t protocol;
	uint32_t port;
	int32_t error; /* a negative errno */
	struct lvs_addr addr;
	char interface[16];
	uint8_t mac[8]; /* Ethernet's are the first 6 */
};

/* A lane's own counters. received = what recv gave out. */
struct lvs_lane_stats {
	uint64_t received;
	uint64_t sent;
	uint64_t ring_full; /* lost before the lane: the ring was full */
	uint64_t held;	    /* wait for a neighbour now */
	uint64_t no_route;
	uint64_t no_neighbour;
	uint64_t too_big;
	uint64_t send_failed;
	uint64_t oversized; /* larger than a frame, or damaged: not given */
	uint64_t returned;  /* given back to the host: see lvs_lane_send */
};

/*
 * A backend of this kind: "raw". Nothing is opened yet.
 * 0, -EINVAL, -ENOMEM, -ENOENT: no such kind is built in.
 */
int lvs_backend_new(struct lvs_backend **backend, const char *kind);

/* Undoes what was changed on the host and ends the backend and its lanes. NULL
 * is allowed. */
void lvs_backend_free(struct lvs_backend *backend);

/*
 * Before opening: sets an option; names an interface to use (none named: every
 * one but loopback).
 * 0, -EINVAL, -ERANGE, -EBUSY: open already; -ENOMEM.
 */
int lvs_backend_set(struct lvs_backend *backend, int option, uint64_t value);
int lvs_backend_add_interface(struct lvs_backend *backend, const char *name);

/*
 * Opens sockets and rings. 0, or what failed with `message` saying it:
 * -EPERM (the message names the capability), -ENODEV (the interface), -ENOMEM
 * and others. On failure the host is as before.
 */
int lvs_backend_open(struct lvs_backend *backend, char *message, size_t size);

/*
 * Says all that the backend is to take from the host; what was claimed before
 * and is not named any more is given back. All or nothing.
 * 0, -EINVAL, -ENOTCONN: not open; -EADDRINUSE: another instance that lives on
 * this host has a virtual endpoint of these; or what failed, with `message`.
 */
int lvs_backend_claim(struct lvs_backend *backend,
		      const struct lvs_claim *claims, size_t count,
		      char *message, size_t size);

/*
 * Where a virtual address is to be: on the interface, of those to use, whose
 * network holds it; else on the first that was named; else on loopback. Open or
 * not; nothing is changed. `interface` has 16 bytes or more.
 * 1: the host has the address, `interface` is where; 0: it would be added
 * there; -EINVAL, -ENODEV: an interface that was named is not there; or what
 * failed.
 */
int lvs_backend_home(const struct lvs_backend *backend,
		     const struct lvs_addr *addr, char *interface, size_t size);

/*
 * What of a claim will not work, by the routes of the host as they are: as the
 * event that the claim will tell (LVS_BACKEND_NETWORK_UNUSED,
 * LVS_BACKEND_SERVER_UNUSED or LVS_BACKEND_SERVER_LOCAL). Open or not; nothing
 * is changed. 1: `event` is filled, `size` is its size; 0: nothing is known;
 * -EINVAL, -ENODEV: an interface that was named is not there; or what failed.
 */
int lvs_backend_foresee(const struct lvs_backend *backend,
			const struct lvs_claim *claim,
			struct lvs_backend_event *event, size_t size);

/*
 * The control side in a loop: wait for the descriptor (an epoll) to be
 * readable or the deadline (absolute milliseconds, UINT64_MAX: none), then
 * dispatch: at most `budget` news of the host are read (0: 64).
 * fd: -ENOTCONN before open. dispatch: how many news it read, or an error.
 */
int lvs_backend_fd(const struct lvs_backend *backend);
uint64_t lvs_backend_deadline(const struct lvs_backend *backend);
int lvs_backend_dispatch(struct lvs_backend *backend, uint64_t now,
			 uint32_t budget);

/*
 * After a claim, a dispatch or the opening: takes out the oldest event; `size`
 * is sizeof(struct lvs_backend_event). 8192 wait at most, later ones are lost.
 * 1: `event` is filled; 0: none waits; -EINVAL.
 */
int lvs_backend_pop_event(struct lvs_backend *backend,
			  struct lvs_backend_event *event, size_t size);

/*
 * An event as one line of text ("virtual address 10.0.0.1 vanished from eth0:
 * put back"), cut at `size`. The length of the whole line, or -EINVAL.
 */
int lvs_backend_event_format(const struct lvs_backend_event *event, char *text,
			     size_t size);

/*
 * Undoes what a process that was killed left on this host (in this network
 * namespace), virtual addresses and neighbours; `tell` (may be NULL) gets a
 * line for each. How many things were undone, or an error with `message`.
 */
int lvs_backend_cleanup(const char *kind,
			void (*tell)(void *user, const char *line), void *user,
			char *message, size_t size);

/* The i-th lane, NULL before open or past the last. Borrowed. */
struct lvs_lane *lvs_backend_lane(struct lvs_backend *backend, uint32_t index);

/* A descriptor (an epoll) that is readable when the lane has work; -EINVAL:
 * NULL. */
int lvs_lane_fd(const struct lvs_lane *lane);

/* When the lane next has work without packets; UINT64_MAX for none. */
uint64_t lvs_lane_deadline(const struct lvs_lane *lane);

/*
 * Receives up to `count` packets, 0 if none waits; their buffers belong to the
 * lane and stay until the next recv. Also follows routes and neighbours and
 * releases held packets. Offload fields are filled.
 * How many, or an error.
 */
int lvs_lane_recv(struct lvs_lane *lane, struct lvs_packet *packets,
		  size_t count, uint64_t now);

/*
 * Sends the packets whose verdict is LVS_FORWARD to their next hops. One that
 * is not sent gets verdict LVS_DROP and its reason, one that waits for its
 * neighbour LVS_HELD. `data` is written to in front of the packet
 * (LVS_HEADROOM). Returns how many were sent, or -EINVAL.
 *
 * Packets with LVS_PASS need nothing, but for one kind that the host did not
 * get: from the endpoint of a claimed NAT server, for another host. It is given
 * back to the host now, which routes it or not, as it is set up.
 */
int lvs_lane_send(struct lvs_lane *lane, struct lvs_packet *packets,
		  size_t count, uint64_t now);

/* Fills the counters; `size` is sizeof(struct lvs_lane_stats). 0, -EINVAL. */
int lvs_lane_stats(const struct lvs_lane *lane, struct lvs_lane_stats *stats,
		   size_t size);

#ifdef __cplusplus
}
#endif
#endif
