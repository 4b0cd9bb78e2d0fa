/*
 * Classic BPF programs for packet sockets: which frames a lane takes, and
 * which lane takes a packet.
 */
#ifndef LVS__BACKEND_FILTER_H
#define LVS__BACKEND_FILTER_H

#include <linux/filter.h>
#include <lvs/addr.h>

#include "base/base.h"

struct lvs__filter {
	struct sock_filter code[BPF_MAXINSNS];
	uint16_t length;
};

/* Takes nothing: for a socket that is being set up. */
void lvs__filter_none(struct lvs__filter *filter);

/*
 * A socket filter: IPv4 and IPv6, for this host, without a VLAN tag, from one
 * of the interfaces (their numbers; sorted here).
 * 0, or -EFBIG: too many interfaces.
 */
int lvs__filter_accept(struct lvs__filter *filter, uint32_t *interfaces,
		       size_t count);

/*
 * A filter for a packet socket without link headers: ARP of others that says
 * one of the addresses (IPv4; others are passed over; NULL: any) is its
 * sender's, or asks for one as a sender without an address does. 0, -ENOMEM, or
 * -EFBIG: too many addresses.
 */
int lvs__filter_arp(struct lvs__filter *filter,
		    const struct lvs_addr *addresses, size_t count);

/*
 * A fan-out program: a hash of the client's address, which is the source of a
 * packet to one of the virtual addresses, else the destination. `seed` makes it
 * another hash. 0, -ENOMEM, or -EFBIG: too many addresses.
 */
int lvs__filter_steer(struct lvs__filter *filter,
		      const struct lvs_addr *addresses, size_t count,
		      uint32_t seed);

#endif
