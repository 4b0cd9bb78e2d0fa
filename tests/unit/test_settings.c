/*
 * What all settings have in common, whichever they are: two sides are walked
 * in pairs, and nothing that is configured is left behind on the way.
 */
#include "any_model.h"
#include "unit.h"

#include <stdio.h>

#include "model/model.h"
#include "model/pairs.h"

static struct lvs_model *a, *b;

static void setup(void)
{
	ck_assert_int_eq(lvs_model_new(&a), 0);
	ck_assert_int_eq(lvs_model_new(&b), 0);
}

static void teardown(void)
{
	lvs_model_free(a);
	lvs_model_free(b);
}

/* "1-1 2- -3 " of services at these ports. */
static const char *walk_services(char *text)
{
	struct lvs__service_pair pair = {0};

	text[0] = '\0';
	while (lvs__pair_services(&pair, a->services, b->services)) {
		if (pair.a != NULL)
			sprintf(text + strlen(text), "%u", pair.a->port);
		strcat(text, "-");
		if (pair.b != NULL)
			sprintf(text + strlen(text), "%u", pair.b->port);
		strcat(text, " ");
	}
	return text;
}

static const char *walk_dests(char *text, const struct lvs_service *x,
			      const struct lvs_service *y)
{
	struct lvs__dest_pair pair = {0};

	text[0] = '\0';
	while (lvs__pair_dests(&pair, x, y)) {
		if (pair.a != NULL)
			sprintf(text + strlen(text), "%u", pair.a->port);
		strcat(text, "-");
		if (pair.b != NULL)
			sprintf(text + strlen(text), "%u", pair.b->port);
		strcat(text, " ");
	}
	return text;
}

START_TEST(two_sides_are_walked_in_pairs)
{
	static const uint16_t ports_a[] = {3, 1, 2}, ports_b[] = {5, 2, 3, 4};
	struct lvs_service *x = NULL, *y = NULL;
	char text[64];

	ck_assert_str_eq(walk_services(text), "");
	for (size_t i = 0; i < 4; i++)
		y = put_service(b, "192.0.2.1", ports_b[i], LVS_TCP);
	ck_assert_str_eq(walk_services(text), "-5 -2 -3 -4 ");
	for (size_t i = 0; i < 3; i++)
		x = put_service(a, "192.0.2.1", ports_a[i], LVS_TCP);
	ck_assert_str_eq(walk_services(text), "3-3 1- 2-2 -5 -4 ");
	for (size_t i = 0; i < 3; i++)
		put_dest(x, "10.0.0.1", ports_a[i], 1);
	ck_assert_str_eq(walk_dests(text, x, NULL), "3- 1- 2- ");
	ck_assert_str_eq(walk_dests(text, NULL, x), "-3 -1 -2 ");
	ck_assert_str_eq(walk_dests(text, x, y), "3- 1- 2- ");
	for (size_t i = 0; i < 4; i++)
		put_dest(y, "10.0.0.1", ports_b[i], 1);
	ck_assert_str_eq(walk_dests(text, x, y), "3-3 1- 2-2 -5 -4 ");
	ck_assert_str_eq(walk_dests(text, NULL, NULL), "");
}
END_TEST

Suite *settings_suite(void)
{
	Suite *suite = suite_create("settings");
	TCase *tcase = tcase_create("settings");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, two_sides_are_walked_in_pairs);
	suite_add_tcase(suite, tcase);
	return suite;
}
