/*
 * The schedulers: judged by what the kernel picked, by slow models written
 * from the rules' text, and by arithmetic in 128 bits.
 */
#include "unit.h"

#include <stdio.h>

#include "sched/sched.h"
#include "service/services.h"
#include "sched_trace.h"
#include "slow.h"

#define MOST 1000

static struct lvs_service *service;
static struct lvs_dest *dests[MOST + 1]; /* by their port, from 1 */

static void begin(const char *sched)
{
	memset(dests, 0, sizeof(dests));
	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_sched(service, sched), 0);
}

static void end(void)
{
	lvs_service_free(service);
}

static void add(unsigned int id, uint32_t weight)
{
	struct lvs_addr none = {0};

	if (lvs_service_add_dest(service, &dests[id], &none, (uint16_t)id,
				 weight) != 0)
		ck_abort_msg("dest %u is not added", id);
}

static void del(unsigned int id)
{
	if (lvs_service_remove_dest(service, dests[id]) != 0)
		ck_abort_msg("dest %u is not removed", id);
	dests[id] = NULL;
}

static void set(unsigned int id, int option, uint64_t value)
{
	if (lvs_dest_set(dests[id], option, value) != 0)
		ck_abort_msg("dest %u: option %d refuses %llu", id, option,
			     (unsigned long long)value);
}

/* The picked dest, 0: none. */
static unsigned int pick(void)
{
	struct lvs_dest *dest;
	int result = lvs_service_pick(service, &dest, NULL, 0);

	if (result == -ENOENT)
		return 0;
	if (result != 0)
		ck_abort_msg("a pick fails: %d", result);
	return dest->port;
}

/* ---- the kernel */

static void end_all_conns(void)
{
	for (unsigned int id = 1; id < 10; id++)
		while (dests[id] != NULL && lvs__dest_total(dests[id]) > 0)
			lvs__dest_unbind(dests[id], false);
}

/* One word of a trace. */
static void step(const char *word, const char *trace)
{
	unsigned int id, got, value;

	if (sscanf(word, "+%u:%u", &id, &value) == 2) {
		add(id, value);
	} else if (sscanf(word, "-%u", &id) == 1) {
		del(id);
	} else if (sscanf(word, "=%u", &id) == 1) {
		got = pick();
		ck_assert_msg(got == id, "%u for %u in %s", got, id, trace);
		if (got != 0)
			ck_assert_int_eq(lvs__dest_bind(dests[got]), 0);
	} else if (sscanf(word, "%u:%u", &id, &value) == 2) {
		set(id, LVS_DEST_WEIGHT, value);
	} else if (sscanf(word, "%u<%u", &id, &value) == 2) {
		set(id, LVS_DEST_UPPER, value);
	} else {
		ck_assert_str_eq(word, "~");
		end_all_conns();
	}
}

static void replay(const char *record)
{
	char trace[4096];
	char *rest, *word;

	ck_assert_uint_lt(strlen(record), sizeof(trace));
	strcpy(trace, record);
	begin(strtok_r(trace, " ", &rest));
	while ((word = strtok_r(NULL, " ", &rest)) != NULL)
		step(word, record);
	end();
}

START_TEST(the_kernel_picked_the_same)
{
	replay(kernel_traces[_i]);
}
END_TEST

START_TEST(the_kernel_picked_the_same_after_many_changes)
{
	replay(kernel_bursts[_i]);
}
END_TEST

/* ---- rr and wrr: slow models over an array in list order */

struct slow {
	unsigned int ids[16];
	uint32_t weights[16];
	bool full[16]; /* overloaded */
	int count;
	int cursor; /* -1: before the first */
	int64_t level;
};

static uint32_t slow_gcd(const struct slow *m)
{
	for (uint32_t d = 100; d > 1; d--) {
		bool divides = true, any = false;

		for (int i = 0; i < m->count; i++) {
			divides &= m->weights[i] % d == 0;
			any |= m->weights[i] != 0;
		}
		if (divides && any)
			return d;
	}
	return 1;
}

