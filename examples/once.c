/*
 * What lvsd does before and instead of running: its options, --check and
 * --cleanup.
 */
#include <getopt.h>
#include <inttypes.h>
#include <lvs/backend.h>
#include <lvs/config.h>
#include <lvs/control.h>
#include <lvs/monitor.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lvsd.h"

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

void warn_of_file(void *user, int kind, const char *line)
{
	bool of_backend = kind == LVS_CONFIG_NO_INTERFACE;
	bool fatal = of_backend || kind == LVS_CONFIG_NO_GROUP ||
		     kind == LVS_CONFIG_NO_FOLDER;
	struct missing *missing = user;

	/* one error is enough, and the backend's is the weaker one */
	if (!fatal || (missing->line[0] != '\0' &&
		       (of_backend || !missing->of_backend))) {
		say(LVS_LOG_WARNING, "%s", line);
		return;
	}
	if (missing->line[0] != '\0')
		say(LVS_LOG_WARNING, "%s", missing->line);
	snprintf(missing->line, sizeof(missing->line), "%s", line);
	missing->of_backend = of_backend;
}

struct lvs_model *read_file(const char *file)
{
	struct missing missing = {.line = ""};
	struct lvs_model *model = NULL;
	char message[512];
	const char *kind;

	if (lvs_config_read(&model, file, message, sizeof(message),
			    warn_of_file, &missing) < 0) {
		say(LVS_LOG_ERROR, "%s", message);
		return NULL;
	}
	kind = lvs_model_get_text(model, LVS_MODEL_BACKEND);
	if (missing.line[0] != '\0') {
		if (!missing.of_backend || kind == NULL ||
		    strcmp(kind, "none") != 0) {
			say(LVS_LOG_ERROR, "%s", missing.line);
			lvs_model_free(model);
			return NULL;
		}
		say(LVS_LOG_WARNING, "%s", missing.line);
	}
	if (lvs_model_next_service(model, NULL) == NULL)
		say(LVS_LOG_WARNING,
		    "%s: no virtual_server in it: nothing is balanced", file);
	return model;
}

/* ---- instead of running */

/* As a comment of the configuration. */
static void print_comment(void *user, const char *line)
{
	(void)user;
	printf("! %s\n", line);
}

static uint64_t setting(const struct lvs_check *check, int option)
{
	uint64_t value = 0;

	lvs_check_get(check, option, &value);
	return value;
}

/*
 * How long a dead server may stay in, at most, in ms: it dies just after a
 * check that it passed; each attempt that has to fail may take its timeout.
 */
static uint64_t longest(const struct lvs_check *check)
{
	uint64_t again = setting(check, LVS_CHECK_FALL) - 1;

	return setting(check, LVS_CHECK_INTERVAL) +
	       setting(check, LVS_CHECK_TIMEOUT) +
	       again * (setting(check, LVS_CHECK_RETRY) +
			setting(check, LVS_CHECK_TIMEOUT));
}

/* Whether a check asks the server itself, not one that stands for it. */
static bool asks(const struct lvs_check *check, const struct lvs_dest *dest)
{
	struct lvs_addr target, own;
	uint16_t port;

	if (lvs_check_get_target(check, &target, &port) < 0)
		return true;
	(void)lvs_dest_get_address(dest, &own, NULL);
	return memcmp(&target, &own, sizeof(own)) == 0;
}

/* Of the service's servers the last to be found dead; those without check. */
static void print_longest(const struct lvs_model *model,
			  const struct lvs_service *service, const char *name)
{
	struct lvs_dest *dest = NULL;
	uint64_t most = 0;
	uint32_t unchecked = 0;

	while ((dest = lvs_service_next_dest(service, dest)) != NULL) {
		const struct lvs_check *check;
		uint64_t least = UINT64_MAX;

		for (size_t i = 0;
		     (check = lvs_model_get_check(model, dest, i)) != NULL; i++)
			if (asks(check, dest) && longest(check) < least)
				least = longest(check);
		if (least == UINT64_MAX)
			unchecked++;
		else if (least > most)
			most = least;
	}
	if (most > 0)
		printf("! %s: a dead server is taken out within %.10g s\n",
		       name, (double)most / 1000);
	if (unchecked > 0)
		printf("! %s: %" PRIu32 " server%s that no check asks: dead "
		       "ones stay in\n",
		       name, unchecked, plural(unchecked));
}

static void print_times(const struct lvs_model *model)
{
	struct lvs_service *service = NULL;
	struct lvs_addr addr;
	uint16_t port;
	int protocol;

	while ((service = lvs_model_next_service(model, service)) != NULL) {
		char name[64] = "tcp ";

		lvs_service_get_address(service, &addr, &port, &protocol);
		if (protocol == LVS_UDP)
			memcpy(name, "udp ", 4);
		lvs_endpoint_format(&addr, port, name + 4, sizeof(name) - 4);
		print_longest(model, service, name);
	}
}

static void print_right(const char *file, const struct lvs_model *model)
{
	struct lvs_service *service = NULL;
	struct lvs_dest *dest = NULL;
	uint32_t services = 0, dests = 0;

	while ((service = lvs_model_next_service(model, service)) != NULL) {
		services++;
		while ((dest = lvs_service_next_dest(service, dest)) != NULL)
			dests++;
	}
	fprintf(stderr,
		"%s is right: %" PRIu32 " service%s, %" PRIu32
		" destination%s\n",
		file, services, plural(services), dests, plural(dests));
}

int print_config(const char *file, struct lvs_model *model)
{
	const char *control = lvs_model_get_text(model, LVS_MODEL_CONTROL);
	int length = lvs_config_print(model, NULL, 0);
	char *text = length < 0 ? NULL : malloc((size_t)length + 1);

	if (text == NULL)
		return EXIT_FAILURE;
	lvs_config_print(model, text, (size_t)length + 1);
	fputs(text, stdout);
	free(text);
	print_times(model);
	if (control == NULL)
		printf("! control socket %s\n", CONTROL);
	lvs_director_homes(model, print_comment, NULL);
	if (fflush(stdout) != 0)
		return EXIT_FAILURE;
	print_right(file, model);
	return EXIT_SUCCESS;
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
