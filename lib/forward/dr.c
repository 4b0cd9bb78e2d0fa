/*
 * DR: direct routing. The packet goes to the destination as it is, because the
 * destination has the virtual address too and answers the client itself; only
 * the next hop changes. The balancer is a hop on the way, so the TTL counts
 * down. Replies do not come back through here.
 */
#include "forward/rewrite.h"

static int in(const struct lvs__conn *conn, const struct lvs__conn6 *six,
	      struct lvs_packet *packet, const struct lvs__header *header)
{
	if (six == NULL) {
		lvs__ttl_down(lvs__packet_ip(packet), 0);
		lvs__packet_finish(packet, header, &conn->dest4, 4);
	} else {
		lvs__hop_limit_down(lvs__packet_ip(packet));
		lvs__packet_finish(packet, header, six->dest, 16);
	}
	return LVS_REASON_FORWARDED;
}

const struct lvs__forward lvs__forward_dr = {
	.method = LVS_DR,
	.two_way = false,
	.in = in,
};
