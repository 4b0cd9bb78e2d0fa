/*
 * Checksums, judged by slow ones.
 */
#include "unit.h"

#include <endian.h>

#include "slow.h"
#include "wire/csum.h"

/* As a number, of the form that a field takes. */
static unsigned int fast(const uint8_t *bytes, size_t length)
{
	return be16toh(lvs__csum_fold(lvs__csum_sum(bytes, length)));
}

START_TEST(any_length_at_any_alignment_is_right)
{
	uint8_t bytes[700];
	uint64_t seed = 1;

	fill(&seed, bytes, sizeof(bytes));
	for (size_t length = 0; length <= 640; length++)
		for (size_t at = 0; at < 16; at++)
			ck_assert_uint_eq(fast(bytes + at, length),
					  slow_add(0, bytes + at, length));
}
END_TEST

START_TEST(carries_are_not_lost)
{
	static uint8_t bytes[65536];

	memset(bytes, 0xff, sizeof(bytes));
	for (size_t length = 0; length <= sizeof(bytes); length += 977) {
		ck_assert_uint_eq(fast(bytes, length),
				  slow_add(0, bytes, length));
		/* there is room to add sums up before folding */
		ck_assert_uint_lt(lvs__csum_sum(bytes, length), 1ull << 33);
	}
	memset(bytes, 0, sizeof(bytes));
	ck_assert_uint_eq(fast(bytes, sizeof(bytes)), 0);
}
END_TEST

/* RFC 1071 section 3 adds these bytes up to ddf2. */
START_TEST(the_rfc_example_is_right)
{
	static const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03,
					0xf4, 0xf5, 0xf6, 0xf7};

	ck_assert_uint_eq(fast(bytes, sizeof(bytes)), 0xddf2);
}
END_TEST

START_TEST(folding_keeps_the_rest)
{
	static const uint64_t sums[] = {
		0,	    1,		 0xffff,     0x10000,	    0x1ffff,
		0xffffffff, 0x100000000, UINT64_MAX, 0xfffeffff0001};

	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		ck_assert_uint_eq(lvs__csum_fold(sums[i]) % 0xffff,
				  sums[i] % 0xffff);
		ck_assert_int_eq(lvs__csum_fold(sums[i]) == 0, sums[i] == 0);
	}
}
END_TEST

START_TEST(a_pseudo_header_is_right)
{
	uint8_t bytes[64];
	uint64_t seed = 3;

	for (int i = 0; i < 2000; i++) {
		uint32_t length = below(&seed, 70000);
		uint8_t protocol = i % 2 == 0 ? LVS_TCP : LVS_UDP;
		size_t size = i % 4 < 2 ? 4 : 16;
		int family = size == 4 ? LVS_IPV4 : LVS_IPV6;

		fill(&seed, bytes, sizeof(bytes));
		ck_assert_uint_eq(be16toh(lvs__csum_fold(
					  lvs__csum_pseudo(family, bytes + 1,
							   bytes + 23, protocol,
							   length))),
				  slow_pseudo(bytes + 1, bytes + 23, size,
					      protocol, length));
	}
}
END_TEST

/* One word of random bytes changes; the field follows, and comes back. */
START_TEST(an_update_equals_a_full_sum)
{
	uint64_t seed = 4;
	uint8_t bytes[12];

	for (int i = 0; i < 200000; i++) {
		size_t at = 2 * below(&seed, 6);
		uint16_t before, after, delta, old, new;

		fill(&seed, bytes, sizeof(bytes));
		bytes[at < 6 ? 11 : 0] |= 1; /* never all zero */
		before = htobe16((uint16_t)~slow_add(0, bytes, sizeof(bytes)));
		memcpy(&old, bytes + at, 2);
		new = i % 8 == 0 ? old : (uint16_t)number(&seed);
		memcpy(bytes + at, &new, 2);
		after = htobe16((uint16_t)~slow_add(0, bytes, sizeof(bytes)));

		delta = lvs__csum_fold((uint64_t)(uint16_t)~old + new);
		ck_assert_uint_eq(lvs__csum_update(before, delta), after);
		ck_assert_uint_eq(lvs__csum_update(after, (uint16_t)~delta),
				  before);
		ck_assert_uint_eq(lvs__csum_update_plain((uint16_t)~before,
							 delta),
				  (uint16_t)~after);
	}
}
END_TEST

Suite *csum_suite(void)
{
	Suite *suite = suite_create("csum");
	TCase *tcase = tcase_create("csum");

	tcase_add_test(tcase, any_length_at_any_alignment_is_right);
	tcase_add_test(tcase, carries_are_not_lost);
	tcase_add_test(tcase, the_rfc_example_is_right);
	tcase_add_test(tcase, folding_keeps_the_rest);
	tcase_add_test(tcase, a_pseudo_header_is_right);
	tcase_add_test(tcase, an_update_equals_a_full_sum);
	suite_add_tcase(suite, tcase);
	return suite;
}
