/*
 * Every function of the kernel's that the library calls, replaced by the linker
 * with one that counts and refuses what the test chose, with the errors that
 * its manual page names (and ENOSYS or EPERM, as a seccomp filter has them).
 */
#define _GNU_SOURCE
#include "refuse.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lvs/base.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "fault.h"

#define FLOW_ENDS 20000 /* a flow with more calls than this hangs */

static unsigned long failing, which_error, count;
static bool for_ever, came, paused;
static const char *failed_function;
static unsigned long error_count; /* of the function that failed */
static int failed_error;

/* The which-th error, beginning anew behind the last. */
static int choose(const int *errors)
{
	for (error_count = 0; errors[error_count] != 0;)
		error_count++;
	return errors[which_error % error_count];
}

/* Whether this call is to fail, and errno if it is. */
static bool refused(const char *function, const int *errors)
{
	if (failing == 0 || paused)
		return false;
	count++;
	if (count == failing) {
		came = true;
		failed_function = function;
		failed_error = choose(errors);
	} else if (!for_ever || !came ||
		   strcmp(function, failed_function) != 0) {
		return false;
	}
	errno = failed_error;
	return true;
}

#define WRAP(type, name, parameters, arguments, ...)                     \
	type __real_##name parameters;                                   \
	type __wrap_##name parameters;                                   \
	type __wrap_##name parameters                                    \
	{                                                                \
		static const int errors[] = {__VA_ARGS__, 0};            \
                                                                         \
		return refused(#name, errors) ? (type)-1                 \
					      : __real_##name arguments; \
	}

WRAP(int, socket, (int f, int t, int p), (f, t, p), EMFILE, ENFILE, ENOBUFS,
     EPERM, EACCES, EAFNOSUPPORT)
WRAP(int, accept4, (int fd, struct sockaddr *a, socklen_t *l, int f),
     (fd, a, l, f), EINTR, EAGAIN, ECONNABORTED, EMFILE, ENFILE, ENOMEM, EPERM)
WRAP(int, bind, (int fd, const struct sockaddr *a, socklen_t l), (fd, a, l),
     EADDRINUSE, EACCES, ENODEV, ENOMEM, EROFS, ENOSPC)
WRAP(int, connect, (int fd, const struct sockaddr *a, socklen_t l), (fd, a, l),
     EADDRNOTAVAIL, EAGAIN, ENETUNREACH, EPERM, EACCES, ENOMEM)
WRAP(int, listen, (int fd, int n), (fd, n), EADDRINUSE, ENOMEM)
WRAP(int, epoll_create1, (int f), (f), EMFILE, ENFILE, ENOMEM)
WRAP(int, epoll_ctl, (int e, int o, int fd, struct epoll_event *v),
     (e, o, fd, v), ENOMEM, ENOSPC)
WRAP(int, epoll_wait, (int e, struct epoll_event *v, int n, int t),
     (e, v, n, t), EINTR)
WRAP(int, eventfd, (unsigned int n, int f), (n, f), EMFILE, ENFILE, ENODEV)
WRAP(ssize_t, getrandom, (void *b, size_t n, unsigned int f), (b, n, f), EINTR,
     ENOSYS, EPERM)
WRAP(int, getsockname, (int fd, struct sockaddr *a, socklen_t *l), (fd, a, l),
     ENOBUFS)
WRAP(int, getsockopt, (int fd, int l, int o, void *v, socklen_t *n),
     (fd, l, o, v, n), ENOPROTOOPT, EPERM)
WRAP(int, setsockopt, (int fd, int l, int o, const void *v, socklen_t n),
     (fd, l, o, v, n), ENOPROTOOPT, EPERM, ENOMEM, EINVAL)
WRAP(int, poll, (struct pollfd * f, nfds_t n, int t), (f, n, t), EINTR, ENOMEM)
WRAP(ssize_t, read, (int fd, void *b, size_t n), (fd, b, n), EINTR, EAGAIN, EIO)
WRAP(ssize_t, write, (int fd, const void *b, size_t n), (fd, b, n), EINTR,
     EAGAIN)
WRAP(ssize_t, send, (int fd, const void *b, size_t n, int f), (fd, b, n, f),
     EINTR, EAGAIN, EACCES, ENOBUFS)
WRAP(ssize_t, recv, (int fd, void *b, size_t n, int f), (fd, b, n, f), EINTR,
     EAGAIN, ECONNRESET, ENOMEM)
WRAP(ssize_t, sendto,
     (int fd, const void *b, size_t n, int f, const struct sockaddr *a,
      socklen_t l),
     (fd, b, n, f, a, l), EINTR, ENOBUFS, EPERM, ENOMEM)
WRAP(ssize_t, sendmsg, (int fd, const struct msghdr *m, int f), (fd, m, f),
     EINTR, ENOBUFS, EPERM, EMSGSIZE)
WRAP(int, sendmmsg, (int fd, struct mmsghdr *m, unsigned int n, int f),
     (fd, m, n, f), EINTR, EAGAIN, ENOBUFS, ENETDOWN, EMSGSIZE)
WRAP(ssize_t, recvmsg, (int fd, struct msghdr *m, int f), (fd, m, f), EINTR,
     EAGAIN, ENOBUFS, ENOMEM)
WRAP(int, flock, (int fd, int o), (fd, o), EAGAIN, ENOLCK)
WRAP(int, fchmod, (int fd, mode_t m), (fd, m), EPERM, EROFS, EIO)
WRAP(int, fchmodat, (int d, const char *p, mode_t m, int f), (d, p, m, f),
     EPERM, EROFS, ENOENT)
WRAP(int, unlinkat, (int d, const char *p, int f), (d, p, f), EPERM, EROFS,
     EBUSY)
WRAP(int, fstat, (int fd, struct stat *s), (fd, s), EIO, EOVERFLOW)
WRAP(int, fstatat, (int d, const char *p, struct stat *s, int f), (d, p, s, f),
     EACCES, EIO, ELOOP)
WRAP(int, mkdir, (const char *p, mode_t m), (p, m), EACCES, ENOSPC, EROFS)

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	static const int errors[] = {EACCES, EMFILE, ENFILE, ENOTDIR, EIO, 0};
	mode_t mode;
	va_list list;

	va_start(list, flags);
	mode = (flags & O_CREAT) != 0 ? va_arg(list, mode_t) : 0;
	va_end(list);
	return refused("open", errors) ? -1 : __real_open(path, flags, mode);
}

