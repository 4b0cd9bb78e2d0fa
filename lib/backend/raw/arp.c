/*
 * The kernel looks for duplicates of IPv6 addresses alone. For IPv4 a claimed
 * address is probed three times, and later the same socket hears who else says
 * that it is his; its filter wakes nobody for other addresses. Both only warn:
 * of a pair of directors the other one may have the address for a moment, and
 * which host is wrong cannot be known here.
 *
 * Times are short, as the address is in use already; who joins the link later
 * is heard when he speaks. Of many addresses only some are probed at a time.
 */
#include "backend/raw/arp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/if_ether.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/host/link.h"
#include "backend/raw/filter.h"
#include "backend/raw/raw.h"
#include "base/watch.h"

#define AT_ONCE 64   /* probes */
#define BREATH 10    /* milliseconds until the next of them */
#define INTERVAL 150 /* milliseconds between two probes of an address */
#define REST 1000    /* milliseconds after a message of this host's own */
#define QUIET 60000  /* milliseconds after a warning */

static int attach(const struct lvs__arp *arp, struct lvs__filter *filter)
{
	struct sock_fprog program = {
		.len = filter->length,
		.filter = filter->code,
	};

	return setsockopt(arp->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			  sizeof(program)) < 0
		       ? -errno
		       : 0;
}

static int listen_for(const struct lvs__arp *arp,
		      const struct lvs__virtual_list *held)
{
	struct lvs_addr *addresses =
		calloc(held->count + 1, sizeof(*addresses));
	struct lvs__filter filter;
	int result;

	if (addresses == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < held->count; i++)
		addresses[i] = held->entries[i].addr;
	result = lvs__filter_arp(&filter, addresses, held->count);
	free(addresses);
	return result < 0 ? result : attach(arp, &filter);
}

/* For more addresses than a filter, or the socket's memory, holds. */
static int listen_to_all(const struct lvs__arp *arp)
{
	struct lvs__filter filter;
	int result = lvs__filter_arp(&filter, NULL, 0);

	return result < 0 ? result : attach(arp, &filter);
}

static int open_socket(struct lvs__raw *raw)
{
	struct sockaddr_ll any = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
	};
	struct lvs__filter none;
	int result;

	raw->arp.fd =
		socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (raw->arp.fd < 0)
		return -errno;
	lvs__filter_none(&none);
	result = attach(&raw->arp, &none);
	if (result == 0 &&
	    bind(raw->arp.fd, (struct sockaddr *)&any, sizeof(any)) < 0)
		result = -errno;
	if (result == 0)
		result = lvs__watch(raw->epoll, EPOLL_CTL_ADD, raw->arp.fd,
				    EPOLLIN, 0);
	return result;
}

int lvs__arp_open(struct lvs__raw *raw, char *message, size_t size)
{
	int result = open_socket(raw);

	return result < 0 ? lvs__message_error(message, size, result,
					       "cannot open a socket for ARP")
			  : 0;
}

void lvs__arp_close(struct lvs__arp *arp)
{
	if (arp->fd >= 0)
		close(arp->fd);
	arp->fd = -1;
}

void lvs__arp_hold(struct lvs__raw *raw)
{
	/* without memory warnings are late, or missing, and nothing else is */
	if (listen_for(&raw->arp, &raw->virtuals.held) < 0)
		(void)listen_to_all(&raw->arp);
	raw->arp.cursor = 0;
	raw->arp.unsent = false;
	raw->arp.next = 0;
}

/* ---- what others say */

/* The address that a message claims, or that another host probes just now. */
static struct lvs__virtual *find(const struct lvs__raw *raw,
				 const struct ether_arp *said)
{
	static const uint8_t nobody[4];
	bool probe = memcmp(said->arp_spa, nobody, sizeof(nobody)) == 0;
	struct lvs_addr addr = {.family = LVS_IPV4};
	struct lvs__virtual *address;

	memcpy(addr.bytes, probe ? said->arp_tpa : said->arp_spa, 4);
	address = lvs__virtual_find(&raw->virtuals.held, &addr);
	return probe && address != NULL && address->probes == 0 ? NULL
								: address;
}

