/*
 * Where in a file stands what a change is refused for.
 */
#include <string.h>

#include "backend/backend.h"
#include "director/apply.h"
#include "model/model.h"

const char *lvs__place_of(const struct lvs__change *change,
			  const struct lvs_service *service,
			  const struct lvs_dest *dest)
{
	struct lvs_service *asked =
		lvs__model_twin(change->asked->services, service);
	const struct lvs_dest *twin;

	if (asked == NULL)
		return NULL;
	if (dest == NULL)
		return lvs__model_service_place(asked);
	twin = lvs__model_twin_dest(asked, dest);
	return twin == NULL ? NULL : lvs__model_dest_place(twin);
}

static bool is_at(const struct lvs_claim *claim, const struct lvs_addr *addr,
		  uint16_t port)
{
	return memcmp(&claim->addr, addr, sizeof(*addr)) == 0 &&
	       (claim->port == 0 || claim->port == port);
}

static const char *place_in(const struct lvs_service *service,
			    const struct lvs_claim *claim)
{
	const struct lvs_dest *dest = NULL;

	if (claim->protocol != 0 && claim->protocol != service->protocol)
		return NULL;
	if (claim->kind == LVS_CLAIM_VIRTUAL)
		return is_at(claim, &service->addr, service->port)
			       ? lvs__model_service_place(service)
			       : NULL;
	while ((dest = lvs__model_next_dest(service, dest)) != NULL)
		if (is_at(claim, &dest->addr, dest->port))
			return lvs__model_dest_place(dest);
	return NULL;
}

void lvs__place_claim(struct lvs__change *change)
{
	const struct lvs_backend *backend = change->director->backend;
	const struct lvs_service *service = NULL;
	const char *place = NULL;
	char why[512];

	if (backend == NULL || backend->refused.kind == 0 ||
	    change->message == NULL || change->size == 0)
		return;
	while (place == NULL &&
	       (service = lvs_model_next_service(change->asked, service)) !=
		       NULL)
		place = place_in(service, &backend->refused);
	if (place == NULL)
		return;
	(void)lvs__message(why, sizeof(why), 0, "%s", change->message);
	(void)lvs__message(change->message, change->size, 0, "%s: %s", place,
			   why);
}
