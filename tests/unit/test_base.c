/*
 * The base floor: SipHash against its reference, errors in words, messages.
 */
#include "unit.h"

#include <limits.h>

#include "base/hash.h"

/*
 * SipHash-1-3 of the bytes 0, 1, 2, ... under the key 0: CPython 3.11 gives
 * the same for hash(bytes(range(8))) with PYTHONHASHSEED=0.
 */
START_TEST(siphash_gives_the_reference_values)
{
	struct lvs__hash_key key = {0, 0};
	uint64_t words[5];

	for (unsigned int i = 0; i < 40; i++)
		((uint8_t *)words)[i] = (uint8_t)i;
	ck_assert_uint_eq(lvs__hash_words(&key, words, 1),
			  0xead411e67ebe2eeaull);
	ck_assert_uint_eq(lvs__hash_words(&key, words, 2),
			  0x8972188433a5c5b7ull);
	ck_assert_uint_eq(lvs__hash_words(&key, words, 5),
			  0x95bc321ab41d8206ull);
	ck_assert_uint_eq(lvs__hash_message(&key, words, 1, 0x0c0b0a0908, 5),
			  0xa0cf3211850f8e0dull);
	ck_assert_uint_eq(lvs__hash_message(&key, words, 4, 0x2423222120, 5),
			  0x422a9751192ff266ull);
}
END_TEST

START_TEST(two_keys_differ)
{
	struct lvs__hash_key a, b;

	ck_assert_int_eq(lvs__hash_key_init(&a), 0);
	ck_assert_int_eq(lvs__hash_key_init(&b), 0);
	ck_assert_mem_ne(&a, &b, sizeof(a));
}
END_TEST

START_TEST(every_error_has_words)
{
	ck_assert_str_eq(lvs_strerror(-ENOMEM), "out of memory");
	ck_assert_str_eq(lvs_strerror(ENOMEM), "out of memory");
	ck_assert_str_eq(lvs_strerror(0), "success");
	ck_assert_str_eq(lvs_strerror(INT_MIN), "unknown error");
	ck_assert_str_eq(lvs_strerror(-9999), "unknown error");
}
END_TEST

START_TEST(a_message_is_cut_and_ended)
{
	char text[8];

	ck_assert_int_eq(lvs__message(text, sizeof(text), -EIO, "%s",
				      "a long message"),
			 -EIO);
	ck_assert_str_eq(text, "a long ");
	ck_assert_int_eq(lvs__message(NULL, 0, -EIO, "x"), -EIO);
}
END_TEST

START_TEST(the_version_is_the_headers)
{
	ck_assert_str_eq(lvs_version(), "0.1.0");
}
END_TEST

Suite *base_suite(void)
{
	Suite *suite = suite_create("base");
	TCase *tcase = tcase_create("base");

	tcase_add_test(tcase, siphash_gives_the_reference_values);
	tcase_add_test(tcase, two_keys_differ);
	tcase_add_test(tcase, every_error_has_words);
	tcase_add_test(tcase, a_message_is_cut_and_ended);
	tcase_add_test(tcase, the_version_is_the_headers);
	suite_add_tcase(suite, tcase);
	return suite;
}
