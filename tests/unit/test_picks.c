/*
 * What the kernel picked, through a running node: the records of
 * sched_trace.h, each change an order of its own, and the changes between two
 * connections as one reload. Every packet is a new client's, over UDP.
 */
#include "unit.h"

#include <lvs/director.h>
#include <stdio.h>

#include "sched_trace.h"

static struct lvs_director *director;
static struct lvs_model *model;
static struct lvs_service *service; /* of the model */
static uint64_t now;
static uint16_t client;
static bool orders;  /* each change is applied at once */
static bool changed; /* the model is not what runs */

static struct lvs_addr server(unsigned int id)
{
	struct lvs_addr addr = {
		.family = LVS_IPV4,
		.bytes = {10, 0, 0, (uint8_t)id},
	};

	return addr;
}

static struct lvs_dest *dest(unsigned int id)
{
	struct lvs_addr addr = server(id);
	struct lvs_dest *d = lvs_service_find_dest(service, &addr, 9000);

	ck_assert_ptr_nonnull(d);
	return d;
}

static void run(void)
{
	struct lvs_worker *worker = lvs_director_worker(director, 0);

	for (int i = 0; i < 3; i++) {
		ck_assert_int_ge(lvs_worker_dispatch(worker, now, 0), 0);
		ck_assert_int_ge(lvs_director_dispatch(director, now, 0), 0);
	}
}

static void apply(void)
{
	char message[256];
	int result = orders ? lvs_director_apply(director, model, message,
						 sizeof(message), now)
			    : lvs_director_reload(director, model, message,
						  sizeof(message), now);

	ck_assert_msg(result >= 0, "%s", message);
	changed = false;
	run();
}

static void begin(const char *sched)
{
	struct lvs_addr addr = {.family = LVS_IPV4, .bytes = {192, 0, 2, 1}};

	now = 1000;
	client = 1024;
	ck_assert_int_eq(lvs_model_new(&model), 0);
	ck_assert_int_eq(lvs_model_set_text(model, LVS_MODEL_BACKEND, "none"),
			 0);
	ck_assert_int_eq(lvs_model_set(model, LVS_MODEL_CONNECTIONS, 1024), 0);
	ck_assert_int_eq(lvs_director_new(&director, model, NULL, 0, now), 0);
	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 80, LVS_UDP),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service, sched), 0);
	ck_assert_int_eq(lvs_model_add_service(model, service), 0);
	if (orders)
		apply();
}

static void end(void)
{
	lvs_director_free(director);
	lvs_model_free(model);
}

/* A datagram of a client never seen: the dest it is led to, 0 if none. */
static unsigned int pick(void)
{
	uint8_t bytes[LVS_HEADROOM + 28] = {0};
	uint8_t *ip = bytes + LVS_HEADROOM;
	static const uint8_t header[28] = {
		0x45, 0, 0,   28, 0, 0, 0, 0, 64, 17, 0, 0, 198, 51,
		100,  7, 192, 0,  2, 1, 0, 0, 0,  80, 0, 8, 0,	 0,
	};
	struct lvs_packet packet = {
		.data = bytes,
		.capacity = sizeof(bytes),
		.offset = LVS_HEADROOM,
		.length = 28,
	};
	uint32_t sum = 0;

	memcpy(ip, header, sizeof(header));
	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = ~((sum & 0xffff) + (sum >> 16));
	ip[10] = (uint8_t)(sum >> 8);
	ip[11] = (uint8_t)sum;
	client++;
	ip[20] = (uint8_t)(client >> 8);
	ip[21] = (uint8_t)client;
	ck_assert_int_ge(
		lvs_balancer_batch(lvs_worker_balancer(
					   lvs_director_worker(director, 0)),
				   &packet, 1, now),
		0);
	if (packet.verdict == LVS_FORWARD)
		return packet.next_hop.bytes[3];
	ck_assert_uint_eq(packet.reason, LVS_REASON_NO_DEST);
	return 0;
}

/* All connections end by their timeout, as the model has it. */
static void end_all_conns(void)
{
	now += 400000;
	run();
}

static void change(const char *word)
{
	unsigned int id, value;

	if (sscanf(word, "+%u:%u", &id, &value) == 2) {
		struct lvs_addr addr = server(id);

		ck_assert_int_eq(lvs_service_add_dest(service, NULL, &addr,
						      9000, value),
				 0);
	} else if (sscanf(word, "-%u", &id) == 1) {
		ck_assert_int_eq(lvs_model_remove_dest(model, service,
						       dest(id)),
				 0);
	} else if (sscanf(word, "%u:%u", &id, &value) == 2) {
		ck_assert_int_eq(lvs_dest_set(dest(id), LVS_DEST_WEIGHT, value),
				 0);
	} else if (sscanf(word, "%u<%u", &id, &value) == 2) {
		ck_assert_int_eq(lvs_dest_set(dest(id), LVS_DEST_UPPER, value),
				 0);
	} else {
		ck_assert_str_eq(word, "~");
		end_all_conns();
		return;
	}
	changed = true;
	if (orders)
		apply();
}

static void step(const char *word, const char *trace)
{
	unsigned int id, got;

	if (sscanf(word, "=%u", &id) != 1) {
		change(word);
		return;
	}
	if (changed)
		apply();
	got = pick();
	ck_assert_msg(got == id, "%u for %u in %s", got, id, trace);
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

START_TEST(orders_of_a_node_are_the_kernels)
{
	orders = true;
	replay(kernel_traces[_i]);
}
END_TEST

START_TEST(reloads_of_a_node_are_the_kernels)
{
	orders = false;
	replay(kernel_traces[_i]);
}
END_TEST

/* As `ipvsadm -E` has it: weights 1 and 3, of which the first has no turn. */
START_TEST(a_wrr_in_anothers_place_begins_at_the_top)
{
	orders = true;
	begin("rr");
	change("+1:1");
	change("+2:3");
	ck_assert_uint_eq(pick(), 2);
	ck_assert_int_eq(lvs_service_set_sched(service, "wrr"), 0);
	apply();
	ck_assert_uint_eq(pick(), 2);
	ck_assert_uint_eq(pick(), 2);
	ck_assert_uint_eq(pick(), 2);
	ck_assert_uint_eq(pick(), 1);
	end();
}
END_TEST

Suite *picks_suite(void)
{
	Suite *suite = suite_create("picks");
	TCase *tcase = tcase_create("picks");
	int records = sizeof(kernel_traces) / sizeof(kernel_traces[0]);

	tcase_add_loop_test(tcase, orders_of_a_node_are_the_kernels, 0,
			    records);
	tcase_add_loop_test(tcase, reloads_of_a_node_are_the_kernels, 0,
			    records);
	tcase_add_test(tcase, a_wrr_in_anothers_place_begins_at_the_top);
	suite_add_tcase(suite, tcase);
	return suite;
}
