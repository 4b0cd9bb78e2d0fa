/*
 * Requests that ask. What is short is answered at once, the rest line by line
 * (answer.c).
 */
#include "control/request.h"

#include <lvs/rules.h>
#include <stdlib.h>

#include "director/director.h"

void lvs__do_list(struct lvs__session *session, json_t *root)
{
	const char *protocol = NULL, *virtual_name = NULL;
	const struct lvs_service *service;
	int sort = 0;

	if (!lvs__request_unpack(session, root, "{s?s, s?s, s?b}", "protocol",
				 &protocol, "virtual", &virtual_name, "sort",
				 &sort))
		return;
	session->sort = sort != 0;
	session->one = protocol != NULL || virtual_name != NULL;
	if (session->one) {
		service = lvs__request_service(session, protocol, virtual_name);
		if (service == NULL)
			return;
		/* it may be gone before the answer begins: its name is kept */
		(void)lvs_service_get_address(service, &session->addr,
					      &session->port,
					      &session->protocol);
	}
	session->next = lvs__answer_list;
}

/* A request without members of its own. */
static bool plain(struct lvs__session *session, json_t *root)
{

	return lvs__request_unpack(session, root, "{}");
}

void lvs__do_conns(struct lvs__session *session, json_t *root)
{
	int error;

	if (!plain(session, root))
		return;
	error = lvs_director_list_conns(session->control->director,
					&session->listing);
	if (error < 0)
		lvs__session_fail(session, error, NULL);
	else
		session->next = lvs__answer_conns;
}

void lvs__do_reasons(struct lvs__session *session, json_t *root)
{
	if (!plain(session, root))
		return;
	session->place = 0;
	session->next = lvs__answer_reasons;
}

void lvs__do_events(struct lvs__session *session, json_t *root)
{
	if (!plain(session, root))
		return;
	session->subscribed = true;
	lvs__session_done(session);
}

void lvs__do_timeouts(struct lvs__session *session, json_t *root)
{
	const struct lvs_model *model = session->control->director->model;
	uint64_t tcp = 0, fin = 0, udp = 0;

	if (!plain(session, root))
		return;
	(void)lvs_model_get(model, LVS_MODEL_TIMEOUT_TCP, &tcp);
	(void)lvs_model_get(model, LVS_MODEL_TIMEOUT_TCP_FIN, &fin);
	(void)lvs_model_get(model, LVS_MODEL_TIMEOUT_UDP, &udp);
	if (lvs__session_put(session,
			     json_pack("{s:{s:I, s:I, s:I}}", "timeouts", "tcp",
				       (json_int_t)tcp, "tcp_fin",
				       (json_int_t)fin, "udp",
				       (json_int_t)udp)))
		lvs__session_done(session);
	else
		session->closing = true;
}

/* Answers with what `write` writes, as lvs_rules_save() does. */
static void answer_text(struct lvs__session *session,
			int (*write)(const struct lvs_director *director,
				     char *text, size_t size))
{
	const struct lvs_director *director = session->control->director;
	int length = write(director, NULL, 0);

	session->text = length < 0 ? NULL : malloc((size_t)length + 1);
	if (session->text == NULL) {
		lvs__session_fail(session, -ENOMEM, NULL);
		return;
	}
	session->text[0] = '\0';
	(void)write(director, session->text, (size_t)length + 1);
	session->place = 0;
	session->next = lvs__answer_save;
}

static int write_rules(const struct lvs_director *director, char *text,
		       size_t size)
{
	return lvs_rules_save(director->model, text, size);
}

void lvs__do_save(struct lvs__session *session, json_t *root)
{
	if (plain(session, root))
		answer_text(session, write_rules);
}

/* A file's name may be cut, and JSON takes whole characters only. */
static int write_diff(const struct lvs_director *director, char *text,
		      size_t size)
{
	int length =
		lvs_model_diff(director->file, director->model, text, size);

	for (char *at = text; size > 0 && *at != '\0'; at++)
		if ((unsigned char)*at > 0x7e)
			*at = '?';
	return length;
}

/* What differs between the file, as it was last read, and what runs. */
void lvs__do_diff(struct lvs__session *session, json_t *root)
{
	if (plain(session, root))
		answer_text(session, write_diff);
}

void lvs__do_explain(struct lvs__session *session, json_t *root)
{
	const char *protocol_name, *virtual_name, *client_name;
	struct lvs_addr addr, client;
	uint16_t port, client_port;
	int protocol, error;
	uint8_t packet[LVS__SAMPLE_SIZE];
	size_t length;

	if (!lvs__request_unpack(session, root, "{s:s, s:s, s:s}", "protocol",
				 &protocol_name, "virtual", &virtual_name,
				 "client", &client_name) ||
	    !lvs__request_protocol(session, protocol_name, &protocol) ||
	    !lvs__request_endpoint(session, "virtual", virtual_name, &addr,
				   &port) ||
	    !lvs__request_endpoint(session, "client", client_name, &client,
				   &client_port))
		return;
	if (client.family != addr.family) {
		lvs__session_fail(session, -EINVAL,
				  "client and virtual address are of two "
				  "families");
		return;
	}
	length = lvs__sample_packet(packet, protocol, &client, client_port,
				    &addr, port);
	error = lvs_director_explain(session->control->director,
				     &session->explanation, packet, length);
	if (error < 0) {
		lvs__session_fail(session, error, NULL);
		return;
	}
	session->place = 0;
	session->next = lvs__answer_explain;
}
