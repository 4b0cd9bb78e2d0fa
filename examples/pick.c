/*
 * pick: schedulers alone. No packet, no privilege: servers and their weights
 * go in, the order in which they are picked comes out.
 *
 *	pick [-s SCHEDULER] [-n PICKS] [-o OPEN] [SERVER[=WEIGHT]...]
 *
 * Without servers on the command line they are read from standard input, a
 * line each: "10.0.0.1 3" or "10.0.0.1:80 3", a '#' begins a comment. Without
 * a scheduler all of them are shown. At most OPEN connections are open at a
 * time: each new one ends the oldest.
 *
 *	$ pick -s wrr -n 6 10.0.0.1=2 10.0.0.2=1
 *	wrr  10.0.0.2 10.0.0.1 10.0.0.1 10.0.0.2 10.0.0.1 10.0.0.1
 *	     10.0.0.2                    2  33.3 %  ################
 *	     10.0.0.1                    4  66.7 %  ################...
 *
 * Written for the public domain.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lvs/lvs.h>

#define MOST_SERVERS 4096
#define MOST_OPEN 4096
#define MOST_SHOWN 100 /* picks that are written out */
#define BAR 48	       /* characters for all picks */

static const char help[] =
	"usage: pick [-s SCHEDULER] [-n PICKS] [-o OPEN] [SERVER[=WEIGHT]...]\n"
	"Shows which servers a scheduler picks, in which order and how often.\n"
	"  -s, --scheduler=NAME  only this one; \"list\" names them\n"
	"  -n, --picks=N         how many picks (20)\n"
	"  -o, --open=N          connections that stay open at a time (8)\n"
	"  -h, --help            this text\n"
	"A server is ADDRESS or ADDRESS:PORT; without servers they are read\n"
	"from standard input, one \"ADDRESS WEIGHT\" a line.\n";

struct server {
	struct lvs_addr addr;
	uint16_t port;
	uint32_t weight;
};

static struct server servers[MOST_SERVERS];
static size_t server_count;

/* A whole number up to `most`. 0, -EINVAL or -ERANGE. */
static int read_number(uint64_t *number, const char *text, uint64_t most)
{
	unsigned long long n;
	char *rest;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	n = strtoull(text, &rest, 10);
	if (*rest != '\0')
		return -EINVAL;
	if (errno != 0 || n > most)
		return -ERANGE;
	*number = n;
	return 0;
}

/* One more server, "10.0.0.1:80", and its weight, "3" (NULL: 1). */
static int add_server(const char *name, const char *weight)
{
	struct server *s = &servers[server_count];
	uint64_t w = 1;
	int error;

	if (server_count == MOST_SERVERS)
		error = -ENOSPC;
	else
		error = lvs_endpoint_parse(&s->addr, &s->port, name);
	if (error == 0 && weight != NULL)
		error = read_number(&w, weight, INT32_MAX);
	if (error < 0) {
		fprintf(stderr, "pick: server '%s', weight '%s': %s\n", name,
			weight == NULL ? "1" : weight, lvs_strerror(error));
		return error;
	}
	s->weight = (uint32_t)w;
	server_count++;
	return 0;
}

/* "SERVER=WEIGHT" on the command line. */
static int read_arguments(char **arguments, int count)
{
	int error = 0;

	for (int i = 0; i < count && error == 0; i++) {
		char *weight = strchr(arguments[i], '=');

		if (weight != NULL)
			*weight++ = '\0';
		error = add_server(arguments[i], weight);
	}
	return error;
}

/* "SERVER WEIGHT" lines. */
static int read_lines(FILE *input)
{
	unsigned int number = 0;
	char line[256];

	while (fgets(line, sizeof(line), input) != NULL) {
		char *name, *weight, *place;

		number++;
		line[strcspn(line, "#\r\n")] = '\0';
		name = strtok_r(line, " \t", &place);
		weight = strtok_r(NULL, " \t", &place);
		if (name == NULL)
			continue;
		if (strtok_r(NULL, " \t", &place) != NULL ||
		    add_server(name, weight) < 0) {
			fprintf(stderr,
				"pick: line %u: not a server and its "
				"weight\n",
				number);
			return -EINVAL;
		}
	}
	return 0;
}

static const char *name_of(const struct lvs_addr *addr, uint16_t port)
{
	static char text[64];

	if (port == 0)
		lvs_addr_format(addr, text, sizeof(text));
	else
		lvs_endpoint_format(addr, port, text, sizeof(text));
	return text;
}

static const char *name_of_dest(const struct lvs_dest *dest)
{
	struct lvs_addr addr;
	uint16_t port;

	lvs_dest_get_address(dest, &addr, &port);
	return name_of(&addr, port);
}

