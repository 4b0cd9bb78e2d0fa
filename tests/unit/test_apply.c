/*
 * A change of what runs that fails half way: the host refuses a claim. The
 * backend here is a table of operations that remembers the claims it has, and
 * refuses as often as it is told.
 */
#include "unit.h"

#include <lvs/director.h>

#include "backend/backend.h"
#include "director/director.h"

#define MOST 16

static struct lvs_director *director;
static struct lvs_model *model;
static char message[256];
static uint16_t claimed[MOST]; /* ports of virtual services */
static size_t claimed_count;
static unsigned int refusals; /* how many claims to refuse from now on */

static int claim(struct lvs_backend *backend, const struct lvs_claim *claims,
		 size_t count, char *text, size_t size)
{
	(void)backend;
	if (refusals > 0) {
		refusals--;
		return lvs__message(text, size, -EBUSY, "the host refuses");
	}
	claimed_count = 0;
	for (size_t i = 0; i < count; i++)
		if (claims[i].kind == LVS_CLAIM_VIRTUAL)
			claimed[claimed_count++] = (uint16_t)claims[i].port;
	return 0;
}

static uint64_t deadline(const struct lvs_backend *backend)
{
	(void)backend;
	return UINT64_MAX;
}

static int dispatch(struct lvs_backend *backend, uint64_t now, uint32_t budget)
{
	(void)backend;
	(void)now;
	(void)budget;
	return 0;
}

static int pop_event(struct lvs_backend *backend,
		     struct lvs_backend_event *event)
{
	(void)backend;
	(void)event;
	return 0;
}

static const struct lvs__backend_ops host_ops = {
	.claim = claim,
	.deadline = deadline,
	.dispatch = dispatch,
	.pop_event = pop_event,
};

static struct lvs_backend host = {.ops = &host_ops, .open = true};

static void setup(void)
{
	claimed_count = 0;
	refusals = 0;
	ck_assert_int_eq(lvs_model_new(&model), 0);
	ck_assert_int_eq(lvs_model_set_text(model, LVS_MODEL_BACKEND, "none"),
			 0);
	ck_assert_int_eq(lvs_model_set(model, LVS_MODEL_CONNECTIONS, 1024), 0);
	ck_assert_int_eq(lvs_director_new(&director, model, message,
					  sizeof(message), 1000),
			 0);
	director->backend = &host;
}

static void teardown(void)
{
	director->backend = NULL;
	lvs_director_free(director);
	lvs_model_free(model);
}

static struct lvs_addr address(const char *text)
{
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, text), 0);
	return addr;
}

static void add_service(uint16_t port)
{
	struct lvs_addr addr = address("192.0.2.1");
	struct lvs_addr server = address("10.0.0.1");
	struct lvs_service *service;

	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, port, LVS_TCP),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service, "rr"), 0);
	ck_assert_int_eq(lvs_service_add_dest(service, NULL, &server, 80, 1),
			 0);
	ck_assert_int_eq(lvs_model_add_service(model, service), 0);
}

static const struct lvs_service *running(uint16_t port)
{
	struct lvs_addr addr = address("192.0.2.1");

	return lvs_director_find_service(director, &addr, port, LVS_TCP);
}

static int apply(uint64_t now)
{
	return lvs_director_apply(director, model, message, sizeof(message),
				  now);
}

START_TEST(a_refused_claim_leaves_all_as_it_was)
{
	add_service(80);
	ck_assert_int_eq(apply(1000), 1);
	add_service(81);
	refusals = 1;
	ck_assert_int_eq(apply(2000), -EBUSY);
	ck_assert_str_eq(message, "the host refuses");
	ck_assert_ptr_nonnull(running(80));
	ck_assert_ptr_null(running(81));
	ck_assert_uint_eq(claimed_count, 1);
	ck_assert_uint_eq(claimed[0], 80);
	/* the same again, once the host takes it */
	ck_assert_int_eq(apply(3000), 1);
	ck_assert_ptr_nonnull(running(81));
	ck_assert_uint_eq(claimed_count, 2);
}
END_TEST

START_TEST(what_a_refused_change_claimed_is_given_back_until_it_is)
{
	add_service(80);
	ck_assert_int_eq(apply(1000), 1);
	add_service(81);
	/* the change, what was there before, and the first try again */
	refusals = 3;
	claimed_count = 0;
	ck_assert_int_eq(apply(2000), -EBUSY);
	ck_assert_uint_le(lvs_director_deadline(director),
			  2000 + LVS__SWEEP_POLL);
	lvs_director_dispatch(director, 2100, 0);
	ck_assert_uint_eq(refusals, 0);
	ck_assert_uint_eq(claimed_count, 0);
	lvs_director_dispatch(director, 2200, 0);
	ck_assert_uint_eq(claimed_count, 1);
	ck_assert_uint_eq(claimed[0], 80);
	/* and is not asked for again */
	claimed_count = 0;
	lvs_director_dispatch(director, 2300, 0);
	ck_assert_uint_eq(claimed_count, 0);
}
END_TEST