static int64_t slow_top(const struct slow *m)
{
	int64_t most = 0;

	for (int i = 0; i < m->count; i++)
		if (m->weights[i] > most)
			most = m->weights[i];
	return most == 0 ? 0 : most - (slow_gcd(m) - 1);
}

static void slow_changed(struct slow *m)
{
	int64_t top = slow_top(m);
	int64_t divisor = slow_gcd(m);

	m->cursor = -1;
	if (m->level > top || m->level == 0)
		m->level = top;
	else if (divisor > 1)
		m->level = m->level / divisor * divisor + 1;
}

static bool slow_any(const struct slow *m)
{
	for (int i = 0; i < m->count; i++)
		if (m->weights[i] > 0 && !m->full[i])
			return true;
	return false;
}

static unsigned int slow_rr(struct slow *m)
{
	for (int n = 0; n < m->count; n++) {
		int i = (m->cursor + 1 + n) % m->count;

		if (m->weights[i] > 0 && !m->full[i]) {
			m->cursor = i;
			return m->ids[i];
		}
	}
	return 0;
}

/* Step by step down all levels, as the rule says it. */
static unsigned int slow_wrr(struct slow *m)
{
	if (!slow_any(m)) {
		if (slow_top(m) != 0 &&
		    (m->level > slow_gcd(m) || m->cursor == -1)) {
			m->level = slow_top(m);
			m->cursor = -1;
		}
		return 0;
	}
	for (;;) {
		for (int i = m->cursor + 1; i < m->count; i++)
			if (m->weights[i] >= m->level && !m->full[i]) {
				m->cursor = i;
				return m->ids[i];
			}
		m->cursor = -1;
		m->level -= slow_gcd(m);
		if (m->level <= 0)
			m->level = slow_top(m);
	}
}

static void model_add(struct slow *m, unsigned int id, uint32_t weight)
{
	memmove(m->ids + 1, m->ids, 15 * sizeof(m->ids[0]));
	memmove(m->weights + 1, m->weights, 15 * sizeof(m->weights[0]));
	memmove(m->full + 1, m->full, 15 * sizeof(m->full[0]));
	m->ids[0] = id;
	m->weights[0] = weight;
	m->full[0] = false;
	m->count++;
	if (m->cursor >= 0)
		m->cursor++;
}

static void model_del(struct slow *m, int at)
{
	for (int i = at; i < 15; i++) {
		m->ids[i] = m->ids[i + 1];
		m->weights[i] = m->weights[i + 1];
		m->full[i] = m->full[i + 1];
	}
	m->count--;
	if (at <= m->cursor)
		m->cursor--;
}

/* One random change of the service and of the model; 1: wrr minds it. */
static bool change(struct slow *m, uint64_t *seed, unsigned int *ids)
{
	uint32_t weight = below(seed, 7) * (1 + below(seed, 3) * 2);
	int at = m->count > 0 ? (int)below(seed, (unsigned int)m->count) : 0;

	if (m->count == 0 || (below(seed, 3) == 0 && m->count < 12)) {
		add(++*ids, weight);
		set(*ids, LVS_DEST_UPPER, 1); /* a change too */
		model_add(m, *ids, weight);
	} else if (below(seed, 2) == 0 && !m->full[at]) {
		del(m->ids[at]);
		model_del(m, at);
	} else if (below(seed, 2) == 0 && m->weights[at] != weight) {
		set(m->ids[at], LVS_DEST_WEIGHT, weight);
		m->weights[at] = weight;
	} else { /* no change of the dest: full, or not any more */
		struct lvs_dest *d = dests[m->ids[at]];

		ck_assert_int_eq(m->full[at] ? lvs_dest_closed(d)
					     : lvs_dest_opened(d),
				 0);
		m->full[at] = !m->full[at];
		return false;
	}
	return true;
}

