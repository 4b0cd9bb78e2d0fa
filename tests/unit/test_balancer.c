/*
 * The balancer as its users see it: packets in, verdicts and packets out.
 */
#include "unit.h"

#include <lvs/lvs.h>
#include <stdio.h>

#include "balancer/balancer.h"
#include "service/service.h"
#include "slow.h"

#define SIZE 2048
#define SYN LVS_TCP_SYN
#define ACK LVS_TCP_ACK
#define FIN LVS_TCP_FIN
#define RST LVS_TCP_RST

static struct lvs_balancer *balancer;
static struct lvs_service *service;
static uint32_t family;
static uint8_t buffer[SIZE];
static struct lvs_outcome outcome;
static uint64_t now;

/* ---- addresses: clients C1.., the virtual address V, dests D1.. */

static struct lvs_addr addr_of(char kind, unsigned int n)
{
	struct lvs_addr addr = {.family = family};
	char text[64];

	if (family == LVS_IPV4)
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

static size_t width(void)
{
	return family == LVS_IPV4 ? 4 : 16;
}

static size_t ip_length(void)
{
	return family == LVS_IPV4 ? 20 : 40;
}

static uint8_t *ip(void)
{
	return buffer + outcome.offset;
}

static uint8_t *ip_source(void)
{
	return ip() + (family == LVS_IPV4 ? 12 : 8);
}

static uint8_t *ip_destination(void)
{
	return ip_source() + width();
}

/* ---- packets, written from RFC 791, 8200, 9293 and 768 */

struct ends {
	struct lvs_addr source, destination;
	unsigned int source_port, destination_port;
};

static uint32_t build(uint8_t *at, const struct ends *e, int protocol,
		      uint8_t flags, unsigned int ttl)
{
	size_t l4 = protocol == LVS_TCP ? 20 : 12;
	uint8_t *t = at + ip_length();
	unsigned int sum;

	memset(at, 0, ip_length() + l4);
	if (family == LVS_IPV4) {
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
static void assert_sums(int protocol)
{
	size_t l4 = outcome.length - ip_length();
	unsigned int sum = slow_pseudo(ip_source(), ip_destination(), width(),
				       (uint8_t)protocol, l4);

	if (family == LVS_IPV4)
		ck_assert_uint_eq(slow_add(0, ip(), 20), 0xffff);
	ck_assert_uint_eq(slow_add(sum, ip() + ip_length(), l4), 0xffff);
}

static int input(const struct ends *e, int protocol, uint8_t flags)
{
	uint32_t length = build(buffer + LVS_HEADROOM, e, protocol, flags, 64);

	ck_assert_int_eq(lvs_balancer_input(balancer, &outcome, buffer,
					    LVS_HEADROOM, length, SIZE, now),
			 0);
	return (int)outcome.reason;
}

static struct ends from_client(unsigned int n)
{
	return (struct ends){addr_of('C', 1 + n / 50000), addr_of('V', 1),
			     1024 + n % 50000, 80};
}

/* What dest d answers to client n. */
static struct ends from_dest(unsigned int d, unsigned int n)
{
	return (struct ends){addr_of('D', d), addr_of('C', 1 + n / 50000), 8080,
			     1024 + n % 50000};
}

static int client_sends(unsigned int n, uint8_t flags)
{
	struct ends e = from_client(n);

	return input(&e, LVS_TCP, flags);
}

static int dest_sends(unsigned int d, unsigned int n, uint8_t flags)
{
	struct ends e = from_dest(d, n);

	return input(&e, LVS_TCP, flags);
}

/* ---- the balancer of every test: V1:80, two dests at port 8080, by NAT */

static struct lvs_dest *add_dest(unsigned int d, uint64_t method)
{
	struct lvs_addr addr = addr_of('D', d);
	struct lvs_dest *dest;

	ck_assert_int_eq(lvs_service_add_dest(service, &dest, &addr, 8080, 1),
			 0);
	ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_METHOD, method), 0);
	return dest;
}

static struct lvs_dest *dest_of(unsigned int d)
{
	struct lvs_addr addr = addr_of('D', d);

