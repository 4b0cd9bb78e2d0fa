/*
 * The raw backend's programs for the kernel's packet filter, run by an
 * interpreter written here and checked by the kernel.
 */
#include "backend_parts.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/raw/filter.h"

/* A frame as the kernel shows it to a program. */
struct frame {
	uint8_t ip[60];
	uint32_t protocol;
	uint32_t pkttype;
	uint32_t ifindex;
	uint32_t vlan;
};

static uint32_t load(const struct frame *frame, uint32_t k)
{
	uint32_t word;

	switch ((int32_t)k - SKF_AD_OFF) {
	case SKF_AD_PROTOCOL:
		return frame->protocol;
	case SKF_AD_PKTTYPE:
		return frame->pkttype;
	case SKF_AD_IFINDEX:
		return frame->ifindex;
	case SKF_AD_VLAN_TAG_PRESENT:
		return frame->vlan;
	default:
		ck_assert_uint_le(k, sizeof(frame->ip) - 4);
		memcpy(&word, &frame->ip[k], sizeof(word));
		return ntohl(word);
	}
}

/* Runs a program; counts its steps. */
static uint32_t run(const struct lvs__filter *filter, const struct frame *frame,
		    uint32_t *steps)
{
	uint32_t a = 0, x = 0;

	for (uint32_t pc = 0; pc < filter->length; pc++) {
		const struct sock_filter *i = &filter->code[pc];

		++*steps;
		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = load(frame, i->k);
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			pc += a >= i->k ? i->jt : i->jf;
			break;
		case BPF_ALU | BPF_XOR | BPF_K:
			a ^= i->k;
			break;
		case BPF_ALU | BPF_XOR | BPF_X:
			a ^= x;
			break;
		case BPF_ALU | BPF_MUL | BPF_K:
			a *= i->k;
			break;
		case BPF_ALU | BPF_RSH | BPF_K:
			a >>= i->k;
			break;
		case BPF_MISC | BPF_TAX:
			x = a;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		case BPF_RET | BPF_A:
			return a;
		default:
			ck_abort_msg("instruction %#x", i->code);
		}
	}
	ck_abort_msg("the program has no end");
	return 0;
}

/* The kernel's own checker. */
static void assert_kernel_takes(struct lvs__filter *filter)
{
	struct sock_fprog program = {.len = filter->length,
				     .filter = filter->code};
	int pair[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), 0);
	/* ENOMEM: larger than a socket's option memory; fan-out has no such
	   limit */
	if (setsockopt(pair[0], SOL_SOCKET, SO_ATTACH_FILTER, &program,
		       sizeof(program)) < 0)
		ck_assert_int_eq(errno, ENOMEM);
	close(pair[0]);
	close(pair[1]);
}

static struct frame frame_of(const char *from, const char *to)
{
	struct lvs_addr source = addr_of(from);
	struct lvs_addr destination = addr_of(to);
	struct frame frame = {.pkttype = PACKET_HOST, .ifindex = 7};

	if (source.family == LVS_IPV4) {
		frame.protocol = ETH_P_IP;
		frame.ip[0] = 0x45;
		memcpy(&frame.ip[12], source.bytes, 4);
		memcpy(&frame.ip[16], destination.bytes, 4);
	} else {
		frame.protocol = ETH_P_IPV6;
		frame.ip[0] = 0x60;
		memcpy(&frame.ip[8], source.bytes, 16);
		memcpy(&frame.ip[24], destination.bytes, 16);
	}
	return frame;
}

static uint32_t steer(const struct lvs__filter *filter, const char *from,
		      const char *to)
{
	struct frame frame = frame_of(from, to);
	uint32_t steps = 0;

	return run(filter, &frame, &steps);
}

START_TEST(a_filter_takes_ip_for_this_host_on_its_interfaces)
{
	uint32_t interfaces[100];
	struct lvs__filter filter;
	struct frame frame = frame_of("192.0.2.1", "192.0.2.2");
	uint32_t steps = 0;

	for (uint32_t i = 0; i < 100; i++)
		interfaces[i] = 1000 - 7 * i;
	ck_assert_int_eq(lvs__filter_accept(&filter, interfaces, 100), 0);
	assert_kernel_takes(&filter);
	for (uint32_t i = 290; i < 1020; i++) {
		bool mine =
			i <= 1000 && i >= 1000 - 7 * 99 && (1000 - i) % 7 == 0;

		frame.ifindex = i;
		ck_assert_int_eq(run(&filter, &frame, &steps) != 0, mine);
	}
	frame.ifindex = 1000;
	ck_assert_uint_ne(run(&filter, &frame, &steps), 0);
	frame.pkttype = PACKET_OTHERHOST;
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
	frame.pkttype = PACKET_OUTGOING;
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
	frame.pkttype = PACKET_HOST;
	frame.vlan = 1;
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
	frame.vlan = 0;
	frame.protocol = ETH_P_ARP;
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
	frame.protocol = ETH_P_IPV6;
	ck_assert_uint_ne(run(&filter, &frame, &steps), 0);
}
END_TEST

