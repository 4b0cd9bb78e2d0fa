/*
 * What the monitor is measured against: the same connections by nothing but
 * an epoll loop. bare PORT PER_SECOND SECONDS, to 127.0.0.1 and its
 * neighbours; prints the connections made.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HOSTS 200 /* as many as the test gives the monitor */

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static void begin(int epoll, uint16_t port, uint32_t number)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};
	struct sockaddr_in addr = {.sin_family = AF_INET};
	struct epoll_event event = {.events = EPOLLOUT};
	int off = 0;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	addr.sin_port = htons(port);
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK + number % HOSTS);
	setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &off, sizeof(off));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	(void)connect(fd, (struct sockaddr *)&addr, sizeof(addr));
	event.data.fd = fd;
	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

int main(int argc, char **argv)
{
	struct epoll_event events[64];
	socklen_t size = sizeof(int);
	uint64_t start = now(), begun = 0, done = 0, rate, end;
	int epoll = epoll_create1(EPOLL_CLOEXEC), count, error;
	uint16_t port;

	if (argc != 4)
		return 2;
	port = (uint16_t)atoi(argv[1]);
	rate = (uint64_t)atoi(argv[2]);
	end = start + 1000 * (uint64_t)atoi(argv[3]);
	while (now() < end) {
		while (begun < (now() - start) * rate / 1000)
			begin(epoll, port, (uint32_t)begun++);
		/* the monitor's tick, so that both wake up as often */
		count = epoll_wait(epoll, events, 64, begun > done ? 0 : 16);
		for (int i = 0; i < count; i++) {
			getsockopt(events[i].data.fd, SOL_SOCKET, SO_ERROR,
				   &error, &size);
			close(events[i].data.fd);
			done++;
		}
	}
	printf("%llu\n", (unsigned long long)done);
	return 0;
}
