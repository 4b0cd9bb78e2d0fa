/*
 * A model as rules: what ipvsadm -S leaves out (thresholds, timeouts) too, in
 * the order that makes the same order of servers again.
 */
#include <errno.h>
#include <inttypes.h>

#include <lvs/rules.h>

#include "model/model.h"
#include "model/text.h"

static void save_dest(struct lvs__text *text, const char *service,
		      const struct lvs_dest *dest)
{
	uint64_t upper = lvs__model_dest_number(dest, LVS_DEST_UPPER);
	uint64_t lower = lvs__model_dest_number(dest, LVS_DEST_LOWER);
	struct lvs_addr addr;
	uint16_t port;

	(void)lvs_dest_get_address(dest, &addr, &port);
	lvs__text_add(text, "-a %s -r ", service);
	lvs__text_endpoint(text, &addr, port);
	lvs__text_add(text, " %s -w %" PRIu64,
		      lvs__model_dest_number(dest, LVS_DEST_METHOD) == LVS_NAT
			      ? "-m"
			      : "-g",
		      lvs__model_dest_number(dest, LVS_DEST_WEIGHT));
	if (upper != 0)
		lvs__text_add(text, " -x %" PRIu64, upper);
	if (lower != 0)
		lvs__text_add(text, " -y %" PRIu64, lower);
	if (lvs__model_dest_number(dest, LVS_DEST_DRAIN) != 0)
		lvs__text_add(text, " --drain");
	lvs__text_add(text, "\n");
}

static void save_service(struct lvs__text *text,
			 const struct lvs_service *service)
{
	struct lvs_dest *dest = NULL;
	struct lvs__text inner;
	struct lvs_addr addr = {0};
	uint16_t port = 0;
	int protocol = 0;
	char name[80];

	(void)lvs_service_get_address(service, &addr, &port, &protocol);
	lvs__text_init(&inner, name, sizeof(name));
	lvs__text_add(&inner, "%s ", protocol == LVS_UDP ? "-u" : "-t");
	lvs__text_endpoint(&inner, &addr, port);
	lvs__text_add(text, "-A %s -s %s%s\n", name,
		      lvs_service_get_sched(service),
		      lvs__model_service_number(service,
						LVS_SERVICE_EXPIRE_NODEST)
			      ? " --expire-nodest"
			      : "");
	while ((dest = lvs__model_next_dest(service, dest)) != NULL)
		save_dest(text, name, dest);
}

LVS_EXPORT int lvs_rules_save(const struct lvs_model *model, char *text,
			      size_t size)
{
	const struct lvs_service *service = NULL;
	struct lvs__text out;

	if (model == NULL || (text == NULL && size > 0))
		return -EINVAL;
	lvs__text_init(&out, text, size);
	lvs__text_add(&out, "--set ");
	lvs__text_seconds(&out, model->options[LVS_MODEL_TIMEOUT_TCP]);
	lvs__text_add(&out, " ");
	lvs__text_seconds(&out, model->options[LVS_MODEL_TIMEOUT_TCP_FIN]);
	lvs__text_add(&out, " ");
	lvs__text_seconds(&out, model->options[LVS_MODEL_TIMEOUT_UDP]);
	lvs__text_add(&out, "\n");
	while ((service = lvs_model_next_service(model, service)) != NULL)
		save_service(&out, service);
	return lvs__text_result(&out);
}
