/*
 * Where a control socket stands; each `path` is the socket's.
 */
#ifndef LVS__FOLDER_H
#define LVS__FOLDER_H

#include <sys/un.h>

#include "control/control.h"

/* Whether a path may be a socket's: 0 or -EINVAL, with `message`. */
int lvs__folder_judge(const char *path, char *message, size_t size);

/* Writes what failed there. Returns `error`. */
int lvs__folder_fail(const char *path, int error, const char *what,
		     char *message, size_t size);

void lvs__folder_address(struct sockaddr_un *address, const char *path);

/* The folder's path; the name in it (a pointer into `path`). */
const char *lvs__folder_split(const char *path,
			      char folder[LVS__SOCKET_PATH + 1]);

/*
 * Locks an open folder until it is closed, if nobody else may write to it.
 * 0, or what is wrong, with `message`.
 */
int lvs__folder_lock(int folder, const char *path, char *message, size_t size);

/*
 * Takes away the socket that a dead process of ours left. 1: it was there, 0:
 * nothing is; or why what is there is not touched, with `message`.
 */
int lvs__folder_clear(int folder, const char *path, const char *name,
		      char *message, size_t size);

#endif
