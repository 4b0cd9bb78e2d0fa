/*
 * The first packet of a connection, as a client would send it: what "explain"
 * asks about. Checksums are left 0: explain looks at headers only.
 */
#include "control/control.h"

#include <string.h>

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static size_t put_ip(uint8_t *ip, size_t payload, int protocol,
		     const struct lvs_addr *from, const struct lvs_addr *to)
{
	if (from->family == LVS_IPV4) {
		ip[0] = 0x45;
		put16(ip + 2, 20 + payload);
		ip[8] = 64;
		ip[9] = (uint8_t)protocol;
		memcpy(ip + 12, from->bytes, 4);
		memcpy(ip + 16, to->bytes, 4);
		return 20;
	}
	ip[0] = 0x60;
	put16(ip + 4, payload);
	ip[6] = (uint8_t)protocol;
	ip[7] = 64;
	memcpy(ip + 8, from->bytes, 16);
	memcpy(ip + 24, to->bytes, 16);
	return 40;
}

size_t lvs__sample_packet(uint8_t *packet, int protocol,
			  const struct lvs_addr *from, uint16_t from_port,
			  const struct lvs_addr *to, uint16_t to_port)
{
	size_t payload = protocol == LVS_TCP ? 20 : 8;
	size_t l4;

	memset(packet, 0, LVS__SAMPLE_SIZE);
	l4 = put_ip(packet, payload, protocol, from, to);
	put16(packet + l4, from_port);
	put16(packet + l4 + 2, to_port);
	if (protocol == LVS_TCP) {
		packet[l4 + 12] = 0x50;
		packet[l4 + 13] = LVS_TCP_SYN;
	} else {
		put16(packet + l4 + 4, payload);
	}
	return l4 + payload;
}
