/*
 * A model as configuration: every value written out, defaults too, in a text
 * that reads back to an equal model.
 */
#include "config/reader.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <lvs/config.h>

#include "model/text.h"

/* A word, in quotes where it needs them. */
static void add_word(struct lvs__text *text, const char *word)
{
	if (word[0] != '\0' && strpbrk(word, " \t\r\n{}#!\"'\\$") == NULL) {
		lvs__text_add(text, "%s", word);
		return;
	}
	lvs__text_add(text, "\"");
	for (; *word != '\0'; word++) {
		if ((unsigned char)*word < ' ' || *word == 0x7f)
			lvs__text_add(text, "\\%03o", (unsigned char)*word);
		else
			lvs__text_add(text, "%s%c",
				      strchr("\"\\", *word) ? "\\" : "", *word);
	}
	lvs__text_add(text, "\"");
}

static void add_seconds(struct lvs__text *text, const char *word, uint64_t ms)
{
	lvs__text_add(text, "%s ", word);
	lvs__text_seconds(text, ms);
	lvs__text_add(text, "\n");
}

static const char *yes(uint64_t value)
{
	return value != 0 ? "yes" : "no";
}

/* ---- the node */

static void add_node(struct lvs__text *text, const struct lvs_model *model)
{
	const uint64_t *options = model->options;

	lvs__text_add(text, "global_defs {\n\tlvs_timeouts tcp ");
	lvs__text_seconds(text, options[LVS_MODEL_TIMEOUT_TCP]);
	lvs__text_add(text, " tcpfin ");
	lvs__text_seconds(text, options[LVS_MODEL_TIMEOUT_TCP_FIN]);
	add_seconds(text, " udp", options[LVS_MODEL_TIMEOUT_UDP]);
	lvs__text_add(text, "}\n\nlvs_backend {\n");
	for (int i = 1; i < LVS__MODEL_TEXTS; i++) {
		if (model->texts[i] == NULL)
			continue;
		lvs__text_add(text, "\t%s ", lvs__model_texts[i]);
		add_word(text, model->texts[i]);
		lvs__text_add(text, "\n");
	}
	for (size_t i = 0; i < model->interface_count; i++) {
		lvs__text_add(text, "\tinterface ");
		add_word(text, model->interfaces[i]);
		lvs__text_add(text, "\n");
	}
	for (int i = LVS_MODEL_WORKERS; i <= LVS_MODEL_RING_FRAMES; i++)
		lvs__text_add(text, "\t%s %" PRIu64 "\n",
			      lvs__model_options[i].name, options[i]);
	lvs__text_add(text, "\taddresses %s\n}\n",
		      yes(options[LVS_MODEL_ADDRESSES]));
}

/* ---- services */

static uint64_t of(const struct lvs_check *check, int option)
{
	uint64_t value = 0;

	(void)lvs_check_get(check, option, &value);
	return value;
}

static void add_check(struct lvs__text *text, const struct lvs_check *check)
{
	struct lvs_addr addr;
	uint16_t port;

	lvs__text_add(text, "\t\tTCP_CHECK {\n");
	if (lvs_check_get_target(check, &addr, &port) == 0) {
		lvs__text_add(text, "\t\t\tconnect_ip ");
		lvs__text_addr(text, &addr);
		lvs__text_add(text, "\n\t\t\tconnect_port %u\n", port);
	}
	add_seconds(text, "\t\t\tdelay_loop", of(check, LVS_CHECK_INTERVAL));
	add_seconds(text, "\t\t\tconnect_timeout",
		    of(check, LVS_CHECK_TIMEOUT));
	lvs__text_add(text, "\t\t\trise %" PRIu64 "\n\t\t\tfall %" PRIu64 "\n",
		      of(check, LVS_CHECK_RISE), of(check, LVS_CHECK_FALL));
	add_seconds(text, "\t\t\tdelay_before_retry",
		    of(check, LVS_CHECK_RETRY));
	add_seconds(text, "\t\t\twarmup", of(check, LVS_CHECK_JITTER));
	lvs__text_add(text, "\t\t\talpha %s\n\t\t}\n",
		      yes(of(check, LVS_CHECK_START_UP) == 0));
}

static void add_dest(struct lvs__text *text, const struct lvs_model *model,
		     const struct lvs_dest *dest)
{
	const struct lvs_check *check;
	struct lvs_addr addr;
	uint16_t port;

	(void)lvs_dest_get_address(dest, &addr, &port);
	lvs__text_add(text, "\n\treal_server ");
	lvs__text_addr(text, &addr);
	lvs__text_add(text,
		      " %u {\n\t\tweight %" PRIu64 "\n\t\tlvs_method %s\n",
		      port, lvs__model_dest_number(dest, LVS_DEST_WEIGHT),
		      lvs__method_word(
			      lvs__model_dest_number(dest, LVS_DEST_METHOD)));
	lvs__text_add(text,
		      "\t\tuthreshold %" PRIu64 "\n\t\tlthreshold %" PRIu64
		      "\n",
		      lvs__model_dest_number(dest, LVS_DEST_UPPER),
		      lvs__model_dest_number(dest, LVS_DEST_LOWER));
	if (lvs__model_dest_number(dest, LVS_DEST_DRAIN) != 0)
		lvs__text_add(text, "\t\tdrain\n");
	for (size_t i = 0;
	     (check = lvs_model_get_check(model, dest, i)) != NULL; i++)
		add_check(text, check);
	lvs__text_add(text, "\t}\n");
}

static void add_service(struct lvs__text *text, const struct lvs_model *model,
			const struct lvs_service *service)
{
	struct lvs_dest *dest = NULL;
	struct lvs_addr addr = {0};
	uint16_t port = 0;
	int protocol = 0;
	uint64_t value = 0;

	(void)lvs_service_get_address(service, &addr, &port, &protocol);
	lvs__text_add(text, "\nvirtual_server ");
	lvs__text_addr(text, &addr);
	lvs__text_add(text, " %u {\n\tprotocol %s\n\tlvs_sched %s\n", port,
		      lvs__protocol_title(protocol),
		      lvs_service_get_sched(service));
	lvs__text_add(text, "\texpire_nodest %s\n",
		      yes(lvs__model_service_number(
			      service, LVS_SERVICE_EXPIRE_NODEST)));
	(void)lvs_model_get_service(model, service, LVS_SETTING_RESETS, &value);
	lvs__text_add(text, "\tresets %" PRIu64 "\n", value);
	(void)lvs_model_get_service(model, service, LVS_SETTING_RESET_INTERVAL,
				    &value);
	add_seconds(text, "\treset_interval", value);
	(void)lvs_model_get_service(model, service, LVS_SETTING_INHIBIT,
				    &value);
	lvs__text_add(text, "\tinhibit_on_failure %s\n", yes(value));
	while ((dest = lvs__model_next_dest(service, dest)) != NULL)
		add_dest(text, model, dest);
	lvs__text_add(text, "}\n");
}

LVS_EXPORT int lvs_config_print(const struct lvs_model *model, char *text,
				size_t size)
{
	const struct lvs_service *service = NULL;
	struct lvs__text out;

	if (model == NULL || (text == NULL && size > 0))
		return -EINVAL;
	lvs__text_init(&out, text, size);
	add_node(&out, model);
	while ((service = lvs_model_next_service(model, service)) != NULL)
		add_service(&out, model, service);
	return lvs__text_result(&out);
}
