/*
 * Every round is a process of its own, so it begins with fresh memory. Printed
 * are the median, the least and the most time of the rounds, and the most
 * memory that was resident during the step: the kernel's VmHWM, which
 * clear_refs sets back (proc(5)).
 */
#include "steps.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STEPS 16

struct step {
	const char *name;
	uint64_t nanoseconds[STEP_ROUNDS];
	uint64_t kilobytes; /* the most of the rounds */
};

/* Shared with the rounds' processes. */
static struct step *steps;
static unsigned int count, this_round;
static uint64_t started;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* From here on the kernel notes the peak anew. */
static void forget_peak(void)
{
	FILE *f = fopen("/proc/self/clear_refs", "w");

	if (f == NULL || fputs("5", f) < 0 || fclose(f) != 0)
		die("/proc/self/clear_refs");
}

static uint64_t peak(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long long kilobytes = 0;
	char line[128];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmHWM: %llu", &kilobytes) == 1)
			break;
	if (f == NULL || kilobytes == 0)
		die("/proc/self/status");
	fclose(f);
	return kilobytes;
}

void step_begin(void)
{
	forget_peak();
	started = nanoseconds();
}

void step_end(const char *name)
{
	uint64_t took = nanoseconds() - started;
	struct step *step = &steps[count++ % STEPS];
	uint64_t most = peak();

	if (count > STEPS)
		die("too many steps");
	step->name = name;
	step->nanoseconds[this_round] = took;
	if (most > step->kilobytes)
		step->kilobytes = most;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void print(const char *title, unsigned int rounds)
{
	printf("%-34s%10s%20s%10s\n", title, "ms", "least-most", "peak MiB");
	for (unsigned int i = 0; i < STEPS && steps[i].name != NULL; i++) {
		uint64_t *t = steps[i].nanoseconds;

		qsort(t, rounds, sizeof(*t), compare);
		printf("  %-32s%10.1f%11.1f-%-8.1f%10.1f\n", steps[i].name,
		       (double)t[rounds / 2] / 1e6, (double)t[0] / 1e6,
		       (double)t[rounds - 1] / 1e6,
		       (double)steps[i].kilobytes / 1024);
	}
	fflush(stdout);
}

void steps_measure(const char *title, void (*scenario)(void),
		   unsigned int rounds)
{
	steps = mmap(NULL, STEPS * sizeof(*steps), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (steps == MAP_FAILED)
		die("memory");
	for (this_round = 0; this_round < rounds; this_round++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			scenario();
			_exit(0);
		}
		if (child < 0 || waitpid(child, &status, 0) != child ||
		    !WIFEXITED(status) || WEXITSTATUS(status) != 0)
			exit(1);
	}
	print(title, rounds);
	munmap(steps, STEPS * sizeof(*steps));
}
