/*
 * The link header and virtio's are written in front of the packet, where it
 * lies, and up to LVS_BATCH packets go out with one system call.
 *
 * Two sockets: one past the queueing disciplines for ordinary packets, which
 * is cheaper, and one through them for GSO packets, since only there the
 * kernel segments for a device that cannot. Within a batch order is kept: the
 * packets before the first GSO packet go by the first socket, that and all
 * behind it by the second.
 *
 * What goes back to the host is sent to its loopback interface, where it comes
 * in as a packet to route: the kernel itself decides, so its firewall,
 * connection tracking, policy routing, fragmentation and ICMP errors are as
 * they were, and a host that does not route drops it.
 */
#include "config.h" /* sendmmsg() is the C library's extension */

#include "backend/raw/send.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRONT (LVS__VNET + LVS__ETHERNET)

_Static_assert(FRONT <= LVS_HEADROOM, "headers fit into the headroom");

static int open_socket(bool bypass)
{
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int size = 8 * 1024 * 1024;
	int one = 1;
	int error;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_PACKET, PACKET_VNET_HDR, &one, sizeof(one)) <
		    0 ||
	    (bypass && setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one,
				  sizeof(one)) < 0)) {
		error = errno;
		close(fd);
		return -error;
	}
	/* room for GSO packets; the kernel cuts it to what is allowed */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size,
				 sizeof(size));
	return fd;
}

static void prepare_messages(struct lvs__sender *sender)
{
	for (size_t i = 0; i < LVS_BATCH; i++) {
		struct msghdr *header = &sender->messages[i].msg_hdr;

		header->msg_name = &sender->names[i];
		header->msg_namelen = sizeof(sender->names[i]);
		header->msg_iov = &sender->pieces[i];
		header->msg_iovlen = 1;
		sender->names[i].sll_family = AF_PACKET;
	}
}

int lvs__sender_open(struct lvs__sender *sender, struct lvs__mirror *mirror,
		     struct lvs__hold *hold, const char **what)
{
	int result = 0;

	*what = "cannot open a packet socket to send by";
	memset(sender, 0, sizeof(*sender));
	sender->mirror = mirror;
	sender->hold = hold;
	sender->bypass = open_socket(true);
	sender->queued = open_socket(false);
	sender->hops =
		aligned_alloc(LVS__LINE, LVS__HOPS * sizeof(*sender->hops));
	sender->messages = calloc(LVS_BATCH, sizeof(*sender->messages));
	if (sender->bypass < 0)
		result = sender->bypass;
	else if (sender->queued < 0)
		result = sender->queued;
	else if (sender->hops == NULL || sender->messages == NULL)
		result = -ENOMEM;
	if (result < 0) {
		lvs__sender_close(sender);
		return result;
	}
	memset(sender->hops, 0, LVS__HOPS * sizeof(*sender->hops));
	prepare_messages(sender);
	return 0;
}

void lvs__sender_close(struct lvs__sender *sender)
{
	if (sender->bypass >= 0)
		close(sender->bypass);
	if (sender->queued >= 0)
		close(sender->queued);
	free(sender->hops);
	free(sender->messages);
	sender->bypass = sender->queued = -1;
	sender->hops = NULL;
	sender->messages = NULL;
}

static void drop(struct lvs__sender *sender, struct lvs_packet *packet,
		 int reason)
{
	uint64_t *counter = &sender->failed;

	if (reason == LVS_REASON_NO_ROUTE)
		counter = &sender->no_route;
	else if (reason == LVS_REASON_NO_NEIGHBOUR)
		counter = &sender->no_neighbour;
	else if (reason == LVS_REASON_TOO_BIG)
		counter = &sender->too_big;
	lvs__count_add(counter, 1);
	packet->verdict = LVS_DROP;
	packet->reason = (uint32_t)reason;
}

/* Past the queues there was no room, or no way: once more through them. */
static bool send_queued(struct lvs__sender *sender, uint32_t i)
{
	return sendmsg(sender->queued, &sender->messages[i].msg_hdr, 0) >= 0;
}

/* Message i was refused. 1: it went out after all, 0: not. */
static uint32_t refused(struct lvs__sender *sender, uint32_t i, int error)
{
	if (error == ENOBUFS && !sender->use_queued && send_queued(sender, i))
		return 1;
	drop(sender, sender->packets[i],
	     error == EMSGSIZE ? LVS_REASON_TOO_BIG : LVS_REASON_SEND);
	return 0;
}

/*
 * Sends the group. A refused message ends the kernel's loop; it is dealt with
 * and the rest goes on, so every round makes at least one step.
 */
static uint32_t flush(struct lvs__sender *sender, uint64_t *counter)
{
	int fd = sender->use_queued ? sender->queued : sender->bypass;
	uint32_t sent = 0;
	uint32_t i = 0;
	int n;

	while (i < sender->count) {
		n = sendmmsg(fd, &sender->messages[i], sender->count - i, 0);
		if (n > 0) {
			sent += (uint32_t)n;
			i += (uint32_t)n;
		} else {
			sent += refused(sender, i, n < 0 ? errno : EIO);
			i++;
		}
	}
	sender->count = 0;
	lvs__count_add(counter, sent);
	return sent;
}

/* The neighbour is not known: keep a copy, have it resolved. */
static void hold(struct lvs__sender *sender, struct lvs_packet *packet,
		 const struct lvs__unresolved *unresolved, uint64_t now)
{
	int result = lvs__hold_add(sender->hold, unresolved->ifindex,
				   &unresolved->neighbour, packet, now);

	if (result < 0) {
		drop(sender, packet, LVS_REASON_NO_NEIGHBOUR);
		return;
	}
	packet->verdict = LVS_HELD;
	if (result == 1)
		lvs__mirror_ask(sender->mirror, unresolved->ifindex,
				&unresolved->neighbour);
}

