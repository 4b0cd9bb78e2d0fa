/*
 * The virtual addresses on the host: what was added, and what is still to be
 * removed.
 */
#ifndef LVS__BACKEND_VIRTUAL_H
#define LVS__BACKEND_VIRTUAL_H

#include "backend/host/device.h"
#include "backend/host/ingress.h"

/* A virtual address that is claimed. */
struct lvs__virtual {
	struct lvs_addr addr;
	uint32_t ifindex; /* where we added it; 0: it is the host's own */
};

/* Sorted by address, each once. */
struct lvs__virtual_list {
	struct lvs__virtual *entries;
	size_t count;
};

struct lvs__virtuals {
	struct lvs__netlink *requests;
	struct lvs__ingress *ingress; /* tells whether others live here */
	const struct lvs__devices *devices;
	const struct lvs__backend_config *config;
	struct lvs__virtual_list held;
	struct lvs__virtual *owed; /* still to be removed */
	size_t owed_count;
	size_t owed_room;
	bool marks; /* the kernel remembers marks of addresses */
};

/*
 * Adds what the host lacks of a list that is to take the place of `held`. 0,
 * or what failed with `message`; then withdraw it.
 */
int lvs__virtual_add(struct lvs__virtuals *virtuals,
		     struct lvs__virtual_list *wanted, char *message,
		     size_t size);

/* Removes what was added for a list that is not to be held after all. */
void lvs__virtual_withdraw(struct lvs__virtuals *virtuals,
			   const struct lvs__virtual_list *wanted);

/* Holds a list, which is taken over; removes what it does not have. */
void lvs__virtual_hold(struct lvs__virtuals *virtuals,
		       struct lvs__virtual_list *wanted);

/* Tries again to remove what is owed. */
void lvs__virtual_pay(struct lvs__virtuals *virtuals);

/* Removes all. */
void lvs__virtual_close(struct lvs__virtuals *virtuals);

#endif
