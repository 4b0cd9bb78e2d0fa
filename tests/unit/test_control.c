/*
 * The control socket: real sockets; clients that ask well, badly, slowly and
 * not at all. test_lists.c has what a good one is told.
 */
#include "unit.h"

#include <fcntl.h>
#include <jansson.h>
#include <lvs/rules.h>
#include <sys/file.h>
#include <sys/wait.h>

#include "served.h"
#include "slow.h"

/* ---- facts: who may, and where */

START_TEST(the_socket_is_closed_to_others_whatever_the_umask)
{
	struct stat status;

	lvs_control_free(control);
	umask(0);
	open_control();
	ck_assert_int_eq(lstat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode, S_IFSOCK | 0660);
	lvs_control_free(control);
	ck_assert_int_eq(lstat(path, &status), -1);
	umask(077);
	open_control();
	ck_assert_int_eq(lstat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode, S_IFSOCK | 0660);
}
END_TEST

/* A socket as a process that was killed leaves it. */
static void leave_socket(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	memcpy(address.sun_path, path, strlen(path));
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	close(fd);
}

START_TEST(a_live_socket_is_not_replaced_a_dead_one_is)
{
	struct lvs_control *second;

	start();
	ck_assert_int_eq(lvs_control_new(&second, director, path, NULL, message,
					 sizeof(message)),
			 -EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(message, "another lvsd runs there"));
	still_serves();
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	running = false;
	lvs_control_free(control);
	leave_socket();
	open_control();
}
END_TEST

static int cleanup(void)
{
	return lvs_control_cleanup(path, message, sizeof(message));
}

START_TEST(a_cleanup_takes_a_dead_socket_and_nothing_else)
{
	struct stat status;
	int fd;

	start();
	ck_assert_int_eq(cleanup(), -EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(message, "another lvsd runs there"));
	still_serves();
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	running = false;
	lvs_control_free(control);
	control = NULL;
	ck_assert_int_eq(cleanup(), 0);
	leave_socket();
	fd = open(folder, O_RDONLY | O_DIRECTORY);
	ck_assert_int_eq(flock(fd, LOCK_EX | LOCK_NB), 0);
	ck_assert_int_eq(cleanup(), -EADDRINUSE);
	ck_assert_ptr_nonnull(strstr(message, "is starting there"));
	ck_assert_int_eq(lstat(path, &status), 0);
	close(fd);
	ck_assert_int_eq(cleanup(), 1);
	ck_assert_int_eq(lstat(path, &status), -1);
	ck_assert_int_eq(symlink("target", path), 0);
	ck_assert_int_eq(cleanup(), -EEXIST);
	ck_assert_int_eq(unlink(path), 0);
	leave_socket();
	ck_assert_int_eq(chmod(folder, 0777), 0);
	ck_assert_int_eq(cleanup(), -EACCES);
	ck_assert_int_eq(chmod(folder, 0700), 0);
	ck_assert_int_eq(cleanup(), 1);
	ck_assert_int_eq(lvs_control_cleanup("/nowhere/at/all", message,
					     sizeof(message)),
			 0);
	ck_assert_int_eq(lvs_control_cleanup(NULL, NULL, 0), -EINVAL);
}
END_TEST

