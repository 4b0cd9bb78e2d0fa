/*
 * The model: who owns what, what differs, and the three-way merge.
 */
#include "unit.h"

#include <stdio.h>

#include "any_model.h"
#include "model/model.h"
#include "service/service.h"
#include "slow.h"

#define ALL (ANY_CHECKS | ANY_BACKEND)

static struct lvs_model *model;
static struct lvs_model *before, *after; /* the file, read twice */

static void setup(void)
{
	ck_assert_int_eq(lvs_model_new(&model), 0);
}

static void teardown(void)
{
	lvs_model_free(model);
	lvs_model_free(before);
	lvs_model_free(after);
}

/* The file is as what runs; a test then changes one or the other. */
static void copy_both(void)
{
	ck_assert_int_eq(lvs_model_copy(&before, model), 0);
	ck_assert_int_eq(lvs_model_copy(&after, model), 0);
}

/* ---- numbers and texts */

START_TEST(unset_numbers_have_their_default)
{
	static const uint64_t defaults[] = {900000,  120000, 300000, 1,
					    1 << 20, 512,    1};
	uint64_t value = 0;

	for (int i = 0; i < 7; i++) {
		ck_assert_int_eq(lvs_model_get(model, i + 1, &value), 0);
		ck_assert_uint_eq(value, defaults[i]);
	}
	ck_assert_ptr_null(lvs_model_get_text(model, LVS_MODEL_BACKEND));
	ck_assert_ptr_null(lvs_model_get_interface(model, 0));
}
END_TEST

START_TEST(numbers_out_of_range_change_nothing)
{
	static const struct {
		int option;
		uint64_t good;
		uint64_t bad;
	} cases[] = {
		{LVS_MODEL_TIMEOUT_TCP, 1, 0},
		{LVS_MODEL_TIMEOUT_UDP, INT32_MAX, (uint64_t)INT32_MAX + 1},
		{LVS_MODEL_WORKERS, 64, 65},
		{LVS_MODEL_WORKERS, 1, 0},
		{LVS_MODEL_CONNECTIONS, 1 << 26, (1 << 26) + 1},
		{LVS_MODEL_RING_FRAMES, 4096, 8192},
		{LVS_MODEL_RING_FRAMES, 16, 48},
		{LVS_MODEL_ADDRESSES, 0, 2},
	};
	uint64_t value;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(lvs_model_set(model, cases[i].option,
					       cases[i].good),
				 0);
		ck_assert_int_eq(lvs_model_set(model, cases[i].option,
					       cases[i].bad),
				 -ERANGE);
		ck_assert_int_eq(lvs_model_set(model, cases[i].option,
					       UINT64_MAX),
				 -ERANGE);
		ck_assert_int_eq(lvs_model_get(model, cases[i].option, &value),
				 0);
		ck_assert_uint_eq(value, cases[i].good);
	}
	ck_assert_int_eq(lvs_model_set(model, 0, 1), -EINVAL);
	ck_assert_int_eq(lvs_model_set(model, 8, 1), -EINVAL);
	ck_assert_int_eq(lvs_model_set(model, -1, 1), -EINVAL);
}
END_TEST

START_TEST(a_text_has_at_most_255_bytes)
{
	char text[300];

	memset(text, 'a', sizeof(text));
	text[255] = '\0';
	ck_assert_int_eq(lvs_model_set_text(model, LVS_MODEL_CONTROL, text), 0);
	text[255] = 'a';
	text[256] = '\0';
	ck_assert_int_eq(lvs_model_set_text(model, LVS_MODEL_CONTROL, text),
			 -EINVAL);
	ck_assert_uint_eq(strlen(lvs_model_get_text(model, LVS_MODEL_CONTROL)),
			  255);
	ck_assert_int_eq(lvs_model_set_text(model, LVS_MODEL_CONTROL, NULL), 0);
	ck_assert_ptr_null(lvs_model_get_text(model, LVS_MODEL_CONTROL));
	ck_assert_int_eq(lvs_model_set_text(model, 4, "x"), -EINVAL);
}
END_TEST

