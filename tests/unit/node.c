/*
 * The suites of node: a line a module.
 */
#include "unit.h"

const struct unit units[] = {
	{"director", director_suite},
	{NULL, NULL},
};