START_TEST(a_removal_that_the_host_refuses_is_tried_again)
{
	add_service(80);
	add_service(81);
	ck_assert_int_eq(apply(1000), 2);
	(void)lvs_model_remove_service(model,
				       lvs_model_next_service(model, NULL));
	refusals = 1;
	ck_assert_int_eq(apply(2000), 1);
	ck_assert_ptr_null(running(80));
	ck_assert_uint_eq(claimed_count, 2);
	lvs_director_dispatch(director, 2100, 0);
	ck_assert_uint_eq(claimed_count, 1);
	ck_assert_uint_eq(claimed[0], 81);
}
END_TEST

/* ---- what a dest's life was before */

static struct lvs_dest *dest_of_model(void)
{
	struct lvs_addr server = address("10.0.0.1");

	return lvs_service_find_dest(lvs_model_next_service(model, NULL),
				     &server, 80);
}

static struct lvs_dest_health state(void)
{
	const struct lvs_service *service =
		lvs_director_next_service(director, NULL);
	struct lvs_dest_health health = {0};

	ck_assert_int_eq(lvs_director_dest_health(director,
						  lvs_service_next_dest(service,
									NULL),
						  &health, sizeof(health)),
			 0);
	return health;
}

static void change(int option, uint64_t value, uint64_t now)
{
	ck_assert_int_eq(lvs_dest_set(dest_of_model(), option, value), 0);
	ck_assert_int_eq(apply(now), 1);
}

/* How often it was said that a dest has drained, since the last time. */
static unsigned int drained(void)
{
	struct lvs_event event;
	unsigned int count = 0;

	while (lvs_director_pop_event(director, &event, sizeof(event)) == 1)
		count += event.kind == LVS_EVENT_DEST_DRAINED;
	return count;
}

START_TEST(a_dest_is_what_it_is_since_it_is)
{
	add_service(80);
	ck_assert_int_eq(apply(1000), 1);
	ck_assert_uint_eq(state().since, 1000);
	change(LVS_DEST_WEIGHT, 5, 2000);
	ck_assert_uint_eq(state().since, 1000);
	change(LVS_DEST_WEIGHT, 0, 3000);
	ck_assert_uint_eq(state().state, LVS_DEST_STATE_QUIESCENT);
	ck_assert_uint_eq(state().since, 3000);
	change(LVS_DEST_WEIGHT, 5, 4000);
	ck_assert_uint_eq(state().since, 4000);
	change(LVS_DEST_DRAIN, 1, 5000);
	ck_assert_uint_eq(state().state, LVS_DEST_STATE_DRAINING);
	ck_assert_uint_eq(state().since, 5000);
	lvs_director_dispatch(director, 5500, 0);
	ck_assert_uint_eq(state().state, LVS_DEST_STATE_DRAINED);
	ck_assert_uint_eq(state().since, 5000);
	change(LVS_DEST_DRAIN, 0, 6000);
	ck_assert_uint_eq(state().state, LVS_DEST_STATE_UP);
	ck_assert_uint_eq(state().since, 6000);
}
END_TEST

START_TEST(a_refused_change_does_not_begin_a_dests_life_anew)
{
	add_service(80);
	ck_assert_int_eq(apply(1000), 1);
	change(LVS_DEST_DRAIN, 1, 2000);
	lvs_director_dispatch(director, 2500, 0);
	ck_assert_uint_eq(drained(), 1);
	for (uint64_t i = 0; i < 3; i++) {
		(void)lvs_dest_set(dest_of_model(), LVS_DEST_DRAIN, i == 2);
		(void)lvs_dest_set(dest_of_model(), LVS_DEST_WEIGHT, i);
		if (i == 0)
			add_service(81);
		refusals = 1;
		ck_assert_int_eq(apply(3000 + i * 1000), -EBUSY);
		ck_assert_uint_eq(state().state, LVS_DEST_STATE_DRAINED);
		ck_assert_uint_eq(state().since, 2000);
		lvs_director_dispatch(director, 3500 + i * 1000, 0);
		ck_assert_uint_eq(drained(), 0);
	}
	/* and it is not looked at as one that drains */
	ck_assert_uint_eq(director->drain_at, UINT64_MAX);
	ck_assert_int_gt(apply(7000), 0);
	change(LVS_DEST_DRAIN, 0, 8000);
	change(LVS_DEST_DRAIN, 1, 9000);
	lvs_director_dispatch(director, 9500, 0);
	ck_assert_uint_eq(drained(), 1);
}
END_TEST

