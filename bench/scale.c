/*
 * Configurations far larger than usual: what a change of one costs in time and
 * memory.
 *
 *	scale [ROUNDS]
 *
 * Two nodes: one service of 10,000 dests, and 100,000 services of one dest. A
 * step is one act of an administrator on a director without a backend, until
 * its worker has taken the change over; no privileges are needed. A step whose
 * number of differences is not the one expected ends the program.
 */
#include <lvs/config.h>
#include <lvs/director.h>
#include <lvs/rules.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steps.h"

#define DESTS 10000
#define SERVICES 100000
#define TEXT (16u << 20)

static struct lvs_director *director;
static char message[256];

static void must(const char *what, int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "scale: %s: %s\n", what,
		message[0] != '\0' ? message : lvs_strerror(result));
	exit(1);
}

/* ---- a node */

static struct lvs_model *new_model(void)
{
	struct lvs_model *model;

	must("model", lvs_model_new(&model));
	must("backend", lvs_model_set_text(model, LVS_MODEL_BACKEND, "none"));
	must("connections", lvs_model_set(model, LVS_MODEL_CONNECTIONS, 1024));
	return model;
}

static struct lvs_addr address(uint32_t first, uint32_t n)
{
	struct lvs_addr addr = {.family = LVS_IPV4};
	uint32_t v = first + n;

	for (int i = 0; i < 4; i++)
		addr.bytes[i] = (uint8_t)(v >> (24 - 8 * i));
	return addr;
}

static void add_dest(struct lvs_service *service, uint32_t n)
{
	struct lvs_addr addr = address(0x0a000001, n);

	must("dest", lvs_service_add_dest(service, NULL, &addr, 80, 1));
}

/* The service that holds all dests. */
static struct lvs_service *add_service(struct lvs_model *model)
{
	struct lvs_addr addr = address(0xc0000201, 0);
	struct lvs_service *service;

	must("service", lvs_service_new(&service));
	must("address", lvs_service_set_address(service, &addr, 80, LVS_TCP));
	must("sched", lvs_service_set_sched(service, "wrr"));
	must("service", lvs_model_add_service(model, service));
	return service;
}

/* One service, its dests in the order of `stride` over them. */
static struct lvs_model *model_of_dests(uint32_t dests, uint32_t stride)
{
	struct lvs_model *model = new_model();
	struct lvs_service *service = add_service(model);

	for (uint32_t i = 0; i < dests; i++)
		add_dest(service, (uint32_t)((uint64_t)i * stride % dests));
	return model;
}

static void expect(int changes, int expected)
{
	must("change", changes);
	if (changes != expected) {
		fprintf(stderr, "scale: %d differences, not %d\n", changes,
			expected);
		exit(1);
	}
}

/* The change has reached the worker, and what it replaced is freed. */
static void settle(int changes, int expected)
{
	expect(changes, expected);
	must("worker",
	     lvs_worker_dispatch(lvs_director_worker(director, 0), 1, 0));
	must("director", lvs_director_dispatch(director, 1, 0));
}

static int apply(const struct lvs_model *model)
{
	return lvs_director_apply(director, model, message, sizeof(message), 1);
}

static int reload(const struct lvs_model *model)
{
	return lvs_director_reload(director, model, message, sizeof(message),
				   1);
}

static void new_director(const struct lvs_model *model)
{
	must("director",
	     lvs_director_new(&director, model, message, sizeof(message), 1));
}

/* An order, as the control socket gives it: the running model, changed. */
static void order(const struct lvs_addr *vip, uint16_t port, int option,
		  uint64_t value)
{
	struct lvs_model *model;
	struct lvs_service *service;

	must("running model", lvs_director_model(director, &model));
	service = lvs_model_find_service(model, vip, port, LVS_TCP);
	must("order",
	     lvs_dest_set(lvs_service_next_dest(service, NULL), option, value));
	settle(apply(model), 1);
	lvs_model_free(model);
}