void refuse_at(unsigned long nth, unsigned long which, bool always)
{
	count = 0;
	came = false;
	failed_function = "";
	failed_error = 0;
	which_error = which;
	for_ever = always;
	failing = nth;
}

bool refuse_end(void)
{
	failing = 0;
	return came;
}

void refuse_pause(bool pause)
{
	paused = pause;
}

const char *refuse_what(void)
{
	static char text[128];

	snprintf(text, sizeof(text), "%s: %s", failed_function,
		 strerror(failed_error));
	return text;
}

int refuse_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/* ---- flows */

/* What is held and open before a round. */
struct before {
	int descriptors;
	long held;
};

/* What holds after each round, whatever failed in it. */
static void judge(const struct before *before, int result, const char *message,
		  const char *what)
{
	int descriptors = refuse_descriptors();

	ck_assert_msg(descriptors == before->descriptors,
		      "%s: %d descriptors leak", what,
		      descriptors - before->descriptors);
	ck_assert_msg(fault_held() == before->held,
		      "%s: %ld pieces of memory leak", what,
		      fault_held() - before->held);
	if (result >= 0)
		return;
	ck_assert_msg(message[0] != '\0', "%s: %d without a message", what,
		      result);
	ck_assert_msg(strstr(message, "unknown error") == NULL &&
			      strstr(message, "success") == NULL,
		      "%s: the message is \"%s\"", what, message);
	ck_assert_msg(strcmp(lvs_strerror(result), "unknown error") != 0,
		      "%s: the error %d has no text", what, result);
}

static int do_it(const struct act *act, char *message, size_t size)
{
	message[0] = '\0';
	return act->act(message, size);
}

static void undo_it(const struct act *act)
{
	if (act->undo != NULL)
		act->undo();
}

/* One round; whether there was such a call. */
static bool round_of(const struct act *act, const struct before *before,
		     unsigned long nth, unsigned long which, bool always)
{
	char message[REFUSE_TEXT];
	int result;
	bool reached;

	refuse_at(nth, which, always);
	result = do_it(act, message, sizeof(message));
	reached = refuse_end();
	undo_it(act);
	judge(before, result, message, refuse_what());
	ck_assert_msg(result >= 0 || reached, "fails by itself: %d, %s", result,
		      message);
	ck_assert_msg(result >= 0 || failed_error != EINTR,
		      "%s (call %lu) is the end: %s", refuse_what(), nth,
		      message);
	return reached;
}

static bool memory_of(const struct act *act, const struct before *before,
		      unsigned long nth)
{
	char message[REFUSE_TEXT], what[64];
	int result;
	bool reached;

	fault_at(nth);
	result = do_it(act, message, sizeof(message));
	reached = fault_end() >= nth;
	undo_it(act);
	snprintf(what, sizeof(what), "allocation %lu", nth);
	judge(before, result, message, what);
	ck_assert_msg(result >= 0 || result == -ENOMEM,
		      "%s fails and the result is %d: %s", what, result,
		      message);
	return reached;
}

/* The nth call, by all of its errors. How many rounds; 0: no such call. */
static unsigned long call_of(const struct act *act, const struct before *before,
			     unsigned long nth)
{
	unsigned long rounds = 0, which = act->slow ? nth : 0;

	do {
		if (!round_of(act, before, nth, which, false))
			return rounds;
		rounds++;
		/* the kernel does not interrupt for ever */
		if (!act->slow && !act->once && failed_error != EINTR &&
		    failed_error != EAGAIN)
			rounds += round_of(act, before, nth, which, true);
		which++;
	} while (which < error_count && !act->slow);
	return rounds;
}

unsigned long refuse_flow(const struct act *act)
{
	struct before before;
	unsigned long rounds = 0, more, nth;
	char message[REFUSE_TEXT];

	/* what is opened once and kept is not a leak */
	ck_assert_msg(do_it(act, message, sizeof(message)) >= 0, "%s", message);
	undo_it(act);
	before.descriptors = refuse_descriptors();
	before.held = fault_held();
	for (nth = 1; (more = call_of(act, &before, nth)) > 0; nth++) {
		rounds += more;
		ck_assert_uint_lt(rounds, FLOW_ENDS);
	}
	if (act->no_memory)
		return rounds;
	for (nth = 1; memory_of(act, &before, nth); nth++)
		ck_assert_uint_lt(++rounds, FLOW_ENDS);
	return rounds;
}
