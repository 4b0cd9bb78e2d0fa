/*
 * The base floor: SipHash against its reference, errors in words, messages.
 */
#include "unit.h"

#include <limits.h>
#include <string.h>

#include "base/hash.h"
#include "base/near.h"
#include "wire/names.h"

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
	ck_assert_int_eq(lvs__message(text, 0, -EIO, "x"), -EIO);
	ck_assert_str_eq(text, "a long ");
}
END_TEST

START_TEST(a_message_ends_with_its_error)
{
	char text[64];

	ck_assert_int_eq(lvs__message_error(text, sizeof(text), -EIO, "lane %d",
					    3),
			 -EIO);
	ck_assert_str_eq(text, "lane 3: input or output error");
	lvs__message_error(text, sizeof(text), -ENOMEM, NULL);
	ck_assert_str_eq(text, "out of memory");
	lvs__message_error(text, 8, -ENOMEM, "here");
	ck_assert_str_eq(text, "here: o");
	ck_assert_int_eq(lvs__message_error(NULL, 0, -EIO, "x"), -EIO);
}
END_TEST

START_TEST(a_text_counts_what_does_not_fit)
{
	struct lvs__text text;
	char buffer[8];

	lvs__text_init(&text, buffer, sizeof(buffer));
	ck_assert_str_eq(buffer, "");
	lvs__text_add(&text, "%s", "12345");
	lvs__text_add(&text, "%d", 6789);
	lvs__text_add(&text, "x");
	ck_assert_str_eq(buffer, "1234567");
	ck_assert_int_eq(lvs__text_result(&text), 10);
	lvs__text_init(&text, NULL, 0);
	lvs__text_add(&text, "%s", "12345");
	ck_assert_int_eq(lvs__text_result(&text), 5);
	text.length = (size_t)INT_MAX + 1;
	ck_assert_int_eq(lvs__text_result(&text), -EOVERFLOW);
}
END_TEST

START_TEST(milliseconds_are_written_as_seconds)
{
	static const struct {
		uint64_t ms;
		const char *text;
	} cases[] = {
		{0, "0"},
		{1, "0.001"},
		{10, "0.01"},
		{1500, "1.5"},
		{60000, "60"},
		{1020, "1.02"},
		{UINT64_MAX, "18446744073709551.615"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lvs__text text;
		char buffer[32];

		lvs__text_init(&text, buffer, sizeof(buffer));
		lvs__text_seconds(&text, cases[i].ms);
		ck_assert_str_eq(buffer, cases[i].text);
	}
}
END_TEST

START_TEST(protocols_and_methods_have_one_name)
{
	static const int protocols[] = {LVS_TCP, LVS_UDP, LVS_SCTP};

	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(lvs__protocol_of(
					 lvs__protocol_name(protocols[i])),
				 protocols[i]);
	ck_assert_str_eq(lvs__protocol_name(LVS_UDP), "udp");
	ck_assert_str_eq(lvs__protocol_title(LVS_TCP), "TCP");
	ck_assert_str_eq(lvs__protocol_name(0), "?");
	ck_assert_str_eq(lvs__protocol_title(-1), "?");
	ck_assert_int_eq(lvs__protocol_of("TCP"), 0);
	ck_assert_int_eq(lvs__protocol_of("?"), 0);
	ck_assert_int_eq(lvs__protocol_of(NULL), 0);
	ck_assert_str_eq(lvs__method_name(LVS_NAT), "nat");
	ck_assert_str_eq(lvs__method_name(LVS_DR), "dr");
	ck_assert_str_eq(lvs__method_name(LVS_TUNNEL), "tunnel");
	ck_assert_str_eq(lvs__method_name(LVS_LOCAL), "local");
	ck_assert_str_eq(lvs__method_name(0), "?");
	ck_assert_str_eq(lvs__method_name(5), "?");
	ck_assert_str_eq(lvs__method_name(-1), "?");
}
END_TEST

START_TEST(the_version_is_the_headers)
{
	ck_assert_str_eq(lvs_version(), "0.1.0");
}
END_TEST

static const char *meant(const char *word)
{
	static const char *const known[] = {"list", "last", "weight",
					    "real_server", "persistent"};
	struct lvs__near near;

	lvs__near_begin(&near, word, strlen(word));
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		lvs__near_try(&near, known[i]);
	return near.nearest;
}

START_TEST(a_typing_error_is_near_what_was_meant)
{
	char longest[LVS__NEAR_LONGEST + 2];

	ck_assert_str_eq(meant("lits"), "list");
	ck_assert_str_eq(meant("lst"), "list");
	ck_assert_str_eq(meant("lasst"), "last");
	ck_assert_str_eq(meant("wieght"), "weight");
	ck_assert_str_eq(meant("weihgtt"), "weight");
	ck_assert_str_eq(meant("real_sever"), "real_server");
	ck_assert_ptr_null(meant("wgth1"));
	ck_assert_ptr_null(meant("ls")); /* as far as it is long */
	ck_assert_ptr_null(meant(""));
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_ptr_null(meant(longest));
}
END_TEST

Suite *base_suite(void)
{
	Suite *suite = suite_create("base");
	TCase *tcase = tcase_create("base");

	tcase_add_test(tcase, siphash_gives_the_reference_values);
	tcase_add_test(tcase, two_keys_differ);
	tcase_add_test(tcase, a_typing_error_is_near_what_was_meant);
	tcase_add_test(tcase, every_error_has_words);
	tcase_add_test(tcase, a_message_is_cut_and_ended);
	tcase_add_test(tcase, a_message_ends_with_its_error);
	tcase_add_test(tcase, a_text_counts_what_does_not_fit);
	tcase_add_test(tcase, milliseconds_are_written_as_seconds);
	tcase_add_test(tcase, protocols_and_methods_have_one_name);
	tcase_add_test(tcase, the_version_is_the_headers);
	suite_add_tcase(suite, tcase);
	return suite;
}
