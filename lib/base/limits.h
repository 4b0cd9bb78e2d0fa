/*
 * Bounds and defaults that several rooms must agree on, each once. The public
 * header named beside a line tells callers the same number.
 */
#ifndef LVS__LIMITS_H
#define LVS__LIMITS_H

#include <stdint.h>

/* times and numbers */
#define LVS__MOST_MS INT32_MAX	       /* any time that is set */
#define LVS__MOST_WEIGHT INT32_MAX     /* <lvs/service.h> */
#define LVS__MOST_THRESHOLD UINT16_MAX /* <lvs/service.h> */
#define LVS__MOST_ATTEMPTS 1000	       /* rise and fall: <lvs/monitor.h> */
#define LVS__MOST_LANES 64	       /* and workers: <lvs/backend.h> */

/* a new dest and a new service, where nothing is said */
#define LVS__DEFAULT_WEIGHT 1
#define LVS__DEFAULT_SCHED "wlc"

/* connections of one table: <lvs/balancer.h> */
#define LVS__MOST_CONNS (1u << 26)
#define LVS__DEFAULT_CONNS (1u << 20)

/* ms without a packet, the three that people set: <lvs/model.h> */
#define LVS__TIMEOUT_TCP 900000
#define LVS__TIMEOUT_TCP_FIN 120000
#define LVS__TIMEOUT_UDP 300000

/* frames of a ring, a power of two: <lvs/backend.h> */
#define LVS__LEAST_FRAMES 16
#define LVS__MOST_FRAMES 4096
#define LVS__DEFAULT_FRAMES 512

/* a configuration, a text of rules: <lvs/config.h>, <lvs/rules.h> */
#define LVS__MOST_TEXT (16u << 20)

/* the path of the control socket, without its NUL: <lvs/control.h> */
#define LVS__SOCKET_PATH 107

#endif
