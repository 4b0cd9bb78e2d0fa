/*
 * Catalogs and snapshots: found exactly, shared where nothing changed, and
 * nothing freed that a worker or a connection may still reach. (A build with
 * the address sanitizer sees what is freed too early or not at all.)
 */
#include "unit.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "conn/table.h"
#include "slow.h"
#include "snapshot/catalog.h"

static struct lvs__catalog catalog;

static void setup(void)
{
	ck_assert_int_eq(lvs__catalog_init(&catalog, 2), 0);
}

static void teardown(void)
{
	lvs__catalog_fini(&catalog);
}

static struct lvs_addr address(const char *text)
{
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, text), 0);
	return addr;
}

static struct lvs_service *make(const char *text, uint16_t port, int protocol)
{
	struct lvs_addr addr = address(text);
	struct lvs_service *s;

	ck_assert_int_eq(lvs_service_new(&s), 0);
	ck_assert_int_eq(lvs_service_set_sched(s, "rr"), 0);
	ck_assert_int_eq(lvs_service_set_address(s, &addr, port, protocol), 0);
	return s;
}

static struct lvs_dest *add_dest(struct lvs_service *s, const char *text)
{
	struct lvs_addr addr = address(text);
	struct lvs_dest *d;

	ck_assert_int_eq(lvs_service_add_dest(s, &d, &addr, 80, 1), 0);
	return d;
}

/* A service on 192.0.2.1:80 with the dest 10.0.0.1, in the catalog. */
static struct lvs_service *serve(struct lvs_dest **dest)
{
	struct lvs_service *s = make("192.0.2.1", 80, LVS_TCP);

	*dest = add_dest(s, "10.0.0.1");
	ck_assert_int_eq(lvs__catalog_add(&catalog, s), 0);
	return s;
}

static const struct lvs__snapshot *compile(void)
{
	const struct lvs__snapshot *s;

	ck_assert_int_eq(lvs__catalog_compile(&catalog, &s), 0);
	return s;
}

static const struct lvs__plan *find(const struct lvs__snapshot *s,
				    const char *text, uint16_t port,
				    uint8_t protocol)
{
	struct lvs_addr addr = address(text);
	struct lvs__tuple t = {.family = (uint8_t)addr.family,
			       .protocol = protocol,
			       .destination_port = htons(port)};

	memcpy(t.destination, addr.bytes, sizeof(t.destination));
	return lvs__snapshot_find(s, &t);
}

static size_t length(const struct lvs__list *list)
{
	struct lvs__list *node, *save;
	size_t n = 0;

	lvs__list_for_each (node, save, list)
		n++;
	return n;
}

static size_t removed_dests(void)
{
	size_t count = 0;

	for (size_t i = 0; i < LVS__GRAVEYARDS; i++)
		count += length(&catalog.graveyards[i]);
	return count;
}

START_TEST(a_service_is_found_by_all_of_its_address)
{
	struct lvs_service *s = make("192.0.2.1", 80, LVS_TCP);
	struct lvs_service *six = make("2001:db8::1", 80, LVS_TCP);
	const struct lvs__snapshot *snapshot;

	ck_assert_ptr_null(find(compile(), "192.0.2.1", 80, LVS_TCP));
	ck_assert_int_eq(lvs__catalog_add(&catalog, s), 0);
	ck_assert_int_eq(lvs__catalog_add(&catalog, six), 0);
	snapshot = compile();
	ck_assert_ptr_eq(find(snapshot, "192.0.2.1", 80, LVS_TCP)->cursors,
			 s->cursors);
	ck_assert_ptr_eq(find(snapshot, "2001:db8::1", 80, LVS_TCP)->cursors,
			 six->cursors);
	ck_assert_ptr_null(find(snapshot, "192.0.2.1", 81, LVS_TCP));
	ck_assert_ptr_null(find(snapshot, "192.0.2.1", 80, LVS_UDP));
	ck_assert_ptr_null(find(snapshot, "192.0.2.2", 80, LVS_TCP));
	ck_assert_ptr_null(find(snapshot, "2001:db8::", 80, LVS_TCP));
	/* the same first bytes in the other family */
	ck_assert_ptr_null(find(snapshot, "c000:201::", 80, LVS_TCP));
}
END_TEST

