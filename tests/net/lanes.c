/*
 * The raw backend on a string: for tests. Commands come by standard input, a
 * line each, answers go to standard output.
 *
 *	lanes LANES FRAMES [-a] [-j] [INTERFACE ...]
 *	lanes cleanup
 *
 * -a: no addresses; -j: a thread for each lane.
 * Commands:
 *
 *	claim WHAT ...	virtual/udp/ADDR/PORT, nat/udp/ADDR/PORT, dr/tcp/...,
 *			many/N: N virtual IPv4 addresses, or servers/N
 *	echo, watch	send packets back to where they came from, or only tell
 *	stall, go	do not receive; receive again
 *	stats, events, quit
 *	home ADDR	where it is (1) or would be (0)
 *	weak, strong	no address can be removed; again they can
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <lvs/backend.h>

#define BATCH 64
#define LANES 64
#define CLAIMS 8192

static struct lvs_backend *backend;
static uint32_t lanes;
static _Atomic bool echo = true;
static _Atomic bool ended;
static bool stalled;
static bool weak;
static bool threads;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static int tell(int result, const char *message)
{
	printf("%d %s\n", result, result < 0 ? message : "");
	return result;
}

static bool read_claim(struct lvs_claim *claim, const char *word)
{
	char kind[16], protocol[16], addr[64];
	unsigned int port;

	memset(claim, 0, sizeof(*claim));
	if (sscanf(word, "%15[^/]/%15[^/]/%63[^/]/%u", kind, protocol, addr,
		   &port) != 4 ||
	    lvs_addr_parse(&claim->addr, addr) < 0)
		return false;
	claim->kind = strcmp(kind, "virtual") == 0 ? LVS_CLAIM_VIRTUAL
						   : LVS_CLAIM_SERVER;
	claim->method = strcmp(kind, "nat") == 0 ? LVS_NAT : LVS_DR;
	claim->protocol = strcmp(protocol, "udp") == 0 ? LVS_UDP : LVS_TCP;
	claim->port = port;
	return true;
}

static size_t make_many(struct lvs_claim *claims, uint32_t kind, size_t count)
{
	for (size_t i = 0; i < count; i++)
		claims[i] = (struct lvs_claim){
			.kind = kind,
			.protocol = LVS_TCP,
			.method = kind == LVS_CLAIM_SERVER ? LVS_NAT : 0,
			.port = 80,
			.addr = {.family = LVS_IPV4,
				 .bytes = {10, 77, (uint8_t)(i >> 8),
					   (uint8_t)i}},
		};
	return count;
}

static void claim(char *words)
{
	static struct lvs_claim claims[CLAIMS];
	char message[256] = "";
	size_t count = 0;

	for (char *word = strtok(words, " \n"); word != NULL;
	     word = strtok(NULL, " \n")) {
		if (strncmp(word, "many/", 5) == 0)
			count = make_many(claims, LVS_CLAIM_VIRTUAL,
					  (size_t)atoi(word + 5));
		else if (strncmp(word, "servers/", 8) == 0)
			count = make_many(claims, LVS_CLAIM_SERVER,
					  (size_t)atoi(word + 8));
		else if (!read_claim(&claims[count++], word))
			exit(2);
	}
	tell(lvs_backend_claim(backend, claims, count, message,
			       sizeof(message)),
	     message);
}

static void stats(void)
{
	for (uint32_t i = 0; i < lanes; i++) {
		struct lvs_lane_stats s;

		lvs_lane_stats(lvs_backend_lane(backend, i), &s, sizeof(s));
		printf("lane %u received %lu sent %lu ring_full %lu held %lu "
		       "no_route %lu no_neighbour %lu too_big %lu "
		       "send_failed %lu oversized %lu returned %lu\n",
		       i, s.received, s.sent, s.ring_full, s.held, s.no_route,
		       s.no_neighbour, s.too_big, s.send_failed, s.oversized,
		       s.returned);
	}
	puts("end");
}

static void events(void)
{
	struct lvs_backend_event event;
	char text[256];

	while (lvs_backend_pop_event(backend, &event, sizeof(event)) == 1) {
		lvs_backend_event_format(&event, text, sizeof(text));
		printf("%u %s\n", event.level, text);
	}
	puts("end");
}

static void home(const char *word)
{
	char text[64], name[16] = "";
	struct lvs_addr addr;

	if (sscanf(word, "%63s", text) != 1 || lvs_addr_parse(&addr, text) < 0)
		exit(2);
	printf("%d", lvs_backend_home(backend, &addr, name, sizeof(name)));
	printf(" %s\n", name);
}

/*
 * In the place of libc's, for the library too: while the program is weak the
 * kernel seems to refuse to remove addresses.
 */