/* ---- both */

static void change_one(struct lvs_model *model)
{
	struct lvs_service *service = lvs_model_next_service(model, NULL);

	must("weight", lvs_dest_set(lvs_service_next_dest(service, NULL),
				    LVS_DEST_WEIGHT, 7));
}

/* What runs is the model, then a little else; `services` are in it. */
static void change_little(struct lvs_model *model, int services, uint16_t port)
{
	struct lvs_addr vip = address(0xc0000201, 0);

	new_director(model);
	step_begin();
	settle(reload(model), services);
	step_end("reload: all are new");
	step_begin();
	settle(reload(model), 0);
	step_end("reload: no change");
	change_one(model);
	step_begin();
	settle(reload(model), 1);
	step_end("reload: one weight");
	step_begin();
	order(&vip, port, LVS_DEST_DRAIN, 1);
	step_end("order: drain one");
}

/* ---- 10,000 dests in one service */

static void dests(void)
{
	struct lvs_model *model, *empty, *other;

	step_begin();
	model = model_of_dests(DESTS, 1);
	step_end("make the model");
	change_little(model, 1, 80); /* one service with all */
	empty = model_of_dests(0, 1);
	other = model_of_dests(DESTS, 3);
	step_begin();
	settle(reload(empty), DESTS);
	step_end("reload: all are removed");
	step_begin();
	settle(reload(other), DESTS);
	step_end("reload: back in another order");
	step_begin();
	lvs_director_free(director);
	step_end("end");
	lvs_model_free(model);
	lvs_model_free(empty);
	lvs_model_free(other);
}

/* ---- 100,000 services */

static size_t write_config(char *text)
{
	size_t length = (size_t)snprintf(text, TEXT,
					 "lvs_backend {\n\ttype none\n"
					 "\tconnections 1024\n}\n");

	for (uint32_t i = 0; i < SERVICES; i++)
		length += (size_t)snprintf(
			text + length, TEXT - length,
			"virtual_server 192.0.%u.%u %u {\n\tlvs_sched wrr\n"
			"\treal_server 10.0.0.1 80 {\n\t\tweight 1\n\t}\n}\n",
			2 + i / 50000, 1 + i / 1000 % 50, 1 + i % 1000);
	return length;
}

static struct lvs_model *read_config(const char *text, size_t length)
{
	struct lvs_model *model;

	must("configuration",
	     lvs_config_parse(&model, "scale", text, length, message,
			      sizeof(message), NULL, NULL));
	return model;
}

/* A rule for each service and each dest, and one for the timeouts. */
static void rules(const struct lvs_model *model, char *text)
{
	struct lvs_model *again = new_model();
	int length;

	step_begin();
	length = lvs_rules_save(model, text, TEXT);
	step_end("save as rules");
	must("rules", length);
	step_begin();
	expect(lvs_rules_apply_text(again, text, (size_t)length, message,
				    sizeof(message)),
	       2 * SERVICES + 1);
	step_end("restore from rules");
	lvs_model_free(again);
}

static void services(void)
{
	char *text = malloc(TEXT);
	struct lvs_model *model;
	size_t length;

	if (text == NULL)
		must("memory", -ENOMEM);
	length = write_config(text);
	step_begin();
	model = read_config(text, length);
	step_end("read the configuration");
	change_little(model, SERVICES, 1);
	rules(model, text);
	step_begin();
	lvs_director_free(director);
	step_end("end");
	lvs_model_free(model);
	free(text);
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 10) : 3;

	if (rounds < 1 || rounds > STEP_ROUNDS) {
		fprintf(stderr, "usage: scale [rounds: 1 to %d]\n",
			STEP_ROUNDS);
		return 2;
	}
	steps_measure("one service of 10,000 dests", dests,
		      (unsigned int)rounds);
	steps_measure("100,000 services of one dest", services,
		      (unsigned int)rounds);
	return 0;
}
