/*
 * A configuration that is read again and cannot hold: it is refused with the
 * place of what is wrong, and what ran goes on.
 */
#include "unit.h"

#include <lvs/config.h>
#include <lvs/director.h>
#include <lvs/rules.h>
#include <string.h>

#include "backend/backend.h"
#include "director/director.h"

#define NOW 1000

static struct lvs_director *director;
static char message[512];

static struct lvs_model *read_text(const char *name, const char *text)
{
	struct lvs_model *model = NULL;

	ck_assert_msg(lvs_config_parse(&model, name, text, strlen(text),
				       message, sizeof(message), NULL,
				       NULL) == 0,
		      "%s", message);
	return model;
}

static void start(const char *text)
{
	struct lvs_model *model = read_text("old.conf", text);

	ck_assert_msg(lvs_director_new(&director, model, message,
				       sizeof(message), NOW) == 0,
		      "%s", message);
	ck_assert_int_ge(lvs_director_reload(director, model, message,
					     sizeof(message), NOW),
			 0);
	lvs_model_free(model);
}

static int reload(const char *text)
{
	struct lvs_model *model = read_text("new.conf", text);
	int result = lvs_director_reload(director, model, message,
					 sizeof(message), NOW);

	lvs_model_free(model);
	return result;
}

static void teardown(void)
{
	lvs_director_free(director);
	director = NULL;
}

#define NODE "lvs_backend {\n type none\n"
#define SERVICE \
	"virtual_server 192.0.2.1 80 {\n real_server 10.0.0.1 80 {\n }\n}\n"

START_TEST(a_setting_that_needs_a_restart_is_refused_with_its_place)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{NODE " workers 2\n control /a\n interface lo\n}\n",
		 "new.conf:3: workers 2 needs a restart (1 runs)"},
		{NODE " control /b\n interface lo\n}\n",
		 "new.conf:3: control /b needs a restart (/a runs)"},
		{NODE " control /a\n interface eth0\n}\n",
		 "new.conf:4: interface eth0 needs a restart (lo runs)"},
		{NODE " control /a\n interface lo\n interface eth0\n}\n",
		 "new.conf:5: interface eth0 needs a restart ((unset) runs)"},
		{NODE " control /a\n interface lo\n addresses no\n}\n",
		 "new.conf:5: addresses no needs a restart (yes runs)"},
	};

	start(NODE " control /a\n interface lo\n}\n" SERVICE);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(reload(cases[i].text), -EBUSY);
		ck_assert_str_eq(message, cases[i].message);
		ck_assert_ptr_nonnull(
			lvs_director_next_service(director, NULL));
	}
	teardown();
}
END_TEST

START_TEST(a_setting_that_is_gone_is_told_with_its_old_place)
{
	start(NODE " workers 2\n control /a\n}\n" SERVICE);
	ck_assert_int_eq(reload(NODE " control /a\n}\n"), -EBUSY);
	ck_assert_str_eq(message, "workers 1 needs a restart (2 runs, from "
				  "old.conf:3)");
	ck_assert_int_eq(reload(NODE " workers 2\n}\n"), -EBUSY);
	ck_assert_str_eq(message, "control (unset) needs a restart (/a runs, "
				  "from old.conf:4)");
	/* said elsewhere it is the same, and from there then */
	ck_assert_int_eq(reload(NODE "\n workers 2\n control /a\n}\n" SERVICE),
			 0);
	ck_assert_int_eq(reload(NODE " control /a\n}\n"), -EBUSY);
	ck_assert_str_eq(message, "workers 1 needs a restart (2 runs, from "
				  "new.conf:4)");
	teardown();
}
END_TEST

START_TEST(a_setting_that_is_set_anew_is_from_no_place)
{
	struct lvs_model *model;

	start(NODE " workers 2\n control /a\n}\n");
	model = read_text("new.conf", NODE " workers 2\n control /a\n}\n");
	ck_assert_int_eq(lvs_model_set(model, LVS_MODEL_WORKERS, 3), 0);
	ck_assert_int_eq(lvs_director_apply(director, model, message,
					    sizeof(message), NOW),
			 -EBUSY);
	ck_assert_str_eq(message, "workers 3 needs a restart (2 runs, from "
				  "old.conf:3)");
	ck_assert_int_eq(lvs_model_set(model, LVS_MODEL_WORKERS, 2), 0);
	ck_assert_int_eq(lvs_model_set_text(model, LVS_MODEL_CONTROL, "/b"), 0);
	ck_assert_int_eq(lvs_director_apply(director, model, message,
					    sizeof(message), NOW),
			 -EBUSY);
	ck_assert_str_eq(message, "control /b needs a restart (/a runs, from "
				  "old.conf:4)");
	lvs_model_free(model);
	teardown();
}
END_TEST

