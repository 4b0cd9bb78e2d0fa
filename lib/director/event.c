/*
 * News of the node: a ring of the newest ones, and events as text.
 *
 * The ring never grows: a reader that is too slow loses the oldest, and sees
 * it by the gap in the numbers.
 */
#include "director/director.h"

#include <inttypes.h>
#include <string.h>

#include "model/model.h"
#include "model/text.h"
#include "wire/names.h"

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
	[LVS_EVENT_LOCAL_FAULT] = "local_fault",
	[LVS_EVENT_HOST] = "host",
	[LVS_EVENT_SERVICE_DOWN] = "service_down",
	[LVS_EVENT_SERVICE_UP] = "service_up",
	[LVS_EVENT_DEST_UNCHECKED] = "dest_unchecked",
	[LVS_EVENT_DEST_CHECKED] = "dest_checked",
	[LVS_EVENT_DEST_UNDRAINED] = "dest_undrained",
};

LVS_EXPORT const char *lvs_event_name(int kind)
{
	if (kind < 1 || (size_t)kind >= sizeof(names) / sizeof(names[0]))
		return "unknown";
	return names[kind];
}

/* A warning is what keeps packets from a server, an error from all. */
static uint32_t level_of(const struct lvs_event *event)
{
	switch (event->kind) {
	case LVS_EVENT_HOST:
		return event->host.level;
	case LVS_EVENT_SERVICE_DOWN:
		return LVS_LOG_ERROR;
	case LVS_EVENT_DEST_DOWN:
	case LVS_EVENT_DEST_UNCHECKED:
	case LVS_EVENT_LOCAL_FAULT:
		return LVS_LOG_WARNING;
	default:
		return LVS_LOG_NOTICE;
	}
}

void lvs__event_add(struct lvs_director *director, struct lvs_event *event)
{
	event->level = level_of(event);
	event->time = director->now;
	event->number = director->event_next++;
	director->events[event->number % LVS__EVENTS] = *event;
	if (director->event_next - director->event_first > LVS__EVENTS)
		director->event_first++;
}

/*
 * What the backend tells waits there until all else is told: at the start
 * there may be more of it than the ring holds.
 */
static void fetch(struct lvs_director *director)
{
	struct lvs_event event = {.kind = LVS_EVENT_HOST};

	if (director->backend != NULL &&
	    lvs_backend_pop_event(director->backend, &event.host,
				  sizeof(event.host)) == 1)
		lvs__event_add(director, &event);
}

LVS_EXPORT int lvs_director_pop_event(struct lvs_director *director,
				      struct lvs_event *event, size_t size)
{
	if (director == NULL || event == NULL || size == 0)
		return -EINVAL;
	if (director->event_first == director->event_next)
		fetch(director);
	if (director->event_first == director->event_next)
		return 0;
	(void)lvs__give(
		event, size,
		&director->events[director->event_first++ % LVS__EVENTS],
		sizeof(*event));
	return 1;
}

void lvs__event_service(struct lvs_director *director, int kind,
			const struct lvs_service *service, uint32_t changed)
{
	struct lvs_event event = {
		.kind = (uint32_t)kind,
		.protocol = service->protocol,
		.virtual_addr = service->addr,
		.virtual_port = service->port,
		.changed = changed,
	};

	lvs__event_add(director, &event);
}

static struct lvs_event about(int kind, const struct lvs__live_dest *live)
{
	const struct lvs_service *service = live->service->service;
	struct lvs_event event = {
		.kind = (uint32_t)kind,
		.protocol = service->protocol,
		.virtual_addr = service->addr,
		.virtual_port = service->port,
		.dest = live->dest->addr,
		.dest_port = live->dest->port,
	};

	return event;
}

void lvs__event_dest(struct lvs_director *director, int kind,
		     const struct lvs__live_dest *live, uint64_t value)
{
	struct lvs_event event = about(kind, live);

	event.value = value;
	lvs__event_add(director, &event);
}

void lvs__event_wish(struct lvs_director *director, int kind,
		     const struct lvs__live_dest *live, uint32_t changed)
{
	struct lvs_event event = about(kind, live);

	event.value = live->wish.of[LVS_DEST_WEIGHT];
	event.method = (uint32_t)live->wish.of[LVS_DEST_METHOD];
	event.changed = changed;
	lvs__event_add(director, &event);
}

void lvs__event_health(struct lvs_director *director,
		       const struct lvs__live_dest *live)
{
	struct lvs_event event =
		about(live->down ? LVS_EVENT_DEST_DOWN : LVS_EVENT_DEST_UP,
		      live);
	const struct lvs__probe *why =
		lvs__health_why(live->uses, live->use_count);

	if (why != NULL) {
		event.cause = why->cause;
		event.latency = why->latency;
	}
	lvs__event_add(director, &event);
}

/* ---- as text */

static const char *why_down(uint32_t cause)
{
	if (cause == LVS_CAUSE_NONE)
		return "its check has not succeeded yet";
	if (cause == LVS_CAUSE_FORCED)
		return "resets to clients";
	return lvs_check_cause_name((int)cause);
}

/* What is new, by the names that configuration has for it. */
struct news {
	struct lvs__text *text;
	const char *before; /* what divides the next from what stands there */
};

static void put_new(struct news *news, const char *name)
{
	lvs__text_add(news->text, "%s%s", news->before, name);
	news->before = ", ";
}

/* The rows of a table whose bits are set. */
static void put_rows(struct news *news, uint32_t bits,
		     const struct lvs__model_number *table, int count)
{
	for (int i = 0; i < count; i++)
		if (table[i].name != NULL && (bits & 1U << i) != 0)
			put_new(news, table[i].name);
}

