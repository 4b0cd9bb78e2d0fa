/*
 * The node's libraries when the kernel refuses: the director, the control
 * socket and its clients say what failed and leave nothing behind; whom a
 * fault befell goes, the next one is served.
 */
#include "unit.h"

#include <jansson.h>
#include <lvs/config.h>
#include <lvs/control.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "refuse.h"

static const char config[] = "lvs_backend {\n"
			     "  type none\n"
			     "  connections 1000\n"
			     "}\n"
			     "virtual_server 192.0.2.1 80 {\n"
			     "  lvs_sched wlc\n"
			     "  lvs_method NAT\n"
			     "  protocol TCP\n"
			     "  real_server 127.0.0.1 9 {\n"
			     "    TCP_CHECK {\n"
			     "      connect_timeout 3\n"
			     "    }\n"
			     "  }\n"
			     "}\n";
static const char request[] = "{\"version\": 1, \"request\": \"timeouts\"}\n";

static char folder[64], path[96];
static struct lvs_model *model;

static void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	json_set_alloc_funcs(malloc, free); /* so that they are counted */
	snprintf(folder, sizeof(folder), "/tmp/lvs-refuse-%d", (int)getpid());
	snprintf(path, sizeof(path), "%s/control", folder);
	ck_assert_int_eq(mkdir(folder, 0755), 0);
	ck_assert_int_eq(lvs_config_parse(&model, "test", config,
					  strlen(config), NULL, 0, NULL, NULL),
			 0);
}

static void teardown(void)
{
	lvs_model_free(model);
	ck_assert_int_eq(rmdir(folder), 0);
}

/* ---- director */

static int open_director(struct lvs_director **director, char *message,
			 size_t size)
{
	return lvs_director_new(director, model, message, size, 1000);
}

static int run_director(char *message, size_t size)
{
	struct lvs_director *director = NULL;
	int result = open_director(&director, message, size);

	if (result == 0)
		result = lvs_director_reload(director, model, message, size,
					     1000);
	for (uint64_t now = 1000; now < 30000 && result >= 0; now += 1000) {
		result = lvs_director_dispatch(director, now, 0);
		if (result >= 0)
			result = lvs_worker_dispatch(
				lvs_director_worker(director, 0), now, 0);
	}
	if (result < 0 && message[0] == '\0')
		snprintf(message, size, "%s", lvs_strerror(result));
	lvs_director_free(director);
	return result;
}

START_TEST(a_director_that_the_kernel_refuses_says_so)
{
	ck_assert_uint_ge(refuse_flow(&(struct act){.act = run_director}), 50);
}
END_TEST

/* ---- the control socket; its peers are not disturbed */

static int peer(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	refuse_pause(true);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	memcpy(address.sun_path, path, strlen(path));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address,
				 sizeof(address)),
			 0);
	ck_assert_int_gt(send(fd, request, strlen(request), MSG_NOSIGNAL), 0);
	refuse_pause(false);
	return fd;
}

/* Lets the server work, then looks at what a peer got and leaves. */
static bool answered(struct lvs_control *control, int fd, uint64_t now,
		     bool pause)
{
	char text[1024] = "";
	bool done;

	refuse_pause(pause);
	for (int i = 0; i < 20; i++)
		lvs_control_dispatch(control, now + 200u * (unsigned int)i, 0);
	refuse_pause(true);
	done = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT) > 0 &&
	       strstr(text, "\"done\"") != NULL;
	close(fd);
	refuse_pause(false);
	return done;
}

static int serve(struct lvs_director *director, char *message, size_t size)
{
	struct lvs_control *control = NULL;
	int result =
		lvs_control_new(&control, director, path, NULL, message, size);
	bool second;

	if (result < 0)
		return result;
	(void)answered(control, peer(), 1000, false);
	second = answered(control, peer(), 10000, true);
	refuse_pause(true);
	ck_assert_msg(second, "%s: the next client gets no answer",
		      refuse_what());
	refuse_pause(false);
	lvs_control_free(control);
	return 0;
}

static int run_control(char *message, size_t size)
{
	struct lvs_director *director = NULL;
	int result;

	refuse_pause(true);
	ck_assert_int_eq(open_director(&director, message, size), 0);
	refuse_pause(false);
	result = serve(director, message, size);
	lvs_director_free(director);
	return result;
}

static void nothing_there(void)
{
	struct stat status;

	ck_assert_msg(stat(path, &status) < 0, "%s: the socket stays",
		      refuse_what());
}

START_TEST(a_control_socket_that_the_kernel_refuses_serves_the_next)
{
	struct act act = {.act = run_control,
			  .undo = nothing_there,
			  .once = true,
			  .no_memory = true};

	ck_assert_uint_ge(refuse_flow(&act), 50);
}
END_TEST

/* ---- a client; the server is a child */

static int collect(void *user, const char *text, size_t length)
{
	size_t *sum = user;

	(void)text;
	*sum += length;
	return 0;
}

static int run_client(char *message, size_t size)
{
	static const char *const words[] = {"-Ln"};
	struct lvs_client *client = NULL;
	size_t sum = 0;
	int result = lvs_client_new(&client, path, message, size);

	if (result == 0)
		result = lvs_client_run(client, words, 1, NULL, 0, collect,
					&sum, message, size);
	lvs_client_free(client);
	return result;
}

static uint64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* Serves until its parent closes the other end of `life`. */
static void be_server(int life)
{
	struct lvs_director *director = NULL;
	struct lvs_control *control = NULL;
	char message[REFUSE_TEXT];
	struct pollfd fds[2] = {{.fd = life, .events = POLLIN}};

	if (open_director(&director, message, sizeof(message)) < 0 ||
	    lvs_control_new(&control, director, path, NULL, message,
			    sizeof(message)) < 0)
		_exit(1);
	fds[1] = (struct pollfd){.fd = lvs_control_fd(control),
				 .events = POLLIN};
	while (fds[0].revents == 0) {
		poll(fds, 2, 50);
		lvs_control_dispatch(control, clock_ms(), 0);
		lvs_director_dispatch(director, clock_ms(), 0);
	}
	lvs_control_free(control);
	lvs_director_free(director);
	_exit(0);
}

START_TEST(a_client_that_the_kernel_refuses_says_so)
{
	char message[REFUSE_TEXT];
	int ends[2], status = -1;
	pid_t server;

	ck_assert_int_eq(pipe(ends), 0);
	server = fork();
	if (server == 0) {
		close(ends[1]);
		be_server(ends[0]);
	}
	close(ends[0]);
	for (int i = 0; i < 200 && run_client(message, sizeof(message)) < 0;
	     i++)
		usleep(20000);
	ck_assert_uint_ge(refuse_flow(&(struct act){.act = run_client,
						    .no_memory = true}),
			  20);
	close(ends[1]);
	ck_assert_int_eq(waitpid(server, &status, 0), server);
	ck_assert_int_eq(status, 0);
}
END_TEST

static Suite *refuse_suite(void)
{
	Suite *suite = suite_create("refuse");
	TCase *tcase = tcase_create("node");

	tcase_set_timeout(tcase, 60);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_director_that_the_kernel_refuses_says_so);
	tcase_add_test(
		tcase,
		a_control_socket_that_the_kernel_refuses_serves_the_next);
	tcase_add_test(tcase, a_client_that_the_kernel_refuses_says_so);
	suite_add_tcase(suite, tcase);
	return suite;
}

const struct unit units[] = {
	{"refuse", refuse_suite},
	{NULL, NULL},
};
