/*
 * Events in words.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend/backend.h"

static bool on_loopback(const struct lvs_backend_event *event)
{
	return strcmp(event->interface, "lo") == 0;
}

static int put_added(const struct lvs_backend_event *event, const char *addr,
		     char *text, size_t size)
{
	bool hidden = event->addr.family == LVS_IPV6 && on_loopback(event);

	return snprintf(text, size, "virtual address %s added to %s%s", addr,
			event->interface,
			hidden ? ", which neighbours do not find: no network "
				 "of an interface holds it; name an interface, "
				 "or route it to this host"
			       : "");
}

static int put_gone(const struct lvs_backend_event *event, const char *addr,
		    char *text, size_t size)
{
	if (event->interface[0] == '\0')
		return snprintf(text, size,
				"virtual address %s is not on this host, and "
				"is not to be added",
				addr);
	if (event->error == -ENODEV)
		return snprintf(text, size,
				"virtual address %s vanished with %s: it "
				"comes back with the interface",
				addr, event->interface);
	return snprintf(text, size, "virtual address %s vanished from %s: %s%s",
			addr, event->interface,
			event->error == 0 ? "not put back, it was the host's "
					    "own"
					  : "it cannot be put back yet: ",
			event->error == 0 ? "" : lvs_strerror(event->error));
}

static int put(const struct lvs_backend_event *event, const char *addr,
	       char *text, size_t size)
{
	switch (event->kind) {
	case LVS_BACKEND_ADDRESS_ADDED:
		return put_added(event, addr, text, size);
	case LVS_BACKEND_ADDRESS_FOUND:
		return snprintf(text, size, "virtual address %s is on %s", addr,
				event->interface);
	case LVS_BACKEND_ADDRESS_BACK:
		return snprintf(text, size,
				"virtual address %s vanished from %s: put back",
				addr, event->interface);
	case LVS_BACKEND_ADDRESS_GONE:
		return put_gone(event, addr, text, size);
	case LVS_BACKEND_ADDRESS_DUPLICATE:
		return snprintf(text, size,
				"virtual address %s on %s: another host of "
				"this link has it too",
				addr, event->interface);
	default:
		return snprintf(text, size, "event %u", event->kind);
	}
}

LVS_EXPORT int lvs_backend_event_format(const struct lvs_backend_event *event,
					char *text, size_t size)
{
	struct lvs_backend_event copy;
	char addr[64] = "?";

	if (event == NULL || (text == NULL && size > 0))
		return -EINVAL;
	copy = *event;
	copy.interface[sizeof(copy.interface) - 1] = '\0';
	(void)lvs_addr_format(&copy.addr, addr, sizeof(addr));
	return put(&copy, addr, text, size);
}