	return lvs_service_find_dest(service, &addr, 8080);
}

static void start(int which, int protocol, uint64_t method, uint32_t max)
{
	struct lvs_addr vip;

	family = which == 0 ? LVS_IPV4 : LVS_IPV6;
	now = 5000;
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

static void teardown(void)
{
	lvs_balancer_free(balancer);
	balancer = NULL;
}

static uint64_t dest_option(unsigned int d, int option)
{
	uint64_t value = 0;

	ck_assert_int_eq(lvs_dest_get(dest_of(d), option, &value), 0);
	return value;
}

static struct lvs_balancer_stats stats(void)
{
	struct lvs_balancer_stats s;

	ck_assert_int_eq(lvs_balancer_stats(balancer, &s, sizeof(s)), 0);
	ck_assert_uint_eq(s.in + s.originated, s.forwarded + s.passed +
						       s.dropped + s.held +
						       s.popped + s.queued);
	return s;
}

/* Which dest the packet in the buffer is on its way to. */
static unsigned int dest_hit(void)
{
	unsigned int d = ip_destination()[width() - 1];
	struct lvs_addr addr = addr_of('D', d);

	ck_assert_uint_eq(outcome.verdict, LVS_FORWARD);
	ck_assert_mem_eq(outcome.next_hop.bytes, addr.bytes, width());
	return d;
}

/* ---- facts */

START_TEST(nat_rewrites_both_ways)
{
	struct lvs_addr vip, client;
	unsigned int d;

	start(_i, LVS_TCP, LVS_NAT, 100);
	vip = addr_of('V', 1);
	client = addr_of('C', 1);
	ck_assert_int_eq(client_sends(7, SYN), LVS_REASON_FORWARDED);
	d = dest_hit();
	ck_assert_uint_eq(get16(ip() + ip_length() + 2), 8080);
	ck_assert_mem_eq(ip_source(), client.bytes, width());
	assert_sums(LVS_TCP);
	ck_assert_int_eq(dest_sends(d, 7, SYN | ACK), LVS_REASON_REPLIED);
	ck_assert_mem_eq(ip_source(), vip.bytes, width());
	ck_assert_uint_eq(get16(ip() + ip_length()), 80);
	ck_assert_mem_eq(outcome.next_hop.bytes, client.bytes, width());
	assert_sums(LVS_TCP);
	/* and the flow stays where it is */
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(client_sends(7, ACK), LVS_REASON_FORWARDED);
		ck_assert_uint_eq(dest_hit(), d);
	}
	/* the other dest is not this flow's */
	ck_assert_int_eq(dest_sends(3 - d, 7, ACK), LVS_REASON_NOT_OURS);
}
END_TEST

START_TEST(direct_routing_changes_the_next_hop_only)
{
	struct lvs_addr vip, dest;

	start(_i, LVS_TCP, LVS_DR, 100);
	vip = addr_of('V', 1);
	dest = addr_of('D', 2);
	ck_assert_int_eq(client_sends(7, SYN), LVS_REASON_FORWARDED);
	ck_assert_mem_eq(ip_destination(), vip.bytes, width());
	ck_assert_uint_eq(get16(ip() + ip_length() + 2), 80);
	ck_assert_mem_eq(outcome.next_hop.bytes, dest.bytes, width());
	assert_sums(LVS_TCP);
	/* replies pass by; one that comes here is not ours */
	ck_assert_int_eq(dest_sends(2, 7, SYN | ACK), LVS_REASON_NOT_OURS);
	client_sends(7, ACK);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 1);
	client_sends(7, FIN | ACK);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 0);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_INACTIVE), 1);
}
END_TEST

START_TEST(what_is_not_for_a_service_passes)
{
	struct ends e;

	start(_i, LVS_TCP, LVS_NAT, 100);
	e = from_client(1);
	e.destination_port = 81;
	ck_assert_int_eq(input(&e, LVS_TCP, SYN), LVS_REASON_NOT_OURS);
	ck_assert_uint_eq(outcome.verdict, LVS_PASS);
	e = from_client(1);
	ck_assert_int_eq(input(&e, LVS_UDP, 0), LVS_REASON_NOT_OURS);
	ck_assert_uint_eq(stats().conns, 0);
}
END_TEST

START_TEST(only_a_syn_opens_and_others_are_reset)
{
	uint8_t out[1024];
	struct lvs_outcome answer;

	start(_i, LVS_TCP, LVS_NAT, 100);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_NO_CONN);
	ck_assert_uint_eq(outcome.verdict, LVS_DROP);
	ck_assert_int_eq(lvs_balancer_pop(balancer, &answer, out, 10),
			 -ENOBUFS);
	ck_assert_int_eq(lvs_balancer_pop(balancer, &answer, out, sizeof(out)),
			 1);
	memcpy(buffer, out, sizeof(out));
	outcome = answer;
	ck_assert_uint_eq(ip()[ip_length() + 13] & RST, RST);
	ck_assert_uint_eq(get16(ip() + ip_length()), 80);
	assert_sums(LVS_TCP);
	/* a reset is not answered, and opens nothing */
	ck_assert_int_eq(client_sends(1, RST), LVS_REASON_NO_CONN);
	ck_assert_int_eq(client_sends(1, RST | SYN), LVS_REASON_NO_CONN);
	ck_assert_int_eq(lvs_balancer_pop(balancer, &answer, out, sizeof(out)),
			 0);
	ck_assert_uint_eq(stats().conns, 0);
}
END_TEST

