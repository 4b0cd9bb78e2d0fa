/*
 * Packets of a claim that come in where the backend does not look.
 */
#ifndef LVS__BACKEND_UNUSED_H
#define LVS__BACKEND_UNUSED_H

#include "backend/host/device.h"

/*
 * The interface that a claim's packets come in by, as far as the host's own
 * addresses and routes tell, if it is none of those to use; else 0. For a
 * virtual address the one whose network holds it; for a NAT server the one that
 * it is reached through; what a DR server answers does not come here.
 */
uint32_t lvs__unused_of(struct lvs__netlink *netlink,
			const struct lvs__devices *devices,
			const struct lvs_claim *claim);

/* Makes the event of it. False: it is an interface no more. */
bool lvs__unused_event(struct lvs__netlink *netlink, uint32_t ifindex,
		       const struct lvs_claim *claim,
		       struct lvs_backend_event *event);

/*
 * Both, and whether a server is this host itself, without an open backend: 1,
 * the event in `event`; 0; or an error.
 */
int lvs__unused_ask(const struct lvs__backend_config *config,
		    const struct lvs_claim *claim,
		    struct lvs_backend_event *event);

#endif
