/*
 * Services and destinations in the layout of ipvsadm -Ln, so that whatever
 * reads that reads this. The plain list has one column more, a word for a
 * destination that is not simply up; it is the last one and has no title, so
 * that nobody who counts columns meets it.
 *
 * Addresses take 28 columns, as there; where the list has a longer one, as
 * many as that: all lines stay aligned. The plain list keeps to the screen
 * then, so that the word in the last column is not torn.
 */
#include "control/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ADDRESS 28 /* columns */
#define ADDRESS_MOST 64
#define PREFIX 5 /* "  -> " */
#define LINE 512

/* Of the connections' columns. Beside an address this long, the screen has no
 * room for ipvsadm's titles. */
static int numbers_width(const struct lvs__printer *p)
{
	return p->width > 39 ? 6 : 10;
}

/* ---- titles */

static int print_titles(struct lvs__printer *p, enum lvs__view view)
{
	int width = p->width;

	switch (view) {
	case LVS__VIEW_STATS:
		return lvs__print(p,
				  "Prot %-*s    Conns   InPkts  OutPkts  "
				  "InBytes OutBytes\n"
				  "  -> RemoteAddress:Port\n",
				  width, "LocalAddress:Port");
	case LVS__VIEW_RATE:
		return lvs__print(p,
				  "Prot %-*s      CPS    InPPS   OutPPS    "
				  "InBPS   OutBPS\n"
				  "  -> RemoteAddress:Port\n",
				  width, "LocalAddress:Port");
	case LVS__VIEW_THRESHOLDS:
		return lvs__print(p,
				  "Prot %-*s Uthreshold Lthreshold ActiveConn "
				  "InActConn \n"
				  "  -> RemoteAddress:Port\n",
				  width, "LocalAddress:Port");
	case LVS__VIEW_PERSISTENT:
		return lvs__print(p,
				  "Prot %-*s Weight    PersistConn ActiveConn "
				  "InActConn \n"
				  "  -> RemoteAddress:Port\n",
				  width, "LocalAddress:Port");
	case LVS__VIEW_HEALTH:
		return lvs__print(p,
				  "Prot LocalAddress:Port\n"
				  "  -> %-*s State     For      Why\n",
				  width, "RemoteAddress:Port");
	default:
		return lvs__print(p,
				  "Prot LocalAddress:Port Scheduler Flags\n"
				  "  -> %-*s Forward Weight %s\n",
				  width, "RemoteAddress:Port",
				  numbers_width(p) == 10
					  ? "ActiveConn InActConn"
					  : "Active InAct");
	}
}

