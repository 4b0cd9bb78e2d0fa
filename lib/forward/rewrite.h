/*
 * What every method does to a packet: one hop less, a next hop, no padding.
 */
#ifndef LVS__FORWARD_REWRITE_H
#define LVS__FORWARD_REWRITE_H

#include "forward/forward.h"
#include "wire/bytes.h"
#include "wire/csum.h"

/*
 * What one TTL less adds to the sum of an IPv4 header: the TTL is the high
 * byte of its word, so ~0x0100, as it lies in memory.
 */
#define LVS__TTL_DELTA htobe16(0xfeff)

LVS__INLINE uint8_t *lvs__packet_ip(const struct lvs_packet *packet)
{
	return packet->data + packet->offset;
}

/*
 * Counts the TTL of an IPv4 header down. `delta` is what else changed in it,
 * 0 for nothing; both go into the checksum at once.
 */
LVS__INLINE void lvs__ttl_down(uint8_t *ip, uint16_t delta)
{
	uint16_t both = lvs__csum_add16(delta, LVS__TTL_DELTA);

	ip[8]--;
	lvs__store16(ip + 10, lvs__csum_update(lvs__load16(ip + 10), both));
}

/* The same for IPv6, whose header has no checksum. */
LVS__INLINE void lvs__hop_limit_down(uint8_t *ip)
{
	ip[7]--;
}

/* Cuts padding off and says who is next: the address at `bytes`. */
LVS__INLINE void lvs__packet_finish(struct lvs_packet *packet,
				    const struct lvs__header *header,
				    const void *bytes, size_t size)
{
	packet->length = header->total;
	packet->next_hop.family = header->tuple.family;
	memset(packet->next_hop.bytes, 0, sizeof(packet->next_hop.bytes));
	memcpy(packet->next_hop.bytes, bytes, size);
}

#endif
