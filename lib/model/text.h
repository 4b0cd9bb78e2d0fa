/*
 * A model's parts in words.
 */
#ifndef LVS__MODEL_TEXT_H
#define LVS__MODEL_TEXT_H

#include <lvs/monitor.h>
#include <lvs/service.h>

#include "model/model.h"
#include "wire/names.h"

/* "tcp 192.0.2.1:80" */
void lvs__text_service(struct lvs__text *text,
		       const struct lvs_service *service);

/* A number as people say it: "1.5" (seconds), "yes", "nat", "17". */
void lvs__text_number(struct lvs__text *text,
		      const struct lvs__model_number *number, uint64_t value);

/* "check tcp 10.0.0.1:80 interval 60 ..." */
void lvs__text_check(struct lvs__text *text, const struct lvs_check *check);

#endif
