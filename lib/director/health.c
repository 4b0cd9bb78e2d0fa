/*
 * Checks: what makes a dest usable or not.
 *
 * Equal checks of several dests are one probe: a server behind a hundred
 * services is probed once. A dest with several checks is up when all are. A
 * check that says "unknown" (our own fault) changes nothing.
 *
 * When the checks of a running dest are replaced, the new ones begin with the
 * state that the dest has: a reload neither switches a failed server on nor a
 * good one off without a proof.
 */
#include "director/director.h"

#include <stdlib.h>
#include <string.h>

static struct lvs__list *bucket_of(struct lvs_director *director,
				   const struct lvs_check *check)
{
	struct lvs_addr addr = {0};
	uint64_t words[3];
	uint16_t port = 0;

	(void)lvs_check_get_target(check, &addr, &port);
	memcpy(words, addr.bytes, sizeof(addr.bytes));
	words[2] = (uint64_t)addr.family << 32 | port;
	return &director->probes[lvs__hash_words(&director->key, words, 3) %
				 LVS__BUCKETS];
}

static struct lvs__probe *find_probe(struct lvs_director *director,
				     const struct lvs_check *check)
{
	struct lvs__list *bucket = bucket_of(director, check);
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, bucket) {
		struct lvs__probe *probe =
			lvs__list_entry(node, struct lvs__probe, node);

		if (lvs_check_equal(probe->check, check) == 1)
			return probe;
	}
	return NULL;
}

/* Takes the check on success. */
static int start_probe(struct lvs_director *director, struct lvs__probe **out,
		       struct lvs_check *check)
{
	struct lvs__probe *probe = calloc(1, sizeof(*probe));
	uint64_t up = 0;
	int error;

	if (probe == NULL)
		return -ENOMEM;
	(void)lvs_check_get(check, LVS_CHECK_START_UP, &up);
	probe->up = up != 0;
	probe->check = check;
	lvs__list_init(&probe->uses);
	error = lvs_monitor_add_check(director->monitor, check,
				      (uint64_t)(uintptr_t)probe,
				      director->now);
	if (error < 0) {
		free(probe);
		return error;
	}
	lvs__list_append(bucket_of(director, check), &probe->node);
	*out = probe;
	return 0;
}

/* A copy of a configured check, ready to run for this dest. */
static int copy_check(struct lvs_check **out, const struct lvs_check *check,
		      const struct lvs__live_dest *dest, bool fresh)
{
	struct lvs_check *copy;
	struct lvs_addr addr;
	uint16_t port;
	int error = lvs_check_copy(&copy, check);

	if (error < 0)
		return error;
	if (lvs_check_get_target(copy, &addr, &port) < 0)
		error = lvs_check_set_target(copy, &dest->dest->addr,
					     dest->dest->port);
	if (error == 0 && !fresh)
		error = lvs_check_set(copy, LVS_CHECK_START_UP, !dest->down);
	if (error < 0) {
		lvs_check_free(copy);
		return error;
	}
	*out = copy;
	return 0;
}

static int start_use(struct lvs_director *director, struct lvs__use *use,
		     const struct lvs_check *configured,
		     struct lvs__live_dest *dest, bool fresh)
{
	struct lvs__probe *probe;
	struct lvs_check *check;
	int error = copy_check(&check, configured, dest, fresh);

	if (error < 0)
		return error;
	probe = find_probe(director, check);
	if (probe != NULL) {
		lvs_check_free(check);
	} else {
		error = start_probe(director, &probe, check);
		if (error < 0) {
			lvs_check_free(check);
			return error;
		}
	}
	use->probe = probe;
	use->owner = dest;
	lvs__list_append(&probe->uses, &use->node);
	return 0;
}

int lvs__health_prepare(struct lvs_director *director, struct lvs__use **out,
			struct lvs__live_dest *dest,
			struct lvs_check *const *checks, size_t count,
			bool fresh)
{
	struct lvs__use *uses = NULL;
	size_t i;
	int error;

	*out = NULL;
	if (count == 0)
		return 0;
	uses = calloc(count, sizeof(*uses));
	if (uses == NULL)
		return -ENOMEM;
	for (i = 0; i < count; i++) {
		error = start_use(director, &uses[i], checks[i], dest, fresh);
		if (error < 0) {
			lvs__health_drop(director, uses, i);
			return error;
		}
	}
	*out = uses;
	return 0;
}

