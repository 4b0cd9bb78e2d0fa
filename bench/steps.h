/*
 * Steps of a benchmark that are done once and take long: time and peak memory.
 */
#ifndef BENCH_STEPS_H
#define BENCH_STEPS_H

#define STEP_ROUNDS 9

/* What stands between them is one step, in the order of their first call. */
void step_begin(void);
void step_end(const char *name);

/* Runs it in so many rounds and prints the table. Ends the program if one
 * fails. */
void steps_measure(const char *title, void (*scenario)(void),
		   unsigned int rounds);

#endif
