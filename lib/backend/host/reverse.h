/*
 * Whether the kernel filters by reverse paths on loopback.
 */
#ifndef LVS__BACKEND_REVERSE_H
#define LVS__BACKEND_REVERSE_H

#include "backend/host/netlink.h"

/* Whether strict filtering drops what is given back to the host by loopback. */
bool lvs__reverse_is_strict(struct lvs__netlink *netlink);

#endif
