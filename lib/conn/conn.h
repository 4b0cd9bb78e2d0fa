/*
 * A connection from the inside: one hot cache line, and colder lines that the
 * packet path does not touch for an IPv4 connection that stays in its state.
 */
#ifndef LVS__CONN_H
#define LVS__CONN_H

#include <lvs/conn.h>

#include "base/timer.h"
#include "wire/packet.h"

struct lvs_dest;
struct lvs__forward;

enum lvs__conn_flag {
	LVS__CONN_USED = 1,	/* the place holds a connection */
	LVS__CONN_ACTIVE = 2,	/* counted as active at its dest */
	LVS__CONN_NOOUTPUT = 4, /* replies pass by: DR until one is seen */
	LVS__CONN_TWOWAY = 8	/* the reply key is in the index too */
};

struct lvs__conn {
	/* the key, in network order; IPv6 addresses are in struct lvs__conn6 */
	uint32_t client4;
	uint32_t virtual4;
	uint32_t dest4;
	uint16_t client_port;
	uint16_t virtual_port;
	uint16_t dest_port;
	uint8_t protocol;
	uint8_t family; /* enum lvs_family */
	uint8_t state;	/* enum lvs_conn_state */
	uint8_t method; /* enum lvs_method */
	uint16_t flags; /* enum lvs__conn_flag */
	uint32_t generation;
	uint32_t packets;      /* from the client, stops at its maximum */
	uint64_t expires;      /* absolute ms */
	struct lvs_dest *dest; /* NULL in a table alone */
	const struct lvs__forward *forward; /* bound at birth */
	/* NAT: what a packet from the client adds to the checksums (csum.h);
	 * a reply adds the complement */
	uint16_t ip_delta;
	uint16_t l4_delta;
	uint32_t spare;
} LVS__ALIGNED;

/* The addresses of an IPv6 connection. */
struct lvs__conn6 {
	uint32_t client[4];
	uint32_t virtual_addr[4];
	uint32_t dest[4];
	uint32_t spare[4];
} LVS__ALIGNED;

_Static_assert(sizeof(struct lvs__conn) == 64, "one cache line");
_Static_assert(sizeof(struct lvs__conn6) == 64, "one cache line");

#endif
