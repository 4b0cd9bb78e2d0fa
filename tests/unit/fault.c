/*
 * Memory that runs out: every allocating function that the library calls is
 * replaced by the linker with one that counts, and refuses the one that the
 * test chose. What is held is counted too, so a leak shows in every build.
 *
 * The counts are per process; libcheck runs each test in one of its own.
 */
#include "fault.h"

#include <check.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>

#define FLOW_ENDS 100000 /* a flow with more allocations than this hangs */
#define TEXT 65536

static unsigned long failing, count;
static long held;

/* What the linker makes of the real functions. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__real_reallocarray(void *memory, size_t n, size_t size);
void *__real_aligned_alloc(size_t align, size_t size);
int __real_posix_memalign(void **memory, size_t align, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t size);
void *__real_mmap(void *addr, size_t size, int prot, int flags, int fd,
		  off_t at);
int __real_munmap(void *addr, size_t size);
void __real_free(void *memory);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void *__wrap_reallocarray(void *memory, size_t n, size_t size);
void *__wrap_aligned_alloc(size_t align, size_t size);
int __wrap_posix_memalign(void **memory, size_t align, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t size);
void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd,
		  off_t at);
int __wrap_munmap(void *addr, size_t size);
void __wrap_free(void *memory);

static int refused(void)
{
	if (++count != failing)
		return 0;
	errno = ENOMEM;
	return 1;
}

static void *hold(void *memory)
{
	held += memory != NULL;
	return memory;
}

void *__wrap_malloc(size_t size)
{
	return refused() ? NULL : hold(__real_malloc(size));
}

void *__wrap_calloc(size_t n, size_t size)
{
	return refused() ? NULL : hold(__real_calloc(n, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
	void *more;

	if (refused())
		return NULL;
	more = __real_realloc(memory, size);
	return memory == NULL ? hold(more) : more;
}

void *__wrap_reallocarray(void *memory, size_t n, size_t size)
{
	void *more;

	if (refused())
		return NULL;
	more = __real_reallocarray(memory, n, size);
	return memory == NULL ? hold(more) : more;
}

void *__wrap_aligned_alloc(size_t align, size_t size)
{
	return refused() ? NULL : hold(__real_aligned_alloc(align, size));
}

int __wrap_posix_memalign(void **memory, size_t align, size_t size)
{
	int error =
		refused() ? ENOMEM : __real_posix_memalign(memory, align, size);

	held += error == 0;
	return error;
}

char *__wrap_strdup(const char *text)
{
	return refused() ? NULL : hold(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t size)
{
	return refused() ? NULL : hold(__real_strndup(text, size));
}

void *__wrap_mmap(void *addr, size_t size, int prot, int flags, int fd,
		  off_t at)
{
	void *memory;

	if (refused())
		return MAP_FAILED;
	memory = __real_mmap(addr, size, prot, flags, fd, at);
	held += memory != MAP_FAILED;
	return memory;
}

int __wrap_munmap(void *addr, size_t size)
{
	held--;
	return __real_munmap(addr, size);
}

void __wrap_free(void *memory)
{
	held -= memory != NULL;
	__real_free(memory);
}

void fault_at(unsigned long nth)
{
	failing = nth;
	count = 0;
}

unsigned long fault_end(void)
{
	failing = 0;
	return count;
}

long fault_held(void)
{
	return held;
}

static void show(const struct flow *flow, void *object, char *text)
{
	text[0] = '\0';
	if (flow->print != NULL)
		flow->print(object, text, TEXT);
}

/* One round; whether the failing allocation was reached. */
static int round_of(const struct flow *flow, unsigned long nth)
{
	static char before[TEXT], after[TEXT];
	void *object = flow->make != NULL ? flow->make() : NULL;
	int result, reached;

	show(flow, object, before);
	fault_at(nth);
	result = flow->act(object);
	reached = fault_end() >= nth;
	ck_assert_msg(result >= 0 || reached, "fails by itself: %d", result);
	if (reached) {
		ck_assert_msg(result == -ENOMEM,
			      "allocation %lu fails and the result is %d", nth,
			      result);
		show(flow, object, after);
		ck_assert_msg(strcmp(before, after) == 0,
			      "allocation %lu fails and what was\n%s\nis\n%s",
			      nth, before, after);
	}
	if (flow->end != NULL)
		flow->end(object);
	return reached;
}

void fault_flow(const struct flow *flow)
{
	unsigned long nth = 1;
	long before = held;

	while (round_of(flow, nth)) {
		ck_assert_msg(held == before,
			      "allocation %lu fails and %ld pieces leak", nth,
			      held - before);
		ck_assert_uint_lt(nth++, FLOW_ENDS);
	}
	ck_assert_int_eq(held, before);
}
