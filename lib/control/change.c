/*
 * Requests that change what runs. Each changes a model of what runs and has
 * the director apply it: so each is one transaction, all or nothing.
 */
#include "control/request.h"

#include <lvs/rules.h>
#include <stdlib.h>
#include <string.h>

#include "control/note.h"
#include "director/director.h"

#define WORDS 64
#define MESSAGE 400

/* Answers how many changes there were, with a note if it is not "". */
static void answer(struct lvs__session *session, int changes, const char *note)
{
	json_t *line = json_pack("{s:i}", "changes", changes);

	if (line != NULL && note[0] != '\0')
		(void)json_object_set_new(line, "note", json_string(note));
	if (lvs__session_put(session, line))
		lvs__session_done(session);
	else
		session->closing = true;
}

/* Applies a model, which it takes: how many changes, or an error, answered. */
static int take(struct lvs__session *session, struct lvs_model *model)
{
	char message[MESSAGE] = "";
	int result =
		lvs__director_apply(session->control->director, model, message,
				    sizeof(message), session->control->now);

	if (result < 0)
		lvs__session_fail(session, result, "%s", message);
	return result;
}

/* The same, and answers. */
static void apply(struct lvs__session *session, struct lvs_model *model)
{
	int result = take(session, model);

	if (result >= 0)
		answer(session, result, "");
}

/* The same of a change to servers of one service, which may have a note. */
static void apply_noted(struct lvs__session *session, struct lvs_model *model,
			const struct lvs__rule *rule, char note[LVS__NOTE])
{
	const struct lvs_director *director = session->control->director;
	bool serves = lvs__note_serves(director, &rule->addr, rule->port,
				       rule->protocol);
	int result = take(session, model);

	if (result < 0)
		return;
	if (serves)
		lvs__note_serving(note, director, &rule->addr, rule->port,
				  rule->protocol);
	answer(session, result, note);
}

/* A model of what runs, or NULL with the answer given. */
static struct lvs_model *model_of(struct lvs__session *session)
{
	struct lvs_model *model;
	int error = lvs_director_model(session->control->director, &model);

	if (error == 0)
		return model;
	lvs__session_fail(session, error, NULL);
	return NULL;
}

void lvs__do_rule(struct lvs__session *session, json_t *root)
{
	const char *words[WORDS];
	char message[MESSAGE] = "", note[LVS__NOTE] = "";
	struct lvs__rule_text text = {
		.message = message,
		.size = sizeof(message),
	};
	struct lvs__rule rule = {0};
	struct lvs_model *model;
	json_t *list;
	size_t count;
	int error;

	if (!lvs__request_unpack(session, root, "{s:o}", "words", &list))
		return;
	count = json_array_size(list);
	if (count == 0 || count > WORDS) {
		lvs__session_fail(session, -EINVAL,
				  "words: 1 to %d are expected", WORDS);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		words[i] = json_string_value(json_array_get(list, i));
		if (words[i] == NULL) {
			lvs__session_fail(session, -EINVAL,
					  "words: texts are expected");
			return;
		}
	}
	model = model_of(session);
	if (model == NULL)
		return;
	text.words = words;
	text.count = count;
	error = lvs__rule_parse(&rule, &text);
	if (error == 0)
		error = lvs__rule_apply(model, &rule, &text);
	if (error < 0) {
		lvs_model_free(model);
		lvs__session_fail(session, error, "%s", message);
		return;
	}
	if ((rule.says & LVS__SAYS_SERVER) == 0) {
		apply(session, model);
		return;
	}
	lvs__note_method(note, session->control->director->model, model, &rule);
	apply_noted(session, model, &rule, note);
}

/* The collected text is whole: one transaction. */
static void restore_all(struct lvs__session *session)
{
	struct lvs_control *control = session->control;
	char message[MESSAGE] = "";
	struct lvs_model *model = model_of(session);
	int error;

	if (model == NULL)
		return;
	error = lvs_rules_apply_text(model, control->restore,
				     control->restore_length, message,
				     sizeof(message));
	if (error < 0) {
		lvs_model_free(model);
		lvs__session_fail(session, error, "%s", message);
		return;
	}
	apply(session, model);
}

