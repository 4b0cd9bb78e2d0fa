/*
 * A worker: a balancer, a lane and a mailbox, used by one thread. Jobs are put
 * into the mailbox by the director's thread and worked on between batches.
 */
#ifndef LVS__WORKER_H
#define LVS__WORKER_H

#include <pthread.h>

#include "director/director.h"

/* What a worker is asked to do, a bounded piece at a time. */
struct lvs__job {
	struct lvs__list node; /* in the worker's list */
	/* On the worker's thread. 1: done or not wanted any more, 0: go on
	 * at once, -EAGAIN: when the worker is woken again. */
	int (*work)(struct lvs__job *job, struct lvs_balancer *balancer,
		    uint64_t now);
	/* The worker lets go of the job; on its thread, or at its end. */
	void (*done)(struct lvs__job *job);
};

struct lvs_worker {
	struct lvs_director *director;
	struct lvs_balancer *balancer;
	struct lvs_lane *lane; /* NULL: no backend */
	uint32_t index;
	int epoll;
	int wake;	      /* an eventfd */
	uint32_t mail;	      /* __atomic: something is new for the worker */
	pthread_mutex_t lock; /* of posted, and nothing else */
	struct lvs__list posted;
	/* its thread alone */
	struct lvs__list jobs;
	bool busy; /* a job can go on at once */
	uint64_t seen;
	uint64_t now;	   /* of the last dispatch */
	uint64_t resets;   /* to SYNs, that the director was told of */
	uint64_t reset_at; /* when */
	uint8_t *buffer;
	struct lvs_packet packets[LVS_BATCH];
};

int lvs__worker_new(struct lvs_worker **worker, struct lvs_director *director,
		    uint32_t index, uint32_t connections, uint32_t flags);
void lvs__worker_free(struct lvs_worker *worker);

/* Any thread: gives the worker a job, or only wakes it. */
void lvs__worker_post(struct lvs_worker *worker, struct lvs__job *job);
void lvs__worker_wake(struct lvs_worker *worker);

#endif
