/*
 * NAT: a packet from the client gets the dest's address and port in place of
 * the virtual ones; a reply gets the virtual ones back. The client's own
 * address stays, so the dest must send its replies through the balancer.
 *
 * Checksums are updated, never computed anew (RFC 1624): a checksum that was
 * wrong stays exactly as wrong, and the receiver finds out. What an update adds
 * is the same for every packet of a connection, so it is computed once, at
 * birth, and a reply adds its complement:
 *
 *   ip_delta = ~virtual address + dest address
 *   l4_delta = ip_delta + ~virtual port + dest port
 *
 * The IPv4 header takes ip_delta (and one TTL less). The TCP or UDP checksum
 * covers the pseudo header and the ports, so it takes l4_delta; except where
 * LVS_PACKET_PARTIAL says that the field holds only the plain sum of the pseudo
 * header. The ports are not in that sum (who completes it adds them, as they
 * then are, with the rest of the segment), so it takes ip_delta, without
 * complement. IPv6 has no header checksum and has its ip_delta for that.
 *
 * UDP: the field 0 says that there is no checksum, and stays 0; over IPv6 too,
 * where tunnels may do that (RFC 6935) and all others refuse it at the
 * receiver. A sum that comes out as 0 is written as 0xffff, its other form. A
 * partial sum is never 0, since it has the protocol in it.
 */
#include "forward/rewrite.h"

#define TCP_CHECKSUM 16
#define UDP_CHECKSUM 6

/* The sum of ~old + new, over an even number of bytes. */
LVS__INLINE uint16_t change(const void *old, const void *new, size_t size)
{
	const uint8_t *from = old, *to = new;
	uint32_t sum = 0;

	for (size_t i = 0; i < size; i += 2)
		sum += (uint32_t)(uint16_t)~lvs__load16(from + i) +
		       lvs__load16(to + i);
	return lvs__csum_fold(sum);
}

static void prepare(struct lvs__conn *conn, const struct lvs__conn6 *six)
{
	uint16_t addr, port;

	if (six == NULL)
		addr = change(&conn->virtual4, &conn->dest4, 4);
	else
		addr = change(six->virtual_addr, six->dest, 16);
	port = change(&conn->virtual_port, &conn->dest_port, 2);
	conn->ip_delta = addr;
	conn->l4_delta = lvs__csum_fold((uint64_t)addr + port);
}

/* The transport checksum; the deltas are as the packet's direction has them. */
LVS__INLINE void update_l4(uint8_t *l4, const struct lvs__header *header,
			   uint32_t flags, uint16_t ip_delta, uint16_t l4_delta)
{
	bool udp = header->tuple.protocol == LVS_UDP;
	uint8_t *at = l4 + (udp ? UDP_CHECKSUM : TCP_CHECKSUM);
	uint16_t field = lvs__load16(at);

	if (lvs__unlikely((flags & LVS_PACKET_PARTIAL) != 0)) {
		lvs__store16(at, lvs__csum_update_plain(field, ip_delta));
		return;
	}
	if (udp && field == 0)
		return;
	field = lvs__csum_update(field, l4_delta);
	if (udp && field == 0)
		field = 0xffff;
	lvs__store16(at, field);
}

/* From the client: the destination becomes the dest. */
static int in(const struct lvs__conn *conn, const struct lvs__conn6 *six,
	      struct lvs_packet *packet, const struct lvs__header *header)
{
	uint8_t *ip = lvs__packet_ip(packet);
	uint8_t *l4 = ip + header->l4;

	if (lvs__likely(six == NULL)) {
		lvs__ttl_down(ip, conn->ip_delta);
		lvs__store32(ip + 16, conn->dest4);
		lvs__packet_finish(packet, header, &conn->dest4, 4);
	} else {
		lvs__hop_limit_down(ip);
		memcpy(ip + 24, six->dest, 16);
		lvs__packet_finish(packet, header, six->dest, 16);
	}
	lvs__store16(l4 + 2, conn->dest_port);
	update_l4(l4, header, packet->flags, conn->ip_delta, conn->l4_delta);
	return LVS_REASON_FORWARDED;
}

/* From the dest: the source becomes the virtual address again. */
static int out(const struct lvs__conn *conn, const struct lvs__conn6 *six,
	       struct lvs_packet *packet, const struct lvs__header *header)
{
	uint16_t ip_delta = (uint16_t)~conn->ip_delta;
	uint16_t l4_delta = (uint16_t)~conn->l4_delta;
	uint8_t *ip = lvs__packet_ip(packet);
	uint8_t *l4 = ip + header->l4;

	if (lvs__likely(six == NULL)) {
		lvs__ttl_down(ip, ip_delta);
		lvs__store32(ip + 12, conn->virtual4);
		lvs__packet_finish(packet, header, &conn->client4, 4);
	} else {
		lvs__hop_limit_down(ip);
		memcpy(ip + 8, six->virtual_addr, 16);
		lvs__packet_finish(packet, header, six->client, 16);
	}
	lvs__store16(l4, conn->virtual_port);
	update_l4(l4, header, packet->flags, ip_delta, l4_delta);
	return LVS_REASON_REPLIED;
}

const struct lvs__forward lvs__forward_nat = {
	.method = LVS_NAT,
	.two_way = true,
	.prepare = prepare,
	.in = in,
	.out = out,
};
