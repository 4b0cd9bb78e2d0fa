/*
 * The virtual addresses on the host: what was added, and what is still to be
 * removed.
 */
#ifndef LVS__BACKEND_VIRTUAL_H
#define LVS__BACKEND_VIRTUAL_H

#include "backend/host/device.h"
#include "backend/host/ingress.h"
#include "backend/host/news.h"

/* A virtual address that is claimed. */
struct lvs__virtual {
	struct lvs_addr addr;
	uint32_t ifindex; /* where it is or was last */
	char interface[IFNAMSIZ];
	bool ours; /* we added it */
	bool keep; /* we, or another instance: it is put back if it vanishes */
	bool gone; /* it vanished, and that was told */
	bool seen; /* in the reading that is going on */
	uint8_t probes;	 /* of its link that are to come, and a wait */
	uint64_t quiet;	 /* until then nothing is told of duplicates */
	uint32_t unused; /* its network's interface, if not used; to tell */
	uint32_t news;	 /* enum lvs_backend_event_kind; 0: nothing to tell */
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
	struct lvs__news *news;
	struct lvs__virtual_list held;
	struct lvs__virtual *owed; /* still to be removed */
	size_t owed_count;
	size_t owed_room;
	struct lvs_addr refused; /* could not be added last, or none */
	bool marks;		 /* the kernel remembers marks of addresses */
	bool probing;		 /* some address has probes to come */
	bool stale;		 /* an address may have vanished: look */
	uint64_t next;		 /* not before */
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

/*
 * Adds an address of the list and says where. 0, or what the kernel said.
 */
int lvs__virtual_put(struct lvs__virtuals *virtuals,
		     struct lvs__virtual *address, uint32_t ifindex);

/* Its link is to be asked whether another host has it (IPv4 alone). */
void lvs__virtual_probe(struct lvs__virtuals *virtuals,
			struct lvs__virtual *address);

/* The held address, NULL if there is none. */
struct lvs__virtual *lvs__virtual_find(const struct lvs__virtual_list *list,
				       const struct lvs_addr *addr);

/* Tells something about an address. */
void lvs__virtual_tell(struct lvs__virtuals *virtuals,
		       const struct lvs__virtual *address, int kind, int error);

/* ---- vanish.c */

/* What rtnetlink says of addresses and links, or that some of it was lost. */
void lvs__virtual_read(struct lvs__virtuals *virtuals,
		       const struct nlmsghdr *message);
void lvs__virtual_lost(struct lvs__virtuals *virtuals);

/* Puts back what vanished, if it is time. When to come again. */
void lvs__virtual_watch(struct lvs__virtuals *virtuals, uint64_t now);
uint64_t lvs__virtual_deadline(const struct lvs__virtuals *virtuals);

#endif
