/*
 * Services, dests, connections and events as JSON objects. lvs-control(7)
 * describes each member.
 */
#include "control/control.h"

#include <stdio.h>
#include <string.h>

#include "director/director.h"
#include "wire/names.h"

static void endpoint(char *text, const struct lvs_addr *addr, uint32_t port)
{
	if (lvs_endpoint_format(addr, (uint16_t)port, text,
				LVS__ENDPOINT_TEXT) < 0)
		snprintf(text, LVS__ENDPOINT_TEXT, "?");
}

/* JSON has no unsigned 64-bit numbers here: what is above is cut. */
static json_int_t number(uint64_t value)
{
	return value > INT64_MAX ? INT64_MAX : (json_int_t)value;
}

static json_t *stats_of(const struct lvs_stats *s)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "conns", number(s->conns),
			 "in_packets", number(s->in_packets), "out_packets",
			 number(s->out_packets), "in_bytes",
			 number(s->in_bytes), "out_bytes",
			 number(s->out_bytes));
}

static json_t *rates_of(const struct lvs_stats *s)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I}", "conns",
			 number(s->conn_rate), "in_packets",
			 number(s->in_packet_rate), "out_packets",
			 number(s->out_packet_rate), "in_bytes",
			 number(s->in_byte_rate), "out_bytes",
			 number(s->out_byte_rate));
}

/* What it is configured to be, each value under its name. */
static bool add_numbers(json_t *inner, const struct lvs__model_number *table,
			size_t count, const uint64_t *values)
{
	json_t *value;

	for (size_t i = 0; i < count; i++) {
		if (table[i].name == NULL)
			continue;
		if (table[i].kind == LVS__KIND_METHOD)
			value = json_string(lvs__method_name((int)values[i]));
		else if (table[i].kind == LVS__KIND_YES)
			value = json_boolean(values[i] != 0);
		else
			value = json_integer(number(values[i]));
		if (json_object_set_new(inner, table[i].name, value) < 0)
			return false;
	}
	return true;
}

/* {"name": inner}; takes it, NULL or incomplete too. */
static json_t *wrap(const char *name, json_t *inner, bool complete)
{
	if (complete)
		return json_pack("{s:o}", name, inner);
	json_decref(inner);
	return NULL;
}

json_t *lvs__json_service(const struct lvs_service *service)
{
	const struct lvs__live *live = service->note;
	struct lvs__service_wish wish;
	struct lvs_stats stats = {0};
	struct lvs_addr addr;
	uint16_t port;
	int protocol;
	char name[LVS__ENDPOINT_TEXT];
	json_t *inner;

	if (lvs_service_get_address(service, &addr, &port, &protocol) < 0)
		return NULL;
	endpoint(name, &addr, port);
	(void)lvs_service_stats(service, &stats, sizeof(stats));
	inner = json_pack("{s:s, s:s, s:s, s:o, s:o}", "protocol",
			  lvs__protocol_name(protocol), "virtual", name,
			  "scheduler", lvs_service_get_sched(service), "stats",
			  stats_of(&stats), "rates", rates_of(&stats));
	lvs__wish_of_service(&wish, service, live->settings);
	return wrap("service", inner,
		    add_numbers(inner, lvs__model_services,
				LVS__SERVICE_OPTIONS, wish.of) &&
			    add_numbers(inner, lvs__model_settings,
					LVS__MODEL_SETTINGS, wish.settings));
}

static json_int_t option(const struct lvs_dest *dest, int which)
{
	uint64_t value = 0;

	(void)lvs_dest_get(dest, which, &value);
	return number(value);
}

/* What it is in a word, for how long, and why. */
static bool add_state(json_t *inner, const struct lvs_director *director,
		      const struct lvs_dest *dest, uint64_t now)
{
	struct lvs_dest_health h = {0};

	if (lvs_director_dest_health(director, dest, &h, sizeof(h)) < 0)
		return true;
	if (json_object_set_new(inner, "state",
				json_string(lvs_dest_state_name(
					(int)h.state))) < 0 ||
	    json_object_set_new(inner, "since",
				json_integer(now > h.since
						     ? number(now - h.since)
						     : 0)) < 0 ||
	    json_object_set_new(inner, "checked",
				json_boolean(h.checked != 0)) < 0)
		return false;
	return h.cause == LVS_CAUSE_NONE ||
	       json_object_set_new(inner, "cause",
				   json_string(lvs_check_cause_name(
					   (int)h.cause))) == 0;
}

