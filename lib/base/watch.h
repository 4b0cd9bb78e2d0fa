/*
 * Descriptors in an epoll instance.
 */
#ifndef LVS__WATCH_H
#define LVS__WATCH_H

#include <sys/epoll.h>

#include "base/base.h"

/*
 * `operation` is EPOLL_CTL_ADD or EPOLL_CTL_MOD, `data` what epoll_wait()
 * gives back as data.u64. 0 or a negative errno; `fd` may be one itself.
 */
int lvs__watch(int epoll, int operation, int fd, uint32_t events,
	       uint64_t data);

#endif