START_TEST(a_rotation_is_the_slow_model)
{
	bool weighted = _i % 2 == 1;
	uint64_t seed = 1 + (uint64_t)_i;
	struct slow m = {.cursor = -1};
	unsigned int ids = 0;

	begin(weighted ? "wrr" : "rr");
	for (int round = 0; round < 1000; round++) {
		unsigned int picks = below(&seed, 8);

		if (change(&m, &seed, &ids) && weighted)
			slow_changed(&m);
		while (picks-- > 0) {
			unsigned int want =
				weighted ? slow_wrr(&m) : slow_rr(&m);
			unsigned int got = pick();

			if (want != got)
				ck_abort_msg("round %d: %u for %u", round, got,
					     want);
		}
	}
	end();
}
END_TEST

/* ---- lc and wlc: in 128 bits */

__extension__ typedef unsigned __int128 wide;

static wide overhead(unsigned int id)
{
	uint64_t conns = dests[id]->load.conns;

	return ((wide)(conns >> 32) << 8) + (uint32_t)conns;
}

/* The first in list order (highest id) that no other beats. */
static unsigned int least(unsigned int count, bool weighted)
{
	for (unsigned int id = count; id > 0; id--) {
		bool beaten = dests[id]->weight == 0;

		for (unsigned int o = count; o > 0 && !beaten; o--) {
			wide v = weighted ? dests[id]->weight : 1;
			wide w = weighted ? dests[o]->weight : 1;

			beaten = dests[o]->weight != 0 &&
				 overhead(id) * w > overhead(o) * v;
		}
		if (!beaten)
			return id;
	}
	return 0;
}

static uint32_t any_load(uint64_t *seed)
{
	static const uint32_t edges[] = {0,	    1,		0xffffff,
					 0x1000000, 0x7fffffff, 0xffffffff};

	if (below(seed, 2) == 0)
		return edges[below(seed, 6)];
	return (uint32_t)number(seed) >> below(seed, 32);
}

static uint32_t any_weight(uint64_t *seed)
{
	static const uint32_t edges[] = {0, 1, 2, 100, 65535, INT32_MAX};

	if (below(seed, 4) != 0)
		return edges[below(seed, 6)];
	return (uint32_t)(number(seed) & INT32_MAX) >> below(seed, 31);
}

START_TEST(least_connections_are_right_in_128_bits)
{
	bool weighted = _i == 1;
	uint64_t seed = 99;

	begin(weighted ? "wlc" : "lc");
	for (unsigned int id = 1; id <= 6; id++)
		add(id, 1);
	for (int round = 0; round < 100000; round++) {
		unsigned int got, want;

		for (unsigned int id = 1; id <= 6; id++) {
			set(id, LVS_DEST_WEIGHT, any_weight(&seed));
			dests[id]->load.conns = (uint64_t)any_load(&seed)
							<< 32 |
						any_load(&seed);
		}
		/* ties at the edges too */
		dests[2]->load.conns = dests[5]->load.conns;
		got = pick();
		want = least(6, weighted);
		if (got != want)
			ck_abort_msg("round %d: %u for %u", round, got, want);
	}
	for (unsigned int id = 1; id <= 6; id++)
		dests[id]->load.conns = 0;
	end();
}
END_TEST

/* ---- what no scheduler may do */

/* Whether the dest may be picked; some of each kind may not. */
static bool spoil(unsigned int id, uint64_t *seed)
{
	switch (below(seed, 8)) {
	case 0:
		set(id, LVS_DEST_DOWN, 1);
		return false;
	case 1:
		set(id, LVS_DEST_DRAIN, 1);
		return false;
	case 2:
		set(id, LVS_DEST_UPPER, 1);
		ck_assert_int_eq(lvs_dest_opened(dests[id]), 0);
		return false;
	default:
		return dests[id]->weight != 0;
	}
}