json_t *lvs__json_dest(const struct lvs_director *director,
		       const struct lvs_service *service,
		       const struct lvs_dest *dest, uint64_t now)
{
	struct lvs__dest_wish wish;
	struct lvs_stats stats = {0};
	struct lvs_addr addr;
	uint16_t port;
	int protocol;
	char virtual_name[LVS__ENDPOINT_TEXT], name[LVS__ENDPOINT_TEXT];
	json_t *inner;

	if (lvs_service_get_address(service, &addr, &port, &protocol) < 0)
		return NULL;
	endpoint(virtual_name, &addr, port);
	if (lvs_dest_get_address(dest, &addr, &port) < 0)
		return NULL;
	endpoint(name, &addr, port);
	(void)lvs_dest_stats(dest, &stats, sizeof(stats));
	inner = json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:o, s:o}",
			  "protocol", lvs__protocol_name(protocol), "virtual",
			  virtual_name, "dest", name, "down",
			  option(dest, LVS_DEST_DOWN) != 0, "active",
			  option(dest, LVS_DEST_ACTIVE), "inactive",
			  option(dest, LVS_DEST_INACTIVE), "stats",
			  stats_of(&stats), "rates", rates_of(&stats));
	lvs__wish_of_dest(&wish, dest);
	return wrap("dest", inner,
		    add_numbers(inner, lvs__model_dests, LVS__DEST_OPTIONS,
				wish.of) &&
			    add_state(inner, director, dest, now));
}

static void flow_endpoint(char *text, uint32_t family, const uint8_t *bytes,
			  uint32_t port)
{
	struct lvs_addr addr = {.family = family};

	memcpy(addr.bytes, bytes, family == LVS_IPV6 ? 16 : 4);
	endpoint(text, &addr, port);
}

json_t *lvs__json_conn(const struct lvs_flow *flow, uint64_t now)
{
	char client[LVS__ENDPOINT_TEXT], virtual_name[LVS__ENDPOINT_TEXT],
		dest[LVS__ENDPOINT_TEXT];
	uint64_t left = flow->expires > now ? flow->expires - now : 0;

	flow_endpoint(client, flow->family, flow->client, flow->client_port);
	flow_endpoint(virtual_name, flow->family, flow->virtual_addr,
		      flow->virtual_port);
	flow_endpoint(dest, flow->family, flow->dest, flow->dest_port);
	return json_pack("{s:{s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:b}}",
			 "conn", "protocol",
			 lvs__protocol_name((int)flow->protocol), "client",
			 client, "virtual", virtual_name, "dest", dest,
			 "method", lvs__method_name((int)flow->method), "state",
			 lvs_state_name((int)flow->state), "expires",
			 number(left), "packets", number(flow->packets),
			 "active", flow->active != 0);
}

json_t *lvs__json_event(const struct lvs_event *event)
{
	char text[256];
	json_t *inner;

	if (lvs_event_format(event, text, sizeof(text)) < 0)
		return NULL;
	inner = json_pack("{s:I, s:I, s:s, s:I, s:s}", "number",
			  number(event->number), "time", number(event->time),
			  "kind", lvs_event_name((int)event->kind), "value",
			  number(event->value), "text", text);
	if (event->virtual_addr.family != LVS_FAMILY_NONE) {
		endpoint(text, &event->virtual_addr, event->virtual_port);
		json_object_set_new(inner, "protocol",
				    json_string(lvs__protocol_name(
					    (int)event->protocol)));
		json_object_set_new(inner, "virtual", json_string(text));
	}
	if (event->dest.family != LVS_FAMILY_NONE) {
		endpoint(text, &event->dest, event->dest_port);
		json_object_set_new(inner, "dest", json_string(text));
	}
	if (event->cause != LVS_CAUSE_NONE) {
		json_object_set_new(inner, "cause",
				    json_string(lvs_check_cause_name(
					    (int)event->cause)));
		json_object_set_new(inner, "latency",
				    json_integer(event->latency));
	}
	return json_pack("{s:o}", "event", inner);
}

json_t *lvs__json_worker(uint32_t index, const struct lvs_balancer_stats *b,
			 const struct lvs_lane_stats *l)
{
	return json_pack(
		"{s:{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
		"s:I, s:I, s:I, s:I}}",
		"worker", "index", (json_int_t)index, "in", number(b->in),
		"originated", number(b->originated), "forwarded",
		number(b->forwarded), "passed", number(b->passed), "dropped",
		number(b->dropped), "held", number(b->held + l->held), "conns",
		number(b->conns), "evicted", number(b->evicted), "expired",
		number(b->expired), "received", number(l->received), "sent",
		number(l->sent), "ring_full", number(l->ring_full), "oversized",
		number(l->oversized), "returned", number(l->returned));
}