START_TEST(an_interface_has_a_name_that_the_kernel_takes)
{
	static const char *const bad[] = {"",	  ".",
					  "..",	  "a/b",
					  "a b",  "a:1",
					  "a\nb", "abcdefghijklmnop"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_int_eq(lvs_model_add_interface(model, bad[i]),
				 -EINVAL);
	ck_assert_int_eq(lvs_model_add_interface(model, "abcdefghijklmno"), 0);
	ck_assert_int_eq(lvs_model_add_interface(model, "eth0"), 0);
	ck_assert_int_eq(lvs_model_add_interface(model, "eth0"), -EEXIST);
	ck_assert_str_eq(lvs_model_get_interface(model, 1), "eth0");
	ck_assert_ptr_null(lvs_model_get_interface(model, 2));
	ck_assert_ptr_null(lvs_model_get_interface(model, SIZE_MAX));
}
END_TEST

/* ---- services and dests */

START_TEST(a_service_of_a_model_has_one_parent)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);
	struct lvs_addr addr = any_addr("192.0.2.1");
	struct lvs_service *other;
	struct lvs_model *second;

	ck_assert_int_eq(lvs_model_new(&second), 0);
	ck_assert_int_eq(lvs_model_add_service(second, service), -EBUSY);
	ck_assert_int_eq(lvs_model_add_service(model, service), -EBUSY);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 81, LVS_TCP),
			 -EBUSY);
	ck_assert_int_eq(lvs_model_remove_service(second, service), -ENOENT);
	ck_assert_int_eq(lvs_service_new(&other), 0);
	ck_assert_int_eq(lvs_model_add_service(model, other), -EINVAL);
	lvs_service_set_address(other, &addr, 80, LVS_TCP);
	ck_assert_int_eq(lvs_model_add_service(model, other), -EEXIST);
	lvs_service_free(other);
	lvs_model_free(second);
}
END_TEST

START_TEST(services_are_found_and_walked_in_order)
{
	struct lvs_service *services[200];
	struct lvs_service *at = NULL;
	struct lvs_addr addr = any_addr("192.0.2.1");

	for (uint16_t i = 0; i < 200; i++)
		services[i] = put_service(model, "192.0.2.1",
					  (uint16_t)(1000 + i / 2),
					  i % 2 == 0 ? LVS_TCP : LVS_UDP);
	for (uint16_t i = 0; i < 200; i++) {
		ck_assert_ptr_eq(lvs_model_find_service(
					 model, &addr, (uint16_t)(1000 + i / 2),
					 i % 2 == 0 ? LVS_TCP : LVS_UDP),
				 services[i]);
		at = lvs_model_next_service(model, at);
		ck_assert_ptr_eq(at, services[i]);
	}
	ck_assert_ptr_null(lvs_model_next_service(model, at));
	ck_assert_ptr_null(lvs_model_find_service(model, &addr, 999, LVS_TCP));
	for (uint16_t i = 0; i < 200; i += 3)
		ck_assert_int_eq(lvs_model_remove_service(model, services[i]),
				 0);
	ck_assert_ptr_null(lvs_model_find_service(model, &addr, 1000, LVS_TCP));
	ck_assert_ptr_eq(lvs_model_find_service(model, &addr, 1000, LVS_UDP),
			 services[1]);
	ck_assert_ptr_eq(lvs_model_next_service(model, NULL), services[1]);
}
END_TEST

START_TEST(a_service_has_settings)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);
	struct lvs_service *alone;
	uint64_t value = 0;

	ck_assert_int_eq(lvs_service_new(&alone), 0);
	ck_assert_int_eq(lvs_model_get_service(model, service,
					       LVS_SETTING_RESETS, &value),
			 0);
	ck_assert_uint_eq(value, 3);
	ck_assert_int_eq(lvs_model_set_service(model, service,
					       LVS_SETTING_RESETS, 0),
			 0);
	ck_assert_int_eq(lvs_model_set_service(model, service,
					       LVS_SETTING_RESET_INTERVAL, 0),
			 -ERANGE);
	ck_assert_int_eq(lvs_model_set_service(model, service,
					       LVS_SETTING_INHIBIT, 2),
			 -ERANGE);
	ck_assert_int_eq(lvs_model_set_service(model, service, 4, 0), -EINVAL);
	ck_assert_int_eq(lvs_model_set_service(model, alone, 1, 0), -ENOENT);
	ck_assert_int_eq(lvs_model_get_service(model, service,
					       LVS_SETTING_RESETS, &value),
			 0);
	ck_assert_uint_eq(value, 0);
	lvs_service_free(alone);
}
END_TEST

