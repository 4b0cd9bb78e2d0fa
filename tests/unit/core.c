/*
 * The suites of core: a line a module.
 */
#include "unit.h"

const struct unit units[] = {
	{"base", base_suite},
	{"timer", timer_suite},
	{NULL, NULL},
};