int lvs__print_node(struct lvs__printer *p, const json_t *node)
{
	uint64_t widest = lvs__number_of(node, "widest");

	if (p->order->view > LVS__VIEW_HEALTH)
		return 0;
	p->width = widest < ADDRESS	   ? ADDRESS
		   : widest > ADDRESS_MOST ? ADDRESS_MOST
					   : (int)widest;
	if (!p->order->one &&
	    lvs__print(p, "IP Virtual Server version %s (size=%" PRIu64 ")\n",
		       lvs__text_of(node, "version"),
		       lvs__number_of(node, "connections")) < 0)
		return p->stopped;
	return print_titles(p, p->order->view);
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
static int print_counts(struct lvs__printer *p, const json_t *thing,
			const char *start, const char *name)
{
	static const char *const names[5] = {"conns", "in_packets",
					     "out_packets", "in_bytes",
					     "out_bytes"};
	const json_t *counts =
		json_object_get(thing, p->order->view == LVS__VIEW_RATE
					       ? "rates"
					       : "stats");
	char n[5][NUMBER];

	for (int i = 0; i < 5; i++)
		large(n[i], lvs__number_of(counts, names[i]), p->order->exact);
	return lvs__print(p, "%-5s%-*s %s %s %s %s %s\n", start, p->width, name,
			  n[0], n[1], n[2], n[3], n[4]);
}

/* "12s", "3m12s", "2h14m", "5d3h": two units at most. */
static void span(char *text, uint64_t seconds)
{
	uint64_t minutes = seconds / 60, hours = minutes / 60;

	if (seconds < 60)
		snprintf(text, NUMBER, "%" PRIu64 "s", seconds);
	else if (minutes < 60)
		snprintf(text, NUMBER, "%" PRIu64 "m%" PRIu64 "s", minutes,
			 seconds % 60);
	else if (hours < 24)
		snprintf(text, NUMBER, "%" PRIu64 "h%" PRIu64 "m", hours,
			 minutes % 60);
	else
		snprintf(text, NUMBER, "%" PRIu64 "d%" PRIu64 "h", hours / 24,
			 hours % 24);
}

/* ---- services and dests */

int lvs__print_service(struct lvs__printer *p, const json_t *service)
{
	const char *protocol = lvs__title_of(service);
	const char *name = lvs__text_of(service, "virtual");

	if (p->order->view == LVS__VIEW_STATS ||
	    p->order->view == LVS__VIEW_RATE)
		return print_counts(p, service, protocol, name);
	return lvs__print(p, "%-4s %s %s\n", protocol, name,
			  lvs__text_of(service, "scheduler"));
}

static const char *forward_of(const json_t *dest)
{
	const char *method = lvs__text_of(dest, "method");

	if (strcmp(method, "nat") == 0)
		return "Masq";
	if (strcmp(method, "tunnel") == 0)
		return "Tunnel";
	return strcmp(method, "local") == 0 ? "Local" : "Route";
}

/* The last column: nothing where all is well. */
static const char *remark_on(const json_t *dest)
{
	const char *state = lvs__text_of(dest, "state");

	if (strcmp(state, "up") == 0 || strcmp(state, "?") == 0)
		return "";
	if (strcmp(state, "down") == 0 &&
	    strcmp(lvs__text_of(dest, "cause"), "forced") == 0)
		return "resets";
	return state;
}

/* Dead or draining: nothing new, which is what weight 0 says there. */
static uint64_t weight_of(const json_t *dest)
{
	return lvs__true_of(dest, "down") || lvs__true_of(dest, "drain")
		       ? 0
		       : lvs__number_of(dest, "weight");
}

/* Why it is in its state, as far as that is known. */
static const char *why_of(char *text, const json_t *dest)
{
	const char *state = lvs__text_of(dest, "state");
	const char *cause = lvs__text_of(dest, "cause");

	if (strcmp(state, "down") == 0)
		return strcmp(cause, "forced") == 0 ? "resets to clients"
						    : cause;
	if (strcmp(state, "unchecked") == 0)
		return strcmp(cause, "local") == 0 ? "fault of this host"
						   : cause;
	if (strcmp(state, "overload") == 0)
		snprintf(text, NUMBER, "upper threshold %" PRIu64,
			 lvs__number_of(dest, "upper"));
	else if (strcmp(state, "draining") == 0)
		snprintf(text, NUMBER, "%" PRIu64 " active connections",
			 lvs__number_of(dest, "active"));
	else if (strcmp(state, "drained") == 0)
		return "no active connection";
	else if (strcmp(state, "quiescent") == 0)
		return "weight 0";
	else if (strcmp(state, "checking") == 0)
		return "no check has ended yet";
	else if (!lvs__true_of(dest, "checked"))
		return "not checked";
	else
		return "";
	return text;
}

static int print_health(struct lvs__printer *p, const json_t *dest)
{
	const char *state = lvs__text_of(dest, "state");
	char since[NUMBER] = "-", text[NUMBER];
	const char *why = why_of(text, dest);

	if (strcmp(state, "overload") != 0) /* comes and goes untold */
		span(since, lvs__number_of(dest, "since") / 1000);
	return lvs__print(p, "  -> %-*s %-9s %-8s%s%s\n", p->width,
			  lvs__text_of(dest, "dest"), state, since,
			  why[0] != '\0' ? " " : "", why);
}

/*
 * Only where addresses are long, or a number is longer than its column: a gap
 * becomes one space, from the right, until the screen holds the line.
 */
static void squeeze(char *line)
{
	size_t length = strlen(line);

	for (size_t at = length; at > PREFIX && length > LVS__SCREEN; at--) {
		if (line[at - 1] != ' ' || line[at] != ' ')
			continue;
		memmove(line + at, line + at + 1, length - at);
		length--;
	}
}

static int print_plain(struct lvs__printer *p, const json_t *dest)
{
	const char *remark = remark_on(dest);
	int width = numbers_width(p);
	char line[LINE];

	snprintf(line, sizeof(line),
		 "  -> %-*s %-7s %-6" PRIu64 " %-*" PRIu64 " %-*" PRIu64 "%s%s",
		 p->width, lvs__text_of(dest, "dest"), forward_of(dest),
		 weight_of(dest), width, lvs__number_of(dest, "active"), width,
		 lvs__number_of(dest, "inactive"), remark[0] != '\0' ? " " : "",
		 remark);
	squeeze(line);
	return lvs__print(p, "%s\n", line);
}

int lvs__print_dest(struct lvs__printer *p, const json_t *dest)
{
	const char *name = lvs__text_of(dest, "dest");
	uint64_t active = lvs__number_of(dest, "active");
	uint64_t inactive = lvs__number_of(dest, "inactive");

	switch (p->order->view) {
	case LVS__VIEW_STATS:
	case LVS__VIEW_RATE:
		return print_counts(p, dest, "  ->", name);
	case LVS__VIEW_THRESHOLDS:
		return lvs__print(p,
				  "  -> %-*s %-10" PRIu64 " %-10" PRIu64
				  " %-10" PRIu64 " %-10" PRIu64 "\n",
				  p->width, name, lvs__number_of(dest, "upper"),
				  lvs__number_of(dest, "lower"), active,
				  inactive);
	case LVS__VIEW_PERSISTENT:
		return lvs__print(p,
				  "  -> %-*s %-9" PRIu64 " %-11d %-10" PRIu64
				  " %-10" PRIu64 "\n",
				  p->width, name, weight_of(dest), 0, active,
				  inactive);
	case LVS__VIEW_HEALTH:
		return print_health(p, dest);
	default:
		return print_plain(p, dest);
	}
}