START_TEST(checks_go_with_their_dest)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);
	struct lvs_dest *a = put_dest(service, "10.0.0.1", 80, 1);
	struct lvs_dest *b = put_dest(service, "10.0.0.2", 80, 1);
	struct lvs_check *check = put_check(model, service, a, 1000);
	struct lvs_check *second = put_check(model, service, a, 2000);
	struct lvs_service *alone;

	ck_assert_ptr_eq(lvs_model_get_check(model, a, 0), check);
	ck_assert_ptr_eq(lvs_model_get_check(model, a, 1), second);
	ck_assert_ptr_null(lvs_model_get_check(model, a, 2));
	ck_assert_ptr_null(lvs_model_get_check(model, b, 0));
	ck_assert_int_eq(lvs_model_add_check(model, service, a, check),
			 -EINVAL);
	ck_assert_int_eq(lvs_service_new(&alone), 0);
	ck_assert_int_eq(lvs_model_add_check(model, alone, a, check), -ENOENT);
	ck_assert_int_eq(lvs_model_remove_dest(model, alone, a), -ENOENT);
	ck_assert_int_eq(lvs_model_remove_dest(model, service, a), 0);
	ck_assert_ptr_null(lvs_service_next_dest(service, b));
	lvs_service_free(alone);
}
END_TEST

START_TEST(checks_go_with_their_dest_whoever_takes_it_out)
{
	struct lvs_addr addr;
	struct lvs_service *service;
	struct lvs_dest *dest;

	/* one that lives on, so that it can be looked at */
	ck_assert_int_eq(lvs_service_new(&service), 0);
	lvs_addr_parse(&addr, "192.0.2.1");
	lvs_service_set_address(service, &addr, 80, LVS_TCP);
	dest = put_dest(service, "10.0.0.1", 80, 1);
	ck_assert_int_eq(lvs_dest_opened(dest), 0);
	ck_assert_int_eq(lvs_model_add_service(model, service), 0);
	put_check(model, service, dest, 1000);
	ck_assert_ptr_nonnull(dest->note);
	ck_assert_int_eq(lvs_service_remove_dest(service, dest), 0);
	ck_assert_ptr_null(dest->note);
	ck_assert_int_eq(lvs_model_remove_dest(model, service, dest), -ENOENT);
}
END_TEST

START_TEST(a_dest_has_at_most_64_checks)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);
	struct lvs_dest *dest = put_dest(service, "10.0.0.1", 80, 1);
	struct lvs_check *check;

	for (int i = 0; i < 64; i++)
		put_check(model, service, dest, 1000);
	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	ck_assert_int_eq(lvs_model_add_check(model, service, dest, check),
			 -EINVAL);
	lvs_check_free(check);
}
END_TEST

/* By a walk over all of them, in the order in which they came. */
static struct lvs_dest *first_checked(const struct lvs_service *service)
{
	struct lvs_dest *dest = NULL;

	while ((dest = lvs__model_next_dest(service, dest)) != NULL)
		if (lvs_model_get_check(model, dest, 0) != NULL)
			return dest;
	return NULL;
}

static struct lvs_dest *nth_dest(const struct lvs_service *service,
				 unsigned int n)
{
	struct lvs_dest *dest = NULL;

	do
		dest = lvs__model_next_dest(service, dest);
	while (dest != NULL && n-- > 0);
	return dest;
}

START_TEST(the_first_dest_with_a_check_is_known)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);
	struct lvs_dest *dest;
	uint64_t seed = 1;
	char text[32];

	for (unsigned int i = 0; i < 20000; i++) {
		dest = nth_dest(service, below(&seed, 12));
		switch (below(&seed, 5)) {
		case 0:
		case 1:
			if (service->dest_count > 10)
				break;
			snprintf(text, sizeof(text), "10.0.%u.%u", i >> 8,
				 i & 0xff);
			put_dest(service, text, 80, 1);
			break;
		case 2:
			if (dest != NULL)
				lvs_model_remove_dest(model, service, dest);
			break;
		case 3:
			if (dest != NULL && below(&seed, 4) == 0)
				put_check(model, service, dest, 1000);
			break;
		default:
			if (dest != NULL)
				lvs__model_drop_checks(model, dest);
		}
		if (below(&seed, 2) == 0)
			ck_assert_ptr_eq(lvs__model_first_checked(service),
					 first_checked(service));
	}
}
END_TEST

