/*
 * The control side of the raw backend: opens the lanes and changes the host.
 *
 * A claim is prepared as a whole (memory, programs), then taken in steps that
 * can be undone: steering program, missing addresses, and last the ingress
 * table, whose transaction decides. Only then what is claimed no more is given
 * back. Neighbours are a service to the packets: where one cannot be entered
 * (no route yet), it is tried again every MANAGE milliseconds.
 *
 * The lanes' sockets are shared with their threads only through the kernel:
 * this side replaces filters and programs, which is atomic.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/backend.h"
#include "backend/host.h"
#include "backend/ingress.h"
#include "backend/lane.h"

#define MANAGE 15000
/* Linux 5.x; not in every system's headers */
#define FANOUT_IGNORE_OUTGOING 0x4000

/* A virtual address that is claimed. */
struct address {
	struct lvs_addr addr;
	uint32_t ifindex; /* where we added it; 0: it is the host's own */
};

/* What a claim means for the host, by address. */
struct holdings {
	struct lvs_claim *claims;
	size_t claim_count;
	struct address *addresses;
	size_t address_count;
	struct lvs__managed *servers;
	size_t server_count;
};

struct raw {
	struct lvs_backend base;
	int epoll;
	struct lvs__netlink requests;
	struct lvs__netlink news;
	struct lvs__ingress ingress;
	struct lvs__device devices[LVS__BACKEND_INTERFACES];
	size_t device_count;
	struct lvs__raw_lane *lanes[LVS__BACKEND_LANES];
	uint32_t seed;
	struct holdings held;
	bool devices_stale;
	uint64_t next_manage;
};

static struct raw *self(struct lvs_backend *backend)
{
	return (struct raw *)backend;
}

static struct lvs__ingress_plan plan_of(const struct raw *raw,
					const struct holdings *holdings)
{
	return (struct lvs__ingress_plan){
		.devices = raw->devices,
		.device_count = raw->device_count,
		.claims = holdings->claims,
		.claim_count = holdings->claim_count,
	};
}

/* ---- opening */

static int open_control(struct raw *raw, char *message, size_t size)
{
	static const uint32_t groups[] = {RTNLGRP_LINK};
	struct epoll_event event = {.events = EPOLLIN};
	int result;

	result = lvs__netlink_open(&raw->requests, NETLINK_ROUTE, NULL, 0);
	if (result == 0)
		result =
			lvs__netlink_open(&raw->news, NETLINK_ROUTE, groups, 1);
	if (result == 0) {
		raw->epoll = epoll_create1(EPOLL_CLOEXEC);
		if (raw->epoll < 0 || epoll_ctl(raw->epoll, EPOLL_CTL_ADD,
						raw->news.fd, &event) < 0)
			result = -errno;
	}
	if (result == 0 &&
	    getrandom(&raw->seed, sizeof(raw->seed), 0) != sizeof(raw->seed))
		result = -EIO;
	return result < 0 ? lvs__message(message, size, result,
					 "cannot open rtnetlink: %s",
					 lvs_strerror(result))
			  : 0;
}

static int join_fanout(struct raw *raw, char *message, size_t size)
{
	uint32_t flags = PACKET_FANOUT_CBPF | FANOUT_IGNORE_OUTGOING;
	uint32_t argument = (flags | PACKET_FANOUT_FLAG_UNIQUEID) << 16;
	socklen_t length = sizeof(argument);

	for (uint32_t i = 0; i < raw->base.config.lanes; i++) {
		int fd = raw->lanes[i]->ring.fd;

		if (setsockopt(fd, SOL_PACKET, PACKET_FANOUT, &argument,
			       sizeof(argument)) < 0 ||
		    (i == 0 && getsockopt(fd, SOL_PACKET, PACKET_FANOUT,
					  &argument, &length) < 0))
			return lvs__message(message, size, -errno,
					    "cannot join lane %u to a fan-out "
					    "group: %s",
					    i, lvs_strerror(errno));
		/* the others join the number that the kernel chose */
		argument = (argument & 0xffff) | flags << 16;
	}
	return 0;
}

static int set_filters(struct raw *raw)
{
	uint32_t interfaces[LVS__BACKEND_INTERFACES];
	struct lvs__filter filter;
	int result;

	for (size_t i = 0; i < raw->device_count; i++)
		interfaces[i] = raw->devices[i].ifindex;
	result = lvs__filter_accept(&filter, interfaces, raw->device_count);
	for (uint32_t i = 0; i < raw->base.config.lanes && result == 0; i++)
		result = lvs__ring_filter(&raw->lanes[i]->ring, &filter);
	return result;
}

