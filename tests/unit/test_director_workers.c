/*
 * The node's workers: what they answer, and that they follow while all changes,
 * each in its own thread.
 */
#include "running_node.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "slow.h"

START_TEST(a_workers_balancer_is_changed_by_its_director_alone)
{
	struct lvs_addr vip = address("192.0.2.77");
	struct lvs_service *own = NULL;
	struct lvs_balancer *balancer;

	balancer = lvs_worker_balancer(lvs_director_worker(director, 0));
	ck_assert_ptr_nonnull(balancer);
	ck_assert_int_eq(lvs_service_new(&own), 0);
	lvs_service_set_address(own, &vip, 80, LVS_TCP);
	lvs_service_set_sched(own, "rr");
	ck_assert_int_eq(lvs_balancer_add_service(balancer, own), -EBUSY);
	ck_assert_int_eq(lvs_balancer_remove_service(balancer, own), -EBUSY);
	ck_assert_int_eq(lvs_balancer_commit(balancer), -EBUSY);
	ck_assert_int_eq(lvs_balancer_set_timeout(balancer, LVS_STATE_UDP, 9),
			 -EBUSY);
	lvs_service_free(own);
}
END_TEST

START_TEST(explain_believes_the_worker_that_has_the_connection)
{
	struct lvs_explanation *explanation;
	uint8_t bytes[64];
	uint32_t length;

	teardown();
	setup_workers(2);
	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	apply();
	packet(1, "198.51.100.7", 1000, "192.0.2.1", 80, SYN);
	length = build(bytes, "198.51.100.7", 1000, "192.0.2.1", 80, ACK);
	ck_assert_int_eq(lvs_director_explain(director, &explanation, bytes,
					      length),
			 0);
	ck_assert_ptr_null(lvs_explanation_text(explanation));
	turn();
	ck_assert_ptr_nonnull(lvs_explanation_text(explanation));
	ck_assert_msg(strstr(lvs_explanation_text(explanation), "forward") !=
			      NULL,
		      "%s", lvs_explanation_text(explanation));
	lvs_explanation_free(explanation);
	/* one that is given up before the workers answered */
	ck_assert_int_eq(lvs_director_explain(director, &explanation, bytes,
					      length),
			 0);
	lvs_explanation_free(explanation);
	turn();
}
END_TEST

struct thread {
	pthread_t id;
	uint32_t index;
	uint32_t stop; /* __atomic */
	uint64_t packets;
};

static void *work(void *user)
{
	struct thread *t = user;
	struct lvs_worker *worker = lvs_director_worker(director, t->index);
	struct lvs_balancer *balancer = lvs_worker_balancer(worker);
	uint8_t buffer[SIZE];
	uint64_t seed = 99 + t->index;
	struct lvs_outcome outcome;
	char client[32];

	snprintf(client, sizeof(client), "198.51.100.%u", t->index + 1);
	while (__atomic_load_n(&t->stop, __ATOMIC_ACQUIRE) == 0) {
		lvs_worker_dispatch(worker, clock_now(), 0);
		for (int i = 0; i < 50; i++) {
			uint16_t port = (uint16_t)(1024 + below(&seed, 1000));
			uint32_t length = build(buffer + LVS_HEADROOM, client,
						port, "192.0.2.1", 80,
						below(&seed, 4) ? SYN : RST);

			lvs_balancer_input(balancer, &outcome, buffer,
					   LVS_HEADROOM, length, SIZE,
					   clock_now());
			t->packets++;
		}
	}
	return NULL;
}

static size_t list_all(void)
{
	struct lvs_listing *listing;
	struct lvs_flow flow;
	size_t count = 0;
	uint64_t end = clock_now() + 5000;
	int result;

	ck_assert_int_eq(lvs_director_list_conns(director, &listing), 0);
	while ((result = lvs_listing_next(listing, &flow, sizeof(flow))) != 0) {
		if (result == 1) {
			ck_assert_uint_eq(flow.virtual_port, 80);
			count++;
			continue;
		}
		ck_assert_int_eq(result, -EAGAIN);
		ck_assert(clock_now() < end);
		lvs_director_dispatch(director, clock_now(), 0);
	}
	lvs_listing_free(listing);
	return count;
}

/*
 * Takes a dest out and back at once, while it has connections: what workers
 * judge by it then is for ThreadSanitizer to see.
 */
static void take_back(void)
{
	const struct lvs_addr addr = {LVS_IPV4, {10, 0, 0, 1}};
	struct lvs_dest *dest =
		lvs_service_find_dest(service_of(80), &addr, 8080);

	ck_assert_ptr_nonnull(dest);
	lvs_model_remove_dest(model, service_of(80), dest);
	ck_assert_int_eq(apply(), 1);
	usleep(1000); /* its packets meet that it is gone */
	add_dest(80, "10.0.0.1", 8080);
	ck_assert_int_eq(apply(), 1);
}

