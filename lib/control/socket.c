/*
 * How the control socket opens, and who may use it.
 *
 * The socket is born with no access for others, whatever the umask: bind()
 * takes the mode of the unbound socket (fchmod() before). folder.c sees to
 * where it stands.
 */
#include "config.h"

#include "control/folder.h"

#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define BACKLOG 64
#define PEER_GROUPS 1024 /* of a peer; more is no member */

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

static int fail(const struct lvs_control *control, int error, const char *what,
		char *message, size_t size)
{
	return lvs__folder_fail(control->path, error, what, message, size);
}

static int open_folder(struct lvs_control *control, const char *path,
		       char *message, size_t size)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error;

	if (folder < 0 && errno == ENOENT && mkdir(path, 0750) == 0) {
		control->made_folder = true;
		if (control->has_group &&
		    chown(path, (uid_t)-1, control->group) < 0)
			return fail(control, -errno, "its folder", message,
				    size);
		folder = open(path,
			      O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	}
	if (folder < 0)
		return fail(control, -errno, "its folder", message, size);
	error = lvs__folder_lock(folder, control->path, message, size);
	if (error < 0) {
		close(folder);
		return error;
	}
	return folder;
}

/* What is done to the socket once it is there. */
static int dress(struct lvs_control *control, int folder, const char *name,
		 char *message, size_t size)
{
	struct stat status;

	if (fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(control, -errno, "look", message, size);
	control->device = status.st_dev;
	control->inode = status.st_ino;
	if (control->has_group &&
	    fchownat(folder, name, (uid_t)-1, control->group,
		     AT_SYMLINK_NOFOLLOW) < 0)
		return fail(control, -errno, "give it to the group", message,
			    size);
	if (fchmodat(folder, name, 0660, 0) < 0 ||
	    listen(control->listener, BACKLOG) < 0)
		return fail(control, -errno, "listen", message, size);
	return 0;
}

static int bind_in(struct lvs_control *control, int folder, const char *name,
		   char *message, size_t size)
{
	struct sockaddr_un address;
	int error;

	lvs__folder_address(&address, control->path);
	if (fchmod(control->listener, 0600) < 0 ||
	    bind(control->listener, (const struct sockaddr *)&address,
		 sizeof(address)) < 0)
		return fail(control, -errno, "bind", message, size);
	error = dress(control, folder, name, message, size);
	if (error < 0) /* it is ours: the folder is locked */
		(void)unlinkat(folder, name, 0);
	return error;
}

static int find_group(struct lvs_control *control, const char *name,
		      char *message, size_t size)
{
	struct group group, *found = NULL;
	char buffer[16384];

	if (name == NULL)
		return 0;
	if (getgrnam_r(name, &group, buffer, sizeof(buffer), &found) != 0 ||
	    found == NULL)
		return lvs__message(message, size, -ENOENT,
				    "control socket %s: no group \"%s\"",
				    control->path, name);
	control->has_group = true;
	control->group = found->gr_gid;
	return 0;
}

int lvs__socket_open(struct lvs_control *control, const char *group,
		     char *message, size_t size)
{
	char path[sizeof(control->path)];
	const char *name = lvs__folder_split(control->path, path);
	int error = find_group(control, group, message, size);
	int folder;

	if (error < 0)
		return error;
	folder = open_folder(control, path, message, size);
	if (folder < 0)
		return folder;
	error = lvs__folder_clear(folder, control->path, name, message, size);
	if (error >= 0) {
		control->listener =
			socket(AF_UNIX,
			       SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		error = control->listener < 0
				? fail(control, -errno, "open", message, size)
				: bind_in(control, folder, name, message, size);
	}
	close(folder); /* and with it the lock */
	return error;
}

void lvs__socket_close(struct lvs_control *control)
{
	char folder[sizeof(control->path)];
	struct stat status;

	if (control->listener >= 0)
		close(control->listener);
	if (control->inode != 0 && lstat(control->path, &status) == 0 &&
	    status.st_dev == control->device && status.st_ino == control->inode)
		(void)unlink(control->path);
	if (control->made_folder) {
		(void)lvs__folder_split(control->path, folder);
		(void)rmdir(folder);
	}
}

static bool in_group(const struct lvs_control *control, int fd, gid_t first)
{
	gid_t groups[PEER_GROUPS];
	socklen_t length = sizeof(groups);

	if (!control->has_group)
		return false;
	if (first == control->group)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0)
		return false;
	for (size_t i = 0; i < length / sizeof(groups[0]); i++)
		if (groups[i] == control->group)
			return true;
	return false;
}

bool lvs__socket_allowed(const struct lvs_control *control, int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return false;
	return peer.uid == 0 || peer.uid == geteuid() ||
	       in_group(control, fd, peer.gid);
}
