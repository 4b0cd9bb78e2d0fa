/*
 * liblvs: services, destinations and the choice between them.
 *
 * A service is a value: a set of destinations and a scheduler; the address is
 * optional. Alone it is the scheduler API (make one, add dests, pick). Given
 * to a balancer or a director it is what they balance.
 *
 * One thread at a time. What a director holds is changed only through it: the
 * functions here that change a service or a dest then answer -EBUSY. What a
 * balancer or a model holds may be changed, but not its address.
 */
#ifndef LVS_SERVICE_H
#define LVS_SERVICE_H

#include <lvs/addr.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lvs_service;
struct lvs_dest;

enum lvs_service_option {
	/*
	 * What becomes of a connection whose dest was removed. 0: its packets
	 * are dropped and the entry waits (a dest added again takes it back);
	 * 1: the entry ends at the next packet, and a packet that may open a
	 * connection (a SYN, UDP) is scheduled anew at once.
	 */
	LVS_SERVICE_EXPIRE_NODEST = 1
};

enum lvs_dest_option {
	LVS_DEST_WEIGHT = 1, /* 0 to 2^31-1, default 1; 0: nothing new */
	LVS_DEST_METHOD = 2, /* enum lvs_method, default LVS_DR as ipvsadm */
	LVS_DEST_UPPER = 3,  /* most connections, 0 to 65535, 0: no limit */
	LVS_DEST_LOWER = 4,  /* accept again below; <= upper, 0: at 3/4 */
	LVS_DEST_DRAIN = 5,  /* 1: nothing new, what runs may finish */
	LVS_DEST_DOWN = 6,   /* 1: dead (a monitor sets it): nothing new */

	/* read only */
	LVS_DEST_ACTIVE = 64,	/* connections that are active */
	LVS_DEST_INACTIVE = 65, /* connections that are not */
	LVS_DEST_OVERLOAD = 66	/* 1: upper threshold reached */
};

/* What was counted. Rates are per second, an average over about 8 seconds. */
struct lvs_stats {
	uint64_t conns;
	uint64_t in_packets;  /* from clients */
	uint64_t out_packets; /* from dests: NAT only */
	uint64_t in_bytes;
	uint64_t out_bytes;
	uint64_t conn_rate;
	uint64_t in_packet_rate;
	uint64_t out_packet_rate;
	uint64_t in_byte_rate;
	uint64_t out_byte_rate;
};

/* What a scheduler may choose by: the packet that asks. */
struct lvs_key {
	struct lvs_addr client;
	struct lvs_addr virtual_addr;
	uint16_t client_port;
	uint16_t virtual_port;
};

/*
 * A service without address, scheduler or dests.
 * 0 or -ENOMEM. Free it with lvs_service_free() unless a parent took it.
 */
int lvs_service_new(struct lvs_service **service);

/*
 * Ends a service and its dests. NULL is allowed; one that a parent holds is
 * left alone: the parent ends it.
 */
void lvs_service_free(struct lvs_service *service);

/*
 * Gives the service the address that clients know. `protocol` is LVS_TCP or
 * LVS_UDP, `port` 1 to 65535.
 * 0, -EINVAL (an unspecified, loopback, multicast or broadcast address too, a
 * link-local one of IPv6 or one with an IPv4 address in it (::/80), and a
 * family that a dest does not have), -EPROTONOSUPPORT, -EBUSY: a parent holds
 * the service.
 */
int lvs_service_set_address(struct lvs_service *service,
			    const struct lvs_addr *addr, uint16_t port,
			    int protocol);

/* Reads it back; any output may be NULL. 0, or -ENOENT: it has none. */
int lvs_service_get_address(const struct lvs_service *service,
			    struct lvs_addr *addr, uint16_t *port,
			    int *protocol);

/*
 * Sets or reads an option (enum lvs_service_option).
 * 0, or -EINVAL: unknown option; -ERANGE: value not allowed; set: -EBUSY: a
 * director holds the service.
 */
int lvs_service_set(struct lvs_service *service, int option, uint64_t value);
int lvs_service_get(const struct lvs_service *service, int option,
		    uint64_t *value);

/*
 * Chooses the scheduler by its name as ipvsadm spells it: "rr", "wrr", "lc",
 * "wlc" (lvs_sched_name() lists them), or "none".
 * 0, or -ENOENT: no scheduler has that name; -EBUSY: a director holds the
 * service.
 */
int lvs_service_set_sched(struct lvs_service *service, const char *name);

