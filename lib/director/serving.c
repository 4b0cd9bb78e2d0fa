/*
 * Whether a service has a server: the alarm that no single dest can give.
 *
 * A server is what takes new connections: up, of a weight, not drained. One
 * at its upper threshold is one too, as that passes by itself.
 *
 * Told are the last one's loss and the first one's return, whatever caused
 * them: a check, a drain, a weight, a removal. A service that never had one is
 * silent while it is being set up: without dests, while a first check is still
 * under way, with weights of 0. It is told once its checks say that it starts
 * with none.
 */
#include "director/director.h"

static bool undecided(const struct lvs__live_dest *dest)
{
	const struct lvs__probe *why =
		lvs__health_why(dest->uses, dest->use_count);

	return dest->down && why != NULL &&
	       lvs_check_state(why->check) == LVS_CHECK_UNKNOWN;
}

/* What a look at the dests shows; LVS__SERVING_NEW: too early to say. */
static enum lvs__serving look(const struct lvs__live *live)
{
	enum lvs__serving seen = LVS__SERVING_NEW;
	bool waits = false;
	const struct lvs__live_dest *dest = NULL;

	while ((dest = lvs__live_next_dest(live, dest)) != NULL) {
		if (!dest->down && dest->wish.of[LVS_DEST_WEIGHT] != 0 &&
		    dest->wish.of[LVS_DEST_DRAIN] == 0)
			return LVS__SERVING;
		if (undecided(dest))
			waits = true;
		else if (dest->down)
			seen = LVS__SERVING_NOT;
	}
	return waits ? LVS__SERVING_NEW : seen;
}

void lvs__serving_tell(struct lvs_director *director)
{
	struct lvs__live *live = NULL;

	while ((live = lvs__live_next(director, live)) != NULL) {
		enum lvs__serving before = live->serving, seen = look(live);

		if (seen == LVS__SERVING_NEW && before == LVS__SERVING)
			seen = LVS__SERVING_NOT;
		if (seen == LVS__SERVING_NEW || seen == before)
			continue;
		live->serving = seen;
		if (seen == LVS__SERVING_NOT)
			lvs__event_service(director, LVS_EVENT_SERVICE_DOWN,
					   live->service, 0);
		else if (before == LVS__SERVING_NOT)
			lvs__event_service(director, LVS_EVENT_SERVICE_UP,
					   live->service, 0);
	}
}
