/*
 * Makes packets, slowly and byte by byte, as the RFCs draw them.
 */
#include "sample.h"

#include <string.h>

size_t sample_addr_size(const struct sample *s)
{
	return s->family == LVS_IPV4 ? 4 : 16;
}

uint8_t *sample_source(struct sample *s)
{
	return s->bytes + (s->family == LVS_IPV4 ? 12 : 8);
}

uint8_t *sample_destination(struct sample *s)
{
	return sample_source(s) + sample_addr_size(s);
}

uint8_t *sample_ttl(struct sample *s)
{
	return s->bytes + (s->family == LVS_IPV4 ? 8 : 7);
}

uint8_t *sample_field(struct sample *s)
{
	return s->bytes + s->l4 + (s->protocol == LVS_UDP ? 6 : 16);
}

/* Extension headers in any order, hop by hop first; returns where they end. */
static size_t add_extensions(struct sample *s, uint64_t *seed)
{
	static const uint8_t kinds[] = {60, 43, 44, 51};
	unsigned int count = below(seed, LVS__EXT_HEADERS + 1);
	uint8_t *next = s->bytes + 6;
	size_t at = 40;

	for (unsigned int i = 0; i < count; i++) {
		uint8_t *header = s->bytes + at;
		uint8_t kind = kinds[below(seed, 4)];

		if (i == 0 && below(seed, 2) == 0)
			kind = 0;
		*next = kind;
		next = header;
		header[1] = (uint8_t)below(seed, 4);
		at += header[1] * 8u + 8;
		if (kind == 43)
			header[3] = 0;
		if (kind == 51) {
			header[1] = 4;
			at = (size_t)(header - s->bytes) + 24;
		}
		if (kind == 44) {
			put16(header + 2, 0);
			at = (size_t)(header - s->bytes) + 8;
		}
	}
	*next = s->protocol;
	return at;
}

void sample_sum(struct sample *s)
{
	size_t length = s->length - s->l4;
	unsigned int sum =
		slow_pseudo(sample_source(s), sample_destination(s),
			    sample_addr_size(s), s->protocol, length);

	if (s->family == LVS_IPV4) {
		put16(s->bytes + 10, 0);
		put16(s->bytes + 10,
		      ~slow_add(0, s->bytes, (s->bytes[0] & 15) * 4u));
	}
	put16(sample_field(s), 0);
	if (s->kind == ZERO)
		return;
	if (s->kind != PARTIAL)
		sum = slow_add(sum, s->bytes + s->l4, length);
	if (s->kind == WRONG) {
		sum += s->error;
		sum = sum > 0xffff ? sum - 0xffff : sum;
	}
	if (s->kind != PARTIAL)
		sum = ~sum & 0xffff;
	if (s->protocol == LVS_UDP && sum == 0)
		sum = 0xffff;
	put16(sample_field(s), sum);
}

void sample_cancel(struct sample *s, uint8_t *port)
{
	size_t length = s->length - s->l4;
	unsigned int sum =
		slow_pseudo(sample_source(s), sample_destination(s),
			    sample_addr_size(s), s->protocol, length);

	put16(sample_field(s), 0);
	put16(port, 0);
	put16(port, ~slow_add(sum, s->bytes + s->l4, length));
}

/* None-options, one of any kind but a source route's, and what may follow. */
static void add_options(struct sample *s, uint64_t *seed)
{
	size_t at = 20 + below(seed, (unsigned int)s->l4 - 20 - 1);

	memset(s->bytes + 20, 1, at - 20);
	s->bytes[at] |= 2;
	if (s->bytes[at] == 131)
		s->bytes[at] = 7;
	s->bytes[at + 1] = (uint8_t)below(seed, 2) == 0
				   ? 0 /* wrong: it ends the walk */
				   : (uint8_t)(s->l4 - at);
}

void sample_make(struct sample *s, uint64_t *seed)
{
	size_t payload =
		below(seed, 8) == 0 ? below(seed, 1400) : below(seed, 40);

	s->family = below(seed, 2) == 0 ? LVS_IPV4 : LVS_IPV6;
	s->protocol = below(seed, 2) == 0 ? LVS_TCP : LVS_UDP;
	s->kind = below(seed, KINDS);
	if (s->kind == ZERO && s->protocol == LVS_TCP)
		s->kind = FULL;
	s->error = 1 + below(seed, 0xfffe);
	fill(seed, s->bytes, 640);
	if (s->family == LVS_IPV4) {
		s->bytes[0] = (uint8_t)(0x45 + below(seed, 11));
		put16(s->bytes + 6, 0x4000);
		s->bytes[9] = s->protocol;
		s->l4 = (s->bytes[0] & 15) * 4u;
		if (s->l4 > 20)
			add_options(s, seed);
	} else {
		s->bytes[0] = (uint8_t)(0x60 | (s->bytes[0] & 15));
		s->l4 = add_extensions(s, seed);
	}
	s->length = s->l4 + payload;
	if (s->protocol == LVS_TCP) {
		unsigned int words = 5 + below(seed, 11);

		s->length += words * 4;
		s->bytes[s->l4 + 12] = (uint8_t)(words << 4);
	} else {
		s->length += 8;
		put16(s->bytes + s->l4 + 4, 8 + (unsigned int)payload);
	}
	if (s->family == LVS_IPV4)
		put16(s->bytes + 2, (unsigned int)s->length);
	else
		put16(s->bytes + 4, (unsigned int)s->length - 40);
	if (*sample_ttl(s) < 2)
		*sample_ttl(s) = 2;
	if (below(seed, 8) == 0)
		sample_cancel(s, s->bytes + s->l4);
	sample_sum(s);
}

void sample_plain(struct sample *s, uint8_t protocol, size_t payload)
{
	memset(s, 0, sizeof(*s));
	s->family = LVS_IPV4;
	s->protocol = protocol;
	s->l4 = 20;
	s->length = 20 + (protocol == LVS_TCP ? 20u : 8u) + payload;
	s->bytes[0] = 0x45;
	put16(s->bytes + 2, (unsigned int)s->length);
	s->bytes[8] = 64;
	s->bytes[9] = protocol;
	memcpy(s->bytes + 12, "\xc0\x00\x02\x01\xc6\x33\x64\x07", 8);
	put16(s->bytes + 20, 4000);
	put16(s->bytes + 22, 53);
	if (protocol == LVS_TCP)
		s->bytes[32] = 0x50;
	else
		put16(s->bytes + 24, (unsigned int)(s->length - 20));
	sample_sum(s);
}
