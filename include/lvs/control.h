/*
 * liblvs-director: the control socket. JSON, one object a line, over a UNIX
 * stream socket: requests in, replies and events out. lvs-control(7) is the
 * protocol.
 *
 * The socket has mode 0660; peers are checked by their credentials
 * (SO_PEERCRED) before anything is read from them. A client costs at most
 * 64 KiB; at most 64 at a time; a client that neither asks nor reads is
 * closed.
 */
#ifndef LVS_CONTROL_H
#define LVS_CONTROL_H

#include <lvs/director.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lvs_control;
struct lvs_client;

/*
 * Serves `director` on a socket at `path` (at most 107 bytes). `group` (a
 * name, may be NULL) owns it; root, the process's own user and members of the
 * group may ask. A socket left by a dead process is replaced.
 * 0, or what failed, with `message`: -EADDRINUSE: one is served there; -EEXIST:
 * what is there is no socket; -EACCES: it is another user's, or others may
 * write to its folder; -ENOENT: no such group; -EINVAL, -ENOMEM; and errno of
 * the system calls that open it.
 */
int lvs_control_new(struct lvs_control **control, struct lvs_director *director,
		    const char *path, const char *group, char *message,
		    size_t size);

/* Ends it and removes the socket. NULL is allowed. */
void lvs_control_free(struct lvs_control *control);

/*
 * Removes the socket that a killed process of this user left at `path`. 1: it
 * was there, 0: none is, or why what is there stays, with `message`
 * (-EADDRINUSE: it is served; -EEXIST: it is no socket; -EACCES, -EINVAL, and
 * errno of the system calls).
 */
int lvs_control_cleanup(const char *path, char *message, size_t size);

/* Tells an event to every client that subscribed. 0 or -EINVAL. */
int lvs_control_event(struct lvs_control *control,
		      const struct lvs_event *event);

/*
 * In a loop: fd, deadline, dispatch, as the monitor's, for at most `budget`
 * clients at once (0, or more than 64: 64).
 * dispatch: how many descriptors were looked at, or -EINVAL.
 */
int lvs_control_fd(const struct lvs_control *control);
uint64_t lvs_control_deadline(const struct lvs_control *control);
int lvs_control_dispatch(struct lvs_control *control, uint64_t now,
			 uint32_t budget);

/*
 * The other side: connects to a control socket. 0, or what failed, with
 * `message` (-ECONNREFUSED: no lvsd listens there; -EACCES, -EINVAL, -ENOMEM,
 * and errno of the system calls).
 */
int lvs_client_new(struct lvs_client **client, const char *path, char *message,
		   size_t size);
/* NULL is allowed. */
void lvs_client_free(struct lvs_client *client);

/*
 * Sends one request, ipvsadm's words or one of ours ("drain", "explain",
 * "events", "reasons"), without the program's name, and `input` (may be NULL)
 * for the words that read a text (-R). The answer is handed to `write` piece
 * by piece as text for a terminal, or as JSON lines where the words contain
 * --json; `write` returns 0, or < 0 to stop ("events" goes on until then).
 * Blocks, at most 10 seconds without any answer ("events": for ever).
 * 0 (`message` is a note on the change that was made, or ""), or the request's
 * error, with `message`, or that of the way there and back: -ETIMEDOUT,
 * -ECONNRESET: lvsd closed it; -EPROTO: no answer that is understood; -EINVAL,
 * -ENOMEM.
 */
int lvs_client_run(struct lvs_client *client, const char *const *words,
		   size_t count, const char *input, size_t length,
		   int (*write)(void *user, const char *text, size_t length),
		   void *user, char *message, size_t size);

#ifdef __cplusplus
}
#endif
#endif