START_TEST(only_usable_dests_are_picked)
{
	static const unsigned int counts[] = {0, 1, 2, 10, 300, MOST};
	static bool usable[MOST + 1];
	unsigned int count = counts[_i % 6];
	uint64_t seed = 5 + (uint64_t)_i;
	bool any = false;

	begin(lvs_sched_name((size_t)_i / 6));
	for (unsigned int id = 1; id <= count; id++) {
		add(id, any_weight(&seed));
		usable[id] = spoil(id, &seed);
		any |= usable[id];
	}
	for (unsigned int n = 0; n < 1000000 / (count + 1); n++) {
		unsigned int got = pick();

		if (any ? !usable[got] : got != 0)
			ck_abort_msg("%u of %u is picked", got, count);
		if (got != 0 && n % 3 == 0)
			lvs__dest_bind(dests[got]);
	}
	end();
}
END_TEST

START_TEST(weights_of_zero_pick_none)
{
	begin(lvs_sched_name((size_t)_i));
	for (unsigned int id = 1; id <= 10; id++)
		add(id, 0);
	for (int n = 0; n < 100; n++)
		ck_assert_uint_eq(pick(), 0);
	set(7, LVS_DEST_WEIGHT, INT32_MAX);
	ck_assert_uint_eq(pick(), 7);
	end();
}
END_TEST

START_TEST(turns_are_fair)
{
	static const uint32_t weights[] = {1, 2, 3, 5, 7, 100, 50};
	uint32_t counts[8] = {0};
	bool weighted = _i == 1;

	begin(weighted ? "wrr" : "rr");
	for (unsigned int id = 1; id <= 7; id++)
		add(id, weights[id - 1]);
	for (int n = 0; n < 100000; n++)
		counts[pick()]++;
	for (unsigned int id = 1; id <= 7; id++) {
		double fair = 100000.0 / 7;

		if (weighted)
			fair = 100000.0 * weights[id - 1] / 168;
		ck_assert_double_le(counts[id], fair + 1 + fair * _i / 100);
		ck_assert_double_ge(counts[id], fair - 1 - fair * _i / 100);
	}
	end();
}
END_TEST

/* Weights 1 and 2^31-1 are two thousand million levels apart. */
START_TEST(a_pick_is_quick_between_far_weights)
{
	begin("wrr");
	add(1, 1);
	add(2, INT32_MAX);
	set(2, LVS_DEST_UPPER, 1);
	ck_assert_uint_eq(pick(), 2);
	ck_assert_int_eq(lvs_dest_opened(dests[2]), 0);
	for (int n = 0; n < 100000; n++)
		ck_assert_msg(pick() == 1, "1 alone is usable");
	end();
}
END_TEST

/* ---- workers, names and refusals */

static const struct lvs__plan_dest *pick_of(const struct lvs__plan *plan,
					    uint32_t lane)
{
	return lvs__plan_pick(plan, &plan->cursors[lane], lane, NULL, 0);
}

START_TEST(workers_start_elsewhere)
{
	struct lvs__plan *plan;
	unsigned int seen = 0;

	begin(_i == 0 ? "rr" : "wrr");
	for (unsigned int id = 1; id <= 8; id++)
		add(id, id == 1 ? 5 : 1); /* wrr: none begins at level 5 */
	ck_assert_int_eq(lvs__service_set_lanes(service, 4), 0);
	ck_assert_int_eq(lvs__plan_get(&plan, service), 0);
	for (uint32_t lane = 0; lane < 4; lane++)
		seen |= 1u << pick_of(plan, lane)->dest->port;
	/* lane 0 at the head, as IPVS, the others a quarter further each */
	ck_assert_uint_eq(seen, 1u << 8 | 1u << 6 | 1u << 4 | 1u << 2);
	lvs__plan_put(plan);
	end();
}
END_TEST

