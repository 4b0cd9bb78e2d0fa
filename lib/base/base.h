/*
 * What every file uses: export marks, branch hints, messages.
 */
#ifndef LVS__BASE_H
#define LVS__BASE_H

#include <errno.h>
#include <lvs/base.h>
#include <string.h>

/* Public: named in a map and declared in <lvs/…>. On definitions only. */
#define LVS_EXPORT __attribute__((visibility("default")))
/* For liblvs-director only: in the map's node LIBLVS_PRIVATE_<version>. */
#define LVS_PRIVATE __attribute__((visibility("default")))

#define LVS__LINE 64 /* bytes of a cache line */
#define LVS__ALIGNED __attribute__((aligned(LVS__LINE)))
#define LVS__INLINE static inline __attribute__((always_inline))

#define lvs__likely(x) __builtin_expect(!!(x), 1)
#define lvs__unlikely(x) __builtin_expect(!!(x), 0)

/*
 * Counters with one writer and any readers: no torn reads, no locked
 * instruction.
 */
LVS__INLINE uint64_t lvs__count_get(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

LVS__INLINE void lvs__count_add(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

/*
 * Fills a caller's struct of `size` bytes, as he knows it: an older caller gets
 * less, a newer one zeros behind. 0, or -EINVAL: nowhere to put it.
 */
LVS__INLINE int lvs__give(void *out, size_t size, const void *whole,
			  size_t known)
{
	if (out == NULL || size == 0)
		return -EINVAL;
	memcpy(out, whole, size < known ? size : known);
	if (size > known)
		memset((char *)out + known, 0, size - known);
	return 0;
}

/*
 * Writes one line into a caller's message buffer (NULL and 0 are fine) and
 * returns `error`, so that a failure reads `return lvs__message(...)`.
 */
int lvs__message(char *message, size_t size, int error, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The same, with ": " and the error in words behind; NULL: these alone. */
int lvs__message_error(char *message, size_t size, int error,
		       const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
