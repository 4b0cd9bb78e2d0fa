/*
 * The control side of the raw backend: opens the lanes and changes the host.
 *
 * The lanes' sockets are shared with their threads only through the kernel:
 * this side replaces filters and programs, which is atomic.
 */
#include <errno.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/host/unused.h"
#include "backend/host/home.h"
#include "backend/host/leftover.h"
#include "backend/raw/raw.h"
#include "base/hash.h"
#include "base/watch.h"

/* Linux 5.x; not in every system's headers */
#define FANOUT_IGNORE_OUTGOING 0x4000

static struct lvs__raw *self(struct lvs_backend *backend)
{
	return (struct lvs__raw *)backend;
}

/* ---- opening */

static int open_control(struct lvs__raw *raw, char *message, size_t size)
{
	static const uint32_t groups[] = {RTNLGRP_LINK, RTNLGRP_IPV4_IFADDR,
					  RTNLGRP_IPV6_IFADDR};
	int result;

	result = lvs__netlink_open(&raw->requests, NETLINK_ROUTE, NULL, 0);
	if (result == 0)
		result = lvs__netlink_open(&raw->news, NETLINK_ROUTE, groups,
					   sizeof(groups) / sizeof(groups[0]));
	if (result == 0) {
		raw->epoll = epoll_create1(EPOLL_CLOEXEC);
		result = raw->epoll < 0 ? -errno
					: lvs__watch(raw->epoll, EPOLL_CTL_ADD,
						     raw->news.fd, EPOLLIN, 0);
	}
	if (result == 0)
		result = lvs__random(&raw->seed, sizeof(raw->seed));
	return result < 0 ? lvs__message_error(message, size, result,
					       "cannot open rtnetlink")
			  : 0;
}

static int join_fanout(struct lvs__raw *raw, char *message, size_t size)
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
			return lvs__message_error(message, size, -errno,
						  "cannot join lane %u to a "
						  "fan-out group",
						  i);
		/* the others join the number that the kernel chose */
		argument = (argument & 0xffff) | flags << 16;
	}
	return 0;
}

static int open_lanes(struct lvs__raw *raw, char *message, size_t size)
{
	const struct lvs__backend_config *config = &raw->base.config;
	int result = 0;

	for (uint32_t i = 0; i < config->lanes && result == 0; i++) {
		result = lvs__lane_open(&raw->lanes[i], config->frames, message,
					size);
		if (result == 0)
			lvs__taken_join(&raw->taken, &raw->lanes[i]->taken);
	}
	if (result == 0 && config->lanes > 1)
		result = join_fanout(raw, message, size);
	if (result < 0)
		return result;
	result = lvs__raw_filter(raw);
	return result < 0 ? lvs__message_error(message, size, result,
					       "cannot set a socket filter")
			  : 0;
}

static int open_ingress(struct lvs__raw *raw, char *message, size_t size)
{
	struct lvs__ingress_plan plan = lvs__raw_plan(raw, &raw->held);

	return lvs__ingress_open(&raw->ingress, &plan, message, size);
}

static int raw_open(struct lvs_backend *backend, char *message, size_t size)
{
	struct lvs__raw *raw = self(backend);
	int result;

	raw->epoll = raw->requests.fd = raw->news.fd = -1;
	raw->ingress.netlink.fd = raw->arp.fd = -1;
	raw->virtuals = (struct lvs__virtuals){
		.requests = &raw->requests,
		.ingress = &raw->ingress,
		.devices = &raw->devices,
		.config = &backend->config,
		.news = &raw->told,
	};
	result = open_control(raw, message, size);
	if (result == 0)
		result = lvs__devices_read(&raw->devices, &raw->requests,
					   &backend->config, message, size);
	if (result == 0)
		result = open_lanes(raw, message, size);
	if (result == 0)
		result = lvs__arp_open(raw, message, size);
	if (result == 0)
		result = open_ingress(raw, message, size);
	raw->next_manage = UINT64_MAX;
	return result;
}

static int raw_claim(struct lvs_backend *backend,
		     const struct lvs_claim *claims, size_t count,
		     char *message, size_t size)
{
	struct lvs__raw *raw = self(backend);
	int result = lvs__raw_claim(raw, claims, count, message, size);

	lvs__raw_plan_round(raw);
	return result;
}

/* ---- closing */

static void raw_close(struct lvs_backend *backend)
{
	struct lvs__raw *raw = self(backend);

	if (raw->requests.fd >= 0)
		lvs__raw_unclaim(raw);
	/* the table goes last: until then the host answers nothing of ours */
	for (uint32_t i = 0; i < LVS__MOST_LANES; i++) {
		lvs__lane_close(raw->lanes[i]);
		raw->lanes[i] = NULL;
	}
	lvs__taken_close(&raw->taken);
	lvs__arp_close(&raw->arp);
	lvs__news_close(&raw->told);
	lvs__ingress_close(&raw->ingress);
	lvs__netlink_close(&raw->news);
	lvs__netlink_close(&raw->requests);
	if (raw->epoll >= 0)
		close(raw->epoll);
	raw->epoll = -1;
}

static int raw_cleanup(void (*tell)(void *user, const char *line), void *user,
		       char *message, size_t size)
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
		result = lvs__leftover_clean(&netlink, tell, user);
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
	return ((const struct lvs__raw *)backend)->epoll;
}

static int raw_home(const struct lvs_backend *backend,
		    const struct lvs_addr *addr, char *interface)
{
	return lvs__home_ask(&backend->config, addr, interface);
}

static int raw_foresee(const struct lvs_backend *backend,
		       const struct lvs_claim *claim,
		       struct lvs_backend_event *event)
{
	return lvs__unused_ask(&backend->config, claim, event);
}

static int raw_pop_event(struct lvs_backend *backend,
			 struct lvs_backend_event *event)
{
	return lvs__news_pop(&self(backend)->told, event);
}

static struct lvs_lane *raw_lane(struct lvs_backend *backend, uint32_t index)
{
	return &self(backend)->lanes[index]->base;
}

const struct lvs__backend_ops lvs__raw_ops = {
	.size = sizeof(struct lvs__raw),
	.open = raw_open,
	.close = raw_close,
	.claim = raw_claim,
	.fd = raw_fd,
	.deadline = lvs__raw_deadline,
	.dispatch = lvs__raw_dispatch,
	.home = raw_home,
	.foresee = raw_foresee,
	.pop_event = raw_pop_event,
	.cleanup = raw_cleanup,
	.lane = raw_lane,
	.lane_fd = lvs__lane_fd,
	.lane_deadline = lvs__lane_deadline,
	.recv = lvs__lane_recv,
	.send = lvs__lane_send,
	.stats = lvs__lane_stats,
};
