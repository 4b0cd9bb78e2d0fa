/*
 * The suites of node: a line a module.
 */
#include "unit.h"

const struct unit units[] = {
	{"director", director_suite},
	{"model", model_suite},
	{"config", config_suite},
	{"rules", rules_suite},
	{NULL, NULL},
};