static int open_lanes(struct raw *raw, char *message, size_t size)
{
	const struct lvs__backend_config *config = &raw->base.config;
	int result = 0;

	for (uint32_t i = 0; i < config->lanes && result == 0; i++)
		result = lvs__lane_open(&raw->lanes[i], config->frames, message,
					size);
	if (result == 0 && config->lanes > 1)
		result = join_fanout(raw, message, size);
	if (result < 0)
		return result;
	result = set_filters(raw);
	return result < 0 ? lvs__message(message, size, result,
					 "cannot set a socket filter: %s",
					 lvs_strerror(result))
			  : 0;
}

static int open_ingress(struct raw *raw, char *message, size_t size)
{
	struct lvs__ingress_plan plan = plan_of(raw, &raw->held);
	bool rules = raw->base.config.table;
	int result =
		lvs__ingress_open(&raw->ingress, rules, &plan, message, size);

	/* without rules it is only a sign that we live */
	return !rules && result < 0 && result != -EPERM ? 0 : result;
}

static int raw_open(struct lvs_backend *backend, char *message, size_t size)
{
	struct raw *raw = self(backend);
	int result;

	raw->epoll = raw->requests.fd = raw->news.fd = -1;
	raw->ingress.netlink.fd = -1;
	result = open_control(raw, message, size);
	if (result == 0)
		result = lvs__host_devices(&raw->requests, &backend->config,
					   raw->devices, &raw->device_count,
					   message, size);
	if (result == 0)
		result = open_lanes(raw, message, size);
	if (result == 0)
		result = open_ingress(raw, message, size);
	raw->next_manage = UINT64_MAX;
	return result;
}

/* ---- claims */

static void free_holdings(struct holdings *holdings)
{
	free(holdings->claims);
	free(holdings->addresses);
	free(holdings->servers);
	memset(holdings, 0, sizeof(*holdings));
}