START_TEST(thousands_of_services_are_found)
{
	const struct lvs__snapshot *snapshot;
	struct lvs_service *s[3000];
	char text[32];

	for (unsigned int i = 0; i < 3000; i++) {
		snprintf(text, sizeof(text), "10.%u.%u.1", i / 200, i % 200);
		s[i] = make(text, (uint16_t)(i + 1), i % 2 ? LVS_TCP : LVS_UDP);
		ck_assert_int_eq(lvs__catalog_add(&catalog, s[i]), 0);
	}
	snapshot = compile();
	ck_assert_uint_eq(snapshot->plans.count, 3000);
	ck_assert_uint_ge(snapshot->plans.mask, 2 * 3000 - 1);
	for (unsigned int i = 0; i < 3000; i++) {
		uint8_t protocol = i % 2 ? LVS_TCP : LVS_UDP;
		uint16_t port = (uint16_t)(i + 1);

		snprintf(text, sizeof(text), "10.%u.%u.1", i / 200, i % 200);
		ck_assert_ptr_eq(find(snapshot, text, port, protocol)->cursors,
				 s[i]->cursors);
		ck_assert_ptr_null(find(snapshot, text, port + 1, protocol));
		ck_assert_ptr_eq(lvs__services_find(catalog.services,
						    &s[i]->addr, port,
						    protocol),
				 s[i]);
	}
}
END_TEST

START_TEST(those_that_stay_are_found_when_others_go)
{
	struct lvs_service *s[1000];
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, "10.0.0.1"), 0);
	for (uint16_t i = 0; i < 1000; i++) {
		s[i] = make("10.0.0.1", (uint16_t)(i + 1), LVS_TCP);
		ck_assert_int_eq(lvs__catalog_add(&catalog, s[i]), 0);
	}
	for (unsigned int gone = 0; gone < 1000; gone += 100) {
		for (unsigned int i = gone; i < gone + 100; i++)
			ck_assert_int_eq(lvs__catalog_remove(&catalog, s[i]),
					 0);
		for (unsigned int i = 0; i < 1000; i++)
			ck_assert_ptr_eq(lvs__services_find(catalog.services,
							    &addr,
							    (uint16_t)(i + 1),
							    LVS_TCP),
					 i < gone + 100 ? NULL : s[i]);
	}
	ck_assert_uint_eq(lvs__services_count(catalog.services), 0);
}
END_TEST

START_TEST(a_catalog_refuses_what_cannot_be_served)
{
	struct lvs_addr addr = address("10.0.0.1");
	struct lvs_dest *d;
	struct lvs_service *s = serve(&d);
	struct lvs_service *other = make("192.0.2.1", 80, LVS_TCP);

	ck_assert_int_eq(lvs__catalog_add(&catalog, s), -EBUSY);
	ck_assert_int_eq(lvs__catalog_add(&catalog, other), -EEXIST);
	lvs_service_free(other);
	ck_assert_int_eq(lvs_service_new(&other), 0);
	ck_assert_int_eq(lvs__catalog_add(&catalog, other), -EINVAL);
	ck_assert_int_eq(lvs__catalog_remove(&catalog, other), -ENOENT);
	lvs_service_free(other);
	/* without a scheduler, with a dest without port, with connections */
	other = make("192.0.2.2", 80, LVS_TCP);
	ck_assert_int_eq(lvs_service_set_sched(other, "none"), 0);
	ck_assert_int_eq(lvs__catalog_add(&catalog, other), -EINVAL);
	ck_assert_int_eq(lvs_service_set_sched(other, "rr"), 0);
	ck_assert_int_eq(lvs_service_add_dest(other, &d, &addr, 0, 1), 0);
	ck_assert_int_eq(lvs__catalog_add(&catalog, other), -EINVAL);
	ck_assert_int_eq(lvs_service_remove_dest(other, d), 0);
	d = add_dest(other, "10.0.0.1");
	ck_assert_int_eq(lvs_dest_opened(d), 0);
	ck_assert_int_eq(lvs__catalog_add(&catalog, other), -EBUSY);
	ck_assert_int_eq(lvs_service_remove_dest(other, d), 0);
	ck_assert_int_eq(lvs__catalog_add(&catalog, other), -EBUSY);
	ck_assert_int_eq(lvs_dest_closed(d), 0);
	ck_assert_int_eq(lvs__catalog_add(&catalog, other), 0);
	ck_assert_uint_eq(lvs__services_count(catalog.services), 2);
}
END_TEST

