/*
 * What requests share: how they are taken apart, and how they fail.
 */
#ifndef LVS__REQUEST_H
#define LVS__REQUEST_H

#include "control/control.h"

/*
 * Takes the members of a request apart, as json_unpack() does: exactly these
 * may be there. True, or false with the answer given.
 */
bool lvs__request_unpack(struct lvs__session *session, json_t *root,
			 const char *format, ...);

/* Each: what a request names, or false (NULL) with the answer given. */
bool lvs__request_endpoint(struct lvs__session *session, const char *what,
			   const char *text, struct lvs_addr *addr,
			   uint16_t *port);
bool lvs__request_protocol(struct lvs__session *session, const char *name,
			   int *protocol);
const struct lvs_service *lvs__request_service(struct lvs__session *session,
					       const char *protocol_name,
					       const char *virtual_name);

/* Answers that there is no such service. */
void lvs__request_no_service(struct lvs__session *session,
			     const char *protocol_name,
			     const char *virtual_name);

/* A request each; `root` is what came beside its name and the version. */
void lvs__do_rule(struct lvs__session *session, json_t *root);
void lvs__do_restore(struct lvs__session *session, json_t *root);
void lvs__do_drain(struct lvs__session *session, json_t *root);
void lvs__do_undrain(struct lvs__session *session, json_t *root);
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
