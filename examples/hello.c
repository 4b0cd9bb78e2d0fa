/*
 * hello: a TCP balancer. Clients reach the first endpoint; the others are
 * servers that answer through this host (NAT).
 *
 *	sudo hello 192.0.2.1:80 10.0.0.1:80 10.0.0.2:80
 *
 * Ctrl-C ends it and leaves the host as it was. ICMP errors that a balancer
 * makes itself would be fetched by lvs_balancer_pop(); lvsd does so.
 *
 * Written for the public domain.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <lvs/lvs.h>

#define MOST 64

static volatile sig_atomic_t stop;
static char message[256]; /* the backend says here what it could not do */

static void end(int number)
{
	stop = number;
}

/* Every call says what went wrong, if anything did. */
#define must(call) check(call, #call)

static int check(int result, const char *call)
{
	if (result >= 0)
		return result;
	fprintf(stderr, "hello: %s: %s %s\n", call, lvs_strerror(result),
		message);
	exit(1);
}

/* The library reads no clock: this is the time that we tell it. */
static uint64_t clock_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* What the backend is to take from the host: all to, or from, an endpoint. */
static struct lvs_claim claim(uint32_t kind, const char *text)
{
	struct lvs_claim c = {kind, LVS_TCP, LVS_NAT, 0, {0, {0}}};
	uint16_t port;

	must(lvs_endpoint_parse(&c.addr, &port, text));
	c.port = port;
	return c;
}

int main(int argc, char **argv)
{
	struct lvs_packet packets[LVS_BATCH];
	struct lvs_claim claims[MOST];
	struct lvs_balancer *balancer;
	struct lvs_service *service;
	struct lvs_backend *backend;
	struct lvs_dest *dest;
	int n = argc - 1;

	if (n < 2 || n > MOST)
		return fprintf(stderr, "usage: hello VIRTUAL SERVER...\n"), 2;
	must(lvs_service_new(&service));
	must(lvs_service_set_sched(service, "wlc"));
	claims[0] = claim(LVS_CLAIM_VIRTUAL, argv[1]);
	must(lvs_service_set_address(service, &claims[0].addr,
				     (uint16_t)claims[0].port, LVS_TCP));
	for (int i = 1; i < n; i++) {
		claims[i] = claim(LVS_CLAIM_SERVER, argv[i + 1]);
		must(lvs_service_add_dest(service, &dest, &claims[i].addr,
					  (uint16_t)claims[i].port, 1));
		must(lvs_dest_set(dest, LVS_DEST_METHOD, LVS_NAT));
	}
	must(lvs_balancer_new(&balancer, 0, 0));
	must(lvs_balancer_add_service(balancer, service));
	must(lvs_balancer_commit(balancer));
	must(lvs_backend_new(&backend, "raw"));
	must(lvs_backend_open(backend, message, sizeof(message)));
	must(lvs_backend_claim(backend, claims, (size_t)n, message,
			       sizeof(message)));
	signal(SIGINT, end);
	signal(SIGTERM, end);
	while (!stop) {
		struct lvs_lane *lane = lvs_backend_lane(backend, 0);
		struct pollfd fds[] = {{lvs_lane_fd(lane), POLLIN, 0},
				       {lvs_backend_fd(backend), POLLIN, 0}};
		size_t count;
		uint64_t now;

		poll(fds, 2, 100);
		now = clock_now();
		lvs_backend_dispatch(backend, now, 0);
		count = (size_t)must(
			lvs_lane_recv(lane, packets, LVS_BATCH, now));
		lvs_balancer_batch(balancer, packets, count, now);
		lvs_lane_send(lane, packets, count, now);
		lvs_balancer_dispatch(balancer, now, 0);
	}
	lvs_backend_free(backend);
	lvs_balancer_free(balancer);
	return 0;
}
