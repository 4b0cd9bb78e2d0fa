/*
 * A table is made and ended. All memory is reserved by lvs_table_new() and
 * never grows.
 */
#include "conn/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/limits.h"

#define SMALL_PAGE 4096 /* or smaller than a page of this machine */

static void prefault(volatile char *memory, size_t bytes)
{
	for (size_t i = 0; i < bytes; i += SMALL_PAGE)
		memory[i] = 0;
}

/*
 * Memory that is all there at once is asked for in huge pages: a random place
 * then costs no walk over page tables. The rest comes by small pages, as it is
 * used.
 */
static void *reserve(size_t bytes, uint32_t flags)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	if ((flags & LVS_TABLE_PREFAULT) != 0) {
		(void)madvise(memory, bytes, MADV_HUGEPAGE);
		prefault(memory, bytes);
	}
	return memory;
}

static void release(void *memory, size_t bytes)
{
	if (memory != NULL)
		(void)munmap(memory, bytes);
}

static void empty_lists(struct lvs_table *table)
{
	table->free = LVS__NO_PLACE;
	for (int i = 0; i < LVS__CLASSES; i++) {
		table->classes[i].oldest = LVS__NO_PLACE;
		table->classes[i].newest = LVS__NO_PLACE;
	}
}

LVS_EXPORT int lvs_table_new(struct lvs_table **table, uint32_t max,
			     uint32_t flags)
{
	struct lvs_table *t;
	int result;

	if (table == NULL || max == 0 || max > LVS__MOST_CONNS ||
	    (flags & ~(uint32_t)LVS_TABLE_PREFAULT) != 0)
		return -EINVAL;
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return -ENOMEM;
	result = lvs__hash_key_init(&t->key);
	t->max = max;
	t->index_size = 4ull * max;
	t->index = reserve(t->index_size * sizeof(*t->index), flags);
	t->conns = reserve((size_t)max * sizeof(*t->conns), flags);
	t->six = reserve((size_t)max * sizeof(*t->six), flags);
	t->colds = reserve((size_t)max * sizeof(*t->colds), flags);
	if (result == 0 && (t->index == NULL || t->conns == NULL ||
			    t->six == NULL || t->colds == NULL))
		result = -ENOMEM;
	if (result < 0) {
		lvs_table_free(t);
		return result;
	}
	empty_lists(t);
	memcpy(t->timeouts, lvs__timeouts_default, sizeof(t->timeouts));
	lvs__wheel_init(&t->wheel, &t->colds[0].timer, sizeof(t->colds[0]), 0);
	*table = t;
	return 0;
}

static void let_dests_go(struct lvs_table *table)
{
	for (uint32_t i = 0; i < table->fresh; i++) {
		struct lvs__conn *conn = &table->conns[i];

		if ((conn->flags & LVS__CONN_USED) != 0 && conn->dest != NULL)
			lvs__dest_unbind(conn->dest,
					 (conn->flags & LVS__CONN_ACTIVE) != 0);
	}
}

LVS_EXPORT void lvs_table_free(struct lvs_table *table)
{
	if (table == NULL)
		return;
	if (table->conns != NULL)
		let_dests_go(table);
	release(table->index, table->index_size * sizeof(*table->index));
	release(table->conns, (size_t)table->max * sizeof(*table->conns));
	release(table->six, (size_t)table->max * sizeof(*table->six));
	release(table->colds, (size_t)table->max * sizeof(*table->colds));
	free(table);
}