START_TEST(no_usable_dest_is_answered_by_icmp)
{
	uint8_t out[1024];
	struct lvs_outcome answer;

	start(_i, LVS_UDP, LVS_NAT, 100);
	lvs_dest_set(dest_of(1), LVS_DEST_WEIGHT, 0);
	lvs_dest_set(dest_of(2), LVS_DEST_DOWN, 1);
	ck_assert_int_eq(lvs_balancer_commit(balancer), 0);
	struct ends e = from_client(1);
	ck_assert_int_eq(input(&e, LVS_UDP, 0), LVS_REASON_NO_DEST);
	ck_assert_int_eq(lvs_balancer_pop(balancer, &answer, out, sizeof(out)),
			 1);
	ck_assert_uint_eq(out[answer.offset + (family == LVS_IPV4 ? 9 : 6)],
			  family == LVS_IPV4 ? 1 : 58);
	ck_assert_mem_eq(answer.next_hop.bytes, e.source.bytes, 16);
	ck_assert_uint_eq(stats().conns, 0);
}
END_TEST

START_TEST(answers_are_rationed)
{
	uint8_t out[1024];
	struct lvs_outcome answer;
	uint64_t made;

	start(_i, LVS_TCP, LVS_NAT, 100);
	for (unsigned int i = 0; i < 10000; i++) {
		client_sends(i, ACK);
		while (lvs_balancer_pop(balancer, &answer, out, sizeof(out)) ==
		       1)
			;
	}
	made = stats().originated;
	ck_assert_uint_ge(made, 100);
	ck_assert_uint_le(made, 300);
	now += 100;
	for (unsigned int i = 0; i < 10000; i++)
		client_sends(i, ACK); /* nobody pops: the ring bounds it */
	ck_assert_uint_le(stats().originated - made, 100);
	ck_assert_uint_le(stats().queued, 64);
}
END_TEST

START_TEST(the_ttl_ends_here)
{
	struct ends e;
	uint32_t length;

	start(_i, LVS_TCP, LVS_NAT, 100);
	e = from_client(1);
	for (unsigned int ttl = 0; ttl < 3; ttl++) {
		length = build(buffer + LVS_HEADROOM, &e, LVS_TCP, SYN, ttl);
		ck_assert_int_eq(lvs_balancer_input(balancer, &outcome, buffer,
						    LVS_HEADROOM, length, SIZE,
						    now),
				 0);
		ck_assert_uint_eq(outcome.reason,
				  ttl < 2 ? LVS_REASON_TTL
					  : LVS_REASON_FORWARDED);
		ck_assert_uint_eq(stats().conns, ttl < 2 ? 0 : 1);
	}
	ck_assert_uint_eq(ip()[family == LVS_IPV4 ? 8 : 7], 1);
	assert_sums(LVS_TCP);
	length = build(buffer + LVS_HEADROOM, &e, LVS_TCP, ACK, 1);
	lvs_balancer_input(balancer, &outcome, buffer, LVS_HEADROOM, length,
			   SIZE, now);
	ck_assert_uint_eq(outcome.reason, LVS_REASON_TTL);
	ck_assert_uint_eq(stats().queued, 3);
}
END_TEST

START_TEST(two_packets_of_a_new_flow_make_one_connection)
{
	static uint8_t buffers[130][256];
	struct lvs_packet packets[130];

	start(_i, LVS_UDP, LVS_NAT, 1000);
	for (unsigned int i = 0; i < 130; i++) {
		struct ends e = from_client(i / 3);

		packets[i] = (struct lvs_packet){
			.data = buffers[i],
			.offset = LVS_HEADROOM,
			.capacity = 256,
			.length = build(buffers[i] + LVS_HEADROOM, &e, LVS_UDP,
					0, 64),
		};
	}
	ck_assert_int_eq(lvs_balancer_batch(balancer, packets, 130, now), 0);
	for (unsigned int i = 0; i < 130; i++) {
		ck_assert_uint_eq(packets[i].reason, LVS_REASON_FORWARDED);
		ck_assert_uint_eq(packets[i].conn, packets[i / 3 * 3].conn);
	}
	ck_assert_uint_eq(stats().conns, 44);
	ck_assert_uint_eq(stats().in, 130);
}
END_TEST

START_TEST(changes_take_effect_at_commit_together)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	add_dest(3, LVS_NAT);
	lvs_dest_set(dest_of(1), LVS_DEST_WEIGHT, 0);
	for (unsigned int i = 0; i < 10; i++) {
		client_sends(i, SYN);
		ck_assert_uint_ne(dest_hit(), 3);
	}
	ck_assert_int_eq(lvs_balancer_commit(balancer), 0);
	for (unsigned int i = 10; i < 20; i++) {
		client_sends(i, SYN);
		ck_assert_uint_ne(dest_hit(), 1);
	}
}
END_TEST

