/*
 * The packet core alone: nanoseconds per packet, one thread, no I/O.
 *
 *	core ROW [FLOWS [PACKETS]]
 *
 * ROW is METHOD-FAMILY-KIND: nat or dr, v4 or v6, and
 *	hit    packets of clients on established connections, flows at random
 *	reply  packets of dests on them (nat only)
 *	new    a SYN of a client never seen, each
 * Prints one number: the median over all batches of the time of one
 * lvs_balancer_batch() call divided by its packets, in ns. Packets are written
 * outside the measured part and time is told, as a backend would.
 *
 * measured() is a function of its own so that callgrind can count its
 * instructions alone (bench/core.py).
 */
#include <lvs/balancer.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 64
#define BUFFER 256
#define SERVERS 16

enum kind {
	HIT,
	REPLY,
	NEW
};

static struct lvs_balancer *balancer;
static struct lvs_packet packets[BATCH];
static uint8_t buffers[BATCH][BUFFER] __attribute__((aligned(64)));
static uint64_t now = 1000;
static int method, family;
static enum kind kind;
static uint32_t *servers; /* the dest of each flow, for replies */

static void die(const char *what, int error)
{
	fprintf(stderr, "core: %s: %s\n", what, lvs_strerror(error));
	exit(1);
}

static uint64_t nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint32_t number(void)
{
	static uint64_t seed = 88172645463325252ull;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16);
}

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t sum16(const uint8_t *p, size_t n, uint32_t sum)
{
	for (size_t i = 0; i < n; i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Writes a TCP segment without payload: addresses are 4 or 16 bytes. */
static uint32_t write_packet(uint8_t *ip, const uint8_t *source,
			     const uint8_t *destination, uint32_t source_port,
			     uint32_t destination_port, uint8_t flags)
{
	size_t header = family == LVS_IPV4 ? 20 : 40;
	size_t addr = family == LVS_IPV4 ? 4 : 16;
	uint8_t *tcp = ip + header;
	uint32_t sum;

	memset(ip, 0, header + 20);
	if (family == LVS_IPV4) {
		ip[0] = 0x45;
		put16(ip + 2, 40);
		ip[8] = 64;
		ip[9] = LVS_TCP;
		memcpy(ip + 12, source, 4);
		memcpy(ip + 16, destination, 4);
		put16(ip + 10, ~sum16(ip, 20, 0) & 0xffff);
	} else {
		ip[0] = 0x60;
		put16(ip + 4, 20);
		ip[6] = LVS_TCP;
		ip[7] = 64;
		memcpy(ip + 8, source, 16);
		memcpy(ip + 24, destination, 16);
	}
	put16(tcp, source_port);
	put16(tcp + 2, destination_port);
	tcp[12] = 5 << 4;
	tcp[13] = flags;
	sum = sum16(source, addr, LVS_TCP + 20);
	sum = sum16(destination, addr, sum);
	put16(tcp + 16, ~sum16(tcp, 20, sum) & 0xffff);
	return (uint32_t)header + 20;
}

/* The n-th client: address and port. */
static uint32_t client(uint8_t *addr, uint32_t n)
{
	memset(addr, 0, 16);
	if (family == LVS_IPV4) {
		put32(addr, 0x0b000000u + n / 16);
	} else {
		put32(addr, 0x20010db8);
		put32(addr + 12, n / 16);
	}
	return 1024 + n % 16;
}

static void server(uint8_t *addr, uint32_t n)
{
	memset(addr, 0, 16);
	put32(addr, family == LVS_IPV4 ? 0x0a000001u + n : 0xfd000000);
	if (family == LVS_IPV6)
		addr[15] = (uint8_t)(n + 1);
}

static void virtual_address(uint8_t *addr)
{
	memset(addr, 0, 16);
	put32(addr, family == LVS_IPV4 ? 0xc0000201u : 0x20010db8);
	if (family == LVS_IPV6)
		addr[4] = 0xff;
}

static void write_client(uint32_t i, uint32_t flow, uint8_t flags)
{
	uint8_t source[16], destination[16];
	uint32_t port = client(source, flow);

	virtual_address(destination);
	packets[i].offset = LVS_HEADROOM;
	packets[i].length = write_packet(buffers[i] + LVS_HEADROOM, source,
					 destination, port, 80, flags);
}

static void write_reply(uint32_t i, uint32_t flow)
{
	uint8_t source[16], destination[16];
	uint32_t port = client(destination, flow);

	server(source, servers[flow]);
	packets[i].offset = LVS_HEADROOM;
	packets[i].length = write_packet(buffers[i] + LVS_HEADROOM, source,
					 destination, 8080, port, 0x10);
}

__attribute__((noinline)) static int measured(void)
{
	int result = lvs_balancer_batch(balancer, packets, BATCH, now);

	/* not a tail call, or callgrind would not see us return */
	__asm__ volatile("" ::: "memory");
	return result;
}

static void check(uint32_t reason)
{
	for (int i = 0; i < BATCH; i++) {
		if (packets[i].reason == reason)
			continue;
		fprintf(stderr, "core: a packet ended as %s\n",
			lvs_reason_name((int)packets[i].reason));
		exit(1);
	}
}

static void make_service(void)
{
	struct lvs_addr addr = {.family = (uint32_t)family};
	struct lvs_service *service;
	int result = lvs_service_new(&service);

	virtual_address(addr.bytes);
	if (result == 0)
		result = lvs_service_set_address(service, &addr, 80, LVS_TCP);
	if (result == 0)
		result = lvs_service_set_sched(service, "wlc");
	for (uint32_t i = 0; i < SERVERS && result == 0; i++) {
		struct lvs_dest *dest;

		server(addr.bytes, i);
		result = lvs_service_add_dest(service, &dest, &addr,
					      method == LVS_NAT ? 8080 : 80, 1);
		if (result == 0)
			result = lvs_dest_set(dest, LVS_DEST_METHOD,
					      (uint64_t)method);
	}
	if (result == 0)
		result = lvs_balancer_add_service(balancer, service);
	if (result == 0)
		result = lvs_balancer_commit(balancer);
	if (result < 0)
		die("service", result);
}

/* Which server a connection went to: the packet's next hop says it. */
static uint32_t server_of(const struct lvs_packet *packet)
{
	const uint8_t *b = packet->next_hop.bytes;

	return family == LVS_IPV4 ? b[3] - 1u : b[15] - 1u;
}

static void establish(uint32_t flows)
{
	static const uint8_t flags[2] = {0x02, 0x10};

	servers = calloc(flows, sizeof(*servers));
	if (servers == NULL)
		die("memory", -12);
	for (uint32_t first = 0; first < flows; first += BATCH) {
		for (int step = 0; step < 2; step++) {
			for (uint32_t i = 0; i < BATCH; i++)
				write_client(i, (first + i) % flows,
					     flags[step]);
			lvs_balancer_batch(balancer, packets, BATCH, now);
			check(LVS_REASON_FORWARDED);
		}
		for (uint32_t i = 0; i < BATCH; i++)
			servers[(first + i) % flows] = server_of(&packets[i]);
	}
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double run(uint32_t flows, uint32_t count)
{
	uint32_t batches = count / BATCH;
	uint64_t *times = calloc(batches, sizeof(*times));
	uint64_t empty = UINT64_MAX;
	uint32_t fresh = flows;
	double median;

	if (times == NULL)
		die("memory", -12);
	for (int i = 0; i < 1000; i++) {
		uint64_t start = nanoseconds();
		uint64_t took = nanoseconds() - start;

		empty = took < empty ? took : empty;
	}
	for (uint32_t b = 0; b < batches; b++) {
		uint64_t start;

		for (uint32_t i = 0; i < BATCH; i++) {
			if (kind == NEW)
				write_client(i, fresh++, 0x02);
			else if (kind == REPLY)
				write_reply(i, number() % flows);
			else
				write_client(i, number() % flows, 0x10);
		}
		start = nanoseconds();
		measured();
		times[b] = nanoseconds() - start - empty;
		check(kind == REPLY ? LVS_REASON_REPLIED
				    : LVS_REASON_FORWARDED);
	}
	qsort(times, batches, sizeof(*times), compare);
	median = (double)times[batches / 2] / BATCH;
	free(times);
	return median;
}

int main(int argc, char **argv)
{
	uint32_t flows = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 10) : 1000;
	uint32_t count =
		argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 2000000;
	const char *row = argc > 1 ? argv[1] : "";
	int result;

	method = strncmp(row, "nat-", 4) == 0 ? LVS_NAT : LVS_DR;
	family = strstr(row, "-v6") != NULL ? LVS_IPV6 : LVS_IPV4;
	kind = strstr(row, "-new") != NULL     ? NEW
	       : strstr(row, "-reply") != NULL ? REPLY
					       : HIT;
	if (strchr(row, '-') == NULL || flows == 0 || count < BATCH) {
		fprintf(stderr, "usage: core nat|dr-v4|v6-hit|reply|new "
				"[flows [packets]]\n");
		return 2;
	}
	for (int i = 0; i < BATCH; i++) {
		packets[i].data = buffers[i];
		packets[i].capacity = BUFFER;
	}
	result = lvs_balancer_new(&balancer,
				  kind == NEW ? flows + 2 * count
					      : flows + flows / 8 + BATCH,
				  LVS_TABLE_PREFAULT);
	if (result < 0)
		die("balancer", result);
	make_service();
	if (kind != NEW)
		establish(flows);
	printf("%.2f\n", run(flows, count));
	lvs_balancer_free(balancer);
	free(servers);
	return 0;
}
