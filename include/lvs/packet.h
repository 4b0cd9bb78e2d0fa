/*
 * liblvs: a packet on its way, its verdict and its reason.
 *
 * A packet is an IP packet in a buffer with headroom in front. Every packet
 * that goes into a balancer ends in exactly one verdict with exactly one
 * reason.
 */
#ifndef LVS_PACKET_H
#define LVS_PACKET_H

#include <lvs/addr.h>

#ifdef __cplusplus
extern "C" {
#endif

enum lvs_limit {
	LVS_HEADROOM = 96, /* bytes of headroom that a buffer must have */
	LVS_BATCH = 64	   /* a batch is cut into pieces of this many */
};

enum lvs_verdict {
	LVS_PASS = 1,	 /* not the balancer's: leave it to the host */
	LVS_FORWARD = 2, /* rewritten: send it to the next hop */
	LVS_DROP = 3,	 /* the balancer's, and refused: send nothing */
	LVS_HELD = 4	 /* kept inside; released or dropped later */
};

/* Why. Each reason belongs to one verdict. */
enum lvs_reason {
	LVS_REASON_FORWARDED = 0, /* forward: to a destination */
	LVS_REASON_REPLIED = 1,	  /* forward: from a destination to a client */

	LVS_REASON_NOT_OURS = 2, /* pass: no service, no connection */
	LVS_REASON_NOT_IP = 3,	 /* pass: version is neither 4 nor 6 */
	LVS_REASON_PROTOCOL = 4, /* pass: a protocol that is not balanced */
	LVS_REASON_ICMP = 5,	 /* pass: ICMP, left to the host */
	LVS_REASON_FRAGMENT = 6, /* pass: a fragment, left to the host */

	LVS_REASON_MALFORMED = 7,  /* drop: a header contradicts itself */
	LVS_REASON_TRUNCATED = 8,  /* drop: shorter than its headers say */
	LVS_REASON_TTL = 9,	   /* drop: TTL or hop limit used up */
	LVS_REASON_HEADROOM = 10,  /* drop: less headroom than LVS_HEADROOM */
	LVS_REASON_NO_CONN = 11,   /* drop: TCP without SYN, no connection */
	LVS_REASON_NO_DEST = 12,   /* drop: the service has no usable dest */
	LVS_REASON_DEST_GONE = 13, /* drop: the connection's dest was removed */
	LVS_REASON_TABLE_FULL = 14, /* drop: no room, nothing evictable */
	LVS_REASON_CONFLICT = 15, /* drop: reply key is another connection's */
	LVS_REASON_EXT_HEADERS = 16, /* drop: too many IPv6 extension headers */

	/* what a backend adds after the balancer forwarded */
	LVS_REASON_NO_ROUTE = 17,     /* drop: no route to the next hop */
	LVS_REASON_NO_NEIGHBOUR = 18, /* drop: next hop does not resolve */
	LVS_REASON_TOO_BIG = 19,      /* drop: larger than the next link */
	LVS_REASON_SEND = 20,	      /* drop: the kernel refused it */

	LVS_REASON_SOURCE = 21, /* drop: new, and no host sends from there */

	LVS_REASONS = 22 /* how many there are */
};

enum lvs_packet_flag {
	/*
	 * The transport checksum field holds only the plain sum of the pseudo
	 * header (virtio's NEEDS_CSUM): whoever sends it completes it.
	 */
	LVS_PACKET_PARTIAL = 1
};

/*
 * One packet of a batch. The caller fills the first part, the balancer the
 * second; `offset`, `length` and `flags` may change on the way. A caller that
 * has nothing to say about offloads leaves the offload fields 0.
 */
struct lvs_packet {
	uint8_t *data;	   /* the buffer, of `capacity` bytes */
	uint32_t offset;   /* where the IP header begins: the headroom */
	uint32_t length;   /* bytes of the IP packet */
	uint32_t capacity; /* bytes of the buffer */
	uint32_t flags;	   /* enum lvs_packet_flag */
	uint32_t gso_type; /* virtio_net_hdr's gso_type, 0 for none */
	uint32_t gso_size; /* bytes of payload in each segment */
	uint64_t cookie;   /* the caller's; the balancer leaves it alone */

	uint32_t verdict;	  /* enum lvs_verdict */
	uint32_t reason;	  /* enum lvs_reason */
	uint64_t conn;		  /* the connection's handle, 0 for none */
	struct lvs_addr next_hop; /* forward: whom to send it to */
};

/*
 * A reason's name, as it is shown and counted ("no_dest"), and a sentence on
 * what it means and what to do. Static, never NULL ("unknown"). Any thread.
 */
const char *lvs_reason_name(int reason);
const char *lvs_reason_text(int reason);

/*
 * The verdict that a reason belongs to, or -EINVAL. Any thread.
 */
int lvs_reason_verdict(int reason);

#ifdef __cplusplus
}
#endif
#endif
