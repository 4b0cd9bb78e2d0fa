/*
 * What hangs on the lvs_backend block, settled once all is read: what of a
 * virtual_server does, which may stand before it, and what this host must have
 * for the control socket, of which the last word holds.
 */
#include "config/reader.h"

#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/stat.h>

static void settle_resets(struct lvs__reader *reader,
			  const struct lvs__pending *pending)
{
	const uint64_t *values = reader->backend.values;

	for (int i = 0; i < 2; i++)
		if (pending->unsaid[i] &&
		    values[LVS__RESETS + i] != LVS__UNSAID)
			(void)lvs_model_set_service(reader->model,
						    pending->service,
						    LVS_SETTING_RESETS + i,
						    values[LVS__RESETS + i]);
}

/* A server that has another service's address: the file says both. */
static int judge(struct lvs__reader *reader)
{
	struct lvs__model_local local;
	char words[LVS__LOCAL_WORDS];
	int found = lvs__model_find_local(reader->model, &local);

	if (found < 0)
		return lvs__message_error(reader->lexer.message,
					  reader->lexer.size, found, NULL);
	if (found == 0)
		return 0;
	return lvs__message(reader->lexer.message, reader->lexer.size, -EINVAL,
			    "%s: found %s; that service is in %s",
			    lvs__model_dest_place(local.dest),
			    lvs__model_tell_local(words, &local),
			    lvs__model_service_place(local.at));
}

/* ---- the control socket */

/* Cuts the last name off a path, with the slashes before it. */
static void cut_name(char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] != '/')
		length--;
	while (length > 1 && path[length - 1] == '/')
		length--;
	path[length] = '\0';
}

/* Its folder, or one where the folder can be made, as a start does it. */
static bool has_folder(const char *path)
{
	char folder[LVS__SOCKET_PATH + 1];
	struct stat status;
	int error;

	(void)lvs__message(folder, sizeof(folder), 0, "%s", path);
	cut_name(folder);
	error = stat(folder, &status);
	if (error < 0) {
		cut_name(folder);
		error = stat(folder, &status);
	}
	return error == 0 && S_ISDIR(status.st_mode);
}

/* A host that cannot say is not one without the group. */
static bool has_group(const char *name)
{
	struct group group, *found = NULL;
	char buffer[16384];

	return getgrnam_r(name, &group, buffer, sizeof(buffer), &found) != 0 ||
	       found != NULL;
}

static void judge_control(struct lvs__reader *reader)
{
	const char *path = lvs_model_get_text(reader->model, LVS_MODEL_CONTROL);
	const char *group = lvs_model_get_text(reader->model, LVS_MODEL_GROUP);

	if (reader->warn == NULL)
		return;
	if (path != NULL && !has_folder(path))
		lvs__reader_warn(reader, LVS_CONFIG_NO_FOLDER,
				 &reader->control_place,
				 "there is no folder for the control socket %s "
				 "on this host",
				 path);
	if (group != NULL && !has_group(group))
		lvs__reader_warn(reader, LVS_CONFIG_NO_GROUP,
				 &reader->group_place,
				 "there is no group %s on this host", group);
}

/* ---- all of it */

int lvs__reader_settle(struct lvs__reader *reader)
{
	const struct lvs_service *own = reader->own;
	int error;

	for (size_t n = 0; n < reader->pending_count; n++)
		settle_resets(reader, &reader->pending[n]);
	if (own != NULL &&
	    lvs__model_serves_itself(reader->model, own, &own->addr))
		return lvs__lexer_error(&reader->lexer, &reader->own_place,
					-EINVAL, "found %s",
					LVS__SERVES_ITSELF);
	error = judge(reader);
	if (error == 0)
		judge_control(reader);
	return error;
}
