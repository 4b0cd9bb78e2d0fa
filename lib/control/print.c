/*
 * Answers as a terminal wants them: lists in the layout of ipvsadm -Ln, so
 * that whatever reads that reads this.
 */
#include "control/client.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "wire/words.h"

#define LINE 1024
#define SCREEN 80 /* columns */

static int out(struct lvs__printer *p, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static int out(struct lvs__printer *p, const char *format, ...)
{
	char line[LINE];
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	if (length < 0)
		return 0;
	if ((size_t)length >= sizeof(line))
		length = (int)sizeof(line) - 1;
	p->stopped = p->write(p->user, line, (size_t)length);
	return p->stopped;
}

static int out_text(struct lvs__printer *p, const char *text)
{
	p->stopped = p->write(p->user, text, strlen(text));
	return p->stopped;
}

static const char *text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "?";
}

static uint64_t number_of(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value > 0 ? (uint64_t)value : 0;
}

static bool is_true(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

static const char *protocol_of(const json_t *object)
{
	return lvs__protocol_title(
		lvs__protocol_of(text_of(object, "protocol")));
}

/* ---- titles */

static int out_titles(struct lvs__printer *p, enum lvs__view view)
{
	switch (view) {
	case LVS__VIEW_PLAIN:
		return out(p,
			   "Prot LocalAddress:Port Scheduler Flags\n"
			   "  -> RemoteAddress:Port           Forward Weight "
			   "ActiveConn InActConn\n");
	case LVS__VIEW_STATS:
		return out(p, "Prot LocalAddress:Port               Conns   "
			      "InPkts  OutPkts  InBytes OutBytes\n"
			      "  -> RemoteAddress:Port\n");
	case LVS__VIEW_RATE:
		return out(p, "Prot LocalAddress:Port                 CPS    "
			      "InPPS   OutPPS    InBPS   OutBPS\n"
			      "  -> RemoteAddress:Port\n");
	case LVS__VIEW_THRESHOLDS:
		return out(p, "Prot LocalAddress:Port            Uthreshold "
			      "Lthreshold ActiveConn InActConn \n"
			      "  -> RemoteAddress:Port\n");
	case LVS__VIEW_PERSISTENT:
		return out(p, "Prot LocalAddress:Port            Weight    "
			      "PersistConn ActiveConn InActConn \n"
			      "  -> RemoteAddress:Port\n");
	case LVS__VIEW_CONNS:
		return out(p, "IPVS connection entries\n"
			      "pro expire state       source             "
			      "virtual            destination\n");
	default:
		return 0;
	}
}

int lvs__print_title(struct lvs__printer *p)
{
	if (p->titled || p->order->json)
		return 0;
	p->titled = true;
	return out_titles(p, p->order->view);
}

static int print_node(struct lvs__printer *p, const json_t *node)
{
	if (p->order->view > LVS__VIEW_PERSISTENT)
		return 0;
	if (!p->order->one &&
	    out(p, "IP Virtual Server version %s (size=%" PRIu64 ")\n",
		text_of(node, "version"), number_of(node, "connections")) < 0)
		return p->stopped;
	return lvs__print_title(p);
}

/* ---- numbers */

#define NUMBER 32

/* From 10^8 on in thousands and so forth, as ipvsadm has it. */
static const char *large(char *text, uint64_t n, bool exact)
{
	if (exact || n < 100000000)
		snprintf(text, NUMBER, "%8" PRIu64, n);
	else if (n < 1000000000)
		snprintf(text, NUMBER, "%7" PRIu64 "K", n / 1000);
	else if (n < 100000000000)
		snprintf(text, NUMBER, "%7" PRIu64 "M", n / 1000000);
	else if (n < 100000000000000)
		snprintf(text, NUMBER, "%7" PRIu64 "G", n / 1000000000);
	else
		snprintf(text, NUMBER, "%7" PRIu64 "T", n / 1000000000000);
	return text;
}

/* The five columns of --stats and --rate. */
static int out_counts(struct lvs__printer *p, const json_t *thing,
		      const char *arrow, const char *name)
{
	const json_t *counts =
		json_object_get(thing, p->order->view == LVS__VIEW_RATE
					       ? "rates"
					       : "stats");
	static const char *const names[5] = {"conns", "in_packets",
					     "out_packets", "in_bytes",
					     "out_bytes"};
	char n[5][NUMBER];

	for (int i = 0; i < 5; i++)
		large(n[i], number_of(counts, names[i]), p->order->exact);
	return out(p, "%s%-28s %s %s %s %s %s\n", arrow, name, n[0], n[1], n[2],
		   n[3], n[4]);
}

/* ---- services and dests */

static int print_service(struct lvs__printer *p, const json_t *service)
{
	const char *protocol = protocol_of(service);
	const char *name = text_of(service, "virtual");
	char start[8];

	if (p->order->view == LVS__VIEW_STATS ||
	    p->order->view == LVS__VIEW_RATE) {
		snprintf(start, sizeof(start), "%-5s", protocol);
		return out_counts(p, service, start, name);
	}
	return out(p, "%-4s %s %s\n", protocol, name,
		   text_of(service, "scheduler"));
}

static const char *forward_of(const json_t *dest)
{
	const char *method = text_of(dest, "method");

	if (strcmp(method, "nat") == 0)
		return "Masq";
	if (strcmp(method, "tunnel") == 0)
		return "Tunnel";
	return strcmp(method, "local") == 0 ? "Local" : "Route";
}

static int print_dest(struct lvs__printer *p, const json_t *dest)
{
	const char *name = text_of(dest, "dest");
	uint64_t active = number_of(dest, "active");
	uint64_t inactive = number_of(dest, "inactive");
	/* dead or draining: nothing new, which is what weight 0 says there */
	uint64_t weight = is_true(dest, "down") || is_true(dest, "drain")
				  ? 0
				  : number_of(dest, "weight");

	switch (p->order->view) {
	case LVS__VIEW_STATS:
	case LVS__VIEW_RATE:
		return out_counts(p, dest, "  -> ", name);
	case LVS__VIEW_THRESHOLDS:
		return out(p,
			   "  -> %-28s %-10" PRIu64 " %-10" PRIu64
			   " %-10" PRIu64 " %-10" PRIu64 "\n",
			   name, number_of(dest, "upper"),
			   number_of(dest, "lower"), active, inactive);
	case LVS__VIEW_PERSISTENT:
		return out(p,
			   "  -> %-28s %-9" PRIu64 " %-11d %-10" PRIu64
			   " %-10" PRIu64 "\n",
			   name, weight, 0, active, inactive);
	default:
		return out(p,
			   "  -> %-28s %-7s %-6" PRIu64 " %-10" PRIu64
			   " %-10" PRIu64 "\n",
			   name, forward_of(dest), weight, active, inactive);
	}
}

/* ---- the rest */

static int print_conn(struct lvs__printer *p, const json_t *conn)
{
	uint64_t seconds = number_of(conn, "expires") / 1000;

	if (lvs__print_title(p) < 0)
		return p->stopped;
	return out(p, "%s %02" PRIu64 ":%02" PRIu64 "  %-11s %-18s %-18s %s\n",
		   protocol_of(conn), seconds / 60, seconds % 60,
		   text_of(conn, "state"), text_of(conn, "client"),
		   text_of(conn, "virtual"), text_of(conn, "dest"));
}

static int print_timeouts(struct lvs__printer *p, const json_t *timeouts)
{
	return out(p,
		   "Timeout (tcp tcpfin udp): %" PRIu64 " %" PRIu64 " %" PRIu64
		   "\n",
		   number_of(timeouts, "tcp") / 1000,
		   number_of(timeouts, "tcp_fin") / 1000,
		   number_of(timeouts, "udp") / 1000);
}

static int print_event(struct lvs__printer *p, const json_t *event)
{
	time_t now = time(NULL);
	char when[16] = "";
	struct tm parts;

	if (localtime_r(&now, &parts) != NULL)
		strftime(when, sizeof(when), "%H:%M:%S", &parts);
	return out(p, "%s %s\n", when, text_of(event, "text"));
}

/* `text` at column `at`, wrapped at the screen's edge to column `indent`. */
static int out_wrapped(struct lvs__printer *p, int at, int indent,
		       const char *text)
{
	size_t room = at < SCREEN ? (size_t)(SCREEN - at) : 0;

	while (strlen(text) > room) {
		size_t length = room;

		while (length > 0 && text[length] != ' ')
			length--;
		if (length == 0) /* a word longer than the line */
			length = strcspn(text, " ");
		if (text[length] == '\0')
			break;
		if (out(p, "%.*s\n%*s", (int)length, text, indent, "") < 0)
			return p->stopped;
		text += length + 1;
		room = (size_t)(SCREEN - indent);
	}
	return out(p, "%s\n", text);
}

static int print_reason(struct lvs__printer *p, const json_t *reason)
{
	uint64_t packets = number_of(reason, "packets");
	char start[LINE];
	int length;

	if (packets == 0)
		return 0;
	length = snprintf(start, sizeof(start), "%-14s %12" PRIu64 "  ",
			  text_of(reason, "name"), packets);
	if (out_text(p, start) < 0)
		return p->stopped;
	return out_wrapped(p, length, 14 + 1 + 12 + 2, text_of(reason, "text"));
}

static int print_worker(struct lvs__printer *p, const json_t *worker)
{
	uint64_t returned = number_of(worker, "returned");
	char text[LINE];

	snprintf(text, sizeof(text),
		 "worker %" PRIu64 ": %" PRIu64 " in, %" PRIu64
		 " forwarded, %" PRIu64 " passed, %" PRIu64 " dropped, %" PRIu64
		 " connections; lost before it: %" PRIu64 " ring full, %" PRIu64
		 " oversized",
		 number_of(worker, "index"), number_of(worker, "in"),
		 number_of(worker, "forwarded"), number_of(worker, "passed"),
		 number_of(worker, "dropped"), number_of(worker, "conns"),
		 number_of(worker, "ring_full"),
		 number_of(worker, "oversized"));
	if (out_wrapped(p, 0, 2, text) < 0 || returned == 0)
		return p->stopped;
	return out(p,
		   "  %" PRIu64 " from servers were no replies: the host got "
		   "them back\n",
		   returned);
}

static const struct {
	const char *name;
	int (*print)(struct lvs__printer *p, const json_t *thing);
} kinds[] = {
	{"node", print_node},	  {"service", print_service},
	{"dest", print_dest},	  {"conn", print_conn},
	{"event", print_event},	  {"reason", print_reason},
	{"worker", print_worker}, {"timeouts", print_timeouts},
};

int lvs__print_line(struct lvs__printer *p, json_t *line)
{
	const json_t *thing = json_object_get(line, "text");

	if (p->order->view == LVS__VIEW_NOTHING)
		return 0;
	if (thing != NULL)
		return out_text(p, text_of(line, "text"));
	thing = json_object_get(line, "lost");
	if (thing != NULL)
		return out(p, "%" PRIu64 " events were lost\n",
			   number_of(line, "lost"));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		thing = json_object_get(line, kinds[i].name);
		if (thing != NULL)
			return kinds[i].print(p, thing);
	}
	return 0; /* something newer than this client */
}
