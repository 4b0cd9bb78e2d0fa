/*
 * Signals, forks and calls from within: what a program around the library may
 * do at any moment.
 *
 * A timer interrupts the process a thousand times a second, so that every
 * system call that can be interrupted is; nothing may be lost for it. A child
 * that was forked may end every object, and the parent goes on. A function
 * that the library calls may call the library.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <lvs/config.h>
#include <lvs/control.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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

static struct lvs_model *model;
static struct lvs_director *director;
static struct lvs_control *control;
static pthread_t thread;
static uint32_t stop; /* __atomic */
static char folder[64], path[96], message[256];

static uint64_t clock_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void make_all(void)
{
	ck_assert_msg(lvs_director_new(&director, model, message,
				       sizeof(message), clock_now()) == 0,
		      "%s", message);
	ck_assert_msg(lvs_director_reload(director, model, message,
					  sizeof(message), clock_now()) > 0,
		      "%s", message);
	ck_assert_msg(lvs_control_new(&control, director, path, NULL, message,
				      sizeof(message)) == 0,
		      "%s", message);
}

static void end_all(void)
{
	lvs_control_free(control);
	lvs_director_free(director);
	control = NULL;
	director = NULL;
}

static void setup(void)
{
	signal(SIGPIPE, SIG_IGN);
	stop = 0;
	snprintf(folder, sizeof(folder), "/tmp/lvs-interrupt-%d",
		 (int)getpid());
	snprintf(path, sizeof(path), "%s/control", folder);
	ck_assert_int_eq(mkdir(folder, 0755), 0);
	ck_assert_msg(lvs_config_parse(&model, "test", config, strlen(config),
				       message, sizeof(message), NULL,
				       NULL) == 0,
		      "%s", message);
	make_all();
}

static void teardown(void)
{
	end_all();
	lvs_model_free(model);
	ck_assert_int_eq(rmdir(folder), 0);
}

/* The server in a thread; signals come to both threads. */
static void *serve(void *user)
{
	(void)user;
	while (__atomic_load_n(&stop, __ATOMIC_ACQUIRE) == 0) {
		struct pollfd fd = {.fd = lvs_control_fd(control),
				    .events = POLLIN};
		struct lvs_event event;

		poll(&fd, 1, 5);
		lvs_control_dispatch(control, clock_now(), 0);
		lvs_director_dispatch(director, clock_now(), 0);
		lvs_worker_dispatch(lvs_director_worker(director, 0),
				    clock_now(), 0);
		while (lvs_director_pop_event(director, &event,
					      sizeof(event)) == 1)
			lvs_control_event(control, &event);
	}
	return NULL;
}

static void start(void)
{
	ck_assert_int_eq(pthread_create(&thread, NULL, serve, NULL), 0);
}

static void end(void)
{
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
}

/* ---- interrupts */

static volatile sig_atomic_t interrupts;

static void interrupt(int number)
{
	(void)number;
	interrupts++;
}

static void storm(suseconds_t microseconds)
{
	struct itimerval often = {{0, microseconds}, {0, microseconds}};
	struct sigaction action = {.sa_handler = interrupt}; /* no restart */

	sigaction(SIGALRM, &action, NULL);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &often, NULL), 0);
}

static int collect(void *user, const char *text, size_t length)
{
	size_t *sum = user;

	(void)text;
	*sum += length;
	return 0;
}

static int ask(const char *const *words, size_t count, size_t *sum)
{
	struct lvs_client *client;
	int result = lvs_client_new(&client, path, message, sizeof(message));

	*sum = 0;
	if (result < 0)
		return result;
	result = lvs_client_run(client, words, count, NULL, 0, collect, sum,
				message, sizeof(message));
	lvs_client_free(client);
	return result;
}

START_TEST(a_client_loses_nothing_to_signals)
{
	static const char *const list[] = {"-Ln"};
	static const char *const connections[] = {"-Lnc"};
	size_t first, sum;

	start();
	ck_assert_msg(ask(list, 1, &first) == 0, "%s", message);
	storm(1000);
	for (int i = 0; i < 300; i++) {
		ck_assert_msg(ask(list, 1, &sum) == 0, "%s", message);
		ck_assert_uint_eq(sum, first);
		ck_assert_msg(ask(connections, 1, &sum) == 0, "%s", message);
	}
	while (interrupts < 100)
		ck_assert_msg(ask(list, 1, &sum) == 0, "%s", message);
	storm(0);
	end();
}
END_TEST

START_TEST(objects_are_made_and_ended_among_signals)
{
	storm(1000);
	for (int i = 0; i < 100 || interrupts < 100; i++) {
		end_all();
		make_all();
	}
	storm(0);
}
END_TEST

