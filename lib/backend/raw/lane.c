/*
 * Receiving makes no system call while packets wait in the ring. News of
 * routes and neighbours are read when it is empty, and every FOLLOW
 * milliseconds under load.
 */
#include "backend/raw/lane.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/watch.h"

#define FOLLOW 10

static struct lvs__raw_lane *self(struct lvs_lane *lane)
{
	return (struct lvs__raw_lane *)lane;
}

static const struct lvs__raw_lane *self_const(const struct lvs_lane *lane)
{
	return (const struct lvs__raw_lane *)lane;
}

static void resolved(void *user, uint32_t ifindex, const struct lvs_addr *addr,
		     const uint8_t *mac)
{
	struct lvs__raw_lane *lane = user;

	lvs__hold_settle(&lane->hold, ifindex, addr, mac != NULL);
}

static int watch(const struct lvs__raw_lane *lane, int fd)
{
	return lvs__watch(lane->epoll, EPOLL_CTL_ADD, fd, EPOLLIN, 0);
}

static int watch_all(struct lvs__raw_lane *lane, const char **what)
{
	int result;

	*what = "cannot make an epoll";
	lane->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (lane->epoll < 0)
		return -errno;
	result = watch(lane, lane->ring.fd);
	if (result == 0)
		result = watch(lane, lane->mirror.news.fd);
	if (result == 0)
		result = watch(lane, lane->mirror.dump.fd);
	return result;
}

/* What a lane that may not be made lacks; the backend will miss the other. */
static const char *missing(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &header, sets) == 0 &&
	    (sets[0].effective & 1U << CAP_NET_ADMIN) == 0)
		return "CAP_NET_RAW and CAP_NET_ADMIN are missing: run it as "
		       "root (sudo)";
	return "CAP_NET_RAW is missing: run it as root (sudo)";
}

static int open_parts(struct lvs__raw_lane *lane, uint32_t frames,
		      const char **what)
{
	int result = lvs__ring_open(&lane->ring, frames, what);

	if (result < 0)
		return result;
	*what = "cannot read routes and neighbours";
	result = lvs__mirror_open(&lane->mirror);
	if (result < 0)
		return result;
	lane->mirror.resolved = resolved;
	lane->mirror.user = lane;
	*what = "cannot reserve memory";
	result = lvs__hold_init(&lane->hold);
	if (result < 0)
		return result;
	result = lvs__sender_open(&lane->sender, &lane->mirror, &lane->hold,
				  what);
	return result < 0 ? result : watch_all(lane, what);
}

int lvs__lane_open(struct lvs__raw_lane **lane, uint32_t frames, char *message,
		   size_t size)
{
	struct lvs__raw_lane *made = calloc(1, sizeof(*made));
	const char *what = "";
	int result;

	if (made == NULL)
		return lvs__message(message, size, -ENOMEM, "out of memory");
	made->base.ops = &lvs__raw_ops;
	made->epoll = made->ring.fd = -1;
	made->mirror.news.fd = made->mirror.dump.fd = -1;
	made->sender.bypass = made->sender.queued = -1;
	result = open_parts(made, frames, &what);
	if (result < 0) {
		lvs__lane_close(made);
		return lvs__message(message, size, result, "%s: %s", what,
				    result == -EPERM ? missing()
						     : lvs_strerror(result));
	}
	*lane = made;
	return 0;
}

void lvs__lane_close(struct lvs__raw_lane *lane)
{
	if (lane == NULL)
		return;
	if (lane->epoll >= 0)
		close(lane->epoll);
	lvs__sender_close(&lane->sender);
	lvs__hold_fini(&lane->hold);
	lvs__mirror_close(&lane->mirror);
	lvs__ring_close(&lane->ring);
	free(lane);
}

int lvs__lane_fd(const struct lvs_lane *lane)
{
	return self_const(lane)->epoll;
}

uint64_t lvs__lane_deadline(const struct lvs_lane *lane)
{
	const struct lvs__raw_lane *own = self_const(lane);
	uint64_t news = lvs__mirror_deadline(&own->mirror);
	uint64_t held = lvs__hold_deadline(&own->hold);

	return news < held ? news : held;
}

static void follow(struct lvs__raw_lane *lane, uint64_t now)
{
	lane->followed = now;
	lvs__mirror_follow(&lane->mirror, now);
	if (lane->hold.busy == 0)
		return;
	lvs__hold_expire(&lane->hold, now);
	lvs__sender_release(&lane->sender, now);
}

int lvs__lane_recv(struct lvs_lane *lane, struct lvs_packet *packets,
		   size_t count, uint64_t now)
{
	struct lvs__raw_lane *own = self(lane);
	size_t n = lvs__ring_recv(&own->ring, packets, count);

	if (n == 0 || now - own->followed >= FOLLOW)
		follow(own, now);
	return (int)n;
}

/*
 * Whether the ingress table took a packet from the host that the host is to
 * get: one from a server's endpoint that is not a reply of ours. Such are all
 * that the table drops: it leaves fragments and other protocols alone.
 */
static bool is_due(const struct lvs__raw_lane *lane,
		   const struct lvs__taken *taken,
		   const struct lvs_packet *packet)
{
	struct lvs__header header;
	struct lvs_addr destination;

	if (packet->verdict != LVS_PASS || packet->data == NULL ||
	    packet->offset > packet->capacity ||
	    packet->length > packet->capacity - packet->offset ||
	    lvs__parse(&header, packet->data + packet->offset,
		       packet->length) != LVS_REASON_FORWARDED ||
	    !lvs__taken_has(taken, &header.tuple))
		return false;
	lvs__tuple_destination(&header.tuple, &destination);
	return !lvs__mirror_is_local(&lane->mirror, &destination);
}

static void give_back(struct lvs__raw_lane *lane, struct lvs_packet *packets,
		      size_t count)
{
	const struct lvs__taken *taken = lvs__taken_enter(&lane->taken);

	for (size_t i = 0; taken != NULL && i < count; i++)
		if (is_due(lane, taken, &packets[i]))
			lvs__sender_return(&lane->sender, &packets[i]);
	lvs__sender_returned(&lane->sender);
	lvs__taken_leave(&lane->taken);
}

int lvs__lane_send(struct lvs_lane *lane, struct lvs_packet *packets,
		   size_t count, uint64_t now)
{
	struct lvs__raw_lane *own = self(lane);
	int sent = lvs__sender_send(&own->sender, packets, count, now);

	if (own->sender.passed)
		give_back(own, packets, count);
	return sent;
}

void lvs__lane_stats(const struct lvs_lane *lane, struct lvs_lane_stats *stats)
{
	const struct lvs__raw_lane *own = self_const(lane);
	const struct lvs__sender *sender = &own->sender;

	*stats = (struct lvs_lane_stats){
		.received = lvs__count_get(&own->ring.received),
		.sent = lvs__count_get(&sender->sent),
		.ring_full = lvs__ring_lost(&own->ring),
		.held = lvs__count_get(&own->hold.packets),
		.no_route = lvs__count_get(&sender->no_route),
		.no_neighbour = lvs__count_get(&sender->no_neighbour),
		.too_big = lvs__count_get(&sender->too_big),
		.send_failed = lvs__count_get(&sender->failed),
		.oversized = lvs__count_get(&own->ring.oversized),
		.returned = lvs__count_get(&sender->returned),
	};
}
