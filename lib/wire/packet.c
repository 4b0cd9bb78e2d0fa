/*
 * Parsing: an IP packet to one flat header, in one pass, once per packet.
 *
 * Nothing here trusts a length. Every check compares against `total`, which
 * was compared against the bytes there are, so no read leaves the packet:
 *
 * - TRUNCATED: fewer bytes arrived than the fixed IP header has or than the
 *   IP length field says. A packet that was cut anywhere ends here.
 * - MALFORMED: all bytes are there, and a header contradicts another: IPv4
 *   header length below 20 or beyond the packet; an extension header, or a
 *   transport header, that does not fit into the packet; a TCP data offset
 *   below 20 or beyond the packet; a UDP length below 8 or beyond the packet;
 *   a hop-by-hop header that does not come first. IPv4 length 0 and IPv6
 *   jumbograms (RFC 2675) end here too: nothing on a link needs them.
 *   A UDP length that ends before the packet is no contradiction: RFC 9868
 *   puts options there.
 * - FRAGMENT: any part of a fragmented packet, the first one too. An atomic
 *   fragment (RFC 6946: IPv6, offset 0, nothing follows) is a whole packet.
 * - PROTOCOL: neither TCP, UDP nor ICMP; and what says its own way, an IPv6
 *   routing header or an IPv4 source route with something left of it, because
 *   its destination is only a stop on the way.
 *
 * Bytes after `total` are the link's padding and nobody's business. Other IPv4
 * options and checksums are carried along unread: who receives them judges.
 *
 * An ordinary packet goes straight down: IPv4 has no loop at all, IPv6 enters
 * the one over extension headers only if there are any.
 */
#include "wire/packet.h"

#include "wire/bytes.h"

#define IPV4_HEADER 20
#define IPV6_HEADER 40
#define TCP_HEADER 20
#define UDP_HEADER 8
#define TCP_FLAGS (LVS_TCP_FIN | LVS_TCP_SYN | LVS_TCP_RST | LVS_TCP_ACK)

enum next_header {
	HOP_BY_HOP = 0,
	ROUTING = 43,
	FRAGMENT = 44,
	AH = 51,
	DESTINATION_OPTIONS = 60
};

enum ipv4_option {
	OPTION_END = 0,
	OPTION_NONE = 1,
	OPTION_LOOSE = 131, /* source routes */
	OPTION_STRICT = 137
};

/* The ports, which TCP and UDP have at the same place. */
LVS__INLINE void take_ports(struct lvs__header *header, const uint8_t *at)
{
	header->tuple.source_port = lvs__load16(at);
	header->tuple.destination_port = lvs__load16(at + 2);
}

LVS__INLINE int parse_tcp(struct lvs__header *header, const uint8_t *at,
			  uint32_t room)
{
	uint32_t size;

	if (lvs__unlikely(room < TCP_HEADER))
		return LVS_REASON_MALFORMED;
	size = (uint32_t)(at[12] >> 4) * 4;
	if (lvs__unlikely(size < TCP_HEADER || size > room))
		return LVS_REASON_MALFORMED;
	take_ports(header, at);
	header->tuple.tcp_flags = at[13] & TCP_FLAGS;
	header->payload = (uint16_t)(header->l4 + size);
	return LVS_REASON_FORWARDED;
}

LVS__INLINE int parse_udp(struct lvs__header *header, const uint8_t *at,
			  uint32_t room)
{
	uint32_t size;

	if (lvs__unlikely(room < UDP_HEADER))
		return LVS_REASON_MALFORMED;
	size = lvs__number16(at + 4);
	if (lvs__unlikely(size < UDP_HEADER || size > room))
		return LVS_REASON_MALFORMED;
	take_ports(header, at);
	header->tuple.tcp_flags = 0;
	header->payload = (uint16_t)(header->l4 + UDP_HEADER);
	return LVS_REASON_FORWARDED;
}