static void judge(struct lvs__raw *raw, uint64_t now, uint32_t ifindex,
		  const struct ether_arp *said)
{
	struct lvs__virtual *address = find(raw, said);
	struct lvs_backend_event event = {
		.kind = LVS_BACKEND_ADDRESS_DUPLICATE,
	};

	if (address == NULL || address->gone || address->ifindex != ifindex ||
	    now < address->quiet)
		return;
	/* two interfaces of this host may be on one link */
	address->quiet = now + REST;
	if (lvs__link_is_ours(&raw->requests, said->arp_sha))
		return;
	address->quiet = now + QUIET;
	event.addr = address->addr;
	memcpy(event.interface, address->interface, IFNAMSIZ);
	memcpy(event.mac, said->arp_sha, ETH_ALEN);
	lvs__news_add(&raw->told, &event);
}

uint32_t lvs__arp_listen(struct lvs__raw *raw, uint64_t now, uint32_t budget)
{
	struct sockaddr_ll from = {0};
	struct ether_arp said;
	socklen_t length;
	uint32_t count;
	ssize_t got;

	for (count = 0; count < budget; count++) {
		length = sizeof(from);
		got = recvfrom(raw->arp.fd, &said, sizeof(said), 0,
			       (struct sockaddr *)&from, &length);
		/* what is wrong with a link is rtnetlink's to tell */
		if (got < 0)
			break;
		if (got == sizeof(said))
			judge(raw, now, (uint32_t)from.sll_ifindex, &said);
	}
	return count;
}

/* ---- what is asked */

static void send_probe(const struct lvs__raw *raw, const struct lvs__link *link,
		       const struct lvs_addr *addr)
{
	struct ether_arp probe = {
		.arp_hrd = htons(ARPHRD_ETHER),
		.arp_pro = htons(ETH_P_IP),
		.arp_hln = ETH_ALEN,
		.arp_pln = 4,
		.arp_op = htons(ARPOP_REQUEST),
	};
	struct sockaddr_ll all = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = (int)link->ifindex,
		.sll_halen = ETH_ALEN,
	};

	memset(all.sll_addr, 0xff, ETH_ALEN);
	memcpy(probe.arp_sha, link->mac, ETH_ALEN);
	memcpy(probe.arp_tpa, addr->bytes, sizeof(probe.arp_tpa));
	/* one that is lost is one of three */
	(void)sendto(raw->arp.fd, &probe, sizeof(probe), 0,
		     (struct sockaddr *)&all, sizeof(all));
}

/* Whether neighbours are asked by ARP on a link. */
static bool has_arp(const struct lvs__link *link)
{
	return link->type == ARPHRD_ETHER &&
	       (link->flags & (IFF_NOARP | IFF_LOOPBACK)) == 0;
}

/*
 * The turn of one address; the last one only waits for the answers. On a link
 * that is down it waits for news of the link. How many probes were sent.
 */
static uint32_t probe_one(struct lvs__raw *raw, struct lvs__virtual *address)
{
	struct lvs__link link;

	if (address->probes == 0)
		return 0;
	if (address->gone ||
	    lvs__link_ask(&raw->requests, address->ifindex, &link) < 0 ||
	    !has_arp(&link)) {
		address->probes = 0;
		return 0;
	}
	if ((link.flags & IFF_RUNNING) == 0)
		return 0;
	if (address->probes-- > 1)
		send_probe(raw, &link, &address->addr);
	raw->arp.unsent = raw->arp.unsent || address->probes > 0;
	return 1;
}

void lvs__arp_probe(struct lvs__raw *raw, uint64_t now)
{
	struct lvs__virtual_list *held = &raw->virtuals.held;
	struct lvs__arp *arp = &raw->arp;
	uint32_t sent = 0;

	if (!raw->virtuals.probing || now < arp->next)
		return;
	while (sent < AT_ONCE && arp->cursor < held->count)
		sent += probe_one(raw, &held->entries[arp->cursor++]);
	arp->next = now + BREATH;
	if (arp->cursor < held->count)
		return;
	raw->virtuals.probing = arp->unsent;
	arp->next = now + INTERVAL;
	arp->cursor = 0;
	arp->unsent = false;
}