START_TEST(a_drained_dest_keeps_its_flows_and_gets_no_more)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	for (unsigned int i = 0; i < 10; i++)
		client_sends(i, SYN);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE), 5);
	lvs_dest_set(dest_of(1), LVS_DEST_DRAIN, 1);
	lvs_balancer_commit(balancer);
	for (unsigned int i = 0; i < 20; i++)
		ck_assert_int_eq(client_sends(i, i < 10 ? ACK : SYN),
				 LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE), 5);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 15);
}
END_TEST

START_TEST(a_removed_dest_drops_its_flows_until_it_comes_back)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	client_sends(1, ACK);
	ck_assert_int_eq(lvs_service_remove_dest(service, dest_of(2)), 0);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_DEST_GONE);
	ck_assert_uint_eq(stats().conns, 1);
	add_dest(2, LVS_NAT);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 2);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 1);
	/* a SYN does not wait for it */
	ck_assert_int_eq(lvs_service_remove_dest(service, dest_of(2)), 0);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(client_sends(1, SYN), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 1);
	ck_assert_uint_eq(stats().conns, 1);
}
END_TEST

START_TEST(expire_nodest_ends_flows_of_removed_dests)
{
	start(_i, LVS_UDP, LVS_NAT, 100);
	ck_assert_int_eq(lvs_service_set(service, LVS_SERVICE_EXPIRE_NODEST, 1),
			 0);
	struct ends e = from_client(1);
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 2);
	ck_assert_int_eq(lvs_service_remove_dest(service, dest_of(2)), 0);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(input(&e, LVS_UDP, 0), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 1);
	ck_assert_uint_eq(stats().conns, 1);
}
END_TEST

START_TEST(udp_leaves_a_dead_dest_tcp_stays)
{
	struct ends e;

	start(_i, LVS_UDP, LVS_NAT, 100);
	e = from_client(1);
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 2);
	lvs_dest_set(dest_of(2), LVS_DEST_DOWN, 1);
	lvs_balancer_commit(balancer);
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 1);
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	lvs_dest_set(dest_of(2), LVS_DEST_DOWN, 1);
	lvs_balancer_commit(balancer);
	client_sends(1, ACK);
	ck_assert_uint_eq(dest_hit(), 2);
}
END_TEST

START_TEST(what_a_removed_dest_still_sends_reaches_the_client)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	ck_assert_int_eq(lvs_service_remove_dest(service, dest_of(2)), 0);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(dest_sends(2, 1, SYN | ACK), LVS_REASON_REPLIED);
	ck_assert_int_eq(dest_sends(2, 1, ACK), LVS_REASON_REPLIED);
	ck_assert_uint_eq(stats().conns, 1);
}
END_TEST

START_TEST(a_refused_port_is_scheduled_anew)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	dest_sends(2, 1, RST | ACK);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 1);
}
END_TEST

START_TEST(a_port_used_again_is_scheduled_anew)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	dest_sends(2, 1, SYN | ACK);
	client_sends(1, ACK);
	client_sends(1, FIN | ACK);
	dest_sends(2, 1, FIN | ACK);
	client_sends(1, ACK);
	/* TIME_WAIT: the same client and port again */
	ck_assert_int_eq(client_sends(1, SYN), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 1);
	ck_assert_uint_eq(stats().conns, 1);
	/* but a SYN that comes twice stays */
	ck_assert_int_eq(client_sends(1, SYN), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 1);
}
END_TEST

START_TEST(an_upper_threshold_is_never_passed)
{
	int refused = 0;

	start(_i, LVS_TCP, LVS_NAT, 100);
	lvs_dest_set(dest_of(1), LVS_DEST_UPPER, 3);
	lvs_dest_set(dest_of(2), LVS_DEST_UPPER, 5);
	lvs_balancer_commit(balancer);
	for (unsigned int i = 0; i < 20; i++)
		if (client_sends(i, SYN) == LVS_REASON_NO_DEST)
			refused++;
	ck_assert_int_eq(refused, 12);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE), 3);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 5);
}
END_TEST

START_TEST(counters_are_exact)
{
	struct lvs_stats s;
	uint64_t reasons[LVS_REASONS];
	uint32_t in = 0, out = 0;

	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	in += outcome.length;
	dest_sends(2, 1, SYN | ACK);
	out += outcome.length;
	client_sends(1, ACK);
	in += outcome.length;
	client_sends(2, ACK);
	ck_assert_int_eq(lvs_dest_stats(dest_of(2), &s, sizeof(s)), 0);
	ck_assert_uint_eq(s.conns, 1);
	ck_assert_uint_eq(s.in_packets, 2);
	ck_assert_uint_eq(s.out_packets, 1);
	ck_assert_uint_eq(s.in_bytes, in);
	ck_assert_uint_eq(s.out_bytes, out);
	ck_assert_int_eq(lvs_service_stats(service, &s, sizeof(s)), 0);
	ck_assert_uint_eq(s.in_packets, 2);
	ck_assert_int_eq(lvs_balancer_reasons(balancer, reasons, LVS_REASONS),
			 LVS_REASONS);
	ck_assert_uint_eq(reasons[LVS_REASON_FORWARDED], 2);
	ck_assert_uint_eq(reasons[LVS_REASON_REPLIED], 1);
	ck_assert_uint_eq(reasons[LVS_REASON_NO_CONN], 1);
}
END_TEST