START_TEST(what_did_not_change_is_shared)
{
	struct lvs_dest *d;
	struct lvs_service *s = serve(&d);
	const struct lvs__snapshot *one, *two, *three;

	ck_assert_int_eq(lvs__catalog_add(&catalog,
					  make("192.0.2.2", 80, LVS_TCP)),
			 0);
	one = compile();
	two = compile();
	ck_assert_uint_gt(two->version, one->version);
	ck_assert_ptr_eq(find(one, "192.0.2.1", 80, LVS_TCP),
			 find(two, "192.0.2.1", 80, LVS_TCP));
	ck_assert_int_eq(lvs_dest_set(d, LVS_DEST_METHOD, LVS_NAT), 0);
	three = compile();
	ck_assert_ptr_ne(find(two, "192.0.2.1", 80, LVS_TCP),
			 find(three, "192.0.2.1", 80, LVS_TCP));
	ck_assert_ptr_eq(find(two, "192.0.2.2", 80, LVS_TCP),
			 find(three, "192.0.2.2", 80, LVS_TCP));
	/* the old one shows what was, the new one what is */
	ck_assert_int_eq(
		find(two, "192.0.2.1", 80, LVS_TCP)->dests[0].forward->method,
		LVS_DR);
	ck_assert_int_eq(
		find(three, "192.0.2.1", 80, LVS_TCP)->dests[0].forward->method,
		LVS_NAT);
	ck_assert_ptr_eq(lvs__services_next(catalog.services, NULL), s);
}
END_TEST

START_TEST(a_snapshot_has_the_timeouts_of_its_time)
{
	ck_assert_mem_eq(compile()->timeouts, lvs__timeouts_default,
			 sizeof(catalog.timeouts));
	catalog.timeouts[LVS_STATE_UDP] = 7;
	ck_assert_uint_eq(compile()->timeouts[LVS_STATE_UDP], 7);
}
END_TEST

START_TEST(sweeping_keeps_what_workers_may_use)
{
	struct lvs_dest *d;
	struct lvs_service *s = serve(&d);
	const struct lvs__snapshot *one = compile();

	ck_assert_int_eq(lvs_service_remove_dest(s, d), 0);
	ck_assert_int_eq(lvs__catalog_remove(&catalog, s), 0);
	/* nobody was told yet; then somebody still uses the first */
	lvs__catalog_sweep(&catalog, one->version);
	compile();
	lvs__catalog_sweep(&catalog, one->version);
	ck_assert_ptr_eq(find(one, "192.0.2.1", 80, LVS_TCP)->dests[0].dest, d);
	ck_assert_uint_eq(removed_dests(), 1);
	ck_assert_uint_eq(length(&catalog.removed_services), 1);
	lvs__catalog_sweep(&catalog, 0);
	ck_assert_uint_eq(length(&catalog.snapshots), 2);
	/* all have seen the second */
	lvs__catalog_sweep(&catalog, one->version + 1);
	ck_assert_uint_eq(removed_dests(), 0);
	ck_assert_uint_eq(length(&catalog.removed_services), 0);
	ck_assert_uint_eq(length(&catalog.snapshots), 1);
	/* the newest stays, whatever is said */
	lvs__catalog_sweep(&catalog, UINT64_MAX);
	ck_assert_uint_eq(length(&catalog.snapshots), 1);
}
END_TEST

START_TEST(what_was_never_published_goes_at_once)
{
	struct lvs_dest *d;
	struct lvs_service *s = serve(&d);

	ck_assert_int_eq(lvs_service_remove_dest(s, d), 0);
	ck_assert_uint_eq(removed_dests(), 0);
	ck_assert_int_eq(lvs__catalog_remove(&catalog, s), 0);
	ck_assert_uint_eq(length(&catalog.removed_services), 0);
}
END_TEST

