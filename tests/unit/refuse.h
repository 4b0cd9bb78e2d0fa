/*
 * System calls that fail when a test says so. The library's calls are wrapped
 * by the linker (--wrap), libcheck's too, so between refuse_at() and
 * refuse_end() nothing is asserted.
 */
#ifndef TESTS_REFUSE_H
#define TESTS_REFUSE_H

#include <stdbool.h>
#include <stddef.h>

#define REFUSE_TEXT 512

/*
 * From now on the nth call fails with the which-th error that is plausible for
 * it (they come round); `always`: so does every later call of the same
 * function.
 */
void refuse_at(unsigned long nth, unsigned long which, bool always);

/* Whether that call came and failed. */
bool refuse_end(void);

/* Calls between are the test's own: they are not counted and do not fail. */
void refuse_pause(bool pause);

/* What failed, in words: "socket: too many open descriptors". */
const char *refuse_what(void);

/*
 * A thing to do. It leaves nothing open or held, whether it succeeds or fails;
 * a failure is an error that has a name, and says so in `message`; a call that
 * was interrupted is no failure at all.
 */
struct act {
	int (*act)(char *message, size_t size);
	void (*undo)(void); /* after each round, undisturbed; or NULL */
	bool slow;	    /* one of its errors for each call is enough */
	bool once;	    /* what fails does not fail for ever */
	bool no_memory;	    /* test_fault does that better */
};

/*
 * Does it with the first, the second, ... call failing, by each error, once
 * and for ever; then with each allocation failing. How often in all.
 */
unsigned long refuse_flow(const struct act *act);

/* How many descriptors the process has. */
int refuse_descriptors(void);

#endif
