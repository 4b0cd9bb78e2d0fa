/*
 * liblvs: words that every header shares.
 *
 * Conventions of the whole library, said once:
 *
 * - Results are `int`: >= 0 is success or an outcome, < 0 is a negative errno.
 *   On failure nothing has changed and no output was written.
 * - Objects come out through `**`. What `_new` made, `_free` ends; what
 *   `_add_` put into a parent belongs to the parent until `_remove_`.
 *   A destructor returns void and takes NULL.
 * - Order of arguments: object, outputs, inputs (a length right after its
 *   pointer), function then `void *user` then its `destroy`, `now` last.
 * - `now` is milliseconds on a clock of the caller's that never goes back
 *   (CLOCK_MONOTONIC). The library reads no clock and owns no thread.
 * - One object, one thread at a time, unless its header says otherwise. Two
 *   objects may be used by two threads.
 * - Ports and numbers are in host byte order, addresses in network order.
 * - NULL for an object or output is -EINVAL, never a crash.
 * - Where a struct comes out, `size` is its size as the caller knows it: an
 *   older caller gets less, a newer one zeros behind; 0 is -EINVAL.
 * - A `message` buffer receives one line of plain English, NUL-terminated, cut
 *   at `size`, only on failure; NULL or size 0 asks for none.
 * - Enumerators have written values that never change (but for those that
 *   count their enum: LVS_REASONS, LVS_STATES); parameters that carry them are
 *   `int` or `uint32_t`.
 */
#ifndef LVS_BASE_H
#define LVS_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of these headers; lvs_version() tells the library's. */
#define LVS_VERSION_MAJOR 0
#define LVS_VERSION_MINOR 1
#define LVS_VERSION_PATCH 0

enum lvs_family {
	LVS_FAMILY_NONE = 0, /* no address */
	LVS_IPV4 = 4,
	LVS_IPV6 = 6
};

/* Protocols by their IANA numbers. */
enum lvs_protocol {
	LVS_TCP = 6,
	LVS_UDP = 17,
	LVS_SCTP = 132 /* named, not balanced yet: -EPROTONOSUPPORT */
};

/* TCP flags as the header has them. */
enum lvs_tcp_flag {
	LVS_TCP_FIN = 1,
	LVS_TCP_SYN = 2,
	LVS_TCP_RST = 4,
	LVS_TCP_ACK = 16
};

/* How packets reach a destination. */
enum lvs_method {
	LVS_NAT = 1,	/* rewrite the destination; replies pass back through */
	LVS_DR = 2,	/* direct routing: change the next hop only */
	LVS_TUNNEL = 3, /* named, not forwarded yet: -EPROTONOSUPPORT */
	LVS_LOCAL = 4	/* named, not forwarded yet: -EPROTONOSUPPORT */
};

enum lvs_log_level {
	LVS_LOG_ERROR = 3, /* as syslog numbers them */
	LVS_LOG_WARNING = 4,
	LVS_LOG_NOTICE = 5,
	LVS_LOG_INFO = 6,
	LVS_LOG_DEBUG = 7
};

/*
 * The library's version, "0.1.0". Static, never NULL. Any thread.
 */
const char *lvs_version(void);

/*
 * What an error means, in words: `error` is a negative errno as the library
 * returns it (its positive twin is taken too). Static, never NULL, "unknown
 * error" for a number without a text. Any thread.
 */
const char *lvs_strerror(int error);

#ifdef __cplusplus
}
#endif
#endif
