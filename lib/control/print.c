/*
 * Answers as a terminal of 80 columns wants them. What ipvsadm has too looks
 * as it does there; lists.c has its lists.
 */
#include "control/print.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "wire/names.h"

#define LINE 1024

int lvs__print(struct lvs__printer *p, const char *format, ...)
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

const char *lvs__text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text != NULL ? text : "?";
}

uint64_t lvs__number_of(const json_t *object, const char *name)
{
	json_int_t value = json_integer_value(json_object_get(object, name));

	return value > 0 ? (uint64_t)value : 0;
}

bool lvs__true_of(const json_t *object, const char *name)
{
	return json_is_true(json_object_get(object, name));
}

const char *lvs__title_of(const json_t *object)
{
	return lvs__protocol_title(
		lvs__protocol_of(lvs__text_of(object, "protocol")));
}

/* ---- the rest */

/*
 * Connections come one by one and there may be millions: a column is as wide
 * as the widest address so far, so that IPv6 is aligned after a few lines.
 */
static const int narrow[2] = {18, 18};

static int print_title(struct lvs__printer *p)
{
	if (p->titled)
		return 0;
	p->titled = true;
	memcpy(p->widths, narrow, sizeof(narrow));
	return lvs__print(p, "IPVS connection entries\n"
			     "pro expire state       source             "
			     "virtual            destination\n");
}

static int print_conn(struct lvs__printer *p, const json_t *conn)
{
	uint64_t seconds = lvs__number_of(conn, "expires") / 1000;
	const char *names[3] = {lvs__text_of(conn, "client"),
				lvs__text_of(conn, "virtual"),
				lvs__text_of(conn, "dest")};

	if (print_title(p) < 0)
		return p->stopped;
	for (int i = 0; i < 2; i++)
		if ((int)strlen(names[i]) > p->widths[i])
			p->widths[i] = (int)strlen(names[i]);
	return lvs__print(p,
			  "%s %02" PRIu64 ":%02" PRIu64
			  "  %-11s %-*s %-*s %s\n",
			  lvs__title_of(conn), seconds / 60, seconds % 60,
			  lvs__text_of(conn, "state"), p->widths[0], names[0],
			  p->widths[1], names[1], names[2]);
}

/* `text` at column `at`, wrapped at the screen's edge to column `indent`. */
static int out_wrapped(struct lvs__printer *p, int at, int indent,
		       const char *text)
{
	size_t room = at < LVS__SCREEN ? (size_t)(LVS__SCREEN - at) : 0;

	while (strlen(text) > room) {
		size_t length = room;

		while (length > 0 && text[length] != ' ')
			length--;
		if (length == 0) /* a word longer than the line */
			length = strcspn(text, " ");
		if (text[length] == '\0')
			break;
		if (lvs__print(p, "%.*s\n%*s", (int)length, text, indent, "") <
		    0)
			return p->stopped;
		text += length + 1;
		room = (size_t)(LVS__SCREEN - indent);
	}
	return lvs__print(p, "%s\n", text);
}

/* A text of many lines: what is wrapped of one stands two columns inside. */
static int out_lines(struct lvs__printer *p, const char *text)
{
	while (*text != '\0' && p->stopped >= 0) {
		int length = (int)strcspn(text, "\n");
		char line[LINE];

		snprintf(line, sizeof(line), "%.*s", length, text);
		out_wrapped(p, 0, (int)strspn(line, " ") + 2, line);
		text += length + (text[length] == '\n');
	}
	return p->stopped;
}

static int print_text(struct lvs__printer *p, const char *text)
{
	if (p->order->view == LVS__VIEW_DIFF && !p->titled &&
	    lvs__print(p, "- only in the file, + only running, ~ from the "
			  "file's value to the running one\n") < 0)
		return p->stopped;
	p->titled = true;
	if (p->order->view == LVS__VIEW_WRAPPED)
		return out_lines(p, text);
	return out_text(p, text);
}

