/*
 * What stands in packets and rules as words: one set for messages, lists,
 * events and files.
 */
#ifndef LVS__NAMES_H
#define LVS__NAMES_H

#include <lvs/addr.h>

#include "base/text.h"

#define LVS__ADDR_TEXT 46     /* bytes of the longest address and its NUL */
#define LVS__ENDPOINT_TEXT 54 /* with brackets, a colon and a port */

/* "192.0.2.1", "192.0.2.1:80". */
void lvs__text_addr(struct lvs__text *text, const struct lvs_addr *addr);
void lvs__text_endpoint(struct lvs__text *text, const struct lvs_addr *addr,
			uint16_t port);

/* "tcp", "nat": the name of a protocol, of a method; "?": of none. Static. */
const char *lvs__protocol_name(int protocol);
const char *lvs__method_name(int method);

/* "TCP": as tables and keepalived.conf have it. */
const char *lvs__protocol_title(int protocol);

/* The protocol of a name as lvs__protocol_name() has it, 0: of none. */
int lvs__protocol_of(const char *name);

#endif