START_TEST(a_reset_that_answers_a_syn_is_noted_once)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	dest_sends(2, 1, RST | ACK);
	dest_sends(2, 1, RST);
	ck_assert_uint_eq(lvs__dest_resets(dest_of(2)), 1);
	/* one that ends an established connection says nothing */
	client_sends(2, SYN);
	dest_sends(1, 2, SYN | ACK);
	client_sends(2, ACK);
	dest_sends(1, 2, RST);
	ck_assert_uint_eq(lvs__dest_resets(dest_of(1)), 0);
}
END_TEST

/* A client's stray SYN+ACK is answered by a reset of any healthy server. */
START_TEST(a_reset_that_answers_an_ack_says_nothing)
{
	struct lvs__lane_counters sum;

	start(_i, LVS_TCP, LVS_NAT, 100);
	ck_assert_int_eq(client_sends(1, SYN | ACK), LVS_REASON_FORWARDED);
	dest_sends(2, 1, RST);
	client_sends(2, SYN);
	client_sends(2, SYN | ACK);
	dest_sends(1, 2, RST);
	for (unsigned int d = 1; d <= 2; d++) {
		lvs__dest_sum(dest_of(d), &sum);
		ck_assert_uint_eq(sum.syn_resets, 0);
	}
}
END_TEST

/* Two services, one dest: the client's port is free again for the second as
 * soon as the first connection closes. */
START_TEST(another_service_takes_a_closing_connections_reply_key)
{
	struct lvs_service *second;
	struct lvs_addr addr;
	struct ends e;

	start(_i, LVS_TCP, LVS_NAT, 100);
	lvs_service_remove_dest(service, dest_of(1));
	ck_assert_int_eq(lvs_service_new(&second), 0);
	addr = addr_of('V', 2);
	lvs_service_set_address(second, &addr, 80, LVS_TCP);
	lvs_service_set_sched(second, "rr");
	addr = addr_of('D', 2);
	struct lvs_dest *dest;
	ck_assert_int_eq(lvs_service_add_dest(second, &dest, &addr, 8080, 1),
			 0);
	lvs_dest_set(dest, LVS_DEST_METHOD, LVS_NAT);
	ck_assert_int_eq(lvs_balancer_add_service(balancer, second), 0);
	ck_assert_int_eq(lvs_balancer_commit(balancer), 0);
	client_sends(1, SYN);
	dest_sends(2, 1, SYN | ACK);
	client_sends(1, ACK);
	e = from_client(1);
	e.destination = addr_of('V', 2);
	/* established: nobody can tell the replies apart */
	ck_assert_int_eq(input(&e, LVS_TCP, SYN), LVS_REASON_CONFLICT);
	client_sends(1, FIN | ACK);
	dest_sends(2, 1, FIN | ACK);
	ck_assert_int_eq(input(&e, LVS_TCP, SYN), LVS_REASON_FORWARDED);
	ck_assert_int_eq(dest_sends(2, 1, SYN | ACK), LVS_REASON_REPLIED);
	ck_assert_mem_eq(ip_source(), e.destination.bytes, width());
	ck_assert_uint_eq(stats().conns, 1);
}
END_TEST

/* A service that is removed and made again, a dest at a time, as lvsadm does:
 * what runs goes on. */
START_TEST(a_dest_of_a_service_made_again_takes_its_flows_back)
{
	struct lvs_addr vip;

	start(_i, LVS_TCP, LVS_NAT, 100);
	vip = addr_of('V', 1);
	client_sends(1, SYN);
	ck_assert_uint_eq(dest_hit(), 2);
	client_sends(1, ACK);
	lvs_balancer_remove_service(balancer, service);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_DEST_GONE);
	ck_assert_int_eq(lvs_service_new(&service), 0);
	lvs_service_set_address(service, &vip, 80, LVS_TCP);
	lvs_service_set_sched(service, "rr");
	ck_assert_int_eq(lvs_balancer_add_service(balancer, service), 0);
	lvs_balancer_commit(balancer);
	add_dest(2, LVS_NAT);
	lvs_balancer_commit(balancer);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(dest_hit(), 2);
	ck_assert_uint_eq(dest_option(2, LVS_DEST_ACTIVE), 1);
}
END_TEST

