/*
 * What a service was configured to be, apart from its dests.
 */
#include "director/apply.h"

#include <string.h>

void lvs__wants_of(struct lvs__wants *wants, const struct lvs_model *model,
		   const struct lvs_service *service)
{
	memset(wants, 0, sizeof(*wants));
	wants->sched = lvs_service_get_sched(service);
	(void)lvs_service_get(service, LVS_SERVICE_EXPIRE_NODEST,
			      &wants->expire_nodest);
	(void)lvs_model_get_service(model, service, LVS_SETTING_RESETS,
				    &wants->resets);
	(void)lvs_model_get_service(model, service, LVS_SETTING_RESET_INTERVAL,
				    &wants->interval);
	(void)lvs_model_get_service(model, service, LVS_SETTING_INHIBIT,
				    &wants->inhibit);
}

void lvs__wants_now(struct lvs__wants *wants, const struct lvs__live *live)
{
	memset(wants, 0, sizeof(*wants));
	wants->sched = lvs_service_get_sched(live->service);
	(void)lvs_service_get(live->service, LVS_SERVICE_EXPIRE_NODEST,
			      &wants->expire_nodest);
	wants->resets = live->resets;
	wants->interval = live->interval;
	wants->inhibit = live->inhibit;
}

void lvs__wants_swap(struct lvs__wants *wants, struct lvs__live *live)
{
	struct lvs__wants old;
	struct lvs__live_dest *dest = NULL;

	lvs__wants_now(&old, live);
	if (strcmp(old.sched, wants->sched) != 0)
		(void)lvs__service_set_sched(live->service, wants->sched);
	if (old.expire_nodest != wants->expire_nodest)
		(void)lvs__service_set(live->service, LVS_SERVICE_EXPIRE_NODEST,
				       wants->expire_nodest);
	live->resets = wants->resets;
	live->interval = wants->interval;
	live->inhibit = wants->inhibit;
	if (old.inhibit != wants->inhibit)
		while ((dest = lvs__live_next_dest(live, dest)) != NULL)
			lvs__live_settle(dest);
	*wants = old;
}
