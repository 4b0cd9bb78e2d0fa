/*
 * An array that is filled at its end and emptied from its begin, and begins
 * anew once it is empty. At the start there is one event an address, later
 * hardly any.
 */
#include "backend/host/news.h"

#include <stdlib.h>
#include <string.h>

static bool make_room(struct lvs__news *news)
{
	size_t room = news->room == 0 ? 16 : 2 * news->room;
	struct lvs_backend_event *grown;

	if (news->end < news->room)
		return true;
	if (room > LVS__NEWS)
		return false;
	grown = realloc(news->events, room * sizeof(*grown));
	if (grown == NULL)
		return false;
	news->events = grown;
	news->room = room;
	return true;
}

/* A warning is what keeps packets from arriving. */
static uint32_t level_of(const struct lvs_backend_event *event)
{
	switch (event->kind) {
	case LVS_BACKEND_ADDRESS_FOUND:
		return LVS_LOG_NOTICE;
	case LVS_BACKEND_ADDRESS_ADDED:
		return event->addr.family == LVS_IPV6 &&
				       strcmp(event->interface, "lo") == 0
			       ? LVS_LOG_WARNING
			       : LVS_LOG_NOTICE;
	default:
		return LVS_LOG_WARNING;
	}
}

void lvs__news_add(struct lvs__news *news,
		   const struct lvs_backend_event *event)
{
	if (!make_room(news))
		return;
	news->events[news->end] = *event;
	news->events[news->end++].level = level_of(event);
}

int lvs__news_pop(struct lvs__news *news, struct lvs_backend_event *event)
{
	if (news->first == news->end)
		return 0;
	*event = news->events[news->first++];
	if (news->first == news->end)
		news->first = news->end = 0;
	return 1;
}

void lvs__news_close(struct lvs__news *news)
{
	free(news->events);
	*news = (struct lvs__news){0};
}
