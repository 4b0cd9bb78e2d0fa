/*
 * A catalog: the services of a balancer or director, and the removed dests
 * that connections still lead to. What workers see of it are the snapshots
 * that are compiled from it.
 */
#ifndef LVS__CATALOG_H
#define LVS__CATALOG_H

#include "service/services.h"
#include "snapshot/snapshot.h"

#define LVS__GRAVEYARDS 1024

struct lvs__catalog {
	struct lvs__services *services;
	/* removed dests, by the hash of their service's address */
	struct lvs__list graveyards[LVS__GRAVEYARDS];
	struct lvs__list graves[LVS__GRAVES]; /* again, by their own too */
	struct lvs__list removed_services;    /* wait for workers */
	struct lvs__list snapshots; /* all that are not freed, newest last */
	uint32_t timeouts[LVS_STATES];
	uint32_t lanes;
	uint64_t version;     /* of the newest snapshot */
	uint64_t estimate_at; /* ms, the estimator's next tick */
};

/* An empty catalog for `lanes` workers. 0 or a negative errno. */
LVS_PRIVATE int lvs__catalog_init(struct lvs__catalog *catalog, uint32_t lanes);

/*
 * Ends all in it; no worker may use a snapshot any more. One that is all 0 is
 * fine.
 */
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
 * The newest snapshot stays. 1: something removed still waits.
 */
LVS_PRIVATE int lvs__catalog_sweep(struct lvs__catalog *catalog,
				   uint64_t oldest);

/* The rates of all services go on, every two seconds. 1: it was time. */
LVS_PRIVATE int lvs__catalog_estimate(struct lvs__catalog *catalog,
				      uint64_t now);

#endif
