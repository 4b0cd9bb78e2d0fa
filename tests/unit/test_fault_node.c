/*
 * The node's libraries when memory runs out: models, configuration, rules and
 * the director say so; what was there, and what runs, stays.
 */
#include "config.h"

#include "unit.h"

#include <lvs/config.h>
#include <lvs/director.h>
#include <lvs/rules.h>
#include <stdio.h>

#include "fault.h"

static const char config[] = "lvs_backend {\n"
			     "  type none\n"
			     "  interface lo\n"
			     "  connections 1000\n"
			     "  workers 2\n"
			     "}\n"
			     "virtual_server 192.0.2.1 80 {\n"
			     "  lvs_sched wlc\n"
			     "  lvs_method NAT\n"
			     "  protocol TCP\n"
			     "  real_server 10.0.0.1 80 {\n"
			     "    weight 2\n"
			     "    TCP_CHECK {\n"
			     "      connect_timeout 3\n"
			     "    }\n"
			     "  }\n"
			     "  real_server 10.0.0.2 80 {\n"
			     "  }\n"
			     "}\n"
			     "virtual_server 2001:db8::1 53 {\n"
			     "  lvs_sched rr\n"
			     "  lvs_method DR\n"
			     "  protocol UDP\n"
			     "  real_server 2001:db8::2 53 {\n"
			     "  }\n"
			     "}\n";

/* What is different in the next configuration. */
static const char *const change[] = {"-a",	    "-t", "192.0.2.1:80", "-r",
				     "10.0.0.3:80", "-m", "-w",		  "3"};
static const char *const addition[] = {"-A", "-t", "192.0.2.9:443", "-s",
				       "wrr"};

static int parse(struct lvs_model **model)
{
	return lvs_config_parse(model, "test", config, strlen(config), NULL, 0,
				NULL, NULL);
}

static struct lvs_model *model_now(void)
{
	struct lvs_model *model = NULL;

	ck_assert_int_eq(parse(&model), 0);
	return model;
}

static struct lvs_model *model_next(void)
{
	struct lvs_model *model = model_now();

	ck_assert_int_eq(lvs_rules_apply(model, change, 8, NULL, 0), 0);
	ck_assert_int_eq(lvs_rules_apply(model, addition, 5, NULL, 0), 0);
	return model;
}

/* ---- models */

static void *make_model(void)
{
	return model_now();
}

static void print_model(void *object, char *text, size_t size)
{
	int length = lvs_config_print(object, text, size);

	ck_assert_int_ge(length, 0);
	ck_assert_uint_lt((size_t)length, size);
}

static void end_model(void *object)
{
	lvs_model_free(object);
}

static int new_model(void *object)
{
	struct lvs_model *model;
	int result = lvs_model_new(&model);

	(void)object;
	if (result == 0)
		lvs_model_free(model);
	return result;
}

static int copy_model(void *object)
{
	struct lvs_model *copy;
	int result = lvs_model_copy(&copy, object);

	if (result == 0)
		lvs_model_free(copy);
	return result;
}

static int add_interface(void *object)
{
	return lvs_model_add_interface(object, "eth7");
}

static int set_text(void *object)
{
	return lvs_model_set_text(object, LVS_MODEL_CONTROL, "/run/other.sock");
}

static int parse_config(void *object)
{
	struct lvs_model *model;
	int result = parse(&model);

	(void)object;
	if (result == 0)
		lvs_model_free(model);
	return result;
}

static int apply_rule(void *object)
{
	return lvs_rules_apply(object, change, 8, NULL, 0);
}

static int apply_rules(void *object)
{
	static const char text[] = "-A -t 192.0.2.9:443 -s wrr\n"
				   "-a -t 192.0.2.9:443 -r 10.0.0.9:443 -m\n"
				   "-d -t 192.0.2.1:80 -r 10.0.0.2:80\n";

	return lvs_rules_apply_text(object, text, strlen(text), NULL, 0);
}

/* A service and a check that a model may take; what it took is NULL. */
struct gift {
	struct lvs_model *model;
	struct lvs_service *service;
	struct lvs_check *check;
};

static void *make_gift(void)
{
	static struct gift gift;
	struct lvs_addr addr;

	gift.model = model_now();
	ck_assert_int_eq(lvs_addr_parse(&addr, "192.0.2.7"), 0);
	ck_assert_int_eq(lvs_service_new(&gift.service), 0);
	ck_assert_int_eq(lvs_service_set_address(gift.service, &addr, 80,
						 LVS_TCP),
			 0);
	ck_assert_int_eq(lvs_check_new(&gift.check, "tcp"), 0);
	return &gift;
}

static int give_service(void *object)
{
	struct gift *gift = object;
	int result = lvs_model_add_service(gift->model, gift->service);

	if (result == 0)
		gift->service = NULL;
	return result;
}

static int give_check(void *object)
{
	struct gift *gift = object;
	struct lvs_service *service = lvs_model_next_service(gift->model, NULL);
	struct lvs_dest *dest = lvs_service_next_dest(service, NULL);
	int result =
		lvs_model_add_check(gift->model, service, dest, gift->check);

	if (result == 0)
		gift->check = NULL;
	return result;
}

static void print_gift(void *object, char *text, size_t size)
{
	print_model(((struct gift *)object)->model, text, size);
}

static void end_gift(void *object)
{
	struct gift *gift = object;

	lvs_model_free(gift->model);
	lvs_service_free(gift->service);
	lvs_check_free(gift->check);
}

struct three {
	struct lvs_model *model;
	struct lvs_model *before;
	struct lvs_model *after;
};

static void *make_three(void)
{
	static struct three three;

	three.model = model_now();
	three.before = model_now();
	three.after = model_next();
	return &three;
}