START_TEST(a_removed_dest_waits_for_its_connections)
{
	struct lvs_dest *d, *back;
	struct lvs_service *s = serve(&d);
	uint64_t serial = d->serial;

	compile();
	ck_assert_int_eq(lvs__dest_bind(d), 0);
	ck_assert_int_eq(lvs_service_remove_dest(s, d), 0);
	ck_assert_uint_eq(d->mark.gone, 1);
	lvs__catalog_sweep(&catalog, compile()->version);
	ck_assert_uint_eq(removed_dests(), 1);
	back = add_dest(s, "10.0.0.1");
	ck_assert_ptr_eq(back, d);
	ck_assert_uint_eq(d->mark.gone, 0);
	ck_assert_uint_gt(d->serial, serial);
	ck_assert_int_eq(lvs_service_remove_dest(s, d), 0);
	compile();
	lvs__dest_unbind(d, false);
	lvs__catalog_sweep(&catalog, compile()->version);
	ck_assert_uint_eq(removed_dests(), 0);
}
END_TEST

START_TEST(a_service_comes_back_with_its_dests_connections)
{
	struct lvs_dest *d, *young;
	struct lvs_service *s = serve(&d);
	struct lvs_stats stats;
	uint64_t value;

	compile();
	ck_assert_int_eq(lvs__dest_bind(d), 0);
	d->lanes[1].conns = 1;
	ck_assert_int_eq(lvs__catalog_remove(&catalog, s), 0);
	lvs__catalog_sweep(&catalog, compile()->version);
	s = make("192.0.2.1", 80, LVS_TCP);
	young = add_dest(s, "10.0.0.1");
	add_dest(s, "10.0.0.2");
	ck_assert_int_eq(lvs_dest_set(young, LVS_DEST_WEIGHT, 5), 0);
	ck_assert_int_eq(lvs__catalog_add(&catalog, s), 0);
	/* the old dest in the place of the new one, under both pointers */
	ck_assert_ptr_eq(lvs_service_next_dest(s,
					       lvs_service_next_dest(s, NULL)),
			 d);
	ck_assert_uint_eq(d->weight, 5);
	ck_assert_int_eq(lvs_dest_get(young, LVS_DEST_INACTIVE, &value), 0);
	ck_assert_uint_eq(value, 1);
	ck_assert_int_eq(lvs_dest_set(young, LVS_DEST_WEIGHT, 6), 0);
	ck_assert_uint_eq(d->weight, 6);
	ck_assert_ptr_null(lvs_service_next_dest(s, young));
	/* the dest's counters are its own, the service's begin anew */
	ck_assert_int_eq(lvs_dest_stats(young, &stats, sizeof(stats)), 0);
	ck_assert_uint_eq(stats.conns, 1);
	ck_assert_int_eq(lvs_service_stats(s, &stats, sizeof(stats)), 0);
	ck_assert_uint_eq(stats.conns, 0);
	d->lanes[0].conns = 2;
	ck_assert_int_eq(lvs_service_stats(s, &stats, sizeof(stats)), 0);
	ck_assert_uint_eq(stats.conns, 2);
	/* removed by the pointer that its adder has */
	ck_assert_int_eq(lvs_service_remove_dest(s, young), 0);
	ck_assert_int_eq(lvs_service_remove_dest(s, young), -ENOENT);
	ck_assert_uint_eq(d->mark.gone, 1);
	lvs__dest_unbind(d, false);
}
END_TEST

