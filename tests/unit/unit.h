/*
 * What the unit tests share. A module's file defines its suite; the program's
 * list (core.c, node.c) names it.
 */
#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct unit {
	const char *name;
	Suite *(*suite)(void);
};

Suite *addr_suite(void);
Suite *csum_suite(void);
Suite *fault_control_suite(void);
Suite *control_suite(void);
Suite *lists_suite(void);
Suite *orders_suite(void);
Suite *interrupt_suite(void);
Suite *director_suite(void);
Suite *apply_suite(void);
Suite *picks_suite(void);
Suite *ev_suite(void);
Suite *forward_suite(void);
Suite *misuse_suite(void);
Suite *monitor_suite(void);
Suite *model_suite(void);
Suite *settings_suite(void);
Suite *config_suite(void);
Suite *rules_suite(void);
Suite *packet_suite(void);
Suite *path_suite(void);
Suite *reply_suite(void);
Suite *backend_suite(void);
Suite *news_suite(void);
Suite *balancer_suite(void);
Suite *base_suite(void);
Suite *conn_suite(void);
Suite *sched_suite(void);
Suite *service_suite(void);
Suite *snapshot_suite(void);
Suite *timer_suite(void);
Suite *reload_suite(void);

/* The program's suites, ended by a NULL name. */
extern const struct unit units[];

#endif
