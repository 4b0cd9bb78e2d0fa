/*
 * The balancer that its unit tests share, its packets and its judges.
 */
#include "lone_balancer.h"

#include <stdio.h>

struct lvs_balancer *balancer;
struct lvs_service *service;
uint32_t af;
uint8_t buffer[SIZE];
struct lvs_outcome outcome;
uint64_t moment;

/* ---- addresses: clients C1.., the virtual address V, dests D1.. */

struct lvs_addr addr_of(char kind, unsigned int n)
{
	struct lvs_addr addr = {.family = af};
	char text[64];

	if (af == LVS_IPV4)
		snprintf(text, sizeof(text), "%s.%u",
			 kind == 'C'   ? "198.51.100"
			 : kind == 'V' ? "192.0.2"
				       : "10.0.0",
			 n);
	else
		snprintf(text, sizeof(text), "2001:db8:%x::%x", kind, n);
	ck_assert_int_eq(lvs_addr_parse(&addr, text), 0);
	return addr;
}

size_t width(void)
{
	return af == LVS_IPV4 ? 4 : 16;
}

size_t ip_length(void)
{
	return af == LVS_IPV4 ? 20 : 40;
}

uint8_t *ip(void)
{
	return buffer + outcome.offset;
}

uint8_t *ip_source(void)
{
	return ip() + (af == LVS_IPV4 ? 12 : 8);
}

uint8_t *ip_destination(void)
{
	return ip_source() + width();
}

/* ---- packets, written from RFC 791, 8200, 9293 and 768 */

uint32_t build(uint8_t *at, const struct ends *e, int protocol, uint8_t flags,
	       unsigned int ttl)
{
	size_t l4 = protocol == LVS_TCP ? 20 : 12;
	uint8_t *t = at + ip_length();
	unsigned int sum;

	memset(at, 0, ip_length() + l4);
	if (af == LVS_IPV4) {
		at[0] = 0x45;
		put16(at + 2, (unsigned int)(20 + l4));
		at[8] = (uint8_t)ttl;
		at[9] = (uint8_t)protocol;
		memcpy(at + 12, e->source.bytes, 4);
		memcpy(at + 16, e->destination.bytes, 4);
		put16(at + 10, 0xffff ^ slow_add(0, at, 20));
	} else {
		at[0] = 0x60;
		put16(at + 4, (unsigned int)l4);
		at[6] = (uint8_t)protocol;
		at[7] = (uint8_t)ttl;
		memcpy(at + 8, e->source.bytes, 16);
		memcpy(at + 24, e->destination.bytes, 16);
	}
	put16(t, e->source_port);
	put16(t + 2, e->destination_port);
	if (protocol == LVS_TCP) {
		t[12] = 0x50;
		t[13] = flags;
	} else {
		put16(t + 4, (unsigned int)l4);
		memcpy(t + 8, "ping", 4);
	}
	sum = slow_pseudo(e->source.bytes, e->destination.bytes, width(),
			  (uint8_t)protocol, l4);
	put16(t + (protocol == LVS_TCP ? 16 : 6),
	      0xffff ^ slow_add(sum, t, l4));
	return (uint32_t)(ip_length() + l4);
}

/* Every checksum of the packet in the buffer is right, computed in full. */
void assert_sums(int protocol)
{
	size_t l4 = outcome.length - ip_length();
	unsigned int sum = slow_pseudo(ip_source(), ip_destination(), width(),
				       (uint8_t)protocol, l4);

	if (af == LVS_IPV4)
		ck_assert_uint_eq(slow_add(0, ip(), 20), 0xffff);
	ck_assert_uint_eq(slow_add(sum, ip() + ip_length(), l4), 0xffff);
}

int input(const struct ends *e, int protocol, uint8_t flags)
{
	uint32_t length = build(buffer + LVS_HEADROOM, e, protocol, flags, 64);

	ck_assert_int_eq(lvs_balancer_input(balancer, &outcome, buffer,
					    LVS_HEADROOM, length, SIZE, moment),
			 0);
	return (int)outcome.reason;
}

struct ends from_client(unsigned int n)
{
	return (struct ends){addr_of('C', 1 + n / 50000), addr_of('V', 1),
			     1024 + n % 50000, 80};
}

/* What dest d answers to client n. */
struct ends from_dest(unsigned int d, unsigned int n)
{
	return (struct ends){addr_of('D', d), addr_of('C', 1 + n / 50000), 8080,
			     1024 + n % 50000};
}

int client_sends(unsigned int n, uint8_t flags)
{
	struct ends e = from_client(n);

	return input(&e, LVS_TCP, flags);
}

int dest_sends(unsigned int d, unsigned int n, uint8_t flags)
{
	struct ends e = from_dest(d, n);

	return input(&e, LVS_TCP, flags);
}

/* ---- the balancer of every test: V1:80, two dests at port 8080, by NAT */

struct lvs_dest *add_dest(unsigned int d, uint64_t method)
{
	struct lvs_addr addr = addr_of('D', d);
	struct lvs_dest *dest;

	ck_assert_int_eq(lvs_service_add_dest(service, &dest, &addr, 8080, 1),
			 0);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_METHOD, method), 0);
	return dest;
}

struct lvs_dest *dest_of(unsigned int d)
{
	struct lvs_addr addr = addr_of('D', d);

	return lvs_service_find_dest(service, &addr, 8080);
}

void start(int which, int protocol, uint64_t method, uint32_t max)
{
	struct lvs_addr vip;

	af = which == 0 ? LVS_IPV4 : LVS_IPV6;
	moment = 5000;
	lvs_balancer_free(balancer);
	ck_assert_int_eq(lvs_balancer_new(&balancer, max, 0), 0);
	ck_assert_int_eq(lvs_service_new(&service), 0);
	vip = addr_of('V', 1);
	ck_assert_int_eq(lvs_service_set_address(service, &vip, 80, protocol),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service, "rr"), 0);
	add_dest(1, method);
	add_dest(2, method);
	ck_assert_int_eq(lvs_balancer_add_service(balancer, service), 0);
	ck_assert_int_eq(lvs_balancer_commit(balancer), 0);
}

void end(void)
{
	lvs_balancer_free(balancer);
	balancer = NULL;
}

uint64_t dest_option(unsigned int d, int option)
{
	uint64_t value = 0;

	ck_assert_int_eq(lvs_dest_get(dest_of(d), option, &value), 0);
	return value;
}

struct lvs_balancer_stats totals(void)
{
	struct lvs_balancer_stats s;

	ck_assert_int_eq(lvs_balancer_stats(balancer, &s, sizeof(s)), 0);
	ck_assert_uint_eq(s.in + s.originated, s.forwarded + s.passed +
						       s.dropped + s.held +
						       s.popped + s.queued);
	return s;
}

/* Which dest the packet in the buffer is on its way to. */
unsigned int dest_hit(void)
{
	unsigned int d = ip_destination()[width() - 1];
	struct lvs_addr addr = addr_of('D', d);

	ck_assert_uint_eq(outcome.verdict, LVS_FORWARD);
	ck_assert_mem_eq(outcome.next_hop.bytes, addr.bytes, width());
	return d;
}
