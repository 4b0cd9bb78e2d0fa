/*
 * A node is made: from settings alone, services come by apply.c. Whatever
 * fails on the way, nothing stays.
 */
#include "director/director.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/watch.h"
#include "director/worker.h"

static int watch(const struct lvs_director *director, int fd,
		 enum lvs__source source)
{
	return lvs__watch(director->epoll, EPOLL_CTL_ADD, fd, EPOLLIN, source);
}

static int open_descriptors(struct lvs_director *director)
{
	int error;

	director->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (director->epoll < 0)
		return -errno;
	director->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (director->wake < 0)
		return -errno;
	director->answer = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (director->answer < 0)
		return -errno;
	error = lvs_monitor_new(&director->monitor);
	if (error == 0)
		error = watch(director, director->wake, LVS__FROM_WAKE);
	if (error == 0)
		error = watch(director, lvs_monitor_fd(director->monitor),
			      LVS__FROM_MONITOR);
	return error;
}

/* The model's settings, without its services. */
static int copy_settings(struct lvs_model **out, const struct lvs_model *model)
{
	struct lvs_service *service;
	int error = lvs_model_copy(out, model);

	if (error < 0)
		return error;
	while ((service = lvs_model_next_service(*out, NULL)) != NULL)
		lvs_model_remove_service(*out, service);
	return 0;
}

static uint64_t setting(const struct lvs_director *director, int option)
{
	uint64_t value = 0;

	(void)lvs_model_get(director->model, option, &value);
	return value;
}

static int set_backend(struct lvs_director *director, const char *kind)
{
	const char *interface;
	int error = lvs_backend_new(&director->backend, kind);

	if (error == 0)
		error = lvs_backend_set(director->backend, LVS_BACKEND_LANES,
					setting(director, LVS_MODEL_WORKERS));
	if (error == 0)
		error = lvs_backend_set(director->backend, LVS_BACKEND_FRAMES,
					setting(director,
						LVS_MODEL_RING_FRAMES));
	if (error == 0)
		error = lvs_backend_set(director->backend,
					LVS_BACKEND_ADDRESSES,
					setting(director, LVS_MODEL_ADDRESSES));
	for (size_t i = 0; error == 0; i++) {
		interface = lvs_model_get_interface(director->model, i);
		if (interface == NULL)
			break;
		error = lvs_backend_add_interface(director->backend, interface);
	}
	return error;
}

static int open_backend(struct lvs_director *director, char *message,
			size_t size)
{
	const char *kind = lvs__model_backend(director->model);
	int error;

	if (kind == NULL)
		return 0;
	error = set_backend(director, kind);
	if (error < 0)
		return lvs__message(message, size, error, "backend %s: %s",
				    kind,
				    error == -ENOENT ? "not built in"
						     : lvs_strerror(error));
	error = lvs_backend_open(director->backend, message, size);
	if (error < 0)
		return error;
	error = watch(director, lvs_backend_fd(director->backend),
		      LVS__FROM_BACKEND);
	if (error < 0)
		lvs__message_error(message, size, error, NULL);
	return error;
}

static int make_workers(struct lvs_director *director)
{
	uint32_t count = (uint32_t)setting(director, LVS_MODEL_WORKERS);
	uint32_t most = (uint32_t)setting(director, LVS_MODEL_CONNECTIONS);
	/* packets of the host's meet no page fault */
	uint32_t flags = director->backend != NULL ? LVS_TABLE_PREFAULT : 0;
	int error;

	director->workers = calloc(count, sizeof(*director->workers));
	if (director->workers == NULL)
		return -ENOMEM;
	for (uint32_t i = 0; i < count; i++) {
		error = lvs__worker_new(&director->workers[i], director, i,
					most, flags);
		if (error < 0)
			return error;
		director->worker_count++;
	}
	return 0;
}

static int start(struct lvs_director *director, const struct lvs_model *model)
{
	uint64_t workers = 1;
	int error;

	(void)lvs_model_get(model, LVS_MODEL_WORKERS, &workers);
	error = lvs__catalog_init(&director->catalog, (uint32_t)workers);
	if (error < 0)
		return error;
	/* who got one by next_service() or find_service() may only read it */
	director->catalog.services->sealed = true;
	error = lvs__hash_key_init(&director->key);
	if (error == 0)
		error = copy_settings(&director->model, model);
	if (error == 0)
		error = copy_settings(&director->file, model);
	if (error == 0)
		error = open_descriptors(director);
	return error;
}

static struct lvs_director *new_director(uint64_t now)
{
	struct lvs_director *director = calloc(1, sizeof(*director));

	if (director == NULL)
		return NULL;
	director->epoll = -1;
	director->wake = -1;
	director->answer = -1;
	director->now = now;
	director->event_first = 1;
	director->event_next = 1;
	director->sweep_at = UINT64_MAX;
	director->sample_at = UINT64_MAX;
	director->drain_at = UINT64_MAX;
	for (size_t i = 0; i < LVS__BUCKETS; i++)
		lvs__list_init(&director->probes[i]);
	return director;
}

LVS_EXPORT int lvs_director_new(struct lvs_director **out,
				const struct lvs_model *model, char *message,
				size_t size, uint64_t now)
{
	struct lvs_director *director;
	int error;

	if (out == NULL || model == NULL)
		return lvs__message_error(message, size, -EINVAL, NULL);
	director = new_director(now);
	error = director == NULL ? -ENOMEM : start(director, model);
	if (error < 0) {
		lvs_director_free(director);
		return lvs__message_error(message, size, error, NULL);
	}
	error = open_backend(director, message, size);
	if (error == 0) {
		error = make_workers(director);
		if (error == 0)
			error = lvs__director_publish(director);
		if (error < 0)
			lvs__message_error(message, size, error, NULL);
	}
	if (error < 0) {
		lvs_director_free(director);
		return error;
	}
	*out = director;
	return 0;
}
