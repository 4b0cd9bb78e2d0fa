/*
 * The Internet checksum over bytes.
 *
 * RFC 1071 allows to add in any word size and in the machine's own byte order:
 * the end-around carry makes it come out the same once folded. So this adds 64
 * bits at a time as they lie in memory, with four carries in flight, and gives
 * back at most 33 bits, so that a caller may add several sums up and fold once.
 */
#include "wire/csum.h"

#include <endian.h>
#include <string.h>

LVS__INLINE uint64_t load64(const uint8_t *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

/* One's complement addition: the carry comes back in at the low end. */
LVS__INLINE uint64_t add(uint64_t sum, uint64_t word)
{
	sum += word;
	return sum + (sum < word);
}

LVS__INLINE uint64_t narrow(uint64_t sum)
{
	return (sum & 0xffffffff) + (sum >> 32);
}

uint64_t lvs__csum_sum(const void *data, size_t length)
{
	const uint8_t *at = data;
	uint64_t a = 0, b = 0, c = 0, d = 0;

	for (; length >= 32; at += 32, length -= 32) {
		a = add(a, load64(at));
		b = add(b, load64(at + 8));
		c = add(c, load64(at + 16));
		d = add(d, load64(at + 24));
	}
	for (; length >= 8; at += 8, length -= 8)
		a = add(a, load64(at));
	if (length > 0) {
		uint64_t last = 0;

		memcpy(&last, at, length);
		b = add(b, last);
	}
	return narrow(add(add(a, b), add(c, d)));
}

uint64_t lvs__csum_pseudo(int family, const void *source,
			  const void *destination, int protocol,
			  uint32_t length)
{
	size_t size = family == LVS_IPV4 ? 4 : 16;

	/* RFC 9293 section 3.1 and RFC 8200 section 8.1 differ in layout, but
	 * not in the words that are added */
	return lvs__csum_sum(source, size) + lvs__csum_sum(destination, size) +
	       htobe16((uint16_t)protocol) + htobe32(length);
}
