/*
 * flood: the fastest sender of small UDP packets that a kernel has.
 *
 * Run in a director's namespace it makes packets arrive on one of the
 * director's interfaces as if a network card had received them: a BPF program
 * of 30 instructions is run in "live frames" mode (BPF_PROG_TEST_RUN), once a
 * packet; each time it copies the next packet of a prepared set into the frame
 * and passes it up. Thus packets come from FLOWS clients in turn, and making
 * one and having the kernel forward it takes less than half a microsecond in
 * all, where a sender with sockets takes more than one by itself and would hide
 * what is measured.
 * A frame is written anew each time because the page that it lies in comes
 * back changed from its last journey.
 *
 * One call makes packets until a signal ends it (each call would wait 20 ms
 * for the kernel's grace period). It prints packets and seconds.
 *
 *	flood INTERFACE ADDRESS PORT SECONDS [FLOWS]
 *
 * needs CAP_BPF and CAP_NET_ADMIN in the first user namespace: root. Client i
 * is 10.64.0.0 + i, its port 20000 + i.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define FRAME 64	      /* bytes of a frame, a multiple of 8 */
#define FLOWS_MAX (1U << 20)  /* most flows */
#define LIVE_FRAMES (1U << 1) /* BPF_F_TEST_XDP_LIVE_FRAMES */
#define CLIENTS 0x0a400000U   /* 10.64.0.0 */

struct frame {
	struct ethhdr eth;
	struct iphdr ip;
	struct udphdr udp;
	uint8_t payload[FRAME - 42];
} __attribute__((packed));

static int fail(const char *what)
{
	fprintf(stderr, "flood: %s: %s\n", what, strerror(errno));
	return -1;
}

static int bpf(enum bpf_cmd cmd, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

/* An initialiser clears one member only; the kernel wants all else zero. */
static void clear(union bpf_attr *attr)
{
	memset(attr, 0, sizeof(*attr));
}

/* ---- packets */

static uint32_t sum(const void *bytes, size_t length, uint32_t start)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i + 1 < length; i += 2)
		start += (uint32_t)at[i] << 8 | at[i + 1];
	return start;
}

static uint16_t finish(uint32_t value)
{
	while (value >> 16)
		value = (value & 0xffff) + (value >> 16);
	return htons((uint16_t)~value);
}

static void make_frame(struct frame *frame, const uint8_t *mac, uint32_t to,
		       uint16_t port, uint32_t flow)
{
	uint16_t length = FRAME - 34;

	memset(frame, 0, sizeof(*frame));
	memcpy(frame->eth.h_dest, mac, ETH_ALEN);
	memcpy(frame->eth.h_source, "\x02\x00\x00\x00\x00\x01", ETH_ALEN);
	frame->eth.h_proto = htons(ETH_P_IP);
	frame->ip.version = 4;
	frame->ip.ihl = 5;
	frame->ip.tot_len = htons(FRAME - 14);
	frame->ip.ttl = 64;
	frame->ip.protocol = IPPROTO_UDP;
	frame->ip.saddr = htonl(CLIENTS + flow);
	frame->ip.daddr = to;
	frame->ip.check = finish(sum(&frame->ip, 20, 0));
	frame->udp.source = htons((uint16_t)(20000 + flow % 40000));
	frame->udp.dest = htons(port);
	frame->udp.len = htons(length);
	/* the pseudo header: both addresses, protocol, length */
	frame->udp.check = finish(
		sum(&frame->udp, length,
		    sum(&frame->ip.saddr, 8, (uint32_t)IPPROTO_UDP + length)));
}

/* An array: `flows` frames, and a counter behind them. The map's descriptor. */
static int make_map(const uint8_t *mac, uint32_t to, uint16_t port,
		    uint32_t flows)
{
	union bpf_attr attr;
	struct frame frame;
	int map;

	clear(&attr);
	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(uint32_t);
	attr.value_size = FRAME;
	attr.max_entries = flows + 1;
	map = bpf(BPF_MAP_CREATE, &attr);
	if (map < 0)
		return fail("BPF_MAP_CREATE");
	for (uint32_t i = 0; i < flows; i++) {
		make_frame(&frame, mac, to, port, i);
		clear(&attr);
		attr.map_fd = (uint32_t)map;
		attr.key = (uintptr_t)&i;
		attr.value = (uintptr_t)&frame;
		if (bpf(BPF_MAP_UPDATE_ELEM, &attr) < 0)
			return fail("BPF_MAP_UPDATE_ELEM");
	}
	return map;
}

static uint64_t read_counter(int map, uint32_t flows)
{
	uint64_t value[FRAME / 8] = {0};
	union bpf_attr attr;

	clear(&attr);
	attr.map_fd = (uint32_t)map;
	attr.key = (uintptr_t)&flows;
	attr.value = (uintptr_t)value;
	if (bpf(BPF_MAP_LOOKUP_ELEM, &attr) < 0)
		fail("BPF_MAP_LOOKUP_ELEM");
	return value[0];
}

/* ---- the program */

struct program {
	struct bpf_insn insn[64];
	uint32_t count;
};

static void add(struct program *p, int code, uint8_t dst, uint8_t src, int off,
		int imm)
{
	p->insn[p->count++] = (struct bpf_insn){.code = (uint8_t)code,
						.dst_reg = dst & 15U,
						.src_reg = src & 15U,
						.off = (int16_t)off,
						.imm = imm};
}

