/*
 * What packet tests share: random numbers that come again, and checksums
 * written down straight from RFC 1071, byte by byte, to judge the fast ones.
 */
#ifndef TESTS_SLOW_H
#define TESTS_SLOW_H

#include <stdint.h>
#include <stdlib.h>

static inline uint64_t number(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed * 0x2545f4914f6cdd1dull >> 16;
}

static inline unsigned int below(uint64_t *seed, unsigned int limit)
{
	return (unsigned int)(number(seed) % limit);
}

static inline void fill(uint64_t *seed, uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		bytes[i] = (uint8_t)number(seed);
}

/* Adds bytes as 16-bit numbers, the first of a pair high, to a folded sum. */
static inline unsigned int slow_add(unsigned int sum, const uint8_t *bytes,
				    size_t length)
{
	for (size_t i = 0; i < length; i++) {
		sum += i % 2 == 0 ? bytes[i] * 256u : bytes[i];
		if (sum > 0xffff)
			sum -= 0xffff;
	}
	return sum;
}

/* The plain sum of a pseudo header, addresses of `size` bytes. */
static inline unsigned int slow_pseudo(const uint8_t *source,
				       const uint8_t *destination, size_t size,
				       uint8_t protocol, size_t length)
{
	const uint8_t rest[6] = {(uint8_t)(length >> 24),
				 (uint8_t)(length >> 16),
				 (uint8_t)(length >> 8),
				 (uint8_t)length,
				 0,
				 protocol};
	unsigned int sum = slow_add(0, source, size);

	sum = slow_add(sum, destination, size);
	return slow_add(sum, rest, sizeof(rest));
}

static inline void put16(uint8_t *at, unsigned int value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static inline unsigned int get16(const uint8_t *at)
{
	return at[0] * 256u + at[1];
}

/*
 * How many rounds a random test runs: `few`, or LVS_TEST_ROUNDS of the
 * environment.
 */
static inline unsigned long rounds(unsigned long few)
{
	const char *text = getenv("LVS_TEST_ROUNDS");

	return text != NULL ? strtoul(text, NULL, 10) : few;
}

#endif
