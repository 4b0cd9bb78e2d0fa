/*
 * A balancer under a stream of operations that the bytes describe: packets of
 * clients and servers (well made, then bent), raw bytes, time, dests and
 * services that come and go.
 *
 * What must hold, whatever comes:
 *  - a packet stays inside its buffer, with one verdict, which fits its reason;
 *  - what passes was not touched;
 *  - what is forwarded has as many bytes as before, and right checksums if it
 *    came with right ones;
 *  - the answer to a packet that NAT forwarded comes back from the virtual
 *    address to the client that sent it;
 *  - the books balance after every operation;
 *  - when all time is over, no connection is left and no load is counted.
 */
#include <arpa/inet.h>
#include <lvs/lvs.h>
#include <string.h>

#include "fuzz.h"

#define SIZE 2048
#define CLIENTS 16
#define CONNECTIONS 16 /* few, so that it fills */
#define OPERATIONS 512

struct world {
	struct lvs_balancer *balancer;
	uint64_t now;
	struct bytes in;
};

/* ---- checksums, written anew: the library's are what is judged */

static uint32_t sum(const uint8_t *at, size_t length, uint32_t start)
{
	for (size_t i = 0; i < length; i++)
		start += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
	return start;
}

static uint16_t fold(uint32_t value)
{
	while (value > 0xffff)
		value = (value & 0xffff) + (value >> 16);
	return (uint16_t)value;
}

struct layout {
	bool six;
	size_t header; /* bytes before the transport's */
	size_t total;  /* of the IP packet, as its header says */
	int protocol;
	size_t field; /* where the transport's checksum is */
};

/* Reads a plain packet; false: something else (fragment, extension, lie). */
static bool lay_out(struct layout *l, const uint8_t *ip, size_t length)
{
	*l = (struct layout){.six = length > 0 && ip[0] >> 4 == 6};
	if (l->six) {
		if (length < 40)
			return false;
		l->header = 40;
		l->total = 40 + (size_t)(ip[4] << 8 | ip[5]);
		l->protocol = ip[6];
	} else {
		if (length < 20 || ip[0] >> 4 != 4)
			return false;
		l->header = (size_t)(ip[0] & 15) * 4;
		l->total = (size_t)(ip[2] << 8 | ip[3]);
		l->protocol = ip[9];
		if (l->header < 20 || (ip[6] & 0x3f) != 0 || ip[7] != 0)
			return false;
	}
	if (l->protocol != IPPROTO_TCP && l->protocol != IPPROTO_UDP)
		return false;
	l->field = l->header + (l->protocol == IPPROTO_TCP ? 16 : 6);
	return l->total <= length && l->field + 2 <= l->total;
}

static uint16_t transport_sum(const struct layout *l, const uint8_t *ip)
{
	uint32_t value = l->six ? sum(ip + 8, 32, 0) : sum(ip + 12, 8, 0);

	value += (uint32_t)l->protocol + (uint32_t)(l->total - l->header);
	return fold(sum(ip + l->header, l->total - l->header, value));
}

static bool header_is_right(const struct layout *l, const uint8_t *ip)
{
	return l->six || fold(sum(ip, l->header, 0)) == 0xffff;
}

static bool has_no_sum(const struct layout *l, const uint8_t *ip)
{
	return l->protocol == IPPROTO_UDP && !l->six && ip[l->field] == 0 &&
	       ip[l->field + 1] == 0;
}

static void mend(uint8_t *ip, size_t length)
{
	struct layout l;
	uint16_t value;

	if (!lay_out(&l, ip, length))
		return;
	if (!l.six) {
		ip[10] = ip[11] = 0;
		value = (uint16_t)~fold(sum(ip, l.header, 0));
		ip[10] = (uint8_t)(value >> 8);
		ip[11] = (uint8_t)value;
	}
	ip[l.field] = ip[l.field + 1] = 0;
	value = (uint16_t)~transport_sum(&l, ip);
	if (value == 0 && l.protocol == IPPROTO_UDP)
		value = 0xffff;
	ip[l.field] = (uint8_t)(value >> 8);
	ip[l.field + 1] = (uint8_t)value;
}

/* ---- packets */

static const uint8_t virtual4[4] = {10, 0, 0, 1};
static const uint8_t server4[4] = {10, 1, 0, 0};
static const uint8_t client4[4] = {192, 0, 2, 0};

