/*
 * bounce: the backend alone. Takes the UDP packets to an address and port off
 * the host and sends each one back to where it came from.
 *
 *	cc -o bounce bounce.c $(pkg-config --cflags --libs liblvs)
 *	./bounce 192.0.2.10:7 [interface ...]
 *
 * It needs CAP_NET_RAW and CAP_NET_ADMIN, or a network namespace of your own:
 * unshare -Urn. It ends by SIGINT or SIGTERM and leaves the host as it was.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <lvs/backend.h>

#define BATCH 64

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	stopped = signal;
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void swap(uint8_t *a, uint8_t *b, size_t size)
{
	uint8_t c[16];

	memcpy(c, a, size);
	memcpy(a, b, size);
	memcpy(b, c, size);
}

/*
 * Swaps addresses and ports. Every sum of both stays what it was, so no
 * checksum changes, finished or not.
 */
static void turn(struct lvs_packet *packet, uint16_t port)
{
	uint8_t *ip = packet->data + packet->offset;
	int version = ip[0] >> 4;
	size_t at = version == 4 ? (ip[0] & 15u) * 4 : 40;
	size_t size = version == 4 ? 4 : 16;
	uint8_t *source = ip + (version == 4 ? 12 : 8);
	uint8_t *udp = ip + at;

	packet->verdict = LVS_PASS;
	if ((version != 4 && version != 6) || packet->length < at + 8 ||
	    ip[version == 4 ? 9 : 6] != LVS_UDP ||
	    (udp[2] << 8 | udp[3]) != port)
		return;
	swap(source, source + size, size);
	swap(udp, udp + 2, 2);
	packet->next_hop.family = version == 4 ? LVS_IPV4 : LVS_IPV6;
	memcpy(packet->next_hop.bytes, source + size, size);
	packet->verdict = LVS_FORWARD;
}

static void bounce(struct lvs_backend *backend, uint16_t port)
{
	struct lvs_lane *lane = lvs_backend_lane(backend, 0);
	struct pollfd fds[] = {
		{.fd = lvs_lane_fd(lane), .events = POLLIN},
		{.fd = lvs_backend_fd(backend), .events = POLLIN},
	};
	struct lvs_packet packets[BATCH];
	int count;

	while (!stopped) {
		count = lvs_lane_recv(lane, packets, BATCH, now());
		for (int i = 0; i < count; i++)
			turn(&packets[i], port);
		if (count > 0)
			lvs_lane_send(lane, packets, (size_t)count, now());
		else
			poll(fds, 2, 100); /* and look at the deadlines */
		if (fds[1].revents != 0 ||
		    lvs_backend_deadline(backend) <= now())
			lvs_backend_dispatch(backend, now(), 0);
	}
}

int main(int argc, char **argv)
{
	struct lvs_claim claim = {.kind = LVS_CLAIM_VIRTUAL,
				  .protocol = LVS_UDP};
	struct lvs_backend *backend;
	char message[256] = "";
	uint16_t port;
	int error;

	if (argc < 2 || lvs_endpoint_parse(&claim.addr, &port, argv[1]) < 0 ||
	    port == 0) {
		fputs("usage: bounce ADDRESS:PORT [INTERFACE ...]\n", stderr);
		return 2;
	}
	claim.port = port;
	signal(SIGINT, stop);
	signal(SIGTERM, stop);
	error = lvs_backend_new(&backend, "raw");
	if (error < 0) {
		fprintf(stderr, "bounce: %s\n", lvs_strerror(error));
		return 1;
	}
	for (int i = 2; i < argc && error == 0; i++)
		error = lvs_backend_add_interface(backend, argv[i]);
	if (error == 0)
		error = lvs_backend_open(backend, message, sizeof(message));
	if (error == 0)
		error = lvs_backend_claim(backend, &claim, 1, message,
					  sizeof(message));
	if (error == 0)
		bounce(backend, port);
	else
		fprintf(stderr, "bounce: %s\n",
			message[0] != '\0' ? message : lvs_strerror(error));
	lvs_backend_free(backend);
	return error == 0 ? 0 : 1;
}
