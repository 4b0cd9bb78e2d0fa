/*
 * What a process that was killed left on the host.
 */
#ifndef LVS__BACKEND_LEFTOVER_H
#define LVS__BACKEND_LEFTOVER_H

#include "backend/host/netlink.h"

/*
 * Removes every address and neighbour with our mark; `tell` (may be NULL) gets
 * a line for each. How many, or an error.
 */
int lvs__leftover_clean(struct lvs__netlink *netlink,
			void (*tell)(void *user, const char *line), void *user);

#endif