int lvs__print_end(struct lvs__printer *p)
{
	if (p->order->json)
		return 0;
	if (p->order->view == LVS__VIEW_CONNS)
		return print_title(p);
	if (p->order->view == LVS__VIEW_DIFF && !p->titled)
		return out_text(p, "what runs is what the file says\n");
	return 0;
}

static int print_timeouts(struct lvs__printer *p, const json_t *timeouts)
{
	return lvs__print(p,
			  "Timeout (tcp tcpfin udp): %" PRIu64 " %" PRIu64
			  " %" PRIu64 "\n",
			  lvs__number_of(timeouts, "tcp") / 1000,
			  lvs__number_of(timeouts, "tcp_fin") / 1000,
			  lvs__number_of(timeouts, "udp") / 1000);
}

static int print_event(struct lvs__printer *p, const json_t *event)
{
	time_t now = time(NULL);
	char when[16] = "";
	struct tm parts;

	if (localtime_r(&now, &parts) != NULL)
		strftime(when, sizeof(when), "%H:%M:%S", &parts);
	return lvs__print(p, "%s %s\n", when, lvs__text_of(event, "text"));
}

static int print_reason(struct lvs__printer *p, const json_t *reason)
{
	uint64_t packets = lvs__number_of(reason, "packets");
	char start[LINE];
	int length;

	if (packets == 0)
		return 0;
	length = snprintf(start, sizeof(start), "%-14s %12" PRIu64 "  ",
			  lvs__text_of(reason, "name"), packets);
	if (out_text(p, start) < 0)
		return p->stopped;
	return out_wrapped(p, length, 14 + 1 + 12 + 2,
			   lvs__text_of(reason, "text"));
}

static int print_worker(struct lvs__printer *p, const json_t *worker)
{
	uint64_t returned = lvs__number_of(worker, "returned");
	char text[LINE];

	snprintf(text, sizeof(text),
		 "worker %" PRIu64 ": %" PRIu64 " in, %" PRIu64
		 " forwarded, %" PRIu64 " passed, %" PRIu64 " dropped, %" PRIu64
		 " connections; lost before it: %" PRIu64 " ring full, %" PRIu64
		 " oversized",
		 lvs__number_of(worker, "index"), lvs__number_of(worker, "in"),
		 lvs__number_of(worker, "forwarded"),
		 lvs__number_of(worker, "passed"),
		 lvs__number_of(worker, "dropped"),
		 lvs__number_of(worker, "conns"),
		 lvs__number_of(worker, "ring_full"),
		 lvs__number_of(worker, "oversized"));
	if (out_wrapped(p, 0, 2, text) < 0 || returned == 0)
		return p->stopped;
	return lvs__print(p,
			  "  %" PRIu64
			  " from servers were no replies: the host got "
			  "them back\n",
			  returned);
}

static const struct {
	const char *name;
	int (*print)(struct lvs__printer *p, const json_t *thing);
} kinds[] = {
	{"node", lvs__print_node}, {"service", lvs__print_service},
	{"dest", lvs__print_dest}, {"conn", print_conn},
	{"event", print_event},	   {"reason", print_reason},
	{"worker", print_worker},  {"timeouts", print_timeouts},
};

int lvs__print_line(struct lvs__printer *p, json_t *line)
{
	const json_t *thing = json_object_get(line, "text");

	if (p->order->view == LVS__VIEW_NOTHING)
		return 0;
	if (thing != NULL)
		return print_text(p, lvs__text_of(line, "text"));
	thing = json_object_get(line, "lost");
	if (thing != NULL)
		return lvs__print(p, "%" PRIu64 " events were lost\n",
				  lvs__number_of(line, "lost"));
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		thing = json_object_get(line, kinds[i].name);
		if (thing != NULL)
			return kinds[i].print(p, thing);
	}
	return 0; /* something newer than this client */
}
