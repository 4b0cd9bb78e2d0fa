/*
 * The daemon around lvsd: options, --check and --cleanup, log, background,
 * service manager, capabilities.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <lvs/backend.h>
#include <lvs/config.h>
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

/* ---- options */

static const char help[] =
	"usage: lvsd [-f FILE] [OPTION]\n"
	"Balances TCP and UDP services over their servers, as FILE says.\n"
	"\n"
	"  -f, --file FILE  the configuration (/etc/lvs/lvsd.conf)\n"
	"      --check      only read it, print what was understood; exit 1 "
	"if\n"
	"                   it is wrong\n"
	"      --cleanup    only undo what a killed lvsd left on this host\n"
	"      --daemon     go into the background once it runs, log to "
	"syslog\n"
	"  -h, --help       this\n"
	"  -V, --version    the version\n"
	"\n"
	"Signals:  SIGHUP reads FILE again and applies what changed;\n"
	"          SIGTERM and SIGINT end it and leave the host as it was.\n"
	"Needs:    CAP_NET_ADMIN and CAP_NET_RAW (root has them).\n"
	"Control:  lvsadm, on the socket /run/lvs/control.\n"
	"Manuals:  lvsd(8), lvsadm(8), lvsd.conf(5).\n";

int read_options(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{"file", required_argument, NULL, 'f'},
		{"check", no_argument, NULL, 'c'},
		{"cleanup", no_argument, NULL, 'u'},
		{"daemon", no_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "f:hV", longs, NULL)) != -1) {
		switch (option) {
		case 'f':
			options->file = optarg;
			break;
		case 'c':
			options->check = true;
			break;
		case 'u':
			options->cleanup = true;
			break;
		case 'd':
			options->daemon = true;
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_SUCCESS;
		case 'V':
			printf("lvsd %s\n", lvs_version());
			return EXIT_SUCCESS;
		default:
			fputs("try: lvsd --help\n", stderr);
			return 2;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "lvsd: what is \"%s\"? try: lvsd --help\n",
		argv[optind]);
	return 2;
}

/* ---- instead of running */

/* A backend of the model's interfaces that is not opened; NULL: none runs. */
static struct lvs_backend *plan_backend(const struct lvs_model *model)
{
	const char *kind = lvs_model_get_text(model, LVS_MODEL_BACKEND);
	struct lvs_backend *backend = NULL;
	const char *name;

	if (lvs_backend_new(&backend, kind != NULL ? kind : "raw") < 0)
		return NULL;
	for (size_t i = 0; (name = lvs_model_get_interface(model, i)) != NULL;
	     i++)
		lvs_backend_add_interface(backend, name);
	return backend;
}

/* Whether a service before this one has its address. */
static bool seen_before(struct lvs_model *model,
			const struct lvs_service *service)
{
	struct lvs_service *other = NULL;
	struct lvs_addr addr, theirs;

	lvs_service_get_address(service, &addr, NULL, NULL);
	while ((other = lvs_model_next_service(model, other)) != service) {
		lvs_service_get_address(other, &theirs, NULL, NULL);
		if (memcmp(&addr, &theirs, sizeof(addr)) == 0)
			return true;
	}
	return false;
}

static void print_home(const struct lvs_backend *backend,
		       const struct lvs_addr *addr, bool adds)
{
	char interface[16], text[64];
	int result =
		lvs_backend_home(backend, addr, interface, sizeof(interface));

	lvs_addr_format(addr, text, sizeof(text));
	if (result < 0)
		printf("! virtual address %s: %s\n", text,
		       result == -ENODEV ? "an interface that is named is not "
					   "on this host"
					 : lvs_strerror(result));
	else if (result == 1)
		printf("! virtual address %s is on %s of this host\n", text,
		       interface);
	else if (adds)
		printf("! virtual address %s will be added to %s%s\n", text,
		       interface,
		       addr->family == LVS_IPV6 && strcmp(interface, "lo") == 0
			       ? ", where neighbours do not find it"
			       : "");
	else
		printf("! virtual address %s is not on this host\n", text);
}

/* Where each virtual address is or would be, as comments. */
static void print_homes(struct lvs_model *model)
{
	struct lvs_backend *backend = plan_backend(model);
	struct lvs_service *service = NULL;
	struct lvs_addr addr;
	uint64_t adds = 1;

	lvs_model_get(model, LVS_MODEL_ADDRESSES, &adds);
	while (backend != NULL &&
	       (service = lvs_model_next_service(model, service)) != NULL) {
		if (seen_before(model, service))
			continue;
		lvs_service_get_address(service, &addr, NULL, NULL);
		print_home(backend, &addr, adds != 0);
	}
	lvs_backend_free(backend);
}

int print_config(struct lvs_model *model)
{
	int length = lvs_config_print(model, NULL, 0);
	char *text = length < 0 ? NULL : malloc((size_t)length + 1);

	if (text == NULL)
		return EXIT_FAILURE;
	lvs_config_print(model, text, (size_t)length + 1);
	fputs(text, stdout);
	free(text);
	print_homes(model);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int clean_host(void)
{
	char message[512];
	int result = lvs_backend_cleanup("raw", message, sizeof(message));

	if (result >= 0)
		printf("%d thing%s undone\n", result, plural((uint32_t)result));
	else
		say(LVS_LOG_ERROR, "%s", message);
	return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

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
