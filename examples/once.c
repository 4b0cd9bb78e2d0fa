/*
 * What lvsd does before and instead of running: its options, --check and
 * --cleanup.
 */
#include <getopt.h>
#include <lvs/backend.h>
#include <lvs/config.h>
#include <lvs/control.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lvsd.h"

#define MISSING 512 /* bytes of the line about a missing interface */

/* ---- options */

static const char help[] =
	"usage: lvsd [-f FILE] [OPTION]\n"
	"Balances TCP and UDP services over their servers, as FILE says.\n"
	"\n"
	"  -f, --file FILE  the configuration (/etc/lvs/lvsd.conf)\n"
	"      --check      only read it, print what was understood; exit 1 "
	"if\n"
	"                   it is wrong\n"
	"      --cleanup    only undo what a killed lvsd left on this host\n"
	"      --daemon     go into the background once it runs, log to "
	"syslog\n"
	"  -h, --help       this\n"
	"  -V, --version    the version\n"
	"\n"
	"Signals:  SIGHUP reads FILE again and applies what changed;\n"
	"          SIGTERM and SIGINT end it and leave the host as it was.\n"
	"Needs:    CAP_NET_ADMIN and CAP_NET_RAW (root has them).\n"
	"Control:  lvsadm, on the socket /run/lvs/control.\n"
	"Manuals:  lvsd(8), lvsadm(8), lvsd.conf(5).\n";

int read_options(struct options *options, int argc, char **argv)
{
	static const struct option longs[] = {
		{"file", required_argument, NULL, 'f'},
		{"check", no_argument, NULL, 'c'},
		{"cleanup", no_argument, NULL, 'u'},
		{"daemon", no_argument, NULL, 'd'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "f:hV", longs, NULL)) != -1) {
		switch (option) {
		case 'f':
			options->file = optarg;
			break;
		case 'c':
			options->check = true;
			break;
		case 'u':
			options->cleanup = true;
			break;
		case 'd':
			options->daemon = true;
			break;
		case 'h':
			fputs(help, stdout);
			return EXIT_SUCCESS;
		case 'V':
			printf("lvsd %s\n", lvs_version());
			return EXIT_SUCCESS;
		default:
			fputs("try: lvsd --help\n", stderr);
			return 2;
		}
	}
	if (optind == argc)
		return -1;
	fprintf(stderr, "lvsd: what is \"%s\"? try: lvsd --help\n",
		argv[optind]);
	return 2;
}

/* ---- the configuration */

/* An interface that is not there: a start would fail, a reload does not. */
static void warn(void *user, int kind, const char *line)
{
	char *missing = user;

	if (kind == LVS_CONFIG_NO_INTERFACE && missing[0] == '\0')
		snprintf(missing, MISSING, "%s", line);
	else
		say(LVS_LOG_WARNING, "%s", line);
}

struct lvs_model *read_file(const char *file)
{
	char message[512], missing[MISSING] = "";
	struct lvs_model *model = NULL;
	const char *kind;

	if (lvs_config_read(&model, file, message, sizeof(message), warn,
			    missing) < 0) {
		say(LVS_LOG_ERROR, "%s", message);
		return NULL;
	}
	kind = lvs_model_get_text(model, LVS_MODEL_BACKEND);
	if (missing[0] == '\0')
		return model;
	if (kind != NULL && strcmp(kind, "none") == 0) {
		say(LVS_LOG_WARNING, "%s", missing);
		return model;
	}
	say(LVS_LOG_ERROR, "%s", missing);
	lvs_model_free(model);
	return NULL;
}

/* ---- instead of running */

/* As a comment of the configuration. */
static void print_comment(void *user, const char *line)
{
	(void)user;
	printf("! %s\n", line);
}

int print_config(struct lvs_model *model)
{
	int length = lvs_config_print(model, NULL, 0);
	char *text = length < 0 ? NULL : malloc((size_t)length + 1);

	if (text == NULL)
		return EXIT_FAILURE;
	lvs_config_print(model, text, (size_t)length + 1);
	fputs(text, stdout);
	free(text);
	lvs_director_homes(model, print_comment, NULL);
	return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static void print_line(void *user, const char *line)
{
	(void)user;
	puts(line);
}

int clean_host(const char *file)
{
	char message[512];
	struct lvs_model *model = NULL;
	const char *path = NULL;
	int sockets = -1;
	int left = lvs_backend_cleanup("raw", print_line, NULL, message,
				       sizeof(message));

	/* a file that is wrong or gone names no other socket */
	if (lvs_config_read(&model, file, NULL, 0, NULL, NULL) == 0)
		path = lvs_model_get_text(model, LVS_MODEL_CONTROL);
	if (path == NULL)
		path = CONTROL;
	if (left >= 0)
		sockets = lvs_control_cleanup(path, message, sizeof(message));
	if (sockets < 0)
		say(LVS_LOG_ERROR, "%s", message);
	else if (sockets > 0)
		printf("removed control socket %s\n", path);
	else if (left == 0)
		puts("nothing to undo");
	lvs_model_free(model);
	return sockets < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
