/*
 * The suites of node: a line a module.
 */
#include "unit.h"

const struct unit units[] = {
	{NULL, NULL},
};
