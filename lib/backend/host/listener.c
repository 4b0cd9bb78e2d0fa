/*
 * The kernel lists sockets by sock_diag(7), a family and protocol at a time.
 */
#include "backend/host/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/host/netlink.h"

/* States as the kernel numbers them: a UDP socket without a peer, TCP's. */
#define CLOSED 7
#define LISTENING 10

struct walk {
	void (*fn)(const struct lvs__listener *listener, void *user);
	void *user;
	uint32_t protocol;
};

static int read_socket(const struct nlmsghdr *message, void *user)
{
	static const uint8_t any[16];
	const struct inet_diag_msg *found = mnl_nlmsg_get_payload(message);
	const struct walk *walk = user;
	struct lvs__listener listener = {.protocol = walk->protocol};
	size_t size;

	if (mnl_nlmsg_get_payload_len(message) < sizeof(*found) ||
	    (found->idiag_family != AF_INET && found->idiag_family != AF_INET6))
		return 0;
	size = found->idiag_family == AF_INET ? 4 : 16;
	listener.addr.family = size == 4 ? LVS_IPV4 : LVS_IPV6;
	memcpy(listener.addr.bytes, found->id.idiag_src, size);
	listener.port = ntohs(found->id.idiag_sport);
	if (memcmp(listener.addr.bytes, any, size) != 0)
		walk->fn(&listener, walk->user);
	return 0;
}

static int list(struct lvs__netlink *netlink, struct walk *walk, int family)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *message =
		lvs__netlink_begin(buffer, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP);
	struct inet_diag_req_v2 *request =
		mnl_nlmsg_put_extra_header(message, sizeof(*request));

	request->sdiag_family = (uint8_t)family;
	request->sdiag_protocol = (uint8_t)walk->protocol;
	request->idiag_states =
		1U << (walk->protocol == LVS_TCP ? LISTENING : CLOSED);
	return lvs__netlink_dump(netlink, message, read_socket, walk);
}

int lvs__listener_each(void (*fn)(const struct lvs__listener *listener,
				  void *user),
		       void *user)
{
	static const uint32_t protocols[] = {LVS_TCP, LVS_UDP};
	struct lvs__netlink netlink;
	int result = lvs__netlink_open(&netlink, NETLINK_SOCK_DIAG, NULL, 0);

	if (result < 0)
		return result;
	for (size_t i = 0; i < 2; i++) {
		struct walk walk = {fn, user, protocols[i]};

		result = list(&netlink, &walk, AF_INET);
		if (result == 0)
			result = list(&netlink, &walk, AF_INET6);
	}
	lvs__netlink_close(&netlink);
	return result;
}
