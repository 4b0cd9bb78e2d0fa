/*
 * What a dest and a service are configured to be: read, made so, compared and
 * merged, by walks over the tables of numbers.
 */
#include "model/wish.h"

#include <string.h>

void lvs__wish_of_dest(struct lvs__dest_wish *wish, const struct lvs_dest *dest)
{
	memset(wish, 0, sizeof(*wish));
	for (int i = 0; i < LVS__DEST_OPTIONS; i++)
		if (lvs__model_dests[i].name != NULL)
			(void)lvs_dest_get(dest, i, &wish->of[i]);
}

int lvs__wish_give_dest(const struct lvs__dest_wish *wish,
			struct lvs_dest *dest)
{
	struct lvs__dest_wish now;
	int error = 0;

	lvs__wish_of_dest(&now, dest);
	/* the lower threshold must not be above the upper one on the way */
	if (now.of[LVS_DEST_UPPER] != wish->of[LVS_DEST_UPPER] &&
	    now.of[LVS_DEST_LOWER] != 0) {
		error = lvs__dest_set(dest, LVS_DEST_LOWER, 0);
		now.of[LVS_DEST_LOWER] = 0;
	}
	/* only what differs: every set may make a new plan */
	for (int i = 0; i < LVS__DEST_OPTIONS && error == 0; i++)
		if (now.of[i] != wish->of[i])
			error = lvs__dest_set(dest, i, wish->of[i]);
	return error;
}

void lvs__wish_of_service(struct lvs__service_wish *wish,
			  const struct lvs_service *service,
			  const uint64_t *settings)
{
	memset(wish, 0, sizeof(*wish));
	wish->sched = lvs_service_get_sched(service);
	for (int i = 0; i < LVS__SERVICE_OPTIONS; i++)
		if (lvs__model_services[i].name != NULL)
			(void)lvs_service_get(service, i, &wish->of[i]);
	memcpy(wish->settings, settings, sizeof(wish->settings));
}

int lvs__wish_give_service(const struct lvs__service_wish *wish,
			   struct lvs_service *service, uint64_t *settings)
{
	struct lvs__service_wish now;
	int error = 0;

	lvs__wish_of_service(&now, service, settings);
	if (strcmp(now.sched, wish->sched) != 0)
		error = lvs__service_set_sched(service, wish->sched);
	for (int i = 0; i < LVS__SERVICE_OPTIONS && error == 0; i++)
		if (now.of[i] != wish->of[i])
			error = lvs__service_set(service, i, wish->of[i]);
	if (error == 0)
		memcpy(settings, wish->settings, sizeof(wish->settings));
	return error;
}

bool lvs__wish_same_dest(const struct lvs__dest_wish *a,
			 const struct lvs__dest_wish *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

bool lvs__wish_same_service(const struct lvs__service_wish *a,
			    const struct lvs__service_wish *b)
{
	return strcmp(a->sched, b->sched) == 0 &&
	       memcmp(a->of, b->of, sizeof(a->of)) == 0 &&
	       memcmp(a->settings, b->settings, sizeof(a->settings)) == 0;
}

void lvs__wish_merge(uint64_t *numbers, const uint64_t *before,
		     const uint64_t *after, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (before == NULL || before[i] != after[i])
			numbers[i] = after[i];
}

void lvs__wish_merge_dest(struct lvs__dest_wish *wish,
			  const struct lvs__dest_wish *before,
			  const struct lvs__dest_wish *after)
{
	static const int pair[] = {LVS_DEST_UPPER, LVS_DEST_LOWER};
	bool both = before == NULL;

	lvs__wish_merge(wish->of, before == NULL ? NULL : before->of, after->of,
			LVS__DEST_OPTIONS);
	for (size_t i = 0; i < 2 && !both; i++)
		both = before->of[pair[i]] != after->of[pair[i]];
	for (size_t i = 0; i < 2 && both; i++)
		wish->of[pair[i]] = after->of[pair[i]];
}

void lvs__wish_merge_service(struct lvs__service_wish *wish,
			     const struct lvs__service_wish *before,
			     const struct lvs__service_wish *after)
{
	if (before == NULL || strcmp(before->sched, after->sched) != 0)
		wish->sched = after->sched;
	lvs__wish_merge(wish->of, before == NULL ? NULL : before->of, after->of,
			LVS__SERVICE_OPTIONS);
	lvs__wish_merge(wish->settings,
			before == NULL ? NULL : before->settings,
			after->settings, LVS__MODEL_SETTINGS);
}
