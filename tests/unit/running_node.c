/*
 * A node without a backend, told of time and packets by the test. See
 * running_node.h.
 */
#include "running_node.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include "slow.h"

struct lvs_director *director;
struct lvs_model *model;
char message[256];
uint64_t moment = 1000;

struct lvs_addr address(const char *text)
{
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, text), 0);
	return addr;
}

/* ---- a model: one service a port, dests by address */

struct lvs_service *add_service(uint16_t port)
{
	struct lvs_addr addr = address("192.0.2.1");
	struct lvs_service *service;

	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, port, LVS_TCP),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service, "rr"), 0);
	ck_assert_int_eq(lvs_model_add_service(model, service), 0);
	return service;
}

struct lvs_service *service_of(uint16_t port)
{
	struct lvs_addr addr = address("192.0.2.1");

	return lvs_model_find_service(model, &addr, port, LVS_TCP);
}

struct lvs_dest *add_dest(uint16_t port, const char *dest_addr,
			  uint16_t dest_port)
{
	struct lvs_addr addr = address(dest_addr);
	struct lvs_dest *dest;

	ck_assert_int_eq(lvs_service_add_dest(service_of(port), &dest, &addr,
					      dest_port, 1),
			 0);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_METHOD, LVS_NAT), 0);
	return dest;
}

void add_check(uint16_t port, struct lvs_dest *dest, bool start_up)
{
	struct lvs_check *check;

	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_INTERVAL, 50), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_TIMEOUT, 200), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_JITTER, 0), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_RETRY, 10), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_FALL, 2), 0);
	ck_assert_int_eq(lvs_check_set(check, LVS_CHECK_START_UP, start_up), 0);
	ck_assert_int_eq(lvs_model_add_check(model, service_of(port), dest,
					     check),
			 0);
}

int apply(void)
{
	return lvs_director_apply(director, model, message, sizeof(message),
				  moment);
}

void setup_workers(unsigned int workers)
{
	director = NULL;
	ck_assert_int_eq(lvs_model_new(&model), 0);
	ck_assert_int_eq(lvs_model_set_text(model, LVS_MODEL_BACKEND, "none"),
			 0);
	ck_assert_int_eq(lvs_model_set(model, LVS_MODEL_WORKERS, workers), 0);
	ck_assert_int_eq(lvs_model_set(model, LVS_MODEL_CONNECTIONS, 4096), 0);
	ck_assert_msg(lvs_director_new(&director, model, message,
				       sizeof(message), moment) == 0,
		      "%s", message);
}

static void setup(void)
{
	setup_workers(1);
}

void teardown(void)
{
	lvs_director_free(director);
	lvs_model_free(model);
	director = NULL;
	model = NULL;
}

/* ---- the node's loop, and what it says */

uint64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Runs director and worker 0 until this event, at most `limit` ms. */
bool event_comes(uint32_t kind, struct lvs_event *event, uint64_t limit)
{
	uint64_t end = clock_now() + limit;

	while (clock_now() < end) {
		struct pollfd fd = {.fd = lvs_director_fd(director),
				    .events = POLLIN};

		moment = clock_now();
		lvs_director_dispatch(director, moment, 0);
		lvs_worker_dispatch(lvs_director_worker(director, 0), moment,
				    0);
		while (lvs_director_pop_event(director, event,
					      sizeof(*event)) == 1)
			if (event->kind == kind)
				return true;
		poll(&fd, 1, 5);
	}
	return false;
}

void drop_events(void)
{
	struct lvs_event event;

	while (lvs_director_pop_event(director, &event, sizeof(event)) == 1)
		;
}

void turn(void)
{
	for (uint32_t i = 0; lvs_director_worker(director, i) != NULL; i++)
		lvs_worker_dispatch(lvs_director_worker(director, i), moment,
				    0);
	lvs_director_dispatch(director, moment, 0);
}

/* A step of the node's loop without waiting. */
void step_to(uint64_t at)
{
	moment = at;
	turn();
}

/* ---- packets, IPv4 and TCP */

uint32_t build(uint8_t *at, const char *source, uint16_t source_port,
	       const char *destination, uint16_t destination_port,
	       uint8_t flags)
{
	struct lvs_addr from = address(source), to = address(destination);

	memset(at, 0, 40);
	at[0] = 0x45;
	put16(at + 2, 40);
	at[8] = 64;
	at[9] = LVS_TCP;
	memcpy(at + 12, from.bytes, 4);
	memcpy(at + 16, to.bytes, 4);
	put16(at + 10, 0xffff ^ slow_add(0, at, 20));
	put16(at + 20, source_port);
	put16(at + 22, destination_port);
	at[32] = 0x50;
	at[33] = flags;
	put16(at + 36, 0xffff ^ slow_add(slow_pseudo(from.bytes, to.bytes, 4,
						     LVS_TCP, 20),
					 at + 20, 20));
	return 40;
}

struct lvs_outcome packet(uint32_t worker, const char *source,
			  uint16_t source_port, const char *destination,
			  uint16_t destination_port, uint8_t flags)
{
	uint8_t buffer[SIZE];
	struct lvs_outcome outcome;
	uint32_t length = build(buffer + LVS_HEADROOM, source, source_port,
				destination, destination_port, flags);

	ck_assert_int_eq(lvs_balancer_input(
				 lvs_worker_balancer(
					 lvs_director_worker(director, worker)),
				 &outcome, buffer, LVS_HEADROOM, length, SIZE,
				 moment),
			 0);
	return outcome;
}

struct lvs_outcome from_client(uint16_t port, uint8_t flags)
{
	return packet(0, "198.51.100.7", port, "192.0.2.1", 80, flags);
}

uint64_t dest_option(uint16_t port, const char *dest_addr, uint16_t dest_port,
		     int option)
{
	struct lvs_addr addr = address("192.0.2.1");
	struct lvs_addr server = address(dest_addr);
	const struct lvs_service *service =
		lvs_director_find_service(director, &addr, port, LVS_TCP);
	uint64_t value = UINT64_MAX;

	ck_assert_ptr_nonnull(service);
	ck_assert_int_eq(lvs_dest_get(lvs_service_find_dest(service, &server,
							    dest_port),
				      option, &value),
			 0);
	return value;
}

/* ---- servers */

int listen_at(uint16_t *port)
{
	struct sockaddr_in in = {.sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons(*port)};
	socklen_t length = sizeof(in);
	int one = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	getsockname(fd, (struct sockaddr *)&in, &length);
	*port = ntohs(in.sin_port);
	return fd;
}

/* ---- cases */

TCase *running_case(const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 60);
	return tcase;
}
