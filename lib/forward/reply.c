/*
 * Packets that the balancer makes itself: ICMP errors and TCP resets.
 *
 * They answer strangers' packets, so first comes the question whether there
 * may be an answer at all: never to an error, a reset or a fragment, never to
 * or from an address that is not one host's (RFC 1122 section 3.2.2, RFC 4443
 * section 2.4 (e)), else two machines could be made to talk for ever, or many
 * to shout at one. What passes is answered with the packet's own addresses,
 * swapped, from a header that is written in full: no byte is left over from
 * somebody's memory.
 *
 * The answer claims TTL 64, and over IPv4 "don't fragment" with ID 0, as
 * RFC 6864 has it for packets that are never fragmented.
 */
#include "forward/forward.h"
#include "wire/bytes.h"
#include "wire/csum.h"

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define ICMP_HEADER 8
#define TCP_HEADER 20
#define ICMP4_LIMIT 576	 /* of the whole answer: RFC 1812 section 4.3.2.3 */
#define ICMP6_LIMIT 1280 /* RFC 4443 section 2.4 (c) */
#define ICMP_LEAST 8	 /* bytes to quote behind the IP header: RFC 792 */
#define ANSWER_TTL 64
#define TOS_CONTROL 0xc0 /* precedence 6: RFC 1812 section 4.3.2.5 */
#define DONT_FRAGMENT 0x40

/* An ICMP error by its type and code in both families. */
struct icmp_error {
	uint8_t type4, code4, type6, code6;
};

static const struct icmp_error port_unreachable = {3, 3, 1, 4};
static const struct icmp_error ttl_exceeded = {11, 0, 3, 0};

/* A question or its answer; anything else may be an error, so counts as one. */
static bool is_icmp_query(uint32_t family, uint8_t type)
{
	if (family == LVS_IPV4)
		return type == 0 || type == 8 || (type >= 13 && type <= 18);
	return type == 128 || type == 129;
}

/* May an ICMP error answer this packet? Fills `header`. */
static bool may_answer(struct lvs__header *header, const uint8_t *packet,
		       size_t length)
{
	if (packet == NULL || length > UINT32_MAX)
		return false;
	switch (lvs__parse(header, packet, (uint32_t)length)) {
	case LVS_REASON_FORWARDED:
		if ((header->tuple.tcp_flags & LVS_TCP_RST) != 0)
			return false;
		break;
	case LVS_REASON_ICMP:
		if (header->l4 >= header->total ||
		    !is_icmp_query(header->tuple.family, packet[header->l4]))
			return false;
		break;
	case LVS_REASON_PROTOCOL:
		break;
	default:
		return false;
	}
	return lvs__tuple_is_of_hosts(&header->tuple);
}

static void write_ip4(uint8_t *out, const struct lvs__tuple *tuple,
		      uint8_t protocol, uint8_t tos, size_t length)
{
	memset(out, 0, IPV4_HEADER);
	out[0] = 0x45;
	out[1] = tos;
	lvs__store16(out + 2, htobe16((uint16_t)length));
	out[6] = DONT_FRAGMENT;
	out[8] = ANSWER_TTL;
	out[9] = protocol;
	lvs__store32(out + 12, tuple->destination[0]);
	lvs__store32(out + 16, tuple->source[0]);
	lvs__store16(out + 10, (uint16_t)~lvs__csum_fold(
				       lvs__csum_sum(out, IPV4_HEADER)));
}

static void write_ip6(uint8_t *out, const struct lvs__tuple *tuple,
		      uint8_t protocol, size_t length)
{
	memset(out, 0, IPV6_HEADER);
	out[0] = 0x60;
	lvs__store16(out + 4, htobe16((uint16_t)(length - IPV6_HEADER)));
	out[6] = protocol;
	out[7] = ANSWER_TTL;
	memcpy(out + 8, tuple->destination, 16);
	memcpy(out + 24, tuple->source, 16);
}

/* The checksum of `length` bytes at `l4`, pseudo header included. */
static uint16_t checksum(const struct lvs__tuple *tuple, int protocol,
			 const uint8_t *l4, size_t length)
{
	/* source and destination are swapped; their sum is not */
	return (uint16_t)~lvs__csum_fold(
		lvs__csum_pseudo(tuple->family, tuple->source,
				 tuple->destination, protocol,
				 (uint32_t)length) +
		lvs__csum_sum(l4, length));
}

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How much of the packet to quote behind `overhead` bytes; 0: does not fit. */
static size_t quote_size(const struct lvs__header *header, size_t overhead,
			 size_t limit, size_t capacity)
{
	size_t least = min_size(header->total, header->l4 + ICMP_LEAST);
	size_t room = min_size(limit, capacity);

	if (room < overhead || room - overhead < least)
		return 0;
	return min_size(header->total, room - overhead);
}

