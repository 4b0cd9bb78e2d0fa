/*
 * Forwarding methods: one file each. A connection binds its method's functions
 * when it is born, so there is no switch over methods per packet.
 */
#ifndef LVS__FORWARD_H
#define LVS__FORWARD_H

#include "conn/conn.h"

/*
 * Rewrites `packet` in place and says the next hop. `header` is what
 * lvs__parse() found; `six` is NULL for IPv4. The TTL was checked (> 1) and is
 * counted down here; bytes after the IP packet (header->total) are cut off.
 * Returns LVS_REASON_FORWARDED or LVS_REASON_REPLIED, or the reason of a drop,
 * with the packet untouched. `out` is NULL unless two_way.
 */
struct lvs__forward {
	int method;   /* enum lvs_method */
	bool two_way; /* as lvs__method_two_way() */
	/* optional: once, at the connection's birth */
	void (*prepare)(struct lvs__conn *conn, const struct lvs__conn6 *six);
	int (*in)(const struct lvs__conn *conn, const struct lvs__conn6 *six,
		  struct lvs_packet *packet, const struct lvs__header *header);
	int (*out)(const struct lvs__conn *conn, const struct lvs__conn6 *six,
		   struct lvs_packet *packet, const struct lvs__header *header);
};

extern const struct lvs__forward lvs__forward_nat;
extern const struct lvs__forward lvs__forward_dr;

/* The functions of a method (enum lvs_method), NULL: not built. */
const struct lvs__forward *lvs__forward_find(int method);

/*
 * Packets that the balancer makes itself, as answers to `packet` (as it came,
 * before any rewriting). Each writes an IP packet to `out` (`capacity` bytes)
 * and returns its length, or 0: there must be no answer (to an ICMP error, a
 * reset, a fragment, something malformed, an address that is not one host's),
 * or not even the shortest one fits.
 * icmp_unreachable: port unreachable, RFC 792, RFC 4443 section 3.1;
 * icmp_exceeded: TTL exceeded. Both quote as much as RFC 1812 section 4.3.2.3
 * (576 bytes in all), RFC 4443 section 2.4 (1280) and `capacity` allow.
 * The answer comes from the address that `packet` was sent to.
 */
size_t lvs__icmp_unreachable(uint8_t *out, size_t capacity,
			     const uint8_t *packet, size_t length);
size_t lvs__icmp_exceeded(uint8_t *out, size_t capacity, const uint8_t *packet,
			  size_t length);

/* A TCP reset that answers a segment, RFC 9293 section 3.10.7.1. */
size_t lvs__tcp_reset(uint8_t *out, size_t capacity, const uint8_t *packet,
		      size_t length, const struct lvs__header *header);

#endif