START_TEST(null_is_refused)
{
	uint64_t value;

	ck_assert_int_eq(lvs_model_new(NULL), -EINVAL);
	lvs_model_free(NULL);
	ck_assert_int_eq(lvs_model_copy(NULL, model), -EINVAL);
	ck_assert_int_eq(lvs_model_copy(&model, NULL), -EINVAL);
	ck_assert_int_eq(lvs_model_set(NULL, 1, 1), -EINVAL);
	ck_assert_int_eq(lvs_model_get(NULL, 1, &value), -EINVAL);
	ck_assert_int_eq(lvs_model_get(model, 1, NULL), -EINVAL);
	ck_assert_int_eq(lvs_model_set_text(NULL, 1, "x"), -EINVAL);
	ck_assert_ptr_null(lvs_model_get_text(NULL, 1));
	ck_assert_int_eq(lvs_model_add_interface(NULL, "x"), -EINVAL);
	ck_assert_int_eq(lvs_model_add_interface(model, NULL), -EINVAL);
	ck_assert_ptr_null(lvs_model_get_interface(NULL, 0));
	ck_assert_int_eq(lvs_model_add_service(model, NULL), -EINVAL);
	ck_assert_int_lt(lvs_model_remove_service(NULL, NULL), 0);
	ck_assert_ptr_null(lvs_model_find_service(model, NULL, 1, LVS_TCP));
	ck_assert_ptr_null(lvs_model_next_service(NULL, NULL));
	ck_assert_ptr_null(lvs_model_get_check(model, NULL, 0));
	ck_assert_int_eq(lvs_model_diff(NULL, model, NULL, 0), -EINVAL);
	ck_assert_int_eq(lvs_model_diff(model, model, NULL, 5), -EINVAL);
	ck_assert_int_eq(lvs_model_merge(model, NULL, model), -EINVAL);
}
END_TEST

/* ---- copies and differences */

START_TEST(a_copy_is_equal_and_apart)
{
	uint64_t seed = 1000 + (uint64_t)_i;
	struct lvs_model *a = any_model(&seed, ALL);
	struct lvs_model *b;
	struct lvs_model *c;

	ck_assert_int_eq(lvs_model_copy(&b, a), 0);
	must_equal_in_order(a, b);
	ck_assert_int_eq(lvs_model_copy(&c, b), 0);
	any_edits(b, &seed);
	must_equal(a, c);
	ck_assert_int_gt(lvs_model_diff(a, b, NULL, 0), 0);
	lvs_model_free(a);
	lvs_model_free(b);
	lvs_model_free(c);
}
END_TEST

START_TEST(a_difference_is_told_in_lines)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);
	struct lvs_dest *dest = put_dest(service, "10.0.0.3", 80, 1);
	struct lvs_model *to;
	char text[2048];
	int length;

	put_service(model, "192.0.2.9", 80, LVS_UDP);
	ck_assert_int_eq(lvs_model_copy(&to, model), 0);
	ck_assert_int_eq(lvs_model_diff(model, to, text, sizeof(text)), 0);
	ck_assert_str_eq(text, "");

	lvs_model_set(to, LVS_MODEL_TIMEOUT_UDP, 1500);
	lvs_model_set_text(to, LVS_MODEL_BACKEND, "raw");
	lvs_model_add_interface(to, "eth0");
	service = lvs_model_next_service(to, NULL);
	lvs_model_remove_service(to, lvs_model_next_service(to, service));
	lvs_service_set_sched(service, "rr");
	lvs_model_set_service(to, service, LVS_SETTING_INHIBIT, 1);
	dest = lvs_service_next_dest(service, NULL);
	lvs_dest_set(dest, LVS_DEST_WEIGHT, 5);
	lvs_dest_set(dest, LVS_DEST_METHOD, LVS_NAT);
	put_check(to, service, dest, 500);
	dest = put_dest(service, "10.0.0.4", 80, 7);
	lvs_dest_set(dest, LVS_DEST_UPPER, 100);
	service = put_service(to, "2001:db8::1", 53, LVS_UDP);
	put_dest(service, "fd00::1", 53, 0);
	length = lvs_model_diff(model, to, text, sizeof(text));
	ck_assert_str_eq(
		text,
		"~ timeout_udp 300 to 1.5\n"
		"~ type none to raw\n"
		"+ interface eth0\n"
		"~ tcp 192.0.2.1:80 scheduler wlc to rr\n"
		"~ tcp 192.0.2.1:80 inhibit_on_failure no to yes\n"
		"~ tcp 192.0.2.1:80 -> 10.0.0.3:80 weight 1 to 5\n"
		"~ tcp 192.0.2.1:80 -> 10.0.0.3:80 method dr to nat\n"
		"+ tcp 192.0.2.1:80 -> 10.0.0.3:80 check tcp interval 0.5 "
		"timeout 5 rise 1 fall 3 retry 1 jitter 0.5\n"
		"+ tcp 192.0.2.1:80 -> 10.0.0.4:80 weight 7 dr upper 100\n"
		"- udp 192.0.2.9:80\n"
		"+ udp [2001:db8::1]:53 wlc\n"
		"+ udp [2001:db8::1]:53 -> [fd00::1]:53 weight 0 dr\n");
	ck_assert_int_eq(length, (int)strlen(text));
	ck_assert_int_eq(lvs_model_diff(model, to, text, 10), length);
	ck_assert_uint_eq(strlen(text), 9);
	ck_assert_int_eq(lvs_model_diff(model, to, NULL, 0), length);
	lvs_model_free(to);
}
END_TEST

