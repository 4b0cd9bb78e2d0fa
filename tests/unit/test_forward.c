/*
 * Forwarding: random packets of every kind through every method, compared with
 * what a slow writer makes of the same packet: addresses, ports and TTL
 * replaced, all checksums computed anew.
 */
#include "unit.h"

#include "forward/forward.h"
#include "slow.h"

#define SPACE 4096

enum checksum_kind {
	FULL,
	PARTIAL,
	ZERO, /* UDP without a checksum */
	WRONG,
	KINDS
};

/* A packet as it was made: what the writer needs to know to make it again. */
struct sample {
	uint8_t bytes[SPACE];
	size_t length; /* of the IP packet */
	size_t l4;
	uint8_t family, protocol;
	enum checksum_kind kind;
	unsigned int error; /* WRONG: what is added to the right sum */
};

struct flow {
	struct lvs__conn conn;
	struct lvs__conn6 six;
};

static size_t addr_size(const struct sample *s)
{
	return s->family == LVS_IPV4 ? 4 : 16;
}

static uint8_t *source(struct sample *s)
{
	return s->bytes + (s->family == LVS_IPV4 ? 12 : 8);
}

static uint8_t *destination(struct sample *s)
{
	return source(s) + addr_size(s);
}

static uint8_t *ttl(struct sample *s)
{
	return s->bytes + (s->family == LVS_IPV4 ? 8 : 7);
}

static uint8_t *field(struct sample *s)
{
	return s->bytes + s->l4 + (s->protocol == LVS_UDP ? 6 : 16);
}

/* Extension headers in any order, hop by hop first; returns where they end. */
static size_t add_extensions(struct sample *s, uint64_t *seed)
{
	static const uint8_t kinds[] = {60, 43, 44, 51};
	unsigned int count = below(seed, LVS__EXT_HEADERS + 1);
	uint8_t *next = s->bytes + 6;
	size_t at = 40;

	for (unsigned int i = 0; i < count; i++) {
		uint8_t *header = s->bytes + at;
		uint8_t kind = kinds[below(seed, 4)];

		if (i == 0 && below(seed, 2) == 0)
			kind = 0;
		*next = kind;
		next = header;
		header[1] = (uint8_t)below(seed, 4);
		at += header[1] * 8u + 8;
		if (kind == 43)
			header[3] = 0;
		if (kind == 51) {
			header[1] = 4;
			at = (size_t)(header - s->bytes) + 24;
		}
		if (kind == 44) {
			put16(header + 2, 0);
			at = (size_t)(header - s->bytes) + 8;
		}
	}
	*next = s->protocol;
	return at;
}

/* The checksums of a packet whose other bytes are right. */
static void write_checksums(struct sample *s)
{
	size_t length = s->length - s->l4;
	unsigned int sum = slow_pseudo(source(s), destination(s), addr_size(s),
				       s->protocol, length);

	if (s->family == LVS_IPV4) {
		put16(s->bytes + 10, 0);
		put16(s->bytes + 10,
		      ~slow_add(0, s->bytes, (s->bytes[0] & 15) * 4u));
	}
	put16(field(s), 0);
	if (s->kind == ZERO)
		return;
	if (s->kind != PARTIAL)
		sum = slow_add(sum, s->bytes + s->l4, length);
	if (s->kind == WRONG) {
		sum += s->error;
		sum = sum > 0xffff ? sum - 0xffff : sum;
	}
	if (s->kind != PARTIAL)
		sum = ~sum & 0xffff;
	if (s->protocol == LVS_UDP && sum == 0)
		sum = 0xffff;
	put16(field(s), sum);
}

