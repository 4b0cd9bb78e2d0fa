/*
 * Packets that a test makes and can make again: random ones of every kind, and
 * the checksums that they ought to have.
 */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "slow.h"
#include "wire/packet.h"

#define SPACE 4096

enum checksum_kind {
	FULL,
	PARTIAL,
	ZERO, /* UDP without a checksum */
	WRONG,
	KINDS
};

/* A packet as it was made: what the writer needs to know to make it again. */
struct sample {
	uint8_t bytes[SPACE];
	size_t length; /* of the IP packet */
	size_t l4;
	uint8_t family, protocol;
	enum checksum_kind kind;
	unsigned int error; /* WRONG: what is added to the right sum */
};

size_t sample_addr_size(const struct sample *s);
uint8_t *sample_source(struct sample *s);
uint8_t *sample_destination(struct sample *s);
uint8_t *sample_ttl(struct sample *s);
uint8_t *sample_field(struct sample *s);

/* The checksums of a packet whose other bytes are right. */
void sample_sum(struct sample *s);

/*
 * Sets the port at `port` so that the transport checksum comes out as 0, which
 * chance brings about too rarely.
 */
void sample_cancel(struct sample *s, uint8_t *port);

/* A random packet that can be balanced. */
void sample_make(struct sample *s, uint64_t *seed);

/* An IPv4 segment or datagram from 192.0.2.1 to 198.51.100.7. */
void sample_plain(struct sample *s, uint8_t protocol, size_t payload);

#endif
