/*
 * Services: what is configured.
 *
 * Every edit that a plan shows counts `changes` up; whoever needs a plan
 * compiles a new one when it is behind.
 */
#include "service/services.h"

#include <stdlib.h>
#include <string.h>

int lvs__service_check_addr(struct lvs_addr *clean, const struct lvs_addr *addr)
{
	static const uint8_t unspecified[16];
	size_t length = addr->family == LVS_IPV4 ? 4 : 16;
	struct lvs_addr a = {.family = addr->family};

	if (addr->family != LVS_IPV4 && addr->family != LVS_IPV6)
		return -EINVAL;
	memcpy(a.bytes, addr->bytes, length);
	if (memcmp(a.bytes, unspecified, length) == 0)
		return -EINVAL;
	/* multicast and broadcast have no connections */
	if (addr->family == LVS_IPV6 && a.bytes[0] == 0xff)
		return -EINVAL;
	if (addr->family == LVS_IPV4 &&
	    ((a.bytes[0] & 0xf0) == 0xe0 ||
	     memcmp(a.bytes, "\xff\xff\xff\xff", 4) == 0))
		return -EINVAL;
	*clean = a;
	return 0;
}

void lvs__service_changed(struct lvs_service *service,
			  const struct lvs_dest *removed)
{
	service->changes++;
	if (service->parent == NULL && service->ops != NULL)
		service->ops->follow(service, removed);
}

LVS_EXPORT int lvs_service_new(struct lvs_service **service)
{
	struct lvs_service *s;

	if (service == NULL)
		return -EINVAL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	lvs__list_init(&s->dests);
	lvs__list_init(&s->removed);
	lvs__list_init(&s->replaced);
	lvs__list_init(&s->node);
	s->graveyard = &s->removed;
	s->changes = 1;
	if (lvs__service_set_lanes(s, 1) != 0) {
		free(s);
		return -ENOMEM;
	}
	*service = s;
	return 0;
}

static void free_dests(struct lvs__list *list)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, list) {
		lvs__list_remove(node);
		lvs__dest_free(lvs__list_entry(node, struct lvs_dest, node));
	}
}

LVS_EXPORT void lvs_service_free(struct lvs_service *service)
{
	if (service == NULL || service->parent != NULL)
		return;
	if (service->ops != NULL)
		service->ops->forget(service);
	free_dests(&service->dests);
	free_dests(&service->removed);
	free_dests(&service->replaced);
	lvs__endpoint_index_fini(&service->by_address);
	free(service->cursors);
	free(service);
}

/*
 * No client's packet is for it: loopback, IPv4 in IPv6's disguise, or of one
 * link over IPv6, whose clients have such an address too and are refused.
 */
static bool is_kept_in(const struct lvs_addr *addr)
{
	static const uint8_t zeros[10];
	const uint8_t *bytes = addr->bytes;

	if (addr->family == LVS_IPV4)
		return bytes[0] == 127;
	return memcmp(bytes, zeros, sizeof(zeros)) == 0 ||
	       (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80);
}

LVS_EXPORT int lvs_service_set_address(struct lvs_service *service,
				       const struct lvs_addr *addr,
				       uint16_t port, int protocol)
{
	struct lvs__list *node, *save;
	struct lvs_addr clean;

	if (service == NULL || addr == NULL || port == 0 ||
	    lvs__service_check_addr(&clean, addr) != 0 || is_kept_in(&clean))
		return -EINVAL;
	if (protocol == LVS_SCTP)
		return -EPROTONOSUPPORT;
	if (protocol != LVS_TCP && protocol != LVS_UDP)
		return -EINVAL;
	if (service->parent != NULL)
		return -EBUSY;
	lvs__list_for_each (node, save, &service->dests) {
		const struct lvs_dest *d =
			lvs__list_entry(node, struct lvs_dest, node);

		if (d->addr.family != LVS_FAMILY_NONE &&
		    d->addr.family != clean.family)
			return -EINVAL;
	}
	service->addr = clean;
	service->port = port;
	service->protocol = (uint8_t)protocol;
	service->changes++;
	return 0;
}