/* r0 = the map's element whose number is at r10 - 4; ends if there is none */
static void add_lookup(struct program *p, int map)
{
	add(p, BPF_LD | BPF_DW | BPF_IMM, 1, BPF_PSEUDO_MAP_FD, 0, map);
	add(p, 0, 0, 0, 0, 0);
	add(p, BPF_ALU64 | BPF_MOV | BPF_X, 2, 10, 0, 0);
	add(p, BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, -4);
	add(p, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_map_lookup_elem);
	add(p, BPF_JMP | BPF_JNE | BPF_K, 0, 0, 1, 0);
	add(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/*
 * r6 = frame, r7 = its end;
 * r1 = counter++ of element [flows]; copy element [r1 & (flows - 1)]; PASS
 */
static int make_program(int map, uint32_t flows)
{
	static const char license[] = "BSD";
	static char log[4096];
	struct program p = {.count = 0};
	union bpf_attr attr;
	int program;

	add(&p, BPF_LDX | BPF_MEM | BPF_W, 6, 1, offsetof(struct xdp_md, data),
	    0);
	add(&p, BPF_LDX | BPF_MEM | BPF_W, 7, 1,
	    offsetof(struct xdp_md, data_end), 0);
	add(&p, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_DROP);
	add(&p, BPF_ALU64 | BPF_MOV | BPF_X, 1, 6, 0, 0);
	add(&p, BPF_ALU64 | BPF_ADD | BPF_K, 1, 0, 0, FRAME);
	add(&p, BPF_JMP | BPF_JLE | BPF_X, 1, 7, 1, 0);
	add(&p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	add(&p, BPF_ST | BPF_MEM | BPF_W, 10, 0, -4, (int)flows);
	add_lookup(&p, map);
	add(&p, BPF_LDX | BPF_MEM | BPF_DW, 1, 0, 0, 0);
	add(&p, BPF_ALU64 | BPF_MOV | BPF_X, 2, 1, 0, 0);
	add(&p, BPF_ALU64 | BPF_ADD | BPF_K, 2, 0, 0, 1);
	add(&p, BPF_STX | BPF_MEM | BPF_DW, 0, 2, 0, 0);
	add(&p, BPF_ALU64 | BPF_AND | BPF_K, 1, 0, 0, (int)flows - 1);
	add(&p, BPF_STX | BPF_MEM | BPF_W, 10, 1, -4, 0);
	add_lookup(&p, map);
	for (int i = 0; i < FRAME; i += 8) {
		add(&p, BPF_LDX | BPF_MEM | BPF_DW, 1, 0, i, 0);
		add(&p, BPF_STX | BPF_MEM | BPF_DW, 6, 1, i, 0);
	}
	add(&p, BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, XDP_PASS);
	add(&p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);

	clear(&attr);
	attr.prog_type = BPF_PROG_TYPE_XDP;
	attr.insns = (uintptr_t)p.insn;
	attr.insn_cnt = p.count;
	attr.license = (uintptr_t)license;
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	program = bpf(BPF_PROG_LOAD, &attr);
	if (program < 0) {
		fail("BPF_PROG_LOAD");
		fputs(log, stderr);
	}
	return program;
}

/* ---- running it */

static void on_alarm(int number)
{
	(void)number;
}

/* Wakes the endless call after so many seconds, and again should it miss. */
static void set_alarm(double seconds)
{
	struct sigaction action = {.sa_handler = on_alarm};
	struct itimerval timer = {
		.it_value = {(time_t)seconds,
			     (suseconds_t)((seconds - (double)(time_t)seconds) *
					   1e6)},
		.it_interval = {0, 10000}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static int flood(int program, uint32_t interface, double seconds, double *took)
{
	uint8_t data[FRAME] = {0};
	struct xdp_md context = {.data_end = FRAME,
				 .ingress_ifindex = interface};
	union bpf_attr attr;
	double start = now();
	int result;

	clear(&attr);
	attr.test.prog_fd = (uint32_t)program;
	attr.test.data_in = (uintptr_t)data;
	attr.test.data_size_in = FRAME;
	attr.test.ctx_in = (uintptr_t)&context;
	attr.test.ctx_size_in = sizeof(context);
	attr.test.repeat = 1U << 31;
	attr.test.flags = LIVE_FRAMES;
	attr.test.batch_size = 64;
	set_alarm(seconds);
	result = bpf(BPF_PROG_TEST_RUN, &attr);
	*took = now() - start;
	if (result < 0 && errno != EINTR)
		return fail("BPF_PROG_TEST_RUN");
	return 0;
}

static int hardware_address(const char *interface, uint8_t *mac)
{
	struct ifreq request = {0};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	if (fd < 0 || ioctl(fd, SIOCGIFHWADDR, &request) < 0)
		return fail(interface);
	memcpy(mac, request.ifr_hwaddr.sa_data, ETH_ALEN);
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	uint32_t flows = argc > 5 ? (uint32_t)strtoul(argv[5], NULL, 10) : 1024;
	uint8_t mac[ETH_ALEN];
	struct in_addr to;
	double took;
	int map, program;

	if (argc < 5 || inet_pton(AF_INET, argv[2], &to) != 1 || flows == 0 ||
	    flows > FLOWS_MAX || (flows & (flows - 1)) != 0) {
		fputs("usage: flood INTERFACE ADDRESS PORT SECONDS [FLOWS, a "
		      "power of two]\n",
		      stderr);
		return 2;
	}
	if (hardware_address(argv[1], mac) < 0)
		return 1;
	map = make_map(mac, to.s_addr, (uint16_t)strtoul(argv[3], NULL, 10),
		       flows);
	if (map < 0)
		return 1;
	program = make_program(map, flows);
	if (program < 0)
		return 1;
	if (flood(program, if_nametoindex(argv[1]), strtod(argv[4], NULL),
		  &took) < 0)
		return 1;
	printf("%llu %.6f\n", (unsigned long long)read_counter(map, flows),
	       took);
	return 0;
}
