/*
 * Names of protocols and methods, a line each, and addresses into a text.
 */
#include "wire/names.h"

static const struct {
	int protocol;
	const char *name;
	const char *title;
} protocols[] = {
	{LVS_TCP, "tcp", "TCP"},
	{LVS_UDP, "udp", "UDP"},
	{LVS_SCTP, "sctp", "SCTP"},
};

static const char *const methods[] = {
	[LVS_NAT] = "nat",
	[LVS_DR] = "dr",
	[LVS_TUNNEL] = "tunnel",
	[LVS_LOCAL] = "local",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

void lvs__text_addr(struct lvs__text *text, const struct lvs_addr *addr)
{
	char buffer[LVS__ADDR_TEXT] = "?";

	(void)lvs_addr_format(addr, buffer, sizeof(buffer));
	lvs__text_add(text, "%s", buffer);
}

void lvs__text_endpoint(struct lvs__text *text, const struct lvs_addr *addr,
			uint16_t port)
{
	char buffer[LVS__ENDPOINT_TEXT] = "?";

	(void)lvs_endpoint_format(addr, port, buffer, sizeof(buffer));
	lvs__text_add(text, "%s", buffer);
}

const char *lvs__protocol_name(int protocol)
{
	for (size_t i = 0; i < COUNT(protocols); i++)
		if (protocols[i].protocol == protocol)
			return protocols[i].name;
	return "?";
}

const char *lvs__protocol_title(int protocol)
{
	for (size_t i = 0; i < COUNT(protocols); i++)
		if (protocols[i].protocol == protocol)
			return protocols[i].title;
	return "?";
}

int lvs__protocol_of(const char *name)
{
	for (size_t i = 0; name != NULL && i < COUNT(protocols); i++)
		if (strcmp(protocols[i].name, name) == 0)
			return protocols[i].protocol;
	return 0;
}

const char *lvs__method_name(int method)
{
	if (method < 0 || (size_t)method >= COUNT(methods) ||
	    methods[method] == NULL)
		return "?";
	return methods[method];
}
