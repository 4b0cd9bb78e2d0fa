/*
 * The suites of node: a line a module.
 */
#include "config.h"

#include "unit.h"

const struct unit units[] = {
	{"director", director_suite},
	{"apply", apply_suite},
	{"reload", reload_suite},
	{"picks", picks_suite},
	{"model", model_suite},
	{"settings", settings_suite},
	{"config", config_suite},
	{"rules", rules_suite},
#ifdef LVS_WITH_EV
	{"ev", ev_suite},
#endif
#ifdef LVS_WITH_CONTROL
	{"control", control_suite},
	{"lists", lists_suite},
	{"orders", orders_suite},
	{"interrupt", interrupt_suite},
#endif
	{NULL, NULL},
};
