/*
 * What all settings have in common, whichever they are: two sides are walked
 * in pairs, and nothing that is configured is left behind on the way.
 */
#include "any_model.h"
#include "unit.h"

#include <stdio.h>

#include <lvs/director.h>

#include "director/director.h"
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
		if (pair.from != NULL)
			sprintf(text + strlen(text), "%u", pair.from->port);
		strcat(text, "-");
		if (pair.to != NULL)
			sprintf(text + strlen(text), "%u", pair.to->port);
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
		if (pair.from != NULL)
			sprintf(text + strlen(text), "%u", pair.from->port);
		strcat(text, "-");
		if (pair.to != NULL)
			sprintf(text + strlen(text), "%u", pair.to->port);
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

/* ---- every row of the tables is carried by all that carries settings */

/* Allowed, and not what it is unset: whatever the row says. */
static uint64_t another(const struct lvs__model_number *n)
{
	return n->least != n->unset ? n->least : n->most;
}

static struct lvs_service *only(struct lvs_model *model)
{
	return lvs_model_next_service(model, NULL);
}

static struct lvs_dest *only_dest(struct lvs_model *model)
{
	return lvs_service_next_dest(only(model), NULL);
}

static void put_both(void)
{
	put_dest(put_service(a, "192.0.2.1", 80, LVS_TCP), "10.0.0.1", 80, 1);
	lvs_model_free(b);
	ck_assert_int_eq(lvs_model_copy(&b, a), 0);
}

/* `b` has it, `a` not: a copy has it, a difference names it, a merge does. */
static void must_carry(const char *name)
{
	struct lvs_model *copy, *merged;
	char text[256];

	ck_assert_int_eq(lvs_model_copy(&copy, b), 0);
	lvs_model_diff(b, copy, text, sizeof(text));
	ck_assert_msg(text[0] == '\0', "not copied: %s", text);
	lvs_model_diff(a, b, text, sizeof(text));
	ck_assert_msg(strstr(text, name) != NULL, "%s: \"%s\"", name, text);
	ck_assert_int_eq(lvs_model_copy(&merged, a), 0);
	ck_assert_int_eq(lvs_model_merge(merged, a, b), 0);
	lvs_model_diff(b, merged, text, sizeof(text));
	ck_assert_msg(text[0] == '\0', "not merged: %s", text);
	/* what only the model has stays where the file does not speak of it */
	ck_assert_int_eq(lvs_model_merge(merged, a, a), 0);
	must_equal(b, merged);
	lvs_model_free(copy);
	lvs_model_free(merged);
}

/* The value that runs in the director's service or dest. */
static void must_run(struct lvs_director *director, struct lvs_model *model,
		     int option, bool of_dest, uint64_t value)
{
	const struct lvs_service *service;
	uint64_t now = 0;

	ck_assert_int_eq(lvs_director_apply(director, model, NULL, 0, 1), 1);
	service = lvs_director_next_service(director, NULL);
	if (of_dest)
		lvs_dest_get(lvs_service_next_dest(service, NULL), option,
			     &now);
	else
		lvs_service_get(service, option, &now);
	ck_assert_msg(now == value, "option %d: %d", option, (int)now);
}

/* What a running node does not change. */
static void set_node(struct lvs_model *model)
{
	lvs_model_set_text(model, LVS_MODEL_BACKEND, "none");
	lvs_model_set(model, LVS_MODEL_CONNECTIONS, 1024);
}

static struct lvs_director *run(struct lvs_model *model)
{
	struct lvs_director *director;

	set_node(model);
	ck_assert_int_eq(lvs_director_new(&director, model, NULL, 0, 0), 0);
	ck_assert_int_eq(lvs_director_apply(director, model, NULL, 0, 0), 1);
	return director;
}

static void drop_events(struct lvs_director *director)
{
	struct lvs_event event;

	while (lvs_director_pop_event(director, &event, sizeof(event)) == 1)
		continue;
}

/* The one that a change made, and says in bits and words what is new. */
static void must_tell(struct lvs_director *director, uint32_t changed,
		      const char *name)
{
	struct lvs_event event;
	char text[160], end[64];

	ck_assert_int_eq(lvs_director_pop_event(director, &event,
						sizeof(event)),
			 1);
	ck_assert_uint_eq(event.kind, LVS_EVENT_SERVICE_CHANGED);
	ck_assert_uint_eq(event.changed, changed);
	snprintf(end, sizeof(end), " changed: %s", name);
	lvs_event_format(&event, text, sizeof(text));
	ck_assert_msg(strstr(text, end) != NULL, "%s", text);
}

START_TEST(no_option_of_a_dest_is_left_behind)
{
	const struct lvs__model_number *n = &lvs__model_dests[_i];
	struct lvs_director *director;
	struct lvs_event event;
	uint64_t value;

	put_both();
	if (n->name == NULL)
		return;
	director = run(a);
	set_node(b);
	lvs_dest_get(only_dest(a), _i, &value);
	if (_i != LVS_DEST_WEIGHT)
		ck_assert_uint_eq(value, n->unset);
	if (_i == LVS_DEST_LOWER)
		lvs_dest_set(only_dest(b), LVS_DEST_UPPER, n->most);
	value = another(n);
	ck_assert_int_eq(lvs_dest_set(only_dest(b), _i, value), 0);
	ck_assert_int_eq(lvs_dest_set(only_dest(b), _i, n->most + 1), -ERANGE);
	must_carry(n->name);
	drop_events(director);
	must_run(director, b, _i, true, value);
	ck_assert_int_eq(lvs_director_pop_event(director, &event,
						sizeof(event)),
			 1);
	if (_i != LVS_DEST_DRAIN)
		ck_assert_uint_ne(event.changed & 1U << _i, 0);
	must_run(director, a, _i, true, n->unset);
	lvs_director_free(director);
}
END_TEST

