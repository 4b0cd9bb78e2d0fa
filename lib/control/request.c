/*
 * One request: a JSON object in, and what it starts.
 *
 * Everything is checked before anything is done: the version, the words, the
 * addresses. Members that are not known are refused, so that a request that
 * means more than this version understands is never half done.
 */
#include "control/request.h"

#include <stdarg.h>
#include <string.h>

#include "wire/names.h"

/* ---- what requests name */

/* An endpoint of a request, or false with the answer given. */
bool lvs__request_endpoint(struct lvs__session *session, const char *what,
			   const char *text, struct lvs_addr *addr,
			   uint16_t *port)
{
	if (text != NULL && lvs_endpoint_parse(addr, port, text) == 0)
		return true;
	lvs__session_fail(session, -EINVAL, "%s: not an address and port: %s",
			  what, text != NULL ? text : "(none)");
	return false;
}

bool lvs__request_protocol(struct lvs__session *session, const char *name,
			   int *protocol)
{
	*protocol = lvs__protocol_of(name);
	if (*protocol == LVS_TCP || *protocol == LVS_UDP)
		return true;
	lvs__session_fail(session, -EINVAL,
			  "protocol: \"tcp\" or \"udp\" is expected");
	return false;
}

void lvs__request_no_service(struct lvs__session *session,
			     const char *protocol_name,
			     const char *virtual_name)
{
	lvs__session_fail(session, -ENOENT,
			  "there is no service %s %s; lvsadm -Ln lists all",
			  protocol_name, virtual_name);
}

/* The live service of a request, or NULL with the answer given. */
const struct lvs_service *lvs__request_service(struct lvs__session *session,
					       const char *protocol_name,
					       const char *virtual_name)
{
	const struct lvs_service *service;
	struct lvs_addr addr;
	uint16_t port;
	int protocol;

	if (!lvs__request_protocol(session, protocol_name, &protocol) ||
	    !lvs__request_endpoint(session, "virtual", virtual_name, &addr,
				   &port))
		return NULL;
	service = lvs_director_find_service(session->control->director, &addr,
					    port, protocol);
	if (service == NULL)
		lvs__request_no_service(session, protocol_name, virtual_name);
	return service;
}

bool lvs__request_unpack(struct lvs__session *session, json_t *root,
			 const char *format, ...)
{
	json_error_t error;
	va_list members;
	int result;

	va_start(members, format);
	result = json_vunpack_ex(root, &error, JSON_STRICT, format, members);
	va_end(members);
	if (result < 0)
		lvs__session_fail(session, -EINVAL, "request: %s", error.text);
	return result == 0;
}

/* ---- all of them */

static const struct {
	const char *name;
	void (*run)(struct lvs__session *session, json_t *root);
} requests[] = {
	{"rule", lvs__do_rule},	      {"restore", lvs__do_restore},
	{"save", lvs__do_save},	      {"list", lvs__do_list},
	{"conns", lvs__do_conns},     {"zero", lvs__do_zero},
	{"drain", lvs__do_drain},     {"undrain", lvs__do_undrain},
	{"explain", lvs__do_explain}, {"events", lvs__do_events},
	{"reasons", lvs__do_reasons}, {"timeouts", lvs__do_timeouts},
	{"diff", lvs__do_diff},
};

/* What all requests say is read here, and what is left is the request's. */
static void run(struct lvs__session *session, json_t *root)
{
	const json_t *version = json_object_get(root, "version");
	const char *name = json_string_value(json_object_get(root, "request"));

	if (!json_is_integer(version) ||
	    json_integer_value(version) != LVS__CONTROL_VERSION) {
		lvs__session_fail(session, -EPROTO, "version %d is spoken here",
				  LVS__CONTROL_VERSION);
		session->closing = true;
		return;
	}
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		if (name == NULL || strcmp(name, requests[i].name) != 0)
			continue;
		(void)json_object_del(root, "version");
		(void)json_object_del(root, "request");
		requests[i].run(session, root);
		return;
	}
	lvs__session_fail(session, -ENOSYS, "no such request: %s",
			  name != NULL ? name : "(none)");
}

void lvs__request(struct lvs__session *session, const char *line, size_t length)
{
	json_error_t error;
	json_t *root = json_loadb(line, length, JSON_REJECT_DUPLICATES, &error);

	if (!json_is_object(root)) {
		if (root != NULL)
			lvs__session_fail(session, -EPROTO,
					  "a JSON object is expected, {...}");
		else
			lvs__session_fail(session, -EPROTO,
					  "a JSON object is expected: column "
					  "%d: %s",
					  error.column, error.text);
		session->closing = true;
	} else {
		run(session, root);
	}
	json_decref(root);
}
