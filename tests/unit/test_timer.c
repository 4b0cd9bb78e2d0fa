/*
 * The timing wheel: fires in time, never early, whatever the jumps; judged by
 * a plain array of times.
 */
#include "unit.h"

#include "base/timer.h"

#define COUNT 4096
#define LATE (2u << LVS__TIMER_SHIFT)

static struct lvs__timer timers[COUNT];
static struct lvs__wheel wheel;
static uint64_t when[COUNT]; /* 0: not set */

static void setup(uint64_t now)
{
	for (size_t i = 0; i < COUNT; i++) {
		lvs__timer_init(&timers[i]);
		when[i] = 0;
	}
	lvs__wheel_init(&wheel, timers, sizeof(timers[0]), now);
}

static uint32_t pop(uint64_t now)
{
	uint32_t budget = UINT32_MAX;

	return lvs__wheel_pop(&wheel, now, &budget);
}

static uint64_t number(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Fires what is due and compares it with the array. */
static void fire(uint64_t now)
{
	uint32_t i;

	while ((i = pop(now)) != LVS__TIMER_NONE) {
		ck_assert_uint_ne(when[i], 0);
		ck_assert_uint_le(when[i], now);
		when[i] = 0;
	}
	/* not an assertion each: libcheck notes every one by a system call */
	for (i = 0; i < COUNT; i++)
		if (when[i] != 0 && when[i] + LATE <= now)
			ck_abort_msg("timer %u is late: due %llu, now %llu", i,
				     (unsigned long long)when[i],
				     (unsigned long long)now);
}

START_TEST(random_timers_fire_in_time)
{
	static const uint64_t starts[] = {0, UINT32_MAX - 5000ull, 1ull << 40};
	static const unsigned int reach[] = {8, 16, 24, 31};
	uint64_t seed = 42 + (uint64_t)_i;
	uint64_t now = starts[_i % 3];

	setup(now);
	for (int round = 0; round < 20000; round++) {
		uint32_t i = (uint32_t)(number(&seed) % COUNT);

		if (number(&seed) % 4 == 0) {
			lvs__wheel_remove(&wheel, i);
			when[i] = 0;
		} else {
			when[i] = now + 1 +
				  number(&seed) %
					  (1ull << reach[number(&seed) % 4]);
			lvs__wheel_add(&wheel, i, when[i]);
		}
		if (round % 16 == 0) {
			now += number(&seed) %
			       (1ull << reach[number(&seed) % 3]);
			fire(now);
		}
	}
	fire(now + (1ull << 32));
	ck_assert_uint_eq(wheel.count, 0);
}
END_TEST

START_TEST(the_deadline_is_never_after_the_next_timer)
{
	uint64_t seed = 7;
	uint64_t now = 1000;

	setup(now);
	ck_assert_uint_eq(lvs__wheel_deadline(&wheel), UINT64_MAX);
	for (uint32_t i = 0; i < 64; i++) {
		when[i] = now + 1 + number(&seed) % 10000000;
		lvs__wheel_add(&wheel, i, when[i]);
	}
	/* going from deadline to deadline fires all, in a bounded number */
	for (int steps = 0; wheel.count > 0; steps++) {
		ck_assert_int_lt(steps, 64 * LVS__WHEEL_LEVELS + 64);
		ck_assert_uint_ge(lvs__wheel_deadline(&wheel) + LATE, now);
		now = lvs__wheel_deadline(&wheel);
		fire(now);
	}
}
END_TEST

START_TEST(a_budget_bounds_the_work)
{
	uint32_t fired = 0;

	setup(0);
	for (uint32_t i = 0; i < COUNT; i++)
		lvs__wheel_add(&wheel, i, 500000);
	for (int calls = 0; wheel.count > 0; calls++) {
		uint32_t budget = 10;
		uint32_t before = fired;

		ck_assert_int_lt(calls, 4 * COUNT);
		while (lvs__wheel_pop(&wheel, 600000, &budget) !=
		       LVS__TIMER_NONE)
			fired++;
		ck_assert_uint_le(fired - before, 10);
	}
	ck_assert_uint_eq(fired, COUNT);
}
END_TEST

START_TEST(a_timer_that_fires_may_be_set_again)
{
	uint64_t now = 0;

	setup(0);
	lvs__wheel_add(&wheel, 3, 100);
	for (int i = 0; i < 1000; i++) {
		now += 133;
		ck_assert_uint_eq(pop(now), 3);
		ck_assert_uint_eq(pop(now), LVS__TIMER_NONE);
		lvs__wheel_add(&wheel, 3, now + 100);
	}
	lvs__wheel_remove(&wheel, 3);
	lvs__wheel_remove(&wheel, 3);
	ck_assert_uint_eq(wheel.count, 0);
}
END_TEST

START_TEST(a_jump_of_ten_years_fires_all)
{
	setup(0);
	for (uint32_t i = 0; i < COUNT; i++) {
		when[i] = 1 + (uint64_t)i * 500000;
		lvs__wheel_add(&wheel, i, when[i]);
	}
	fire(10ull * 365 * 86400 * 1000);
	ck_assert_uint_eq(wheel.count, 0);
}
END_TEST

Suite *timer_suite(void)
{
	Suite *suite = suite_create("timer");
	TCase *tcase = tcase_create("timer");

	tcase_add_loop_test(tcase, random_timers_fire_in_time, 0, 6);
	tcase_add_test(tcase, the_deadline_is_never_after_the_next_timer);
	tcase_add_test(tcase, a_budget_bounds_the_work);
	tcase_add_test(tcase, a_timer_that_fires_may_be_set_again);
	tcase_add_test(tcase, a_jump_of_ten_years_fires_all);
	suite_add_tcase(suite, tcase);
	return suite;
}
