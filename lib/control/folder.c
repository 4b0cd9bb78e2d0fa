/*
 * The folder of a control socket, and what a dead process left in it.
 *
 * The folder must not be writable by others, so that nothing is changed under
 * our hands; it is locked while we work in it, so that of two who start at
 * once one looks after the other has bound. Only a socket of ours that nobody
 * listens on is taken away; a link, a file, another user's socket stay.
 */
#include "config.h"

#include "control/folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

int lvs__folder_judge(const char *path, char *message, size_t size)
{
	if (path == NULL || path[0] == '\0')
		return lvs__message(message, size, -EINVAL,
				    "control socket: no path");
	if (strlen(path) > LVS__SOCKET_PATH)
		return lvs__message(message, size, -EINVAL,
				    "control socket: the path is longer than "
				    "%d bytes",
				    LVS__SOCKET_PATH);
	return 0;
}

int lvs__folder_fail(const char *path, int error, const char *what,
		     char *message, size_t size)
{
	return lvs__message_error(message, size, error, "control socket %s: %s",
				  path, what);
}

void lvs__folder_address(struct sockaddr_un *address, const char *path)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
}

const char *lvs__folder_split(const char *path,
			      char folder[LVS__SOCKET_PATH + 1])
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL) {
		snprintf(folder, LVS__SOCKET_PATH + 1, ".");
		return path;
	}
	snprintf(folder, LVS__SOCKET_PATH + 1, "%.*s",
		 slash == path ? 1 : (int)(slash - path), path);
	return slash + 1;
}

int lvs__folder_lock(int folder, const char *path, char *message, size_t size)
{
	struct stat status;

	if (fstat(folder, &status) < 0)
		return lvs__folder_fail(path, -errno, "its folder", message,
					size);
	if ((status.st_uid != 0 && status.st_uid != geteuid()) ||
	    ((status.st_mode & 022) != 0 && (status.st_mode & S_ISVTX) == 0))
		return lvs__message(message, size, -EACCES,
				    "control socket %s: others may write to "
				    "its folder",
				    path);
	if (flock(folder, LOCK_EX | LOCK_NB) < 0)
		return lvs__message(message, size, -EADDRINUSE,
				    "control socket %s: another lvsd is "
				    "starting there",
				    path);
	return 0;
}

/* 1: somebody listens there; 0: nobody; or an error. */
static int is_live(const char *path)
{
	struct sockaddr_un address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int result = 1;

	if (fd < 0)
		return -errno;
	lvs__folder_address(&address, path);
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		result = errno == ECONNREFUSED ? 0
			 : errno == EAGAIN     ? 1
					       : -errno;
	close(fd);
	return result;
}

int lvs__folder_clear(int folder, const char *path, const char *name,
		      char *message, size_t size)
{
	struct stat status;
	int live;

	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : lvs__folder_fail(path, -errno, "look",
							  message, size);
	if (!S_ISSOCK(status.st_mode))
		return lvs__message(message, size, -EEXIST,
				    "control socket %s: something that is no "
				    "socket is there; it is not touched",
				    path);
	if (status.st_uid != geteuid())
		return lvs__message(message, size, -EACCES,
				    "control socket %s: belongs to another "
				    "user; it is not touched",
				    path);
	live = is_live(path);
	if (live < 0)
		return lvs__folder_fail(path, live, "look", message, size);
	if (live == 1)
		return lvs__message(message, size, -EADDRINUSE,
				    "control socket %s: another lvsd runs "
				    "there",
				    path);
	if (unlinkat(folder, name, 0) < 0)
		return lvs__folder_fail(path, -errno, "remove the old one",
					message, size);
	return 1;
}

LVS_EXPORT int lvs_control_cleanup(const char *path, char *message, size_t size)
{
	char folder[LVS__SOCKET_PATH + 1];
	const char *name;
	int fd, result = lvs__folder_judge(path, message, size);

	if (result < 0)
		return result;
	name = lvs__folder_split(path, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return lvs__folder_fail(path, -errno, "its folder", message,
					size);
	result = lvs__folder_lock(fd, path, message, size);
	if (result == 0)
		result = lvs__folder_clear(fd, path, name, message, size);
	close(fd); /* and with it the lock */
	return result;
}