/* Each to its own pointer, whatever the order and whoever else is removed. */
START_TEST(many_dests_come_back_in_any_order)
{
	enum {
		COUNT = 3000
	};
	struct lvs_service *services[2] = {
		make("192.0.2.1", 80, LVS_TCP),
		make("192.0.2.1", 81, LVS_TCP),
	};
	static struct lvs_dest *dests[2][COUNT];
	char text[32];

	for (size_t s = 0; s < 2; s++) {
		ck_assert_int_eq(lvs__catalog_add(&catalog, services[s]), 0);
		for (unsigned int i = 0; i < COUNT; i++) {
			snprintf(text, sizeof(text), "10.0.%u.%u", i >> 8,
				 i & 0xff);
			dests[s][i] = add_dest(services[s], text);
			ck_assert_int_eq(lvs__dest_bind(dests[s][i]), 0);
		}
	}
	compile();
	for (size_t s = 0; s < 2; s++)
		for (size_t i = 0; i < COUNT; i++)
			ck_assert_int_eq(lvs_service_remove_dest(services[s],
								 dests[s][i]),
					 0);
	lvs__catalog_sweep(&catalog, compile()->version);
	ck_assert_uint_eq(removed_dests(), 2 * COUNT);
	for (unsigned int i = COUNT; i > 0; i--) {
		unsigned int n = (i * 7) % COUNT;

		snprintf(text, sizeof(text), "10.0.%u.%u", n >> 8, n & 0xff);
		for (size_t s = 0; s < 2; s++) {
			ck_assert_ptr_eq(add_dest(services[s], text),
					 dests[s][n]);
			lvs__dest_unbind(dests[s][n], false);
		}
	}
	ck_assert_uint_eq(removed_dests(), 0);
}
END_TEST

/* Another service's dest of the same address is not taken. */
START_TEST(a_dest_comes_back_only_to_its_service)
{
	struct lvs_dest *d;
	struct lvs_service *s = serve(&d);

	compile();
	ck_assert_int_eq(lvs__dest_bind(d), 0);
	ck_assert_int_eq(lvs__catalog_remove(&catalog, s), 0);
	s = make("192.0.2.1", 80, LVS_UDP);
	ck_assert_int_eq(lvs__catalog_add(&catalog, s), 0);
	ck_assert_ptr_ne(add_dest(s, "10.0.0.1"), d);
	ck_assert_int_eq(lvs__catalog_remove(&catalog, s), 0);
	/* nor by one that has its dest before it is added */
	s = make("192.0.2.1", 80, LVS_UDP);
	add_dest(s, "10.0.0.1");
	ck_assert_int_eq(lvs__catalog_add(&catalog, s), 0);
	ck_assert_ptr_ne(lvs_service_next_dest(s, NULL), d);
	ck_assert_uint_eq(lvs__dest_total(lvs_service_next_dest(s, NULL)), 0);
	lvs__dest_unbind(d, false);
}
END_TEST

/* Whatever else lies in the same graveyard, and however dest and service meet.
 */
START_TEST(only_the_same_protocol_port_and_address_take_back)
{
	static const struct {
		const char *addr;
		uint16_t port;
		int protocol;
		bool same;
	} others[] = {
		{"192.0.2.1", 80, LVS_UDP, false},
		{"192.0.2.1", 81, LVS_TCP, false},
		{"192.0.2.2", 80, LVS_TCP, false},
		{"2001:db8::1", 80, LVS_TCP, false},
		{"192.0.2.1", 80, LVS_TCP, true},
	};
	struct lvs_dest *d;
	struct lvs_service *s = serve(&d);

	compile();
	ck_assert_int_eq(lvs__dest_bind(d), 0);
	ck_assert_int_eq(lvs__catalog_remove(&catalog, s), 0);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		s = make(others[i].addr, others[i].port, others[i].protocol);
		ck_assert(lvs__dest_was_of(d, s) == others[i].same);
		lvs_service_free(s);
	}
	lvs__dest_unbind(d, false);
}
END_TEST

static const struct lvs__plan_dest *pick_of(const struct lvs__plan *plan,
					    uint32_t lane)
{
	return lvs__plan_pick(plan, &plan->cursors[lane], lane, NULL, 0);
}

START_TEST(a_published_rotation_goes_on_after_a_change)
{
	struct lvs_dest *d, *e;
	struct lvs_service *s = serve(&d);
	const struct lvs__plan *plan;

	e = add_dest(s, "10.0.0.2");
	add_dest(s, "10.0.0.3");
	plan = find(compile(), "192.0.2.1", 80, LVS_TCP);
	ck_assert_uint_eq(pick_of(plan, 0)->serial, 3);
	ck_assert_ptr_eq(pick_of(plan, 0)->dest, e);
	ck_assert_int_eq(lvs_service_remove_dest(s, e), 0);
	/* before the commit nothing is different */
	ck_assert_ptr_eq(pick_of(plan, 0)->dest, d);
	ck_assert_uint_eq(pick_of(plan, 0)->serial, 3);
	ck_assert_ptr_eq(pick_of(plan, 0)->dest, e);
	plan = find(compile(), "192.0.2.1", 80, LVS_TCP);
	ck_assert_ptr_eq(pick_of(plan, 0)->dest, d);
	ck_assert_uint_eq(pick_of(plan, 0)->serial, 3);
}
END_TEST