/* The transport header at `l4`, which is at most `total`. */
LVS__INLINE int parse_transport(struct lvs__header *header, const uint8_t *ip,
				uint32_t l4, uint32_t protocol, uint32_t icmp)
{
	header->l4 = (uint16_t)l4;
	header->tuple.protocol = (uint8_t)protocol;
	if (lvs__likely(protocol == LVS_TCP))
		return parse_tcp(header, ip + l4, header->total - l4);
	if (lvs__likely(protocol == LVS_UDP))
		return parse_udp(header, ip + l4, header->total - l4);
	return protocol == icmp ? LVS_REASON_ICMP : LVS_REASON_PROTOCOL;
}

/* Whether IPv4's options lead on (RFC 791 section 3.1: the source routes). */
static bool is_routed(const uint8_t *at, uint32_t size)
{
	while (size >= 2 && at[0] != OPTION_END) {
		uint32_t step = at[0] == OPTION_NONE ? 1 : at[1];

		if (at[0] == OPTION_LOOSE || at[0] == OPTION_STRICT)
			return size >= 3 && at[2] <= at[1];
		if (step == 0 || step > size)
			return false;
		at += step;
		size -= step;
	}
	return false;
}

/* Apart from parse4(), so that the ordinary packet does not pay for it. */
static __attribute__((noinline)) int parse_options(struct lvs__header *header,
						   const uint8_t *ip,
						   uint32_t size)
{
	if (ip[9] != LVS__ICMP &&
	    is_routed(ip + IPV4_HEADER, size - IPV4_HEADER))
		return LVS_REASON_PROTOCOL;
	return parse_transport(header, ip, size, ip[9], LVS__ICMP);
}

LVS__INLINE int parse4(struct lvs__header *header, const uint8_t *ip,
		       uint32_t length)
{
	uint32_t size, total;

	if (lvs__unlikely(length < IPV4_HEADER))
		return LVS_REASON_TRUNCATED;
	size = (uint32_t)(ip[0] & 15) * 4;
	total = lvs__number16(ip + 2);
	if (lvs__unlikely(total > length))
		return LVS_REASON_TRUNCATED;
	if (lvs__unlikely(size < IPV4_HEADER || size > total))
		return LVS_REASON_MALFORMED;
	header->total = total;
	header->tuple.family = LVS_IPV4;
	header->tuple.source[0] = lvs__load32(ip + 12);
	header->tuple.destination[0] = lvs__load32(ip + 16);
	/* more fragments, or an offset */
	if (lvs__unlikely((lvs__load16(ip + 6) & htobe16(0x3fff)) != 0))
		return LVS_REASON_FRAGMENT;
	if (lvs__unlikely(size > IPV4_HEADER))
		return parse_options(header, ip, size);
	return parse_transport(header, ip, IPV4_HEADER, ip[9], LVS__ICMP);
}

static bool is_extension(uint32_t next)
{
	return next == HOP_BY_HOP || next == ROUTING || next == FRAGMENT ||
	       next == AH || next == DESTINATION_OPTIONS;
}

/*
 * How many bytes the extension header `next` at `at` has, 8 of which are there;
 * `*reason` says whether the walk goes on after it.
 */
static uint32_t judge_extension(int *reason, const uint8_t *at, uint32_t next,
				bool first)
{
	*reason = LVS_REASON_FORWARDED;
	switch (next) {
	case FRAGMENT:
		/* offset and M; the two reserved bits between do not count */
		if ((lvs__load16(at + 2) & htobe16(0xfff9)) != 0)
			*reason = LVS_REASON_FRAGMENT;
		return 8;
	case AH:
		return ((uint32_t)at[1] + 2) * 4;
	case ROUTING:
		if (at[3] != 0)
			*reason = LVS_REASON_PROTOCOL;
		break;
	case HOP_BY_HOP:
		if (!first)
			*reason = LVS_REASON_MALFORMED;
		break;
	default:
		break;
	}
	return ((uint32_t)at[1] + 1) * 8;
}

