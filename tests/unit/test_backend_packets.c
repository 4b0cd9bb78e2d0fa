/*
 * Packets of the raw backend that wait for a neighbour, and their offload
 * headers.
 */
#include "backend_parts.h"

#include <linux/virtio_net.h>

#include "backend/raw/hold.h"
#include "backend/raw/vnet.h"
#include "wire/csum.h"

/* ---- held packets */

static uint8_t buffer[70000];

static struct lvs_packet packet_of(uint32_t length)
{
	return (struct lvs_packet){
		.data = buffer,
		.offset = LVS_HEADROOM,
		.length = length,
		.capacity = sizeof(buffer),
		.cookie = 77,
	};
}

START_TEST(three_packets_wait_for_a_neighbour)
{
	struct lvs_addr addr = addr_of("192.0.2.1");
	struct lvs_packet packet = packet_of(100);
	struct lvs__held *held;
	struct lvs__hold hold;

	ck_assert_int_eq(lvs__hold_init(&hold), 0);
	ck_assert_uint_eq(lvs__hold_deadline(&hold), UINT64_MAX);
	for (int i = 0; i < LVS__HOLD_PACKETS; i++) {
		memset(buffer + LVS_HEADROOM, 'a' + i, 100);
		ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &packet, 1000),
				 i == 0);
	}
	ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &packet, 1000),
			 -ENOBUFS);
	ck_assert_uint_eq(hold.packets, 3);
	ck_assert_uint_eq(lvs__hold_deadline(&hold), 1000 + LVS__HOLD_WAIT);
	ck_assert_ptr_null(lvs__hold_next(&hold));
	lvs__hold_settle(&hold, 4, &addr, true);
	ck_assert_ptr_null(lvs__hold_next(&hold));
	lvs__hold_settle(&hold, 3, &addr, true);
	ck_assert_uint_eq(lvs__hold_deadline(&hold), 0);
	held = lvs__hold_next(&hold);
	ck_assert_ptr_nonnull(held);
	ck_assert_uint_eq(held->state, LVS__HOLD_READY);
	ck_assert_uint_eq(held->count, 3);
	for (uint32_t i = 0; i < 3; i++) {
		struct lvs_packet *copy = &held->packets[i];

		ck_assert_uint_eq(copy->cookie, 77);
		ck_assert_uint_ge(copy->offset, LVS_HEADROOM);
		ck_assert_int_eq(copy->data[copy->offset], 'a' + (int)i);
		ck_assert_int_eq(copy->data[copy->offset + 99], 'a' + (int)i);
	}
	lvs__hold_release(&hold, held);
	ck_assert_uint_eq(hold.packets, 0);
	ck_assert_ptr_null(lvs__hold_next(&hold));
	ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &packet, 2000), 1);
	lvs__hold_fini(&hold);
}
END_TEST

START_TEST(a_neighbour_holds_64_kilobytes)
{
	struct lvs_addr addr = addr_of("192.0.2.1");
	struct lvs_packet big = packet_of(65535);
	struct lvs_packet small = packet_of(2);
	struct lvs__hold hold;

	ck_assert_int_eq(lvs__hold_init(&hold), 0);
	ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &big, 0), 1);
	ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &small, 0), -ENOBUFS);
	small.length = 1;
	ck_assert_int_eq(lvs__hold_add(&hold, 3, &addr, &small, 0), 0);
	lvs__hold_fini(&hold);
}
END_TEST

START_TEST(held_packets_fail_when_their_time_is_over)
{
	struct lvs_addr addr = addr_of("192.0.2.1");
	struct lvs_packet packet = packet_of(100);
	struct lvs__held *held;
	struct lvs__hold hold;

	ck_assert_int_eq(lvs__hold_init(&hold), 0);
	lvs__hold_add(&hold, 3, &addr, &packet, 0);
	lvs__hold_expire(&hold, LVS__HOLD_WAIT - 1);
	ck_assert_ptr_null(lvs__hold_next(&hold));
	lvs__hold_expire(&hold, LVS__HOLD_WAIT);
	held = lvs__hold_next(&hold);
	ck_assert_ptr_nonnull(held);
	ck_assert_uint_eq(held->state, LVS__HOLD_FAILED);
	lvs__hold_fini(&hold);
}
END_TEST

START_TEST(strangers_cannot_make_more_wait_than_there_are_slots)
{
	struct lvs_addr addr = addr_of("192.0.2.1");
	struct lvs_packet packet = packet_of(100);
	struct lvs__hold hold;

	ck_assert_int_eq(lvs__hold_init(&hold), 0);
	for (uint32_t i = 0; i < LVS__HOLD_SLOTS + 9; i++)
		ck_assert_int_eq(lvs__hold_add(&hold, i, &addr, &packet, 0),
				 i < LVS__HOLD_SLOTS ? 1 : -ENOBUFS);
	ck_assert_uint_eq(hold.packets, LVS__HOLD_SLOTS);
	lvs__hold_fini(&hold);
}
END_TEST

