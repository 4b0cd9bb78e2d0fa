/*
 * A director without a backend, a model to apply to it, and what happens to
 * them: packets of clients and servers, time, real listeners on the loopback.
 */
#ifndef TESTS_RUNNING_NODE_H
#define TESTS_RUNNING_NODE_H

#include <lvs/director.h>

#include "unit.h"

#define SYN LVS_TCP_SYN
#define ACK LVS_TCP_ACK
#define RST LVS_TCP_RST
#define SIZE 512

extern struct lvs_director *director;
extern struct lvs_model *model; /* what apply() makes run */
extern char message[256];
extern uint64_t moment;

struct lvs_addr address(const char *text);

/* ---- the model: services at 192.0.2.1, one a port, dests with NAT */

struct lvs_service *add_service(uint16_t port);
struct lvs_service *service_of(uint16_t port);
struct lvs_dest *add_dest(uint16_t port, const char *dest_addr,
			  uint16_t dest_port);
void add_check(uint16_t port, struct lvs_dest *dest, bool start_up);
int apply(void);

/* Another number of workers than the case's one: teardown() before. */
void setup_workers(unsigned int workers);
void teardown(void);

/* ---- the node's loop, and what it says */

uint64_t clock_now(void);

/* Runs director and worker 0 until this event, at most `limit` ms. */
bool event_comes(uint32_t kind, struct lvs_event *event, uint64_t limit);
void drop_events(void);
void turn(void);
/* A step of the node's loop without waiting. */
void step_to(uint64_t at);

/* ---- packets, IPv4 and TCP */

uint32_t build(uint8_t *at, const char *source, uint16_t source_port,
	       const char *destination, uint16_t destination_port,
	       uint8_t flags);
struct lvs_outcome packet(uint32_t worker, const char *source,
			  uint16_t source_port, const char *destination,
			  uint16_t destination_port, uint8_t flags);
struct lvs_outcome from_client(uint16_t port, uint8_t flags);

/* An option of the dest that runs. */
uint64_t dest_option(uint16_t port, const char *dest_addr, uint16_t dest_port,
		     int option);

/* ---- servers */

/* A listener at 127.0.0.1; port 0: any, told there. */
int listen_at(uint16_t *port);

/* ---- the cases of the suite, a file each; test_director.c has the others */

TCase *running_case(const char *name);
TCase *director_health_case(void);
TCase *director_resets_case(void);
TCase *director_workers_case(void);

#endif
