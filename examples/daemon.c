/*
 * The daemon around lvsd: log, background, service manager, capabilities.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#ifdef LVS_WITH_CAPNG
#include <cap-ng.h>
#endif

#include "lvsd.h"

static bool background;
static int ready_pipe = -1;

/* ---- log */

const char *plural(uint32_t count)
{
	return count == 1 ? "" : "s";
}

void say(int level, const char *format, ...)
{
	struct timespec now;
	struct tm parts;
	char line[1024], when[32];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	if (background) {
		syslog(level, "%s", line);
		return;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S", &parts);
	fprintf(stderr, "%s.%03ldZ %s%s\n", when, now.tv_nsec / 1000000,
		level == LVS_LOG_ERROR	   ? "error: "
		: level == LVS_LOG_WARNING ? "warning: "
					   : "",
		line);
}

/* ---- background */

static int wait_for(int fd)
{
	char byte;

	if (read(fd, &byte, 1) == 1)
		_exit(EXIT_SUCCESS);
	fputs("lvsd: it did not start; the log says why\n", stderr);
	_exit(EXIT_FAILURE);
}

int to_background(void)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		say(LVS_LOG_ERROR, "background: %s", strerror(errno));
		return -1;
	}
	if (pid > 0) {
		close(ends[1]);
		return wait_for(ends[0]);
	}
	close(ends[0]);
	ready_pipe = ends[1];
	setsid();
	if (chdir("/") < 0)
		return -1;
	openlog("lvsd", LOG_PID | LOG_PERROR, LOG_DAEMON);
	background = true;
	return 0;
}

/* The terminal was for what went wrong at the start. */
static void leave_terminal(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	openlog("lvsd", LOG_PID, LOG_DAEMON);
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		dup2(null, fd);
	if (null > 2)
		close(null);
	if (write(ready_pipe, "", 1) < 0)
		say(LVS_LOG_WARNING, "the foreground is gone");
	close(ready_pipe);
	ready_pipe = -1;
}

void ready(void)
{
	if (ready_pipe >= 0)
		leave_terminal();
	notify("READY=1");
}

/* ---- the service manager */

void notify(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timespec now;
	socklen_t length;
	char text[128];
	int fd;

	if (path == NULL || (path[0] != '/' && path[0] != '@') ||
	    strlen(path) >= sizeof(address.sun_path))
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	memcpy(address.sun_path, path, strlen(path));
	length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			     strlen(path));
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	clock_gettime(CLOCK_MONOTONIC, &now);
	snprintf(text, sizeof(text), "%s\nMONOTONIC_USEC=%lld", state,
		 (long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
	(void)sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT,
		     (const struct sockaddr *)&address, length);
	close(fd);
}

/* ---- privileges */

void keep_capabilities(void)
{
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifdef LVS_WITH_CAPNG
	capng_select_t set = CAPNG_SELECT_CAPS;

	capng_get_caps_process();
	/* the bounding set may be changed only with this one */
	if (capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP))
		set = CAPNG_SELECT_BOTH;
	capng_clear(CAPNG_SELECT_BOTH);
	capng_updatev(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED,
		      CAP_NET_ADMIN, CAP_NET_RAW, -1);
	if (set == CAPNG_SELECT_BOTH)
		capng_updatev(CAPNG_ADD, CAPNG_BOUNDING_SET, CAP_NET_ADMIN,
			      CAP_NET_RAW, -1);
	if (capng_apply(set) != 0)
		say(LVS_LOG_WARNING, "capabilities are kept as they were");
#else
	say(LVS_LOG_WARNING, "built without libcap-ng: capabilities are kept "
			     "as they were");
#endif
}

void pin(pthread_t thread, uint32_t index)
{
	cpu_set_t allowed, one;
	uint32_t seen = 0;

	if (sched_getaffinity(0, sizeof(allowed), &allowed) < 0 ||
	    CPU_COUNT(&allowed) == 0)
		return;
	index %= (uint32_t)CPU_COUNT(&allowed);
	CPU_ZERO(&one);
	for (size_t cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && seen++ == index)
			CPU_SET(cpu, &one);
	if (pthread_setaffinity_np(thread, sizeof(one), &one) != 0)
		say(LVS_LOG_WARNING, "worker %u is not pinned", index);
}
