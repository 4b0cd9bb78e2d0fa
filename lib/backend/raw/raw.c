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

#include "backend/host/aside.h"
#include "backend/host/home.h"
#include "backend/host/leftover.h"
#include "backend/raw/raw.h"
#include "base/hash.h"
#include "base/watch.h"

#define MANAGE 15000
#define RETRY 1000
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

static int set_filters(struct lvs__raw *raw)
{
	uint32_t interfaces[LVS__BACKEND_INTERFACES];
	struct lvs__filter filter;
	int result;

	for (size_t i = 0; i < raw->devices.count; i++)
		interfaces[i] = raw->devices.entries[i].ifindex;
	result = lvs__filter_accept(&filter, interfaces, raw->devices.count);
	for (uint32_t i = 0; i < raw->base.config.lanes && result == 0; i++)
		result = lvs__ring_filter(&raw->lanes[i]->ring, &filter);
	return result;
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
	result = set_filters(raw);
	return result < 0 ? lvs__message_error(message, size, result,
					       "cannot set a socket filter")
			  : 0;
}

static int open_ingress(struct lvs__raw *raw, char *message, size_t size)
{
	struct lvs__ingress_plan plan = lvs__raw_plan(raw, &raw->held);
	bool rules = raw->base.config.table;
	int result =
		lvs__ingress_open(&raw->ingress, rules, &plan, message, size);

	/* without rules it is only a sign that we live */
	return !rules && result < 0 && result != -EPERM ? 0 : result;
}

static int raw_open(struct lvs_backend *backend, char *message, size_t size)
{
	struct lvs__raw *raw = self(backend);
	int result;

	raw->epoll = raw->requests.fd = raw->news.fd = -1;
	raw->ingress.netlink.fd = -1;
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
		result = open_ingress(raw, message, size);
	raw->next_manage = UINT64_MAX;
	return result;
}

/* Whether there is work now and then. */
static bool has_duties(const struct lvs__raw *raw)
{
	return raw->held.server_count > 0 || raw->virtuals.owed_count > 0;
}

static int raw_claim(struct lvs_backend *backend,
		     const struct lvs_claim *claims, size_t count,
		     char *message, size_t size)
{
	struct lvs__raw *raw = self(backend);
	int result = lvs__raw_claim(raw, claims, count, message, size);

	raw->next_manage = has_duties(raw) ? 0 : UINT64_MAX;
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

static uint64_t raw_deadline(const struct lvs_backend *backend)
{
	const struct lvs__raw *raw = (const struct lvs__raw *)backend;
	uint64_t deadline = lvs__virtual_deadline(&raw->virtuals);

	if (raw->devices_stale && raw->next_devices < deadline)
		deadline = raw->next_devices;
	return raw->next_manage < deadline ? raw->next_manage : deadline;
}

/* How many it read. */
static uint32_t read_news(struct lvs__raw *raw, uint32_t budget)
{
	const struct nlmsghdr *message;
	uint32_t count;
	int got;

	for (count = 0; count < budget; count++) {
		got = lvs__netlink_recv(&raw->news);
		if (got == 0)
			break;
		if (got < 0) {
			raw->devices_stale = true;
			lvs__virtual_lost(&raw->virtuals);
		}
		message = (const void *)raw->news.buffer;
		for (; mnl_nlmsg_ok(message, got);
		     message = mnl_nlmsg_next(message, &got)) {
			/* whatever it says about links, they are read anew */
			if (message->nlmsg_type == RTM_NEWLINK ||
			    message->nlmsg_type == RTM_DELLINK)
				raw->devices_stale = true;
			lvs__virtual_read(&raw->virtuals, message);
		}
	}
	return count;
}

/* Interfaces came or went: the table and the filters follow. */
static int follow_devices(struct lvs__raw *raw)
{
	struct lvs__devices devices;
	struct lvs__ingress_plan plan;
	int result = lvs__devices_read(&devices, &raw->requests,
				       &raw->base.config, NULL, 0);

	/* a named one that is gone may come back */
	if (result == -ENODEV)
		return 0;
	if (result < 0)
		return result;
	if (memcmp(&devices, &raw->devices, sizeof(devices)) == 0)
		return 0;
	plan = lvs__raw_plan(raw, &raw->held);
	plan.devices = &devices;
	result = lvs__ingress_set(&raw->ingress, &plan, true, NULL, 0);
	if (result < 0)
		return result;
	raw->devices = devices;
	return set_filters(raw);
}

static int raw_dispatch(struct lvs_backend *backend, uint64_t now,
			uint32_t budget)
{
	struct lvs__raw *raw = self(backend);
	int count = (int)read_news(raw, budget);
	int result = 0;

	if (raw->devices_stale && now >= raw->next_devices) {
		result = follow_devices(raw);
		raw->devices_stale = result < 0;
		raw->next_devices = result < 0 ? now + RETRY : 0;
		if (raw->held.server_count > 0)
			raw->next_manage = now;
	}
	lvs__virtual_watch(&raw->virtuals, now);
	if (now >= raw->next_manage) {
		lvs__virtual_pay(&raw->virtuals);
		lvs__raw_manage(raw);
		raw->next_manage = has_duties(raw) ? now + MANAGE : UINT64_MAX;
	}
	return result < 0 ? result : count;
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
	return lvs__aside_ask(&backend->config, claim, event);
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
	.name = "raw",
	.open = raw_open,
	.close = raw_close,
	.claim = raw_claim,
	.fd = raw_fd,
	.deadline = raw_deadline,
	.dispatch = raw_dispatch,
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
