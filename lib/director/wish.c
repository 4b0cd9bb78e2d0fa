/*
 * What a service was configured to be, apart from its dests.
 */
#include "director/apply.h"

#include <string.h>

void lvs__wish_of(struct lvs__service_wish *wish, const struct lvs_model *model,
		  const struct lvs_service *service)
{
	memset(wish, 0, sizeof(*wish));
	wish->sched = lvs_service_get_sched(service);
	(void)lvs_service_get(service, LVS_SERVICE_EXPIRE_NODEST,
			      &wish->expire_nodest);
	(void)lvs_model_get_service(model, service, LVS_SETTING_RESETS,
				    &wish->resets);
	(void)lvs_model_get_service(model, service, LVS_SETTING_RESET_INTERVAL,
				    &wish->interval);
	(void)lvs_model_get_service(model, service, LVS_SETTING_INHIBIT,
				    &wish->inhibit);
}

void lvs__wish_now(struct lvs__service_wish *wish, const struct lvs__live *live)
{
	memset(wish, 0, sizeof(*wish));
	wish->sched = lvs_service_get_sched(live->service);
	(void)lvs_service_get(live->service, LVS_SERVICE_EXPIRE_NODEST,
			      &wish->expire_nodest);
	wish->resets = live->resets;
	wish->interval = live->interval;
	wish->inhibit = live->inhibit;
}

void lvs__wish_swap(struct lvs__service_wish *wish, struct lvs__live *live)
{
	struct lvs__service_wish old;
	struct lvs__live_dest *dest = NULL;

	lvs__wish_now(&old, live);
	if (strcmp(old.sched, wish->sched) != 0)
		(void)lvs__service_set_sched(live->service, wish->sched);
	if (old.expire_nodest != wish->expire_nodest)
		(void)lvs__service_set(live->service, LVS_SERVICE_EXPIRE_NODEST,
				       wish->expire_nodest);
	live->resets = wish->resets;
	live->interval = wish->interval;
	live->inhibit = wish->inhibit;
	if (old.inhibit != wish->inhibit)
		while ((dest = lvs__live_next_dest(live, dest)) != NULL)
			lvs__live_settle(dest);
	*wish = old;
}