/* The scheduler's name, "none" if there is none. Static. */
const char *lvs_service_get_sched(const struct lvs_service *service);

/* The i-th scheduler's name, from 0; NULL past the last. Static, any thread. */
const char *lvs_sched_name(size_t index);

/*
 * Adds a destination. It belongs to the service until removed; `dest` (may be
 * NULL) is borrowed. New dests stand first in the scheduler's order, as IPVS
 * has it. An address of family NONE is allowed for schedulers alone.
 * A dest that was removed while connections still lead to it comes back with
 * them and its counters; its options are those of a new one.
 * 0, -EINVAL (an unspecified, multicast or broadcast address too, another
 * family than the service's, and family NONE or port 0 where a parent holds
 * the service), -ENOMEM, -ERANGE (weight), -EEXIST: address and port are there;
 * -EBUSY: a director holds the service.
 */
int lvs_service_add_dest(struct lvs_service *service, struct lvs_dest **dest,
			 const struct lvs_addr *addr, uint16_t port,
			 uint32_t weight);

/*
 * Takes a destination out. Connections to it are kept as
 * LVS_SERVICE_EXPIRE_NODEST says. `dest` must not be used after, but for one
 * thing: for each lvs_dest_opened() before, lvs_dest_closed() may be called;
 * the last one ends it.
 * 0, or -ENOENT: not a dest of this service; -EBUSY: a director holds it.
 */
int lvs_service_remove_dest(struct lvs_service *service, struct lvs_dest *dest);

/* The destination with this address and port, NULL if there is none. */
struct lvs_dest *lvs_service_find_dest(const struct lvs_service *service,
				       const struct lvs_addr *addr,
				       uint16_t port);

/*
 * Walks the destinations in the scheduler's order: the first for NULL, the one
 * after `dest` otherwise, NULL at the end. Removing the dest that was returned
 * is allowed only after the next one was fetched.
 */
struct lvs_dest *lvs_service_next_dest(const struct lvs_service *service,
				       const struct lvs_dest *dest);

/*
 * Picks a destination for a new connection; `dest` is borrowed. `key` may be
 * NULL for schedulers that do not look at it (rr, wrr, lc, wlc).
 * 0, -ENOENT: no destination is usable; -ENODEV: no scheduler; -ENOMEM;
 * -EBUSY: a balancer or director holds the service and picks itself.
 * The pick alone changes no load: say lvs_dest_opened() when the connection
 * is made and lvs_dest_closed() when it ends.
 */
int lvs_service_pick(struct lvs_service *service, struct lvs_dest **dest,
		     const struct lvs_key *key, uint64_t now);

/*
 * Fills the counters of the service since its start, over what stood there;
 * `size` is sizeof(struct lvs_stats) as the caller knows it. 0 or -EINVAL.
 */
int lvs_service_stats(const struct lvs_service *service,
		      struct lvs_stats *stats, size_t size);

/* A destination's address; any output may be NULL. 0. */
int lvs_dest_get_address(const struct lvs_dest *dest, struct lvs_addr *addr,
			 uint16_t *port);

/*
 * Sets or reads an option (enum lvs_dest_option).
 * Thresholds count at once: a dest at or above a new upper one is marked
 * overloaded; raising the upper one, or lifting it with 0, clears the mark.
 * 0, -EINVAL: unknown option; -EPERM: read only; -ERANGE: value not allowed
 * (lower above upper too); -EPROTONOSUPPORT: a method that is not built;
 * -ENOENT: the dest was removed; set: -EBUSY: a director holds it.
 */
int lvs_dest_set(struct lvs_dest *dest, int option, uint64_t value);
int lvs_dest_get(const struct lvs_dest *dest, int option, uint64_t *value);

/*
 * A connection to the dest began (counts as active) or ended.
 * lvs_dest_opened(): 0, or -EUSERS: the upper threshold is reached, nothing
 * was counted; -ENOENT: the dest was removed. lvs_dest_closed(): 0, or
 * -ERANGE: none was open. Both: -EBUSY: a balancer or director holds the
 * service and counts itself.
 */
int lvs_dest_opened(struct lvs_dest *dest);
int lvs_dest_closed(struct lvs_dest *dest);

/* As lvs_service_stats(), for one destination. */
int lvs_dest_stats(const struct lvs_dest *dest, struct lvs_stats *stats,
		   size_t size);

#ifdef __cplusplus
}
#endif
#endif
