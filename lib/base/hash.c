/*
 * Randomness from the kernel. The hash itself is inline, in hash.h.
 */
#include "base/hash.h"

#include <errno.h>
#include <sys/random.h>

int lvs__random(void *bytes, size_t size)
{
	ssize_t got;

	/* so few never come in pieces; a signal may come before them */
	do
		got = getrandom(bytes, size, 0);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	return (size_t)got == size ? 0 : -EIO;
}

int lvs__hash_key_init(struct lvs__hash_key *key)
{
	struct lvs__hash_key fresh;
	int error = lvs__random(&fresh, sizeof(fresh));

	if (error == 0)
		*key = fresh;
	return error;
}