/* A server on loopback, and a monitor that checks it in real time. */
START_TEST(a_monitor_hears_of_its_servers_among_signals)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	socklen_t size = sizeof(addr);
	struct lvs_monitor_stats stats;
	struct lvs_check_event event;
	struct lvs_monitor *monitor;
	struct lvs_check *check;
	struct lvs_addr target;
	uint64_t until = clock_now() + 600;
	int ups = 0, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&addr, size), 0);
	ck_assert_int_eq(listen(fd, 512), 0);
	getsockname(fd, (struct sockaddr *)&addr, &size);
	ck_assert_int_eq(lvs_addr_parse(&target, "127.0.0.1"), 0);
	storm(1000);
	ck_assert_int_eq(lvs_monitor_new(&monitor), 0);
	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	lvs_check_set_target(check, &target, ntohs(addr.sin_port));
	lvs_check_set(check, LVS_CHECK_INTERVAL, 5);
	lvs_check_set(check, LVS_CHECK_JITTER, 0);
	ck_assert_int_eq(lvs_monitor_add_check(monitor, check, 1, clock_now()),
			 0);
	while (clock_now() < until) {
		struct pollfd wait = {.fd = lvs_monitor_fd(monitor),
				      .events = POLLIN};

		poll(&wait, 1, 2);
		ck_assert_int_ge(lvs_monitor_dispatch(monitor, clock_now(), 0),
				 0);
		while (lvs_monitor_pop_event(monitor, &event, sizeof(event)) ==
		       1)
			ups += event.state == LVS_CHECK_UP ? 1 : 1000;
	}
	storm(0);
	lvs_monitor_stats(monitor, &stats, sizeof(stats));
	ck_assert_int_eq(ups, 1);
	ck_assert_uint_eq(stats.failures, 0);
	ck_assert_uint_eq(stats.local_faults, 0);
	ck_assert_int_gt(interrupts, 100);
	lvs_monitor_free(monitor);
	close(fd);
}
END_TEST

/* ---- fork */

static int wait_for(pid_t child)
{
	int status = -1;

	ck_assert_int_eq(waitpid(child, &status, 0), child);
	return status;
}

START_TEST(a_forked_child_may_leave_and_the_parent_goes_on)
{
	static const char *const list[] = {"-Ln"};
	size_t sum;
	pid_t child = fork();

	if (child == 0)
		_exit(0);
	ck_assert_int_eq(wait_for(child), 0);
	start();
	ck_assert_msg(ask(list, 1, &sum) == 0, "%s", message);
	end();
}
END_TEST

/*
 * A child that ends the objects gives their memory and descriptors back, its
 * own. What is named in the file system is one for both: the socket's path
 * goes, as the header says of every end of a control; who is connected stays.
 */
START_TEST(a_forked_child_may_end_what_it_inherited)
{
	struct lvs_monitor *monitor;
	struct lvs_check *check;
	struct lvs_addr target;
	struct pollfd fd;
	pid_t child;

	ck_assert_int_eq(lvs_monitor_new(&monitor), 0);
	ck_assert_int_eq(lvs_check_new(&check, "tcp"), 0);
	ck_assert_int_eq(lvs_addr_parse(&target, "127.0.0.1"), 0);
	lvs_check_set_target(check, &target, 9);
	lvs_check_set(check, LVS_CHECK_JITTER, 0);
	lvs_check_set(check, LVS_CHECK_FALL, 1);
	ck_assert_int_eq(lvs_monitor_add_check(monitor, check, 1, 1000), 0);
	ck_assert_int_ge(lvs_monitor_dispatch(monitor, 1000, 0), 0);
	child = fork();
	if (child == 0) {
		lvs_monitor_free(monitor);
		lvs_director_free(director);
		_exit(0);
	}
	ck_assert_int_eq(wait_for(child), 0);
	/* the attempt that was under way still comes to its end here */
	for (uint64_t now = 1000; now < 3000; now += 100) {
		struct lvs_check_event event;

		fd = (struct pollfd){.fd = lvs_monitor_fd(monitor),
				     .events = POLLIN};
		poll(&fd, 1, 1);
		ck_assert_int_ge(lvs_monitor_dispatch(monitor, now, 0), 0);
		if (lvs_monitor_pop_event(monitor, &event, sizeof(event)) != 1)
			continue;
		ck_assert_uint_eq(event.state, LVS_CHECK_DOWN);
		ck_assert_uint_eq(event.cause, LVS_CAUSE_REFUSED);
		lvs_monitor_free(monitor);
		ck_assert_int_ge(lvs_director_dispatch(director, clock_now(),
						       0),
				 0);
		return;
	}
	ck_abort_msg("the monitor heard nothing");
}
END_TEST