/* As a packet socket without link headers shows it. */
static struct frame arp_of(const char *sender, const char *target)
{
	static const uint8_t fixed[] = {0, 1, 8, 0, 6, 4, 0, 2};
	struct lvs_addr from = addr_of(sender), to = addr_of(target);
	struct frame frame = {.pkttype = PACKET_BROADCAST, .ifindex = 7};

	memcpy(frame.ip, fixed, sizeof(fixed));
	memcpy(&frame.ip[14], from.bytes, 4);
	memcpy(&frame.ip[24], to.bytes, 4);
	return frame;
}

static bool heard(const struct lvs__filter *filter, struct frame frame)
{
	uint32_t steps = 0;

	return run(filter, &frame, &steps) != 0;
}

START_TEST(only_arp_that_speaks_of_an_address_is_heard)
{
	struct lvs_addr held[] = {addr_of("192.0.2.9"), addr_of("2001:db8::9"),
				  addr_of("192.0.2.7")};
	struct lvs__filter filter;
	struct frame frame;

	ck_assert_int_eq(lvs__filter_arp(&filter, held, 3), 0);
	assert_kernel_takes(&filter);
	ck_assert(heard(&filter, arp_of("192.0.2.7", "192.0.2.1")));
	ck_assert(heard(&filter, arp_of("192.0.2.9", "192.0.2.9")));
	ck_assert(heard(&filter, arp_of("0.0.0.0", "192.0.2.9")));
	ck_assert(!heard(&filter, arp_of("0.0.0.0", "192.0.2.8")));
	ck_assert(!heard(&filter, arp_of("192.0.2.1", "192.0.2.9")));
	ck_assert(!heard(&filter, arp_of("32.1.13.184", "192.0.2.9")));
	frame = arp_of("192.0.2.7", "192.0.2.1");
	frame.pkttype = PACKET_OUTGOING;
	ck_assert(!heard(&filter, frame));
	frame.pkttype = PACKET_HOST;
	frame.vlan = 1;
	ck_assert(!heard(&filter, frame));
	frame.vlan = 0;
	frame.ip[1] = 6;
	ck_assert(!heard(&filter, frame));
}
END_TEST

START_TEST(of_too_many_addresses_all_arp_is_heard)
{
	static struct lvs_addr many[5000];
	struct lvs__filter filter;

	for (uint32_t i = 0; i < 5000; i++)
		many[i] = (struct lvs_addr){
			.family = LVS_IPV4,
			.bytes = {10, 0, (uint8_t)(i >> 8), (uint8_t)i},
		};
	ck_assert_int_eq(lvs__filter_arp(&filter, many, 5000), -EFBIG);
	ck_assert_int_eq(lvs__filter_arp(&filter, many, 0), 0);
	ck_assert(!heard(&filter, arp_of("10.0.0.1", "10.0.0.1")));
	ck_assert_int_eq(lvs__filter_arp(&filter, NULL, 0), 0);
	assert_kernel_takes(&filter);
	ck_assert(heard(&filter, arp_of("10.0.0.1", "10.0.0.1")));
	ck_assert(heard(&filter, arp_of("0.0.0.0", "10.0.0.1")));
}
END_TEST

START_TEST(a_filter_without_interfaces_takes_nothing)
{
	struct frame frame = frame_of("192.0.2.1", "192.0.2.2");
	struct lvs__filter filter;
	uint32_t steps = 0;

	ck_assert_int_eq(lvs__filter_accept(&filter, NULL, 0), 0);
	assert_kernel_takes(&filter);
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
	lvs__filter_none(&filter);
	ck_assert_uint_eq(run(&filter, &frame, &steps), 0);
}
END_TEST

START_TEST(both_directions_of_a_client_meet_in_one_lane)
{
	struct lvs_addr virtuals[] = {addr_of("198.51.100.1"),
				      addr_of("198.51.100.2"),
				      addr_of("2001:db8::1"),
				      addr_of("2001:db8:1::1"),
				      addr_of("198.51.100.1")};
	struct lvs__filter filter;

	ck_assert_int_eq(lvs__filter_steer(&filter, virtuals, 5, 12345), 0);
	assert_kernel_takes(&filter);
	ck_assert_uint_eq(steer(&filter, "192.0.2.9", "198.51.100.1"),
			  steer(&filter, "10.0.0.1", "192.0.2.9"));
	ck_assert_uint_eq(steer(&filter, "192.0.2.9", "198.51.100.2"),
			  steer(&filter, "10.0.0.2", "192.0.2.9"));
	/* not virtual: the destination counts */
	ck_assert_uint_eq(steer(&filter, "192.0.2.9", "198.51.100.3"),
			  steer(&filter, "192.0.2.8", "198.51.100.3"));
	ck_assert_uint_eq(steer(&filter, "2001:db8::99", "2001:db8::1"),
			  steer(&filter, "fd00::1", "2001:db8::99"));
	ck_assert_uint_eq(steer(&filter, "2001:db8::99", "2001:db8:1::1"),
			  steer(&filter, "fd00::2", "2001:db8::99"));
	ck_assert_uint_ne(steer(&filter, "2001:db8::99", "2001:db8::1"),
			  steer(&filter, "2001:db8::98", "2001:db8::1"));
}
END_TEST