static void end_restore(struct lvs_control *control)
{
	free(control->restore);
	control->restore = NULL;
	control->restore_length = 0;
	control->restorer = NULL;
}

void lvs__do_restore(struct lvs__session *session, json_t *root)
{
	struct lvs_control *control = session->control;
	const char *text;
	int more = 0;
	size_t length;
	char *grown;

	if (!lvs__request_unpack(session, root, "{s:s%, s?b}", "text", &text,
				 &length, "more", &more))
		return;
	if (control->restorer != NULL && control->restorer != session) {
		lvs__session_fail(session, -EBUSY,
				  "another client is restoring");
		return;
	}
	if (length > LVS__MOST_TEXT - control->restore_length) {
		end_restore(control);
		lvs__session_fail(session, -EFBIG,
				  "a text to restore has at most %u bytes",
				  LVS__MOST_TEXT);
		return;
	}
	grown = realloc(control->restore, control->restore_length + length + 1);
	if (grown == NULL) {
		end_restore(control);
		lvs__session_fail(session, -ENOMEM, NULL);
		return;
	}
	memcpy(grown + control->restore_length, text, length);
	control->restore = grown;
	control->restore_length += length;
	control->restorer = session;
	if (more) {
		lvs__session_done(session);
		return;
	}
	restore_all(session);
	end_restore(control);
}

static void set_drain(struct lvs__session *session, json_t *root, bool drain)
{
	const char *protocol_name, *virtual_name, *dest_name;
	char note[LVS__NOTE] = "";
	struct lvs__rule rule = {0}; /* only what it is about */
	struct lvs_service *service;
	struct lvs_dest *dest = NULL;
	struct lvs_model *model;
	struct lvs_addr addr, dest_addr;
	uint16_t port, dest_port;
	int protocol;

	if (!lvs__request_unpack(session, root, "{s:s, s:s, s:s}", "protocol",
				 &protocol_name, "virtual", &virtual_name,
				 "dest", &dest_name) ||
	    !lvs__request_protocol(session, protocol_name, &protocol) ||
	    !lvs__request_endpoint(session, "virtual", virtual_name, &addr,
				   &port) ||
	    !lvs__request_endpoint(session, "dest", dest_name, &dest_addr,
				   &dest_port))
		return;
	model = model_of(session);
	if (model == NULL)
		return;
	if (dest_port == 0)
		dest_port = port;
	service = lvs_model_find_service(model, &addr, port, protocol);
	if (service != NULL)
		dest = lvs_service_find_dest(service, &dest_addr, dest_port);
	if (dest == NULL) {
		lvs_model_free(model);
		if (service == NULL)
			lvs__request_no_service(session, protocol_name,
						virtual_name);
		else
			lvs__session_fail(session, -ENOENT,
					  "there is no server %s in the "
					  "service %s %s; lvsadm -Ln lists all",
					  dest_name, protocol_name,
					  virtual_name);
		return;
	}
	(void)lvs_dest_set(dest, LVS_DEST_DRAIN, drain);
	rule.addr = addr;
	rule.port = port;
	rule.protocol = protocol;
	apply_noted(session, model, &rule, note);
}

void lvs__do_drain(struct lvs__session *session, json_t *root)
{
	set_drain(session, root, true);
}

void lvs__do_undrain(struct lvs__session *session, json_t *root)
{
	set_drain(session, root, false);
}

void lvs__do_zero(struct lvs__session *session, json_t *root)
{
	const char *protocol = NULL, *virtual_name = NULL;
	const struct lvs_service *service = NULL;

	if (!lvs__request_unpack(session, root, "{s?s, s?s}", "protocol",
				 &protocol, "virtual", &virtual_name))
		return;
	if (protocol != NULL || virtual_name != NULL) {
		service = lvs__request_service(session, protocol, virtual_name);
		if (service == NULL)
			return;
	}
	(void)lvs_director_zero(session->control->director, service);
	lvs__session_done(session);
}
