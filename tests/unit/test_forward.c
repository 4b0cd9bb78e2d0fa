/*
 * Forwarding: random packets of every kind through every method, compared with
 * what a slow writer makes of the same packet: addresses, ports and TTL
 * replaced, all checksums computed anew.
 */
#include "unit.h"

#include "forward/forward.h"
#include "sample.h"
#include "wire/method.h"

struct flow {
	struct lvs__conn conn;
	struct lvs__conn6 six;
};

static const struct lvs__conn6 *six(const struct sample *s, struct flow *f)
{
	return s->family == LVS_IPV6 ? &f->six : NULL;
}

/* A connection for the packet, to a random dest. */
static void bind_flow(struct flow *f, struct sample *s, uint64_t *seed)
{
	memset(f, 0, sizeof(*f));
	if (s->family == LVS_IPV4) {
		memcpy(&f->conn.client4, sample_source(s), 4);
		memcpy(&f->conn.virtual4, sample_destination(s), 4);
		fill(seed, (uint8_t *)&f->conn.dest4, 4);
	} else {
		memcpy(f->six.client, sample_source(s), 16);
		memcpy(f->six.virtual_addr, sample_destination(s), 16);
		fill(seed, (uint8_t *)f->six.dest, 16);
		/* a dest that differs in one word only, or not at all */
		if (below(seed, 8) == 0)
			memcpy(f->six.dest, sample_destination(s), 14);
	}
	memcpy(&f->conn.client_port, s->bytes + s->l4, 2);
	memcpy(&f->conn.virtual_port, s->bytes + s->l4 + 2, 2);
	f->conn.dest_port = (uint16_t)number(seed);
	if (below(seed, 4) == 0)
		f->conn.dest_port = f->conn.virtual_port;
	f->conn.protocol = s->protocol;
	f->conn.family = s->family;
	lvs__forward_nat.prepare(&f->conn, six(s, f));
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
	    memcmp(packet.next_hop.bytes, next_hop, sample_addr_size(s)) != 0)
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

	memcpy(addr, sample_source(s), sample_addr_size(s));
	memcpy(sample_source(s), sample_destination(s), sample_addr_size(s));
	memcpy(sample_destination(s), addr, sample_addr_size(s));
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
	uint8_t *port;

	for (unsigned long i = rounds(50000); i > 0; i--) {
		sample_make(&original, &seed);
		bind_flow(&f, &original, &seed);
		rewritten = original;
		memcpy(sample_destination(&rewritten), dest(&original, &f),
		       sample_addr_size(&original));
		port = rewritten.bytes + rewritten.l4 + 2;
		memcpy(port, &f.conn.dest_port, 2);
		if (below(&seed, 8) == 0) {
			sample_cancel(&rewritten, port);
			memcpy(&f.conn.dest_port, port, 2);
			lvs__forward_nat.prepare(&f.conn, six(&original, &f));
		}
		--*sample_ttl(&rewritten);
		sample_sum(&rewritten);
		run(&original, &f, true, &lvs__forward_nat, &rewritten,
		    dest(&original, &f), &seed);

		*sample_ttl(&rewritten) = *sample_ttl(&original);
		swap_ends(&rewritten);
		sample_sum(&rewritten);
		swap_ends(&original);
		--*sample_ttl(&original);
		sample_sum(&original);
		run(&rewritten, &f, false, &lvs__forward_nat, &original,
		    sample_destination(&original), &seed);
	}
}
END_TEST

START_TEST(direct_routing_changes_the_ttl_only)
{
	static struct sample original, expected;
	uint64_t seed = 31;
	struct flow f;

	for (unsigned long i = rounds(20000); i > 0; i--) {
		sample_make(&original, &seed);
		bind_flow(&f, &original, &seed);
		expected = original;
		--*sample_ttl(&expected);
		sample_sum(&expected);
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

		sample_make(&s, &seed);
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
	ck_assert(lvs__forward_nat.two_way && lvs__forward_nat.out != NULL);
	ck_assert(!lvs__forward_dr.two_way && lvs__forward_dr.out == NULL);
	for (int method = 0; method < 16; method++) {
		const struct lvs__forward *found = lvs__forward_find(method);

		if (found != NULL)
			ck_assert(found->two_way ==
				  lvs__method_two_way((uint64_t)method));
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
	suite_add_tcase(suite, tcase);
	return suite;
}
