/*
 * Epoll tells its errors beside its result, and takes what it shall remember
 * in a struct of its own: here both are as everywhere in the house.
 */
#include "base/watch.h"

int lvs__watch(int epoll, int operation, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = {.events = events, .data.u64 = data};

	if (fd < 0)
		return fd;
	return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}