static void make(struct sample *s, uint64_t *seed)
{
	size_t payload =
		below(seed, 8) == 0 ? below(seed, 1400) : below(seed, 40);

	s->family = below(seed, 2) == 0 ? LVS_IPV4 : LVS_IPV6;
	s->protocol = below(seed, 2) == 0 ? LVS_TCP : LVS_UDP;
	s->kind = below(seed, KINDS);
	if (s->kind == ZERO && s->protocol == LVS_TCP)
		s->kind = FULL;
	s->error = 1 + below(seed, 0xfffe);
	fill(seed, s->bytes, 640);
	if (s->family == LVS_IPV4) {
		s->bytes[0] = (uint8_t)(0x45 + below(seed, 11));
		put16(s->bytes + 6, 0x4000);
		s->bytes[9] = s->protocol;
		s->l4 = (s->bytes[0] & 15) * 4u;
	} else {
		s->bytes[0] = (uint8_t)(0x60 | (s->bytes[0] & 15));
		s->l4 = add_extensions(s, seed);
	}
	s->length = s->l4 + payload;
	if (s->protocol == LVS_TCP) {
		unsigned int words = 5 + below(seed, 11);

		s->length += words * 4;
		s->bytes[s->l4 + 12] = (uint8_t)(words << 4);
	} else {
		s->length += 8;
		put16(s->bytes + s->l4 + 4, 8 + (unsigned int)payload);
	}
	if (s->family == LVS_IPV4)
		put16(s->bytes + 2, (unsigned int)s->length);
	else
		put16(s->bytes + 4, (unsigned int)s->length - 40);
	if (*ttl(s) < 2)
		*ttl(s) = 2;
	/* sums that come out as 0 and 0xffff are rare: help them */
	if (below(seed, 16) == 0)
		memset(s->bytes + s->l4 + 20, 0xff, 8);
	write_checksums(s);
}

static const struct lvs__conn6 *six(const struct sample *s, struct flow *f)
{
	return s->family == LVS_IPV6 ? &f->six : NULL;
}

/* A connection for the packet, to a random dest. */
static void bind_flow(struct flow *f, struct sample *s, uint64_t *seed)
{
	memset(f, 0, sizeof(*f));
	if (s->family == LVS_IPV4) {
		memcpy(&f->conn.client4, source(s), 4);
		memcpy(&f->conn.virtual4, destination(s), 4);
		fill(seed, (uint8_t *)&f->conn.dest4, 4);
	} else {
		memcpy(f->six.client, source(s), 16);
		memcpy(f->six.virtual_addr, destination(s), 16);
		fill(seed, (uint8_t *)f->six.dest, 16);
		/* a dest that differs in one word only, or not at all */
		if (below(seed, 8) == 0)
			memcpy(f->six.dest, destination(s), 14);
	}
	memcpy(&f->conn.client_port, s->bytes + s->l4, 2);
	memcpy(&f->conn.virtual_port, s->bytes + s->l4 + 2, 2);
	f->conn.dest_port = (uint16_t)number(seed);
	if (below(seed, 4) == 0)
		f->conn.dest_port = f->conn.virtual_port;
	f->conn.protocol = s->protocol;
	f->conn.family = s->family;
	lvs__nat_prepare(&f->conn, six(s, f));
}

/*
 * Runs one direction over a copy at any alignment with padding behind it, and
 * compares with `expected`.
 */
static void run(const struct sample *s, struct flow *f, bool in,
		const struct lvs__forward *method,
		const struct sample *expected, const void *next_hop,
		uint64_t *seed)
{
	static uint8_t buffer[SPACE];
	size_t padding = below(seed, 7);
	struct lvs_packet packet = {
		.data = buffer,
		.offset = LVS_HEADROOM + below(seed, 8),
		.length = (uint32_t)(s->length + padding),
		.capacity = sizeof(buffer),
		.flags = s->kind == PARTIAL ? LVS_PACKET_PARTIAL : 0,
	};
	uint8_t *ip = buffer + packet.offset;
	struct lvs__header header;
	int reason;

	memset(&packet.next_hop, 0xee, sizeof(packet.next_hop));
	memcpy(ip, s->bytes, s->length);
	memset(ip + s->length, 0xdd, padding);
	reason = lvs__parse(&header, ip, packet.length);
	if (reason != LVS_REASON_FORWARDED)
		ck_abort_msg("not parsed: %s", lvs_reason_name(reason));
	reason = (in ? method->in : method->out)(&f->conn, six(s, f), &packet,
						 &header);
	if (reason != (in ? LVS_REASON_FORWARDED : LVS_REASON_REPLIED) ||
	    packet.length != expected->length ||
	    packet.next_hop.family != s->family ||
	    memcmp(packet.next_hop.bytes, next_hop, addr_size(s)) != 0)
		ck_abort_msg("wrong outcome");
	if (memcmp(ip, expected->bytes, expected->length) != 0)
		ck_abort_msg("wrong bytes: %s %s, checksum kind %d, %s",
			     s->family == LVS_IPV4 ? "IPv4" : "IPv6",
			     s->protocol == LVS_TCP ? "TCP" : "UDP",
			     (int)s->kind, in ? "in" : "out");
}

