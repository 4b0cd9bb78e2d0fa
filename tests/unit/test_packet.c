/*
 * Parsing: what is a packet, what is not, and never a byte outside of it. The
 * packets lie in blocks of exactly their size, so that a sanitizer sees a read
 * behind them.
 */
#include "unit.h"

#include "slow.h"
#include "wire/packet.h"

#define IPV4_TCP_SIZE 52
#define IPV6_UDP_SIZE 100

/* 40 bytes of headers with 8 of TCP options and 4 of payload. */
static void make_tcp4(uint8_t *p)
{
	memset(p, 0, IPV4_TCP_SIZE);
	p[0] = 0x45;
	put16(p + 2, IPV4_TCP_SIZE);
	p[8] = 64;
	p[9] = LVS_TCP;
	memcpy(p + 12, "\xc0\x00\x02\x01\xc6\x33\x64\x07", 8);
	put16(p + 20, 1234);
	put16(p + 22, 80);
	p[32] = 0x70;
	p[33] = 0xff;
}

/* A fragment header (atomic), hop by hop first, AH, and 12 bytes of UDP. */
static void make_udp6(uint8_t *p)
{
	memset(p, 0, IPV6_UDP_SIZE);
	p[0] = 0x60;
	put16(p + 4, IPV6_UDP_SIZE - 40);
	p[6] = 0; /* hop by hop: 8 bytes */
	p[7] = 64;
	memset(p + 8, 1, 16);
	memset(p + 24, 2, 16);
	p[40] = 44;	       /* fragment: 8 bytes */
	p[48] = 51;	       /* AH: 16 bytes */
	put16(p + 50, 0x0006); /* reserved bits do not make a fragment */
	p[56] = 60;	       /* destination options: 16 bytes */
	p[57] = 2;
	p[72] = LVS_UDP;
	p[73] = 1;
	put16(p + 88, 53);
	put16(p + 90, 5353);
	put16(p + 92, 12);
}

/* Parses a copy that ends where its block ends. */
static int parse(struct lvs__header *header, const uint8_t *packet,
		 size_t length)
{
	uint8_t *copy = malloc(length);
	int reason;

	memcpy(copy, packet, length);
	reason = lvs__parse(header, copy, (uint32_t)length);
	free(copy);
	return reason;
}

