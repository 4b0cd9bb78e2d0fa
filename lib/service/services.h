/*
 * A parent's services: in the order in which they came, and by address. The
 * parent is a model, or the catalog of a balancer or director.
 */
#ifndef LVS__SERVICES_H
#define LVS__SERVICES_H

#include "service/service.h"

struct lvs__services {
	struct lvs__list list;
	struct lvs__endpoint_index index;
	/* ends the `note` of a dest that goes, or leaves with its service;
	 * NULL: the parent does so itself */
	void (*forget)(struct lvs_dest *dest);
	bool sealed; /* changed through the parent alone: others get -EBUSY */
};

/* Whether the public functions that change it must refuse. */
LVS__INLINE bool lvs__service_sealed(const struct lvs_service *held)
{
	return held->parent != NULL && held->parent->sealed;
}

LVS__INLINE uint32_t lvs__services_count(const struct lvs__services *services)
{
	return services->index.count;
}

/* None at first. 0 or a negative errno. */
int lvs__services_new(struct lvs__services **services);

/* There must be none left. NULL is fine. */
void lvs__services_free(struct lvs__services *services);

/*
 * From here on the service has this parent; service->note is the parent's.
 * 0; -EINVAL: it has no address; -EBUSY: it has a parent; -EEXIST: there is
 * one at its address; -ENOMEM.
 */
int lvs__services_add(struct lvs__services *services,
		      struct lvs_service *service);

/* It is its own again, without notes; its parent must be `services`. */
void lvs__services_remove(struct lvs__services *services,
			  struct lvs_service *service);

/* NULL: there is none, or the address is none. */
struct lvs_service *lvs__services_find(const struct lvs__services *services,
				       const struct lvs_addr *addr,
				       uint16_t port, int protocol);

/* The first for NULL; NULL behind the last, and for a stranger. */
struct lvs_service *lvs__services_next(const struct lvs__services *services,
				       const struct lvs_service *service);

#endif
