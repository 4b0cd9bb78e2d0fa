/*
 * The interfaces that a backend uses.
 */
#ifndef LVS__BACKEND_DEVICE_H
#define LVS__BACKEND_DEVICE_H

#include <net/if.h>

#include "backend/backend.h"
#include "backend/host/netlink.h"

struct lvs__device {
	uint32_t ifindex;
	char name[IFNAMSIZ];
};

struct lvs__devices {
	struct lvs__device entries[LVS__BACKEND_INTERFACES];
	size_t count;
};

/*
 * The interfaces to use: those named, or all but loopback and those that work
 * for another (ports of a bridge or bond, whose packets arrive there too).
 * 0, or an error with `message`.
 */
int lvs__devices_read(struct lvs__devices *devices,
		      struct lvs__netlink *netlink,
		      const struct lvs__backend_config *config, char *message,
		      size_t size);

/* The name of an interface (of any), IFNAMSIZ bytes. 0 or a negative errno. */
int lvs__device_name(struct lvs__netlink *netlink, uint32_t ifindex,
		     char *name);

#endif