/* A worker that lags, connections that come and go, changes all the time. */
START_TEST(random_changes_free_all_and_nothing_too_early)
{
	static const char *const homes[] = {"192.0.2.1", "192.0.2.2"};
	struct lvs_dest *held[256];
	unsigned int count = 0;
	const struct lvs__snapshot *used = compile();
	uint64_t seed = 1 + (uint64_t)_i;

	for (int round = 0; round < 3000; round++) {
		const char *home = homes[below(&seed, 2)];
		struct lvs_addr addr = address(home);
		struct lvs_addr server = {LVS_IPV4, {10, 0, 0, 1}};
		struct lvs_service *s = lvs__services_find(catalog.services,
							   &addr, 80, LVS_TCP);
		const struct lvs__plan *plan = find(used, home, 80, LVS_TCP);
		const struct lvs__plan_dest *d = NULL;

		server.bytes[3] = (uint8_t)(1 + below(&seed, 4));
		if (s == NULL) {
			s = make(home, 80, LVS_TCP);
			add_dest(s, "10.0.0.1");
			if (lvs__catalog_add(&catalog, s) != 0)
				ck_abort_msg("not added");
		} else if (below(&seed, 20) == 0) {
			lvs__catalog_remove(&catalog, s);
		} else if (lvs_service_add_dest(s, NULL, &server, 80, 1) ==
				   -EEXIST &&
			   below(&seed, 2) == 0) {
			lvs_service_remove_dest(
				s, lvs_service_find_dest(s, &server, 80));
		}
		/* the worker */
		if (plan != NULL)
			d = pick_of(plan, below(&seed, 2));
		if (d != NULL && count < 256 && lvs__dest_bind(d->dest) == 0)
			held[count++] = d->dest;
		while (count > 0 && below(&seed, 5) < 2)
			lvs__dest_unbind(held[--count], false);
		if (below(&seed, 4) == 0)
			used = compile();
		if (below(&seed, 3) == 0)
			lvs__catalog_sweep(&catalog, used->version);
	}
	while (count > 0)
		lvs__dest_unbind(held[--count], false);
	lvs__catalog_sweep(&catalog, compile()->version);
	ck_assert_uint_eq(removed_dests(), 0);
	ck_assert_uint_eq(length(&catalog.removed_services), 0);
}
END_TEST

/* ---- a worker in its own thread */

static const struct lvs__snapshot *published; /* __atomic */
static uint64_t seen;			      /* __atomic */
static uint32_t stop;			      /* __atomic */

/* Picks for the first service, holds some, says what it has seen. */
static void *work(void *user)
{
	const struct lvs__tuple *t = user;
	struct lvs_dest *held[8];
	unsigned int count = 0;
	uint64_t seed = 3;

	while (__atomic_load_n(&stop, __ATOMIC_RELAXED) == 0) {
		const struct lvs__snapshot *s =
			__atomic_load_n(&published, __ATOMIC_ACQUIRE);
		const struct lvs__plan *plan = lvs__snapshot_find(s, t);

		for (int i = 0; i < 16; i++) {
			const struct lvs__plan_dest *d = pick_of(plan, 1);

			if (d != NULL && count < 8 &&
			    lvs__dest_bind(d->dest) == 0)
				held[count++] = d->dest;
			if (count > 0 && below(&seed, 2) == 0)
				lvs__dest_unbind(held[--count], false);
		}
		__atomic_store_n(&seen, s->version, __ATOMIC_RELEASE);
	}
	while (count > 0)
		lvs__dest_unbind(held[--count], false);
	return NULL;
}