START_TEST(an_ipv4_segment_is_read)
{
	uint8_t p[IPV4_TCP_SIZE + 6];
	struct lvs__header header;
	struct lvs_addr addr;

	make_tcp4(p);
	memset(p + IPV4_TCP_SIZE, 0xee, 6);
	ck_assert_int_eq(parse(&header, p, sizeof(p)), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(header.total, IPV4_TCP_SIZE);
	ck_assert_uint_eq(header.l4, 20);
	ck_assert_uint_eq(header.payload, 48);
	ck_assert_uint_eq(header.tuple.family, LVS_IPV4);
	ck_assert_uint_eq(header.tuple.protocol, LVS_TCP);
	ck_assert_uint_eq(header.tuple.tcp_flags, 0x17);
	ck_assert_mem_eq(&header.tuple.source_port, p + 20, 2);
	ck_assert_mem_eq(&header.tuple.destination_port, p + 22, 2);
	lvs__tuple_source(&header.tuple, &addr);
	ck_assert_uint_eq(addr.family, LVS_IPV4);
	ck_assert_mem_eq(addr.bytes, "\xc0\x00\x02\x01\0\0\0\0\0\0\0\0\0\0\0",
			 16);
	lvs__tuple_destination(&header.tuple, &addr);
	ck_assert_mem_eq(addr.bytes, "\xc6\x33\x64\x07\0\0\0\0\0\0\0\0\0\0\0",
			 16);
}
END_TEST

START_TEST(ipv6_extension_headers_are_walked)
{
	uint8_t p[IPV6_UDP_SIZE];
	struct lvs__header header;
	struct lvs_addr addr;

	make_udp6(p);
	ck_assert_int_eq(parse(&header, p, sizeof(p)), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(header.total, IPV6_UDP_SIZE);
	ck_assert_uint_eq(header.l4, 88);
	ck_assert_uint_eq(header.payload, 96);
	ck_assert_uint_eq(header.tuple.protocol, LVS_UDP);
	ck_assert_uint_eq(header.tuple.tcp_flags, 0);
	ck_assert_mem_eq(&header.tuple.source_port, p + 88, 2);
	lvs__tuple_source(&header.tuple, &addr);
	ck_assert_uint_eq(addr.family, LVS_IPV6);
	ck_assert_mem_eq(addr.bytes, p + 8, 16);
	lvs__tuple_destination(&header.tuple, &addr);
	ck_assert_mem_eq(addr.bytes, p + 24, 16);
}
END_TEST

START_TEST(a_packet_cut_anywhere_is_truncated)
{
	uint8_t four[IPV4_TCP_SIZE], six[IPV6_UDP_SIZE];
	struct lvs__header header;

	make_tcp4(four);
	make_udp6(six);
	for (size_t n = 0; n < sizeof(four); n++) {
		ck_assert_int_eq(parse(&header, four, n), LVS_REASON_TRUNCATED);
		ck_assert_uint_eq(header.total, n);
	}
	for (size_t n = 0; n < sizeof(six); n++)
		ck_assert_int_eq(parse(&header, six, n), LVS_REASON_TRUNCATED);
}
END_TEST

/* The IP length says that the packet ends early: a contradiction. */
START_TEST(a_header_beyond_the_packet_is_malformed)
{
	uint8_t four[IPV4_TCP_SIZE], six[IPV6_UDP_SIZE];
	struct lvs__header header;

	make_tcp4(four);
	make_udp6(six);
	for (unsigned int n = 0; n < 48; n++) {
		put16(four + 2, n);
		ck_assert_int_eq(parse(&header, four, sizeof(four)),
				 LVS_REASON_MALFORMED);
	}
	for (unsigned int n = 0; n < IPV6_UDP_SIZE - 40; n++) {
		put16(six + 4, n);
		ck_assert_int_eq(parse(&header, six, sizeof(six)),
				 LVS_REASON_MALFORMED);
	}
}
END_TEST

/*
 * BI12: whatever the first two bytes say. Every other byte of this packet is
 * such that a TCP header with a data offset of 20 bytes begins anywhere.
 */
START_TEST(all_first_two_bytes_are_judged)
{
	uint8_t p[IPV6_UDP_SIZE];
	struct lvs__header header;

	memset(p, 0x50, sizeof(p));
	put16(p + 2, sizeof(p));
	put16(p + 6, 0);
	p[9] = LVS_TCP;
	for (unsigned int first = 0; first < 0x10000; first++) {
		unsigned int version = first >> 12, ihl = first >> 8 & 15;
		int expected = LVS_REASON_NOT_IP;

		put16(p, first);
		if (version == 4)
			expected = ihl < 5 ? LVS_REASON_MALFORMED
					   : LVS_REASON_FORWARDED;
		if (version == 6) /* its length is the word 0x5050 */
			expected = LVS_REASON_TRUNCATED;
		ck_assert_int_eq(parse(&header, p, sizeof(p)), expected);
		if (expected == LVS_REASON_FORWARDED)
			ck_assert_uint_eq(header.l4, ihl * 4);
	}
	/* and of an IPv6 packet whose length is right */
	make_udp6(p);
	put16(p + 4, sizeof(p) - 40);
	p[6] = LVS_TCP;
	p[52] = 0x50;
	for (unsigned int first = 0x6000; first < 0x7000; first++) {
		put16(p, first);
		ck_assert_int_eq(parse(&header, p, sizeof(p)),
				 LVS_REASON_FORWARDED);
	}
}
END_TEST

START_TEST(a_tcp_data_offset_must_fit)
{
	uint8_t p[IPV4_TCP_SIZE];
	struct lvs__header header;

	make_tcp4(p);
	for (unsigned int words = 0; words < 16; words++) {
		p[32] = (uint8_t)(words << 4 | 15);
		ck_assert_int_eq(parse(&header, p, sizeof(p)),
				 words >= 5 && words <= 8
					 ? LVS_REASON_FORWARDED
					 : LVS_REASON_MALFORMED);
	}
}
END_TEST

START_TEST(a_udp_length_must_fit)
{
	uint8_t p[IPV6_UDP_SIZE];
	struct lvs__header header;

	make_udp6(p);
	for (unsigned int length = 0; length < 0x10000; length++) {
		put16(p + 92, length);
		ck_assert_int_eq(parse(&header, p, sizeof(p)),
				 length >= 8 && length <= 12
					 ? LVS_REASON_FORWARDED
					 : LVS_REASON_MALFORMED);
	}
}
END_TEST

START_TEST(fragments_are_told_from_whole_packets)
{
	uint8_t four[IPV4_TCP_SIZE], six[IPV6_UDP_SIZE];
	struct lvs__header header;

	make_tcp4(four);
	make_udp6(six);
	for (unsigned int word = 0; word < 0x10000; word++) {
		put16(four + 6, word);
		ck_assert_int_eq(parse(&header, four, sizeof(four)),
				 (word & 0x3fff) != 0 ? LVS_REASON_FRAGMENT
						      : LVS_REASON_FORWARDED);
		put16(six + 50, word);
		ck_assert_int_eq(parse(&header, six, sizeof(six)),
				 (word & 0xfff9) != 0 ? LVS_REASON_FRAGMENT
						      : LVS_REASON_FORWARDED);
	}
	ck_assert_uint_eq(header.total, sizeof(six));
}
END_TEST

/* What each protocol number is, in both families. */
START_TEST(other_protocols_are_left_alone)
{
	uint8_t four[IPV4_TCP_SIZE], six[IPV6_UDP_SIZE];
	struct lvs__header header;

	make_tcp4(four);
	make_udp6(six);
	for (unsigned int protocol = 0; protocol < 256; protocol++) {
		int reason;

		four[9] = (uint8_t)protocol;
		reason = parse(&header, four, sizeof(four));
		if (protocol == LVS_TCP)
			ck_assert_int_eq(reason, LVS_REASON_FORWARDED);
		else if (protocol == LVS_UDP) /* its length is a zero */
			ck_assert_int_eq(reason, LVS_REASON_MALFORMED);
		else if (protocol == LVS__ICMP)
			ck_assert_int_eq(reason, LVS_REASON_ICMP);
		else
			ck_assert_int_eq(reason, LVS_REASON_PROTOCOL);

		six[72] = (uint8_t)protocol;
		reason = parse(&header, six, sizeof(six));
		switch (protocol) {
		case LVS__ICMP6:
			ck_assert_int_eq(reason, LVS_REASON_ICMP);
			ck_assert_uint_eq(header.l4, 88);
			break;
		case LVS_UDP:
			ck_assert_int_eq(reason, LVS_REASON_FORWARDED);
			break;
		case 0: /* hop by hop must be the first */
		case LVS_TCP:
		case 43:
		case 44:
		case 51:
		case 60:
			ck_assert_int_ne(reason, LVS_REASON_FORWARDED);
			break;
		default:
			ck_assert_int_eq(reason, LVS_REASON_PROTOCOL);
		}
	}
}
END_TEST

START_TEST(eight_extension_headers_are_enough)
{
	struct lvs__header header;
	uint8_t p[40 + 9 * 8 + 8];

	for (unsigned int count = 0; count <= 9; count++) {
		size_t size = 40 + count * 8 + 8;

		memset(p, 0, sizeof(p));
		p[0] = 0x60;
		put16(p + 4, (unsigned int)size - 40);
		p[6] = count == 0 ? LVS_UDP : 60;
		for (unsigned int i = 0; i < count; i++)
			p[40 + 8 * i] = i + 1 < count ? 60 : LVS_UDP;
		put16(p + size - 4, 8);
		ck_assert_int_eq(parse(&header, p, size),
				 count <= LVS__EXT_HEADERS
					 ? LVS_REASON_FORWARDED
					 : LVS_REASON_EXT_HEADERS);
	}
}
END_TEST

START_TEST(a_stop_of_a_source_route_is_not_the_destination)
{
	uint8_t p[IPV6_UDP_SIZE];
	struct lvs__header header;

	make_udp6(p);
	p[56] = 43;
	p[72 + 3] = 0;
	ck_assert_int_eq(parse(&header, p, sizeof(p)), LVS_REASON_FORWARDED);
	p[72 + 3] = 1;
	ck_assert_int_eq(parse(&header, p, sizeof(p)), LVS_REASON_PROTOCOL);
}
END_TEST

START_TEST(a_super_packet_is_read)
{
	static uint8_t p[40 + 65535];
	struct lvs__header header;

	make_tcp4(p);
	put16(p + 2, 65535);
	ck_assert_int_eq(parse(&header, p, 65535), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(header.total, 65535);
	ck_assert_int_eq(parse(&header, p, 65534), LVS_REASON_TRUNCATED);
	make_udp6(p);
	put16(p + 4, 65535);
	put16(p + 92, 65535 - 48);
	ck_assert_int_eq(parse(&header, p, 40 + 65535), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(header.total, 40 + 65535);
}
END_TEST

/* What must hold of any bytes at all. */
static void judge(const uint8_t *packet, size_t length)
{
	struct lvs__header header;
	int reason = parse(&header, packet, length);

	ck_assert_int_ge(reason, 0);
	ck_assert_uint_le(header.total, length);
	if (reason != LVS_REASON_FORWARDED) {
		ck_assert_int_ne(lvs_reason_verdict(reason), LVS_FORWARD);
		return;
	}
	ck_assert_uint_ge(header.l4, header.tuple.family == LVS_IPV4 ? 20 : 40);
	ck_assert_uint_ge(header.payload, header.l4 + 8u);
	ck_assert_uint_le(header.payload, header.total);
	ck_assert(header.tuple.protocol == LVS_TCP ||
		  header.tuple.protocol == LVS_UDP);
	ck_assert_mem_eq(&header.tuple.source_port, packet + header.l4, 2);
}

START_TEST(mutated_packets_do_no_harm)
{
	uint64_t seed = 11 + (uint64_t)_i;

	for (unsigned long i = rounds(100000); i > 0; i--) {
		uint8_t p[IPV6_UDP_SIZE];
		size_t length;

		if (_i == 0) {
			make_tcp4(p);
			length = IPV4_TCP_SIZE;
		} else {
			make_udp6(p);
			length = IPV6_UDP_SIZE;
		}
		for (unsigned int n = 1 + below(&seed, 4); n > 0; n--)
			p[below(&seed, (unsigned int)length)] =
				below(&seed, 2) == 0
					? (uint8_t)number(&seed)
					: (uint8_t)below(&seed, 64);
		judge(p, below(&seed, 4) == 0
				 ? below(&seed, (unsigned int)length + 1)
				 : length);
	}
}
END_TEST

START_TEST(every_reason_is_in_words)
{
	for (int i = 0; i < LVS_REASONS; i++) {
		const char *text = lvs_reason_text(i);

		ck_assert_int_gt((int)strlen(lvs_reason_name(i)), 1);
		ck_assert_int_gt((int)strlen(text), 20);
		ck_assert_int_ne(text[strlen(text) - 1], '.');
		ck_assert(strchr(text, ';') != NULL);
		ck_assert_int_ge(lvs_reason_verdict(i), LVS_PASS);
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(lvs_reason_name(i),
					 lvs_reason_name(j));
	}
	ck_assert_str_eq(lvs_reason_name(LVS_REASON_NO_DEST), "no_dest");
	ck_assert_str_eq(lvs_reason_name(LVS_REASON_SEND), "send");
	ck_assert_int_eq(lvs_reason_verdict(LVS_REASON_REPLIED), LVS_FORWARD);
	ck_assert_int_eq(lvs_reason_verdict(LVS_REASON_FRAGMENT), LVS_PASS);
	ck_assert_int_eq(lvs_reason_verdict(LVS_REASON_MALFORMED), LVS_DROP);
	for (int i = -1; i <= LVS_REASONS; i += LVS_REASONS + 1) {
		ck_assert_str_eq(lvs_reason_name(i), "unknown");
		ck_assert_str_eq(lvs_reason_text(i), "unknown");
		ck_assert_int_eq(lvs_reason_verdict(i), -EINVAL);
	}
}
END_TEST

Suite *packet_suite(void)
{
	Suite *suite = suite_create("packet");
	TCase *tcase = tcase_create("packet");

	tcase_add_test(tcase, an_ipv4_segment_is_read);
	tcase_add_test(tcase, ipv6_extension_headers_are_walked);
	tcase_add_test(tcase, a_packet_cut_anywhere_is_truncated);
	tcase_add_test(tcase, a_header_beyond_the_packet_is_malformed);
	tcase_add_test(tcase, all_first_two_bytes_are_judged);
	tcase_add_test(tcase, a_tcp_data_offset_must_fit);
	tcase_add_test(tcase, a_udp_length_must_fit);
	tcase_add_test(tcase, fragments_are_told_from_whole_packets);
	tcase_add_test(tcase, other_protocols_are_left_alone);
	tcase_add_test(tcase, eight_extension_headers_are_enough);
	tcase_add_test(tcase, a_stop_of_a_source_route_is_not_the_destination);
	tcase_add_test(tcase, a_super_packet_is_read);
	tcase_add_loop_test(tcase, mutated_packets_do_no_harm, 0, 2);
	tcase_add_test(tcase, every_reason_is_in_words);
	suite_add_tcase(suite, tcase);
	return suite;
}
