/*
 * A netlink socket: what the kernel says, checked before it is believed.
 */
#ifndef LVS__BACKEND_NETLINK_H
#define LVS__BACKEND_NETLINK_H

#include <libmnl/libmnl.h>
#include <lvs/addr.h>

#include "base/base.h"

/* A dump comes in pieces of at most 32 KiB; one more for the trailing NUL. */
#define LVS__NETLINK_BUFFER (64 * 1024)
/* No request of ours is larger. */
#define LVS__NETLINK_REQUEST 512

struct lvs__netlink {
	int fd; /* -1: closed */
	uint32_t port;
	uint32_t sequence;
	int result;   /* of the answer that is being read */
	char *buffer; /* what was received last */
};

/* Opens a socket of a netlink bus and joins groups. 0 or a negative errno. */
int lvs__netlink_open(struct lvs__netlink *netlink, int bus,
		      const uint32_t *groups, size_t count);
void lvs__netlink_close(struct lvs__netlink *netlink);

/*
 * The next datagram from the kernel, into `buffer`; others' are thrown away.
 * Bytes, 0: none waits; -ENOBUFS: messages were lost; or another error.
 */
int lvs__netlink_recv(struct lvs__netlink *netlink);

/* Sends a message; gives it port and sequence. 0 or a negative errno. */
int lvs__netlink_send(struct lvs__netlink *netlink, struct nlmsghdr *message);

/* Sends a request and waits for the kernel's verdict: 0 or its error. */
int lvs__netlink_request(struct lvs__netlink *netlink,
			 struct nlmsghdr *message);

/*
 * Asks for a dump, or a single reply, and hands out each message of the
 * answer. `fn` returns 0 to go on or a negative errno to stop with.
 * 0, -EINTR: the dump is inconsistent, ask again; or an error.
 */
int lvs__netlink_dump(struct lvs__netlink *netlink, struct nlmsghdr *message,
		      int (*fn)(const struct nlmsghdr *message, void *user),
		      void *user);

/*
 * The answer to what was sent last, in steps of at most `budget` datagrams.
 * 1: it is complete; 0: not yet; or an error as lvs__netlink_dump().
 */
int lvs__netlink_answer(struct lvs__netlink *netlink, uint32_t budget,
			int (*fn)(const struct nlmsghdr *message, void *user),
			void *user);

/* Begins a request of an rtnetlink type in `buffer`; extra: its header. */
struct nlmsghdr *lvs__netlink_begin(void *buffer, uint16_t type,
				    uint16_t flags);

/* An address as attribute; the family's length. */
void lvs__netlink_put_addr(struct nlmsghdr *message, uint16_t type,
			   const struct lvs_addr *addr);
/* Reads one of an AF_ family; false: not an address of that family. */
bool lvs__netlink_get_addr(const struct nlattr *attribute, int family,
			   struct lvs_addr *addr);

/* AF_INET or AF_INET6 of an address. */
uint8_t lvs__netlink_family(const struct lvs_addr *addr);

/*
 * The attributes of a message after `header` bytes, by type: table[type] for
 * type <= most, NULL where absent.
 */
void lvs__netlink_attributes(const struct nlmsghdr *message, size_t header,
			     const struct nlattr **table, uint16_t most);

/* The same for `length` bytes of attributes inside another. */
void lvs__netlink_nested(const void *bytes, size_t length,
			 const struct nlattr **table, uint16_t most);

/* Numbers out of attributes; `absent` where there is none or too short. */
uint32_t lvs__netlink_u32(const struct nlattr *attribute, uint32_t absent);
uint8_t lvs__netlink_u8(const struct nlattr *attribute, uint8_t absent);

#endif
