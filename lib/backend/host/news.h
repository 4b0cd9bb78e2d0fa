/*
 * What a backend has to tell, until it is asked.
 */
#ifndef LVS__BACKEND_NEWS_H
#define LVS__BACKEND_NEWS_H

#include <lvs/backend.h>

#include "base/base.h"

#define LVS__NEWS 8192 /* that wait at most */

struct lvs__news {
	struct lvs_backend_event *events;
	size_t first; /* the oldest that waits */
	size_t end;   /* behind the newest */
	size_t room;
};

/* Adds one; without memory, or if too many wait, it is lost. */
void lvs__news_add(struct lvs__news *news,
		   const struct lvs_backend_event *event);

/* Takes the oldest out: 1, or 0: none waits. */
int lvs__news_pop(struct lvs__news *news, struct lvs_backend_event *event);

void lvs__news_close(struct lvs__news *news);

#endif
