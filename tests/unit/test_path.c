/*
 * The packet path needs no memory: a million packets of every kind through a
 * balancer, and thousands through a lane of the raw backend, with every
 * allocating function counted.
 */
#define _GNU_SOURCE /* unshare() */
#include "unit.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <lvs/lvs.h>
#include <net/if.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "fault.h"
#include "network.h"
#include "slow.h"

#define CONNECTIONS 4096
#define MILLION 1000000

static struct lvs_addr address(const char *text)
{
	struct lvs_addr addr = {0};

	lvs_addr_parse(&addr, text);
	return addr;
}

/* Service 192.0.2.1 and 2001:db8::1, TCP and UDP, two dests each. */
static void add_service(struct lvs_balancer *balancer, const char *vip,
			const char *first, const char *second, int protocol)
{
	const char *const dests[2] = {first, second};
	struct lvs_addr addr = address(vip);
	struct lvs_service *service;

	ck_assert_int_eq(lvs_service_new(&service), 0);
	ck_assert_int_eq(lvs_service_set_address(service, &addr, 80, protocol),
			 0);
	ck_assert_int_eq(lvs_service_set_sched(service, "wlc"), 0);
	for (int i = 0; i < 2; i++) {
		struct lvs_addr server = address(dests[i]);
		struct lvs_dest *dest;

		ck_assert_int_eq(lvs_service_add_dest(service, &dest, &server,
						      8080, 1),
				 0);
		ck_assert_int_eq(lvs_dest_set(dest, LVS_DEST_METHOD,
					      i == 0 ? LVS_NAT : LVS_DR),
				 0);
	}
	ck_assert_int_eq(lvs_balancer_add_service(balancer, service), 0);
}

static struct lvs_balancer *make_balancer(void)
{
	struct lvs_balancer *balancer;

	ck_assert_int_eq(lvs_balancer_new(&balancer, CONNECTIONS, 0), 0);
	for (int i = 0; i < 2; i++) {
		int protocol = i == 0 ? LVS_TCP : LVS_UDP;

		add_service(balancer, "192.0.2.1", "10.77.0.9", "10.77.0.8",
			    protocol);
		add_service(balancer, "2001:db8::1", "2001:db8:1::1",
			    "2001:db8:1::2", protocol);
	}
	ck_assert_int_eq(lvs_balancer_commit(balancer), 0);
	return balancer;
}

/* ---- packets of every kind, from a number */

static size_t put_ip(uint8_t *ip, unsigned int family, uint8_t protocol,
		     size_t payload, uint32_t client, bool reply)
{
	static const uint8_t vip6[16] = {0x20, 1, 0x0d, 0xb8, [15] = 1};
	uint8_t *source, *destination;
	size_t header = family == 4 ? 20 : 40;

	memset(ip, 0, header);
	if (family == 4) {
		ip[0] = 0x45;
		put16(ip + 2, (unsigned int)(20 + payload));
		ip[8] = client % 50 == 0 ? 1 : 64;
		ip[9] = protocol;
		source = ip + (reply ? 16 : 12);
		destination = ip + (reply ? 12 : 16);
		source[0] = 198;
		source[1] = 51;
		memcpy(destination,
		       reply ? (const uint8_t[]){10, 77, 0, 9}
			     : (const uint8_t[]){192, 0, 2, 1},
		       4);
		put16(source + 2, client);
		return header;
	}
	ip[0] = 0x60;
	put16(ip + 4, (unsigned int)payload);
	ip[6] = protocol;
	ip[7] = client % 50 == 0 ? 1 : 64;
	memcpy(ip + 8, (const uint8_t[]){0x20, 1, 0x0d, 0xb8, 9}, 5);
	put16(ip + 22, client);
	memcpy(ip + 24, vip6, 16);
	return header;
}

/* Fills a buffer from `seed`; the packet's length. */
static uint32_t make_packet(uint8_t *ip, uint64_t *seed)
{
	static const uint8_t flags[] = {2, 2, 16, 16, 24, 17, 4, 0};
	unsigned int kind = below(seed, 32);
	unsigned int family = below(seed, 3) == 0 ? 6 : 4;
	uint8_t protocol = below(seed, 3) == 0 ? LVS_UDP : LVS_TCP;
	size_t l4 = protocol == LVS_TCP ? 20 : 8;
	size_t payload = below(seed, 100), at;
	uint32_t client = below(seed, 9000);
	bool reply = kind < 8 && family == 4;
	uint8_t *port;

	if (kind == 31) { /* junk */
		fill(seed, ip, 64);
		return below(seed, 64);
	}
	at = put_ip(ip, family, kind == 30 ? 1 : protocol, l4 + payload, client,
		    reply);
	port = ip + at;
	memset(port, 0, l4 + payload);
	put16(port + (reply ? 2 : 0), 1024 + client % 7);
	put16(port + (reply ? 0 : 2), reply ? 8080 : kind == 29 ? 81 : 80);
	if (protocol == LVS_TCP) {
		port[12] = 0x50;
		port[13] = flags[below(seed, 8)];
	} else {
		put16(port + 4, (unsigned int)(l4 + payload));
	}
	return (uint32_t)(at + l4 + payload);
}

static void fill_batch(struct lvs_packet *packets, uint8_t (*buffers)[512],
		       uint64_t *seed)
{
	for (size_t i = 0; i < LVS_BATCH; i++) {
		uint32_t length = make_packet(buffers[i] + LVS_HEADROOM, seed);

		packets[i] = (struct lvs_packet){
			.data = buffers[i],
			.offset = LVS_HEADROOM,
			.length = length,
			.capacity = sizeof(buffers[i]),
		};
	}
}

