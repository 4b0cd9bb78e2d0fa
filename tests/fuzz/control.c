/*
 * The control socket under a client that sends any bytes, in pieces, to a real
 * server: the first byte of a piece says how long it is.
 *
 * What must hold: every line that comes back is a JSON object; after it the
 * node can be emptied, and a new client is served.
 *
 * The server is in a network namespace of its own, so that the checks of what
 * a client adds reach nobody.
 */
#include "config.h" /* unshare() is the C library's extension */

#include <fcntl.h>
#include <jansson.h>
#include <lvs/control.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fuzz.h"

#define ROUNDS 8
#define ANSWER (1u << 20)

static struct lvs_director *director;
static struct lvs_control *control;
static struct lvs_model *empty;
static char folder[64];
static struct sockaddr_un place = {.sun_family = AF_UNIX};
static uint64_t now = 1000;
static char answer[ANSWER + 1];
static size_t answered;

static void end(void)
{
	lvs_control_free(control);
	lvs_director_free(director);
	lvs_model_free(empty);
	rmdir(folder);
}

static void begin(void)
{
	char message[256] = "";

	must(unshare(CLONE_NEWNET) == 0 ||
		     unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0,
	     "a network namespace can be made here");
	snprintf(folder, sizeof(folder), "/tmp/lvs-fuzz-%d", (int)getpid());
	snprintf(place.sun_path, sizeof(place.sun_path), "%s/control", folder);
	must(mkdir(folder, 0700) == 0, "a folder can be made in /tmp");
	must(lvs_model_new(&empty) == 0, "there is memory");
	lvs_model_set_text(empty, LVS_MODEL_BACKEND, "none");
	lvs_model_set(empty, LVS_MODEL_CONNECTIONS, 64);
	must(lvs_director_new(&director, empty, message, sizeof(message),
			      now) == 0 &&
		     lvs_control_new(&control, director, place.sun_path, NULL,
				     message, sizeof(message)) == 0,
	     message);
	atexit(end);
}

static void serve(void)
{
	struct lvs_event event;

	lvs_control_dispatch(control, now, 0);
	lvs_director_dispatch(director, now, 0);
	lvs_worker_dispatch(lvs_director_worker(director, 0), now, 0);
	while (lvs_director_pop_event(director, &event, sizeof(event)) == 1)
		lvs_control_event(control, &event);
}

static void listen_to(int fd)
{
	ssize_t got;

	while (answered < ANSWER) {
		got = recv(fd, answer + answered, ANSWER - answered,
			   MSG_DONTWAIT);
		if (got <= 0)
			return;
		answered += (size_t)got;
	}
}

static void check_answer(void)
{
	char *line = answer, *end_of_line;

	answer[answered] = '\0';
	while ((end_of_line = strchr(line, '\n')) != NULL) {
		json_error_t error;
		json_t *object = json_loadb(line, (size_t)(end_of_line - line),
					    0, &error);

		must(json_is_object(object), "an answer is a JSON object");
		json_decref(object);
		line = end_of_line + 1;
	}
}

static void converse(int fd, struct bytes *in)
{
	answered = 0;
	while (in->left > 0) {
		size_t piece = (size_t)take8(in) * 4 + 1;

		if (piece > in->left)
			piece = in->left;
		if (send(fd, in->at, piece, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			break;
		in->at += piece;
		in->left -= piece;
		serve();
		listen_to(fd);
	}
	for (int i = 0; i < ROUNDS; i++) {
		serve();
		listen_to(fd);
	}
	check_answer();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = {data, size};
	char message[256] = "";
	int fd;

	if (control == NULL)
		begin();
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(fd >= 0 &&
		     connect(fd, (struct sockaddr *)&place, sizeof(place)) == 0,
	     "the server takes a client");
	serve();
	converse(fd, &in);
	close(fd);
	now += 10;
	serve();
	must(lvs_director_apply(director, empty, message, sizeof(message),
				now) >= 0,
	     "the node can be emptied");
	return 0;
}
