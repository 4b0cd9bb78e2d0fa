/*
 * The suites of core: a line a module.
 */
#include "config.h"
#include "unit.h"

const struct unit units[] = {
#ifdef LVS_WITH_RAW
	{"backend", backend_suite},
	{"news", news_suite},
#endif
	{"balancer", balancer_suite},
	{"base", base_suite},
	{"conn", conn_suite},
	{"timer", timer_suite},
	{"addr", addr_suite},
	{"csum", csum_suite},
	{"packet", packet_suite},
	{"forward", forward_suite},
	{"reply", reply_suite},
	{"monitor", monitor_suite},
	{"sched", sched_suite},
	{"service", service_suite},
	{"snapshot", snapshot_suite},
	{"misuse", misuse_suite},
	{NULL, NULL},
};
