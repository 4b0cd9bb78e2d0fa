/*
 * Long answers, a line at a time.
 *
 * A list that does not go out at once ends with an error when services or
 * dests come or go meanwhile: half of one state and half of another is not
 * shown as if it were one, and nothing that is gone is looked at.
 */
#include "control/control.h"

#include <stdlib.h>
#include <string.h>

#include "director/director.h"
#include "wire/names.h"

/* A line is made once there is surely room for it. */
#define LINE 2048
#define SAVE_PIECE 4096

static bool has_room(const struct lvs__session *session)
{
	return session->out_length - session->out_at + LINE <=
	       sizeof(session->out);
}

static int put(struct lvs__session *session, json_t *object)
{
	if (object == NULL)
		return -ENOMEM;
	return lvs__session_put(session, object) ? 1 : -ENOBUFS;
}

/* ---- services and dests */

static size_t width_of(const struct lvs_addr *addr, uint16_t port)
{
	char text[LVS__ENDPOINT_TEXT];

	if (lvs_endpoint_format(addr, port, text, sizeof(text)) < 0)
		return 0;
	return strlen(text);
}

/* Those that the list is of, one after the other. */
static const struct lvs_service *next_service(
	const struct lvs__session *session, const struct lvs_service *service)
{
	const struct lvs_director *director = session->control->director;

	if (!session->one)
		return lvs_director_next_service(director, service);
	if (service != NULL)
		return NULL;
	return lvs_director_find_service(director, &session->addr,
					 session->port, session->protocol);
}

static size_t count_lines(const struct lvs__session *session)
{
	const struct lvs_service *service = NULL;
	size_t count = 0;

	while ((service = next_service(session, service)) != NULL)
		count += 1 + service->dest_count;
	return count;
}

static int compare(const struct lvs_addr *a, uint16_t a_port,
		   const struct lvs_addr *b, uint16_t b_port)
{
	for (size_t i = 0; i < sizeof(a->bytes); i++)
		if (a->bytes[i] != b->bytes[i])
			return a->bytes[i] - b->bytes[i];
	return a_port - b_port;
}

/*
 * As ipvsadm prints them: IPv4 before IPv6, then by protocol, address, port;
 * a service before its dests, these by address and port.
 */
static int compare_lines(const void *one, const void *other)
{
	const struct lvs__list_line *a = one, *b = other;
	const struct lvs_service *s = a->service, *t = b->service;
	int result;

	if (s->addr.family != t->addr.family)
		return s->addr.family == LVS_IPV4 ? -1 : 1;
	result = s->protocol - t->protocol;
	if (result == 0)
		result = compare(&s->addr, s->port, &t->addr, t->port);
	if (result != 0)
		return result;
	if (a->dest == NULL || b->dest == NULL)
		return (a->dest != NULL) - (b->dest != NULL);
	return compare(&a->dest->addr, a->dest->port, &b->dest->addr,
		       b->dest->port);
}

/* What the list has lines of. 0 or -ENOMEM. */
static int collect(struct lvs__session *session)
{
	const struct lvs_service *service = NULL;
	size_t count = count_lines(session), at = 0;

	session->list = calloc(count + 1, sizeof(*session->list));
	if (session->list == NULL)
		return -ENOMEM;
	while ((service = next_service(session, service)) != NULL) {
		const struct lvs_dest *dest = NULL;

		session->list[at++].service = service;
		while (at < count &&
		       (dest = lvs_service_next_dest(service, dest)) != NULL)
			session->list[at++] =
				(struct lvs__list_line){service, dest};
	}
	session->list_count = at;
	session->place = 0;
	session->generation =
		lvs__director_generation(session->control->director);
	if (session->sort)
		qsort(session->list, at, sizeof(*session->list), compare_lines);
	return 0;
}

/* The longest address and port of the list: who prints it needs it first. */
static size_t widest(const struct lvs__session *session)
{
	size_t most = 0;

	for (size_t i = 0; i < session->list_count; i++) {
		const struct lvs__list_line *line = &session->list[i];
		size_t width =
			line->dest != NULL
				? width_of(&line->dest->addr, line->dest->port)
				: width_of(&line->service->addr,
					   line->service->port);

		most = width > most ? width : most;
	}
	return most;
}

