/*
 * A TPACKET_V2 ring: the kernel wakes the reader for every packet, where V3
 * makes it wait for a block's timer.
 *
 * A frame, as the kernel lays it out for an Ethernet device:
 *
 *	  0  struct tpacket2_hdr, struct sockaddr_ll
 *	 52  free: headroom
 *	192  virtio header, link header
 *	216  IP packet
 *
 * PACKET_RESERVE is chosen so that the virtio, link, IP and TCP headers of an
 * IPv4 packet share one cache line (192 to 255), and the frame size is an odd
 * number of cache lines, so that successive frames do not fall on the same
 * places of the caches, as they would at 128 KiB. A block is 2 MiB: one page
 * of the kernel's largest common order.
 *
 * A frame belongs to us from the kernel's TP_STATUS_USER to our
 * TP_STATUS_KERNEL; we give frames back in order, a whole batch at the next
 * recv.
 */
#include "backend/raw/ring.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/raw/vnet.h"

#define RESERVE 126
#define IP_AT 216		 /* 16-aligned 52 + 16, RESERVE, LVS__VNET */
#define FRAME (1029 * LVS__LINE) /* > IP_AT + 65535 */
#define BLOCK (2 * 1024 * 1024)
#define FRAMES_A_BLOCK (BLOCK / FRAME)
#define AHEAD 3 /* frames to prefetch ahead */

_Static_assert(FRAME > IP_AT + 65535, "a frame holds the largest IP packet");
_Static_assert(IP_AT - LVS_HEADROOM >= (int)sizeof(struct tpacket2_hdr),
	       "headroom does not reach the ring's own header");

static int set_option(int fd, int option, int value)
{
	return setsockopt(fd, SOL_PACKET, option, &value, sizeof(value));
}

static int make_frames(struct lvs__ring *ring, uint32_t blocks)
{
	ring->count = blocks * FRAMES_A_BLOCK;
	ring->frames = calloc(ring->count, sizeof(*ring->frames));
	if (ring->frames == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < ring->count; i++)
		ring->frames[i] = ring->map +
				  (size_t)(i / FRAMES_A_BLOCK) * BLOCK +
				  (size_t)(i % FRAMES_A_BLOCK) * FRAME;
	return 0;
}

