/*
 * The files of a configuration: opening, including, bounds.
 *
 * Only regular files are read, whole, so that nothing can block and a cycle is
 * seen by the file's identity, whatever its name. All files together are
 * bounded in bytes and number, which bounds every loop above.
 */
#include "config/lexer.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* in words what lexer.h and limits.h say in numbers */
static const char too_large[] = "the configuration has more than 16 MiB";
static const char too_many[] = "more than 4096 files";
_Static_assert(LVS__MOST_TEXT == 16u << 20 && LVS__LEXER_FILES == 4096,
	       "the words above are wrong");

void lvs__lexer_init(struct lvs__lexer *lexer, char *message, size_t size)
{
	memset(lexer, 0, sizeof(*lexer));
	lexer->message = message;
	lexer->size = size;
}

static void end_paths(char **paths)
{
	for (size_t i = 0; paths != NULL && paths[i] != NULL; i++)
		free(paths[i]);
	free(paths);
}

void lvs__lexer_fini(struct lvs__lexer *lexer)
{
	for (; lexer->depth > 0; lexer->depth--) {
		struct lvs__lexer_source *s = &lexer->sources[lexer->depth - 1];

		free(s->text);
		end_paths(s->paths);
	}
	for (size_t i = 0; i < lexer->files; i++)
		free(lexer->names[i]);
}

/* ---- one file */

/*
 * A failure of a file: told at the place of its include, or with the file's
 * name alone where the caller named it.
 */
static int refuse(struct lvs__lexer *lexer, const struct lvs__lexer_source *s,
		  const char *path, int error, const char *why)
{
	if (s->included.file == NULL) {
		(void)lvs__message(lexer->message, lexer->size, error, "%s: %s",
				   path, why);
		if (lexer->message != NULL && lexer->size > 0)
			lvs__lexer_clean(lexer->message);
		return error;
	}
	return lvs__lexer_error(lexer, &s->included, error,
				"cannot include %s: %s", path, why);
}

static int name_source(struct lvs__lexer *lexer, struct lvs__lexer_source *s,
		       const char *path)
{
	char *name;

	if (lexer->files == LVS__LEXER_FILES)
		return refuse(lexer, s, path, -EFBIG, too_many);
	name = strdup(path);
	if (name == NULL)
		return refuse(lexer, s, path, -ENOMEM, "out of memory");
	lexer->names[lexer->files++] = name;
	s->place = (struct lvs__place){name, 1, 1};
	s->braces = lexer->braces;
	s->at = 0;
	return 0;
}

/* UTF-8 files of some editors begin with a mark. */
static void skip_mark(struct lvs__lexer_source *s)
{
	if (s->length >= 3 && memcmp(s->view, "\xef\xbb\xbf", 3) == 0)
		s->at = 3;
}

static bool cycle(const struct lvs__lexer *lexer,
		  const struct lvs__lexer_source *s, const struct stat *status)
{
	for (int i = 0; i < lexer->depth; i++)
		if (&lexer->sources[i] != s &&
		    lexer->sources[i].device == status->st_dev &&
		    lexer->sources[i].inode == status->st_ino)
			return true;
	return false;
}

/* Reads until the end, whatever size the file claims to have. */
static int read_all(struct lvs__lexer *lexer, struct lvs__lexer_source *s,
		    int fd, size_t size)
{
	size_t room = size + 1;
	ssize_t n = 1;

	s->length = 0;
	s->text = malloc(room);
	while (s->text != NULL) {
		n = read(fd, s->text + s->length, room - s->length);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		s->length += (size_t)n;
		if (lexer->bytes + s->length > LVS__MOST_TEXT)
			return -EFBIG;
		if (s->length == room) {
			char *larger = realloc(s->text, 2 * room);

			if (larger == NULL)
				return -ENOMEM;
			s->text = larger;
			room *= 2;
		}
	}
	if (s->text == NULL)
		return -ENOMEM;
	return n < 0 ? -errno : 0;
}

static int load(struct lvs__lexer *lexer, struct lvs__lexer_source *s,
		const char *path, int fd)
{
	struct stat status;
	int error;

	if (fstat(fd, &status) != 0)
		return refuse(lexer, s, path, -errno, lvs_strerror(errno));
	if (!S_ISREG(status.st_mode))
		return refuse(lexer, s, path, -EINVAL, "not a regular file");
	if (cycle(lexer, s, &status))
		return refuse(lexer, s, path, -ELOOP,
			      "it is being read already");
	if (status.st_size > LVS__MOST_TEXT)
		error = -EFBIG;
	else
		error = read_all(lexer, s, fd, (size_t)status.st_size);
	if (error == -EFBIG)
		return refuse(lexer, s, path, error, too_large);
	if (error != 0)
		return refuse(lexer, s, path, error, lvs_strerror(error));
	s->view = s->text;
	s->device = status.st_dev;
	s->inode = status.st_ino;
	lexer->bytes += s->length;
	return 0;
}

