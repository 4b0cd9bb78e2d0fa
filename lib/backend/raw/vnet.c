/*
 * A packet with LVS_PACKET_PARTIAL has its transport checksum unfinished, in
 * the place that its own headers tell. So the virtio header is not kept but
 * made anew on sending; a packet may have been rewritten or moved meanwhile.
 * What does not fit this (an unfinished checksum of something inside) is
 * finished on receiving.
 */
#include "backend/raw/vnet.h"

#include <linux/virtio_net.h>
#include <netinet/in.h>
#include <string.h>

#include "wire/csum.h"

#define EXTENSIONS 8

static uint16_t read16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

/* Where IPv6's transport header begins; 0: not found. */
static uint32_t skip_extensions(const uint8_t *ip, uint32_t length,
				uint8_t *protocol)
{
	uint32_t at = 40;

	*protocol = ip[6];
	for (int i = 0; i < EXTENSIONS; i++) {
		if (*protocol != IPPROTO_HOPOPTS &&
		    *protocol != IPPROTO_ROUTING &&
		    *protocol != IPPROTO_DSTOPTS)
			return at;
		if (at + 8 > length)
			return 0;
		*protocol = ip[at];
		at += (ip[at + 1] + 1U) * 8;
	}
	return 0;
}

/* Where the TCP or UDP header is; 0: there is none. */
static uint32_t find_transport(const uint8_t *ip, uint32_t length,
			       uint8_t *protocol)
{
	uint32_t at = 0;

	if (length >= 20 && ip[0] >> 4 == 4) {
		*protocol = ip[9];
		at = (ip[0] & 15U) * 4;
		if ((read16(&ip[6]) & 0x1fff) != 0)
			return 0;
	} else if (length >= 40 && ip[0] >> 4 == 6) {
		at = skip_extensions(ip, length, protocol);
	}
	if (at < 20)
		return 0;
	if (*protocol == IPPROTO_TCP)
		return at + 20 <= length ? at : 0;
	return *protocol == IPPROTO_UDP && at + 8 <= length ? at : 0;
}

static uint16_t checksum_at(uint8_t protocol)
{
	return protocol == IPPROTO_TCP ? 16 : 6;
}

/* Finishes a checksum that the headers do not lead to. */
static bool complete(uint8_t *ip, uint32_t length, uint32_t start,
		     uint32_t offset)
{
	uint16_t sum;

	if (start >= length || length - start < 2 ||
	    offset > length - start - 2)
		return false;
	sum = lvs__csum_fold(lvs__csum_sum(ip + start, length - start));
	sum = (uint16_t)~sum;
	if (sum == 0)
		sum = 0xffff;
	memcpy(&ip[start + offset], &sum, sizeof(sum));
	return true;
}

bool lvs__vnet_read(const struct lvs__vnet *vnet, uint32_t link,
		    struct lvs_packet *packet)
{
	uint8_t *ip = packet->data + packet->offset;
	uint8_t protocol = 0;
	uint32_t at;

	packet->flags = 0;
	packet->gso_type = vnet->gso_type;
	packet->gso_size = vnet->gso_type != 0 ? vnet->gso_size : 0;
	if ((vnet->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) == 0)
		return true;
	at = find_transport(ip, packet->length, &protocol);
	if (at != 0 && vnet->csum_start == link + at &&
	    vnet->csum_offset == checksum_at(protocol)) {
		packet->flags = LVS_PACKET_PARTIAL;
		return true;
	}
	return vnet->gso_type == 0 && vnet->csum_start >= link &&
	       complete(ip, packet->length, vnet->csum_start - link,
			vnet->csum_offset);
}

bool lvs__vnet_write(struct lvs__vnet *vnet, uint32_t link,
		     const struct lvs_packet *packet, uint32_t *wire)
{
	const uint8_t *ip = packet->data + packet->offset;
	uint8_t protocol = 0;
	uint32_t header;
	uint32_t at;

	memset(vnet, 0, sizeof(*vnet));
	*wire = packet->length;
	if (lvs__likely((packet->flags & LVS_PACKET_PARTIAL) == 0 &&
			packet->gso_type == 0))
		return true;
	at = find_transport(ip, packet->length, &protocol);
	if (at == 0)
		return false;
	if ((packet->flags & LVS_PACKET_PARTIAL) != 0) {
		vnet->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
		vnet->csum_start = (uint16_t)(link + at);
		vnet->csum_offset = checksum_at(protocol);
	}
	if (packet->gso_type == 0)
		return true;
	header = at + (protocol == IPPROTO_TCP ? (ip[at + 12] >> 4) * 4U : 8);
	if (packet->gso_type > UINT8_MAX || packet->gso_size > UINT16_MAX ||
	    packet->gso_size == 0 || header > packet->length)
		return false;
	vnet->gso_type = (uint8_t)packet->gso_type;
	vnet->gso_size = (uint16_t)packet->gso_size;
	vnet->hdr_len = (uint16_t)(link + header);
	if (packet->length > header + packet->gso_size)
		*wire = header + packet->gso_size;
	return true;
}