static int map_ring(struct lvs__ring *ring, uint32_t frames)
{
	uint32_t blocks = (frames + FRAMES_A_BLOCK - 1) / FRAMES_A_BLOCK;
	struct tpacket_req request = {
		.tp_block_size = BLOCK,
		.tp_block_nr = blocks,
		.tp_frame_size = FRAME,
		.tp_frame_nr = blocks * FRAMES_A_BLOCK,
	};
	void *map;

	if (setsockopt(ring->fd, SOL_PACKET, PACKET_RX_RING, &request,
		       sizeof(request)) < 0)
		return -errno;
	ring->size = (size_t)blocks * BLOCK;
	map = mmap(NULL, ring->size, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_POPULATE, ring->fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	ring->map = map;
	return make_frames(ring, blocks);
}

static int set_up(struct lvs__ring *ring, uint32_t frames, const char **what)
{
	struct lvs__filter none;
	int result;

	*what = "cannot prepare a packet socket";
	if (set_option(ring->fd, PACKET_VERSION, TPACKET_V2) < 0 ||
	    set_option(ring->fd, PACKET_VNET_HDR, 1) < 0 ||
	    set_option(ring->fd, PACKET_RESERVE, RESERVE) < 0 ||
	    set_option(ring->fd, PACKET_IGNORE_OUTGOING, 1) < 0)
		return -errno;
	lvs__filter_none(&none);
	result = lvs__ring_filter(ring, &none);
	if (result < 0)
		return result;
	*what = "cannot get memory for a receive ring (fewer frames may do)";
	return map_ring(ring, frames);
}

int lvs__ring_open(struct lvs__ring *ring, uint32_t frames, const char **what)
{
	struct sockaddr_ll any = {
		.sll_family = AF_PACKET,
		.sll_protocol = __builtin_bswap16(ETH_P_ALL),
	};
	int result;

	*ring = (struct lvs__ring){.fd = -1};
	*what = "cannot reserve memory";
	ring->lost = calloc(1, sizeof(*ring->lost));
	if (ring->lost == NULL)
		return -ENOMEM;
	*what = "cannot open a packet socket";
	ring->fd =
		socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (ring->fd < 0) {
		result = -errno;
		lvs__ring_close(ring);
		return result;
	}
	result = set_up(ring, frames, what);
	/* until bound it receives nothing, so nothing precedes the ring */
	if (result == 0 &&
	    bind(ring->fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		result = -errno;
	if (result < 0)
		lvs__ring_close(ring);
	return result;
}

void lvs__ring_close(struct lvs__ring *ring)
{
	if (ring->map != NULL)
		munmap(ring->map, ring->size);
	if (ring->fd >= 0)
		close(ring->fd);
	free(ring->frames);
	free(ring->lost);
	*ring = (struct lvs__ring){.fd = -1};
}

int lvs__ring_filter(const struct lvs__ring *ring,
		     const struct lvs__filter *filter)
{
	struct sock_filter code[BPF_MAXINSNS];
	struct sock_fprog program = {.len = filter->length, .filter = code};

	memcpy(code, filter->code, filter->length * sizeof(code[0]));
	if (setsockopt(ring->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
		       sizeof(program)) < 0)
		return -errno;
	return 0;
}

static struct tpacket2_hdr *header_of(const struct lvs__ring *ring,
				      uint32_t index)
{
	return (struct tpacket2_hdr *)(void *)ring->frames[index];
}

static uint32_t step(const struct lvs__ring *ring, uint32_t index, uint32_t n)
{
	index += n;
	return index >= ring->count ? index - ring->count : index;
}

static void give_back(struct lvs__ring *ring)
{
	uint32_t i = step(ring, ring->head, ring->count - ring->lent);

	for (; ring->lent > 0; ring->lent--) {
		__atomic_store_n(&header_of(ring, i)->tp_status,
				 TP_STATUS_KERNEL, __ATOMIC_RELEASE);
		i = step(ring, i, 1);
	}
}

static void prefetch(const struct lvs__ring *ring, uint32_t index)
{
	__builtin_prefetch(ring->frames[index]);
	__builtin_prefetch(ring->frames[index] + (IP_AT & ~(LVS__LINE - 1)));
}

/* Describes a frame as a packet. False: it is damaged or was cut. */
static bool read_frame(uint8_t *frame, struct lvs_packet *packet)
{
	const struct tpacket2_hdr *header = (const void *)frame;
	uint32_t link = (uint32_t)header->tp_net - header->tp_mac;
	struct lvs__vnet vnet;

	if (lvs__unlikely(header->tp_snaplen != header->tp_len ||
			  header->tp_net < header->tp_mac ||
			  header->tp_mac < LVS_HEADROOM ||
			  header->tp_snaplen < link))
		return false;
	*packet = (struct lvs_packet){
		.data = frame,
		.offset = header->tp_net,
		.length = header->tp_snaplen - link,
		.capacity = FRAME,
	};
	memcpy(&vnet, frame + header->tp_mac - LVS__VNET, LVS__VNET);
	return lvs__vnet_read(&vnet, link, packet);
}

size_t lvs__ring_recv(struct lvs__ring *ring, struct lvs_packet *packets,
		      size_t count)
{
	size_t n = 0;

	give_back(ring);
	while (n < count && ring->lent < ring->count) {
		const struct tpacket2_hdr *header = header_of(ring, ring->head);

		if ((__atomic_load_n(&header->tp_status, __ATOMIC_ACQUIRE) &
		     TP_STATUS_USER) == 0)
			break;
		prefetch(ring, step(ring, ring->head, AHEAD));
		if (lvs__likely(
			    read_frame(ring->frames[ring->head], &packets[n])))
			n++;
		else
			lvs__count_add(&ring->oversized, 1);
		ring->head = step(ring, ring->head, 1);
		ring->lent++;
	}
	if (n > 0)
		lvs__count_add(&ring->received, n);
	return n;
}

uint64_t lvs__ring_lost(const struct lvs__ring *ring)
{
	struct tpacket_stats stats = {0};
	socklen_t size = sizeof(stats);

	/* reading them sets the kernel's to 0, whoever reads */
	if (getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &stats,
		       &size) == 0 &&
	    stats.tp_drops != 0)
		return __atomic_add_fetch(ring->lost, stats.tp_drops,
					  __ATOMIC_RELAXED);
	return lvs__count_get(ring->lost);
}
