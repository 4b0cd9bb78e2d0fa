/*
 * Services as the packet path sees them.
 *
 * A *catalog* is a parent's set of services (a balancer's own, or a
 * director's), and the removed dests that connections still lead to. A
 * *snapshot* is compiled from it: immutable, found by address, published to
 * workers by pointer.
 */
#ifndef LVS__SNAPSHOT_H
#define LVS__SNAPSHOT_H

#include <lvs/conn.h>

#include "base/hash.h"
#include "sched/sched.h"
#include "wire/packet.h"

struct lvs__snapshot {
	uint64_t version; /* 1 and up: a later one is greater */
	struct lvs__hash_key key;
	uint32_t timeouts[LVS_STATES]; /* ms, by enum lvs_conn_state */
	uint32_t count;		       /* services */
	uint32_t mask;		  /* of index; its size is a power of two */
	struct lvs__plan **index; /* open addressing, NULL: free */
	struct lvs__list node;	  /* in its catalog */
};

#define LVS__CATALOG_BUCKETS 1024

struct lvs__catalog {
	struct lvs__hash_key key;
	struct lvs__list services; /* in the order in which they came */
	struct lvs__list buckets[LVS__CATALOG_BUCKETS]; /* by address */
	struct lvs__list removed_dests;	   /* of dests with connections */
	struct lvs__list removed_services; /* wait for workers */
	struct lvs__list snapshots; /* all that are not freed, newest last */
	uint32_t timeouts[LVS_STATES];
	uint32_t service_count;
	uint32_t lanes;
	uint64_t version; /* of the newest snapshot */
};

/* An empty catalog for `lanes` workers. 0 or a negative errno. */
LVS_PRIVATE int lvs__catalog_init(struct lvs__catalog *catalog, uint32_t lanes);

/* Ends all in it; no worker may use a snapshot any more. */
LVS_PRIVATE void lvs__catalog_fini(struct lvs__catalog *catalog);

/*
 * As lvs_balancer_add_service() and _remove_service(). A service that is added
 * takes back dests that were removed under the same address: struct lvs_dest
 * of the service may then be another one (callers' pointers still work, by
 * `became`; inside, walk or find anew).
 * add, besides: -EINVAL: a dest without address or port, or of another family;
 * -EBUSY: connections of its own lead to its dests.
 */
LVS_PRIVATE int lvs__catalog_add(struct lvs__catalog *catalog,
				 struct lvs_service *service);
LVS_PRIVATE int lvs__catalog_remove(struct lvs__catalog *catalog,
				    struct lvs_service *service);
LVS_PRIVATE struct lvs_service *lvs__catalog_find(
	const struct lvs__catalog *catalog, const struct lvs_addr *addr,
	uint16_t port, int protocol);
LVS_PRIVATE struct lvs_service *lvs__catalog_next(
	const struct lvs__catalog *catalog, const struct lvs_service *service);

/*
 * Compiles what is now; the catalog keeps the snapshot until swept.
 * 0 or -ENOMEM.
 */
LVS_PRIVATE int lvs__catalog_compile(struct lvs__catalog *catalog,
				     const struct lvs__snapshot **snapshot);

/*
 * Frees what no worker can use any more: snapshots older than `oldest` (the
 * smallest version that any worker has seen), services and dests that no
 * snapshot from there on shows, dests only once no connection leads to them.
 * The newest snapshot stays.
 */
LVS_PRIVATE void lvs__catalog_sweep(struct lvs__catalog *catalog,
				    uint64_t oldest);

/* The service that a packet to this tuple's destination is for, or NULL. */
LVS_PRIVATE const struct lvs__plan *lvs__snapshot_find(
	const struct lvs__snapshot *snapshot, const struct lvs__tuple *tuple);

/* Lets go of the plans; called once no worker uses it. */
void lvs__snapshot_free(struct lvs__snapshot *snapshot);

#endif
