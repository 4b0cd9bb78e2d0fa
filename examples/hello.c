/*
 * hello: a balancer. What it balances it reads as ipvsadm's rules:
 *
 *	cc -o hello hello.c $(pkg-config --cflags --libs liblvs-director)
 *	sudo ./hello <<END
 *	-A -t 192.0.2.1:80 -s wlc
 *	-a -t 192.0.2.1:80 -r 10.0.0.1:80 -m
 *	-a -t 192.0.2.1:80 -r 10.0.0.2:80 -m
 *	END
 *
 * Ctrl-C ends it and leaves the host as it was. Health checks need more than
 * rules: see lvs_model(3), or lvsd, which is this with a configuration file, a
 * control socket and threads.
 *
 * Written for the public domain.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include <lvs/director.h>
#include <lvs/rules.h>

static volatile sig_atomic_t stop;

static void end(int number)
{
	stop = number;
}

/* The library reads no clock: this is the time that we tell it, in ms. */
static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	struct lvs_director *director = NULL;
	struct lvs_model *model = NULL;
	char text[4096], message[256] = "out of memory";
	size_t length;
	int result;

	if (argc > 1)
		return fprintf(stderr, "usage: %s <RULES\n", argv[0]), 2;
	length = fread(text, 1, sizeof(text), stdin);
	result = lvs_model_new(&model);
	if (result == 0)
		result = lvs_rules_apply_text(model, text, length, message,
					      sizeof(message));
	if (result >= 0)
		result = lvs_director_new(&director, model, message,
					  sizeof(message), now());
	if (result >= 0)
		result = lvs_director_apply(director, model, message,
					    sizeof(message), now());
	if (result < 0)
		fprintf(stderr, "hello: %s\n", message);
	signal(SIGINT, end);
	signal(SIGTERM, end);
	while (result >= 0 && !stop) {
		struct lvs_worker *worker = lvs_director_worker(director, 0);
		struct pollfd fds[] = {{lvs_worker_fd(worker), POLLIN, 0},
				       {lvs_director_fd(director), POLLIN, 0}};

		poll(fds, 2, 100);
		lvs_worker_dispatch(worker, now(), 0);
		lvs_director_dispatch(director, now(), 0);
	}
	lvs_director_free(director);
	lvs_model_free(model);
	return result < 0;
}