LVS_EXPORT int lvs_service_get_address(const struct lvs_service *service,
				       struct lvs_addr *addr, uint16_t *port,
				       int *protocol)
{
	if (service == NULL)
		return -EINVAL;
	if (service->addr.family == LVS_FAMILY_NONE)
		return -ENOENT;
	if (addr != NULL)
		*addr = service->addr;
	if (port != NULL)
		*port = service->port;
	if (protocol != NULL)
		*protocol = service->protocol;
	return 0;
}

static void tell_policy(struct lvs__list *list,
			const struct lvs_service *service)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, list) {
		struct lvs_dest *d =
			lvs__list_entry(node, struct lvs_dest, node);

		if (d->service == service)
			__atomic_store_n(&d->mark.expire_nodest,
					 service->expire_nodest,
					 __ATOMIC_RELAXED);
	}
}

LVS_EXPORT int lvs_service_set(struct lvs_service *service, int option,
			       uint64_t value)
{
	if (service != NULL && lvs__service_sealed(service))
		return -EBUSY;
	return lvs__service_set(service, option, value);
}

LVS_PRIVATE int lvs__service_set(struct lvs_service *service, int option,
				 uint64_t value)
{
	if (service == NULL || option != LVS_SERVICE_EXPIRE_NODEST)
		return -EINVAL;
	if (value > 1)
		return -ERANGE;
	service->expire_nodest = (uint32_t)value;
	tell_policy(&service->dests, service);
	tell_policy(service->graveyard, service);
	return 0;
}

LVS_EXPORT int lvs_service_get(const struct lvs_service *service, int option,
			       uint64_t *value)
{
	if (service == NULL || value == NULL ||
	    option != LVS_SERVICE_EXPIRE_NODEST)
		return -EINVAL;
	*value = service->expire_nodest;
	return 0;
}

int lvs__service_set_lanes(struct lvs_service *service, uint32_t lanes)
{
	struct lvs__list *node, *save;
	struct lvs__cursor *cursors;

	if (lanes == 0 || lanes > LVS__MOST_LANES)
		return -EINVAL;
	if (lanes == service->lane_count)
		return 0;
	lvs__list_for_each (node, save, &service->dests) {
		int error = lvs__dest_widen(
			lvs__list_entry(node, struct lvs_dest, node), lanes);

		if (error != 0)
			return error;
	}
	cursors = aligned_alloc(LVS__LINE, lanes * sizeof(*cursors));
	if (cursors == NULL)
		return -ENOMEM;
	memset(cursors, 0, lanes * sizeof(*cursors));
	/* the first worker goes on; the others start anew, each elsewhere */
	if (service->cursors != NULL)
		cursors[0] = service->cursors[0];
	if (service->ops != NULL)
		service->ops->forget(service);
	free(service->cursors);
	service->cursors = cursors;
	service->lane_count = lanes;
	service->changes++;
	return 0;
}

/* Adds to `service` a dest with the options of `from`. */
static int copy_dest(struct lvs_service *service, const struct lvs_dest *from)
{
	struct lvs_dest *d;
	int error = lvs_service_add_dest(service, &d, &from->addr, from->port,
					 from->weight);

	if (error == 0)
		lvs__dest_copy_options(d, from);
	return error;
}

LVS_PRIVATE int lvs__service_copy(struct lvs_service **copy,
				  const struct lvs_service *service)
{
	struct lvs_service *s;
	struct lvs__list *node;
	int error = lvs_service_new(&s);

	if (error != 0)
		return error;
	s->addr = service->addr;
	s->port = service->port;
	s->protocol = service->protocol;
	s->expire_nodest = service->expire_nodest;
	/* oldest first: each is put in front of those before */
	for (node = service->dests.prev; node != &service->dests;
	     node = node->prev) {
		error = copy_dest(s,
				  lvs__list_entry(node, struct lvs_dest, node));
		if (error != 0) {
			lvs_service_free(s);
			return error;
		}
	}
	/* last: a scheduler looks at all dests whenever one comes; its first
	 * plan tells it of them */
	s->sched = service->sched;
	s->ops = service->ops;
	s->changes++;
	*copy = s;
	return 0;
}