static void write_addr(uint8_t *at, bool six, const uint8_t four[4],
		       uint8_t last)
{
	static const uint8_t prefix[12] = {0x20, 0x01, 0x0d, 0xb8};

	if (six) {
		memcpy(at, prefix, sizeof(prefix));
		at += sizeof(prefix);
	}
	memcpy(at, four, 4);
	at[3] = last;
}

static void write_port(uint8_t *at, uint16_t port)
{
	at[0] = (uint8_t)(port >> 8);
	at[1] = (uint8_t)port;
}

/* A packet out of a few bytes: who, in which direction, with which flags. */
static size_t make_packet(struct bytes *in, uint8_t *ip)
{
	uint8_t kind = take8(in), who = take8(in), flags = take8(in);
	bool six = (kind & 1) != 0, tcp = (kind & 2) == 0;
	bool reply = (kind & 4) != 0;
	size_t header = six ? 40 : 20, addr = six ? 16 : 4;
	size_t payload = take8(in) % 64;
	size_t total = header + (tcp ? 20 : 8) + payload;
	uint8_t *source = ip + (six ? 8 : 12), *segment = ip + header;
	uint8_t *clients = reply ? source + addr : source;
	uint8_t *others = reply ? source : source + addr;
	uint16_t client_port = (uint16_t)(1024 + (who >> 4));

	memset(ip, 0, total);
	ip[0] = six ? 0x60 : 0x45;
	ip[six ? 7 : 8] = 64;
	ip[six ? 6 : 9] = tcp ? IPPROTO_TCP : IPPROTO_UDP;
	write_port(ip + (six ? 4 : 2), (uint16_t)(total - (six ? 40 : 0)));
	write_addr(clients, six, client4, who % CLIENTS);
	if (reply)
		write_addr(others, six, server4, (uint8_t)(1 + (flags >> 6)));
	else
		write_addr(others, six, virtual4, 1);
	write_port(segment + (reply ? 2 : 0), client_port);
	write_port(segment + (reply ? 0 : 2), reply ? 8080 : 80);
	if (tcp) {
		segment[12] = 5 << 4;
		segment[13] = flags & 0x3f;
	} else {
		write_port(segment + 4, (uint16_t)(8 + payload));
	}
	return total;
}

static void bend(struct bytes *in, uint8_t *ip, size_t length)
{
	uint8_t times = take8(in);

	if ((times & 0xc0) == 0)
		for (times &= 7; times > 0; times--) {
			size_t at = take16(in) % length;

			ip[at] = take8(in);
		}
	if ((times & 8) == 0)
		mend(ip, length);
}

static void swap(uint8_t *a, uint8_t *b, size_t size)
{
	uint8_t kept[16];

	memcpy(kept, a, size);
	memcpy(a, b, size);
	memcpy(b, kept, size);
}

/*
 * What NAT forwarded, answered by whoever got it: `ip` is turned round and
 * given in. If it counts as a reply, it is from the virtual address.
 */
static void answer(struct world *w, uint8_t *buffer, const uint8_t *asked,
		   struct layout *l)
{
	uint8_t *ip = buffer + LVS_HEADROOM;
	size_t size = l->six ? 16 : 4, source = l->six ? 8 : 12;
	struct lvs_outcome outcome;

	swap(ip + source, ip + source + size, size);
	swap(ip + l->header, ip + l->header + 2, 2);
	mend(ip, l->total);
	must(lvs_balancer_input(w->balancer, &outcome, buffer, LVS_HEADROOM,
				(uint32_t)l->total, SIZE, w->now) == 0,
	     "a packet inside its buffer is taken");
	if (outcome.reason != LVS_REASON_REPLIED)
		return;
	ip = buffer + outcome.offset;
	must(memcmp(ip + source, asked + source + size, size) == 0 &&
		     memcmp(ip + source + size, asked + source, size) == 0,
	     "a reply goes from the virtual address to the client");
	must(memcmp(ip + l->header, asked + l->header + 2, 2) == 0 &&
		     memcmp(ip + l->header + 2, asked + l->header, 2) == 0,
	     "a reply goes from the virtual port to the client's");
}

