/*
 * The raw backend in a loop: what the kernel tells of links and addresses, and
 * what is to be done now and then.
 */
#include <linux/rtnetlink.h>
#include <string.h>

#include "backend/raw/raw.h"

#define RETRY 1000

int lvs__raw_filter(struct lvs__raw *raw)
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

uint64_t lvs__raw_deadline(const struct lvs_backend *backend)
{
	const struct lvs__raw *raw = (const struct lvs__raw *)backend;
	uint64_t deadline = lvs__virtual_deadline(&raw->virtuals);

	if (raw->devices_stale && raw->next_devices < deadline)
		deadline = raw->next_devices;
	if (raw->virtuals.probing && raw->arp.next < deadline)
		deadline = raw->arp.next;
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
	return lvs__raw_filter(raw);
}

int lvs__raw_dispatch(struct lvs_backend *backend, uint64_t now,
		      uint32_t budget)
{
	struct lvs__raw *raw = (struct lvs__raw *)backend;
	uint32_t count = read_news(raw, budget);
	int result = 0;

	if (raw->devices_stale && now >= raw->next_devices) {
		result = follow_devices(raw);
		raw->devices_stale = result < 0;
		raw->next_devices = result < 0 ? now + RETRY : 0;
		lvs__raw_begin_round(raw);
	}
	lvs__virtual_watch(&raw->virtuals, now);
	count += lvs__arp_listen(raw, now, budget - count);
	lvs__arp_probe(raw, now);
	lvs__raw_manage(raw, now);
	return result < 0 ? result : (int)count;
}