/* The way to the packet's next hop; NULL: the packet was held or dropped. */
static const struct lvs__hop *find_hop(struct lvs__sender *sender,
				       struct lvs_packet *packet, uint64_t now)
{
	struct lvs__hop *hop = lvs__hop_place(sender->hops, &packet->next_hop);
	struct lvs__unresolved unresolved;
	int reason;

	if (lvs__likely(lvs__hop_fresh(hop, &packet->next_hop,
				       sender->mirror->generation, now)))
		return hop;
	hop->addr = packet->next_hop;
	reason = lvs__hop_resolve(hop, sender->mirror, &unresolved, now);
	if (reason == LVS_REASON_FORWARDED)
		return hop;
	if (reason == LVS_REASON_NO_NEIGHBOUR)
		hold(sender, packet, &unresolved, now);
	else
		drop(sender, packet, reason);
	return NULL;
}

static int check(const struct lvs_packet *packet)
{
	if (packet->data == NULL || packet->length < 20 ||
	    packet->offset > packet->capacity ||
	    packet->length > packet->capacity - packet->offset)
		return LVS_REASON_SEND;
	return packet->offset < FRONT ? LVS_REASON_HEADROOM : 0;
}

/* Writes the headers in front and enters the packet into the group. */
static int enter(struct lvs__sender *sender, struct lvs_packet *packet,
		 const struct lvs__hop *hop)
{
	uint8_t *ip = packet->data + packet->offset;
	uint8_t *front = ip - hop->link - LVS__VNET;
	bool ipv6 = ip[0] >> 4 == 6;
	uint32_t i = sender->count;
	struct lvs__vnet vnet;
	uint32_t wire;

	if (!lvs__vnet_write(&vnet, hop->link, packet, &wire))
		return LVS_REASON_SEND;
	if (wire > hop->mtu)
		return LVS_REASON_TOO_BIG;
	memcpy(front, &vnet, LVS__VNET);
	if (hop->link != 0) {
		memcpy(front + LVS__VNET, hop->macs, sizeof(hop->macs));
		ip[-2] = ipv6 ? 0x86 : 0x08;
		ip[-1] = ipv6 ? 0xdd : 0x00;
	}
	sender->names[i].sll_ifindex = (int)hop->ifindex;
	sender->names[i].sll_protocol =
		__builtin_bswap16(ipv6 ? ETH_P_IPV6 : ETH_P_IP);
	sender->pieces[i].iov_base = front;
	sender->pieces[i].iov_len = LVS__VNET + hop->link + packet->length;
	sender->packets[i] = packet;
	sender->count++;
	return LVS_REASON_FORWARDED;
}

/* One packet; returns how many left meanwhile. */
static uint32_t send_one(struct lvs__sender *sender, struct lvs_packet *packet,
			 uint64_t now)
{
	int reason = check(packet);
	const struct lvs__hop *hop;
	uint32_t sent = 0;

	if (lvs__unlikely(reason != 0)) {
		drop(sender, packet, reason);
		return 0;
	}
	hop = find_hop(sender, packet, now);
	if (hop == NULL)
		return 0;
	if (lvs__unlikely(packet->gso_type != 0 && !sender->use_queued)) {
		sent = flush(sender, &sender->sent);
		sender->use_queued = true;
	}
	reason = enter(sender, packet, hop);
	if (reason != LVS_REASON_FORWARDED)
		drop(sender, packet, reason);
	return sent;
}

int lvs__sender_send(struct lvs__sender *sender, struct lvs_packet *packets,
		     size_t count, uint64_t now)
{
	uint32_t sent = 0;

	sender->passed = false;
	for (size_t i = 0; i < count; i++) {
		if (packets[i].verdict != LVS_FORWARD) {
			sender->passed |= packets[i].verdict == LVS_PASS;
			continue;
		}
		sent += send_one(sender, &packets[i], now);
		if (sender->count == LVS_BATCH) {
			sent += flush(sender, &sender->sent);
			sender->use_queued = false;
		}
	}
	sent += flush(sender, &sender->sent);
	sender->use_queued = false;
	return (int)sent;
}

void lvs__sender_return(struct lvs__sender *sender, struct lvs_packet *packet)
{
	/* lo's link address is 0 */
	static const struct lvs__hop host = {
		.ifindex = LVS__LOOPBACK,
		.mtu = UINT32_MAX,
		.link = LVS__ETHERNET,
	};
	int reason = check(packet);

	if (reason == 0)
		reason = enter(sender, packet, &host);
	if (reason != LVS_REASON_FORWARDED)
		drop(sender, packet, reason);
	if (sender->count == LVS_BATCH)
		lvs__sender_returned(sender);
}

void lvs__sender_returned(struct lvs__sender *sender)
{
	/* lo has no queue; this socket takes GSO packets too */
	sender->use_queued = true;
	(void)flush(sender, &sender->returned);
	sender->use_queued = false;
}

void lvs__sender_release(struct lvs__sender *sender, uint64_t now)
{
	struct lvs__held *held;

	while ((held = lvs__hold_next(sender->hold)) != NULL) {
		for (uint32_t i = 0; i < held->count; i++) {
			held->packets[i].verdict = LVS_FORWARD;
			if (held->state == LVS__HOLD_FAILED)
				drop(sender, &held->packets[i],
				     LVS_REASON_NO_NEIGHBOUR);
		}
		/* what has to wait again meanwhile goes to another slot */
		(void)lvs__sender_send(sender, held->packets, held->count, now);
		lvs__hold_release(sender->hold, held);
	}
}
