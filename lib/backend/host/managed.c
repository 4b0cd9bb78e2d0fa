/*
 * Managed neighbours are kept resolved by the kernel itself (Linux 5.16 and
 * later; an older one ignores the flag, and asking again now and then, which
 * the caller does, has nearly the same effect). An entry that the
 * administrator made permanent is left alone: a request would make it an
 * ordinary one. Ours carry a mark, another one if the host had an entry before:
 * then it gets an ordinary one back, after a crash too.
 */
#include "backend/host/managed.h"

#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "backend/host/address.h"
#include "backend/host/neigh.h"
#include "backend/host/lookup.h"

static int copy_news(const struct nlmsghdr *message, void *user)
{
	(void)lvs__neigh_read(message, user);
	return 0;
}

/* What the kernel knows of a neighbour; state 0: nothing. */
static void ask_neighbour(struct lvs__netlink *netlink,
			  const struct lvs__managed *server,
			  struct lvs__neigh_news *news)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];

	memset(news, 0, sizeof(*news));
	(void)lvs__netlink_dump(netlink,
				lvs__neigh_request(buffer, RTM_GETNEIGH,
						   server->ifindex,
						   &server->addr, 0),
				copy_news, news);
}

void lvs__managed_enter(struct lvs__netlink *netlink,
			struct lvs__managed *server)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct lvs__neigh_news news;
	struct nlmsghdr *message;
	struct lvs__lookup match;

	(void)lvs__lookup_link(netlink, &server->addr, &match);
	if (match.ifindex != server->ifindex)
		lvs__managed_leave(netlink, server);
	if (match.ifindex == 0)
		return;
	server->ifindex = match.ifindex;
	ask_neighbour(netlink, server, &news);
	if ((news.state & (NUD_PERMANENT | NUD_NOARP)) != 0) {
		server->ifindex = 0;
		return;
	}
	if (!lvs__managed_ours(&news))
		news.protocol =
			news.usable ? LVS__PROTOCOL_KNOWN : LVS__PROTOCOL;
	message = lvs__neigh_request(buffer, RTM_NEWNEIGH, match.ifindex,
				     &server->addr, 0);
	mnl_attr_put_u32(message, NDA_FLAGS_EXT, NTF_EXT_MANAGED);
	mnl_attr_put_u8(message, NDA_PROTOCOL, news.protocol);
	if (lvs__netlink_request(netlink, message) < 0)
		server->ifindex = 0;
}

/* An ordinary entry again, as the host had it. */
static void restore(struct lvs__netlink *netlink,
		    const struct lvs__neigh_news *news)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	struct nlmsghdr *message =
		lvs__neigh_request(buffer, RTM_NEWNEIGH, news->ifindex,
				   &news->addr, 0);
	struct ndmsg *neigh = mnl_nlmsg_get_payload(message);

	neigh->ndm_state = NUD_STALE;
	mnl_attr_put(message, NDA_LLADDR, sizeof(news->mac), news->mac);
	(void)lvs__netlink_request(netlink, message);
}

bool lvs__managed_ours(const struct lvs__neigh_news *news)
{
	return news->protocol == LVS__PROTOCOL ||
	       news->protocol == LVS__PROTOCOL_KNOWN;
}

int lvs__managed_undo(struct lvs__netlink *netlink,
		      const struct lvs__neigh_news *news)
{
	_Alignas(struct nlmsghdr) char buffer[LVS__NETLINK_REQUEST];
	int result =
		lvs__netlink_request(netlink,
				     lvs__neigh_request(buffer, RTM_DELNEIGH,
							news->ifindex,
							&news->addr, 0));

	if (result == 0 && news->protocol == LVS__PROTOCOL_KNOWN &&
	    news->usable)
		restore(netlink, news);
	return result;
}

void lvs__managed_leave(struct lvs__netlink *netlink,
			struct lvs__managed *server)
{
	struct lvs__neigh_news news;

	if (server->ifindex == 0)
		return;
	ask_neighbour(netlink, server, &news);
	if (lvs__managed_ours(&news))
		(void)lvs__managed_undo(netlink, &news);
	server->ifindex = 0;
}
