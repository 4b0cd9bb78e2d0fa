/*
 * manyaddr.so: any client program as many clients. Preloaded (LD_PRELOAD), it
 * gives each outgoing IPv4 TCP connection the next of MANYADDR addresses
 * (default 1024) from 10.64.0.0 upwards as its source, which the host must
 * hold (`ip route add local 10.64.0.0/16 dev lo`). Sockets that are bound
 * already are left alone.
 */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>

static uint32_t next;

static void bind_next(int fd)
{
	const char *setting = getenv("MANYADDR");
	uint32_t count = setting ? (uint32_t)strtoul(setting, NULL, 10) : 1024;
	uint32_t turn = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);
	struct sockaddr_in own = {.sin_family = AF_INET};
	struct sockaddr_in has = {.sin_family = AF_UNSPEC};
	socklen_t length = sizeof(has);
	int on = 1;

	if (getsockname(fd, (struct sockaddr *)&has, &length) < 0 ||
	    has.sin_family != AF_INET || has.sin_addr.s_addr != 0 ||
	    has.sin_port != 0)
		return;
	own.sin_addr.s_addr = htonl(0x0a400000U + turn % (count ? count : 1));
	/* the port is chosen by connect(), for this destination only */
	setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on));
	bind(fd, (struct sockaddr *)&own, sizeof(own));
}

__attribute__((visibility("default"))) int connect(int fd,
						   const struct sockaddr *to,
						   socklen_t length)
{
	int (*real)(int, const struct sockaddr *, socklen_t);

	*(void **)&real = dlsym(RTLD_NEXT, "connect");
	if (to && to->sa_family == AF_INET)
		bind_next(fd);
	return real(fd, to, length);
}
