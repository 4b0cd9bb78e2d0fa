/*
 * News of the node: a ring of the newest ones, and events as text.
 *
 * The ring never grows: a reader that is too slow loses the oldest, and sees
 * it by the gap in the numbers.
 */
#include "director/director.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
	[LVS_EVENT_SERVICE_ADDED] = "service_added",
	[LVS_EVENT_SERVICE_CHANGED] = "service_changed",
	[LVS_EVENT_SERVICE_REMOVED] = "service_removed",
	[LVS_EVENT_DEST_ADDED] = "dest_added",
	[LVS_EVENT_DEST_CHANGED] = "dest_changed",
	[LVS_EVENT_DEST_REMOVED] = "dest_removed",
	[LVS_EVENT_DEST_UP] = "dest_up",
	[LVS_EVENT_DEST_DOWN] = "dest_down",
	[LVS_EVENT_DEST_DRAINING] = "dest_draining",
	[LVS_EVENT_DEST_DRAINED] = "dest_drained",
	[LVS_EVENT_RELOADED] = "reloaded",
	[LVS_EVENT_REFUSED] = "refused",
};

LVS_EXPORT const char *lvs_event_name(int kind)
{
	if (kind < 1 || (size_t)kind >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[kind];
}

void lvs__event_add(struct lvs_director *director, struct lvs_event *event)
{
	event->time = director->now;
	event->number = director->event_next++;
	director->events[event->number % LVS__EVENTS] = *event;
	if (director->event_next - director->event_first > LVS__EVENTS)
		director->event_first++;
}

LVS_EXPORT int lvs_director_pop_event(struct lvs_director *director,
				      struct lvs_event *event, size_t size)
{
	if (director == NULL || event == NULL || size != sizeof(*event))
		return -EINVAL;
	if (director->event_first == director->event_next)
		return 0;
	*event = director->events[director->event_first++ % LVS__EVENTS];
	return 1;
}

void lvs__event_service(struct lvs_director *director, int kind,
			const struct lvs_service *service, uint64_t value)
{
	struct lvs_event event = {
		.kind = (uint32_t)kind,
		.protocol = service->protocol,
		.virtual_addr = service->addr,
		.virtual_port = service->port,
		.value = value,
	};

	lvs__event_add(director, &event);
}

void lvs__event_dest(struct lvs_director *director, int kind,
		     const struct lvs__live_dest *live, uint64_t value,
		     const struct lvs_check_event *check)
{
	const struct lvs_service *service = live->service->service;
	struct lvs_event event = {
		.kind = (uint32_t)kind,
		.protocol = service->protocol,
		.virtual_addr = service->addr,
		.virtual_port = service->port,
		.dest = live->dest->addr,
		.dest_port = live->dest->port,
		.value = value,
	};

	if (check != NULL) {
		event.cause = check->cause;
		event.latency = check->latency;
	}
	lvs__event_add(director, &event);
}

/* ---- as text */

struct text {
	char *at;
	size_t size;
	size_t length; /* of the whole text */
};

static void put(struct text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void put(struct text *text, const char *format, ...)
{
	size_t room = text->length < text->size ? text->size - text->length : 0;
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(room > 0 ? text->at + text->length : NULL, room, format,
		      list);
	va_end(list);
	if (n > 0)
		text->length += (size_t)n;
}

static void put_endpoint(struct text *text, const struct lvs_addr *addr,
			 uint32_t port)
{
	char name[64];

	if (lvs_endpoint_format(addr, (uint16_t)port, name, sizeof(name)) < 0)
		snprintf(name, sizeof(name), "?");
	put(text, "%s", name);
}

static void put_what(struct text *text, const struct lvs_event *event)
{
	switch (event->kind) {
	case LVS_EVENT_SERVICE_ADDED:
	case LVS_EVENT_DEST_ADDED:
		put(text, " added");
		break;
	case LVS_EVENT_SERVICE_CHANGED:
		put(text, " changed");
		break;
	case LVS_EVENT_DEST_CHANGED:
		put(text, " changed: weight %" PRIu64, event->value);
		break;
	case LVS_EVENT_SERVICE_REMOVED:
	case LVS_EVENT_DEST_REMOVED:
		put(text, " removed");
		break;
	case LVS_EVENT_DEST_UP:
		put(text, " up: %s in %u ms",
		    lvs_check_cause_name((int)event->cause), event->latency);
		break;
	case LVS_EVENT_DEST_DOWN:
		put(text, " down: %s", lvs_check_cause_name((int)event->cause));
		break;
	case LVS_EVENT_DEST_DRAINING:
		put(text, " draining: %" PRIu64 " active", event->value);
		break;
	case LVS_EVENT_DEST_DRAINED:
		put(text, " drained");
		break;
	default:
		put(text, " %s", lvs_event_name((int)event->kind));
	}
}

LVS_EXPORT int lvs_event_format(const struct lvs_event *event, char *text,
				size_t size)
{
	struct text out = {.at = text, .size = text != NULL ? size : 0};

	if (event == NULL || (text == NULL && size > 0))
		return -EINVAL;
	if (out.size > 0)
		text[0] = '\0';
	if (event->kind == LVS_EVENT_RELOADED) {
		put(&out, "reloaded: %" PRIu64 " change%s", event->value,
		    event->value == 1 ? "" : "s");
		return (int)out.length;
	}
	if (event->kind == LVS_EVENT_REFUSED) {
		put(&out, "a change was refused; what ran before goes on");
		return (int)out.length;
	}
	put(&out, "%s ", event->protocol == LVS_UDP ? "udp" : "tcp");
	put_endpoint(&out, &event->virtual_addr, event->virtual_port);
	if (event->dest.family != LVS_FAMILY_NONE) {
		put(&out, " -> ");
		put_endpoint(&out, &event->dest, event->dest_port);
	}
	put_what(&out, event);
	return (int)out.length;
}
