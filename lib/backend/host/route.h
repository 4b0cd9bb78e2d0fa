/*
 * Routes: the longest prefix of an address, in the local table, then in main.
 */
#ifndef LVS__BACKEND_ROUTE_H
#define LVS__BACKEND_ROUTE_H

#include <lvs/addr.h>

#include "backend/host/netlink.h"
#include "base/hash.h"

#define LVS__ROUTES 65536
#define LVS__ROUTE_HOPS (2 * LVS__ROUTES)
#define LVS__ROUTE_BUCKETS (2 * LVS__ROUTES)

enum lvs__route_table {
	LVS__ROUTE_LOCAL,
	LVS__ROUTE_MAIN,
	LVS__ROUTE_TABLES
};

/* One way out. */
struct lvs__route_hop {
	uint32_t ifindex;
	struct lvs_addr gateway; /* family NONE: on the link itself */
};

struct lvs__route {
	uint64_t prefix[2]; /* network order; IPv4 in the first four bytes */
	uint8_t family;
	uint8_t length; /* bits */
	uint8_t table;	/* enum lvs__route_table */
	uint32_t metric;
	uint32_t first; /* of its hops */
	uint32_t hops;	/* 0: packets end here, or are refused */
	uint32_t next;	/* in its bucket, index + 1 */
};

struct lvs__routes {
	struct lvs__hash_key key;
	struct lvs__route *routes;
	struct lvs__route_hop *hops;
	uint32_t *buckets; /* index + 1 */
	uint32_t count;
	uint32_t hop_count;
	uint64_t missed; /* had no room */
	/* which lengths occur: [table][family is IPv6][bit] */
	uint64_t lengths[LVS__ROUTE_TABLES][2][3];
};

/* Reserves memory for all routes. 0, -ENOMEM, or no random key. */
int lvs__routes_init(struct lvs__routes *routes);
void lvs__routes_fini(struct lvs__routes *routes);
void lvs__routes_clear(struct lvs__routes *routes);

/*
 * Adds a route with `count` hops. Of two for one prefix the lower metric
 * stays, the first among equals. 0, -EINVAL, -ENOSPC (counted as missed).
 */
int lvs__routes_add(struct lvs__routes *routes, int table,
		    const struct lvs_addr *prefix, uint8_t length,
		    uint32_t metric, const struct lvs__route_hop *hops,
		    uint32_t count);

/*
 * Adds what an RTM_NEWROUTE says, if it is a route of the local or main table
 * that every packet uses (no source, no TOS). 0 always: a message that we do
 * not understand is no route.
 */
int lvs__routes_read(const struct nlmsghdr *message, void *routes);

/*
 * The way to an address; among several by the address's hash. NULL: there is
 * none, or it ends at this host.
 */
const struct lvs__route_hop *lvs__routes_find(const struct lvs__routes *routes,
					      const struct lvs_addr *addr);

/* Whether packets to an address end at this host. */
bool lvs__routes_end_here(const struct lvs__routes *routes,
			  const struct lvs_addr *addr);

#endif
