/*
 * Addresses as text: RFC 4291 in, RFC 5952 out.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <lvs/addr.h>

#include "slow.h"

/* What is typed, and what it is written as. */
static const struct {
	const char *in, *out;
} forms[] = {
	{"192.0.2.1", "192.0.2.1"},
	{"0.0.0.0", "0.0.0.0"},
	{"255.255.255.255", "255.255.255.255"},
	{"::", "::"},
	{"::1", "::1"},
	{"1::", "1::"},
	/* RFC 4291 section 2.2 */
	{"ABCD:EF01:2345:6789:ABCD:EF01:2345:6789",
	 "abcd:ef01:2345:6789:abcd:ef01:2345:6789"},
	{"2001:DB8:0:0:8:800:200C:417A", "2001:db8::8:800:200c:417a"},
	{"FF01:0:0:0:0:0:0:101", "ff01::101"},
	/* RFC 5952 sections 4.1, 4.2.1, 4.2.2, 4.2.3, 4.3, 5 */
	{"2001:0db8::0001", "2001:db8::1"},
	{"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
	{"2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
	{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
	{"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
	{"2001:DB8::A", "2001:db8::a"},
	{"0:0:0:0:0:ffff:192.0.2.1", "::ffff:192.0.2.1"},
	{"::192.0.2.1", "::c000:201"},
	{"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
	{"0:0:1::", "0:0:1::"},
	{"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
};

START_TEST(every_form_is_read_and_written_in_one)
{
	struct lvs_addr addr;
	char text[46];

	ck_assert_int_eq(lvs_addr_parse(&addr, forms[_i].in), 0);
	ck_assert_uint_eq(addr.family, strchr(forms[_i].in, ':') != NULL
					       ? LVS_IPV6
					       : LVS_IPV4);
	ck_assert_int_eq(lvs_addr_format(&addr, text, sizeof(text)),
			 (int)strlen(forms[_i].out));
	ck_assert_str_eq(text, forms[_i].out);
}
END_TEST

static const char *const not_addresses[] = {
	"",
	" ",
	"192.0.2",
	"192.0.2.256",
	"192.0.2.1.1",
	"192.0.2.01",
	"192.0.2.1 ",
	" 192.0.2.1",
	"0x7f.1",
	"127.1",
	"192.0.2.-1",
	"192.0.2.1:80",
	"[::1]",
	"::1%lo",
	"fe80::1%eth0",
	":::",
	"1::2::3",
	"12345::",
	"1:2:3:4:5:6:7",
	"1:2:3:4:5:6:7:8:9",
	"::g",
	":1",
	"1:",
	"localhost",
	"::1/128",
	"none",
	"::192.0.2.1.1",
	"1.2.3.4\n",
};

START_TEST(nothing_else_is_an_address)
{
	struct lvs_addr addr = {77, {1}}, before = addr;
	uint16_t port = 7;

	ck_assert_int_eq(lvs_addr_parse(&addr, not_addresses[_i]), -EINVAL);
	ck_assert_mem_eq(&addr, &before, sizeof(addr));
	if (strcmp(not_addresses[_i], "192.0.2.1:80") == 0 ||
	    strcmp(not_addresses[_i], "[::1]") == 0)
		return; /* endpoints */
	ck_assert_int_eq(lvs_endpoint_parse(&addr, &port, not_addresses[_i]),
			 -EINVAL);
	ck_assert_mem_eq(&addr, &before, sizeof(addr));
	ck_assert_uint_eq(port, 7);
}
END_TEST

static const struct {
	const char *in;
	unsigned int port;
	const char *out;
} endpoints[] = {
	{"192.0.2.1:80", 80, "192.0.2.1:80"},
	{"192.0.2.1", 0, "192.0.2.1:0"},
	{"192.0.2.1:0", 0, "192.0.2.1:0"},
	{"192.0.2.1:65535", 65535, "192.0.2.1:65535"},
	{"[2001:db8::1]:443", 443, "[2001:db8::1]:443"},
	{"[2001:db8::1]", 0, "[2001:db8::1]:0"},
	{"2001:db8::1", 0, "[2001:db8::1]:0"},
	{"2001:db8::80", 0, "[2001:db8::80]:0"},
	{"[::ffff:192.0.2.1]:53", 53, "[::ffff:192.0.2.1]:53"},
	{"[1111:2222:3333:4444:5555:6666:7777:8888]:65535", 65535,
	 "[1111:2222:3333:4444:5555:6666:7777:8888]:65535"},
};

START_TEST(endpoints_are_read_and_written)
{
	struct lvs_addr addr;
	uint16_t port;
	char text[54];

	ck_assert_int_eq(lvs_endpoint_parse(&addr, &port, endpoints[_i].in), 0);
	ck_assert_uint_eq(port, endpoints[_i].port);
	ck_assert_int_eq(lvs_endpoint_format(&addr, port, text, sizeof(text)),
			 (int)strlen(endpoints[_i].out));
	ck_assert_str_eq(text, endpoints[_i].out);
}
END_TEST

static const char *const not_endpoints[] = {
	"192.0.2.1:",
	"192.0.2.1:65536",
	"192.0.2.1:-1",
	"192.0.2.1:+1",
	"192.0.2.1: 80",
	"192.0.2.1:80 ",
	"192.0.2.1:8a",
	"192.0.2.1:0x50",
	"192.0.2.1:http",
	"192.0.2.1:000080",
	":80",
	"[]:80",
	"[::1",
	"[::1]80",
	"[::1]:",
	"[::1]:99999",
	"[192.0.2.1]:80",
	"[::1]]:80",
	"[[::1]]:80",
	"::1]:80",
	"192.0.2.1:80:80",
	"[::1%lo]:80",
	"[11111111111111111111111111111111111111111111111111111111]:1",
	"111111111111111111111111111111111111111111111111111111.1.1.1:1",
};

START_TEST(nothing_else_is_an_endpoint)
{
	struct lvs_addr addr = {77, {1}}, before = addr;
	uint16_t port = 7;

	ck_assert_int_eq(lvs_endpoint_parse(&addr, &port, not_endpoints[_i]),
			 -EINVAL);
	ck_assert_mem_eq(&addr, &before, sizeof(addr));
	ck_assert_uint_eq(port, 7);
}
END_TEST

/* libc's reader is the judge of our writer. */
START_TEST(any_address_survives_text)
{
	uint64_t seed = 5;

	for (int i = 0; i < 50000; i++) {
		struct lvs_addr addr = {LVS_IPV6, {0}}, again;
		uint8_t judged[16];
		char text[46];

		fill(&seed, addr.bytes, 16);
		for (int words = 0; words < 8; words++)
			if (below(&seed, 2) == 0)
				memset(addr.bytes + 2 * words, 0, 2);
		ck_assert_int_lt(lvs_addr_format(&addr, text, sizeof(text)),
				 46);
		ck_assert_int_eq(inet_pton(AF_INET6, text, judged), 1);
		ck_assert_mem_eq(judged, addr.bytes, 16);
		ck_assert_int_eq(lvs_addr_parse(&again, text), 0);
		ck_assert_mem_eq(&again, &addr, sizeof(addr));
	}
}
END_TEST

START_TEST(text_is_cut_and_ended)
{
	const char *whole = "[2001:db8::1]:443";
	struct lvs_addr addr;
	uint16_t port;

	ck_assert_int_eq(lvs_endpoint_parse(&addr, &port, whole), 0);
	for (size_t size = 0; size <= strlen(whole) + 2; size++) {
		char *text = malloc(size + 1);

		memset(text, 'x', size + 1);
		ck_assert_int_eq(lvs_endpoint_format(&addr, port, text, size),
				 (int)strlen(whole));
		ck_assert_int_eq(text[size], 'x');
		if (size > 0) {
			ck_assert(memchr(text, 0, size) != NULL);
			ck_assert(strncmp(text, whole, size - 1) == 0);
		}
		free(text);
	}
}
END_TEST

START_TEST(no_address_is_none_and_others_are_refused)
{
	struct lvs_addr addr = {LVS_FAMILY_NONE, {0}};
	uint16_t port;
	char text[54] = "x";

	ck_assert_int_eq(lvs_addr_format(&addr, text, sizeof(text)), 4);
	ck_assert_str_eq(text, "none");
	addr.family = 5;
	ck_assert_int_eq(lvs_addr_format(&addr, text, sizeof(text)), -EINVAL);
	ck_assert_int_eq(lvs_endpoint_format(&addr, 1, text, 54), -EINVAL);
	ck_assert_int_eq(lvs_addr_format(NULL, text, 54), -EINVAL);
	ck_assert_int_eq(lvs_addr_format(&addr, NULL, 54), -EINVAL);
	ck_assert_int_eq(lvs_endpoint_format(NULL, 1, text, 54), -EINVAL);
	ck_assert_int_eq(lvs_endpoint_format(&addr, 1, NULL, 54), -EINVAL);
	ck_assert_int_eq(lvs_addr_parse(NULL, "::"), -EINVAL);
	ck_assert_int_eq(lvs_addr_parse(&addr, NULL), -EINVAL);
	ck_assert_int_eq(lvs_endpoint_parse(NULL, &port, "::"), -EINVAL);
	ck_assert_int_eq(lvs_endpoint_parse(&addr, NULL, "::"), -EINVAL);
	ck_assert_int_eq(lvs_endpoint_parse(&addr, &port, NULL), -EINVAL);
}
END_TEST

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

Suite *addr_suite(void)
{
	Suite *suite = suite_create("addr");
	TCase *tcase = tcase_create("addr");

	tcase_add_loop_test(tcase, every_form_is_read_and_written_in_one, 0,
			    COUNT(forms));
	tcase_add_loop_test(tcase, nothing_else_is_an_address, 0,
			    COUNT(not_addresses));
	tcase_add_loop_test(tcase, endpoints_are_read_and_written, 0,
			    COUNT(endpoints));
	tcase_add_loop_test(tcase, nothing_else_is_an_endpoint, 0,
			    COUNT(not_endpoints));
	tcase_add_test(tcase, any_address_survives_text);
	tcase_add_test(tcase, text_is_cut_and_ended);
	tcase_add_test(tcase, no_address_is_none_and_others_are_refused);
	suite_add_tcase(suite, tcase);
	return suite;
}
