/*
 * Programs of the host that listen where the backend takes packets.
 */
#ifndef LVS__BACKEND_LISTENER_H
#define LVS__BACKEND_LISTENER_H

#include <lvs/addr.h>

#include "base/base.h"

/* A socket that is bound to an address and port and waits for clients. */
struct lvs__listener {
	struct lvs_addr addr;
	uint32_t protocol; /* enum lvs_protocol */
	uint16_t port;
};

/*
 * Hands out each of the host's, but those of all addresses, which get what is
 * for the others. 0, or an error: the kernel does not tell.
 */
int lvs__listener_each(void (*fn)(const struct lvs__listener *listener,
				  void *user),
		       void *user);

#endif
