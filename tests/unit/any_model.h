/*
 * Models by chance, and what the tests of model, config and rules share.
 */
#ifndef TESTS_ANY_MODEL_H
#define TESTS_ANY_MODEL_H

#include <lvs/model.h>
#include <lvs/monitor.h>
#include <lvs/service.h>

#define ANY_CHECKS 1  /* with checks */
#define ANY_BACKEND 2 /* with settings of the backend and the services */

/* A model that configuration or rules can say; `what` are flags above. */
struct lvs_model *any_model(uint64_t *seed, int what);

/* Does a few random edits, such as an operator's. */
void any_edits(struct lvs_model *model, uint64_t *seed);

struct lvs_addr any_addr(const char *text);

/* Makes and adds a service (weighted least connections) or dest. */
struct lvs_service *put_service(struct lvs_model *model, const char *addr,
				uint16_t port, int protocol);
struct lvs_dest *put_dest(struct lvs_service *service, const char *addr,
			  uint16_t port, uint32_t weight);
struct lvs_check *put_check(struct lvs_model *model,
			    struct lvs_service *service, struct lvs_dest *dest,
			    uint64_t interval);

/* Fails with the difference unless the models are equal. */
void must_equal(const struct lvs_model *a, const struct lvs_model *b);

/* The same, and the dests must stand in the same order. */
void must_equal_in_order(struct lvs_model *a, struct lvs_model *b);

#endif