/* A service with all servers; it needs no address of its own. */
static int make_service(struct lvs_service **service, const char *sched)
{
	struct lvs_service *s;
	int error = lvs_service_new(&s);

	if (error < 0)
		return error;
	error = lvs_service_set_sched(s, sched);
	if (error < 0)
		fprintf(stderr, "pick: scheduler '%s': %s\n", sched,
			lvs_strerror(error));
	for (size_t i = 0; i < server_count && error == 0; i++) {
		const struct server *server = &servers[i];

		error = lvs_service_add_dest(s, NULL, &server->addr,
					     server->port, server->weight);
		if (error < 0)
			fprintf(stderr, "pick: server '%s': %s\n",
				name_of(&server->addr, server->port),
				lvs_strerror(error));
	}
	if (error < 0)
		lvs_service_free(s);
	else
		*service = s;
	return error;
}

/*
 * Pick; say that a connection began; say when it ended. This is the whole API.
 */
static void run(struct lvs_service *service, uint64_t picks, uint64_t open)
{
	static struct lvs_dest *conns[MOST_OPEN];
	uint64_t oldest = 0;

	for (uint64_t n = 0; n < picks; n++) {
		struct lvs_dest *dest;
		int error;

		if (n - oldest == open)
			lvs_dest_closed(conns[oldest++ % open]);
		error = lvs_service_pick(service, &dest, NULL, n);
		if (error < 0) {
			printf(" (%s)", error == -ENOENT ? "no server is usable"
							 : lvs_strerror(error));
			break;
		}
		lvs_dest_opened(dest);
		conns[n % open] = dest;
		if (n < MOST_SHOWN)
			printf(" %s", name_of_dest(dest));
		else if (n == MOST_SHOWN)
			printf(" ...");
	}
	putchar('\n');
}

static void print_counts(struct lvs_service *service)
{
	struct lvs_dest *dest = NULL;
	struct lvs_stats all, one;

	lvs_service_stats(service, &all, sizeof(all));
	while ((dest = lvs_service_next_dest(service, dest)) != NULL) {
		lvs_dest_stats(dest, &one, sizeof(one));
		if (all.conns == 0)
			all.conns = 1; /* 0 of 1 is as good as 0 of 0 */
		printf("     %-20s %8" PRIu64 " %5.1f %%  ", name_of_dest(dest),
		       one.conns,
		       100.0 * (double)one.conns / (double)all.conns);
		for (uint64_t i = 0; i < one.conns * BAR / all.conns; i++)
			putchar('#');
		putchar('\n');
	}
}

static int show(const char *sched, uint64_t picks, uint64_t open)
{
	struct lvs_service *service;
	int error = make_service(&service, sched);

	if (error < 0)
		return error;
	printf("%-4s", sched);
	run(service, picks, open);
	print_counts(service);
	lvs_service_free(service);
	return 0;
}

static int show_all(uint64_t picks, uint64_t open)
{
	const char *name;
	int error = 0;

	for (size_t i = 0; (name = lvs_sched_name(i)) != NULL && error == 0;
	     i++)
		error = show(name, picks, open);
	return error;
}

static int list(void)
{
	const char *name;

	for (size_t i = 0; (name = lvs_sched_name(i)) != NULL; i++)
		puts(name);
	return 0;
}

/* What the options said. */
struct wish {
	const char *sched; /* NULL: all */
	uint64_t picks;
	uint64_t open;
};

/* 0, 1: help was asked for, or -EINVAL, and why was said. */
static int read_options(struct wish *wish, int argc, char **argv)
{
	static const struct option options[] = {
		{"scheduler", required_argument, NULL, 's'},
		{"picks", required_argument, NULL, 'n'},
		{"open", required_argument, NULL, 'o'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option, error = 0;

	while (error == 0 && (option = getopt_long(argc, argv, "s:n:o:h",
						   options, NULL)) != -1) {
		if (option == 'h')
			return 1;
		if (option == 's')
			wish->sched = optarg;
		else if (option == 'n')
			error = read_number(&wish->picks, optarg, UINT32_MAX);
		else if (option == 'o')
			error = read_number(&wish->open, optarg, MOST_OPEN);
		else
			return -EINVAL; /* getopt said why */
		if (error == 0 && wish->open == 0)
			error = -ERANGE;
		if (error < 0)
			fprintf(stderr, "pick: -%c %s: %s\n", option, optarg,
				lvs_strerror(error));
	}
	return error < 0 ? -EINVAL : 0;
}

int main(int argc, char **argv)
{
	struct wish wish = {.picks = 20, .open = 8};
	int result = read_options(&wish, argc, argv);

	if (result == 1) {
		fputs(help, stdout);
		return 0;
	}
	if (result < 0) {
		fputs("Try 'pick --help'.\n", stderr);
		return 2;
	}
	if (wish.sched != NULL && strcmp(wish.sched, "list") == 0)
		return list();
	if (optind < argc)
		result = read_arguments(argv + optind, argc - optind);
	else
		result = read_lines(stdin);
	if (result < 0)
		return 2;
	if (server_count == 0) {
		fputs("pick: no servers\n", stderr);
		return 2;
	}
	if (wish.sched != NULL)
		result = show(wish.sched, wish.picks, wish.open);
	else
		result = show_all(wish.picks, wish.open);
	return result < 0 ? 1 : 0;
}
