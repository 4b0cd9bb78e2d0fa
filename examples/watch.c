/*
 * watch: the monitor alone. Tells when TCP servers come up and go down.
 *
 *	cc -o watch watch.c $(pkg-config --cflags --libs liblvs)
 *	./watch 192.0.2.1:80 [2001:db8::1]:443
 *
 * It shows the contract of every object of liblvs with a descriptor, with
 * nothing but poll(2): wait for fd or deadline, dispatch, take what came of
 * it. Written for the public domain.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <lvs/lvs.h>

static const char usage[] =
	"usage: watch [options] ADDRESS:PORT...\n"
	"Connects to each server again and again; a line for each change.\n"
	"  -i, --interval MS  from one attempt to the next (1000)\n"
	"  -t, --timeout MS   for one attempt (1000)\n"
	"  -r, --rise N       successes until up (1)\n"
	"  -f, --fall N       failures until down (3)\n"
	"  -o, --once         end when all are known; 0: all are up\n"
	"  -h, --help         this text\n";

static const struct option options[] = {
	{"interval", required_argument, NULL, 'i'},
	{"timeout", required_argument, NULL, 't'},
	{"rise", required_argument, NULL, 'r'},
	{"fall", required_argument, NULL, 'f'},
	{"once", no_argument, NULL, 'o'},
	{"help", no_argument, NULL, 'h'},
	{NULL, 0, NULL, 0},
};

/* The library reads no clock: this is the time that we tell it. */
static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

static int fail(const char *what, int error)
{
	fprintf(stderr, "watch: %s: %s\n", what, lvs_strerror(error));
	return 2;
}

static int set(struct lvs_check *check, int option, const char *text)
{
	char *end;
	unsigned long long value;

	errno = 0;
	value = strtoull(text, &end, 10);
	if (end == text || *end != '\0' || *text == '-' || errno != 0)
		return -EINVAL;
	return lvs_check_set(check, option, value);
}

/* A check like `model` for the server called `name`, known by its number. */
static int add(struct lvs_monitor *monitor, const struct lvs_check *model,
	       const char *name, uint64_t number)
{
	struct lvs_check *check;
	struct lvs_addr addr;
	uint16_t port;
	int error = lvs_endpoint_parse(&addr, &port, name);

	if (error < 0)
		return error;
	error = lvs_check_copy(&check, model);
	if (error < 0)
		return error;
	error = lvs_check_set_target(check, &addr, port);
	if (error == 0)
		error = lvs_monitor_add_check(monitor, check, number, now());
	if (error < 0)
		lvs_check_free(check);
	return error;
}

static void tell(const struct lvs_check_event *event, const char *name)
{
	printf("%" PRIu64 ".%03" PRIu64 " %s %s: %s, %u in a row, %u ms\n",
	       event->time / 1000, event->time % 1000, name,
	       lvs_check_state_name((int)event->state),
	       lvs_check_cause_name((int)event->cause), event->attempts,
	       event->latency);
	fflush(stdout);
}

/* If we are the ones who fail, nobody is down, but somebody should know. */
static void tell_faults(const struct lvs_monitor *monitor, uint64_t *told)
{
	struct lvs_monitor_stats stats;

	lvs_monitor_stats(monitor, &stats, sizeof(stats));
	if (*told == 0 && stats.local_faults > 0)
		fprintf(stderr, "watch: attempts fail on this host (no route, "
				"no descriptor?); they say nothing\n");
	*told = stats.local_faults;
}

/* Waits until the monitor's descriptor or its deadline. */
static void wait_for(const struct lvs_monitor *monitor)
{
	struct pollfd wait = {lvs_monitor_fd(monitor), POLLIN, 0};
	uint64_t deadline = lvs_monitor_deadline(monitor);
	uint64_t from = now();
	uint64_t left = deadline > from ? deadline - from : 0;

	poll(&wait, 1, left < INT_MAX ? (int)left : INT_MAX);
}

static int run(struct lvs_monitor *monitor, char **names, int count, bool once)
{
	struct lvs_check_event event;
	uint64_t faults = 0;
	int up = 0, down = 0;
	bool *known = calloc((size_t)count, sizeof(*known));

	while (known != NULL && (!once || up + down < count)) {
		wait_for(monitor);
		lvs_monitor_dispatch(monitor, now(), 0);
		while (lvs_monitor_pop_event(monitor, &event, sizeof(event)) ==
		       1) {
			tell(&event, names[event.user]);
			if (known[event.user])
				continue;
			known[event.user] = true;
			if (event.state == LVS_CHECK_UP)
				up++;
			else
				down++;
		}
		tell_faults(monitor, &faults);
	}
	free(known);
	return up == count ? 0 : 1;
}

int main(int argc, char **argv)
{
	struct lvs_monitor *monitor = NULL;
	struct lvs_check *model = NULL;
	bool once = false;
	int error, letter, result = 2;

	error = lvs_check_new(&model, "tcp");
	if (error == 0)
		error = lvs_monitor_new(&monitor);
	if (error < 0)
		return fail("start", error);
	lvs_check_set(model, LVS_CHECK_INTERVAL, 1000);
	lvs_check_set(model, LVS_CHECK_TIMEOUT, 1000);
	lvs_check_set(model, LVS_CHECK_RETRY, 200);

	while ((letter = getopt_long(argc, argv, "i:t:r:f:oh", options,
				     NULL)) != -1) {
		int option = letter == 'i'   ? LVS_CHECK_INTERVAL
			     : letter == 't' ? LVS_CHECK_TIMEOUT
			     : letter == 'r' ? LVS_CHECK_RISE
			     : letter == 'f' ? LVS_CHECK_FALL
					     : 0;

		if (letter == 'o') {
			once = true;
			continue;
		}
		if (option == 0) {
			fputs(usage, letter == 'h' ? stdout : stderr);
			result = letter == 'h' ? 0 : 2;
			goto end;
		}
		error = set(model, option, optarg);
		if (error < 0) {
			result = fail(optarg, error);
			goto end;
		}
	}
	if (optind == argc) {
		fputs(usage, stderr);
		goto end;
	}
	for (int i = optind; i < argc; i++) {
		error = add(monitor, model, argv[i], (uint64_t)(i - optind));
		if (error < 0) {
			result = fail(argv[i], error);
			goto end;
		}
	}
	result = run(monitor, argv + optind, argc - optind, once);
end:
	lvs_check_free(model);
	lvs_monitor_free(monitor);
	return result;
}