START_TEST(no_descriptor_outlives_an_exec)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int seen = 0;

	start();
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		char link[64], target[256] = "";
		int fd = atoi(entry->d_name);

		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		if (entry->d_name[0] == '.' || fd < 3 || fd == dirfd(dir) ||
		    readlink(link, target, sizeof(target) - 1) < 0)
			continue;
		/* files are the test program's own output */
		if (strncmp(target, "socket:", 7) != 0 &&
		    strncmp(target, "anon_inode:", 11) != 0)
			continue;
		seen++;
		ck_assert_msg((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0,
			      "%s would be inherited", target);
		/* an epoll has no file status worth setting */
		if (strncmp(target, "socket:", 7) == 0)
			ck_assert_msg((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0,
				      "%s would block", target);
	}
	closedir(dir);
	ck_assert_int_ge(seen, 4);
	end();
}
END_TEST

/* ---- calls from within */

struct within {
	struct lvs_model *read; /* made inside the callback */
	uint32_t calls;
};

static const char odd[] = "global_defs {\n  router_id x\n}\n";

static void warn(void *user, int kind, const char *line)
{
	struct within *w = user;

	ck_assert_uint_gt(strlen(line), 0);
	ck_assert_int_eq(kind, LVS_CONFIG_NO_EFFECT);
	if (w->calls++ > 0)
		return;
	ck_assert_int_eq(lvs_config_parse(&w->read, "inner", config,
					  strlen(config), NULL, 0, NULL, NULL),
			 0);
	ck_assert_int_gt(lvs_config_print(w->read, NULL, 0), 0);
	lvs_model_free(w->read);
}

START_TEST(a_warning_may_read_another_configuration)
{
	struct within w = {0};
	struct lvs_model *outer;

	ck_assert_msg(lvs_config_parse(&outer, "outer", odd, strlen(odd),
				       message, sizeof(message), warn, &w) == 0,
		      "%s", message);
	ck_assert_uint_gt(w.calls, 0);
	lvs_model_free(outer);
}
END_TEST

static int write_within(void *user, const char *text, size_t length)
{
	static const char *const list[] = {"-Ln", "--timeout"};
	struct within *w = user;
	size_t sum;

	(void)text;
	(void)length;
	if (w->calls++ == 0)
		ck_assert_msg(ask(list, 1, &sum) == 0, "%s", message);
	return 0;
}

static int write_never(void *user, const char *text, size_t length)
{
	struct within *w = user;

	(void)text;
	(void)length;
	w->calls++;
	return -ECANCELED;
}

START_TEST(a_writer_may_ask_another_client_or_stop)
{
	static const char *const list[] = {"-Ln"};
	struct lvs_client *client;
	struct within w = {0};

	start();
	ck_assert_int_eq(lvs_client_new(&client, path, NULL, 0), 0);
	ck_assert_msg(lvs_client_run(client, list, 1, NULL, 0, write_within, &w,
				     message, sizeof(message)) == 0,
		      "%s", message);
	ck_assert_uint_gt(w.calls, 0);
	/* the same connection asks again */
	w.calls = 0;
	ck_assert_int_eq(lvs_client_run(client, list, 1, NULL, 0, write_within,
					&w, message, sizeof(message)),
			 0);
	lvs_client_free(client);
	w.calls = 0;
	ck_assert_int_eq(lvs_client_new(&client, path, NULL, 0), 0);
	(void)lvs_client_run(client, list, 1, NULL, 0, write_never, &w, message,
			     sizeof(message));
	ck_assert_uint_eq(w.calls, 1);
	lvs_client_free(client);
	end();
}
END_TEST

Suite *interrupt_suite(void)
{
	Suite *suite = suite_create("interrupt");
	TCase *tcase = tcase_create("interrupt");

	tcase_set_timeout(tcase, 20);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_client_loses_nothing_to_signals);
	tcase_add_test(tcase, objects_are_made_and_ended_among_signals);
	tcase_add_test(tcase, a_monitor_hears_of_its_servers_among_signals);
	tcase_add_test(tcase, a_forked_child_may_leave_and_the_parent_goes_on);
	tcase_add_test(tcase, a_forked_child_may_end_what_it_inherited);
	tcase_add_test(tcase, no_descriptor_outlives_an_exec);
	tcase_add_test(tcase, a_warning_may_read_another_configuration);
	tcase_add_test(tcase, a_writer_may_ask_another_client_or_stop);
	suite_add_tcase(suite, tcase);
	return suite;
}
