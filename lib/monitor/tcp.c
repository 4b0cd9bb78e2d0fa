/*
 * The "tcp" check: a connection that completes is a success.
 *
 * Complete means that the target answered our SYN with a SYN and an ACK; that
 * its program reads what comes is not proven (a check that talks does that).
 *
 * The connection is ended by a reset, and before our own ACK left: TCP_QUICKACK
 * 0 delays that ACK, SO_LINGER 0 makes close() a reset. Why:
 *
 * - The server's kernel forgets the half-open connection and its program never
 *   hears of it: no accept, no wake-up, no line in its log, no count towards
 *   "too many aborted connections". After a whole handshake a program would
 *   see each check as a client that says nothing, and a reset then as an
 *   error.
 * - No TIME_WAIT stays with us. At 10,000 checks a second there would be
 *   600,000 of them, more than the kernel keeps.
 * - Three packets instead of seven.
 *
 * Should we be so slow that the ACK leaves first (200 ms), the server sees a
 * connection that is reset.
 *
 * An error that connect() gives at once was made by this host: no port, no
 * memory, a rule, no route, an interface that is down. No packet left, so it
 * says nothing about the target. What comes later was said by the network,
 * except where the error can only be ours. So ENETUNREACH and EHOSTUNREACH
 * mean two things: at once, that this host has no route; later, that a router
 * or the silence on the link says that the target is not there.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "monitor/monitor.h"

static int connect_to(int fd, const struct lvs_check *check)
{
	struct sockaddr_in6 v6 = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(check->port),
	};
	struct sockaddr_in v4 = {
		.sin_family = AF_INET,
		.sin_port = htons(check->port),
	};

	if (check->addr.family == LVS_IPV6) {
		memcpy(&v6.sin6_addr, check->addr.bytes, 16);
		return connect(fd, (struct sockaddr *)&v6, sizeof(v6));
	}
	memcpy(&v4.sin_addr, check->addr.bytes, 4);
	return connect(fd, (struct sockaddr *)&v4, sizeof(v4));
}

static int start(const struct lvs_check *check, int *fd)
{
	int family = check->addr.family == LVS_IPV6 ? AF_INET6 : AF_INET;
	int made = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
			  IPPROTO_TCP);
	static const struct linger reset = {.l_onoff = 1, .l_linger = 0};
	static const int off;
	int error;

	if (made < 0)
		return -errno;
	/* a manner, not a need: without them the check works too */
	(void)setsockopt(made, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
	(void)setsockopt(made, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (connect_to(made, check) < 0 && errno != EINPROGRESS) {
		error = -errno;
		close(made);
		return error;
	}
	*fd = made;
	return 0;
}

/* What an error means that the socket reports after connect(). */
static int cause_of(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ECONNRESET:
	case EPIPE:
		return LVS_CAUSE_REFUSED;
	case ETIMEDOUT:
		return LVS_CAUSE_TIMEOUT;
	case ENOMEM:
	case ENOBUFS:
	case ENETDOWN:
	case EADDRNOTAVAIL:
	case EPERM:
		return LVS_CAUSE_LOCAL;
	default: /* what ICMP errors become */
		return LVS_CAUSE_UNREACHABLE;
	}
}

static int ready(int fd, uint32_t events, uint64_t *age)
{
	struct tcp_info info = {0};
	socklen_t size = sizeof(info);
	int error = 0;

	/* writable and no error is connected: no need to ask */
	if (age == NULL && (events & EPOLLOUT) != 0 &&
	    (events & (EPOLLERR | EPOLLHUP)) == 0)
		return LVS_CAUSE_OK;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		return LVS_CAUSE_LOCAL;
	if (info.tcpi_state == TCP_SYN_SENT || info.tcpi_state == TCP_SYN_RECV)
		return LVS_CAUSE_NONE;
	size = sizeof(error);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
		return LVS_CAUSE_LOCAL;
	if (error != 0)
		return cause_of(error);
	if (info.tcpi_state == TCP_CLOSE) /* the error was taken already */
		return LVS_CAUSE_REFUSED;
	if (age != NULL)
		*age = info.tcpi_last_ack_recv;
	return LVS_CAUSE_OK;
}

static void stop(int fd)
{
	close(fd);
}

const struct lvs__check_ops lvs__check_tcp = {
	.kind = "tcp",
	.start = start,
	.ready = ready,
	.stop = stop,
};
