/*
 * The suites of core: a line a module.
 */
#include "unit.h"

const struct unit units[] = {
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
	{NULL, NULL},
};