START_TEST(a_million_packets_need_no_memory)
{
	static uint8_t buffers[LVS_BATCH][512], answer[2048];
	struct lvs_balancer *balancer = make_balancer();
	uint64_t counts[LVS_REASONS], seed = 4711, now = 1000;
	struct lvs_balancer_stats stats;
	struct lvs_packet packets[LVS_BATCH];
	struct lvs_outcome out;
	int kinds = 0;

	fault_at(1);
	for (uint32_t n = 0; n < MILLION; n += LVS_BATCH, now += 5) {
		fill_batch(packets, buffers, &seed);
		lvs_balancer_batch(balancer, packets, LVS_BATCH, now);
		while (lvs_balancer_pop(balancer, &out, answer,
					sizeof(answer)) == 1)
			;
		if (n % 16 == 0)
			lvs_balancer_dispatch(balancer, now, 0);
		lvs_balancer_explain(balancer, (char *)answer, sizeof(answer),
				     buffers[0] + LVS_HEADROOM, 60, now);
	}
	ck_assert_uint_eq(fault_end(), 0);
	lvs_balancer_stats(balancer, &stats, sizeof(stats));
	lvs_balancer_reasons(balancer, counts, LVS_REASONS);
	for (int i = 0; i < LVS_REASONS; i++)
		kinds += counts[i] > 0;
	/* it was a mixture: nothing was all of it */
	ck_assert_uint_ge(stats.in, MILLION);
	ck_assert_uint_gt(stats.forwarded, MILLION / 4);
	ck_assert_uint_gt(counts[LVS_REASON_REPLIED], 1000);
	ck_assert_uint_gt(stats.popped, 1000);
	ck_assert_uint_gt(stats.expired + stats.evicted, 100);
	ck_assert_int_ge(kinds, 8);
	lvs_balancer_free(balancer);
}
END_TEST

/* ---- a lane */

#ifdef LVS_WITH_RAW
/* A frame to the interface "one" at the other end of the cable. */
static void throw_frames(int fd, uint64_t *seed, int count)
{
	static const uint8_t ends[12] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
	struct sockaddr_ll to = {.sll_family = AF_PACKET,
				 .sll_ifindex = (int)if_nametoindex("two"),
				 .sll_halen = 6};
	uint8_t frame[512];

	for (int i = 0; i < count; i++) {
		uint32_t length = make_packet(frame + 14, seed);

		memcpy(frame, ends, sizeof(ends));
		put16(frame + 12, frame[14] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP);
		if (sendto(fd, frame, 14 + length + 30, 0,
			   (struct sockaddr *)&to, sizeof(to)) < 0)
			return;
	}
}

START_TEST(a_lane_needs_no_memory)
{
	const struct lvs_claim claims[] = {
		{LVS_CLAIM_VIRTUAL, LVS_TCP, 0, 80, address("192.0.2.1")},
		{LVS_CLAIM_VIRTUAL, LVS_UDP, 0, 80, address("192.0.2.1")},
		{LVS_CLAIM_VIRTUAL, LVS_TCP, 0, 80, address("2001:db8::1")},
		{LVS_CLAIM_SERVER, LVS_TCP, LVS_NAT, 8080,
		 address("10.77.0.9")},
	};
	struct lvs_packet packets[LVS_BATCH];
	struct lvs_balancer *balancer;
	struct lvs_backend *backend;
	struct lvs_lane_stats stats;
	struct lvs_lane *lane;
	uint64_t seed = 99, moved = 0, now = 1000;
	char message[256] = "";
	int fd;

	if (!own_network())
		return;
	balancer = make_balancer();
	ck_assert_int_eq(lvs_backend_new(&backend, "raw"), 0);
	lvs_backend_set(backend, LVS_BACKEND_FRAMES, 256);
	lvs_backend_add_interface(backend, "one");
	if (lvs_backend_open(backend, message, sizeof(message)) < 0) {
		lvs_backend_free(backend); /* no nftables here */
		lvs_balancer_free(balancer);
		return;
	}
	ck_assert_msg(lvs_backend_claim(backend, claims, 4, message,
					sizeof(message)) == 0,
		      "%s", message);
	lane = lvs_backend_lane(backend, 0);
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(fd, 0);
	for (int round = 0; round < 300; round++) {
		throw_frames(fd, &seed, 100);
		fault_at(1);
		for (int i = 0, n; i < 8; i++, now++) {
			n = lvs_lane_recv(lane, packets, LVS_BATCH, now);
			if (n <= 0)
				continue;
			lvs_balancer_batch(balancer, packets, (size_t)n, now);
			lvs_lane_send(lane, packets, (size_t)n, now);
			moved += (uint64_t)n;
		}
		ck_assert_uint_eq(fault_end(), 0);
	}
	lvs_lane_stats(lane, &stats, sizeof(stats));
	ck_assert_uint_gt(moved, 10000);
	ck_assert_uint_gt(stats.sent, 3000);
	close(fd);
	lvs_backend_free(backend);
	lvs_balancer_free(balancer);
}
END_TEST
#endif

Suite *path_suite(void)
{
	Suite *suite = suite_create("path");
	TCase *tcase = tcase_create("path");

	tcase_set_timeout(tcase, 20);
	tcase_add_test(tcase, a_million_packets_need_no_memory);
#ifdef LVS_WITH_RAW
	tcase_add_test(tcase, a_lane_needs_no_memory);
#endif
	suite_add_tcase(suite, tcase);
	return suite;
}
