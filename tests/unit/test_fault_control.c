/*
 * The control socket, its client and the libev adapter when memory runs out.
 */
#include "config.h"

#include "unit.h"

#include <lvs/control.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fault.h"
#ifdef LVS_WITH_EV
#include <ev.h>
#include <lvs/ev.h>
#endif

struct scene {
	char folder[64];
	char path[80];
	struct lvs_director *director;
	struct lvs_control *control;
	struct lvs_client *client;
};

static void *make_director(void)
{
	static struct scene scene;
	struct lvs_model *model;

	memset(&scene, 0, sizeof(scene));
	snprintf(scene.folder, sizeof(scene.folder), "/tmp/lvs-fault-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(scene.folder));
	snprintf(scene.path, sizeof(scene.path), "%s/socket", scene.folder);
	ck_assert_int_eq(lvs_model_new(&model), 0);
	lvs_model_set(model, LVS_MODEL_CONNECTIONS, 100);
	lvs_model_set_text(model, LVS_MODEL_BACKEND, "none");
	ck_assert_int_eq(lvs_director_new(&scene.director, model, NULL, 0, 1),
			 0);
	lvs_model_free(model);
	return &scene;
}

static void end(void *object)
{
	struct scene *scene = object;

	lvs_client_free(scene->client);
	lvs_control_free(scene->control);
	lvs_director_free(scene->director);
	ck_assert_int_eq(rmdir(scene->folder), 0);
}

static int open_control(void *object)
{
	struct scene *scene = object;

	return lvs_control_new(&scene->control, scene->director, scene->path,
			       NULL, NULL, 0);
}

/* Nothing is left behind in the file system either. */
static void print_socket(void *object, char *text, size_t size)
{
	struct scene *scene = object;

	snprintf(text, size, "the socket exists: %d",
		 access(scene->path, F_OK) == 0);
}

static void *make_control(void)
{
	struct scene *scene = make_director();

	ck_assert_int_eq(open_control(scene), 0);
	return scene;
}

static int open_client(void *object)
{
	struct scene *scene = object;

	return lvs_client_new(&scene->client, scene->path, NULL, 0);
}

START_TEST(a_control_socket_is_opened_whole_or_not)
{
	fault_flow(&(struct flow){.make = make_director,
				  .act = open_control,
				  .end = end});
}
END_TEST

START_TEST(a_client_connects_whole_or_not)
{
	fault_flow(
		&(struct flow){make_control, open_client, print_socket, end});
}
END_TEST

/* ---- a text to restore that finds no memory */

/* Sends a request by hand, has it answered, and gives the error in it. */
static int restore(struct scene *scene, int fd, unsigned long nth)
{
	const char *request = "{\"version\": 1, \"request\": \"restore\", "
			      "\"text\": \"-C\\n\"}\n";
	char text[1024], *error;
	ssize_t n = send(fd, request, strlen(request), MSG_NOSIGNAL);

	fault_at(nth);
	lvs_control_dispatch(scene->control, 1, 0);
	fault_end();
	if (n > 0)
		n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	ck_assert_int_gt(n, 0);
	text[n] = '\0';
	error = strstr(text, "\"error\": ");
	return error != NULL ? -atoi(error + 9) : 0;
}

START_TEST(a_restore_without_memory_says_so)
{
	struct scene *scene = make_control();
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0), error = -1;
	unsigned long nth;

	memcpy(address.sun_path, scene->path, strlen(scene->path));
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&address,
				 sizeof(address)),
			 0);
	lvs_control_dispatch(scene->control, 1, 0);
	for (nth = 1; error != 0; nth++) {
		error = restore(scene, fd, nth);
		ck_assert_msg(error == 0 || error == -ENOMEM, "%lu: %d", nth,
			      error);
	}
	ck_assert_uint_gt(nth, 2);
	close(fd);
	end(scene);
}
END_TEST

#ifdef LVS_WITH_EV
static int attach(void *object)
{
	struct scene *scene = object;
	struct ev_loop *loop = ev_loop_new(0);
	struct lvs_ev *watch = NULL;
	int result = lvs_ev_attach_director(&watch, loop, scene->director, NULL,
					    NULL);

	lvs_ev_free(watch);
	ev_loop_destroy(loop);
	return result;
}

START_TEST(a_watch_is_made_whole_or_not)
{
	fault_flow(&(struct flow){make_director, attach, print_socket, end});
}
END_TEST
#endif

Suite *fault_control_suite(void)
{
	Suite *suite = suite_create("control");
	TCase *tcase = tcase_create("control");

	tcase_add_test(tcase, a_control_socket_is_opened_whole_or_not);
	tcase_add_test(tcase, a_client_connects_whole_or_not);
	tcase_add_test(tcase, a_restore_without_memory_says_so);
#ifdef LVS_WITH_EV
	tcase_add_test(tcase, a_watch_is_made_whole_or_not);
#endif
	suite_add_tcase(suite, tcase);
	return suite;
}
