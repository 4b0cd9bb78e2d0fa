/*
 * A model's parts in words, for differences and messages.
 */
#include "model/text.h"

#include <inttypes.h>

void lvs__text_service(struct lvs__text *text,
		       const struct lvs_service *service)
{
	struct lvs_addr addr = {0};
	uint16_t port = 0;
	int protocol = 0;

	(void)lvs_service_get_address(service, &addr, &port, &protocol);
	lvs__text_add(text, "%s ", lvs__protocol_name(protocol));
	lvs__text_endpoint(text, &addr, port);
}

void lvs__text_number(struct lvs__text *text,
		      const struct lvs__model_number *number, uint64_t value)
{
	switch (number->kind) {
	case LVS__KIND_TIME:
		lvs__text_seconds(text, value);
		break;
	case LVS__KIND_YES:
		lvs__text_add(text, "%s", value != 0 ? "yes" : "no");
		break;
	case LVS__KIND_METHOD:
		lvs__text_add(text, "%s", lvs__method_name((int)value));
		break;
	case LVS__KIND_NUMBER:
		lvs__text_add(text, "%" PRIu64, value);
		break;
	}
}

void lvs__text_check(struct lvs__text *text, const struct lvs_check *check)
{
	static const struct {
		const char *name;
		int option;
		bool time;
	} words[] = {
		{"interval", LVS_CHECK_INTERVAL, true},
		{"timeout", LVS_CHECK_TIMEOUT, true},
		{"rise", LVS_CHECK_RISE, false},
		{"fall", LVS_CHECK_FALL, false},
		{"retry", LVS_CHECK_RETRY, true},
		{"jitter", LVS_CHECK_JITTER, true},
	};
	struct lvs_addr addr;
	uint64_t value = 0;
	uint16_t port;

	lvs__text_add(text, "check %s", lvs_check_kind(check));
	if (lvs_check_get_target(check, &addr, &port) == 0) {
		lvs__text_add(text, " ");
		lvs__text_endpoint(text, &addr, port);
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		(void)lvs_check_get(check, words[i].option, &value);
		lvs__text_add(text, " %s ", words[i].name);
		if (words[i].time)
			lvs__text_seconds(text, value);
		else
			lvs__text_add(text, "%" PRIu64, value);
	}
	(void)lvs_check_get(check, LVS_CHECK_START_UP, &value);
	if (value != 0)
		lvs__text_add(text, " start_up");
}