void lvs__health_drop(struct lvs_director *director, struct lvs__use *uses,
		      size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct lvs__probe *probe = uses[i].probe;

		lvs__list_remove(&uses[i].node);
		if (!lvs__list_empty(&probe->uses))
			continue;
		lvs__list_remove(&probe->node);
		director->unchecked -= probe->unchecked;
		lvs_monitor_remove_check(director->monitor, probe->check);
		free(probe);
	}
	free(uses);
}

bool lvs__health_up(const struct lvs__use *uses, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!uses[i].probe->up)
			return false;
	return true;
}

const struct lvs__probe *lvs__health_why(const struct lvs__use *uses,
					 size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!uses[i].probe->up)
			return uses[i].probe;
	return count > 0 ? uses[0].probe : NULL;
}

void lvs__health_swap(struct lvs__live_dest *dest, struct lvs__use **uses,
		      size_t *count)
{
	struct lvs__use *old = dest->uses;
	size_t old_count = dest->use_count;

	dest->uses = *uses;
	dest->use_count = *count;
	*uses = old;
	*count = old_count;
}

/* A probe has changed: all dests that use it follow. */
static bool follow(struct lvs_director *director, struct lvs__probe *probe)
{
	struct lvs__list *node, *save;
	bool changed = false;

	lvs__list_for_each (node, save, &probe->uses) {
		struct lvs__use *use =
			lvs__list_entry(node, struct lvs__use, node);
		struct lvs__live_dest *dest = use->owner;
		bool down = !lvs__health_up(dest->uses, dest->use_count);

		if (dest->down == down)
			continue;
		dest->down = down;
		dest->since = director->now;
		lvs__live_settle(dest);
		lvs__event_health(director, dest);
		changed = true;
	}
	return changed;
}

bool lvs__health_events(struct lvs_director *director)
{
	struct lvs_check_event event;
	bool changed = false, heard = false;

	while (lvs_monitor_pop_event(director->monitor, &event,
				     sizeof(event)) == 1) {
		struct lvs__probe *probe =
			(struct lvs__probe *)(uintptr_t)event.user;

		if (event.state == LVS_CHECK_UNKNOWN)
			continue;
		heard = true;
		probe->up = event.state == LVS_CHECK_UP;
		probe->cause = event.cause;
		probe->latency = event.latency;
		if (follow(director, probe))
			changed = true;
	}
	if (heard)
		lvs__serving_tell(director);
	return changed;
}

/* All dests that use this probe are told of. */
static void tell_uses(struct lvs_director *director, struct lvs__probe *probe,
		      int kind)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, &probe->uses)
		lvs__event_dest(
			director, kind,
			lvs__list_entry(node, struct lvs__use, node)->owner, 0);
}

/* Whether a probe is kept from its server by want of a route, or is again. */
static void look_at_route(struct lvs_director *director,
			  struct lvs__probe *probe)
{
	bool unchecked = lvs_check_fault(probe->check) == LVS_CAUSE_NO_ROUTE;

	if (unchecked == probe->unchecked)
		return;
	probe->unchecked = unchecked;
	director->unchecked += unchecked ? 1 : -1U;
	tell_uses(director, probe,
		  unchecked ? LVS_EVENT_DEST_UNCHECKED
			    : LVS_EVENT_DEST_CHECKED);
}

static void look_at_routes(struct lvs_director *director)
{
	struct lvs__list *node, *save;

	for (size_t i = 0; i < LVS__BUCKETS; i++)
		lvs__list_for_each (node, save, &director->probes[i])
			look_at_route(director,
				      lvs__list_entry(node, struct lvs__probe,
						      node));
}

/* A server without a route is told of by its name, all else as a number. */
void lvs__health_faults(struct lvs_director *director)
{
	struct lvs_event event = {.kind = LVS_EVENT_LOCAL_FAULT};
	struct lvs_monitor_stats stats = {0};

	if (director->now < director->fault_at)
		return;
	(void)lvs_monitor_stats(director->monitor, &stats, sizeof(stats));
	event.value = stats.local_faults - director->faults;
	if (event.value == 0 && director->unchecked == 0)
		return;
	look_at_routes(director);
	director->faults = stats.local_faults;
	director->fault_at = director->now + LVS__FAULT_PAUSE;
	if (event.value > 0 && director->unchecked == 0)
		lvs__event_add(director, &event);
}
