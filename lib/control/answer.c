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

/* The longest address and port of the list: who prints it needs it first. */
static size_t widest(const struct lvs__session *session)
{
	const struct lvs_service *service = session->service;
	size_t most = 0, width;

	while (service != NULL) {
		const struct lvs_dest *dest = NULL;

		width = width_of(&service->addr, service->port);
		most = width > most ? width : most;
		while ((dest = lvs_service_next_dest(service, dest)) != NULL) {
			width = width_of(&dest->addr, dest->port);
			most = width > most ? width : most;
		}
		service = session->one ? NULL
				       : lvs_director_next_service(
						 session->control->director,
						 service);
	}
	return most;
}

static int list_node(struct lvs__session *session)
{
	const struct lvs_director *director = session->control->director;
	uint64_t workers = 0, most = 0;

	session->service =
		session->one
			? lvs_director_find_service(director, &session->addr,
						    session->port,
						    session->protocol)
			: lvs_director_next_service(director, NULL);
	if (session->one && session->service == NULL) {
		lvs__session_fail(session, -ENOENT,
				  "the service was removed before it was "
				  "listed");
		return 1;
	}
	session->begun = true;
	session->dest = NULL;
	session->generation = lvs__director_generation(director);
	(void)lvs_model_get(director->model, LVS_MODEL_WORKERS, &workers);
	(void)lvs_model_get(director->model, LVS_MODEL_CONNECTIONS, &most);
	return put(session,
		   json_pack("{s:{s:s, s:I, s:I, s:I}}", "node", "version",
			     lvs_version(), "workers", (json_int_t)workers,
			     "connections", (json_int_t)(most * workers),
			     "widest", (json_int_t)widest(session)));
}

/* The service, or the dest that stands at the list's place; then the next. */
static int list_line(struct lvs__session *session)
{
	const struct lvs_service *service = session->service;
	int result = put(session,
			 session->dest == NULL
				 ? lvs__json_service(service)
				 : lvs__json_dest(session->control->director,
						  service, session->dest,
						  session->control->now));

	if (result != 1)
		return result;
	session->dest = lvs_service_next_dest(service, session->dest);
	if (session->dest == NULL)
		session->service =
			session->one
				? NULL
				: lvs_director_next_service(
					  session->control->director, service);
	return 1;
}

int lvs__answer_list(struct lvs__session *session)
{
	if (!has_room(session))
		return -ENOBUFS;
	if (!session->begun)
		return list_node(session);
	if (session->generation !=
	    lvs__director_generation(session->control->director)) {
		lvs__session_fail(session, -EAGAIN,
				  "the services changed while they were "
				  "listed: ask again");
		return 1;
	}
	return session->service == NULL ? 0 : list_line(session);
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
