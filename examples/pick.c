/*
 * pick: schedulers alone. No packet, no privilege: servers and their weights
 * go in, the order in which they are picked comes out.
 *
 *	cc -o pick pick.c $(pkg-config --cflags --libs liblvs)
 *	./pick [-s SCHEDULER] [-n PICKS] [-o OPEN] SERVER[=WEIGHT]...
 *
 * Without a scheduler all of them are shown. At most OPEN connections are open
 * at a time: each new one ends the oldest.
 *
 *	$ pick -s wrr -n 6 10.0.0.1=2 10.0.0.2=1
 *	wrr  10.0.0.2 10.0.0.1 10.0.0.1 10.0.0.2 10.0.0.1 10.0.0.1
 *	     10.0.0.2                    2  33.3 %  ################
 *	     10.0.0.1                    4  66.7 %  ################...
 *
 * Written for the public domain.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lvs/lvs.h>

#define MOST_OPEN 4096
#define BAR 48 /* characters for all picks */

static const char usage[] =
	"usage: pick [-s SCHEDULER] [-n PICKS] [-o OPEN] SERVER[=WEIGHT]...\n";

/* The first error ends the program: what about, and why. */
static void must(int result, const char *what)
{
	if (result >= 0)
		return;
	fprintf(stderr, "pick: %s: %s\n", what, lvs_strerror(result));
	exit(1);
}

static uint32_t number(const char *text, uint32_t least, uint32_t most)
{
	char *rest;
	long long n = strtoll(text, &rest, 10);

	if (rest == text || *rest != '\0' || n < least || n > most) {
		fprintf(stderr,
			"pick: %s: a number from %u to %u is expected\n", text,
			least, most);
		exit(2);
	}
	return (uint32_t)n;
}

static const char *name_of(const struct lvs_dest *dest)
{
	static char text[64];
	struct lvs_addr addr;
	uint16_t port;

	lvs_dest_get_address(dest, &addr, &port);
	if (port == 0)
		lvs_addr_format(&addr, text, sizeof(text));
	else
		lvs_endpoint_format(&addr, port, text, sizeof(text));
	return text;
}

/* "10.0.0.1:80=3": a server and its weight. */
static void add_server(struct lvs_service *service, const char *word)
{
	const char *weight = strchr(word, '=');
	size_t length = weight != NULL ? (size_t)(weight - word) : strlen(word);
	char name[64];
	struct lvs_addr addr;
	uint16_t port;

	snprintf(name, sizeof(name), "%.*s", (int)length, word);
	must(lvs_endpoint_parse(&addr, &port, name), word);
	must(lvs_service_add_dest(service, NULL, &addr, port,
				  weight != NULL
					  ? number(weight + 1, 0, INT32_MAX)
					  : 1),
	     word);
}

/*
 * Pick; say that a connection began; say when it ended. This is the whole API.
 */
static void run(struct lvs_service *service, uint32_t picks, uint32_t open)
{
	static struct lvs_dest *conns[MOST_OPEN];

	for (uint32_t n = 0; n < picks; n++) {
		struct lvs_dest **conn = &conns[n % open];

		if (n >= open)
			lvs_dest_closed(*conn);
		if (lvs_service_pick(service, conn, NULL, n) < 0) {
			printf(" (no server is usable)");
			break;
		}
		lvs_dest_opened(*conn);
		printf(" %s", name_of(*conn));
	}
	putchar('\n');
}

static void print_counts(struct lvs_service *service, uint32_t picks)
{
	struct lvs_dest *dest = NULL;
	struct lvs_stats stats;

	while ((dest = lvs_service_next_dest(service, dest)) != NULL) {
		lvs_dest_stats(dest, &stats, sizeof(stats));
		printf("     %-20s %8" PRIu64 " %5.1f %%  ", name_of(dest),
		       stats.conns, 100.0 * (double)stats.conns / picks);
		for (uint64_t i = 0; i < stats.conns * BAR / picks; i++)
			putchar('#');
		putchar('\n');
	}
}

/* A service without an address is a scheduler and its servers. */
static void show(const char *sched, char **servers, uint32_t picks,
		 uint32_t open)
{
	struct lvs_service *service;

	must(lvs_service_new(&service), sched);
	must(lvs_service_set_sched(service, sched), sched);
	for (; *servers != NULL; servers++)
		add_server(service, *servers);
	printf("%-4s", sched);
	run(service, picks, open);
	print_counts(service, picks);
	lvs_service_free(service);
}

int main(int argc, char **argv)
{
	uint32_t picks = 20, open = 8;
	const char *sched = NULL, *name;
	int option;

	while ((option = getopt(argc, argv, "s:n:o:")) != -1) {
		if (option == 's')
			sched = optarg;
		else if (option == 'n')
			picks = number(optarg, 1, INT32_MAX);
		else if (option == 'o')
			open = number(optarg, 1, MOST_OPEN);
		else
			return fputs(usage, stderr), 2;
	}
	if (optind == argc)
		return fputs(usage, stderr), 2;
	for (size_t i = 0; sched == NULL && (name = lvs_sched_name(i)) != NULL;
	     i++)
		show(name, argv + optind, picks, open);
	if (sched != NULL)
		show(sched, argv + optind, picks, open);
	return 0;
}
