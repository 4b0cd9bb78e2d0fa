/*
 * The instances that live in this network namespace, by their nftables tables.
 */
#ifndef LVS__BACKEND_INSTANCE_H
#define LVS__BACKEND_INSTANCE_H

#include "backend/host/netlink.h"

#define LVS__TABLE "liblvs" /* the first one's; others have a number behind */
#define LVS__INSTANCES 64   /* in one network namespace */

struct lvs__instance {
	char table[16];
	uint32_t owner; /* its netlink port: as a rule its process's number */
};

struct lvs__instances {
	uint64_t taken; /* names, by number, also of tables that nobody owns */
	size_t count;	/* that live */
	struct lvs__instance entries[LVS__INSTANCES];
};

/* 0, -EINTR: tables changed meanwhile; or an error. */
int lvs__instances_read(struct lvs__instances *instances,
			struct lvs__netlink *netlink);

#endif