START_TEST(clients_spread_evenly_over_lanes)
{
	struct lvs_addr virtual = addr_of("198.51.100.1");
	struct lvs__filter filter;
	char text[32];

	ck_assert_int_eq(lvs__filter_steer(&filter, &virtual, 1, 99), 0);
	for (uint32_t lanes = 2; lanes <= 8; lanes++) {
		uint32_t counts[8] = {0};

		for (int i = 0; i < 4000; i++) {
			(void)snprintf(text, sizeof(text), "10.1.%d.%d",
				       i / 250, i % 250);
			counts[steer(&filter, text, "198.51.100.1") % lanes]++;
		}
		for (uint32_t i = 0; i < lanes; i++) {
			ck_assert_uint_gt(counts[i], 4000 / lanes * 8 / 10);
			ck_assert_uint_lt(counts[i], 4000 / lanes * 12 / 10);
		}
	}
}
END_TEST

/* Many virtual addresses: a family each, scattered. */
static void make_many(struct lvs_addr *addrs, uint32_t count, uint32_t family)
{
	memset(addrs, 0, count * sizeof(*addrs));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t mixed = htonl((i * 2654435761u) | 1);

		addrs[i].family = family;
		memcpy(addrs[i].bytes, &mixed, 4);
		if (family == LVS_IPV6) /* many share their last word */
			addrs[i].bytes[15] = (uint8_t)(i % 3);
	}
}

START_TEST(many_virtual_addresses_are_found_in_few_steps)
{
	static struct lvs_addr many[2500];
	struct lvs_addr client = addr_of("192.0.2.9");
	struct lvs__filter filter;
	struct frame frame;
	uint32_t expected;

	make_many(many, 2500, LVS_IPV4);
	ck_assert_int_eq(lvs__filter_steer(&filter, many, 2500, 1), 0);
	assert_kernel_takes(&filter);
	expected = steer(&filter, "10.0.0.1", "192.0.2.9");
	for (int i = 0; i < 2500; i++) {
		uint32_t steps = 0;

		frame = frame_of("192.0.2.9", "192.0.2.9");
		memcpy(&frame.ip[12], client.bytes, 4);
		memcpy(&frame.ip[16], many[i].bytes, 4);
		ck_assert_uint_eq(run(&filter, &frame, &steps), expected);
		ck_assert_uint_lt(steps, 70);
	}
}
END_TEST

START_TEST(ipv6_virtual_addresses_that_share_words_are_told_apart)
{
	static struct lvs_addr many[300];
	struct lvs__filter filter;
	uint32_t expected;

	make_many(many, 300, LVS_IPV6);
	ck_assert_int_eq(lvs__filter_steer(&filter, many, 300, 1), 0);
	assert_kernel_takes(&filter);
	expected = steer(&filter, "fd00::1", "2001:db8::9");
	for (int i = 0; i < 300; i++) {
		struct frame frame = frame_of("2001:db8::9", "::");
		uint32_t steps = 0;

		memcpy(&frame.ip[24], many[i].bytes, 16);
		ck_assert_uint_eq(run(&filter, &frame, &steps), expected);
		frame.ip[24] ^= 1; /* one bit off: not virtual */
		ck_assert_uint_ne(run(&filter, &frame, &steps), expected);
	}
}
END_TEST

START_TEST(more_addresses_than_a_program_holds_are_refused)
{
	static struct lvs_addr many[5000];
	struct lvs__filter filter;

	make_many(many, 5000, LVS_IPV4);
	ck_assert_int_eq(lvs__filter_steer(&filter, many, 5000, 1), -EFBIG);
	make_many(many, 1000, LVS_IPV6);
	ck_assert_int_eq(lvs__filter_steer(&filter, many, 1000, 1), -EFBIG);
}
END_TEST

TCase *backend_filter_case(void)
{
	TCase *tcase = tcase_create("programs");

	tcase_add_test(tcase,
		       a_filter_takes_ip_for_this_host_on_its_interfaces);
	tcase_add_test(tcase, a_filter_without_interfaces_takes_nothing);
	tcase_add_test(tcase, only_arp_that_speaks_of_an_address_is_heard);
	tcase_add_test(tcase, of_too_many_addresses_all_arp_is_heard);
	tcase_add_test(tcase, both_directions_of_a_client_meet_in_one_lane);
	tcase_add_test(tcase, clients_spread_evenly_over_lanes);
	tcase_add_test(tcase, many_virtual_addresses_are_found_in_few_steps);
	tcase_add_test(tcase,
		       ipv6_virtual_addresses_that_share_words_are_told_apart);
	tcase_add_test(tcase, more_addresses_than_a_program_holds_are_refused);
	return tcase;
}