static size_t answer4(uint8_t *out, size_t capacity, const uint8_t *packet,
		      const struct lvs__header *header,
		      const struct icmp_error *error)
{
	uint8_t *icmp = out + IPV4_HEADER;
	size_t overhead = IPV4_HEADER + ICMP_HEADER;
	size_t quote = quote_size(header, overhead, ICMP4_LIMIT, capacity);

	if (quote == 0)
		return 0;
	write_ip4(out, &header->tuple, LVS__ICMP, TOS_CONTROL,
		  overhead + quote);
	memset(icmp, 0, ICMP_HEADER);
	icmp[0] = error->type4;
	icmp[1] = error->code4;
	memcpy(icmp + ICMP_HEADER, packet, quote);
	lvs__store16(icmp + 2,
		     (uint16_t)~lvs__csum_fold(
			     lvs__csum_sum(icmp, ICMP_HEADER + quote)));
	return overhead + quote;
}

static size_t answer6(uint8_t *out, size_t capacity, const uint8_t *packet,
		      const struct lvs__header *header,
		      const struct icmp_error *error)
{
	uint8_t *icmp = out + IPV6_HEADER;
	size_t overhead = IPV6_HEADER + ICMP_HEADER;
	size_t quote = quote_size(header, overhead, ICMP6_LIMIT, capacity);

	if (quote == 0)
		return 0;
	write_ip6(out, &header->tuple, LVS__ICMP6, overhead + quote);
	memset(icmp, 0, ICMP_HEADER);
	icmp[0] = error->type6;
	icmp[1] = error->code6;
	memcpy(icmp + ICMP_HEADER, packet, quote);
	lvs__store16(icmp + 2, checksum(&header->tuple, LVS__ICMP6, icmp,
					ICMP_HEADER + quote));
	return overhead + quote;
}

static size_t answer(uint8_t *out, size_t capacity, const uint8_t *packet,
		     size_t length, const struct icmp_error *error)
{
	struct lvs__header header;

	if (out == NULL || !may_answer(&header, packet, length))
		return 0;
	if (header.tuple.family == LVS_IPV4)
		return answer4(out, capacity, packet, &header, error);
	return answer6(out, capacity, packet, &header, error);
}

size_t lvs__icmp_unreachable(uint8_t *out, size_t capacity,
			     const uint8_t *packet, size_t length)
{
	return answer(out, capacity, packet, length, &port_unreachable);
}

size_t lvs__icmp_exceeded(uint8_t *out, size_t capacity, const uint8_t *packet,
			  size_t length)
{
	return answer(out, capacity, packet, length, &ttl_exceeded);
}

/*
 * RFC 9293 section 3.10.7.1: with ACK, a bare reset at the number that the
 * peer expects; without, one at 0 that acknowledges all of the segment.
 */
static void write_reset(uint8_t *tcp, const uint8_t *packet,
			const struct lvs__header *header)
{
	const struct lvs__tuple *tuple = &header->tuple;
	const uint8_t *segment = packet + header->l4;
	uint32_t size = header->total - header->payload;

	memset(tcp, 0, TCP_HEADER);
	lvs__store16(tcp, tuple->destination_port);
	lvs__store16(tcp + 2, tuple->source_port);
	tcp[12] = TCP_HEADER / 4 << 4;
	tcp[13] = LVS_TCP_RST;
	if ((tuple->tcp_flags & LVS_TCP_ACK) != 0) {
		lvs__store32(tcp + 4, lvs__load32(segment + 8));
	} else {
		size += (tuple->tcp_flags & LVS_TCP_SYN) != 0 ? 1 : 0;
		size += (tuple->tcp_flags & LVS_TCP_FIN) != 0 ? 1 : 0;
		lvs__store32(tcp + 8,
			     htobe32(lvs__number32(segment + 4) + size));
		tcp[13] |= LVS_TCP_ACK;
	}
	lvs__store16(tcp + 16, checksum(tuple, LVS_TCP, tcp, TCP_HEADER));
}

size_t lvs__tcp_reset(uint8_t *out, size_t capacity, const uint8_t *packet,
		      size_t length, const struct lvs__header *header)
{
	bool four;
	size_t ip;

	if (out == NULL || packet == NULL || header == NULL ||
	    length < header->total || header->tuple.protocol != LVS_TCP ||
	    (header->tuple.tcp_flags & LVS_TCP_RST) != 0 ||
	    !lvs__tuple_is_of_hosts(&header->tuple))
		return 0;
	four = header->tuple.family == LVS_IPV4;
	ip = four ? IPV4_HEADER : IPV6_HEADER;
	if (capacity < ip + TCP_HEADER)
		return 0;
	if (four)
		write_ip4(out, &header->tuple, LVS_TCP, 0, ip + TCP_HEADER);
	else
		write_ip6(out, &header->tuple, LVS_TCP, ip + TCP_HEADER);
	write_reset(out + ip, packet, header);
	return ip + TCP_HEADER;
}