/* The dest, the client: bytes of `size`. */
static const void *dest(const struct sample *s, const struct flow *f)
{
	return s->family == LVS_IPV4 ? (const void *)&f->conn.dest4
				     : (const void *)f->six.dest;
}

static void swap_ends(struct sample *s)
{
	uint8_t addr[16], port[2];

	memcpy(addr, source(s), addr_size(s));
	memcpy(source(s), destination(s), addr_size(s));
	memcpy(destination(s), addr, addr_size(s));
	memcpy(port, s->bytes + s->l4, 2);
	memcpy(s->bytes + s->l4, s->bytes + s->l4 + 2, 2);
	memcpy(s->bytes + s->l4 + 2, port, 2);
}

/*
 * In: equals the slow writer's packet. Then the same packet mirrored, as if
 * the dest echoed it: out of that comes the original, mirrored.
 */
START_TEST(nat_equals_a_packet_written_anew)
{
	static struct sample original, rewritten;
	uint64_t seed = 21 + (uint64_t)_i;
	struct flow f;

	for (unsigned long i = rounds(50000); i > 0; i--) {
		make(&original, &seed);
		bind_flow(&f, &original, &seed);
		rewritten = original;
		memcpy(destination(&rewritten), dest(&original, &f),
		       addr_size(&original));
		memcpy(rewritten.bytes + rewritten.l4 + 2, &f.conn.dest_port,
		       2);
		--*ttl(&rewritten);
		write_checksums(&rewritten);
		run(&original, &f, true, &lvs__forward_nat, &rewritten,
		    dest(&original, &f), &seed);

		*ttl(&rewritten) = *ttl(&original);
		swap_ends(&rewritten);
		write_checksums(&rewritten);
		swap_ends(&original);
		--*ttl(&original);
		write_checksums(&original);
		run(&rewritten, &f, false, &lvs__forward_nat, &original,
		    destination(&original), &seed);
	}
}
END_TEST

START_TEST(direct_routing_changes_the_ttl_only)
{
	static struct sample original, expected;
	uint64_t seed = 31;
	struct flow f;

	for (unsigned long i = rounds(20000); i > 0; i--) {
		make(&original, &seed);
		bind_flow(&f, &original, &seed);
		expected = original;
		--*ttl(&expected);
		write_checksums(&expected);
		run(&original, &f, true, &lvs__forward_dr, &expected,
		    dest(&original, &f), &seed);
	}
}
END_TEST

/* Of an IPv4 header, too: the receiver must see the damage. */
START_TEST(a_damaged_ipv4_header_stays_damaged)
{
	static struct sample s;
	uint64_t seed = 41;
	struct flow f;

	for (int i = 0; i < 20000; i++) {
		struct lvs_packet packet = {.data = s.bytes, .capacity = SPACE};
		struct lvs__header header;
		unsigned int before, after;

		make(&s, &seed);
		s.bytes[10 + below(&seed, 2)] ^=
			(uint8_t)(1u << below(&seed, 8));
		if (s.family != LVS_IPV4)
			continue;
		bind_flow(&f, &s, &seed);
		packet.length = (uint32_t)s.length;
		before = slow_add(0, s.bytes, s.l4);
		ck_assert_int_eq(lvs__parse(&header, s.bytes, packet.length),
				 LVS_REASON_FORWARDED);
		lvs__forward_nat.in(&f.conn, NULL, &packet, &header);
		after = slow_add(0, s.bytes, s.l4);
		ck_assert_uint_ne(after, 0xffff);
		ck_assert_uint_eq(before % 0xffff, after % 0xffff);
	}
}
END_TEST

START_TEST(a_method_is_found_by_its_number)
{
	ck_assert_ptr_eq(lvs__forward_find(LVS_NAT), &lvs__forward_nat);
	ck_assert_ptr_eq(lvs__forward_find(LVS_DR), &lvs__forward_dr);
	ck_assert_ptr_null(lvs__forward_find(LVS_TUNNEL));
	ck_assert_ptr_null(lvs__forward_find(LVS_LOCAL));
	ck_assert_ptr_null(lvs__forward_find(0));
	ck_assert_ptr_null(lvs__forward_find(-1));
	ck_assert_str_eq(lvs__forward_nat.name, "nat");
	ck_assert_str_eq(lvs__forward_dr.name, "dr");
	ck_assert(lvs__forward_nat.two_way && lvs__forward_nat.out != NULL);
	ck_assert(!lvs__forward_dr.two_way && lvs__forward_dr.out == NULL);
}
END_TEST

