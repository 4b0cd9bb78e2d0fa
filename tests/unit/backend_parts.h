/*
 * The cases of the backend's suite, a file each; test_backend.c has the others.
 */
#ifndef TESTS_BACKEND_PARTS_H
#define TESTS_BACKEND_PARTS_H

#include <lvs/addr.h>

#include "unit.h"

TCase *backend_filter_case(void);
TCase *backend_routes_case(void);
TCase *backend_neighbours_case(void);
TCase *backend_packets_case(void);

static inline struct lvs_addr addr_of(const char *text)
{
	struct lvs_addr addr;

	ck_assert_int_eq(lvs_addr_parse(&addr, text), 0);
	return addr;
}

#endif
