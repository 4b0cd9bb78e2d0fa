/*
 * Events in words.
 */
#include <errno.h>
#include <string.h>

#include "backend/backend.h"
#include "wire/names.h"

static bool on_loopback(const struct lvs_backend_event *event)
{
	return strcmp(event->interface, "lo") == 0;
}

static void put_added(struct lvs__text *text,
		      const struct lvs_backend_event *event)
{
	lvs__text_add(text, " added to %s", event->interface);
	if (!on_loopback(event))
		return;
	if (event->addr.family == LVS_IPV4)
		lvs__text_add(text, ": no network of an interface holds it, so "
				    "a router must send it to this host");
	else
		lvs__text_add(text, ", which neighbours do not find: no "
				    "network of an interface holds it; name an "
				    "interface, or route it to this host");
}

static void put_gone(struct lvs__text *text,
		     const struct lvs_backend_event *event)
{
	if (event->interface[0] == '\0')
		lvs__text_add(text, " is not on this host, and is not to be "
				    "added");
	else if (event->error == -ENODEV)
		lvs__text_add(text,
			      " vanished with %s: it comes back with the "
			      "interface",
			      event->interface);
	else if (event->error == 0)
		lvs__text_add(text,
			      " vanished from %s: not put back, it was the "
			      "host's own",
			      event->interface);
	else
		lvs__text_add(text,
			      " vanished from %s: it cannot be put back yet: "
			      "%s",
			      event->interface, lvs_strerror(event->error));
}

static void put_duplicate(struct lvs__text *text,
			  const struct lvs_backend_event *event)
{
	static const uint8_t none[6];
	const uint8_t *mac = event->mac;

	lvs__text_add(text, " on %s: another host of this link has it too",
		      event->interface);
	if (memcmp(mac, none, sizeof(none)) != 0)
		lvs__text_add(text, " (%02x:%02x:%02x:%02x:%02x:%02x)", mac[0],
			      mac[1], mac[2], mac[3], mac[4], mac[5]);
}

static void put_address(struct lvs__text *text,
			const struct lvs_backend_event *event)
{
	lvs__text_add(text, "virtual address ");
	lvs__text_addr(text, &event->addr);
	switch (event->kind) {
	case LVS_BACKEND_ADDRESS_ADDED:
		put_added(text, event);
		break;
	case LVS_BACKEND_ADDRESS_FOUND:
		lvs__text_add(text, " is on %s", event->interface);
		break;
	case LVS_BACKEND_ADDRESS_BACK:
		lvs__text_add(text, " vanished from %s: put back",
			      event->interface);
		break;
	case LVS_BACKEND_ADDRESS_DUPLICATE:
		put_duplicate(text, event);
		break;
	default:
		put_gone(text, event);
	}
}

static void put_port(struct lvs__text *text,
		     const struct lvs_backend_event *event)
{
	lvs__text_add(text, "%s ", lvs__protocol_name((int)event->protocol));
	lvs__text_endpoint(text, &event->addr, (uint16_t)event->port);
	lvs__text_add(text, ": a program of this host listens there, and gets "
			    "nothing from clients while they are balanced");
}

/* Where packets come in that the backend does not see. */
static void put_unused(struct lvs__text *text,
		       const struct lvs_backend_event *event)
{
	if (event->kind == LVS_BACKEND_NETWORK_UNUSED) {
		lvs__text_add(text, "virtual address ");
		lvs__text_addr(text, &event->addr);
		lvs__text_add(text,
			      ": its network is on %s, which is not among the "
			      "interfaces: what clients send there is not "
			      "balanced",
			      event->interface);
		return;
	}
	lvs__text_add(text, "NAT server ");
	lvs__text_addr(text, &event->addr);
	lvs__text_add(text,
		      " is reached through %s, which is not among the "
		      "interfaces: its replies are not seen",
		      event->interface);
}

static void put(struct lvs__text *text, const struct lvs_backend_event *event)
{
	switch (event->kind) {
	case LVS_BACKEND_ADDRESS_ADDED:
	case LVS_BACKEND_ADDRESS_FOUND:
	case LVS_BACKEND_ADDRESS_BACK:
	case LVS_BACKEND_ADDRESS_GONE:
	case LVS_BACKEND_ADDRESS_DUPLICATE:
		put_address(text, event);
		break;
	case LVS_BACKEND_PORT_TAKEN:
		put_port(text, event);
		break;
	case LVS_BACKEND_REVERSE_PATH:
		lvs__text_add(text,
			      "strict reverse path filtering on lo drops what "
			      "clients and NAT servers say to each other past "
			      "the balancer: set net.ipv4.conf.lo.rp_filter "
			      "to 2");
		break;
	case LVS_BACKEND_NETWORK_UNUSED:
	case LVS_BACKEND_SERVER_UNUSED:
		put_unused(text, event);
		break;
	case LVS_BACKEND_SERVER_LOCAL:
		lvs__text_addr(text, &event->addr);
		lvs__text_add(text, " is an address of this host: a server "
				    "there is not reached (local node is not "
				    "built yet)");
		break;
	default:
		lvs__text_add(text, "event %u", event->kind);
	}
}

LVS_EXPORT int lvs_backend_event_format(const struct lvs_backend_event *event,
					char *text, size_t size)
{
	struct lvs_backend_event copy;
	struct lvs__text out;

	if (event == NULL || (text == NULL && size > 0))
		return -EINVAL;
	copy = *event;
	copy.interface[sizeof(copy.interface) - 1] = '\0';
	lvs__text_init(&out, text, size);
	put(&out, &copy);
	return lvs__text_result(&out);
}
