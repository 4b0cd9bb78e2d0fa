/*
 * Writing text that may be longer than its buffer: every piece is formatted
 * at the end of what is there, and what does not fit is only counted.
 */
#include "model/text.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/base.h"

void lvs__text_init(struct lvs__text *text, char *buffer, size_t size)
{
	text->text = buffer;
	text->size = size;
	text->length = 0;
	if (size > 0)
		buffer[0] = '\0';
}

void lvs__text_add(struct lvs__text *text, const char *format, ...)
{
	bool room = text->length < text->size;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(room ? text->text + text->length : NULL,
		      room ? text->size - text->length : 0, format, arguments);
	va_end(arguments);
	if (n > 0)
		text->length += (size_t)n;
}

int lvs__text_result(const struct lvs__text *text)
{
	return text->length > INT_MAX ? -EOVERFLOW : (int)text->length;
}

void lvs__text_endpoint(struct lvs__text *text, const struct lvs_addr *addr,
			uint16_t port)
{
	char endpoint[64];

	(void)lvs_endpoint_format(addr, port, endpoint, sizeof(endpoint));
	lvs__text_add(text, "%s", endpoint);
}

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

void lvs__text_seconds(struct lvs__text *text, uint64_t ms)
{
	unsigned int rest = (unsigned int)(ms % 1000);
	int digits = 3;

	lvs__text_add(text, "%" PRIu64, ms / 1000);
	if (rest == 0)
		return;
	for (; rest % 10 == 0; rest /= 10)
		digits--;
	lvs__text_add(text, ".%0*u", digits, rest);
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

const char *lvs__method_name(int method)
{
	switch (method) {
	case LVS_NAT:
		return "nat";
	case LVS_DR:
		return "dr";
	case LVS_TUNNEL:
		return "tunnel";
	case LVS_LOCAL:
		return "local";
	default:
		return "?";
	}
}

const char *lvs__protocol_name(int protocol)
{
	switch (protocol) {
	case LVS_TCP:
		return "tcp";
	case LVS_UDP:
		return "udp";
	case LVS_SCTP:
		return "sctp";
	default:
		return "?";
	}
}