static void judge(struct world *w, uint8_t *buffer, const uint8_t *before,
		  size_t length, const struct lvs_outcome *out)
{
	const uint8_t *ip = buffer + out->offset;
	struct layout was, is;

	must(out->offset <= SIZE && out->length <= SIZE - out->offset,
	     "the packet is inside its buffer");
	must(lvs_reason_verdict((int)out->reason) == (int)out->verdict,
	     "the reason belongs to the verdict");
	if (out->verdict == LVS_PASS)
		must(out->length == length && memcmp(ip, before, length) == 0,
		     "what passes is as it came");
	if (out->verdict != LVS_FORWARD)
		return;
	must(out->conn != 0, "what is forwarded has a connection");
	if (!lay_out(&was, before, length))
		return;
	must(lay_out(&is, ip, out->length) && is.total == was.total,
	     "what is forwarded is as long as before");
	must(!header_is_right(&was, before) || header_is_right(&is, ip),
	     "the header's checksum stays right");
	if (has_no_sum(&was, before))
		must(has_no_sum(&is, ip), "no checksum stays none");
	else if (transport_sum(&was, before) == 0xffff)
		must(transport_sum(&is, ip) == 0xffff && !has_no_sum(&is, ip),
		     "the transport's checksum stays right");
	if (out->reason == LVS_REASON_FORWARDED && out->offset == LVS_HEADROOM)
		answer(w, buffer, before, &is);
}

static void give(struct world *w, uint8_t *buffer, size_t length)
{
	uint8_t before[SIZE];
	struct lvs_outcome outcome;

	memcpy(before, buffer + LVS_HEADROOM, length);
	must(lvs_balancer_input(w->balancer, &outcome, buffer, LVS_HEADROOM,
				(uint32_t)length, SIZE, w->now) == 0,
	     "a packet inside its buffer is taken");
	judge(w, buffer, before, length, &outcome);
}

static void packet(struct world *w)
{
	uint8_t buffer[SIZE];
	size_t length = make_packet(&w->in, buffer + LVS_HEADROOM);

	bend(&w->in, buffer + LVS_HEADROOM, length);
	give(w, buffer, length);
}

static void raw(struct world *w)
{
	uint8_t buffer[SIZE];
	size_t length = take8(&w->in);

	if (length > w->in.left)
		length = w->in.left;
	memcpy(buffer + LVS_HEADROOM, w->in.at, length);
	w->in.at += length;
	w->in.left -= length;
	if (length > 0 && (length & 1) == 0)
		mend(buffer + LVS_HEADROOM, length);
	give(w, buffer, length);
}

static void pop(struct world *w)
{
	uint8_t buffer[SIZE];
	struct lvs_outcome outcome;
	struct layout l;

	while (lvs_balancer_pop(w->balancer, &outcome, buffer, SIZE) == 1) {
		const uint8_t *ip = buffer + outcome.offset;

		must(outcome.offset + outcome.length <= SIZE,
		     "what the balancer made is inside its buffer");
		if (lay_out(&l, ip, outcome.length))
			must(header_is_right(&l, ip) &&
				     transport_sum(&l, ip) == 0xffff,
			     "what the balancer made has right checksums");
	}
}

/* ---- services and dests that come and go */

static struct lvs_addr address(bool six, const uint8_t four[4], uint8_t last)
{
	struct lvs_addr addr = {.family = six ? LVS_IPV6 : LVS_IPV4};

	write_addr(addr.bytes, six, four, last);
	return addr;
}

static struct lvs_service *find(struct world *w, uint8_t which)
{
	struct lvs_addr addr = address((which & 1) != 0, virtual4, 1);

	return lvs_balancer_find_service(w->balancer, &addr, 80,
					 (which & 2) == 0 ? LVS_TCP : LVS_UDP);
}

static void add_service(struct world *w, uint8_t which)
{
	struct lvs_addr addr = address((which & 1) != 0, virtual4, 1);
	struct lvs_service *service;

	if (find(w, which) != NULL || lvs_service_new(&service) != 0)
		return;
	must(lvs_service_set_address(service, &addr, 80,
				     (which & 2) == 0 ? LVS_TCP : LVS_UDP) == 0,
	     "a service has an address");
	must(lvs_service_set_sched(service, lvs_sched_name(which >> 2 & 3)) ==
		     0,
	     "a service has a scheduler");
	lvs_service_set(service, LVS_SERVICE_EXPIRE_NODEST, which >> 4 & 1);
	must(lvs_balancer_add_service(w->balancer, service) == 0,
	     "a service is taken");
}

static void remove_service(struct world *w, uint8_t which)
{
	struct lvs_service *service = find(w, which);

	if (service != NULL)
		lvs_balancer_remove_service(w->balancer, service);
}

static struct lvs_dest *find_dest(struct world *w, uint8_t which)
{
	struct lvs_service *service = find(w, which);
	struct lvs_addr addr =
		address((which & 1) != 0, server4, (uint8_t)(1 + (which >> 6)));

	return service != NULL ? lvs_service_find_dest(service, &addr, 8080)
			       : NULL;
}