START_TEST(a_worker_finds_its_place_in_a_new_plan)
{
	struct lvs__plan *plan;

	begin("rr");
	for (unsigned int id = 1; id <= 4; id++)
		add(id, 1);
	ck_assert_uint_eq(pick(), 4);
	ck_assert_uint_eq(pick(), 3);
	/* as if workers saw it: nobody else may touch the cursor */
	service->published = true;
	del(3);
	add(5, 1);
	ck_assert_int_eq(lvs__plan_get(&plan, service), 0);
	ck_assert_uint_eq(pick_of(plan, 0)->dest->port, 2);
	ck_assert_uint_eq(pick_of(plan, 0)->dest->port, 1);
	ck_assert_uint_eq(pick_of(plan, 0)->dest->port, 5);
	lvs__plan_put(plan);
	end();
}
END_TEST

START_TEST(schedulers_have_ipvsadms_names)
{
	static const char *const names[] = {"rr", "wrr", "lc", "wlc"};

	begin("rr");
	for (size_t i = 0; i < 4; i++) {
		ck_assert_str_eq(lvs_sched_name(i), names[i]);
		ck_assert_int_eq(lvs_service_set_sched(service, names[i]), 0);
		ck_assert_str_eq(lvs_service_get_sched(service), names[i]);
	}
	ck_assert_ptr_null(lvs_sched_name(4));
	ck_assert_ptr_null(lvs_sched_name(SIZE_MAX));
	ck_assert_int_eq(lvs_service_set_sched(service, "RR"), -ENOENT);
	ck_assert_int_eq(lvs_service_set_sched(service, ""), -ENOENT);
	ck_assert_int_eq(lvs_service_set_sched(service, NULL), -EINVAL);
	ck_assert_str_eq(lvs_service_get_sched(service), "wlc");
	ck_assert_int_eq(lvs_service_set_sched(service, "none"), 0);
	ck_assert_str_eq(lvs_service_get_sched(service), "none");
	end();
}
END_TEST

START_TEST(a_pick_says_why_it_cannot)
{
	struct lvs_dest *dest = (void *)&service;
	struct lvs__services parent = {0};

	begin("none");
	add(1, 1);
	ck_assert_int_eq(lvs_service_pick(service, &dest, NULL, 0), -ENODEV);
	ck_assert_int_eq(lvs_service_pick(service, NULL, NULL, 0), -EINVAL);
	ck_assert_int_eq(lvs_service_pick(NULL, &dest, NULL, 0), -EINVAL);
	ck_assert_int_eq(lvs_service_set_sched(service, "wlc"), 0);
	service->parent = &parent;
	ck_assert_int_eq(lvs_service_pick(service, &dest, NULL, 0), -EBUSY);
	service->parent = NULL;
	set(1, LVS_DEST_DOWN, 1);
	ck_assert_int_eq(lvs_service_pick(service, &dest, NULL, 0), -ENOENT);
	ck_assert_ptr_eq(dest, (void *)&service);
	end();
}
END_TEST

Suite *sched_suite(void)
{
	Suite *suite = suite_create("sched");
	TCase *tcase = tcase_create("sched");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, the_kernel_picked_the_same, 0,
			    sizeof(kernel_traces) / sizeof(kernel_traces[0]));
	tcase_add_loop_test(tcase,
			    the_kernel_picked_the_same_after_many_changes, 0,
			    sizeof(kernel_bursts) / sizeof(kernel_bursts[0]));
	tcase_add_loop_test(tcase, a_rotation_is_the_slow_model, 0, 40);
	tcase_add_loop_test(tcase, least_connections_are_right_in_128_bits, 0,
			    2);
	tcase_add_loop_test(tcase, only_usable_dests_are_picked, 0, 24);
	tcase_add_loop_test(tcase, weights_of_zero_pick_none, 0, 4);
	tcase_add_loop_test(tcase, turns_are_fair, 0, 2);
	tcase_add_test(tcase, a_pick_is_quick_between_far_weights);
	tcase_add_loop_test(tcase, workers_start_elsewhere, 0, 2);
	tcase_add_test(tcase, a_worker_finds_its_place_in_a_new_plan);
	tcase_add_test(tcase, schedulers_have_ipvsadms_names);
	tcase_add_test(tcase, a_pick_says_why_it_cannot);
	suite_add_tcase(suite, tcase);
	return suite;
}
