/*
 * Whether another host of a link has a virtual IPv4 address too (RFC 5227).
 */
#ifndef LVS__BACKEND_ARP_H
#define LVS__BACKEND_ARP_H

#include "backend/host/virtual.h"

struct lvs__raw;

struct lvs__arp {
	int fd;	       /* one for all interfaces */
	size_t cursor; /* the address that is probed next */
	bool unsent;   /* some are to be probed again in another round */
	uint64_t next; /* when to go on */
};

/* 0, or what failed with `message`. */
int lvs__arp_open(struct lvs__raw *raw, char *message, size_t size);
void lvs__arp_close(struct lvs__arp *arp);

/* Other addresses are held: listens for these; probes are due. */
void lvs__arp_hold(struct lvs__raw *raw);

/* Reads what others say of them, at most `budget`; how many it read. */
uint32_t lvs__arp_listen(struct lvs__raw *raw, uint64_t now, uint32_t budget);

/* Sends the probes that are due. */
void lvs__arp_probe(struct lvs__raw *raw, uint64_t now);

#endif