static int open_source(struct lvs__lexer *lexer, struct lvs__lexer_source *s,
		       const char *path)
{
	int error = name_source(lexer, s, path);
	int fd;

	if (error != 0)
		return error;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return refuse(lexer, s, path, -errno,
			      errno == ENOENT ? "no such file"
					      : lvs_strerror(errno));
	error = load(lexer, s, path, fd);
	(void)close(fd);
	if (error == 0)
		skip_mark(s);
	return error;
}

int lvs__lexer_open(struct lvs__lexer *lexer, const char *path)
{
	struct lvs__lexer_source *s = &lexer->sources[lexer->depth++];

	memset(s, 0, sizeof(*s));
	return open_source(lexer, s, path);
}

int lvs__lexer_text(struct lvs__lexer *lexer, const char *name,
		    const char *text, size_t length)
{
	struct lvs__lexer_source *s = &lexer->sources[lexer->depth++];
	int error;

	memset(s, 0, sizeof(*s));
	if (length > LVS__MOST_TEXT)
		return refuse(lexer, s, name, -EFBIG, too_large);
	error = name_source(lexer, s, name);
	s->view = text;
	s->length = length;
	lexer->bytes = length;
	if (error == 0)
		skip_mark(s);
	return error;
}

int lvs__lexer_leave(struct lvs__lexer *lexer)
{
	struct lvs__lexer_source *s = &lexer->sources[lexer->depth - 1];

	free(s->text);
	s->text = NULL;
	s->length = 0;
	if (s->paths != NULL && s->paths[s->next] != NULL)
		return open_source(lexer, s, s->paths[s->next++]);
	end_paths(s->paths);
	lexer->depth--;
	return 0;
}

/* ---- include */

/*
 * The pattern as seen from the working directory: behind the directory of the
 * file that it stands in, whose own name is not a pattern.
 */
static char *full_pattern(const char *file, const char *pattern)
{
	const char *slash = strrchr(file, '/');
	size_t length = slash == NULL ? 0 : (size_t)(slash - file) + 1;
	char *full;
	size_t n = 0;

	if (pattern[0] == '/')
		length = 0;
	full = malloc(2 * length + strlen(pattern) + 1);
	if (full == NULL)
		return NULL;
	for (size_t i = 0; i < length; i++) {
		if (strchr("*?[]{},~\\", file[i]) != NULL)
			full[n++] = '\\';
		full[n++] = file[i];
	}
	strcpy(full + n, pattern);
	return full;
}

static int find_paths(struct lvs__lexer_source *s, const char *pattern)
{
	glob_t found;
	int error = glob(pattern, GLOB_BRACE | GLOB_NOMAGIC, NULL, &found);

	if (error == GLOB_NOMATCH)
		return 0;
	if (error != 0)
		return error == GLOB_NOSPACE ? -ENOMEM : -EIO;
	if (found.gl_pathc > LVS__LEXER_FILES) {
		globfree(&found);
		return -EFBIG;
	}
	s->paths = calloc(found.gl_pathc + 1, sizeof(*s->paths));
	error = s->paths == NULL ? -ENOMEM : (int)found.gl_pathc;
	for (size_t i = 0; error > 0 && i < found.gl_pathc; i++) {
		s->paths[i] = strdup(found.gl_pathv[i]);
		if (s->paths[i] == NULL)
			error = -ENOMEM;
	}
	globfree(&found);
	return error;
}

int lvs__lexer_include(struct lvs__lexer *lexer, const char *pattern,
		       const struct lvs__place *place)
{
	struct lvs__lexer_source *s;
	char *full;
	int count;
	int error;

	if (lexer->depth == LVS__LEXER_INCLUDES)
		return lvs__lexer_error(
			lexer, place, -ELOOP,
			"found includes nested deeper than %d, expected fewer",
			LVS__LEXER_INCLUDES);
	s = &lexer->sources[lexer->depth];
	memset(s, 0, sizeof(*s));
	s->included = *place;
	full = full_pattern(place->file, pattern);
	count = full == NULL ? -ENOMEM : find_paths(s, full);
	free(full);
	if (count <= 0) {
		end_paths(s->paths);
		return count == 0 ? 0
				  : refuse(lexer, s, pattern, count,
					   lvs_strerror(count));
	}
	lexer->depth++;
	error = open_source(lexer, s, s->paths[s->next++]);
	return error != 0 ? error : count;
}
