/*
 * Runs the suites of this program: all, or those named by -T; -L lists them.
 * The output is TAP. Under a debugger set CK_FORK=no.
 */
#include <stdio.h>
#include <unistd.h>

#include "unit.h"

static int list(void)
{
	for (const struct unit *u = units; u->name != NULL; u++)
		puts(u->name);
	return 0;
}

int main(int argc, char **argv)
{
	const char *only = NULL;
	SRunner *runner = srunner_create(NULL);
	int option;

	while ((option = getopt(argc, argv, "T:L")) != -1) {
		if (option == 'L')
			return list();
		if (option == 'T')
			only = optarg;
	}
	for (const struct unit *u = units; u->name != NULL; u++)
		if (only == NULL || strcmp(only, u->name) == 0)
			srunner_add_suite(runner, u->suite());
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	option = srunner_ntests_failed(runner);
	srunner_free(runner);
	return option == 0 ? 0 : 1;
}