START_TEST(what_has_expired_goes_before_what_lives)
{
	start(_i, LVS_TCP, LVS_NAT, 8);
	for (unsigned int i = 0; i < 7; i++) {
		client_sends(i, SYN);
		client_sends(i, ACK);
	}
	lvs_balancer_set_timeout(balancer, LVS_STATE_SYN_RECV, 1000);
	lvs_balancer_set_timeout(balancer, LVS_STATE_CLOSE, 600000);
	client_sends(7, SYN); /* dead in a second */
	client_sends(0, RST); /* closed, and lives for ten minutes */
	now += 2000;
	ck_assert_int_eq(client_sends(8, SYN), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(stats().evicted, 0);
	ck_assert_uint_eq(stats().expired, 1);
}
END_TEST

START_TEST(a_full_table_refuses_by_name)
{
	start(_i, LVS_TCP, LVS_NAT, 8);
	for (unsigned int i = 0; i < 8; i++) {
		client_sends(i, SYN);
		client_sends(i, ACK);
		dest_sends(dest_hit(), i, ACK);
	}
	ck_assert_int_eq(client_sends(8, SYN), LVS_REASON_TABLE_FULL);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE) +
				  dest_option(2, LVS_DEST_ACTIVE) +
				  dest_option(1, LVS_DEST_INACTIVE) +
				  dest_option(2, LVS_DEST_INACTIVE),
			  8);
	for (unsigned int i = 0; i < 8; i++)
		ck_assert_int_eq(client_sends(i, ACK), LVS_REASON_FORWARDED);
}
END_TEST

START_TEST(expired_connections_leave_their_dests)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	for (unsigned int i = 0; i < 50; i++)
		client_sends(i, SYN);
	ck_assert_uint_ne(lvs_balancer_deadline(balancer), UINT64_MAX);
	now += 61000;
	for (int i = 0; i < 20; i++)
		lvs_balancer_dispatch(balancer, now, 10);
	ck_assert_uint_eq(stats().conns, 0);
	ck_assert_uint_eq(stats().expired, 50);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE), 0);
	ck_assert_uint_eq(dest_option(1, LVS_DEST_INACTIVE), 0);
	ck_assert_uint_eq(lvs_balancer_deadline(balancer), UINT64_MAX);
}
END_TEST

START_TEST(a_removed_service_passes_and_its_flows_drop)
{
	start(_i, LVS_TCP, LVS_NAT, 100);
	client_sends(1, SYN);
	client_sends(2, SYN);
	ck_assert_int_eq(lvs_balancer_remove_service(balancer, service), 0);
	ck_assert_int_eq(lvs_balancer_commit(balancer), 0);
	ck_assert_int_eq(client_sends(3, SYN), LVS_REASON_NOT_OURS);
	ck_assert_int_eq(client_sends(1, ACK), LVS_REASON_DEST_GONE);
	ck_assert_ptr_null(lvs_balancer_next_service(balancer, NULL));
	now += 1000000;
	for (int i = 0; i < 5; i++)
		lvs_balancer_dispatch(balancer, now, 0);
	ck_assert_uint_eq(stats().conns, 0);
}
END_TEST

/* Anything at all: one verdict, one reason, and the books balance. */
START_TEST(junk_is_counted_and_hurts_nobody)
{
	uint64_t seed = 4711 + (uint64_t)_i;
	uint8_t out[1024];
	struct lvs_outcome answer;

	start(_i, LVS_TCP, LVS_NAT, 64);
	for (unsigned long i = 0; i < rounds(200000); i++) {
		struct ends e = from_client(below(&seed, 100));
		uint32_t length;
		uint8_t *at = buffer + LVS_HEADROOM;

		if (below(&seed, 3) == 0)
			e = from_dest(1 + below(&seed, 2), below(&seed, 100));
		length = build(at, &e, below(&seed, 4) ? LVS_TCP : LVS_UDP,
			       (uint8_t)below(&seed, 64), below(&seed, 256));
		for (unsigned int k = below(&seed, 4); k > 0; k--)
			at[below(&seed, length)] = (uint8_t)number(&seed);
		if (below(&seed, 4) == 0)
			length = below(&seed, length + 1);
		ck_assert_int_eq(lvs_balancer_input(balancer, &outcome, buffer,
						    LVS_HEADROOM, length,
						    LVS_HEADROOM + length, now),
				 0);
		ck_assert_uint_lt(outcome.reason, LVS_REASONS);
		ck_assert_int_eq((int)outcome.verdict,
				 lvs_reason_verdict((int)outcome.reason));
		ck_assert_uint_le(outcome.offset + outcome.length,
				  LVS_HEADROOM + length);
		if (below(&seed, 8) == 0)
			lvs_balancer_pop(balancer, &answer, out, sizeof(out));
		now += below(&seed, 20);
		if (below(&seed, 16) == 0)
			lvs_balancer_dispatch(balancer, now, 4);
	}
	ck_assert_uint_eq(stats().in, rounds(200000));
}
END_TEST

