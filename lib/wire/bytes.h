/*
 * Words at any address. The compilers turn each of these into one move, so a
 * header may lie at any alignment without a cost and without undefined
 * behaviour.
 */
#ifndef LVS__WIRE_BYTES_H
#define LVS__WIRE_BYTES_H

#include "base/base.h"

#include <endian.h>
#include <string.h>

/* As it lies in memory: network order in a packet. */
LVS__INLINE uint16_t lvs__load16(const uint8_t *at)
{
	uint16_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

LVS__INLINE uint32_t lvs__load32(const uint8_t *at)
{
	uint32_t word;

	memcpy(&word, at, sizeof(word));
	return word;
}

LVS__INLINE void lvs__store16(uint8_t *at, uint16_t word)
{
	memcpy(at, &word, sizeof(word));
}

LVS__INLINE void lvs__store32(uint8_t *at, uint32_t word)
{
	memcpy(at, &word, sizeof(word));
}

/* As a number. */
LVS__INLINE uint32_t lvs__number16(const uint8_t *at)
{
	return be16toh(lvs__load16(at));
}

LVS__INLINE uint32_t lvs__number32(const uint8_t *at)
{
	return be32toh(lvs__load32(at));
}

#endif