START_TEST(what_is_planted_in_its_place_is_refused)
{
	char target[96];
	struct stat status;
	FILE *file;

	lvs_control_free(control);
	control = NULL;
	snprintf(target, sizeof(target), "%s/target", folder);
	ck_assert_int_eq(symlink(target, path), 0);
	ck_assert_int_eq(lvs_control_new(&control, director, path, NULL,
					 message, sizeof(message)),
			 -EEXIST);
	ck_assert_int_eq(lstat(target, &status), -1);
	ck_assert_int_eq(unlink(path), 0);
	file = fopen(path, "w");
	ck_assert_ptr_nonnull(file);
	fclose(file);
	ck_assert_int_eq(lvs_control_new(&control, director, path, NULL,
					 message, sizeof(message)),
			 -EEXIST);
	ck_assert_int_eq(lstat(path, &status), 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(lvs_control_new(&control, director, path, NULL,
					 message, sizeof(message)),
			 -EEXIST);
	ck_assert_int_eq(unlink(path), 0);
	/* a folder that others may write to, without the sticky bit */
	ck_assert_int_eq(chmod(folder, 0777), 0);
	ck_assert_int_eq(lvs_control_new(&control, director, path, NULL,
					 message, sizeof(message)),
			 -EACCES);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	ck_assert_int_eq(lvs_control_new(&control, director, path, "no-such",
					 message, sizeof(message)),
			 -ENOENT);
}
END_TEST

/* What an unprivileged process sees: 0: connected and heard `text`. */
static int as_nobody(char *text, size_t size)
{
	int ends[2], status = 0;
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		struct sockaddr_un address = {.sun_family = AF_UNIX};
		int fd = socket(AF_UNIX, SOCK_STREAM, 0);

		memcpy(address.sun_path, path, strlen(path));
		if (setgid(65534) < 0 || setuid(65534) < 0)
			_exit(99);
		if (connect(fd, (struct sockaddr *)&address, sizeof(address)) <
		    0)
			_exit(errno);
		n = send(fd, "{\"version\": 1, \"request\": \"save\"}\n", 34,
			 MSG_NOSIGNAL);
		n = recv(fd, text, size, 0);
		if (n > 0)
			n = write(ends[1], text, (size_t)n);
		_exit(0);
	}
	close(ends[1]);
	n = read(ends[0], text, size - 1);
	text[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

START_TEST(an_unprivileged_peer_is_refused_unheard)
{
	char text[256];
	int result;

	start();
	result = as_nobody(text, sizeof(text));
	if (result == 99)
		return; /* nor root, nor is another user known here */
	ck_assert_int_eq(result, EACCES);
	/* even where the mode lets it in */
	ck_assert_int_eq(chmod(path, 0666), 0);
	ck_assert_int_eq(as_nobody(text, sizeof(text)), 0);
	ck_assert_ptr_nonnull(strstr(text, "permission denied; root"));
	still_serves();
}
END_TEST

/* ---- facts: bad clients */

START_TEST(random_bytes_do_no_harm)
{
	uint64_t seed = 4711;
	unsigned long count = rounds(300);
	char text[8192];

	start();
	for (unsigned long i = 0; i < count; i++) {
		static const char *const starts[] = {
			"",
			"{\"version\": 1, \"request\": \"",
			"{\"version\": 1, \"request\": \"rule\", \"words\": [",
			"{\"version\": 1, \"request\": \"list\", ",
		};
		uint8_t bytes[600];
		size_t length = below(&seed, sizeof(bytes)) + 1u;
		int fd = connect_raw();

		fill(&seed, bytes, length);
		if (i % 2 == 0)
			for (size_t n = 0; n < length; n++)
				bytes[n] =
					(uint8_t)("{}[]\",:\\u0e1 tr"[bytes[n] %
								      15]);
		put(fd, starts[i % 4]);
		send(fd, bytes, length, MSG_NOSIGNAL);
		send(fd, "\n", 1, MSG_NOSIGNAL);
		shutdown(fd, SHUT_WR);
		(void)get(fd, text, sizeof(text));
		close(fd);
	}
	still_serves();
}
END_TEST

START_TEST(a_wrong_request_says_what_is_wrong)
{
	static const struct {
		const char *request;
		const char *answer;
	} all[] = {
		{"[]\n", "a JSON object is expected, {...}"},
		{"{\n", "a JSON object is expected"},
		{"{}\n", "version 1 is spoken here"},
		{"{\"version\": 2, \"request\": \"list\"}\n",
		 "version 1 is spoken here"},
		{"{\"version\": 1}\n", "no such request: (none)"},
		{"{\"version\": 1, \"request\": \"nonsense\"}\n",
		 "no such request: nonsense"},
		{"{\"version\": 1, \"request\": \"save\", \"more\": 1}\n",
		 "more"},
		{"{\"version\": 1, \"request\": \"rule\", \"words\": [1]}\n",
		 "texts are expected"},
		{"{\"version\": 1, \"request\": \"rule\", \"words\": []}\n",
		 "1 to 64 are expected"},
		{"{\"version\": 1, \"request\": \"drain\"}\n", "protocol"},
		{"{\"version\": 1, \"version\": 1, \"request\": \"list\"}\n",
		 "a JSON object is expected"},
	};
	char text[1024];

	start();
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int fd = connect_raw();

		put(fd, all[i].request);
		ck_assert(get(fd, text, sizeof(text)));
		ck_assert_msg(strstr(text, all[i].answer) != NULL, "%s: %s",
			      all[i].request, text);
		ck_assert_ptr_nonnull(strstr(text, "\"error\""));
		close(fd);
	}
	still_serves();
}
END_TEST

START_TEST(a_request_may_come_byte_by_byte)
{
	const char *request = "{\"version\": 1, \"request\": \"timeouts\"}\n";
	char text[1024];
	int fd;

	start();
	fd = connect_raw();
	for (const char *at = request; *at != '\0'; at++) {
		ck_assert_int_eq(send(fd, at, 1, MSG_NOSIGNAL), 1);
		if (at == request + 20)
			usleep(20000);
	}
	ck_assert(get(fd, text, sizeof(text)));
	ck_assert_ptr_nonnull(strstr(text, "\"udp\": 300000"));
	/* and two in one piece */
	put(fd, "{\"version\": 1, \"request\": \"timeouts\"}\n"
		"{\"version\": 1, \"request\": \"nonsense\"}\n");
	ck_assert(get(fd, text, sizeof(text)));
	if (strstr(text, "nonsense") == NULL)
		ck_assert(get(fd, text, sizeof(text)));
	ck_assert_ptr_nonnull(strstr(text, "nonsense"));
	close(fd);
}
END_TEST

START_TEST(a_frame_of_100_mb_is_cut_off)
{
	static char piece[1 << 16];
	char text[1024];
	size_t sent = 0;
	int fd;

	memset(piece, 'x', sizeof(piece));
	start();
	fd = connect_raw();
	while (sent < 100u << 20) {
		ssize_t n = send(fd, piece, sizeof(piece), MSG_NOSIGNAL);

		if (n <= 0)
			break;
		sent += (size_t)n;
	}
	ck_assert_uint_lt(sent, 2u << 20);
	(void)get(fd, text, sizeof(text));
	close(fd);
	still_serves();
}
END_TEST

START_TEST(an_idle_client_is_closed_a_subscriber_is_not)
{
	char text[1024];
	int idle, subscriber;

	start();
	idle = connect_raw();
	subscriber = connect_raw();
	put(subscriber, "{\"version\": 1, \"request\": \"events\"}\n");
	ck_assert(get(subscriber, text, sizeof(text)));
	put(idle, "{\"half\": ");
	still_serves();
	__atomic_store_n(&skew, 31000, __ATOMIC_RELEASE);
	ck_assert_int_eq(recv(idle, text, sizeof(text), 0), 0);
	ck_assert_int_eq(say(rules[0]), 0);
	ck_assert_int_gt(recv(subscriber, text, sizeof(text), 0), 0);
	close(idle);
	close(subscriber);
}
END_TEST

START_TEST(the_65th_client_is_refused)
{
	char text[256];
	int fds[64], last;

	start();
	for (int i = 0; i < 64; i++) {
		fds[i] = connect_raw();
		put(fds[i], "{\"version\": 1, \"request\": \"timeouts\"}\n");
		ck_assert(get(fds[i], text, sizeof(text)));
	}
	last = connect_raw();
	ck_assert(get(last, text, sizeof(text)));
	ck_assert_ptr_nonnull(strstr(text, "too many clients"));
	close(last);
	close(fds[7]);
	usleep(50000);
	still_serves();
	for (int i = 0; i < 64; i++)
		if (i != 7)
			close(fds[i]);
}
END_TEST

START_TEST(a_client_that_dies_in_the_middle_is_forgotten)
{
	char text[100];

	start();
	for (int i = 0; i < 20; i++) {
		char rule[64];

		snprintf(rule, sizeof(rule), "-A -t 192.0.2.%d:80 -s rr",
			 i + 1);
		ck_assert_int_eq(say(rule), 0);
	}
	for (int i = 0; i < 50; i++) {
		int fd = connect_raw();

		for (int n = 0; n < 40; n++)
			put(fd, "{\"version\": 1, \"request\": \"list\"}\n");
		put(fd, "{\"version\": 1, \"request\": \"conns\"}\n");
		ck_assert_int_gt(recv(fd, text, (size_t)(i % 90) + 1, 0), 0);
		close(fd);
	}
	still_serves();
}
END_TEST

START_TEST(a_reader_that_never_reads_delays_nobody)
{
	static char text[1 << 20];
	uint64_t begun, lost = 0;
	size_t length = 0;
	ssize_t n;
	int fd, small = 1;

	start();
	fd = connect_raw();
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	put(fd, "{\"version\": 1, \"request\": \"events\"}\n");
	ck_assert(get(fd, text, sizeof(text)));
	begun = clock_now();
	for (int i = 0; i < 3000; i++)
		ck_assert_int_eq(say(i % 2 == 0 ? rules[0]
						: "-D -t 192.0.2.1:80"),
				 0);
	ck_assert_uint_lt(clock_now() - begun, 30000);
	/* what it missed it is told, by a number */
	do {
		n = recv(fd, text + length, sizeof(text) - 1 - length, 0);
		ck_assert_int_gt(n, 0);
		length += (size_t)n;
		text[length] = '\0';
	} while (strstr(text, "{\"lost\": ") == NULL);
	lost = strtoull(strstr(text, "{\"lost\": ") + 9, NULL, 10);
	ck_assert_uint_gt(lost, 10);
	ck_assert_uint_lt(lost, 3000);
	close(fd);
	still_serves();
}
END_TEST

START_TEST(a_subscriber_that_is_full_is_cut_after_a_while)
{
	char text[1024];
	int fd;

	start();
	fd = connect_raw();
	put(fd, "{\"version\": 1, \"request\": \"events\"}\n");
	ck_assert(get(fd, text, sizeof(text)));
	for (int i = 0; i < 3000; i++)
		ck_assert_int_eq(say(i % 2 == 0 ? rules[0]
						: "-D -t 192.0.2.1:80"),
				 0);
	__atomic_store_n(&skew, 31000, __ATOMIC_RELEASE);
	still_serves();
	usleep(100000);
	/* what the kernel holds comes, then the end */
	while (recv(fd, text, sizeof(text), 0) > 0)
		;
	ck_assert_int_eq(recv(fd, text, sizeof(text), 0), 0);
	close(fd);
}
END_TEST

/* One turn of all, by hand: what comes between two of them is certain. */
static void turn(uint64_t now)
{
	lvs_control_dispatch(control, now, 0);
	lvs_worker_dispatch(lvs_director_worker(director, 0), now, 0);
	lvs_director_dispatch(director, now, 0);
}

START_TEST(a_service_that_goes_before_its_list_begins_is_not_listed)
{
	static const char *const words[] = {"-A", "-t", "192.0.2.1:80", "-s",
					    "wlc"};
	static char text[1 << 16];
	uint64_t now = clock_now();
	struct lvs_model *empty;
	ssize_t n;
	int fd;

	ck_assert_int_eq(lvs_rules_apply(model, words, 5, NULL, 0), 0);
	ck_assert_int_eq(lvs_model_copy(&empty, model), 0);
	lvs_model_remove_service(empty, lvs_model_next_service(empty, NULL));
	ck_assert_int_eq(lvs_director_apply(director, model, NULL, 0, now), 1);
	fd = connect_raw();
	for (int i = 0; i < 3; i++)
		turn(++now);
	/* so many that the last one is taken up, and its answer is not begun */
	for (int i = 0; i < 255; i++)
		put(fd, "{\"version\": 1, \"request\": \"zero\"}\n");
	put(fd, "{\"version\": 1, \"request\": \"list\", "
		"\"protocol\": \"tcp\", \"virtual\": \"192.0.2.1:80\"}\n");
	lvs_control_dispatch(control, ++now, 0);
	ck_assert_int_eq(lvs_director_apply(director, empty, NULL, 0, now), 1);
	for (int i = 0; i < 10; i++)
		turn(now += 2000);
	/* all is answered: it comes in one piece */
	n = recv(fd, text, sizeof(text) - 1, 0);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	ck_assert_ptr_null(strstr(text, "\"service\""));
	ck_assert_ptr_nonnull(strstr(text, "removed before it was listed"));
	close(fd);
	lvs_model_free(empty);
}
END_TEST

/* ---- facts: no memory */

/* Of this thread: allocations that jansson gets before none; < 0: all. */
static __thread int left = -1;

static void *allocate(size_t size)
{
	if (left == 0)
		return NULL;
	left -= left > 0;
	return malloc(size);
}

START_TEST(a_client_without_memory_says_so)
{
	static const char *const lines[] = {
		"",
		"-L -t 192.0.2.1:80",
		"drain -t 192.0.2.1:80 -r 10.0.0.3:80",
		"-E -t 192.0.2.1:80 -s rr",
		"-R",
	};

	json_set_alloc_funcs(allocate, free);
	start();
	add_rules();
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		for (int n = 0; n < 200; n++) {
			int result;

			left = n;
			result = say_with(lines[i], "-C\n", &answer);
			left = -1;
			if (result == 0)
				break;
			/* jansson does not tell why an answer is unreadable */
			ck_assert_msg(strcmp(message,
					     result == -EPROTO
						     ? "lvsd's answer is not "
						       "understood"
						     : lvs_strerror(-ENOMEM)) ==
					      0,
				      "%s, %d: %d: %s", lines[i], n, result,
				      message);
		}
	}
	ck_assert_int_eq(say("-A -t \xff"), -EINVAL);
	ck_assert_str_eq(message, "rule: not UTF-8");
	json_set_alloc_funcs(malloc, free);
}
END_TEST