/* An IPv4 segment or datagram from 192.0.2.1 to 198.51.100.7. */
static void make_plain(struct sample *s, uint8_t protocol, size_t payload)
{
	memset(s, 0, sizeof(*s));
	s->family = LVS_IPV4;
	s->protocol = protocol;
	s->l4 = 20;
	s->length = 20 + (protocol == LVS_TCP ? 20u : 8u) + payload;
	s->bytes[0] = 0x45;
	put16(s->bytes + 2, (unsigned int)s->length);
	s->bytes[8] = 64;
	s->bytes[9] = protocol;
	memcpy(s->bytes + 12, "\xc0\x00\x02\x01\xc6\x33\x64\x07", 8);
	put16(s->bytes + 20, 4000);
	put16(s->bytes + 22, 53);
	if (protocol == LVS_TCP)
		s->bytes[32] = 0x50;
	else
		put16(s->bytes + 24, (unsigned int)(s->length - 20));
	write_checksums(s);
}

static size_t unreachable(const struct sample *s)
{
	static uint8_t out[2048];

	return lvs__icmp_unreachable(out, sizeof(out), s->bytes, s->length);
}

START_TEST(only_hosts_are_answered)
{
	static const uint8_t bad[][4] = {
		{0, 0, 0, 0},	{0, 1, 2, 3},	  {127, 0, 0, 1},
		{224, 0, 0, 1}, {239, 255, 0, 1}, {255, 255, 255, 255},
		{240, 0, 0, 1},
	};
	static const uint8_t bad6[][16] = {
		{0},
		{[15] = 1},
		{0xff, 2, [15] = 1},
		{[10] = 0xff, 0xff, 192, 0, 2, 1},
	};
	static struct sample s;
	static uint8_t out[2048];

	for (size_t i = 0; i < 2 * sizeof(bad) / sizeof(bad[0]); i++) {
		make_plain(&s, LVS_UDP, 10);
		ck_assert_uint_eq(unreachable(&s), 28 + s.length);
		memcpy(i % 2 == 0 ? source(&s) : destination(&s), bad[i / 2],
		       4);
		ck_assert_uint_eq(unreachable(&s), 0);
	}
	for (size_t i = 0; i < 2 * sizeof(bad6) / sizeof(bad6[0]); i++) {
		struct lvs__header header;
		uint8_t p[60] = {0x60, [5] = 20, [6] = LVS_TCP, [7] = 64};

		p[8] = p[24] = 0x20;
		p[23] = 1;
		p[52] = 0x50;
		ck_assert_uint_eq(lvs__icmp_exceeded(out, 2048, p, 60), 108);
		memcpy(i % 2 == 0 ? p + 8 : p + 24, bad6[i / 2], 16);
		ck_assert_uint_eq(lvs__icmp_exceeded(out, 2048, p, 60), 0);
		ck_assert_int_eq(lvs__parse(&header, p, 60), 0);
		ck_assert_uint_eq(lvs__tcp_reset(out, 2048, p, 60, &header), 0);
	}
	make_plain(&s, LVS_UDP, 10); /* to itself */
	memcpy(source(&s), destination(&s), 4);
	ck_assert_uint_eq(unreachable(&s), 0);
}
END_TEST

START_TEST(errors_resets_and_fragments_are_not_answered)
{
	static struct sample s;
	struct lvs__header header;
	uint8_t out[100];

	for (unsigned int type = 0; type < 256; type++) {
		bool query =
			type == 0 || type == 8 || (type >= 13 && type <= 18);

		make_plain(&s, LVS_UDP, 10);
		s.bytes[9] = LVS__ICMP;
		s.bytes[20] = (uint8_t)type;
		ck_assert_uint_eq(unreachable(&s), query ? 28 + s.length : 0);
	}
	make_plain(&s, LVS_TCP, 0);
	s.bytes[33] = LVS_TCP_RST;
	ck_assert_uint_eq(unreachable(&s), 0);
	ck_assert_int_eq(lvs__parse(&header, s.bytes, (uint32_t)s.length), 0);
	ck_assert_uint_eq(lvs__tcp_reset(out, sizeof(out), s.bytes, s.length,
					 &header),
			  0);
	make_plain(&s, LVS_UDP, 100);
	put16(s.bytes + 6, 0x2000);
	ck_assert_uint_eq(unreachable(&s), 0);
	put16(s.bytes + 6, 1);
	ck_assert_uint_eq(unreachable(&s), 0);
}
END_TEST