START_TEST(a_dead_dest_is_no_difference)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);
	struct lvs_dest *dest = put_dest(service, "10.0.0.3", 80, 1);
	struct lvs_model *to;

	ck_assert_int_eq(lvs_model_copy(&to, model), 0);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_DOWN, 1), 0);
	must_equal(model, to);
	lvs_model_free(to);
}
END_TEST

/* ---- merging */

static struct lvs_dest *only_dest(struct lvs_model *of)
{
	return lvs_service_next_dest(lvs_model_next_service(of, NULL), NULL);
}

static uint64_t dest_value(struct lvs_model *of, int option)
{
	uint64_t value = 0;

	ck_assert_int_eq(lvs_dest_get(only_dest(of), option, &value), 0);
	return value;
}

START_TEST(what_the_file_did_not_change_stays)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);

	put_dest(service, "10.0.0.1", 80, 1);
	copy_both();
	/* an operator changed the weight, the file the thresholds */
	lvs_dest_set(only_dest(model), LVS_DEST_WEIGHT, 77);
	lvs_dest_set(only_dest(model), LVS_DEST_UPPER, 10);
	lvs_dest_set(only_dest(model), LVS_DEST_LOWER, 9);
	lvs_dest_set(only_dest(after), LVS_DEST_UPPER, 5);
	ck_assert_int_eq(lvs_model_merge(model, before, after), 0);
	ck_assert_uint_eq(dest_value(model, LVS_DEST_WEIGHT), 77);
	ck_assert_uint_eq(dest_value(model, LVS_DEST_UPPER), 5);
	ck_assert_uint_eq(dest_value(model, LVS_DEST_LOWER), 0);
}
END_TEST

START_TEST(what_the_file_changed_is_done)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);
	uint64_t value = 0;

	put_dest(service, "10.0.0.1", 80, 1);
	copy_both();
	lvs_dest_set(only_dest(model), LVS_DEST_WEIGHT, 77);
	put_service(model, "192.0.2.7", 7, LVS_TCP); /* by an operator */
	lvs_dest_set(only_dest(after), LVS_DEST_WEIGHT, 3);
	service = lvs_model_next_service(after, NULL);
	put_check(after, service, only_dest(after), 1234);
	put_dest(put_service(after, "192.0.2.8", 8, LVS_UDP), "10.0.0.8", 8, 8);
	lvs_model_set_service(after, service, LVS_SETTING_RESETS, 9);
	ck_assert_int_eq(lvs_model_merge(model, before, after), 0);
	ck_assert_uint_eq(dest_value(model, LVS_DEST_WEIGHT), 3);
	ck_assert_ptr_nonnull(lvs_model_get_check(model, only_dest(model), 0));
	service = lvs_model_next_service(model, NULL);
	lvs_model_get_service(model, service, LVS_SETTING_RESETS, &value);
	ck_assert_uint_eq(value, 9);
	service = lvs_model_next_service(model, service);
	service = lvs_model_next_service(model, service);
	ck_assert_ptr_nonnull(service);
	ck_assert_ptr_nonnull(lvs_service_next_dest(service, NULL));
	ck_assert_ptr_null(lvs_model_next_service(model, service));
}
END_TEST

