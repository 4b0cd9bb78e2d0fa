/*
 * Reasons in words. The table is in the order of enum lvs_reason; each
 * sentence says what happened and what to look at, for the one who reads
 * counters at night.
 */
#include <lvs/packet.h>

#include "base/base.h"

#include <errno.h>

struct entry {
	const char *name;
	const char *text;
	int verdict;
};

static const struct entry reasons[LVS_REASONS] = {
	[LVS_REASON_FORWARDED] = {"forwarded",
				  "sent on to a destination; nothing to do",
				  LVS_FORWARD},
	[LVS_REASON_REPLIED] =
		{"replied",
		 "sent on from a destination to its client; nothing to do",
		 LVS_FORWARD},
	[LVS_REASON_NOT_OURS] =
		{"not_ours",
		 "no service has this address, port and protocol and no "
		 "connection uses them, so the host gets the packet: its own "
		 "traffic, such as checks and ssh; add a service if it should "
		 "be balanced",
		 LVS_PASS},
	[LVS_REASON_NOT_IP] =
		{"not_ip",
		 "the version is neither 4 nor 6, so the host gets the packet; "
		 "if there are many, see whether the interface carries IP",
		 LVS_PASS},
	[LVS_REASON_PROTOCOL] =
		{"protocol",
		 "only TCP and UDP are balanced, and nothing that a source "
		 "route leads on, so the host gets the packet; nothing to do "
		 "unless a client needs another protocol",
		 LVS_PASS},
	[LVS_REASON_ICMP] =
		{"icmp",
		 "ICMP is left to the host, which answers pings; nothing to do",
		 LVS_PASS},
	[LVS_REASON_FRAGMENT] =
		{"fragment",
		 "a fragment of an IP packet is not balanced; the host gets it "
		 "unless it begins a packet to a service; if clients hang, "
		 "lower the MTU or MSS on their path so that nothing is "
		 "fragmented",
		 LVS_PASS},
	[LVS_REASON_MALFORMED] =
		{"malformed",
		 "a header contradicts itself, so the packet was dropped; find "
		 "the sender: it is broken or probing",
		 LVS_DROP},
	[LVS_REASON_TRUNCATED] =
		{"truncated",
		 "fewer bytes arrived than the headers announce, so the packet "
		 "was dropped; see whether the capture size of the backend is "
		 "too small or a link cuts packets",
		 LVS_DROP},
	[LVS_REASON_TTL] =
		{"ttl",
		 "the TTL or hop limit is used up, so the packet was dropped; "
		 "traceroute does this, many of them mean a routing loop",
		 LVS_DROP},
	[LVS_REASON_HEADROOM] =
		{"headroom",
		 "the caller's buffer has less than LVS_HEADROOM bytes in "
		 "front "
		 "of the packet, so it was dropped; correct the program that "
		 "embeds the balancer",
		 LVS_DROP},
	[LVS_REASON_NO_CONN] =
		{"no_conn",
		 "a TCP segment without SYN belongs to no connection, so it "
		 "was "
		 "dropped; right after a restart or an idle timeout this is "
		 "usual, otherwise raise the established timeout",
		 LVS_DROP},
	[LVS_REASON_NO_DEST] =
		{"no_dest",
		 "the service has no usable destination, so the client was "
		 "refused; see which are down, full or of weight 0",
		 LVS_DROP},
	[LVS_REASON_DEST_GONE] =
		{"dest_gone",
		 "the connection's destination was removed, so its packets are "
		 "dropped; drain a destination before removing it",
		 LVS_DROP},
	[LVS_REASON_TABLE_FULL] =
		{"table_full",
		 "the connection table is full and nothing in it may be "
		 "evicted, so the new connection was refused; raise the number "
		 "of connections or shorten timeouts",
		 LVS_DROP},
	[LVS_REASON_CONFLICT] =
		{"conflict",
		 "replies could not be told from those of another connection, "
		 "so the new one was refused; see whether two services lead to "
		 "one port of the same destination",
		 LVS_DROP},
	[LVS_REASON_EXT_HEADERS] =
		{"ext_headers",
		 "the packet has more than 8 IPv6 extension headers and was "
		 "dropped; find the sender: no ordinary program does this",
		 LVS_DROP},
	[LVS_REASON_NO_ROUTE] =
		{"no_route",
		 "the host has no route to the next hop, so the packet was "
		 "dropped; add the route",
		 LVS_DROP},
	[LVS_REASON_NO_NEIGHBOUR] =
		{"no_neighbour",
		 "the next hop does not answer ARP or neighbour discovery, so "
		 "the packet was dropped; see whether it is up and on this "
		 "link",
		 LVS_DROP},
	[LVS_REASON_TOO_BIG] =
		{"too_big",
		 "the packet is larger than the next link carries, so it was "
		 "dropped; give both sides of the balancer the same MTU",
		 LVS_DROP},
	[LVS_REASON_SEND] =
		{"send",
		 "the kernel refused to send the packet; see whether the "
		 "interface is up and its queue long enough",
		 LVS_DROP},
	[LVS_REASON_SOURCE] =
		{"source",
		 "no host may send from this source address (loopback, "
		 "multicast, link-local over IPv6, the virtual address "
		 "itself), "
		 "so the client was refused; find the sender: it is forging",
		 LVS_DROP},
};

static const struct entry *find(int reason)
{
	if (reason < 0 || reason >= LVS_REASONS)
		return NULL;
	return &reasons[reason];
}

LVS_EXPORT const char *lvs_reason_name(int reason)
{
	const struct entry *entry = find(reason);

	return entry != NULL ? entry->name : "unknown";
}

LVS_EXPORT const char *lvs_reason_text(int reason)
{
	const struct entry *entry = find(reason);

	return entry != NULL ? entry->text : "unknown";
}

LVS_EXPORT int lvs_reason_verdict(int reason)
{
	const struct entry *entry = find(reason);

	return entry != NULL ? entry->verdict : -EINVAL;
}