__attribute__((visibility("default"))) ssize_t sendto(int fd, const void *data,
						      size_t size, int flags,
						      const struct sockaddr *to,
						      socklen_t length)
{
	const struct nlmsghdr *message = data;

	if (weak && size >= sizeof(*message) &&
	    message->nlmsg_type == RTM_DELADDR) {
		errno = EPERM;
		return -1;
	}
	return syscall(SYS_sendto, fd, data, size, flags, to, length);
}

static void foresee(char *word)
{
	struct lvs_backend_event event;
	struct lvs_claim one;
	char text[256] = "";
	int result;

	word[strcspn(word, "\n")] = '\0';
	if (!read_claim(&one, word))
		exit(2);
	result = lvs_backend_foresee(backend, &one, &event, sizeof(event));
	if (result == 1)
		lvs_backend_event_format(&event, text, sizeof(text));
	printf("%d %s\n", result, text);
}

static bool command(char *line)
{
	if (strncmp(line, "claim", 5) == 0)
		claim(line + 5);
	else if (strcmp(line, "stats\n") == 0)
		stats();
	else if (strcmp(line, "events\n") == 0)
		events();
	else if (strncmp(line, "home", 4) == 0)
		home(line + 4);
	else if (strcmp(line, "weak\n") == 0)
		weak = true;
	else if (strcmp(line, "strong\n") == 0)
		weak = false;
	else if (strncmp(line, "foresee ", 8) == 0)
		foresee(line + 8);
	else if (strcmp(line, "stall\n") == 0)
		stalled = true;
	else if (strcmp(line, "go\n") == 0)
		stalled = false;
	else if (strcmp(line, "echo\n") == 0)
		echo = true;
	else if (strcmp(line, "watch\n") == 0)
		echo = false;
	else
		return false;
	fflush(stdout);
	return true;
}

static void swap(uint8_t *a, uint8_t *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		uint8_t c = a[i];

		a[i] = b[i];
		b[i] = c;
	}
}

/* Turns a UDP packet round; other packets are the host's. */
static void turn(struct lvs_packet *packet)
{
	uint8_t *ip = packet->data + packet->offset;
	bool ipv4 = ip[0] >> 4 == 4;
	size_t size = ipv4 ? 4 : 16;
	uint8_t *source = ip + (ipv4 ? 12 : 8);
	uint8_t *udp = ip + (ipv4 ? 20 : 40);

	packet->verdict = LVS_PASS;
	if (ip[ipv4 ? 9 : 6] != LVS_UDP || (udp[2] << 8 | udp[3]) != 7)
		return;
	swap(source, source + size, size);
	swap(udp, udp + 2, 2);
	packet->next_hop.family = ipv4 ? LVS_IPV4 : LVS_IPV6;
	memcpy(packet->next_hop.bytes, source + size, size);
	packet->verdict = LVS_FORWARD;
}

