/*
 * SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
 * 2012) over 64-bit words, for tables that strangers' packets fill.
 */
#ifndef LVS__HASH_H
#define LVS__HASH_H

#include "base/base.h"

struct lvs__hash_key {
	uint64_t k0, k1;
};

/* Bytes from the kernel, at most 256. 0 or a negative errno. */
int lvs__random(void *bytes, size_t size);

/* A random key. 0 or a negative errno. */
int lvs__hash_key_init(struct lvs__hash_key *key);

#define LVS__ROTL(x, n) (((x) << (n)) | ((x) >> (64 - (n))))

struct lvs__sip {
	uint64_t v0, v1, v2, v3;
};

LVS__INLINE void lvs__sip_round(struct lvs__sip *s)
{
	s->v0 += s->v1;
	s->v1 = LVS__ROTL(s->v1, 13) ^ s->v0;
	s->v0 = LVS__ROTL(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = LVS__ROTL(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = LVS__ROTL(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = LVS__ROTL(s->v1, 17) ^ s->v2;
	s->v2 = LVS__ROTL(s->v2, 32);
}

/*
 * SipHash-1-3 of a message of `count` words and `rest` bytes more (0 to 7, the
 * low bytes of `tail`, its others 0).
 */
LVS__INLINE uint64_t lvs__hash_message(const struct lvs__hash_key *key,
				       const uint64_t *words,
				       unsigned int count, uint64_t tail,
				       unsigned int rest)
{
	struct lvs__sip s = {
		.v0 = key->k0 ^ 0x736f6d6570736575ULL,
		.v1 = key->k1 ^ 0x646f72616e646f6dULL,
		.v2 = key->k0 ^ 0x6c7967656e657261ULL,
		.v3 = key->k1 ^ 0x7465646279746573ULL,
	};

	tail |= (uint64_t)(count * 8 + rest) << 56;
#pragma GCC unroll 5
	for (unsigned int i = 0; i < count; i++) {
		s.v3 ^= words[i];
		lvs__sip_round(&s);
		s.v0 ^= words[i];
	}
	s.v3 ^= tail;
	lvs__sip_round(&s);
	s.v0 ^= tail;
	s.v2 ^= 0xff;
	lvs__sip_round(&s);
	lvs__sip_round(&s);
	lvs__sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

/* The same of whole words. */
LVS__INLINE uint64_t lvs__hash_words(const struct lvs__hash_key *key,
				     const uint64_t *words, unsigned int count)
{
	return lvs__hash_message(key, words, count, 0, 0);
}

#endif
