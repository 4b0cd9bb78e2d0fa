/*
 * Answers that the balancer makes itself: who gets one, how long, how right.
 */
#include "unit.h"

#include "forward/forward.h"
#include "sample.h"

static size_t unreachable(const struct sample *s)
{
	static uint8_t out[2048];

	return lvs__icmp_unreachable(out, sizeof(out), s->bytes, s->length);
}

START_TEST(only_hosts_are_answered)
{
	static const uint8_t bad[][4] = {
		{0, 0, 0, 0},	{0, 1, 2, 3},	  {127, 0, 0, 1},
		{224, 0, 0, 1}, {239, 255, 0, 1}, {255, 255, 255, 255},
		{240, 0, 0, 1},
	};
	static const uint8_t bad6[][16] = {
		{0},
		{[15] = 1},
		{0xff, 2, [15] = 1},
		{[10] = 0xff, 0xff, 192, 0, 2, 1},
	};
	static struct sample s;
	static uint8_t out[2048];

	for (size_t i = 0; i < 2 * sizeof(bad) / sizeof(bad[0]); i++) {
		sample_plain(&s, LVS_UDP, 10);
		ck_assert_uint_eq(unreachable(&s), 28 + s.length);
		memcpy(i % 2 == 0 ? sample_source(&s) : sample_destination(&s),
		       bad[i / 2], 4);
		ck_assert_uint_eq(unreachable(&s), 0);
	}
	for (size_t i = 0; i < 2 * sizeof(bad6) / sizeof(bad6[0]); i++) {
		struct lvs__header header;
		uint8_t p[60] = {0x60, [5] = 20, [6] = LVS_TCP, [7] = 64};

		p[8] = p[24] = 0x20;
		p[23] = 1;
		p[52] = 0x50;
		ck_assert_uint_eq(lvs__icmp_exceeded(out, 2048, p, 60), 108);
		memcpy(i % 2 == 0 ? p + 8 : p + 24, bad6[i / 2], 16);
		ck_assert_uint_eq(lvs__icmp_exceeded(out, 2048, p, 60), 0);
		ck_assert_int_eq(lvs__parse(&header, p, 60), 0);
		ck_assert_uint_eq(lvs__tcp_reset(out, 2048, p, 60, &header), 0);
	}
	sample_plain(&s, LVS_UDP, 10); /* to itself */
	memcpy(sample_source(&s), sample_destination(&s), 4);
	ck_assert_uint_eq(unreachable(&s), 0);
}
END_TEST

START_TEST(errors_resets_and_fragments_are_not_answered)
{
	static struct sample s;
	struct lvs__header header;
	uint8_t out[100], *bare;

	for (unsigned int type = 0; type < 256; type++) {
		bool query =
			type == 0 || type == 8 || (type >= 13 && type <= 18);

		sample_plain(&s, LVS_UDP, 10);
		s.bytes[9] = LVS__ICMP;
		s.bytes[20] = (uint8_t)type;
		ck_assert_uint_eq(unreachable(&s), query ? 28 + s.length : 0);
	}
	/* nothing behind the IP header to judge it by */
	sample_plain(&s, LVS_UDP, 0);
	s.bytes[9] = LVS__ICMP;
	put16(s.bytes + 2, 20);
	bare = malloc(20);
	memcpy(bare, s.bytes, 20);
	ck_assert_uint_eq(lvs__icmp_unreachable(out, sizeof(out), bare, 20), 0);
	free(bare);

	sample_plain(&s, LVS_TCP, 0);
	s.bytes[33] = LVS_TCP_RST;
	ck_assert_uint_eq(unreachable(&s), 0);
	ck_assert_int_eq(lvs__parse(&header, s.bytes, (uint32_t)s.length), 0);
	ck_assert_uint_eq(lvs__tcp_reset(out, sizeof(out), s.bytes, s.length,
					 &header),
			  0);
	sample_plain(&s, LVS_UDP, 100);
	put16(s.bytes + 6, 0x2000);
	ck_assert_uint_eq(unreachable(&s), 0);
	put16(s.bytes + 6, 1);
	ck_assert_uint_eq(unreachable(&s), 0);
}
END_TEST