/* ": weight 2, method nat, upper, checks" */
static void put_dest_news(struct lvs__text *text, const struct lvs_event *event)
{
	const uint32_t said = 1U << LVS_DEST_WEIGHT | 1U << LVS_DEST_METHOD;
	struct news news = {text, ": "};

	if ((event->changed & 1U << LVS_DEST_WEIGHT) != 0) {
		put_new(&news, "weight");
		lvs__text_add(text, " %" PRIu64, event->value);
	}
	if ((event->changed & 1U << LVS_DEST_METHOD) != 0) {
		put_new(&news, "method");
		lvs__text_add(text, " %s",
			      lvs__method_name((int)event->method));
	}
	put_rows(&news, event->changed & ~said, lvs__model_dests,
		 LVS__DEST_OPTIONS);
	if ((event->changed & LVS_CHANGED_CHECKS) != 0)
		put_new(&news, "checks");
}

/* ": scheduler, resets" */
static void put_service_news(struct lvs__text *text,
			     const struct lvs_event *event)
{
	struct news news = {text, ": "};

	if ((event->changed & LVS_CHANGED_SCHED) != 0)
		put_new(&news, "scheduler");
	put_rows(&news, event->changed, lvs__model_services,
		 LVS__SERVICE_OPTIONS);
	put_rows(&news, event->changed / LVS_CHANGED_SETTING,
		 lvs__model_settings, LVS__MODEL_SETTINGS);
}

static void put_what(struct lvs__text *text, const struct lvs_event *event)
{
	switch (event->kind) {
	case LVS_EVENT_SERVICE_ADDED:
		lvs__text_add(text, " added");
		break;
	case LVS_EVENT_DEST_ADDED:
		lvs__text_add(text, " added: %s, weight %" PRIu64,
			      lvs__method_name((int)event->method),
			      event->value);
		break;
	case LVS_EVENT_SERVICE_CHANGED:
		lvs__text_add(text, " changed");
		put_service_news(text, event);
		break;
	case LVS_EVENT_DEST_CHANGED:
		lvs__text_add(text, " changed");
		put_dest_news(text, event);
		break;
	case LVS_EVENT_SERVICE_REMOVED:
	case LVS_EVENT_DEST_REMOVED:
		lvs__text_add(text, " removed");
		break;
	case LVS_EVENT_DEST_UP:
		if (event->cause == LVS_CAUSE_NONE)
			lvs__text_add(text, " up: no check says otherwise");
		else
			lvs__text_add(text, " up: %s in %u ms",
				      lvs_check_cause_name((int)event->cause),
				      event->latency);
		break;
	case LVS_EVENT_DEST_DOWN:
		lvs__text_add(text, " down: %s", why_down(event->cause));
		break;
	case LVS_EVENT_DEST_DRAINING:
		lvs__text_add(text, " draining: %" PRIu64 " active",
			      event->value);
		break;
	case LVS_EVENT_DEST_UNCHECKED:
		lvs__text_add(text, " unchecked: no route from this host; it "
				    "stays what it was");
		break;
	case LVS_EVENT_DEST_CHECKED:
		lvs__text_add(text, " is checked again");
		break;
	case LVS_EVENT_SERVICE_DOWN:
		lvs__text_add(text, " has no server left");
		break;
	case LVS_EVENT_SERVICE_UP:
		lvs__text_add(text, " has a server again");
		break;
	case LVS_EVENT_DEST_DRAINED:
		lvs__text_add(text, " drained");
		break;
	case LVS_EVENT_DEST_UNDRAINED:
		lvs__text_add(text, " undrained: weight %" PRIu64,
			      event->value);
		break;
	default:
		lvs__text_add(text, " %s", lvs_event_name((int)event->kind));
	}
}

LVS_EXPORT int lvs_event_format(const struct lvs_event *event, char *text,
				size_t size)
{
	struct lvs__text out;

	if (event == NULL || (text == NULL && size > 0))
		return -EINVAL;
	if (event->kind == LVS_EVENT_HOST)
		return lvs_backend_event_format(&event->host, text, size);
	lvs__text_init(&out, text, size);
	if (event->kind == LVS_EVENT_RELOADED) {
		if (event->value == 0)
			lvs__text_add(&out, "reloaded: nothing changed");
		else
			lvs__text_add(&out, "reloaded: %" PRIu64 " change%s",
				      event->value,
				      event->value == 1 ? "" : "s");
		return lvs__text_result(&out);
	}
	if (event->kind == LVS_EVENT_REFUSED) {
		lvs__text_add(&out,
			      "a change was refused, and its caller told why; "
			      "what ran before goes on");
		return lvs__text_result(&out);
	}
	if (event->kind == LVS_EVENT_LOCAL_FAULT) {
		lvs__text_add(&out,
			      "%" PRIu64 " check%s could not run: a fault of "
			      "this host (descriptors, memory, ports or a "
			      "link), which says nothing about the servers",
			      event->value, event->value == 1 ? "" : "s");
		return lvs__text_result(&out);
	}
	lvs__text_add(&out, "%s ", lvs__protocol_name((int)event->protocol));
	lvs__text_endpoint(&out, &event->virtual_addr,
			   (uint16_t)event->virtual_port);
	if (event->dest.family != LVS_FAMILY_NONE) {
		lvs__text_add(&out, " -> ");
		lvs__text_endpoint(&out, &event->dest,
				   (uint16_t)event->dest_port);
	}
	put_what(&out, event);
	return lvs__text_result(&out);
}
