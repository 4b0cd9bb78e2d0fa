/*
 * Datagrams are taken from the kernel only (port 0), lengths before contents,
 * and cut ones are an error. Requests are answered by the kernel while they
 * are sent, so waiting is a formality; it is bounded all the same.
 */
#include "backend/host/netlink.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define WAIT 2000 /* milliseconds for an answer */

static int join(const struct lvs__netlink *netlink, const uint32_t *groups,
		size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (setsockopt(netlink->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
			       &groups[i], sizeof(groups[i])) < 0)
			return -errno;
	return 0;
}

static int bind_any(struct lvs__netlink *netlink)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK};
	socklen_t length = sizeof(address);
	int one = 1;

	if (bind(netlink->fd, (struct sockaddr *)&address, length) < 0 ||
	    getsockname(netlink->fd, (struct sockaddr *)&address, &length) < 0)
		return -errno;
	netlink->port = address.nl_pid;
	/* the kernel checks dump requests, and answers say what was wrong */
	(void)setsockopt(netlink->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one,
			 sizeof(one));
	return 0;
}

int lvs__netlink_open(struct lvs__netlink *netlink, int bus,
		      const uint32_t *groups, size_t count)
{
	int size = 4 * 1024 * 1024;
	int result;

	*netlink = (struct lvs__netlink){.sequence = 1};
	netlink->fd = socket(AF_NETLINK,
			     SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, bus);
	if (netlink->fd < 0)
		return -errno;
	netlink->buffer = malloc(LVS__NETLINK_BUFFER);
	if (netlink->buffer == NULL) {
		lvs__netlink_close(netlink);
		return -ENOMEM;
	}
	/* room for bursts of news; the kernel cuts it to what is allowed */
	if (setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
		       sizeof(size)) < 0)
		(void)setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUF, &size,
				 sizeof(size));
	result = bind_any(netlink);
	if (result == 0)
		result = join(netlink, groups, count);
	if (result < 0)
		lvs__netlink_close(netlink);
	return result;
}

void lvs__netlink_close(struct lvs__netlink *netlink)
{
	if (netlink->fd >= 0)
		close(netlink->fd);
	netlink->fd = -1;
	free(netlink->buffer);
	netlink->buffer = NULL;
}