/* Asks a worker, which must not look at what the director changes. */
static void explain_one(void)
{
	struct lvs_explanation *explanation;
	const struct lvs_addr addr = {LVS_IPV4, {10, 0, 0, 1}};
	struct lvs_dest *dest =
		lvs_service_find_dest(service_of(80), &addr, 8080);
	uint8_t bytes[40];
	uint64_t end = clock_now() + 5000;

	build(bytes, "198.51.100.7", 1, "192.0.2.1", 80, SYN);
	ck_assert_int_eq(lvs_director_explain(director, &explanation, bytes,
					      sizeof(bytes)),
			 0);
	for (uint32_t weight = 1; weight < 9; weight++) {
		lvs_dest_set(dest, LVS_DEST_WEIGHT, weight);
		apply();
	}
	while (lvs_explanation_text(explanation) == NULL) {
		ck_assert(clock_now() < end);
		lvs_director_dispatch(director, clock_now(), 0);
	}
	lvs_explanation_free(explanation);
}

START_TEST(two_workers_follow_while_all_changes)
{
	struct thread threads[2] = {{.index = 0}, {.index = 1}};
	struct lvs_listing *listing;
	struct lvs_balancer_stats stats;

	teardown();
	setup_workers(2);
	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	apply();
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(pthread_create(&threads[i].id, NULL, work,
						&threads[i]),
				 0);
	for (int i = 0; i < 60; i++) {
		char name[32];
		struct lvs_dest *dest;

		moment = clock_now();
		snprintf(name, sizeof(name), "10.0.1.%d", i % 7 + 1);
		dest = lvs_service_find_dest(
			service_of(80),
			&(struct lvs_addr){LVS_IPV4,
					   {10, 0, 1, (uint8_t)(i % 7 + 1)}},
			8080);
		if (dest != NULL)
			lvs_model_remove_dest(model, service_of(80), dest);
		else
			add_dest(80, name, 8080);
		ck_assert_int_eq(apply(), 1);
		lvs_director_dispatch(director, moment, 0);
		(void)list_all();
		take_back();
		explain_one();
		/* one that is given up in the middle */
		ck_assert_int_eq(lvs_director_list_conns(director, &listing),
				 0);
		lvs_listing_free(listing);
		lvs_director_balancer_stats(director, (uint32_t)i % 2, &stats,
					    sizeof(stats));
		if (i % 10 == 0)
			lvs_director_zero(director, NULL);
	}
	ck_assert_uint_gt(list_all(), 100);
	for (int i = 0; i < 2; i++) {
		__atomic_store_n(&threads[i].stop, 1, __ATOMIC_RELEASE);
		pthread_join(threads[i].id, NULL);
		ck_assert_uint_gt(threads[i].packets, 1000);
	}
	drop_events();
}
END_TEST

START_TEST(an_asker_without_room_misses_no_connection)
{
	struct lvs_listing *listing;
	struct lvs_flow flow;

	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	apply();
	turn();
	from_client(1024, SYN);
	ck_assert_int_eq(lvs_director_list_conns(director, &listing), 0);
	turn();
	ck_assert_int_eq(lvs_listing_next(listing, &flow, 0), -EINVAL);
	ck_assert_int_eq(lvs_listing_next(listing, &flow, sizeof(flow)), 1);
	ck_assert_uint_eq(flow.virtual_port, 80);
	lvs_listing_free(listing);
}
END_TEST

START_TEST(questions_outlive_the_node)
{
	struct lvs_explanation *explanation;
	struct lvs_listing *empty, *half;
	struct lvs_flow flow;
	uint8_t bytes[40];
	int count = 0;

	add_service(80);
	add_dest(80, "10.0.0.1", 8080);
	apply();
	turn();
	for (uint16_t i = 0; i < 300; i++)
		from_client((uint16_t)(1024 + i), SYN);
	ck_assert_int_eq(lvs_director_list_conns(director, &half), 0);
	turn();
	ck_assert_int_eq(lvs_listing_next(half, &flow, sizeof(flow)), 1);
	ck_assert_int_eq(lvs_director_list_conns(director, &empty), 0);
	build(bytes, "198.51.100.7", 1, "192.0.2.1", 80, SYN);
	ck_assert_int_eq(lvs_director_explain(director, &explanation, bytes,
					      sizeof(bytes)),
			 0);
	ck_assert_ptr_null(lvs_explanation_text(explanation));
	lvs_director_free(director);
	director = NULL;
	/* what was there can be read, and then it is the end */
	while (lvs_listing_next(half, &flow, sizeof(flow)) == 1)
		count++;
	ck_assert_int_gt(count, 0);
	ck_assert_int_eq(lvs_listing_next(half, &flow, sizeof(flow)), 0);
	ck_assert_int_eq(lvs_listing_next(empty, &flow, sizeof(flow)), 0);
	ck_assert_ptr_nonnull(lvs_explanation_text(explanation));
	lvs_listing_free(half);
	lvs_listing_free(empty);
	lvs_explanation_free(explanation);
}
END_TEST

TCase *director_workers_case(void)
{
	TCase *tcase = running_case("director");

	tcase_add_test(tcase,
		       explain_believes_the_worker_that_has_the_connection);
	tcase_add_test(tcase,
		       a_workers_balancer_is_changed_by_its_director_alone);
	tcase_add_test(tcase, two_workers_follow_while_all_changes);
	tcase_add_test(tcase, an_asker_without_room_misses_no_connection);
	tcase_add_test(tcase, questions_outlive_the_node);
	return tcase;
}