START_TEST(an_answer_keeps_to_its_limits)
{
	static struct sample s;
	static uint8_t out[2048];
	struct lvs__header header;

	make_plain(&s, LVS_UDP, 1400);
	for (size_t capacity = 0; capacity < 700; capacity++) {
		size_t length;

		memset(out, 0xcc, sizeof(out));
		length =
			lvs__icmp_unreachable(out, capacity, s.bytes, s.length);
		if (capacity < 56) /* two headers and 8 bytes of UDP */
			ck_assert_uint_eq(length, 0);
		else
			ck_assert_uint_eq(length,
					  capacity < 576 ? capacity : 576);
		for (size_t i = length; i < sizeof(out); i++)
			ck_assert(out[i] == 0xcc);
	}
	make_plain(&s, LVS_TCP, 5);
	ck_assert_int_eq(lvs__parse(&header, s.bytes, (uint32_t)s.length), 0);
	ck_assert_uint_eq(lvs__tcp_reset(out, 39, s.bytes, s.length, &header),
			  0);
	ck_assert_uint_eq(lvs__tcp_reset(out, 40, s.bytes, s.length, &header),
			  40);
	ck_assert_uint_eq(lvs__tcp_reset(out, 40, s.bytes, 44, &header), 0);
	ck_assert_uint_eq(lvs__tcp_reset(NULL, 40, s.bytes, 45, &header), 0);
	ck_assert_uint_eq(lvs__tcp_reset(out, 40, NULL, 45, &header), 0);
	ck_assert_uint_eq(lvs__tcp_reset(out, 40, s.bytes, 45, NULL), 0);
	ck_assert_uint_eq(lvs__icmp_exceeded(NULL, 40, s.bytes, 45), 0);
	ck_assert_uint_eq(lvs__icmp_exceeded(out, 40, NULL, 45), 0);
}
END_TEST

/* Any bytes: an answer is whole, right, and never answered again. */
START_TEST(answers_to_mutated_packets_are_right)
{
	static struct sample s;
	static uint8_t out[1400], again[1400];
	uint64_t seed = 51;

	for (unsigned long i = rounds(50000); i > 0; i--) {
		struct lvs__header header;
		size_t length;

		make(&s, &seed);
		for (unsigned int n = below(&seed, 3); n > 0; n--)
			s.bytes[below(&seed, (unsigned int)s.length)] =
				(uint8_t)number(&seed);
		if (below(&seed, 4) == 0)
			s.length = below(&seed, (unsigned int)s.length);
		length =
			lvs__icmp_exceeded(out, sizeof(out), s.bytes, s.length);
		if (length == 0)
			continue;
		if (lvs__parse(&header, out, (uint32_t)length) !=
			    LVS_REASON_ICMP ||
		    header.total != length)
			ck_abort_msg("the answer is not ICMP");
		if (slow_add(header.tuple.family == LVS_IPV4
				     ? 0
				     : slow_pseudo(out + 8, out + 24, 16,
						   LVS__ICMP6, length - 40),
			     out + header.l4, length - header.l4) != 0xffff)
			ck_abort_msg("wrong checksum");
		if (lvs__icmp_exceeded(again, sizeof(again), out, length) != 0)
			ck_abort_msg("an answer was answered");
	}
}
END_TEST

Suite *forward_suite(void)
{
	Suite *suite = suite_create("forward");
	TCase *tcase = tcase_create("forward");

	tcase_add_loop_test(tcase, nat_equals_a_packet_written_anew, 0, 2);
	tcase_add_test(tcase, direct_routing_changes_the_ttl_only);
	tcase_add_test(tcase, a_damaged_ipv4_header_stays_damaged);
	tcase_add_test(tcase, a_method_is_found_by_its_number);
	tcase_add_test(tcase, only_hosts_are_answered);
	tcase_add_test(tcase, errors_resets_and_fragments_are_not_answered);
	tcase_add_test(tcase, an_answer_keeps_to_its_limits);
	tcase_add_test(tcase, answers_to_mutated_packets_are_right);
	suite_add_tcase(suite, tcase);
	return suite;
}