START_TEST(a_client_without_a_server_says_how_to_start_it)
{
	struct lvs_client *client;

	lvs_control_free(control);
	control = NULL;
	ck_assert_int_eq(lvs_client_new(&client, path, message,
					sizeof(message)),
			 -ECONNREFUSED);
	ck_assert_ptr_nonnull(strstr(message, "lvsd does not run"));
	ck_assert_int_eq(lvs_client_new(NULL, path, NULL, 0), -EINVAL);
	ck_assert_int_eq(lvs_client_run(NULL, NULL, 0, NULL, 0, collect, NULL,
					NULL, 0),
			 -EINVAL);
	ck_assert_int_eq(lvs_control_new(&control, NULL, path, NULL, NULL, 0),
			 -EINVAL);
	ck_assert_int_eq(lvs_control_dispatch(NULL, 0, 0), -EINVAL);
	lvs_client_free(NULL);
}
END_TEST

Suite *control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase = tcase_create("control");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase,
		       the_socket_is_closed_to_others_whatever_the_umask);
	tcase_add_test(tcase, a_live_socket_is_not_replaced_a_dead_one_is);
	tcase_add_test(tcase, a_cleanup_takes_a_dead_socket_and_nothing_else);
	tcase_add_test(tcase, what_is_planted_in_its_place_is_refused);
	tcase_add_test(tcase, an_unprivileged_peer_is_refused_unheard);
	tcase_add_test(tcase, random_bytes_do_no_harm);
	tcase_add_test(tcase, a_wrong_request_says_what_is_wrong);
	tcase_add_test(tcase, a_request_may_come_byte_by_byte);
	tcase_add_test(tcase, a_frame_of_100_mb_is_cut_off);
	tcase_add_test(tcase, an_idle_client_is_closed_a_subscriber_is_not);
	tcase_add_test(tcase, the_65th_client_is_refused);
	tcase_add_test(tcase, a_client_that_dies_in_the_middle_is_forgotten);
	tcase_add_test(tcase, a_reader_that_never_reads_delays_nobody);
	tcase_add_test(tcase, a_subscriber_that_is_full_is_cut_after_a_while);
	tcase_add_test(
		tcase,
		a_service_that_goes_before_its_list_begins_is_not_listed);
	tcase_add_test(tcase, a_client_without_memory_says_so);
	tcase_add_test(tcase, a_client_without_a_server_says_how_to_start_it);
	suite_add_tcase(suite, tcase);
	return suite;
}