static void add_dest(struct world *w, uint8_t which)
{
	struct lvs_service *service = find(w, which);
	struct lvs_addr addr =
		address((which & 1) != 0, server4, (uint8_t)(1 + (which >> 6)));
	struct lvs_dest *dest;

	if (service == NULL || find_dest(w, which) != NULL)
		return;
	must(lvs_service_add_dest(service, &dest, &addr, 8080, 1) == 0,
	     "a dest is added");
	lvs_dest_set(dest, LVS_DEST_METHOD,
		     (which & 4) == 0 ? LVS_NAT : LVS_DR);
}

static void remove_dest(struct world *w, uint8_t which)
{
	struct lvs_dest *dest = find_dest(w, which);

	if (dest != NULL)
		lvs_service_remove_dest(find(w, which), dest);
}

static void set_dest(struct world *w, uint8_t which)
{
	struct lvs_dest *dest = find_dest(w, which);
	uint8_t option = take8(&w->in);

	if (dest != NULL)
		lvs_dest_set(dest, 1 + option % 6, take8(&w->in) % 5);
}

/* ---- the books, and the end */

static void check_books(struct world *w)
{
	uint64_t reasons[LVS_REASONS] = {0}, total = 0;
	struct lvs_balancer_stats s;

	lvs_balancer_stats(w->balancer, &s, sizeof(s));
	lvs_balancer_reasons(w->balancer, reasons, LVS_REASONS);
	for (int i = 0; i < LVS_REASONS; i++)
		total += reasons[i];
	must(total == s.in, "every packet has one reason");
	must(s.in + s.originated == s.forwarded + s.passed + s.dropped +
					    s.held + s.popped + s.queued,
	     "the books balance");
	must(s.conns <= CONNECTIONS, "the table is never fuller than full");
}

static void check_load(struct world *w)
{
	struct lvs_service *s = NULL;

	while ((s = lvs_balancer_next_service(w->balancer, s)) != NULL) {
		struct lvs_dest *d = NULL;

		while ((d = lvs_service_next_dest(s, d)) != NULL) {
			uint64_t active, inactive;

			lvs_dest_get(d, LVS_DEST_ACTIVE, &active);
			lvs_dest_get(d, LVS_DEST_INACTIVE, &inactive);
			must(active == 0 && inactive == 0,
			     "no connection, no load");
		}
	}
}

static void finish(struct world *w)
{
	struct lvs_balancer_stats s;

	w->now += 1u << 30;
	for (int i = 0;
	     i < 100 && lvs_balancer_deadline(w->balancer) != UINT64_MAX; i++) {
		w->now += 1u << 20;
		lvs_balancer_dispatch(w->balancer, w->now, 0);
	}
	check_books(w);
	lvs_balancer_stats(w->balancer, &s, sizeof(s));
	must(s.conns == 0, "every connection ends with its time");
	check_load(w);
}

static void operate(struct world *w)
{
	uint8_t operation = take8(&w->in);

	switch (operation % 16) {
	case 0:
		raw(w);
		break;
	case 1:
		w->now += take16(&w->in);
		lvs_balancer_dispatch(w->balancer, w->now, operation / 16);
		break;
	case 2:
		w->now += (uint64_t)take16(&w->in) * 100;
		break;
	case 3:
		add_service(w, take8(&w->in));
		break;
	case 4:
		remove_service(w, take8(&w->in));
		break;
	case 5:
		add_dest(w, take8(&w->in));
		break;
	case 6:
		remove_dest(w, take8(&w->in));
		break;
	case 7:
		set_dest(w, take8(&w->in));
		break;
	case 8:
		must(lvs_balancer_commit(w->balancer) == 0, "changes commit");
		break;
	case 9:
		pop(w);
		break;
	default:
		packet(w);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = {.now = 1000, .in = {data, size}};

	if (lvs_balancer_new(&w.balancer, CONNECTIONS, 0) != 0)
		return 0;
	/* TCP and UDP over IPv4 and IPv6, a NAT server and a DR one each */
	for (uint8_t which = 0; which < 4; which++) {
		add_service(&w, which);
		add_dest(&w, which);
		add_dest(&w, which | 4 | 1 << 6);
	}
	must(lvs_balancer_commit(w.balancer) == 0, "changes commit");
	for (int i = 0; i < OPERATIONS && w.in.left > 0; i++) {
		operate(&w);
		check_books(&w);
	}
	finish(&w);
	lvs_balancer_free(w.balancer);
	return 0;
}