/* What explain says is what input then does; and saying it changes nothing. */
START_TEST(explain_tells_what_input_does)
{
	uint64_t seed = 99 + (uint64_t)_i;
	char text[4096];

	start(_i, LVS_TCP, LVS_NAT, 64);
	lvs_dest_set(dest_of(1), LVS_DEST_UPPER, 9);
	lvs_balancer_commit(balancer);
	for (int i = 0; i < 3000; i++) {
		struct ends e = from_client(below(&seed, 60));
		char want[64];
		struct lvs_balancer_stats before;
		uint32_t length;
		uint64_t active;

		if (below(&seed, 3) == 0)
			e = from_dest(1 + below(&seed, 2), below(&seed, 60));
		length = build(buffer + LVS_HEADROOM, &e, LVS_TCP,
			       (uint8_t)(1u << below(&seed, 5)),
			       below(&seed, 8));
		before = stats();
		active = dest_option(1, LVS_DEST_ACTIVE);
		ck_assert_int_gt(lvs_balancer_explain(balancer, text,
						      sizeof(text),
						      buffer + LVS_HEADROOM,
						      length, now),
				 0);
		ck_assert_uint_eq(stats().in, before.in);
		ck_assert_uint_eq(stats().conns, before.conns);
		ck_assert_uint_eq(dest_option(1, LVS_DEST_ACTIVE), active);
		lvs_balancer_input(balancer, &outcome, buffer, LVS_HEADROOM,
				   length, SIZE, now);
		snprintf(want, sizeof(want), "(%s)",
			 lvs_reason_name((int)outcome.reason));
		/* a full table is found only by trying */
		if (outcome.reason != LVS_REASON_TABLE_FULL &&
		    outcome.reason != LVS_REASON_CONFLICT)
			ck_assert_msg(strstr(text, want) != NULL,
				      "input: %s; explain:\n%s", want, text);
		if (outcome.reason == LVS_REASON_FORWARDED) {
			struct lvs_addr d = addr_of('D', dest_hit());
			char where[64];

			lvs_endpoint_format(&d, 8080, where, sizeof(where));
			ck_assert_msg(strstr(text, where) != NULL,
				      "went to %s; explain:\n%s", where, text);
		}
		now += below(&seed, 1000);
	}
}
END_TEST

START_TEST(wrong_arguments_are_refused)
{
	struct lvs_packet packet = {.data = buffer,
				    .offset = 10,
				    .length = 50,
				    .capacity = 59};

	start(0, LVS_TCP, LVS_NAT, 10);
	for (int i = 0; i < 4; i++) {
		packet.reason = 99;
		ck_assert_int_eq(lvs_balancer_batch(balancer, &packet, 1, 0),
				 0);
		ck_assert_uint_eq(packet.reason, LVS_REASON_HEADROOM);
		packet.capacity = i == 0 ? 60 : SIZE;
		packet.offset = i == 1 ? SIZE : UINT32_MAX - 10;
	}
	ck_assert_int_eq(lvs_balancer_input(balancer, &outcome, buffer, 100, 50,
					    149, 0),
			 -EINVAL);
	ck_assert_int_eq(lvs_balancer_input(balancer, &outcome, buffer,
					    UINT32_MAX, 2, 149, 0),
			 -EINVAL);
	ck_assert_int_eq(lvs_balancer_batch(balancer, NULL, 0, 0), 0);
	ck_assert_int_eq(lvs_balancer_add_service(balancer, service), -EBUSY);
	ck_assert_int_eq(lvs_balancer_set_timeout(balancer, 99, 1), -EINVAL);
	ck_assert_int_eq(lvs_balancer_set_timeout(balancer, LVS_STATE_UDP, 0),
			 -ERANGE);
	ck_assert_uint_eq(stats().in, 4);
}
END_TEST

START_TEST(a_configured_timeout_holds)
{
	start(_i, LVS_UDP, LVS_NAT, 10);
	ck_assert_int_eq(lvs_balancer_set_timeout(balancer, LVS_STATE_UDP,
						  5000),
			 0);
	lvs_balancer_commit(balancer);
	struct ends e = from_client(1);
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 2);
	now += 4999;
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 2);
	now += 5000;
	input(&e, LVS_UDP, 0);
	ck_assert_uint_eq(dest_hit(), 1);
}
END_TEST

