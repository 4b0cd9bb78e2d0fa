/*
 * What the fuzz targets share. A target is one function over bytes; libFuzzer
 * calls it where the tree is configured for it, else replay.c over the seeds.
 * A target that finds a contradiction says which and aborts.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The bytes that are left; past the end they are 0. */
struct bytes {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t take8(struct bytes *bytes)
{
	if (bytes->left == 0)
		return 0;
	bytes->left--;
	return *bytes->at++;
}

static inline uint16_t take16(struct bytes *bytes)
{
	uint16_t high = take8(bytes);

	return (uint16_t)(high << 8 | take8(bytes));
}

/* For what must hold whatever the bytes are. */
static inline void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: not true: %s\n", what);
	abort();
}

#endif
