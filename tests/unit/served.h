/*
 * What the tests of the control socket share: a server in a thread of its
 * own, as in lvsd; clients by the library and by hand.
 */
#ifndef TESTS_SERVED_H
#define TESTS_SERVED_H

#include <lvs/control.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "unit.h"

static struct lvs_director *director;
static struct lvs_control *control;
static struct lvs_model *model;
static pthread_t thread;
static bool running;
static uint32_t stop; /* __atomic */
static uint64_t skew; /* __atomic: ms that the server's clock is ahead */
static char folder[64], path[96], message[256];

static inline uint64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000 +
	       __atomic_load_n(&skew, __ATOMIC_ACQUIRE);
}

/* ---- the server */

static inline void *serve(void *user)
{
	struct lvs_worker *worker = lvs_director_worker(director, 0);
	struct lvs_event event;

	(void)user;
	while (__atomic_load_n(&stop, __ATOMIC_ACQUIRE) == 0) {
		struct pollfd fds[3] = {
			{.fd = lvs_control_fd(control), .events = POLLIN},
			{.fd = lvs_director_fd(director), .events = POLLIN},
			{.fd = lvs_worker_fd(worker), .events = POLLIN},
		};

		poll(fds, 3, 5);
		lvs_control_dispatch(control, clock_now(), 0);
		lvs_director_dispatch(director, clock_now(), 0);
		lvs_worker_dispatch(worker, clock_now(), 0);
		while (lvs_director_pop_event(director, &event,
					      sizeof(event)) == 1)
			lvs_control_event(control, &event);
	}
	return NULL;
}

static inline void open_control(void)
{
	ck_assert_msg(lvs_control_new(&control, director, path, NULL, message,
				      sizeof(message)) == 0,
		      "%s", message);
}

static inline void setup(void)
{
	stop = 0;
	skew = 0;
	signal(SIGPIPE, SIG_IGN);
	strcpy(folder, "/tmp/lvs-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(chmod(folder, 0755), 0);
	snprintf(path, sizeof(path), "%s/control", folder);
	ck_assert_int_eq(lvs_model_new(&model), 0);
	lvs_model_set_text(model, LVS_MODEL_BACKEND, "none");
	lvs_model_set(model, LVS_MODEL_CONNECTIONS, 65536);
	ck_assert_int_eq(lvs_director_new(&director, model, NULL, 0,
					  clock_now()),
			 0);
	open_control();
}

static inline void start(void)
{
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
	running = true;
}

static inline void teardown(void)
{
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	if (running)
		pthread_join(thread, NULL);
	running = false;
	lvs_control_free(control);
	lvs_director_free(director);
	lvs_model_free(model);
	unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

/* ---- clients by the library */

struct text {
	char at[1 << 16];
	size_t length;
};

static inline int collect(void *user, const char *text, size_t length)
{
	struct text *t = user;

	if (t->length + length >= sizeof(t->at))
		return -1;
	memcpy(t->at + t->length, text, length);
	t->length += length;
	t->at[t->length] = '\0';
	return 0;
}

/* One line of words, apart by single blanks. */
static inline int say_with(const char *line, const char *input,
			   struct text *answer)
{
	char words[512], *save = NULL;
	const char *list[32];
	size_t count = 0;
	struct lvs_client *client;
	int result;

	answer->length = 0;
	answer->at[0] = '\0';
	message[0] = '\0';
	snprintf(words, sizeof(words), "%s", line);
	for (char *w = strtok_r(words, " ", &save); w != NULL;
	     w = strtok_r(NULL, " ", &save))
		list[count++] = w;
	result = lvs_client_new(&client, path, message, sizeof(message));
	if (result < 0)
		return result;
	result = lvs_client_run(client, list, count, input,
				input != NULL ? strlen(input) : 0, collect,
				answer, message, sizeof(message));
	lvs_client_free(client);
	return result;
}

static struct text answer;

static inline int say(const char *line)
{
	return say_with(line, NULL, &answer);
}

/* ---- clients by hand */

static inline int connect_raw(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval wait = {.tv_sec = 10};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	memcpy(address.sun_path, path, strlen(path));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address,
				 sizeof(address)),
			 0);
	return fd;
}

static inline void put(int fd, const char *text)
{
	ck_assert_int_eq(send(fd, text, strlen(text), MSG_NOSIGNAL),
			 (ssize_t)strlen(text));
}

/* What comes until a line ends an answer, or the end: false. */
static inline bool get(int fd, char *text, size_t size)
{
	size_t length = 0;

	while (length + 1 < size) {
		ssize_t n = recv(fd, text + length, size - 1 - length, 0);

		if (n <= 0)
			break;
		length += (size_t)n;
		text[length] = '\0';
		if (strstr(text, "\"done\"") != NULL &&
		    text[length - 1] == '\n')
			return true;
	}
	text[length] = '\0';
	return false;
}

static inline void still_serves(void)
{
	ck_assert_msg(say("-L --timeout") == 0, "%s", message);
	ck_assert_str_eq(answer.at, "Timeout (tcp tcpfin udp): 900 120 300\n");
}

/* ---- some services */

static const char *const rules[] = {
	"-A -t 192.0.2.1:80 -s wlc",
	"-a -t 192.0.2.1:80 -r 10.0.0.3 -g -w 1000",
	"-a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m -w 5 -x 100 -y 50",
	"-A -u 192.0.2.1:53 -s rr",
	"-a -u 192.0.2.1:53 -r 10.0.0.2:53 -m",
	"-A -t [2001:db8::1]:443 -s wrr",
	("-a -t [2001:db8::1]:443 -r [2001:db8:1:2:3:4:5:6]:8443 -m "
	 "-w 2147483647"),
	"-a -t [2001:db8::1]:443 -r [2001:db8::3]:443 -g",
};

static inline void add_rules(void)
{
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
		ck_assert_msg(say(rules[i]) == 0, "%s: %s", rules[i], message);
}

#endif
