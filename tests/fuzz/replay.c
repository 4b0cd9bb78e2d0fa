/*
 * Runs a target once over each seed, where libFuzzer is not linked: what was
 * found once is looked for in every build. Its seeds are in the folder of its
 * own name beside this file, or in the files named as arguments.
 */
#include <dirent.h>
#include <limits.h>
#include <string.h>

#include "fuzz.h"

#define LARGEST (1u << 20)

static int facts;

static void replay(const char *path)
{
	static uint8_t data[LARGEST];
	FILE *file = fopen(path, "rb");
	const char *name = strrchr(path, '/');
	size_t size;

	name = name != NULL ? name + 1 : path;
	if (file == NULL) {
		printf("not ok %d - %s cannot be read\n", ++facts, name);
		return;
	}
	size = fread(data, 1, sizeof(data), file);
	fclose(file);
	LLVMFuzzerTestOneInput(data, size);
	printf("ok %d - %s is survived\n", ++facts, name);
}

static void replay_folder(const char *target)
{
	const char *top = getenv("top_srcdir");
	char folder[PATH_MAX], path[PATH_MAX];
	struct dirent **entries = NULL;
	int count;

	snprintf(folder, sizeof(folder), "%s/tests/fuzz/seeds/%s",
		 top != NULL ? top : ".", target);
	count = scandir(folder, &entries, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		int length = snprintf(path, sizeof(path), "%s/%s", folder,
				      entries[i]->d_name);

		if (entries[i]->d_name[0] != '.' && length > 0 &&
		    length < (int)sizeof(path))
			replay(path);
		free(entries[i]);
	}
	free(entries);
	if (facts == 0)
		printf("not ok %d - there are no seeds in %s\n", ++facts,
		       folder);
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	setvbuf(stdout, NULL, _IOLBF, 0);
	name = name != NULL ? name + 1 : argv[0];
	/* libtool's wrapper runs the program by this name */
	if (strncmp(name, "lt-", 3) == 0)
		name += 3;
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc == 1)
		replay_folder(name);
	printf("1..%d\n", facts);
	return 0;
}
