/*
 * The load of a dest: its connections, and the mark that says it has enough.
 *
 * The load is two counts in one atomic word, so that "add, test, undo" keeps
 * the upper threshold exact whoever adds at the same time, and so that a
 * connection that turns active is never counted twice or not at all.
 */
#include "service/service.h"

/* What the mark should be with `total` connections, being `marked` now. */
static uint32_t overloaded(const struct lvs_dest *dest, uint64_t total,
			   uint32_t marked)
{
	uint64_t upper = __atomic_load_n(&dest->load.upper, __ATOMIC_RELAXED);
	uint64_t lower = __atomic_load_n(&dest->load.lower, __ATOMIC_RELAXED);

	if (upper == 0)
		return 0;
	if (total >= upper)
		return 1;
	if (lower > 0 ? total < lower : total * 4 < upper * 3)
		return 0;
	return marked;
}

/*
 * Two threads may judge at once, and the later load must win. The load is read
 * by an addition of 0, so that these readings and all changes stand in one
 * order: who judges by an old load wrote the mark before it looks again, and
 * whoever changed the load after that look sees the mark. It goes round again
 * only when another thread changed something meanwhile.
 */
void lvs__dest_judge(struct lvs_dest *dest)
{
	for (;;) {
		uint64_t conns = __atomic_fetch_add(&dest->load.conns, 0,
						    __ATOMIC_ACQ_REL);
		uint32_t marked =
			__atomic_load_n(&dest->load.overload, __ATOMIC_RELAXED);
		uint32_t mark =
			overloaded(dest, lvs__conns_total(conns), marked);

		if (mark == marked)
			return;
		__atomic_store_n(&dest->load.overload, mark, __ATOMIC_RELAXED);
	}
}

/* A parent counts the connections itself. */
static bool held(const struct lvs_dest *dest)
{
	return dest->service == NULL || dest->service->parent != NULL;
}

LVS_EXPORT int lvs_dest_opened(struct lvs_dest *dest)
{
	int error;

	if (dest == NULL)
		return -EINVAL;
	dest = lvs__dest_now(dest);
	if (held(dest))
		return -EBUSY;
	if (dest->mark.gone != 0)
		return -ENOENT;
	if (lvs__dest_total(dest) >= UINT32_MAX)
		return -EUSERS; /* the count ends here */
	error = lvs__dest_bind(dest);
	if (error != 0)
		return error;
	lvs__dest_activate(dest);
	lvs__count_add(&dest->lanes[0].conns, 1);
	return 0;
}

LVS_EXPORT int lvs_dest_closed(struct lvs_dest *dest)
{
	if (dest == NULL)
		return -EINVAL;
	dest = lvs__dest_now(dest);
	if (held(dest))
		return -EBUSY;
	if (lvs__conns_active(lvs__dest_conns(dest)) == 0)
		return -ERANGE;
	lvs__dest_unbind(dest, true);
	if (dest->mark.gone != 0 && lvs__dest_total(dest) == 0) {
		lvs__list_remove(&dest->node);
		lvs__dest_free(dest);
	}
	return 0;
}