START_TEST(what_the_file_dropped_goes)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);
	char text[256];

	put_dest(service, "10.0.0.1", 80, 1);
	put_dest(service, "10.0.0.2", 80, 1);
	put_service(model, "192.0.2.2", 80, LVS_TCP);
	copy_both();
	put_dest(service, "10.0.0.3", 80, 1); /* by an operator */
	service = lvs_model_next_service(after, NULL);
	lvs_model_remove_dest(after, service,
			      lvs_service_next_dest(service, NULL));
	lvs_model_remove_service(after, lvs_model_next_service(after, service));
	ck_assert_int_eq(lvs_model_merge(model, before, after), 0);
	lvs_model_diff(before, model, text, sizeof(text));
	ck_assert_str_eq(text, "- tcp 192.0.2.1:80 -> 10.0.0.2:80\n"
			       "+ tcp 192.0.2.1:80 -> 10.0.0.3:80 weight 1 dr\n"
			       "- tcp 192.0.2.2:80\n");
}
END_TEST

START_TEST(what_an_operator_took_out_stays_out)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);

	put_dest(service, "10.0.0.1", 80, 1);
	put_service(model, "192.0.2.2", 80, LVS_TCP);
	copy_both();
	lvs_model_remove_dest(model, service, only_dest(model));
	lvs_model_remove_service(model, lvs_model_next_service(model, service));
	lvs_dest_set(only_dest(after), LVS_DEST_WEIGHT, 9);
	ck_assert_int_eq(lvs_model_merge(model, before, after), 0);
	service = lvs_model_next_service(model, NULL);
	ck_assert_ptr_null(lvs_service_next_dest(service, NULL));
	ck_assert_ptr_null(lvs_model_next_service(model, service));
}
END_TEST

/* Rules know no checks: what they took out and put back is unchecked. */
START_TEST(what_lost_its_checks_gets_those_of_the_file)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);
	struct lvs_check *check;
	struct lvs_model *file;
	uint64_t interval = 0;

	put_check(model, service, put_dest(service, "10.0.0.1", 80, 1), 1234);
	ck_assert_int_eq(lvs_model_copy(&file, model), 0);
	lvs_model_remove_dest(model, service, only_dest(model));
	put_dest(service, "10.0.0.1", 80, 7);
	ck_assert_int_eq(lvs_model_merge(model, file, file), 0);
	check = lvs_model_get_check(model, only_dest(model), 0);
	ck_assert_ptr_nonnull(check);
	lvs_check_get(check, LVS_CHECK_INTERVAL, &interval);
	ck_assert_uint_eq(interval, 1234);
	ck_assert_ptr_null(lvs_model_get_check(model, only_dest(model), 1));
	ck_assert_uint_eq(dest_value(model, LVS_DEST_WEIGHT), 7);
	lvs_model_free(file);
}
END_TEST

START_TEST(a_check_that_differs_from_the_file_stays)
{
	struct lvs_service *service =
		put_service(model, "192.0.2.1", 80, LVS_TCP);
	struct lvs_model *file;
	uint64_t interval = 0;

	put_check(model, service, put_dest(service, "10.0.0.1", 80, 1), 1234);
	ck_assert_int_eq(lvs_model_copy(&file, model), 0);
	lvs_model_remove_dest(model, service, only_dest(model));
	put_check(model, service, put_dest(service, "10.0.0.1", 80, 1), 77);
	ck_assert_int_eq(lvs_model_merge(model, file, file), 0);
	lvs_check_get(lvs_model_get_check(model, only_dest(model), 0),
		      LVS_CHECK_INTERVAL, &interval);
	ck_assert_uint_eq(interval, 77);
	lvs_model_free(file);
}
END_TEST

