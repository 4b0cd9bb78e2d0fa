/*
 * A client: one request out, lines of its answer in.
 *
 * The socket never blocks; poll() waits, so that a server that says nothing
 * is left after ten seconds.
 */
#include "control/client.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static int say_connect(int error, const char *path, char *message, size_t size)
{
	if (error == -ENOENT || error == -ECONNREFUSED)
		return lvs__message(message, size, -ECONNREFUSED,
				    "lvsd does not run (nobody listens at %s); "
				    "start it (lvsd -f /etc/lvs/lvsd.conf) or "
				    "name its socket (--control)",
				    path);
	if (error == -EACCES)
		return lvs__message(message, size, error,
				    "%s: permission denied; root and the "
				    "control group may ask: try sudo",
				    path);
	return lvs__message_error(message, size, error, "%s", path);
}

LVS_EXPORT int lvs_client_new(struct lvs_client **out, const char *path,
			      char *message, size_t size)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct lvs_client *client;
	int error;

	if (out == NULL || path == NULL ||
	    strlen(path) >= sizeof(address.sun_path))
		return lvs__message(message, size, -EINVAL,
				    "no path of a control socket, or too long");
	client = calloc(1, sizeof(*client));
	if (client == NULL)
		return lvs__message_error(message, size, -ENOMEM, NULL);
	memcpy(address.sun_path, path, strlen(path));
	client->fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (client->fd < 0 ||
	    connect(client->fd, (const struct sockaddr *)&address,
		    sizeof(address)) < 0) {
		error = -errno;
		lvs_client_free(client);
		return say_connect(error, path, message, size);
	}
	*out = client;
	return 0;
}

LVS_EXPORT void lvs_client_free(struct lvs_client *client)
{
	if (client == NULL)
		return;
	if (client->fd >= 0)
		close(client->fd);
	free(client);
}

/* ---- waiting, at most ten seconds */

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int wait_for(const struct lvs_client *client, short what, bool forever)
{
	int64_t end = clock_ms() + LVS__CLIENT_WAIT;

	for (;;) {
		struct pollfd fd = {.fd = client->fd, .events = what};
		int64_t left = end - clock_ms();
		int result = poll(&fd, 1,
				  forever    ? -1
				  : left > 0 ? (int)left
					     : 0);

		if (result > 0)
			return 0;
		if (result == 0)
			return -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
}

static int send_all(const struct lvs_client *client, const char *text,
		    size_t length)
{
	while (length > 0) {
		ssize_t n = send(client->fd, text, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			int error = wait_for(client, POLLOUT, false);

			if (error < 0)
				return error;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

int lvs__client_send(const struct lvs_client *client, const json_t *object)
{
	char *text = json_dumps(object, JSON_COMPACT);
	size_t length;
	int error;

	if (text == NULL)
		return -ENOMEM;
	length = strlen(text);
	text[length] = '\n'; /* its NUL is not needed any more */
	error = send_all(client, text, length + 1);
	free(text);
	/* what the server said before it closed is worth more */
	return error == -EPIPE || error == -ECONNRESET ? 0 : error;
}

int lvs__client_read(struct lvs_client *client, char **line, size_t *length,
		     bool forever)
{
	client->length -= client->used;
	memmove(client->in, client->in + client->used, client->length);
	client->used = 0;
	for (;;) {
		char *end = memchr(client->in, '\n', client->length);
		ssize_t n;
		int error;

		if (end != NULL) {
			*line = client->in;
			*length = (size_t)(end - client->in);
			client->used = *length + 1;
			return 0;
		}
		if (client->length == sizeof(client->in))
			return -EPROTO;
		error = wait_for(client, POLLIN, forever);
		if (error < 0)
			return error;
		n = recv(client->fd, client->in + client->length,
			 sizeof(client->in) - client->length, 0);
		if (n == 0)
			return -ECONNRESET;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		if (n > 0)
			client->length += (size_t)n;
	}
}
