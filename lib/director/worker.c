/*
 * A worker: takes a batch off its lane, gives it to its balancer, sends it.
 *
 * Between batches it looks at one word: whether its mailbox has something.
 * Only then does it take the mailbox's lock; the packet path itself has none.
 * Timers alone never wake it more than ten times a second.
 */
#include "director/worker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "balancer/balancer.h"
#include "base/watch.h"

#define DEFAULT_BUDGET 16
#define TIMER_PAUSE 100 /* ms: timers are late by at most this */
#define TIMER_BUDGET 1024
#define RESET_PAUSE 5	  /* ms between two alarms */
#define OWN_CAPACITY 1024 /* bytes of a packet that the balancer makes */

static int watch(int epoll, int fd)
{
	return lvs__watch(epoll, EPOLL_CTL_ADD, fd, EPOLLIN, 0);
}

static int open_descriptors(struct lvs_worker *worker)
{
	int error;

	worker->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (worker->epoll < 0)
		return -errno;
	worker->wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (worker->wake < 0)
		return -errno;
	error = watch(worker->epoll, worker->wake);
	if (error == 0 && worker->lane != NULL)
		error = watch(worker->epoll, lvs_lane_fd(worker->lane));
	return error;
}

int lvs__worker_new(struct lvs_worker **out, struct lvs_director *director,
		    uint32_t index, uint32_t connections, uint32_t flags)
{
	struct lvs_worker *worker = calloc(1, sizeof(*worker));
	int error;

	if (worker == NULL)
		return -ENOMEM;
	worker->director = director;
	worker->index = index;
	worker->epoll = -1;
	worker->wake = -1;
	pthread_mutex_init(&worker->lock, NULL);
	lvs__list_init(&worker->posted);
	lvs__list_init(&worker->jobs);
	if (director->backend != NULL)
		worker->lane = lvs_backend_lane(director->backend, index);
	worker->buffer = calloc(LVS_BATCH, OWN_CAPACITY);
	error = worker->buffer == NULL ? -ENOMEM : open_descriptors(worker);
	if (error == 0)
		error = lvs__balancer_new_lane(&worker->balancer, connections,
					       flags, index);
	if (error < 0) {
		lvs__worker_free(worker);
		return error;
	}
	*out = worker;
	return 0;
}

/* Takes over what was posted. */
static void fetch_mail(struct lvs_worker *worker)
{
	struct lvs__list *node, *save;

	pthread_mutex_lock(&worker->lock);
	lvs__list_for_each (node, save, &worker->posted) {
		lvs__list_remove(node);
		lvs__list_append(&worker->jobs, node);
	}
	pthread_mutex_unlock(&worker->lock);
}

void lvs__worker_free(struct lvs_worker *worker)
{
	struct lvs__list *node, *save;

	if (worker == NULL)
		return;
	fetch_mail(worker);
	lvs__list_for_each (node, save, &worker->jobs) {
		struct lvs__job *job =
			lvs__list_entry(node, struct lvs__job, node);

		lvs__list_remove(node);
		job->done(job);
	}
	lvs_balancer_free(worker->balancer);
	if (worker->wake >= 0)
		close(worker->wake);
	if (worker->epoll >= 0)
		close(worker->epoll);
	pthread_mutex_destroy(&worker->lock);
	free(worker->buffer);
	free(worker);
}

void lvs__worker_wake(struct lvs_worker *worker)
{
	uint64_t one = 1;

	__atomic_store_n(&worker->mail, 1, __ATOMIC_RELEASE);
	/* full means that it is readable already */
	if (write(worker->wake, &one, sizeof(one)) < 0)
		return;
}

void lvs__worker_post(struct lvs_worker *worker, struct lvs__job *job)
{
	pthread_mutex_lock(&worker->lock);
	lvs__list_append(&worker->posted, &job->node);
	pthread_mutex_unlock(&worker->lock);
	lvs__worker_wake(worker);
}

/* One piece of each job. */
static void work(struct lvs_worker *worker, uint64_t now)
{
	struct lvs__list *node, *save;

	worker->busy = false;
	lvs__list_for_each (node, save, &worker->jobs) {
		struct lvs__job *job =
			lvs__list_entry(node, struct lvs__job, node);
		int result = job->work(job, worker->balancer, now);

		if (result == 1) {
			lvs__list_remove(node);
			job->done(job);
		} else if (result == 0) {
			worker->busy = true;
		}
	}
}