START_TEST(an_answer_keeps_to_its_limits)
{
	static struct sample s;
	static uint8_t out[2048];
	struct lvs__header header;

	sample_plain(&s, LVS_UDP, 1400);
	for (size_t capacity = 0; capacity < 700; capacity++) {
		size_t length;

		memset(out, 0xcc, sizeof(out));
		length =
			lvs__icmp_unreachable(out, capacity, s.bytes, s.length);
		if (capacity < 56) /* two headers and 8 bytes of UDP */
			ck_assert_uint_eq(length, 0);
		else
			ck_assert_uint_eq(length,
					  capacity < 576 ? capacity : 576);
		for (size_t i = length; i < sizeof(out); i++)
			ck_assert(out[i] == 0xcc);
	}
	sample_plain(&s, LVS_TCP, 5);
	ck_assert_int_eq(lvs__parse(&header, s.bytes, (uint32_t)s.length), 0);
	ck_assert_uint_eq(lvs__tcp_reset(out, 39, s.bytes, s.length, &header),
			  0);
	ck_assert_uint_eq(lvs__tcp_reset(out, 40, s.bytes, s.length, &header),
			  40);
	ck_assert_uint_eq(lvs__tcp_reset(out, 40, s.bytes, 44, &header), 0);
	ck_assert_uint_eq(lvs__tcp_reset(NULL, 40, s.bytes, 45, &header), 0);
	ck_assert_uint_eq(lvs__tcp_reset(out, 40, NULL, 45, &header), 0);
	ck_assert_uint_eq(lvs__tcp_reset(out, 40, s.bytes, 45, NULL), 0);
	ck_assert_uint_eq(lvs__icmp_exceeded(NULL, 40, s.bytes, 45), 0);
	ck_assert_uint_eq(lvs__icmp_exceeded(out, 40, NULL, 45), 0);
}
END_TEST

/* Any bytes: an answer is whole, right, and never answered again. */
START_TEST(answers_to_mutated_packets_are_right)
{
	static struct sample s;
	static uint8_t out[1400], again[1400];
	uint64_t seed = 51;

	for (unsigned long i = rounds(50000); i > 0; i--) {
		struct lvs__header header;
		size_t length;

		sample_make(&s, &seed);
		for (unsigned int n = below(&seed, 3); n > 0; n--)
			s.bytes[below(&seed, (unsigned int)s.length)] =
				(uint8_t)number(&seed);
		if (below(&seed, 4) == 0)
			s.length = below(&seed, (unsigned int)s.length);
		length =
			lvs__icmp_exceeded(out, sizeof(out), s.bytes, s.length);
		if (length == 0)
			continue;
		if (lvs__parse(&header, out, (uint32_t)length) !=
			    LVS_REASON_ICMP ||
		    header.total != length)
			ck_abort_msg("the answer is not ICMP");
		if (slow_add(header.tuple.family == LVS_IPV4
				     ? 0
				     : slow_pseudo(out + 8, out + 24, 16,
						   LVS__ICMP6, length - 40),
			     out + header.l4, length - header.l4) != 0xffff)
			ck_abort_msg("wrong checksum");
		if (lvs__icmp_exceeded(again, sizeof(again), out, length) != 0)
			ck_abort_msg("an answer was answered");
	}
}
END_TEST

Suite *reply_suite(void)
{
	Suite *suite = suite_create("reply");
	TCase *tcase = tcase_create("reply");

	tcase_add_test(tcase, only_hosts_are_answered);
	tcase_add_test(tcase, errors_resets_and_fragments_are_not_answered);
	tcase_add_test(tcase, an_answer_keeps_to_its_limits);
	tcase_add_test(tcase, answers_to_mutated_packets_are_right);
	suite_add_tcase(suite, tcase);
	return suite;
}
