/*
 * What of a claim will not work on this host, told once when it is claimed.
 */
#include <stdlib.h>

#include "backend/host/listener.h"
#include "backend/host/reverse.h"
#include "backend/raw/raw.h"

/* The claims as they are now, and the news. */
struct listening {
	struct lvs__raw *raw;
	const struct lvs__holdings *before;
};

static void check_listener(const struct lvs__listener *listener, void *user)
{
	struct listening *all = user;
	struct lvs_claim claim = {
		.kind = LVS_CLAIM_VIRTUAL,
		.protocol = listener->protocol,
		.port = listener->port,
		.addr = listener->addr,
	};
	struct lvs_backend_event event = {
		.kind = LVS_BACKEND_PORT_TAKEN,
		.protocol = listener->protocol,
		.port = listener->port,
		.addr = listener->addr,
	};

	if (lvs__raw_has(&all->raw->held, &claim) &&
	    !lvs__raw_has(all->before, &claim))
		lvs__news_add(&all->raw->told, &event);
}

static bool has_new(const struct lvs__raw *raw,
		    const struct lvs__holdings *before)
{
	for (size_t i = 0; i < raw->held.claim_count; i++)
		if (raw->held.claims[i].kind == LVS_CLAIM_VIRTUAL &&
		    !lvs__raw_has(before, &raw->held.claims[i]))
			return true;
	return false;
}

void lvs__raw_warn(struct lvs__raw *raw, const struct lvs__holdings *before)
{
	struct lvs_backend_event event = {.kind = LVS_BACKEND_REVERSE_PATH};
	struct listening all = {raw, before};

	/* where the kernel does not tell, nobody is warned */
	if (raw->base.config.table && has_new(raw, before))
		(void)lvs__listener_each(check_listener, &all);
	if (raw->taken.current == NULL || raw->reverse_told ||
	    !lvs__reverse_is_strict(&raw->requests))
		return;
	lvs__news_add(&raw->told, &event);
	raw->reverse_told = true;
}
