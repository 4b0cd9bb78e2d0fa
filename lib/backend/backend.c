/*
 * The public face of every backend: arguments are checked and options kept
 * here, then the kind's operations do the work.
 */
#include "backend/backend.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

#define DEFAULT_BUDGET 64

/* The default first. One that is known and not built in has no operations. */
static const struct {
	const char *name;
	const struct lvs__backend_ops *ops;
} kinds[] = {
#ifdef LVS_WITH_RAW
	{"raw", &lvs__raw_ops},
#else
	{"raw", NULL},
#endif
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

const char *lvs__backend_kind(size_t index)
{
	return index < KINDS ? kinds[index].name : NULL;
}

static const struct lvs__backend_ops *find_kind(const char *kind)
{
	for (size_t i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].name, kind) == 0)
			return kinds[i].ops;
	return NULL;
}

LVS_EXPORT int lvs_backend_new(struct lvs_backend **backend, const char *kind)
{
	const struct lvs__backend_ops *ops;
	struct lvs_backend *made;

	if (backend == NULL || kind == NULL)
		return -EINVAL;
	ops = find_kind(kind);
	if (ops == NULL)
		return -ENOENT;
	made = calloc(1, ops->size);
	if (made == NULL)
		return -ENOMEM;
	made->ops = ops;
	made->config = (struct lvs__backend_config){
		.lanes = 1,
		.frames = LVS__DEFAULT_FRAMES,
		.addresses = true,
	};
	*backend = made;
	return 0;
}

LVS_EXPORT void lvs_backend_free(struct lvs_backend *backend)
{
	if (backend == NULL)
		return;
	if (backend->open)
		backend->ops->close(backend);
	free(backend->config.interfaces);
	free(backend);
}

static int set_number(uint32_t *option, uint64_t value, uint64_t least,
		      uint64_t most)
{
	if (value < least || value > most)
		return -ERANGE;
	*option = (uint32_t)value;
	return 0;
}

static int set_switch(bool *option, uint64_t value)
{
	if (value > 1)
		return -ERANGE;
	*option = value == 1;
	return 0;
}

LVS_EXPORT int lvs_backend_set(struct lvs_backend *backend, int option,
			       uint64_t value)
{
	struct lvs__backend_config *config;

	if (backend == NULL)
		return -EINVAL;
	if (backend->open)
		return -EBUSY;
	config = &backend->config;
	switch (option) {
	case LVS_BACKEND_LANES:
		return set_number(&config->lanes, value, 1, LVS__MOST_LANES);
	case LVS_BACKEND_FRAMES:
		if ((value & (value - 1)) != 0)
			return -ERANGE;
		return set_number(&config->frames, value, LVS__LEAST_FRAMES,
				  LVS__MOST_FRAMES);
	case LVS_BACKEND_ADDRESSES:
		return set_switch(&config->addresses, value);
	default:
		return -EINVAL;
	}
}

