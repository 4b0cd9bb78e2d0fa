/*
 * The methods that are built, a line each.
 */
#include "forward/forward.h"

static const struct lvs__forward *const methods[] = {
	&lvs__forward_nat,
	&lvs__forward_dr,
};

const struct lvs__forward *lvs__forward_find(int method)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i]->method == method)
			return methods[i];
	return NULL;
}