/* Under a director, services and timeouts arrive with a snapshot. */
START_TEST(a_lane_works_on_what_is_published)
{
	const struct lvs__snapshot *snapshot;
	struct lvs__catalog catalog;
	struct lvs_service *served;
	struct lvs_addr addr;
	struct ends e;

	start(0, LVS_UDP, LVS_NAT, 10);
	teardown();
	ck_assert_int_eq(lvs__catalog_init(&catalog, 3), 0);
	ck_assert_int_eq(lvs_service_new(&served), 0);
	addr = addr_of('V', 1);
	lvs_service_set_address(served, &addr, 80, LVS_UDP);
	lvs_service_set_sched(served, "rr");
	addr = addr_of('D', 1);
	ck_assert_int_eq(lvs_service_add_dest(served, NULL, &addr, 8080, 1), 0);
	ck_assert_int_eq(lvs__catalog_add(&catalog, served), 0);
	catalog.timeouts[LVS_STATE_UDP] = 5000;
	ck_assert_int_eq(lvs__catalog_compile(&catalog, &snapshot), 0);
	ck_assert_int_eq(lvs__balancer_new_lane(&balancer, 10, 0, 2), 0);
	e = from_client(1);
	ck_assert_int_eq(input(&e, LVS_UDP, 0), LVS_REASON_NOT_OURS);
	ck_assert_uint_eq(lvs__balancer_seen(balancer), 0);
	lvs__balancer_publish(balancer, snapshot);
	ck_assert_int_eq(input(&e, LVS_UDP, 0), LVS_REASON_FORWARDED);
	ck_assert_uint_eq(lvs__balancer_seen(balancer), snapshot->version);
	/* found for 5 seconds, then gone */
	now += 5032;
	ck_assert_int_eq(lvs_balancer_dispatch(balancer, now, 0), 1);
	/* services are the director's: not to be changed here */
	ck_assert_int_eq(lvs_balancer_commit(balancer), -EINVAL);
	ck_assert_int_eq(lvs_balancer_set_timeout(balancer, 1, 1), -EINVAL);
	teardown();
	lvs__catalog_fini(&catalog);
}
END_TEST

Suite *balancer_suite(void)
{
	Suite *suite = suite_create("balancer");
	TCase *tcase = tcase_create("balancer");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, nat_rewrites_both_ways, 0, 2);
	tcase_add_loop_test(tcase, direct_routing_changes_the_next_hop_only, 0,
			    2);
	tcase_add_loop_test(tcase, what_is_not_for_a_service_passes, 0, 2);
	tcase_add_loop_test(tcase, only_a_syn_opens_and_others_are_reset, 0, 2);
	tcase_add_loop_test(tcase, no_usable_dest_is_answered_by_icmp, 0, 2);
	tcase_add_loop_test(tcase, answers_are_rationed, 0, 2);
	tcase_add_loop_test(tcase, the_ttl_ends_here, 0, 2);
	tcase_add_loop_test(tcase,
			    two_packets_of_a_new_flow_make_one_connection, 0,
			    2);
	tcase_add_loop_test(tcase, changes_take_effect_at_commit_together, 0,
			    2);
	tcase_add_loop_test(tcase,
			    a_drained_dest_keeps_its_flows_and_gets_no_more, 0,
			    2);
	tcase_add_loop_test(tcase,
			    a_removed_dest_drops_its_flows_until_it_comes_back,
			    0, 2);
	tcase_add_loop_test(tcase, expire_nodest_ends_flows_of_removed_dests, 0,
			    2);
	tcase_add_loop_test(tcase, udp_leaves_a_dead_dest_tcp_stays, 0, 2);
	tcase_add_loop_test(tcase,
			    what_a_removed_dest_still_sends_reaches_the_client,
			    0, 2);
	tcase_add_loop_test(tcase, a_refused_port_is_scheduled_anew, 0, 2);
	tcase_add_loop_test(tcase, a_port_used_again_is_scheduled_anew, 0, 2);
	tcase_add_loop_test(tcase, an_upper_threshold_is_never_passed, 0, 2);
	tcase_add_loop_test(tcase, counters_are_exact, 0, 2);
	tcase_add_loop_test(tcase, a_reset_that_answers_a_syn_is_noted_once, 0,
			    2);
	tcase_add_loop_test(tcase, a_reset_that_answers_an_ack_says_nothing, 0,
			    2);
	tcase_add_loop_test(
		tcase, another_service_takes_a_closing_connections_reply_key, 0,
		2);
	tcase_add_loop_test(tcase,
			    a_dest_of_a_service_made_again_takes_its_flows_back,
			    0, 2);
	tcase_add_loop_test(tcase, what_has_expired_goes_before_what_lives, 0,
			    2);
	tcase_add_loop_test(tcase, a_full_table_refuses_by_name, 0, 2);
	tcase_add_loop_test(tcase, expired_connections_leave_their_dests, 0, 2);
	tcase_add_loop_test(tcase, a_removed_service_passes_and_its_flows_drop,
			    0, 2);
	tcase_add_loop_test(tcase, junk_is_counted_and_hurts_nobody, 0, 2);
	tcase_add_loop_test(tcase, explain_tells_what_input_does, 0, 2);
	tcase_add_test(tcase, a_lane_works_on_what_is_published);
	tcase_add_test(tcase, wrong_arguments_are_refused);
	tcase_add_loop_test(tcase, a_configured_timeout_holds, 0, 2);
	suite_add_tcase(suite, tcase);
	return suite;
}