START_TEST(a_worker_and_the_sweep_never_meet)
{
	struct lvs__tuple t = {.family = LVS_IPV4,
			       .protocol = LVS_TCP,
			       .destination_port = htons(80)};
	struct lvs_addr addr = address("192.0.2.1");
	struct lvs_dest *d;
	struct lvs_service *s = serve(&d);
	uint64_t seed = 8;
	pthread_t thread;

	memcpy(t.destination, addr.bytes, 4);
	addr = address("10.0.0.1");
	published = compile();
	ck_assert_int_eq(pthread_create(&thread, NULL, work, &t), 0);
	for (int round = 0; round < 5000; round++) {
		addr.bytes[3] = (uint8_t)(1 + below(&seed, 4));
		d = lvs_service_find_dest(s, &addr, 80);
		if (d != NULL)
			lvs_service_remove_dest(s, d);
		else if (lvs_service_add_dest(s, &d, &addr, 80, 1) == 0)
			lvs_dest_set(d, LVS_DEST_UPPER, 1 + below(&seed, 3));
		__atomic_store_n(&published, compile(), __ATOMIC_RELEASE);
		lvs__catalog_sweep(&catalog,
				   __atomic_load_n(&seen, __ATOMIC_ACQUIRE));
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	lvs__catalog_sweep(&catalog, compile()->version);
	ck_assert_uint_eq(removed_dests(), 0);
	for (d = NULL; (d = lvs_service_next_dest(s, d)) != NULL;) {
		ck_assert_uint_eq(lvs__dest_conns(d), 0);
		ck_assert_uint_eq(d->load.overload, 0);
	}
}
END_TEST

static double milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

START_TEST(a_hundred_thousand_dests_compile_in_50_ms)
{
	double start, whole, again;
	char text[32];

	for (unsigned int i = 0; i < 1000; i++) {
		struct lvs_service *s;
		struct lvs_addr addr = {LVS_IPV4, {10, 0, 0, 1}};

		snprintf(text, sizeof(text), "10.1.%u.%u", i / 200,
			 1 + i % 200);
		s = make(text, 80, LVS_TCP);
		for (uint8_t j = 1; j <= 100; j++) {
			addr.bytes[3] = j;
			lvs_service_add_dest(s, NULL, &addr, 80, j);
		}
		ck_assert_int_eq(lvs__catalog_add(&catalog, s), 0);
	}
	start = milliseconds();
	compile();
	whole = milliseconds() - start;
	start = milliseconds();
	compile();
	again = milliseconds() - start;
#ifdef LVS_SANITIZE
	whole /= 20;
#endif
	ck_assert_msg(whole < 50 && again < 50, "%.2f ms, again %.2f ms", whole,
		      again);
}
END_TEST

Suite *snapshot_suite(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tcase = tcase_create("snapshot");

	tcase_set_timeout(tcase, 120);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_service_is_found_by_all_of_its_address);
	tcase_add_test(tcase, thousands_of_services_are_found);
	tcase_add_test(tcase, those_that_stay_are_found_when_others_go);
	tcase_add_test(tcase, a_catalog_refuses_what_cannot_be_served);
	tcase_add_test(tcase, what_did_not_change_is_shared);
	tcase_add_test(tcase, a_snapshot_has_the_timeouts_of_its_time);
	tcase_add_test(tcase, sweeping_keeps_what_workers_may_use);
	tcase_add_test(tcase, what_was_never_published_goes_at_once);
	tcase_add_test(tcase, a_removed_dest_waits_for_its_connections);
	tcase_add_test(tcase, a_service_comes_back_with_its_dests_connections);
	tcase_add_test(tcase, many_dests_come_back_in_any_order);
	tcase_add_test(tcase, a_dest_comes_back_only_to_its_service);
	tcase_add_test(tcase,
		       only_the_same_protocol_port_and_address_take_back);
	tcase_add_test(tcase, a_published_rotation_goes_on_after_a_change);
	tcase_add_loop_test(tcase,
			    random_changes_free_all_and_nothing_too_early, 0,
			    8);
	tcase_add_test(tcase, a_worker_and_the_sweep_never_meet);
	tcase_add_test(tcase, a_hundred_thousand_dests_compile_in_50_ms);
	suite_add_tcase(suite, tcase);
	return suite;
}
