/*
 * A balancer with one service, V1:80, and two dests at port 8080, in told time,
 * and the packets between its clients (C1..) and its dests (D1..), written from
 * RFC 791, 8200, 9293 and 768.
 */
#ifndef TESTS_LONE_BALANCER_H
#define TESTS_LONE_BALANCER_H

#include <lvs/lvs.h>

#include "slow.h"
#include "unit.h"

#define SIZE 2048
#define SYN LVS_TCP_SYN
#define ACK LVS_TCP_ACK
#define FIN LVS_TCP_FIN
#define RST LVS_TCP_RST

extern struct lvs_balancer *balancer;
extern struct lvs_service *service;
extern uint32_t af;		   /* LVS_IPV4 or LVS_IPV6, of everything */
extern uint8_t buffer[SIZE];	   /* the packet that went in last */
extern struct lvs_outcome outcome; /* and what came of it */
extern uint64_t moment;

/* A fresh balancer: `which` 0 is IPv4; `max` connections. */
void start(int which, int protocol, uint64_t method, uint32_t max);
void end(void);

/* ---- addresses and dests */

struct lvs_addr addr_of(char kind, unsigned int n);
struct lvs_dest *add_dest(unsigned int d, uint64_t method);
struct lvs_dest *dest_of(unsigned int d);
uint64_t dest_option(unsigned int d, int option);

/* ---- packets */

struct ends {
	struct lvs_addr source, destination;
	unsigned int source_port, destination_port;
};

struct ends from_client(unsigned int n);
struct ends from_dest(unsigned int d, unsigned int n); /* its answer */

/* Writes a packet; its length. */
uint32_t build(uint8_t *at, const struct ends *e, int protocol, uint8_t flags,
	       unsigned int ttl);

/* Gives the balancer a packet; the reason. */
int input(const struct ends *e, int protocol, uint8_t flags);
int client_sends(unsigned int n, uint8_t flags);
int dest_sends(unsigned int d, unsigned int n, uint8_t flags);

/* ---- what came of it, in the buffer */

size_t width(void); /* bytes of an address */
size_t ip_length(void);
uint8_t *ip(void);
uint8_t *ip_source(void);
uint8_t *ip_destination(void);

/* Every checksum of the packet is right, computed in full. */
void assert_sums(int protocol);

/* Which dest the packet is on its way to. */
unsigned int dest_hit(void);

/* The balancer's statistics, which add up. */
struct lvs_balancer_stats totals(void);

/* The cases of the suite, a file each; test_balancer.c has the others. */
TCase *balancer_change_case(void);
TCase *balancer_bounds_case(void);
TCase *balancer_explain_case(void);

#endif