static bool same(const struct lvs_addr *a, const struct lvs_addr *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static int compare_claims(const void *a, const void *b)
{
	const struct lvs_claim *x = a;
	const struct lvs_claim *y = b;
	int order = memcmp(&x->addr, &y->addr, sizeof(x->addr));

	return order != 0 ? order : (int)x->kind - (int)y->kind;
}

/* The claims sorted, and their addresses, each once. */
static int make_holdings(struct holdings *holdings,
			 const struct lvs_claim *claims, size_t count)
{
	const struct lvs_claim *last = NULL;

	memset(holdings, 0, sizeof(*holdings));
	holdings->claims = calloc(count + 1, sizeof(*claims));
	holdings->addresses = calloc(count + 1, sizeof(*holdings->addresses));
	holdings->servers = calloc(count + 1, sizeof(*holdings->servers));
	if (holdings->claims == NULL || holdings->addresses == NULL ||
	    holdings->servers == NULL) {
		free_holdings(holdings);
		return -ENOMEM;
	}
	if (count > 0)
		memcpy(holdings->claims, claims, count * sizeof(*claims));
	holdings->claim_count = count;
	qsort(holdings->claims, count, sizeof(*claims), compare_claims);
	for (size_t i = 0; i < count; i++) {
		const struct lvs_claim *claim = &holdings->claims[i];

		if (last != NULL && last->kind == claim->kind &&
		    same(&last->addr, &claim->addr))
			continue;
		last = claim;
		if (claim->kind == LVS_CLAIM_VIRTUAL)
			holdings->addresses[holdings->address_count++].addr =
				claim->addr;
		else
			holdings->servers[holdings->server_count++].addr =
				claim->addr;
	}
	return 0;
}

static int steer(struct raw *raw, const struct holdings *holdings)
{
	struct lvs_addr *addresses;
	struct lvs__filter filter;
	struct sock_fprog program = {.filter = filter.code};
	int result;

	if (raw->base.config.lanes == 1)
		return 0;
	addresses = calloc(holdings->address_count + 1, sizeof(*addresses));
	if (addresses == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < holdings->address_count; i++)
		addresses[i] = holdings->addresses[i].addr;
	result = lvs__filter_steer(&filter, addresses, holdings->address_count,
				   raw->seed);
	free(addresses);
	if (result < 0)
		return result;
	program.len = filter.length;
	if (setsockopt(raw->lanes[0]->ring.fd, SOL_PACKET, PACKET_FANOUT_DATA,
		       &program, sizeof(program)) < 0)
		return -errno;
	return 0;
}

static const struct address *find_held(const struct holdings *holdings,
				       const struct lvs_addr *addr)
{
	for (size_t i = 0; i < holdings->address_count; i++)
		if (same(&holdings->addresses[i].addr, addr))
			return &holdings->addresses[i];
	return NULL;
}

/* Loopback's number is 1 in every network namespace. */
static uint32_t home_of(const struct raw *raw)
{
	return raw->base.config.interface_count > 0 ? raw->devices[0].ifindex
						    : 1;
}

static int add_address(struct raw *raw, struct address *address, char *message,
		       size_t size)
{
	char text[64];
	bool ours = false;
	uint32_t ifindex;
	int result = lvs__host_find_address(&raw->requests, &address->addr,
					    &ifindex, &ours);

	if (result == 1) {
		/* left by one that was killed: ours now */
		address->ifindex = ours ? ifindex : 0;
		return 0;
	}
	ifindex = home_of(raw);
	if (result == 0)
		result = lvs__host_add_address(&raw->requests, &address->addr,
					       ifindex);
	if (result == 0)
		address->ifindex = ifindex;
	/* an older kernel forgets the mark; then nobody could clean up */
	if (result == 0 &&
	    lvs__host_find_address(&raw->requests, &address->addr, &ifindex,
				   &ours) == 1 &&
	    !ours) {
		(void)lvs__host_remove_address(&raw->requests, &address->addr,
					       address->ifindex);
		address->ifindex = 0;
		result = -EOPNOTSUPP;
	}
	if (result == 0)
		return 0;
	(void)lvs_addr_format(&address->addr, text, sizeof(text));
	return lvs__message(message, size, result,
			    "cannot add the virtual address %s: %s", text,
			    result == -EPERM ? "CAP_NET_ADMIN is missing"
			    : result == -EOPNOTSUPP
				    ? "this kernel cannot mark addresses "
				      "(before 5.18): add it yourself"
				    : lvs_strerror(result));
}

/* Removes our addresses that `kept` does not have too. */
static void remove_addresses(struct raw *raw, const struct holdings *holdings,
			     const struct holdings *kept)
{
	for (size_t i = 0; i < holdings->address_count; i++) {
		const struct address *address = &holdings->addresses[i];

		if (address->ifindex != 0 &&
		    find_held(kept, &address->addr) == NULL)
			(void)lvs__host_remove_address(&raw->requests,
						       &address->addr,
						       address->ifindex);
	}
}

static int add_addresses(struct raw *raw, struct holdings *wanted,
			 char *message, size_t size)
{
	int result = 0;

	for (size_t i = 0; i < wanted->address_count && result == 0; i++) {
		struct address *address = &wanted->addresses[i];
		const struct address *old =
			find_held(&raw->held, &address->addr);

		if (old != NULL)
			address->ifindex = old->ifindex;
		else if (raw->base.config.addresses)
			result = add_address(raw, address, message, size);
	}
	return result;
}

/* The steps that can be undone; the last one decides. */
static int take(struct raw *raw, struct holdings *wanted, char *message,
		size_t size)
{
	struct lvs__ingress_plan plan = plan_of(raw, wanted);
	int result = steer(raw, wanted);

	if (result < 0)
		return lvs__message(message, size, result,
				    result == -EFBIG
					    ? "too many virtual addresses to "
					      "steer by (about 3000 IPv4 or "
					      "400 IPv6): use one lane"
					    : "cannot set the steering "
					      "program: %s",
				    lvs_strerror(result));
	result = add_addresses(raw, wanted, message, size);
	if (result == 0)
		result = lvs__ingress_set(&raw->ingress, &plan, false, message,
					  size);
	if (result == 0)
		return 0;
	remove_addresses(raw, wanted, &raw->held);
	(void)steer(raw, &raw->held);
	return result;
}

static void manage(struct raw *raw)
{
	for (size_t i = 0; i < raw->held.server_count; i++)
		lvs__host_manage(&raw->requests, &raw->held.servers[i]);
}

/* Servers in both keep what is known of them; others are given back. */
static void hand_over_servers(struct raw *raw, struct holdings *wanted)
{
	for (size_t i = 0; i < raw->held.server_count; i++) {
		struct lvs__managed *old = &raw->held.servers[i];
		bool kept = false;

		for (size_t j = 0; j < wanted->server_count && !kept; j++)
			if (same(&wanted->servers[j].addr, &old->addr)) {
				wanted->servers[j] = *old;
				kept = true;
			}
		if (!kept)
			lvs__host_unmanage(&raw->requests, old);
	}
}

static int raw_claim(struct lvs_backend *backend,
		     const struct lvs_claim *claims, size_t count,
		     char *message, size_t size)
{
	struct raw *raw = self(backend);
	struct holdings wanted;
	int result = make_holdings(&wanted, claims, count);

	if (result < 0)
		return lvs__message(message, size, result, "out of memory");
	result = take(raw, &wanted, message, size);
	if (result < 0) {
		free_holdings(&wanted);
		return result;
	}
	remove_addresses(raw, &raw->held, &wanted);
	hand_over_servers(raw, &wanted);
	free_holdings(&raw->held);
	raw->held = wanted;
	manage(raw);
	raw->next_manage = wanted.server_count > 0 ? 0 : UINT64_MAX;
	return 0;
}

/* ---- closing */

static void raw_close(struct lvs_backend *backend)
{
	struct raw *raw = self(backend);
	const struct holdings none = {0};

	if (raw->requests.fd >= 0) {
		for (size_t i = 0; i < raw->held.server_count; i++)
			lvs__host_unmanage(&raw->requests,
					   &raw->held.servers[i]);
		remove_addresses(raw, &raw->held, &none);
	}
	free_holdings(&raw->held);
	/* the table goes last: until then the host answers nothing of ours */
	for (uint32_t i = 0; i < LVS__BACKEND_LANES; i++) {
		lvs__lane_close(raw->lanes[i]);
		raw->lanes[i] = NULL;
	}
	lvs__ingress_close(&raw->ingress);
	lvs__netlink_close(&raw->news);
	lvs__netlink_close(&raw->requests);
	if (raw->epoll >= 0)
		close(raw->epoll);
	raw->epoll = -1;
}

static int raw_cleanup(char *message, size_t size)
{
	struct lvs__netlink netlink;
	char table[16];
	int result = lvs__ingress_alive(table, sizeof(table));

	if (result == 1)
		return lvs__message(message, size, -EBUSY,
				    "a balancer is running here (nftables "
				    "table %s): stop it first",
				    table);
	if (result == 0)
		result = lvs__netlink_open(&netlink, NETLINK_ROUTE, NULL, 0);
	if (result == 0) {
		result = lvs__host_clean(&netlink);
		lvs__netlink_close(&netlink);
	}
	return result < 0 ? lvs__message(message, size, result,
					 "cannot clean up: %s",
					 result == -EPERM
						 ? "CAP_NET_ADMIN is missing"
						 : lvs_strerror(result))
			  : result;
}

/* ---- in a loop */

static int raw_fd(const struct lvs_backend *backend)
{
	return ((const struct raw *)backend)->epoll;
}

static uint64_t raw_deadline(const struct lvs_backend *backend)
{
	const struct raw *raw = (const struct raw *)backend;

	return raw->devices_stale ? 0 : raw->next_manage;
}

static void read_news(struct raw *raw)
{
	int got;

	/* whatever it says about links, they are read anew */
	for (int i = 0; i < 64; i++) {
		got = lvs__netlink_recv(&raw->news);
		if (got == 0)
			return;
		raw->devices_stale = true;
	}
}

/* Interfaces came or went: the table and the filters follow. */
static int follow_devices(struct raw *raw)
{
	struct lvs__device devices[LVS__BACKEND_INTERFACES];
	struct lvs__ingress_plan plan;
	size_t count = 0;
	int result = lvs__host_devices(&raw->requests, &raw->base.config,
				       devices, &count, NULL, 0);

	/* a named one that is gone may come back */
	if (result == -ENODEV)
		return 0;
	if (result < 0)
		return result;
	if (count == raw->device_count &&
	    memcmp(devices, raw->devices, count * sizeof(devices[0])) == 0)
		return 0;
	memcpy(raw->devices, devices, sizeof(devices));
	raw->device_count = count;
	plan = plan_of(raw, &raw->held);
	result = lvs__ingress_set(&raw->ingress, &plan, true, NULL, 0);
	return result < 0 ? result : set_filters(raw);
}

static int raw_dispatch(struct lvs_backend *backend, uint64_t now)
{
	struct raw *raw = self(backend);
	int result = 0;

	read_news(raw);
	if (raw->devices_stale) {
		result = follow_devices(raw);
		raw->devices_stale = result < 0;
		raw->next_manage =
			raw->held.server_count > 0 ? now : UINT64_MAX;
	}
	if (now >= raw->next_manage) {
		manage(raw);
		raw->next_manage = now + MANAGE;
	}
	return result;
}

static struct lvs_lane *raw_lane(struct lvs_backend *backend, uint32_t index)
{
	return &self(backend)->lanes[index]->base;
}

const struct lvs__backend_ops lvs__raw_ops = {
	.size = sizeof(struct raw),
	.name = "raw",
	.open = raw_open,
	.close = raw_close,
	.claim = raw_claim,
	.fd = raw_fd,
	.deadline = raw_deadline,
	.dispatch = raw_dispatch,
	.cleanup = raw_cleanup,
	.lane = raw_lane,
	.lane_fd = lvs__lane_fd,
	.lane_deadline = lvs__lane_deadline,
	.recv = lvs__lane_recv,
	.send = lvs__lane_send,
	.stats = lvs__lane_stats,
};