static void print(uint32_t lane, const struct lvs_packet *packet)
{
	const uint8_t *ip = packet->data + packet->offset;
	bool ipv4 = ip[0] >> 4 == 4;
	struct lvs_addr ends[2] = {0};
	char text[2][64];

	for (int i = 0; i < 2; i++) {
		ends[i].family = ipv4 ? LVS_IPV4 : LVS_IPV6;
		memcpy(ends[i].bytes, ip + (ipv4 ? 12 + i * 4 : 8 + i * 16),
		       ipv4 ? 4 : 16);
		lvs_addr_format(&ends[i], text[i], sizeof(text[i]));
	}
	printf("packet %u %s %s %u gso %u partial %u\n", lane, text[0], text[1],
	       packet->length, packet->gso_size,
	       packet->flags & LVS_PACKET_PARTIAL);
}

static void work(uint32_t i)
{
	struct lvs_lane *lane = lvs_backend_lane(backend, i);
	struct lvs_packet packets[BATCH];
	int count = lvs_lane_recv(lane, packets, BATCH, now());

	for (int j = 0; j < count; j++) {
		if (echo)
			turn(&packets[j]);
		else
			print(i, &packets[j]);
	}
	if (echo && count > 0)
		lvs_lane_send(lane, packets, (size_t)count, now());
	fflush(stdout);
}

static void *run_lane(void *number)
{
	uint32_t i = (uint32_t)(uintptr_t)number;
	struct pollfd fd = {.fd = lvs_lane_fd(lvs_backend_lane(backend, i)),
			    .events = POLLIN};

	while (!ended) {
		poll(&fd, 1, 20);
		work(i);
	}
	return NULL;
}

static void loop(void)
{
	struct pollfd fds[LANES + 2] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = lvs_backend_fd(backend), .events = POLLIN},
	};
	char line[512];
	uint32_t own = threads ? 0 : lanes;

	for (uint32_t i = 0; i < lanes; i++)
		fds[i + 2] =
			(struct pollfd){.fd = lvs_lane_fd(
						lvs_backend_lane(backend, i)),
					.events = POLLIN};
	for (;;) {
		poll(fds, stalled ? 2 : own + 2, 50);
		if (fds[0].revents != 0 &&
		    (fgets(line, sizeof(line), stdin) == NULL ||
		     !command(line)))
			return;
		lvs_backend_dispatch(backend, now(), 0);
		for (uint32_t i = 0; i < own && !stalled; i++)
			work(i);
	}
}

static void loop_in_threads(void)
{
	pthread_t made[LANES];

	for (uintptr_t i = 0; i < lanes; i++)
		if (pthread_create(&made[i], NULL, run_lane, (void *)i) != 0)
			exit(2);
	loop();
	ended = true;
	for (uint32_t i = 0; i < lanes; i++)
		pthread_join(made[i], NULL);
}

int main(int argc, char **argv)
{
	char message[256] = "";
	int result;

	/* unbuffered, so that poll() knows what is left to read */
	setvbuf(stdin, NULL, _IONBF, 0);
	if (argc == 2 && strcmp(argv[1], "cleanup") == 0)
		return tell(lvs_backend_cleanup("raw", NULL, NULL, message,
						sizeof(message)),
			    message) < 0;
	if (argc < 3 || lvs_backend_new(&backend, "raw") < 0)
		return 2;
	lanes = (uint32_t)atoi(argv[1]);
	if (lvs_backend_set(backend, LVS_BACKEND_LANES, lanes) < 0 ||
	    lvs_backend_set(backend, LVS_BACKEND_FRAMES,
			    (uint64_t)atoi(argv[2])) < 0)
		return 2;
	for (int i = 3; i < argc; i++) {
		if (strcmp(argv[i], "-a") == 0)
			lvs_backend_set(backend, LVS_BACKEND_ADDRESSES, 0);
		else if (strcmp(argv[i], "-j") == 0)
			threads = true;
		else
			lvs_backend_add_interface(backend, argv[i]);
	}
	result = tell(lvs_backend_open(backend, message, sizeof(message)),
		      message);
	fflush(stdout);
	if (result == 0 && threads)
		loop_in_threads();
	else if (result == 0)
		loop();
	lvs_backend_free(backend);
	return result < 0;
}