/* Every dest without checks gets those that the file has for it. */
static void give_checks(struct lvs_model *to, struct lvs_model *file)
{
	struct lvs_service *service = NULL;
	struct lvs_service *twin;
	struct lvs_check *check;
	struct lvs_dest *dest;
	struct lvs_dest *from;
	struct lvs_addr addr;
	uint16_t port;
	int protocol;

	while ((service = lvs_model_next_service(to, service)) != NULL) {
		lvs_service_get_address(service, &addr, &port, &protocol);
		twin = lvs_model_find_service(file, &addr, port, protocol);
		dest = NULL;
		while (twin != NULL &&
		       (dest = lvs_service_next_dest(service, dest)) != NULL) {
			lvs_dest_get_address(dest, &addr, &port);
			from = lvs_service_find_dest(twin, &addr, port);
			if (lvs_model_get_check(to, dest, 0) != NULL)
				continue;
			for (size_t i = 0;
			     lvs_model_get_check(file, from, i) != NULL; i++) {
				lvs_check_copy(&check,
					       lvs_model_get_check(file, from,
								   i));
				lvs_model_add_check(to, service, dest, check);
			}
		}
	}
}

/* Three laws that hold for any models. */
START_TEST(merging_obeys_its_laws)
{
	uint64_t seed = 77 + (uint64_t)_i;
	struct lvs_model *mine;
	struct lvs_model *m;

	before = any_model(&seed, ALL);
	ck_assert_int_eq(lvs_model_copy(&after, before), 0);
	any_edits(after, &seed);
	ck_assert_int_eq(lvs_model_copy(&mine, before), 0);
	any_edits(mine, &seed);
	/* nobody changed the model: it becomes what the file says */
	ck_assert_int_eq(lvs_model_copy(&m, before), 0);
	ck_assert_int_eq(lvs_model_merge(m, before, after), 0);
	must_equal(m, after);
	/* done already: again changes nothing */
	ck_assert_int_eq(lvs_model_merge(m, before, after), 0);
	must_equal(m, after);
	lvs_model_free(m);
	/* the file did not change: the model stays, but for lost checks */
	ck_assert_int_eq(lvs_model_copy(&m, mine), 0);
	ck_assert_int_eq(lvs_model_merge(m, before, before), 0);
	give_checks(mine, before);
	must_equal_in_order(m, mine);
	/* the file and back: what the file never touched is as it was */
	ck_assert_int_eq(lvs_model_merge(m, after, after), 0);
	give_checks(mine, after);
	must_equal_in_order(m, mine);
	ck_assert_int_eq(lvs_model_merge(m, before, after), 0);
	lvs_model_free(m);
	lvs_model_free(mine);
}
END_TEST

Suite *model_suite(void)
{
	Suite *suite = suite_create("model");
	TCase *tcase = tcase_create("model");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, unset_numbers_have_their_default);
	tcase_add_test(tcase, numbers_out_of_range_change_nothing);
	tcase_add_test(tcase, a_text_has_at_most_255_bytes);
	tcase_add_test(tcase, an_interface_has_a_name_that_the_kernel_takes);
	tcase_add_test(tcase, a_service_of_a_model_has_one_parent);
	tcase_add_test(tcase, services_are_found_and_walked_in_order);
	tcase_add_test(tcase, a_service_has_settings);
	tcase_add_test(tcase, checks_go_with_their_dest);
	tcase_add_test(tcase, checks_go_with_their_dest_whoever_takes_it_out);
	tcase_add_test(tcase, a_dest_has_at_most_64_checks);
	tcase_add_test(tcase, the_first_dest_with_a_check_is_known);
	tcase_add_test(tcase, null_is_refused);
	tcase_add_loop_test(tcase, a_copy_is_equal_and_apart, 0, 50);
	tcase_add_test(tcase, a_difference_is_told_in_lines);
	tcase_add_test(tcase, a_dead_dest_is_no_difference);
	tcase_add_test(tcase, what_the_file_did_not_change_stays);
	tcase_add_test(tcase, what_the_file_changed_is_done);
	tcase_add_test(tcase, what_the_file_dropped_goes);
	tcase_add_test(tcase, what_an_operator_took_out_stays_out);
	tcase_add_test(tcase, what_lost_its_checks_gets_those_of_the_file);
	tcase_add_test(tcase, a_check_that_differs_from_the_file_stays);
	tcase_add_loop_test(tcase, merging_obeys_its_laws, 0, 100);
	suite_add_tcase(suite, tcase);
	return suite;
}