int lvs__netlink_recv(struct lvs__netlink *netlink)
{
	struct sockaddr_nl address = {0};
	struct iovec piece = {
		.iov_base = netlink->buffer,
		.iov_len = LVS__NETLINK_BUFFER,
	};
	struct msghdr message = {
		.msg_name = &address,
		.msg_namelen = sizeof(address),
		.msg_iov = &piece,
		.msg_iovlen = 1,
	};
	ssize_t got;

	for (int i = 0; i < 64; i++) {
		got = recvmsg(netlink->fd, &message, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno == EAGAIN ? 0 : -errno;
		if (message.msg_namelen != sizeof(address) ||
		    address.nl_pid != 0)
			continue;
		if ((message.msg_flags & MSG_TRUNC) != 0)
			return -ENOBUFS;
		return (int)got;
	}
	return 0;
}

int lvs__netlink_send(struct lvs__netlink *netlink, struct nlmsghdr *message)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t sent;

	message->nlmsg_seq = ++netlink->sequence;
	message->nlmsg_pid = netlink->port;
	netlink->result = 0;
	do
		sent = sendto(netlink->fd, message, message->nlmsg_len, 0,
			      (struct sockaddr *)&kernel, sizeof(kernel));
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static int wait_for(const struct lvs__netlink *netlink)
{
	struct pollfd waiting = {.fd = netlink->fd, .events = POLLIN};
	int ready = poll(&waiting, 1, WAIT);

	if (ready < 0)
		return errno == EINTR ? 0 : -errno;
	return ready == 0 ? -ETIMEDOUT : 0;
}

/* What a message says about the request: 1: it ends here, 0: go on. */
static int judge(const struct nlmsghdr *message, int *result)
{
	const struct nlmsgerr *error;

	if ((message->nlmsg_flags & NLM_F_DUMP_INTR) != 0)
		*result = -EINTR;
	if (message->nlmsg_type == NLMSG_DONE) {
		/* a dump that failed half way says so here */
		if (mnl_nlmsg_get_payload_len(message) >= sizeof(int) &&
		    *(const int *)mnl_nlmsg_get_payload(message) < 0)
			*result = *(const int *)mnl_nlmsg_get_payload(message);
		return 1;
	}
	if (message->nlmsg_type != NLMSG_ERROR)
		return 0;
	*result = -EPROTO;
	if (mnl_nlmsg_get_payload_len(message) < sizeof(*error))
		return 1;
	error = mnl_nlmsg_get_payload(message);
	*result = error->error > 0 ? -EPROTO : error->error;
	return 1;
}

/* One datagram of an answer: 1: the answer is complete, 0: go on. */
static int take(struct lvs__netlink *netlink, int length,
		int (*fn)(const struct nlmsghdr *message, void *user),
		void *user)
{
	const struct nlmsghdr *message = (void *)netlink->buffer;
	int error;

	for (; mnl_nlmsg_ok(message, length);
	     message = mnl_nlmsg_next(message, &length)) {
		if (message->nlmsg_seq != netlink->sequence ||
		    message->nlmsg_pid != netlink->port)
			continue;
		if (judge(message, &netlink->result) == 1)
			return 1;
		if (message->nlmsg_type < NLMSG_MIN_TYPE)
			continue;
		if (fn != NULL && netlink->result >= 0) {
			error = fn(message, user);
			if (error < 0)
				netlink->result = error;
		}
		/* a single reply has no end mark of its own */
		if ((message->nlmsg_flags & NLM_F_MULTI) == 0)
			return 1;
	}
	return 0;
}

int lvs__netlink_answer(struct lvs__netlink *netlink, uint32_t budget,
			int (*fn)(const struct nlmsghdr *message, void *user),
			void *user)
{
	int got;

	while (budget-- > 0) {
		got = lvs__netlink_recv(netlink);
		if (got <= 0)
			return got;
		if (take(netlink, got, fn, user) == 1)
			return netlink->result < 0 ? netlink->result : 1;
	}
	return 0;
}

int lvs__netlink_dump(struct lvs__netlink *netlink, struct nlmsghdr *message,
		      int (*fn)(const struct nlmsghdr *message, void *user),
		      void *user)
{
	int result = lvs__netlink_send(netlink, message);

	while (result == 0) {
		result = lvs__netlink_answer(netlink, 1, fn, user);
		if (result == 0)
			result = wait_for(netlink);
	}
	return result < 0 ? result : 0;
}

int lvs__netlink_request(struct lvs__netlink *netlink, struct nlmsghdr *message)
{
	message->nlmsg_flags |= NLM_F_ACK;
	return lvs__netlink_dump(netlink, message, NULL, NULL);
}

struct nlmsghdr *lvs__netlink_begin(void *buffer, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *message;

	memset(buffer, 0, LVS__NETLINK_REQUEST);
	message = mnl_nlmsg_put_header(buffer);
	message->nlmsg_type = type;
	message->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	return message;
}

void lvs__netlink_put_addr(struct nlmsghdr *message, uint16_t type,
			   const struct lvs_addr *addr)
{
	mnl_attr_put(message, type, addr->family == LVS_IPV4 ? 4 : 16,
		     addr->bytes);
}

bool lvs__netlink_get_addr(const struct nlattr *attribute, int family,
			   struct lvs_addr *addr)
{
	uint16_t length = family == AF_INET ? 4 : 16;

	if (attribute == NULL || (family != AF_INET && family != AF_INET6) ||
	    mnl_attr_get_payload_len(attribute) < length)
		return false;
	*addr = (struct lvs_addr){.family = family == AF_INET ? LVS_IPV4
							      : LVS_IPV6};
	memcpy(addr->bytes, mnl_attr_get_payload(attribute), length);
	return true;
}

uint8_t lvs__netlink_family(const struct lvs_addr *addr)
{
	return addr->family == LVS_IPV4 ? AF_INET : AF_INET6;
}

void lvs__netlink_nested(const void *bytes, size_t length,
			 const struct nlattr **table, uint16_t most)
{
	const char *end = (const char *)bytes + length;
	const struct nlattr *attribute = bytes;

	memset(table, 0, sizeof(*table) * (most + 1U));
	while (mnl_attr_ok(attribute, (int)(end - (const char *)attribute))) {
		if (mnl_attr_get_type(attribute) <= most)
			table[mnl_attr_get_type(attribute)] = attribute;
		attribute = mnl_attr_next(attribute);
	}
}

void lvs__netlink_attributes(const struct nlmsghdr *message, size_t header,
			     const struct nlattr **table, uint16_t most)
{
	const char *first =
		mnl_nlmsg_get_payload_offset(message, (unsigned int)header);
	/* libmnl's own end of the payload is rounded up */
	const char *end = (const char *)message + message->nlmsg_len;

	lvs__netlink_nested(first, end > first ? (size_t)(end - first) : 0,
			    table, most);
}

uint32_t lvs__netlink_u32(const struct nlattr *attribute, uint32_t absent)
{
	if (attribute == NULL || mnl_attr_get_payload_len(attribute) < 4)
		return absent;
	return mnl_attr_get_u32(attribute);
}

uint8_t lvs__netlink_u8(const struct nlattr *attribute, uint8_t absent)
{
	if (attribute == NULL || mnl_attr_get_payload_len(attribute) < 1)
		return absent;
	return mnl_attr_get_u8(attribute);
}