static void check_dest(uint64_t interval)
{
	struct lvs_check *check;

	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_INTERVAL, interval), 0);
	ck_assert_int_eq(
		lvs_model_add_check(model, lvs_model_next_service(model, NULL),
				    dest_of_model(), check),
		0);
}

static size_t checks_that_run(void)
{
	struct lvs__list *node, *save;
	size_t count = 0;

	for (size_t i = 0; i < LVS__BUCKETS; i++)
		lvs__list_for_each (node, save, &director->probes[i])
			count++;
	return count;
}

START_TEST(a_refused_change_leaves_a_dest_its_checks)
{
	struct lvs__live_dest *dest, before;

	add_service(80);
	ck_assert_int_eq(apply(1000), 1);
	check_dest(60000);
	ck_assert_int_eq(apply(2000), 1);
	ck_assert_uint_eq(checks_that_run(), 1);
	dest = lvs__live_find_dest(lvs__live_next(director, NULL),
				   &dest_of_model()->addr, 80);
	before = *dest;
	for (uint64_t i = 1; i <= 3; i++) {
		check_dest(60000 + i);
		(void)lvs_dest_set(dest_of_model(), LVS_DEST_DRAIN, i == 2);
		if (i == 1)
			add_service(81);
		refusals = 1;
		ck_assert_int_eq(apply(2000 + i * 1000), -EBUSY);
		ck_assert_ptr_eq(dest->uses, before.uses);
		ck_assert_uint_eq(dest->use_count, 1);
		ck_assert_uint_eq(dest->down, before.down);
		ck_assert_uint_eq(state().since, 1000);
		ck_assert_uint_eq(checks_that_run(), 1);
	}
	ck_assert_int_eq(apply(7000), 2);
	ck_assert_uint_eq(dest->use_count, 4);
	ck_assert_uint_eq(checks_that_run(), 4);
}
END_TEST

/* It would be kept from the host as one that has such connections. */
START_TEST(a_refused_method_was_never_a_dests)
{
	struct lvs__live *live;
	struct lvs__live_dest *dest;

	add_service(80);
	(void)lvs_dest_set(dest_of_model(), LVS_DEST_METHOD, LVS_DR);
	ck_assert_int_eq(apply(1000), 1);
	live = lvs__live_next(director, NULL);
	dest = lvs__live_find_dest(live, &dest_of_model()->addr, 80);
	dest->resets[1] = 7;
	(void)lvs_dest_set(dest_of_model(), LVS_DEST_METHOD, LVS_NAT);
	refusals = 1;
	ck_assert_int_eq(apply(2000), -EBUSY);
	ck_assert(!dest->dest->two_way);
	ck_assert_uint_eq(dest->resets[1], 7);
	ck_assert_int_eq(apply(3000), 1);
	ck_assert(dest->dest->two_way);
	ck_assert_uint_eq(dest->resets[1], 0);
}
END_TEST

START_TEST(a_refused_change_keeps_the_timeouts)
{
	const uint32_t *now = director->catalog.timeouts;
	uint32_t before = now[LVS_STATE_ESTABLISHED];

	add_service(80);
	ck_assert_int_eq(lvs_model_set(model, LVS_MODEL_TIMEOUT_TCP,
				       before + 1000),
			 0);
	refusals = 1;
	ck_assert_int_eq(apply(2000), -EBUSY);
	ck_assert_uint_eq(now[LVS_STATE_ESTABLISHED], before);
	ck_assert_int_eq(apply(3000), 2);
	ck_assert_uint_eq(now[LVS_STATE_ESTABLISHED], before + 1000);
}
END_TEST

Suite *apply_suite(void)
{
	Suite *suite = suite_create("apply");
	TCase *tcase = tcase_create("refused");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_refused_claim_leaves_all_as_it_was);
	tcase_add_test(tcase,
		       what_a_refused_change_claimed_is_given_back_until_it_is);
	tcase_add_test(tcase, a_removal_that_the_host_refuses_is_tried_again);
	tcase_add_test(tcase, a_dest_is_what_it_is_since_it_is);
	tcase_add_test(tcase,
		       a_refused_change_does_not_begin_a_dests_life_anew);
	tcase_add_test(tcase, a_refused_change_leaves_a_dest_its_checks);
	tcase_add_test(tcase, a_refused_method_was_never_a_dests);
	tcase_add_test(tcase, a_refused_change_keeps_the_timeouts);
	suite_add_tcase(suite, tcase);
	return suite;
}