/*
 * Walks over the extension headers, of which `next` is the first, to the
 * transport header. `header` says where the walk is. Apart from parse6(), so
 * that the ordinary packet does not pay for it.
 */
static __attribute__((noinline)) int walk(struct lvs__header *header,
					  const uint8_t *ip, uint32_t next)
{
	uint32_t at = IPV6_HEADER, size;
	int reason;

	for (unsigned int count = 0; is_extension(next); count++) {
		if (count == LVS__EXT_HEADERS)
			return LVS_REASON_EXT_HEADERS;
		if (header->total - at < 8)
			return LVS_REASON_MALFORMED;
		header->l4 = (uint16_t)at;
		header->tuple.protocol = (uint8_t)next;
		size = judge_extension(&reason, ip + at, next, count == 0);
		if (size > header->total - at)
			return LVS_REASON_MALFORMED;
		if (reason != LVS_REASON_FORWARDED)
			return reason;
		next = ip[at];
		at += size;
	}
	return parse_transport(header, ip, at, next, LVS__ICMP6);
}

LVS__INLINE int parse6(struct lvs__header *header, const uint8_t *ip,
		       uint32_t length)
{
	uint32_t next, total;

	if (lvs__unlikely(length < IPV6_HEADER))
		return LVS_REASON_TRUNCATED;
	total = IPV6_HEADER + lvs__number16(ip + 4);
	if (lvs__unlikely(total > length))
		return LVS_REASON_TRUNCATED;
	header->total = total;
	header->tuple.family = LVS_IPV6;
	memcpy(header->tuple.source, ip + 8, 16);
	memcpy(header->tuple.destination, ip + 24, 16);
	next = ip[6];
	if (lvs__unlikely(next != LVS_TCP && next != LVS_UDP))
		return walk(header, ip, next);
	return parse_transport(header, ip, IPV6_HEADER, next, LVS__ICMP6);
}

int lvs__parse(struct lvs__header *header, const uint8_t *ip, uint32_t length)
{
	*header = (struct lvs__header){.total = length};
	if (lvs__unlikely(length == 0))
		return LVS_REASON_TRUNCATED;
	switch (ip[0] >> 4) {
	case 4:
		return parse4(header, ip, length);
	case 6:
		return parse6(header, ip, length);
	default:
		return LVS_REASON_NOT_IP;
	}
}

static void take_addr(struct lvs_addr *addr, uint32_t family,
		      const uint32_t words[4])
{
	addr->family = family;
	memcpy(addr->bytes, words, sizeof(addr->bytes));
}

void lvs__tuple_source(const struct lvs__tuple *tuple, struct lvs_addr *addr)
{
	take_addr(addr, tuple->family, tuple->source);
}

void lvs__tuple_destination(const struct lvs__tuple *tuple,
			    struct lvs_addr *addr)
{
	take_addr(addr, tuple->family, tuple->destination);
}

static bool is_host4(const uint8_t *addr)
{
	return addr[0] != 0 && addr[0] != 127 && addr[0] < 224;
}

static bool is_host6(const uint8_t *addr)
{
	static const uint8_t zeros[10];

	return addr[0] != 0xff && memcmp(addr, zeros, sizeof(zeros)) != 0;
}

bool lvs__tuple_is_of_hosts(const struct lvs__tuple *tuple)
{
	const uint8_t *source = (const uint8_t *)tuple->source;
	const uint8_t *destination = (const uint8_t *)tuple->destination;
	bool four = tuple->family == LVS_IPV4;

	return (four ? is_host4(source) : is_host6(source)) &&
	       (four ? is_host4(destination) : is_host6(destination)) &&
	       memcmp(source, destination, sizeof(tuple->source)) != 0;
}

bool lvs__tuple_may_travel(const struct lvs__tuple *tuple)
{
	const uint8_t *source = (const uint8_t *)tuple->source;

	if (tuple->family == LVS_IPV6 && source[0] == 0xfe &&
	    (source[1] & 0xc0) == 0x80)
		return false;
	return lvs__tuple_is_of_hosts(tuple);
}
