/*
 * The node in a loop: dispatched, asked, ended. start.c makes it.
 *
 * One descriptor (an epoll) stands for the monitor, the backend's control side
 * and a wake-up that workers write when they have something to tell.
 */
#include "director/director.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "director/worker.h"

LVS_EXPORT void lvs_director_free(struct lvs_director *director)
{
	struct lvs__live *live;

	if (director == NULL)
		return;
	while ((live = lvs__live_next(director, NULL)) != NULL)
		lvs__live_remove(director, live);
	/* connections let go of dests before the catalog ends them */
	for (uint32_t i = 0; i < director->worker_count; i++)
		lvs__worker_free(director->workers[i]);
	free(director->workers);
	lvs_backend_free(director->backend);
	lvs_monitor_free(director->monitor);
	lvs__catalog_fini(&director->catalog);
	lvs_model_free(director->model);
	lvs_model_free(director->file);
	if (director->wake >= 0)
		close(director->wake);
	if (director->answer >= 0)
		close(director->answer);
	if (director->epoll >= 0)
		close(director->epoll);
	free(director);
}

/* ---- in a loop */

LVS_EXPORT int lvs_director_fd(const struct lvs_director *director)
{
	return director != NULL ? director->epoll : -EINVAL;
}

void lvs__director_wake(struct lvs_director *director)
{
	uint64_t one = 1;

	/* full means that it is readable already */
	if (write(director->wake, &one, sizeof(one)) < 0)
		return;
}

/* Both: whoever asked may wait on either. */
void lvs__director_answered(struct lvs_director *director)
{
	uint64_t one = 1;

	lvs__director_wake(director);
	if (write(director->answer, &one, sizeof(one)) < 0)
		return;
}

int lvs__director_answer_fd(const struct lvs_director *director)
{
	return director->answer;
}

static void least(uint64_t *least_of, uint64_t value)
{
	if (value < *least_of)
		*least_of = value;
}

LVS_EXPORT uint64_t lvs_director_deadline(const struct lvs_director *director)
{
	uint64_t deadline = UINT64_MAX;

	if (director == NULL)
		return UINT64_MAX;
	least(&deadline, lvs_monitor_deadline(director->monitor));
	if (director->backend != NULL)
		least(&deadline, lvs_backend_deadline(director->backend));
	least(&deadline, director->sweep_at);
	least(&deadline, director->sample_at);
	if (director->behind || director->unclaimed)
		least(&deadline, director->now + LVS__SWEEP_POLL);
	least(&deadline, director->drain_at);
	if (director->former > 0)
		least(&deadline, director->former_at);
	if (lvs__live_next(director, NULL) != NULL)
		least(&deadline, director->catalog.estimate_at);
	return deadline;
}

static uint32_t ready(const struct lvs_director *director)
{
	struct epoll_event events[3];
	uint32_t sources = 0;
	uint64_t count;
	int n = epoll_wait(director->epoll, events, 3, 0);

	for (int i = 0; i < n; i++)
		sources |= (uint32_t)events[i].data.u64;
	if ((sources & LVS__FROM_WAKE) != 0 &&
	    read(director->wake, &count, sizeof(count)) < 0)
		sources &= ~(uint32_t)LVS__FROM_WAKE;
	return sources;
}

/* Publishes what changed since it was last published, as health does, and does
 * what could not be done when it was asked for. */
static void catch_up(struct lvs_director *director)
{
	if (director->behind)
		director->behind = lvs__director_publish(director) < 0;
	if (director->unclaimed)
		director->unclaimed =
			lvs__director_claim(director, NULL, 0) < 0;
}

LVS_EXPORT int lvs_director_dispatch(struct lvs_director *director,
				     uint64_t now, uint32_t budget)
{
	uint32_t sources;
	int done;

	if (director == NULL)
		return -EINVAL;
	director->now = now;
	sources = ready(director);
	if (director->backend != NULL &&
	    ((sources & LVS__FROM_BACKEND) != 0 ||
	     lvs_backend_deadline(director->backend) <= now))
		(void)lvs_backend_dispatch(director->backend, now, budget);
	if (__atomic_exchange_n(&director->alarm, 0, __ATOMIC_ACQUIRE) != 0 ||
	    director->sample_at <= now)
		lvs__passive_sample(director);
	done = lvs_monitor_dispatch(director->monitor, now, budget);
	if (lvs__health_events(director))
		director->behind = true;
	lvs__health_faults(director);
	if (director->former > 0 && director->former_at <= now)
		lvs__director_former(director);
	catch_up(director);
	if (director->drain_at <= now)
		lvs__drains_look(director);
	lvs__catalog_estimate(&director->catalog, now);
	if ((sources & LVS__FROM_WAKE) != 0 || director->sweep_at <= now)
		lvs__director_sweep(director);
	return done;
}

/* ---- asked */

LVS_EXPORT int lvs_director_model(const struct lvs_director *director,
				  struct lvs_model **model)
{
	if (director == NULL || model == NULL)
		return -EINVAL;
	return lvs_model_copy(model, director->model);
}

LVS_EXPORT const struct lvs_service *lvs_director_find_service(
	const struct lvs_director *director, const struct lvs_addr *addr,
	uint16_t port, int protocol)
{
	if (director == NULL || addr == NULL)
		return NULL;
	return lvs__services_find(director->catalog.services, addr, port,
				  protocol);
}

LVS_EXPORT const struct lvs_service *lvs_director_next_service(
	const struct lvs_director *director, const struct lvs_service *service)
{
	if (director == NULL)
		return NULL;
	return lvs__services_next(director->catalog.services, service);
}

LVS_EXPORT struct lvs_worker *lvs_director_worker(struct lvs_director *director,
						  uint32_t index)
{
	if (director == NULL || index >= director->worker_count)
		return NULL;
	return director->workers[index];
}

uint64_t lvs__director_generation(const struct lvs_director *director)
{
	return director->generation;
}