static int list_node(struct lvs__session *session)
{
	const struct lvs_director *director = session->control->director;
	uint64_t workers = 0, most = 0;

	if (collect(session) < 0) {
		lvs__session_fail(session, -ENOMEM, NULL);
		return 1;
	}
	if (session->one && session->list_count == 0) {
		lvs__session_fail(session, -ENOENT,
				  "the service was removed before it was "
				  "listed");
		return 1;
	}
	(void)lvs_model_get(director->model, LVS_MODEL_WORKERS, &workers);
	(void)lvs_model_get(director->model, LVS_MODEL_CONNECTIONS, &most);
	return put(session,
		   json_pack("{s:{s:s, s:I, s:I, s:I}}", "node", "version",
			     lvs_version(), "workers", (json_int_t)workers,
			     "connections", (json_int_t)(most * workers),
			     "widest", (json_int_t)widest(session)));
}

static int list_line(struct lvs__session *session)
{
	const struct lvs__list_line *line = &session->list[session->place++];

	return put(session, line->dest == NULL
				    ? lvs__json_service(line->service)
				    : lvs__json_dest(session->control->director,
						     line->service, line->dest,
						     session->control->now));
}

int lvs__answer_list(struct lvs__session *session)
{
	if (!has_room(session))
		return -ENOBUFS;
	if (session->list == NULL)
		return list_node(session);
	if (session->generation !=
	    lvs__director_generation(session->control->director)) {
		lvs__session_fail(session, -EAGAIN,
				  "the services changed while they were "
				  "listed: ask again");
		return 1;
	}
	return session->place == session->list_count ? 0 : list_line(session);
}

/* ---- connections */

int lvs__answer_conns(struct lvs__session *session)
{
	struct lvs_flow flow;
	int result;

	if (!has_room(session))
		return -ENOBUFS;
	result = lvs_listing_next(session->listing, &flow, sizeof(flow));
	if (result != 1)
		return result;
	return put(session, lvs__json_conn(&flow, session->control->now));
}

/* ---- reasons, then workers */

int lvs__answer_reasons(struct lvs__session *session)
{
	const struct lvs_director *director = session->control->director;
	uint64_t counts[LVS_REASONS] = {0};
	struct lvs_balancer_stats balancer;
	struct lvs_lane_stats lane;
	int reason = (int)session->place;
	uint32_t worker = (uint32_t)session->place - LVS_REASONS;

	if (!has_room(session))
		return -ENOBUFS;
	session->place++;
	if (reason < LVS_REASONS) {
		(void)lvs_director_reasons(director, counts, LVS_REASONS);
		return put(session,
			   json_pack("{s:{s:s, s:I, s:s}}", "reason", "name",
				     lvs_reason_name(reason), "packets",
				     (json_int_t)counts[reason], "text",
				     lvs_reason_text(reason)));
	}
	if (lvs_director_balancer_stats(director, worker, &balancer,
					sizeof(balancer)) < 0 ||
	    lvs_director_lane_stats(director, worker, &lane, sizeof(lane)) < 0)
		return 0;
	return put(session, lvs__json_worker(worker, &balancer, &lane));
}

/* ---- texts */

int lvs__answer_save(struct lvs__session *session)
{
	const char *rest = session->text + session->place;
	size_t length = strlen(rest), piece = length;

	/* rules are ASCII: a line end and a quote are the only escapes */
	if (session->out_length - session->out_at + 2 * SAVE_PIECE >
	    sizeof(session->out))
		return -ENOBUFS;
	if (length == 0)
		return 0;
	if (piece > SAVE_PIECE - LINE / 4)
		piece = SAVE_PIECE - LINE / 4;
	session->place += piece;
	return put(session, json_pack("{s:s#}", "text", rest, (int)piece));
}

int lvs__answer_explain(struct lvs__session *session)
{
	const char *text = lvs_explanation_text(session->explanation);

	if (text == NULL)
		return -EAGAIN;
	if (session->out_length - session->out_at > sizeof(session->out) / 2)
		return -ENOBUFS;
	if (session->place > 0)
		return 0;
	session->place = 1;
	return put(session, json_pack("{s:s}", "text", text));
}
