/*
 * What a kind of backend is: a table of operations. backend.c checks arguments
 * and keeps the options; a kind lives in a file of its own and puts these
 * structs first in its own.
 */
#ifndef LVS__BACKEND_H
#define LVS__BACKEND_H

#include <lvs/backend.h>
#include <net/if.h>

#include "base/base.h"
#include "base/limits.h"

#define LVS__BACKEND_INTERFACES 256 /* nftables takes no more in a chain */

struct lvs__backend_config {
	uint32_t lanes;
	uint32_t frames;
	bool addresses;
	size_t interface_count;
	char (*interfaces)[IFNAMSIZ];
};

struct lvs__backend_ops {
	size_t size; /* of the struct that begins with a struct lvs_backend */
	int (*open)(struct lvs_backend *backend, char *message, size_t size);
	/* ends what open made, also after it failed half way */
	void (*close)(struct lvs_backend *backend);
	int (*claim)(struct lvs_backend *backend,
		     const struct lvs_claim *claims, size_t count,
		     char *message, size_t size);
	int (*fd)(const struct lvs_backend *backend);
	uint64_t (*deadline)(const struct lvs_backend *backend);
	int (*dispatch)(struct lvs_backend *backend, uint64_t now,
			uint32_t budget);
	/* the interface's name has IFNAMSIZ bytes */
	int (*home)(const struct lvs_backend *backend,
		    const struct lvs_addr *addr, char *interface);
	int (*foresee)(const struct lvs_backend *backend,
		       const struct lvs_claim *claim,
		       struct lvs_backend_event *event);
	int (*pop_event)(struct lvs_backend *backend,
			 struct lvs_backend_event *event);
	int (*cleanup)(void (*tell)(void *user, const char *line), void *user,
		       char *message, size_t size);
	struct lvs_lane *(*lane)(struct lvs_backend *backend, uint32_t index);

	int (*lane_fd)(const struct lvs_lane *lane);
	uint64_t (*lane_deadline)(const struct lvs_lane *lane);
	int (*recv)(struct lvs_lane *lane, struct lvs_packet *packets,
		    size_t count, uint64_t now);
	int (*send)(struct lvs_lane *lane, struct lvs_packet *packets,
		    size_t count, uint64_t now);
	void (*stats)(const struct lvs_lane *lane,
		      struct lvs_lane_stats *stats);
};

struct lvs_backend {
	const struct lvs__backend_ops *ops;
	struct lvs__backend_config config;
	struct lvs_claim refused; /* what the last claim failed of: port 0
				     for an address as such, kind 0: none */
	bool open;
};

struct lvs_lane {
	const struct lvs__backend_ops *ops;
};

extern const struct lvs__backend_ops lvs__raw_ops;

/* The kinds by name, the default first, also those that are not built in; NULL
 * past the last. */
LVS_PRIVATE const char *lvs__backend_kind(size_t index);

#endif
