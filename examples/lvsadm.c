/*
 * lvsadm: ipvsadm's commands, and some of our own, for a running lvsd.
 *
 * It hands its words to the library's client and prints what comes back; the
 * grammar and the layout are the library's.
 */
#include <errno.h>
#include <lvs/control.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONTROL "/run/lvs/control"
#define INPUT_MAX (16u << 20) /* what lvsd takes at most */

static const char help[] =
	"usage: lvsadm COMMAND [OPTION...]\n"
	"Asks and changes a running lvsd; rules as ipvsadm(8) has them.\n"
	"\n"
	"Services (SERVICE is -t ADDRESS:PORT for TCP, -u for UDP):\n"
	"  -A SERVICE [-s SCHEDULER]         add one (rr, wrr, lc, wlc)\n"
	"  -E SERVICE [-s SCHEDULER]         change it\n"
	"  -D SERVICE                        remove it\n"
	"  -C                                remove all\n"
	"\n"
	"Destinations:\n"
	"  -a SERVICE -r DEST [-m|-g] [-w WEIGHT] [-x UPPER] [-y LOWER]\n"
	"     [--no-check]                   add one (-m NAT, -g direct), "
	"checked\n"
	"                                    as the others of its service\n"
	"  -e SERVICE -r DEST ...            change it; what is not named "
	"is\n"
	"                                    default again (-g, -w 1)\n"
	"  -d SERVICE -r DEST                remove it\n"
	"  drain SERVICE -r DEST             no new connections\n"
	"  undrain SERVICE -r DEST           take it back\n"
	"\n"
	"Look:\n"
	"  -L [-n] [SERVICE]                 services and destinations, "
	"always\n"
	"                                    as numbers (-n changes nothing)\n"
	"     --stats | --rate | --thresholds [--exact]\n"
	"     --health                       state, since when, and why\n"
	"  -L -n -c                          connections\n"
	"  -L --timeout                      timeouts\n"
	"  events                            news as they come, until ^C\n"
	"  diff                              what runs, where the file says "
	"else\n"
	"  reasons                           packets by what became of them\n"
	"  explain SERVICE CLIENT:PORT       what a new packet would meet\n"
	"\n"
	"More:\n"
	"  -S [-n]                           all rules, to be restored\n"
	"  -R                                rules from stdin, all or nothing\n"
	"  -Z [SERVICE]                      counters to 0\n"
	"  --set TCP TCPFIN UDP              timeouts in seconds\n"
	"\n"
	"  --json           answers as JSON lines\n"
	"  --control PATH   the socket (/run/lvs/control, or $LVS_CONTROL)\n"
	"  --help, --version\n"
	"\n"
	"lvsadm -A -t 192.0.2.1:80 -s wlc\n"
	"lvsadm -a -t 192.0.2.1:80 -r 10.0.0.2:8080 -m\n";

struct words {
	const char **list;
	size_t count;
	const char *control;
	bool restore;
};

/* What is for lvsadm itself is taken out. -1: go on, else the exit status. */
static int sort_words(struct words *words, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
		    (i == 1 && strcmp(word, "help") == 0)) {
			fputs(help, stdout);
			return EXIT_SUCCESS;
		}
		if (strcmp(word, "--version") == 0 || strcmp(word, "-v") == 0) {
			printf("lvsadm %s\n", lvs_version());
			return EXIT_SUCCESS;
		}
		if (strcmp(word, "--control") == 0) {
			if (++i == argc) {
				fputs("lvsadm: --control: a path is "
				      "expected\n",
				      stderr);
				return 2;
			}
			words->control = argv[i];
			continue;
		}
		if (strcmp(word, "-R") == 0 || strcmp(word, "--restore") == 0)
			words->restore = true;
		words->list[words->count++] = word;
	}
	return -1;
}

/* All of stdin. NULL: what failed has been said. */
static char *read_input(size_t *length)
{
	char *text = malloc(INPUT_MAX + 1);

	if (text == NULL) {
		fputs("lvsadm: out of memory\n", stderr);
		return NULL;
	}
	*length = fread(text, 1, INPUT_MAX + 1, stdin);
	if (ferror(stdin) || *length > INPUT_MAX) {
		fprintf(stderr, "lvsadm: stdin: %s\n",
			ferror(stdin) ? strerror(errno)
				      : "more than 16 MiB of rules");
		free(text);
		return NULL;
	}
	return text;
}

/* `user`: where an error of stdout is kept. */
static int print(void *user, const char *text, size_t length)
{
	int *error = user;

	if (fwrite(text, 1, length, stdout) < length || fflush(stdout) != 0) {
		*error = errno;
		return -1;
	}
	return 0;
}

static int run(const struct words *words)
{
	struct lvs_client *client;
	char message[512] = "";
	char *input = NULL;
	size_t length = 0;
	int result, output = 0;

	if (words->restore) {
		input = read_input(&length);
		if (input == NULL)
			return EXIT_FAILURE;
	}
	result = lvs_client_new(&client, words->control, message,
				sizeof(message));
	if (result == 0) {
		result = lvs_client_run(client, words->list, words->count,
					input, length, print, &output, message,
					sizeof(message));
		lvs_client_free(client);
	}
	if (result < 0)
		fprintf(stderr, "lvsadm: %s\n", message);
	else if (message[0] != '\0')
		fprintf(stderr, "note: %s\n", message);
	free(input);
	/* who reads has seen enough ("| head"): that is no error */
	if (result == 0 && output != 0 && output != EPIPE) {
		fprintf(stderr, "lvsadm: cannot write the answer: %s\n",
			strerror(output));
		return EXIT_FAILURE;
	}
	return result < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	const char *control = getenv("LVS_CONTROL");
	struct words words = {
		.control = control != NULL && control[0] != '\0' ? control
								 : CONTROL,
	};
	int result;

	words.list = calloc((size_t)argc + 1, sizeof(*words.list));
	if (words.list == NULL) {
		fputs("lvsadm: out of memory\n", stderr);
		return EXIT_FAILURE;
	}
	signal(SIGPIPE, SIG_IGN);
	result = sort_words(&words, argc, argv);
	if (result < 0)
		result = run(&words);
	free(words.list);
	return result;
}