/* ---- offloads */

static struct lvs_packet tcp_packet(uint32_t payload)
{
	struct lvs_packet packet = packet_of(40 + payload);
	uint8_t *ip = buffer + LVS_HEADROOM;

	memset(ip, 0, packet.length);
	ip[0] = 0x45;
	ip[9] = LVS_TCP;
	ip[32] = 0x50;
	return packet;
}

START_TEST(an_ordinary_packet_has_an_empty_header)
{
	static const struct lvs__vnet none;
	struct lvs_packet packet = tcp_packet(10);
	struct lvs__vnet vnet;
	uint32_t wire = 0;

	ck_assert(lvs__vnet_write(&vnet, 14, &packet, &wire));
	ck_assert_mem_eq(&vnet, &none, sizeof(vnet));
	ck_assert_uint_eq(wire, 50);
}
END_TEST

START_TEST(a_partial_gso_packet_comes_back_as_it_was)
{
	struct lvs__vnet in = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = 54,
		.gso_size = 1460,
		.csum_start = 34,
		.csum_offset = 16,
	};
	struct lvs_packet packet = tcp_packet(30000);
	struct lvs__vnet out;
	uint32_t wire = 0;

	ck_assert(lvs__vnet_read(&in, 14, &packet));
	ck_assert_uint_eq(packet.flags, LVS_PACKET_PARTIAL);
	ck_assert_uint_eq(packet.gso_size, 1460);
	ck_assert(lvs__vnet_write(&out, 14, &packet, &wire));
	ck_assert_mem_eq(&in, &out, sizeof(in));
	ck_assert_uint_eq(wire, 1500);
	/* without a link header the checksum begins earlier */
	ck_assert(lvs__vnet_write(&out, 0, &packet, &wire));
	ck_assert_uint_eq(out.csum_start, 20);
}
END_TEST

START_TEST(a_checksum_that_is_not_the_packets_own_is_finished)
{
	struct lvs__vnet in = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = 14 + 24,
		.csum_offset = 2,
	};
	struct lvs_packet packet = tcp_packet(24);
	uint8_t *ip = buffer + LVS_HEADROOM;

	memset(ip + 24, 0x31, 40);
	ck_assert(lvs__vnet_read(&in, 14, &packet));
	ck_assert_uint_eq(packet.flags, 0);
	/* the field was part of the sum: taken out again it must come to 0 */
	ck_assert_uint_eq(lvs__csum_fold(lvs__csum_sum(ip + 24, 40) + 0x3131),
			  0xffff);
}
END_TEST

START_TEST(offloads_that_the_packet_does_not_allow_are_refused)
{
	struct lvs_packet packet = tcp_packet(100);
	struct lvs__vnet vnet = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = 60000,
		.csum_offset = 16,
	};
	uint32_t wire;

	ck_assert(!lvs__vnet_read(&vnet, 14, &packet));
	packet.flags = LVS_PACKET_PARTIAL;
	buffer[LVS_HEADROOM + 9] = LVS_SCTP;
	ck_assert(!lvs__vnet_write(&vnet, 14, &packet, &wire));
	buffer[LVS_HEADROOM + 9] = LVS_TCP;
	buffer[LVS_HEADROOM + 6] = 0;
	buffer[LVS_HEADROOM + 7] = 8; /* a later fragment */
	ck_assert(!lvs__vnet_write(&vnet, 14, &packet, &wire));
	buffer[LVS_HEADROOM + 7] = 0;
	packet.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
	packet.gso_size = 0;
	ck_assert(!lvs__vnet_write(&vnet, 14, &packet, &wire));
	packet.gso_size = 70000;
	ck_assert(!lvs__vnet_write(&vnet, 14, &packet, &wire));
}
END_TEST

TCase *backend_packets_case(void)
{
	TCase *tcase = tcase_create("parts");

	tcase_add_test(tcase, three_packets_wait_for_a_neighbour);
	tcase_add_test(tcase, a_neighbour_holds_64_kilobytes);
	tcase_add_test(tcase, held_packets_fail_when_their_time_is_over);
	tcase_add_test(tcase,
		       strangers_cannot_make_more_wait_than_there_are_slots);
	tcase_add_test(tcase, an_ordinary_packet_has_an_empty_header);
	tcase_add_test(tcase, a_partial_gso_packet_comes_back_as_it_was);
	tcase_add_test(tcase,
		       a_checksum_that_is_not_the_packets_own_is_finished);
	tcase_add_test(tcase,
		       offloads_that_the_packet_does_not_allow_are_refused);
	return tcase;
}
