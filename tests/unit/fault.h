/*
 * Memory that runs out when a test says so. The library's calls to the
 * allocator are wrapped by the linker (--wrap); libcheck's too, being an
 * archive, so between fault_at() and fault_end() nothing is asserted.
 */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

#include <stddef.h>

/* From now on the nth allocation fails (once); 0: none does. */
void fault_at(unsigned long nth);

/* How many allocations there were since fault_at(); none fails any more. */
unsigned long fault_end(void);

/* How many pieces of memory the library holds. */
long fault_held(void);

/*
 * A thing that is done to an object. It succeeds, or says -ENOMEM and leaves
 * the object as `print` showed it before. NULL for what a flow does not need.
 */
struct flow {
	void *(*make)(void);
	int (*act)(void *object);
	void (*print)(void *object, char *text, size_t size);
	void (*end)(void *object);
};

/* Does it with the first, the second, ... allocation failing, until none. */
void fault_flow(const struct flow *flow);

#endif
