/*
 * What lvsd's log says of the node.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lvsd.h"

#define KEPT 20 /* lines of what a reload leaves as it is */

void tell_event(const struct lvs_event *event)
{
	char line[256];

	lvs_event_format(event, line, sizeof(line));
	say((int)event->level, "%s", line);
}

/* What the host has to say and what is not as it should be; the rest of the
 * start is one line. */
void tell_start(struct lvs_director *director, struct lvs_model *model,
		const char *control)
{
	const char *path = lvs_model_get_text(model, LVS_MODEL_CONTROL);
	struct lvs_service *service = NULL;
	struct lvs_dest *dest = NULL;
	struct lvs_event event;
	uint32_t services = 0, dests = 0, workers = 0;

	while (lvs_director_pop_event(director, &event, sizeof(event)) == 1)
		if (event.kind == LVS_EVENT_HOST ||
		    event.level <= LVS_LOG_WARNING)
			tell_event(&event);
	while ((service = lvs_model_next_service(model, service)) != NULL) {
		services++;
		while ((dest = lvs_service_next_dest(service, dest)) != NULL)
			dests++;
	}
	while (lvs_director_worker(director, workers) != NULL)
		workers++;
	say(LVS_LOG_NOTICE,
	    "lvsd %s runs: %u service%s, %u destination%s, %u worker%s, "
	    "control socket %s",
	    lvs_version(), services, plural(services), dests, plural(dests),
	    workers, plural(workers), path != NULL ? path : control);
}

/* A line of lvs_model_diff(), in words. */
static void tell_difference(const char *line)
{
	const char *how = line[0] == '-'   ? "stays out, as it was removed"
			  : line[0] == '+' ? "stays, as it was added"
					   : "stays, as it was changed";

	say(LVS_LOG_NOTICE, "%s with lvsadm: %s", how, line + 2);
}

void tell_kept(const struct lvs_director *director,
	       const struct lvs_model *file)
{
	struct lvs_model *running;
	char *text = NULL, *save = NULL, *line;
	uint32_t lines = 0;
	int length;

	if (lvs_director_model(director, &running) < 0)
		return;
	length = lvs_model_diff(file, running, NULL, 0);
	if (length > 0)
		text = malloc((size_t)length + 1);
	if (text != NULL) {
		lvs_model_diff(file, running, text, (size_t)length + 1);
		for (line = strtok_r(text, "\n", &save); line != NULL;
		     line = strtok_r(NULL, "\n", &save))
			if (lines++ < KEPT)
				tell_difference(line);
	}
	if (lines > KEPT)
		say(LVS_LOG_NOTICE, "and %u more: lvsadm diff", lines - KEPT);
	free(text);
	lvs_model_free(running);
}
