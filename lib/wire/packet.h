/*
 * Headers of an IP packet, bounds-checked, as one flat value.
 */
#ifndef LVS__WIRE_PACKET_H
#define LVS__WIRE_PACKET_H

#include <lvs/packet.h>

#include "base/base.h"

#define LVS__EXT_HEADERS 8 /* more than this many: LVS_REASON_EXT_HEADERS */

enum lvs__ip_protocol {
	LVS__ICMP = 1,
	LVS__ICMP6 = 58
};

/* Who talks to whom, as the packet says it. All in network order. */
struct lvs__tuple {
	uint32_t source[4]; /* IPv4: the first word, the rest 0 */
	uint32_t destination[4];
	uint16_t source_port;
	uint16_t destination_port;
	uint8_t family;	   /* enum lvs_family */
	uint8_t protocol;  /* enum lvs_protocol */
	uint8_t tcp_flags; /* enum lvs_tcp_flag, 0 for UDP */
	uint8_t pad;
};

/* What lvs__parse() found. Offsets count from the IP header. */
struct lvs__header {
	struct lvs__tuple tuple;
	uint32_t total; /* bytes of the packet by its own header: padding off */
	uint16_t l4;	/* where the transport header begins */
	uint16_t payload; /* where its payload begins */
};

/*
 * Parses `length` bytes at `ip`. LVS_REASON_FORWARDED (0): `header` is filled
 * and total <= length holds; otherwise the reason why it cannot be balanced
 * (NOT_IP, PROTOCOL, ICMP, FRAGMENT, MALFORMED, TRUNCATED, EXT_HEADERS);
 * total is then the packet's length where that is known, else `length`; with
 * ICMP and PROTOCOL the family, addresses, protocol and l4 are filled too.
 */
int lvs__parse(struct lvs__header *header, const uint8_t *ip, uint32_t length);

/* A tuple's ends as addresses. */
void lvs__tuple_source(const struct lvs__tuple *tuple, struct lvs_addr *addr);
void lvs__tuple_destination(const struct lvs__tuple *tuple,
			    struct lvs_addr *addr);

/*
 * Both ends are the addresses of one host each, and of two: not 0/8 or ::, no
 * loopback, multicast, class E or broadcast, no IPv4 in IPv6's disguise
 * (RFC 4291 section 2.5.5). A subnet's broadcast address cannot be told here.
 */
bool lvs__tuple_is_of_hosts(const struct lvs__tuple *tuple);

/*
 * A router may carry it on: of hosts, and not from an address that means
 * something on one link only (RFC 1812 section 5.3.7, RFC 4291 section 2.5.6).
 */
bool lvs__tuple_may_travel(const struct lvs__tuple *tuple);

#endif
