/*
 * What every room has to know of a forwarding method.
 */
#ifndef LVS__METHOD_H
#define LVS__METHOD_H

#include "base/base.h"

/* Whether replies come back through the balancer (enum lvs_method). */
LVS__INLINE bool lvs__method_two_way(uint64_t method)
{
	return method == LVS_NAT;
}

#endif
