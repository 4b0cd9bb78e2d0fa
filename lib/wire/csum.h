/*
 * The Internet checksum: RFC 1071 in full, RFC 1624 (equation 3) for updates.
 *
 * Sums are of 16-bit words in network order, kept unfolded in 32 or 64 bits.
 * A *delta* is ~old + new folded to 16 bits: adding it to the complement of a
 * checksum field does the update; its complement undoes it.
 */
#ifndef LVS__WIRE_CSUM_H
#define LVS__WIRE_CSUM_H

#include "base/base.h"

LVS__INLINE uint16_t lvs__csum_fold(uint64_t sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* The folded sum of two folded sums: one carry at most. */
LVS__INLINE uint16_t lvs__csum_add16(uint16_t a, uint16_t b)
{
	uint32_t sum = (uint32_t)a + b;

	return (uint16_t)(sum + (sum >> 16));
}

/* The field after a change by `delta`: HC' = ~(~HC + delta). */
LVS__INLINE uint16_t lvs__csum_update(uint16_t field, uint16_t delta)
{
	return (uint16_t)~lvs__csum_add16((uint16_t)~field, delta);
}

/* The same where the field holds a plain sum (LVS_PACKET_PARTIAL). */
LVS__INLINE uint16_t lvs__csum_update_plain(uint16_t field, uint16_t delta)
{
	return lvs__csum_add16(field, delta);
}

/* The plain, unfolded sum of bytes (the last one padded with 0). */
uint64_t lvs__csum_sum(const void *data, size_t length);

/*
 * The plain, unfolded sum of the pseudo header for a transport segment of
 * `length` bytes; addresses have 4 or 16 bytes by `family`.
 */
uint64_t lvs__csum_pseudo(int family, const void *source,
			  const void *destination, int protocol,
			  uint32_t length);

#endif
