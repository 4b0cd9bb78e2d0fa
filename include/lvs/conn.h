/*
 * liblvs: the connection table alone.
 *
 * Flows in, handles out; no packets, no services. A balancer has one inside;
 * by itself it gives a proxy affinity and timeouts. States and timeouts are
 * IPVS's. Keys are hashed by SipHash-1-3 (Aumasson and Bernstein, 2012) with
 * a random key; expiry by a hierarchical timing wheel (Varghese and Lauck,
 * 1987).
 *
 * Memory is reserved by lvs_table_new(); nothing is allocated after. A table
 * of n connections costs 128 n bytes while they are IPv4 and 192 n when IPv6.
 */
#ifndef LVS_CONN_H
#define LVS_CONN_H

#include <lvs/addr.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lvs_table;

enum lvs_conn_state {
	LVS_STATE_NONE = 0,
	LVS_STATE_ESTABLISHED = 1,
	LVS_STATE_SYN_SENT = 2,
	LVS_STATE_SYN_RECV = 3,
	LVS_STATE_FIN_WAIT = 4,
	LVS_STATE_TIME_WAIT = 5,
	LVS_STATE_CLOSE = 6,
	LVS_STATE_CLOSE_WAIT = 7,
	LVS_STATE_LAST_ACK = 8,
	LVS_STATE_LISTEN = 9,
	LVS_STATE_SYNACK = 10,
	LVS_STATE_UDP = 11,
	LVS_STATES = 12
};

/* Who sent what a touch reports. */
enum lvs_direction {
	LVS_FROM_CLIENT = 0,
	LVS_FROM_DEST = 1 /* seen with NAT only */
};

enum lvs_table_flag {
	LVS_TABLE_PREFAULT = 1 /* all memory at once, in huge pages */
};

/* One connection as a flat value. */
struct lvs_flow {
	uint32_t family;   /* enum lvs_family, of client and virtual */
	uint32_t protocol; /* enum lvs_protocol */
	uint32_t method;   /* enum lvs_method: NAT is found both ways */
	uint32_t client_port;
	uint32_t virtual_port;
	uint32_t dest_port;
	uint8_t client[16]; /* network order; IPv4 in the first four */
	uint8_t virtual_addr[16];
	uint8_t dest[16];
	/* filled by the table */
	uint32_t state;	  /* enum lvs_conn_state */
	uint32_t active;  /* 1: counts as active for the schedulers */
	uint64_t expires; /* absolute milliseconds */
	uint64_t packets; /* seen from the client */
	uint64_t conn;	  /* its handle */
};

/*
 * A table for at most `max` connections (1 to 2^26).
 * 0, -EINVAL or -ENOMEM.
 */
int lvs_table_new(struct lvs_table **table, uint32_t max, uint32_t flags);

/* Ends a table. NULL is allowed. */
void lvs_table_free(struct lvs_table *table);

/*
 * Adds a connection in its first state (TCP: NONE, UDP: UDP); it ends after 3
 * seconds unless it is touched. `conn` receives its handle, never 0. Handles
 * are not reused for 2^32 lives of one place.
 * When the table is full, the oldest connection in CLOSE or TIME_WAIT is
 * evicted, then the oldest half-open one (TCP before it is established, UDP
 * before the client's second packet); never another. Half-open ones take half
 * of the table at most: beyond that the oldest is evicted.
 * With NAT, a connection whose replies would look the same (another service of
 * the client's, same dest) makes way where it is closing or UDP.
 * 0, -EINVAL, -EEXIST: the client's key, or the dest's, is in use;
 * -ENOSPC: full, nothing evictable.
 */
int lvs_table_add(struct lvs_table *table, uint64_t *conn,
		  const struct lvs_flow *flow, uint64_t now);

/*
 * Finds the live connection that a packet from source to destination belongs
 * to, in either direction; `direction` (may be NULL) says which
 * (enum lvs_direction). 0, -EINVAL or -ENOENT.
 */
int lvs_table_find(struct lvs_table *table, uint64_t *conn, int *direction,
		   const struct lvs_addr *source, uint16_t source_port,
		   const struct lvs_addr *destination,
		   uint16_t destination_port, int protocol, uint64_t now);

/* Reads a connection; `size` is sizeof(struct lvs_flow). 0 or -ENOENT. */
int lvs_table_get(const struct lvs_table *table, struct lvs_flow *flow,
		  size_t size, uint64_t conn, uint64_t now);

/*
 * Tells that a packet was seen: moves the state by the TCP flags (enum
 * lvs_tcp_flag, 0 for UDP) and starts the state's timeout anew.
 * Returns the new state (enum lvs_conn_state), or -ENOENT.
 */
int lvs_table_touch(struct lvs_table *table, uint64_t conn, int direction,
		    uint32_t tcp_flags, uint64_t now);

/* Ends a connection. 0 or -ENOENT. */
int lvs_table_remove(struct lvs_table *table, uint64_t conn);

/*
 * Ends what has expired, in at most `budget` steps (0: 1024). Returns how many
 * ended, or -EINVAL; there is more while lvs_table_deadline() is not after
 * `now`. Not calling it only keeps memory: an expired connection is not found.
 */
int lvs_table_expire(struct lvs_table *table, uint64_t now, uint32_t budget);

/* When lvs_table_expire() next has work; UINT64_MAX for never. */
uint64_t lvs_table_deadline(const struct lvs_table *table);

/*
 * Walks the live connections in no order: start with *cursor 0, stop at 0.
 * Returns 1 with `flow` filled, 0 at the end, -EINVAL. Connections that come
 * or go meanwhile may be missed, none is shown twice.
 */
int lvs_table_next(const struct lvs_table *table, uint64_t *cursor,
		   struct lvs_flow *flow, size_t size, uint64_t now);

/* How many connections the table holds, expired ones that wait included. */
uint32_t lvs_table_count(const struct lvs_table *table);

/*
 * Sets or reads a state's timeout (enum lvs_conn_state), in milliseconds, 1 to
 * 2^31-1. The defaults are IPVS's. 0, -EINVAL or -ERANGE.
 */
int lvs_table_set_timeout(struct lvs_table *table, int state,
			  uint64_t milliseconds);
int lvs_table_get_timeout(const struct lvs_table *table, int state,
			  uint64_t *milliseconds);

/* A state's name as ipvsadm lists it ("ESTABLISHED"), "?" if unknown. */
const char *lvs_state_name(int state);

#ifdef __cplusplus
}
#endif
#endif