START_TEST(no_option_of_a_service_is_left_behind)
{
	const struct lvs__model_number *n = &lvs__model_services[_i];
	struct lvs_director *director;
	uint64_t value;

	put_both();
	if (n->name == NULL)
		return;
	director = run(a);
	set_node(b);
	value = another(n);
	ck_assert_int_eq(lvs_service_set(only(b), _i, value), 0);
	must_carry(n->name);
	drop_events(director);
	must_run(director, b, _i, false, value);
	must_tell(director, 1U << _i, n->name);
	must_run(director, a, _i, false, n->unset);
	lvs_director_free(director);
}
END_TEST

START_TEST(no_setting_of_a_service_is_left_behind)
{
	const struct lvs__model_number *n = &lvs__model_settings[_i];
	struct lvs_director *director;
	struct lvs__live *live;

	put_both();
	if (n->name == NULL)
		return;
	director = run(a);
	set_node(b);
	ck_assert_int_eq(lvs_model_set_service(b, only(b), _i, another(n)), 0);
	must_carry(n->name);
	drop_events(director);
	ck_assert_int_eq(lvs_director_apply(director, b, NULL, 0, 1), 1);
	must_tell(director, (uint32_t)LVS_CHANGED_SETTING << _i, n->name);
	live = lvs__live_next(director, NULL);
	ck_assert_uint_eq(live->settings[_i], another(n));
	lvs_director_free(director);
}
END_TEST

/* It is taken over, or refused by name: never passed over. */
START_TEST(no_number_of_the_node_is_left_behind)
{
	const struct lvs__model_number *n = &lvs__model_options[_i];
	struct lvs_director *director;
	uint32_t before[LVS_STATES];
	char message[256] = "";

	put_both();
	if (n->name == NULL)
		return;
	director = run(a);
	memcpy(before, director->catalog.timeouts, sizeof(before));
	set_node(b);
	ck_assert_int_eq(lvs_model_set(b, _i, another(n)), 0);
	must_carry(n->name);
	if (n->live) {
		ck_assert_int_ge(lvs_director_reload(director, b, NULL, 0, 1),
				 0);
		ck_assert_mem_ne(before, director->catalog.timeouts,
				 sizeof(before));
	} else {
		ck_assert_int_eq(lvs_director_reload(director, b, message,
						     sizeof(message), 1),
				 -EBUSY);
		ck_assert_msg(strstr(message, n->name) == message, "%s",
			      message);
	}
	lvs_director_free(director);
}
END_TEST

START_TEST(a_switch_is_said_as_the_configuration_has_it)
{
	char text[128];

	ck_assert_int_eq(lvs_model_set(b, LVS_MODEL_ADDRESSES, 0), 0);
	lvs_model_diff(a, b, text, sizeof(text));
	ck_assert_str_eq(text, "~ addresses yes to no\n");
}
END_TEST

/* A row that is missing would be left behind unseen. */
START_TEST(every_option_that_can_be_set_has_a_row)
{
	struct lvs_dest *dest;
	uint64_t value;

	put_both();
	dest = only_dest(a);
	for (int i = 0; i < 256; i++)
		if (lvs_dest_get(dest, i, &value) == 0 &&
		    lvs_dest_set(dest, i, value) != -EPERM &&
		    i != LVS_DEST_DOWN)
			ck_assert_msg(i < LVS__DEST_OPTIONS &&
					      lvs__model_dests[i].name != NULL,
				      "option %d of a dest has no row", i);
	for (int i = 0; i < 256; i++)
		if (lvs_service_get(only(a), i, &value) == 0)
			ck_assert_msg(i < LVS__SERVICE_OPTIONS &&
					      lvs__model_services[i].name !=
						      NULL,
				      "option %d of a service has no row", i);
	for (int i = 0; i < 256; i++)
		if (lvs_model_get_service(a, only(a), i, &value) == 0)
			ck_assert_ptr_nonnull(lvs__model_settings[i].name);
}
END_TEST

Suite *settings_suite(void)
{
	Suite *suite = suite_create("settings");
	TCase *tcase = tcase_create("settings");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, two_sides_are_walked_in_pairs);
	tcase_add_loop_test(tcase, no_option_of_a_dest_is_left_behind, 0,
			    LVS__DEST_OPTIONS);
	tcase_add_loop_test(tcase, no_option_of_a_service_is_left_behind, 0,
			    LVS__SERVICE_OPTIONS);
	tcase_add_loop_test(tcase, no_setting_of_a_service_is_left_behind, 0,
			    LVS__MODEL_SETTINGS);
	tcase_add_loop_test(tcase, no_number_of_the_node_is_left_behind, 0,
			    LVS__MODEL_OPTIONS);
	tcase_add_test(tcase, a_switch_is_said_as_the_configuration_has_it);
	tcase_add_test(tcase, every_option_that_can_be_set_has_a_row);
	suite_add_tcase(suite, tcase);
	return suite;
}