LVS_EXPORT int lvs_backend_add_interface(struct lvs_backend *backend,
					 const char *name)
{
	struct lvs__backend_config *config;
	char(*grown)[IFNAMSIZ];

	if (backend == NULL || name == NULL || name[0] == '\0' ||
	    strlen(name) >= IFNAMSIZ)
		return -EINVAL;
	if (backend->open)
		return -EBUSY;
	config = &backend->config;
	for (size_t i = 0; i < config->interface_count; i++)
		if (strcmp(config->interfaces[i], name) == 0)
			return 0;
	if (config->interface_count >= LVS__BACKEND_INTERFACES)
		return -ERANGE;
	grown = realloc(config->interfaces,
			(config->interface_count + 1) * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	config->interfaces = grown;
	strcpy(grown[config->interface_count++], name);
	return 0;
}

LVS_EXPORT int lvs_backend_open(struct lvs_backend *backend, char *message,
				size_t size)
{
	int result;

	if (backend == NULL)
		return lvs__message(message, size, -EINVAL, "no backend");
	if (backend->open)
		return lvs__message(message, size, -EBUSY,
				    "the backend is open already");
	result = backend->ops->open(backend, message, size);
	if (result < 0)
		backend->ops->close(backend);
	else
		backend->open = true;
	return result;
}

/* Whether a claim can be taken as it stands. */
static const char *claim_error(const struct lvs_claim *claim)
{
	if (claim->kind != LVS_CLAIM_VIRTUAL && claim->kind != LVS_CLAIM_SERVER)
		return "its kind is unknown";
	if (claim->addr.family != LVS_IPV4 && claim->addr.family != LVS_IPV6)
		return "it has no address";
	if (claim->protocol < 1 || claim->protocol > 255)
		return "its protocol is not 1 to 255";
	if (claim->port < 1 || claim->port > 65535)
		return "its port is not 1 to 65535";
	return NULL;
}

LVS_EXPORT int lvs_backend_claim(struct lvs_backend *backend,
				 const struct lvs_claim *claims, size_t count,
				 char *message, size_t size)
{
	const char *error;

	if (backend == NULL || (claims == NULL && count > 0))
		return lvs__message(message, size, -EINVAL, "no claims");
	memset(&backend->refused, 0, sizeof(backend->refused));
	for (size_t i = 0; i < count; i++) {
		error = claim_error(&claims[i]);
		if (error != NULL)
			return lvs__message(message, size, -EINVAL,
					    "claim %zu: %s", i + 1, error);
	}
	if (!backend->open)
		return lvs__message(message, size, -ENOTCONN,
				    "the backend is not open");
	return backend->ops->claim(backend, claims, count, message, size);
}

LVS_EXPORT int lvs_backend_fd(const struct lvs_backend *backend)
{
	if (backend == NULL)
		return -EINVAL;
	return backend->open ? backend->ops->fd(backend) : -ENOTCONN;
}

LVS_EXPORT uint64_t lvs_backend_deadline(const struct lvs_backend *backend)
{
	if (backend == NULL || !backend->open)
		return UINT64_MAX;
	return backend->ops->deadline(backend);
}

LVS_EXPORT int lvs_backend_dispatch(struct lvs_backend *backend, uint64_t now,
				    uint32_t budget)
{
	if (backend == NULL)
		return -EINVAL;
	if (!backend->open)
		return -ENOTCONN;
	if (budget == 0 || budget > INT32_MAX)
		budget = DEFAULT_BUDGET;
	return backend->ops->dispatch(backend, now, budget);
}

LVS_EXPORT int lvs_backend_home(const struct lvs_backend *backend,
				const struct lvs_addr *addr, char *interface,
				size_t size)
{
	if (backend == NULL || addr == NULL || interface == NULL ||
	    size < IFNAMSIZ ||
	    (addr->family != LVS_IPV4 && addr->family != LVS_IPV6))
		return -EINVAL;
	return backend->ops->home(backend, addr, interface);
}

LVS_EXPORT int lvs_backend_foresee(const struct lvs_backend *backend,
				   const struct lvs_claim *claim,
				   struct lvs_backend_event *event, size_t size)
{
	struct lvs_backend_event all;
	int result;

	if (backend == NULL || claim == NULL || event == NULL || size == 0 ||
	    claim_error(claim) != NULL)
		return -EINVAL;
	result = backend->ops->foresee(backend, claim, &all);
	if (result == 1)
		(void)lvs__give(event, size, &all, sizeof(all));
	return result;
}

LVS_EXPORT int lvs_backend_pop_event(struct lvs_backend *backend,
				     struct lvs_backend_event *event,
				     size_t size)
{
	struct lvs_backend_event all;

	if (backend == NULL || event == NULL || size == 0)
		return -EINVAL;
	if (!backend->open || backend->ops->pop_event(backend, &all) == 0)
		return 0;
	(void)lvs__give(event, size, &all, sizeof(all));
	return 1;
}

LVS_EXPORT int lvs_backend_cleanup(const char *kind,
				   void (*tell)(void *user, const char *line),
				   void *user, char *message, size_t size)
{
	const struct lvs__backend_ops *ops;

	if (kind == NULL)
		return lvs__message(message, size, -EINVAL, "no kind");
	ops = find_kind(kind);
	if (ops == NULL)
		return lvs__message(message, size, -ENOENT,
				    "no backend \"%s\" is built in", kind);
	return ops->cleanup(tell, user, message, size);
}

LVS_EXPORT struct lvs_lane *lvs_backend_lane(struct lvs_backend *backend,
					     uint32_t index)
{
	if (backend == NULL || !backend->open || index >= backend->config.lanes)
		return NULL;
	return backend->ops->lane(backend, index);
}

LVS_EXPORT int lvs_lane_fd(const struct lvs_lane *lane)
{
	return lane == NULL ? -EINVAL : lane->ops->lane_fd(lane);
}

LVS_EXPORT uint64_t lvs_lane_deadline(const struct lvs_lane *lane)
{
	return lane == NULL ? UINT64_MAX : lane->ops->lane_deadline(lane);
}

LVS_EXPORT int lvs_lane_recv(struct lvs_lane *lane, struct lvs_packet *packets,
			     size_t count, uint64_t now)
{
	if (lane == NULL || (packets == NULL && count > 0))
		return -EINVAL;
	return lane->ops->recv(lane, packets, count, now);
}

LVS_EXPORT int lvs_lane_send(struct lvs_lane *lane, struct lvs_packet *packets,
			     size_t count, uint64_t now)
{
	if (lane == NULL || (packets == NULL && count > 0))
		return -EINVAL;
	return lane->ops->send(lane, packets, count, now);
}

LVS_EXPORT int lvs_lane_stats(const struct lvs_lane *lane,
			      struct lvs_lane_stats *stats, size_t size)
{
	struct lvs_lane_stats all = {0};

	if (lane == NULL || stats == NULL || size == 0)
		return -EINVAL;
	lane->ops->stats(lane, &all);
	return lvs__give(stats, size, &all, sizeof(all));
}
