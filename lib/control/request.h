/*
 * What requests share: how they are taken apart, and how they fail.
 */
#ifndef LVS__REQUEST_H
#define LVS__REQUEST_H

#include "control/control.h"

/* json_unpack_ex() in strict mode: nothing else may be in the request. */
#define LVS__UNPACK(session, root, ...)                                        \
	lvs__request_unpacked(session,                                         \
			      json_unpack_ex(root, &unpack_error, JSON_STRICT, \
					     "{s:i, s:s, " __VA_ARGS__),       \
			      &unpack_error)

bool lvs__request_unpacked(struct lvs__session *session, int result,
			   const json_error_t *error);

/* Each: what a request names, or false (NULL) with the answer given. */
bool lvs__request_endpoint(struct lvs__session *session, const char *what,
			   const char *text, struct lvs_addr *addr,
			   uint16_t *port);
bool lvs__request_protocol(struct lvs__session *session, const char *name,
			   int *protocol);
const struct lvs_service *lvs__request_service(struct lvs__session *session,
					       const char *protocol_name,
					       const char *virtual_name);

/* A request each; `root` is the object that came. */
void lvs__do_rule(struct lvs__session *session, json_t *root);
void lvs__do_restore(struct lvs__session *session, json_t *root);
void lvs__do_drain(struct lvs__session *session, json_t *root);
void lvs__do_zero(struct lvs__session *session, json_t *root);
void lvs__do_list(struct lvs__session *session, json_t *root);
void lvs__do_conns(struct lvs__session *session, json_t *root);
void lvs__do_reasons(struct lvs__session *session, json_t *root);
void lvs__do_events(struct lvs__session *session, json_t *root);
void lvs__do_timeouts(struct lvs__session *session, json_t *root);
void lvs__do_save(struct lvs__session *session, json_t *root);
void lvs__do_diff(struct lvs__session *session, json_t *root);
void lvs__do_explain(struct lvs__session *session, json_t *root);

#endif
