/*
 * Random keys. The hash itself is inline, in hash.h.
 */
#include "base/hash.h"

#include <errno.h>
#include <sys/random.h>

LVS_PRIVATE int lvs__hash_key_init(struct lvs__hash_key *key)
{
	struct lvs__hash_key fresh;
	ssize_t got;

	/* 16 bytes never come in pieces; a signal may come before them */
	do
		got = getrandom(&fresh, sizeof(fresh), 0);
	while (got < 0 && errno == EINTR);
	if (got != (ssize_t)sizeof(fresh))
		return got < 0 ? -errno : -EIO;
	*key = fresh;
	return 0;
}