/* ---- a server at its service's own address */

/* As if the raw backend ran: what is refused never gets to it. */
static void start_raw(void)
{
	start(NODE "}\n" SERVICE);
	ck_assert_int_eq(lvs_model_set_text(director->model, LVS_MODEL_BACKEND,
					    NULL),
			 0);
	ck_assert_int_eq(lvs_model_set_text(director->file, LVS_MODEL_BACKEND,
					    NULL),
			 0);
}

/* What runs with a server at the service's own address beside its other. */
static struct lvs_model *with_own_server(int method)
{
	struct lvs_model *model = NULL;
	struct lvs_service *service;
	struct lvs_dest *dest = NULL;
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, "192.0.2.1"), 0);
	ck_assert_int_eq(lvs_director_model(director, &model), 0);
	service = lvs_model_next_service(model, NULL);
	ck_assert_int_eq(lvs_service_add_dest(service, &dest, &addr,
					      method == LVS_DR ? 80 : 8080, 1),
			 0);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_METHOD, (uint64_t)method),
			 0);
	return model;
}

static uint32_t dests(void)
{
	const struct lvs_service *service =
		lvs_director_next_service(director, NULL);
	const struct lvs_dest *dest = NULL;
	uint32_t count = 0;

	while ((dest = lvs_service_next_dest(service, dest)) != NULL)
		count++;
	return count;
}

START_TEST(an_order_for_a_server_that_is_this_host_is_refused_in_words)
{
	static const int methods[] = {LVS_NAT, LVS_DR};
	struct lvs_model *model;

	start_raw();
	for (size_t i = 0; i < 2; i++) {
		model = with_own_server(methods[i]);
		ck_assert_int_eq(lvs_director_apply(director, model, message,
						    sizeof(message), NOW),
				 -EINVAL);
		ck_assert_ptr_nonnull(
			strstr(message,
			       i == 0 ? "tcp 192.0.2.1:80 -> 192.0.2.1:8080: "
					"a server at its service's own "
					"address, which would be this host"
				      : "tcp 192.0.2.1:80 -> 192.0.2.1:80: "
					"a server at its service's own "
					"address, which would be this "
					"host"));
		ck_assert_uint_eq(dests(), 1);
		lvs_model_free(model);
	}
	teardown();
}
END_TEST

START_TEST(a_file_that_gets_such_a_server_is_refused_with_its_place)
{
	struct lvs_model *model;

	/* as somebody made it who does not ask the reader of files */
	start_raw();
	model = read_text("new.conf",
			  NODE "}\nvirtual_server 192.0.2.1 80 {\n"
			       "lvs_method NAT\n"
			       "real_server 192.0.2.1 8080 {\n}\n}");
	ck_assert_int_eq(lvs_model_set_text(model, LVS_MODEL_BACKEND, NULL), 0);
	ck_assert_int_eq(lvs_director_reload(director, model, message,
					     sizeof(message), NOW),
			 -EINVAL);
	ck_assert_msg(strncmp(message,
			      "new.conf:6: tcp 192.0.2.1:80 -> "
			      "192.0.2.1:8080: a server at its",
			      strlen("new.conf:6: tcp 192.0.2.1:80 -> "
				     "192.0.2.1:8080: a server at its")) == 0,
		      "%s", message);
	ck_assert_uint_eq(dests(), 1);
	lvs_model_free(model);
	teardown();
}
END_TEST

/* What runs, and a rule on it. */
static int order(const char *text)
{
	struct lvs_model *model = NULL;
	int error;

	ck_assert_int_eq(lvs_director_model(director, &model), 0);
	error = lvs_rules_apply_text(model, text, strlen(text), message,
				     sizeof(message));
	if (error >= 0)
		error = lvs_director_apply(director, model, message,
					   sizeof(message), NOW);
	lvs_model_free(model);
	return error;
}