static int merge(void *object)
{
	struct three *three = object;

	return lvs_model_merge(three->model, three->before, three->after);
}

static void print_three(void *object, char *text, size_t size)
{
	print_model(((struct three *)object)->model, text, size);
}

static void end_three(void *object)
{
	struct three *three = object;

	lvs_model_free(three->model);
	lvs_model_free(three->before);
	lvs_model_free(three->after);
}

/* ---- the director */

struct node {
	struct lvs_director *director;
	struct lvs_model *next;
};

static void *make_start(void)
{
	static struct node node;

	node.director = NULL;
	node.next = model_now();
	return &node;
}

static int start(void *object)
{
	struct node *node = object;

	return lvs_director_new(&node->director, node->next, NULL, 0, 1);
}

static void *make_node(void)
{
	struct node *node = make_start();

	ck_assert_int_eq(start(node), 0);
	ck_assert_int_gt(lvs_director_apply(node->director, node->next, NULL, 0,
					    1),
			 0);
	lvs_model_free(node->next);
	node->next = model_next();
	return node;
}

static int apply(void *object)
{
	struct node *node = object;

	return lvs_director_apply(node->director, node->next, NULL, 0, 2);
}

static int reload(void *object)
{
	struct node *node = object;

	return lvs_director_reload(node->director, node->next, NULL, 0, 2);
}

static int tell_model(void *object)
{
	struct node *node = object;
	struct lvs_model *model;
	int result = lvs_director_model(node->director, &model);

	if (result == 0)
		lvs_model_free(model);
	return result;
}

static int list(void *object)
{
	struct node *node = object;
	struct lvs_listing *listing;
	int result = lvs_director_list_conns(node->director, &listing);

	if (result == 0)
		lvs_listing_free(listing);
	return result;
}

static int explain(void *object)
{
	static const uint8_t packet[40] = {0x45, 0, 0, 40};
	struct node *node = object;
	struct lvs_explanation *explanation;
	int result = lvs_director_explain(node->director, &explanation, packet,
					  sizeof(packet));

	if (result == 0)
		lvs_explanation_free(explanation);
	return result;
}

/* What runs. */
static void print_node(void *object, char *text, size_t size)
{
	struct node *node = object;
	struct lvs_model *model;

	ck_assert_int_eq(lvs_director_model(node->director, &model), 0);
	print_model(model, text, size);
	lvs_model_free(model);
}

static void end_node(void *object)
{
	struct node *node = object;

	lvs_director_free(node->director);
	lvs_model_free(node->next);
}

/* ---- as facts */

#define FACT(name, ...)                                  \
	START_TEST(name)                                 \
	{                                                \
		fault_flow(&(struct flow){__VA_ARGS__}); \
	}                                                \
	END_TEST

FACT(a_model_is_made_whole_or_not, .act = new_model)
FACT(a_model_is_copied_whole_or_not, make_model, copy_model, print_model,
     end_model)
FACT(an_interface_is_added_whole_or_not, make_model, add_interface, print_model,
     end_model)
FACT(a_text_is_set_whole_or_not, make_model, set_text, print_model, end_model)
FACT(a_configuration_is_read_whole_or_not, .act = parse_config)
FACT(a_rule_is_applied_whole_or_not, make_model, apply_rule, print_model,
     end_model)
FACT(rules_are_applied_whole_or_not, make_model, apply_rules, print_model,
     end_model)
FACT(a_model_takes_a_service_whole_or_not, make_gift, give_service, print_gift,
     end_gift)
FACT(a_model_takes_a_check_whole_or_not, make_gift, give_check, print_gift,
     end_gift)
FACT(a_merge_is_whole_or_not, make_three, merge, print_three, end_three)
FACT(a_director_is_made_whole_or_not, make_start, start, NULL, end_node)
FACT(a_director_applies_whole_or_not, make_node, apply, print_node, end_node)
FACT(a_director_reloads_whole_or_not, make_node, reload, print_node, end_node)
FACT(a_director_tells_its_model_or_not, make_node, tell_model, print_node,
     end_node)
FACT(a_listing_begins_or_not, make_node, list, print_node, end_node)
FACT(an_explanation_begins_or_not, make_node, explain, print_node, end_node)

static Suite *fault_suite(void)
{
	Suite *suite = suite_create("fault");
	TCase *tcase = tcase_create("node");

	tcase_add_test(tcase, a_model_is_made_whole_or_not);
	tcase_add_test(tcase, a_model_is_copied_whole_or_not);
	tcase_add_test(tcase, an_interface_is_added_whole_or_not);
	tcase_add_test(tcase, a_text_is_set_whole_or_not);
	tcase_add_test(tcase, a_configuration_is_read_whole_or_not);
	tcase_add_test(tcase, a_rule_is_applied_whole_or_not);
	tcase_add_test(tcase, rules_are_applied_whole_or_not);
	tcase_add_test(tcase, a_model_takes_a_service_whole_or_not);
	tcase_add_test(tcase, a_model_takes_a_check_whole_or_not);
	tcase_add_test(tcase, a_merge_is_whole_or_not);
	tcase_add_test(tcase, a_director_is_made_whole_or_not);
	tcase_add_test(tcase, a_director_applies_whole_or_not);
	tcase_add_test(tcase, a_director_reloads_whole_or_not);
	tcase_add_test(tcase, a_director_tells_its_model_or_not);
	tcase_add_test(tcase, a_listing_begins_or_not);
	tcase_add_test(tcase, an_explanation_begins_or_not);
	suite_add_tcase(suite, tcase);
	return suite;
}

const struct unit units[] = {
	{"fault", fault_suite},
#ifdef LVS_WITH_CONTROL
	{"control", fault_control_suite},
#endif
	{NULL, NULL},
};
