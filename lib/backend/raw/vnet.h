/*
 * virtio's header in front of a frame: what is left to do on a packet, its
 * checksum or its segmentation.
 */
#ifndef LVS__BACKEND_VNET_H
#define LVS__BACKEND_VNET_H

#include <lvs/packet.h>

#include "base/base.h"

#define LVS__ETHERNET 14 /* bytes of an Ethernet header */
#define LVS__VNET 10	 /* bytes of the header */

/* The header as it lies in memory; the kernel's header is C++-hostile. */
struct lvs__vnet {
	uint8_t flags;
	uint8_t gso_type;
	uint16_t hdr_len; /* bytes of all headers, a hint */
	uint16_t gso_size;
	uint16_t csum_start;
	uint16_t csum_offset;
};

/*
 * Reads the header of a frame whose IP packet begins `link` bytes in. A
 * checksum that is not TCP's or UDP's own is finished here. False: the packet
 * contradicts it.
 */
bool lvs__vnet_read(const struct lvs__vnet *vnet, uint32_t link,
		    struct lvs_packet *packet);

/*
 * Writes the header for a packet behind `link` bytes, and the most bytes that
 * go onto the wire at once into `wire`. False: the packet's headers do not
 * allow what its offload fields ask for.
 */
bool lvs__vnet_write(struct lvs__vnet *vnet, uint32_t link,
		     const struct lvs_packet *packet, uint32_t *wire);

#endif