START_TEST(no_server_has_the_virtual_address_of_another_service)
{
	static const char why[] =
		"10.0.0.1:80: a server at the virtual address of "
		"tcp 10.0.0.1:8080, which would be this host itself";
	struct lvs_model *model = NULL;
	struct lvs_service *service;
	struct lvs_addr addr;

	start_raw();
	/* by rules, the new one being the service or the server */
	ck_assert_int_eq(order("-A -t 10.0.0.1:8080"), -EINVAL);
	ck_assert_msg(strstr(message, why) != NULL, "%s", message);
	ck_assert_int_eq(order("-A -t 10.0.0.7:80"), 1);
	ck_assert_int_eq(order("-a -t 192.0.2.1:80 -r 10.0.0.7:80"), -EINVAL);
	ck_assert_uint_eq(dests(), 1);
	/* by whoever asks the director alone, with the place of the server */
	ck_assert_int_eq(lvs_director_model(director, &model), 0);
	ck_assert_int_eq(lvs_addr_parse(&addr, "10.0.0.1"), 0);
	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 8080, LVS_TCP),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service, "wlc"), 0);
	ck_assert_int_eq(lvs_model_add_service(model, service), 0);
	ck_assert_int_eq(lvs_director_apply(director, model, message,
					    sizeof(message), NOW),
			 -EINVAL);
	ck_assert_ptr_nonnull(strstr(message, "tcp 192.0.2.1:80 -> "));
	ck_assert_ptr_nonnull(strstr(message, why));
	lvs_model_free(model);
	/* one who leaves makes room for the other */
	ck_assert_int_ge(order("-d -t 192.0.2.1:80 -r 10.0.0.1:80\n"
			       "-A -t 10.0.0.1:8080"),
			 0);
	teardown();
}
END_TEST

START_TEST(without_a_backend_that_address_is_the_callers_business)
{
	struct lvs_model *model;

	start(NODE "}\n" SERVICE);
	model = with_own_server(LVS_NAT);
	ck_assert_int_eq(lvs_director_apply(director, model, message,
					    sizeof(message), NOW),
			 1);
	ck_assert_uint_eq(dests(), 2);
	lvs_model_free(model);
	teardown();
}
END_TEST

/* ---- what the host refuses */

static struct lvs_claim culprit;

static int refuse(struct lvs_backend *backend, const struct lvs_claim *claims,
		  size_t count, char *text, size_t size)
{
	(void)claims;
	(void)count;
	backend->refused = culprit;
	return lvs__message(text, size, -EBUSY, "the host refuses");
}

START_TEST(what_the_host_refuses_is_told_with_its_place)
{
	static const struct lvs__backend_ops ops = {.claim = refuse};
	struct lvs_backend host = {.ops = &ops, .open = true};
	static const char text[] =
		NODE "}\n" SERVICE "virtual_server 192.0.2.1 81 {\n"
		     " lvs_method NAT\n real_server 10.0.0.7 80 {\n }\n}\n";
	static const struct {
		struct lvs_claim claim;
		const char *addr;
		const char *message;
	} cases[] = {
		{{.kind = LVS_CLAIM_VIRTUAL, .protocol = LVS_TCP, .port = 81},
		 "192.0.2.1",
		 "new.conf:8: the host refuses"},
		/* the address as such: the first that has it */
		{{.kind = LVS_CLAIM_VIRTUAL},
		 "192.0.2.1",
		 "new.conf:4: the host refuses"},
		{{.kind = LVS_CLAIM_SERVER, .protocol = LVS_TCP, .port = 80},
		 "10.0.0.7",
		 "new.conf:10: the host refuses"},
		{{.kind = LVS_CLAIM_SERVER, .protocol = LVS_UDP, .port = 80},
		 "10.0.0.7",
		 "the host refuses"},
		{{0}, "192.0.2.1", "the host refuses"},
	};

	start(NODE "}\n" SERVICE);
	director->backend = &host;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		culprit = cases[i].claim;
		ck_assert_int_eq(lvs_addr_parse(&culprit.addr, cases[i].addr),
				 0);
		ck_assert_int_eq(reload(text), -EBUSY);
		ck_assert_str_eq(message, cases[i].message);
	}
	director->backend = NULL;
	teardown();
}
END_TEST

Suite *reload_suite(void)
{
	Suite *suite = suite_create("reload");
	TCase *tcase = tcase_create("reload");

	tcase_add_test(
		tcase,
		a_setting_that_needs_a_restart_is_refused_with_its_place);
	tcase_add_test(tcase,
		       a_setting_that_is_gone_is_told_with_its_old_place);
	tcase_add_test(tcase, a_setting_that_is_set_anew_is_from_no_place);
	tcase_add_test(
		tcase,
		an_order_for_a_server_that_is_this_host_is_refused_in_words);
	tcase_add_test(
		tcase,
		a_file_that_gets_such_a_server_is_refused_with_its_place);
	tcase_add_test(tcase,
		       no_server_has_the_virtual_address_of_another_service);
	tcase_add_test(tcase,
		       without_a_backend_that_address_is_the_callers_business);
	tcase_add_test(tcase, what_the_host_refuses_is_told_with_its_place);
	suite_add_tcase(suite, tcase);
	return suite;
}