/* `idle`: no packet waited, so there is time to look at the descriptor. */
static void read_mail(struct lvs_worker *worker, bool idle, uint64_t now)
{
	bool mail = __atomic_load_n(&worker->mail, __ATOMIC_RELAXED) != 0;
	uint64_t count;

	if (!mail && !idle && !worker->busy)
		return;
	if (mail || idle) {
		/* the descriptor first: what comes after it sets both again */
		if (read(worker->wake, &count, sizeof(count)) > 0)
			mail = true;
		if (__atomic_exchange_n(&worker->mail, 0, __ATOMIC_ACQUIRE) !=
		    0)
			mail = true;
	}
	if (mail)
		fetch_mail(worker);
	if (mail || worker->busy)
		work(worker, now);
}

/* Sends what the balancer made itself: a batch at most. */
static int send_own(struct lvs_worker *worker, uint64_t now)
{
	struct lvs_outcome outcome;
	size_t count = 0;

	while (count < LVS_BATCH) {
		struct lvs_packet *packet = &worker->packets[count];
		uint8_t *buffer = worker->buffer + count * OWN_CAPACITY;

		if (lvs_balancer_pop(worker->balancer, &outcome, buffer,
				     OWN_CAPACITY) != 1)
			break;
		memset(packet, 0, sizeof(*packet));
		packet->data = buffer;
		packet->capacity = OWN_CAPACITY;
		packet->offset = outcome.offset;
		packet->length = outcome.length;
		packet->verdict = outcome.verdict;
		packet->reason = outcome.reason;
		packet->next_hop = outcome.next_hop;
		count++;
	}
	if (count == 0)
		return 0;
	return lvs_lane_send(worker->lane, worker->packets, count, now);
}

/* One batch. How many packets came, or an error. */
static int move(struct lvs_worker *worker, uint64_t now)
{
	int count =
		lvs_lane_recv(worker->lane, worker->packets, LVS_BATCH, now);

	if (count <= 0)
		return count;
	lvs_balancer_batch(worker->balancer, worker->packets, (size_t)count,
			   now);
	lvs_lane_send(worker->lane, worker->packets, (size_t)count, now);
	send_own(worker, now);
	return count;
}

/* Tells the director that older snapshots are not used any more. */
static void acknowledge(struct lvs_worker *worker)
{
	uint64_t seen = lvs__balancer_seen(worker->balancer);

	if (seen == worker->seen)
		return;
	worker->seen = seen;
	lvs__director_wake(worker->director);
}

/* A dest refuses: the director looks at once, not at its next sample. */
static void tell_resets(struct lvs_worker *worker, uint64_t now)
{
	uint64_t resets = lvs__balancer_resets(worker->balancer);

	if (resets == worker->resets || now - worker->reset_at < RESET_PAUSE)
		return;
	worker->resets = resets;
	worker->reset_at = now;
	__atomic_store_n(&worker->director->alarm, 1, __ATOMIC_RELEASE);
	lvs__director_wake(worker->director);
}

LVS_EXPORT int lvs_worker_dispatch(struct lvs_worker *worker, uint64_t now,
				   uint32_t budget)
{
	int moved = 0, count = 0;

	if (worker == NULL)
		return -EINVAL;
	if (budget == 0)
		budget = DEFAULT_BUDGET;
	worker->now = now;
	lvs_balancer_dispatch(worker->balancer, now, TIMER_BUDGET);
	for (uint32_t i = 0; worker->lane != NULL && i < budget; i++) {
		count = move(worker, now);
		if (count <= 0)
			break;
		moved += count;
		read_mail(worker, false, now);
		if (count < LVS_BATCH)
			break;
	}
	read_mail(worker, moved == 0, now);
	acknowledge(worker);
	tell_resets(worker, now);
	return count < 0 && moved == 0 ? count : moved;
}

LVS_EXPORT int lvs_worker_fd(const struct lvs_worker *worker)
{
	return worker != NULL ? worker->epoll : -EINVAL;
}

LVS_EXPORT uint64_t lvs_worker_deadline(const struct lvs_worker *worker)
{
	uint64_t timers, lane = UINT64_MAX;

	if (worker == NULL)
		return UINT64_MAX;
	if (worker->busy)
		return worker->now;
	timers = lvs_balancer_deadline(worker->balancer);
	if (timers != UINT64_MAX && timers < worker->now + TIMER_PAUSE)
		timers = worker->now + TIMER_PAUSE;
	if (worker->lane != NULL)
		lane = lvs_lane_deadline(worker->lane);
	return timers < lane ? timers : lane;
}

LVS_EXPORT struct lvs_balancer *lvs_worker_balancer(struct lvs_worker *worker)
{
	return worker != NULL ? worker->balancer : NULL;
}
