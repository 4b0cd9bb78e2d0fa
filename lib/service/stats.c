/*
 * What was counted: sums over workers, rates, and setting to zero.
 *
 * Workers only add, each to its own line; readers add the lines up. Nothing is
 * ever set back: "zero" remembers what to subtract. A service's sum is that of
 * its dests, of those that are removed and not yet ended, and of the residue
 * that the ended ones left; so it never goes back.
 */
#include "service/service.h"

#include <string.h>

void lvs__dest_sum(const struct lvs_dest *dest, struct lvs__lane_counters *sum)
{
	struct lvs__lane_counters s = {0};

	for (uint32_t i = 0; i < dest->lane_count; i++) {
		const struct lvs__lane_counters *lane = &dest->lanes[i];

		s.conns += lvs__count_get(&lane->conns);
		s.in_packets += lvs__count_get(&lane->in_packets);
		s.out_packets += lvs__count_get(&lane->out_packets);
		s.in_bytes += lvs__count_get(&lane->in_bytes);
		s.out_bytes += lvs__count_get(&lane->out_bytes);
		s.syn_resets += lvs__count_get(&lane->syn_resets);
	}
	*sum = s;
}

LVS_PRIVATE uint64_t lvs__dest_resets(const struct lvs_dest *dest)
{
	struct lvs__lane_counters sum;

	lvs__dest_sum(dest, &sum);
	return sum.syn_resets;
}

static void sub(struct lvs_stats *from, const struct lvs_stats *what)
{
	from->conns -= what->conns;
	from->in_packets -= what->in_packets;
	from->out_packets -= what->out_packets;
	from->in_bytes -= what->in_bytes;
	from->out_bytes -= what->out_bytes;
}

void lvs__stats_add_dest(struct lvs_stats *sum, const struct lvs_dest *dest)
{
	struct lvs__lane_counters s;

	lvs__dest_sum(dest, &s);
	sum->conns += s.conns;
	sum->in_packets += s.in_packets;
	sum->out_packets += s.out_packets;
	sum->in_bytes += s.in_bytes;
	sum->out_bytes += s.out_bytes;
}

void lvs__stats_sub_dest(struct lvs_stats *sum, const struct lvs_dest *dest)
{
	struct lvs_stats s = {0};

	lvs__stats_add_dest(&s, dest);
	sub(sum, &s);
}

static void add_list(struct lvs_stats *sum, const struct lvs__list *list,
		     const struct lvs_service *service)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, list) {
		const struct lvs_dest *d =
			lvs__list_entry(node, struct lvs_dest, node);

		if (d->service == service)
			lvs__stats_add_dest(sum, d);
	}
}

void lvs__service_sum(const struct lvs_service *service, struct lvs_stats *sum)
{
	*sum = service->residue;
	add_list(sum, &service->dests, service);
	add_list(sum, service->graveyard, service);
}

/*
 * Rates are kept times 2^10, so that one connection in ten minutes leaves a
 * trace; `rates` holds them beside the sums at the last tick.
 */
#define SCALE_BITS 10
#define TICK_SECONDS 2

static uint64_t shown(uint64_t average)
{
	return (average + (1u << SCALE_BITS) / 2) >> SCALE_BITS;
}

/* Moves the average a quarter of the way to what the tick saw. */
static void tick(uint64_t *average, uint64_t *last, uint64_t sum)
{
	uint64_t rate = ((sum - *last) << SCALE_BITS) / TICK_SECONDS;

	*last = sum;
	if (rate >= *average)
		*average += (rate - *average) / 4;
	else /* rounded up, so that it reaches 0 */
		*average -= (*average - rate + 3) / 4;
}

static void estimate(struct lvs_stats *rates, const struct lvs_stats *sum)
{
	tick(&rates->conn_rate, &rates->conns, sum->conns);
	tick(&rates->in_packet_rate, &rates->in_packets, sum->in_packets);
	tick(&rates->out_packet_rate, &rates->out_packets, sum->out_packets);
	tick(&rates->in_byte_rate, &rates->in_bytes, sum->in_bytes);
	tick(&rates->out_byte_rate, &rates->out_bytes, sum->out_bytes);
}

void lvs__service_estimate(struct lvs_service *service)
{
	struct lvs__list *node, *save;
	struct lvs_stats sum;

	lvs__list_for_each (node, save, &service->dests) {
		struct lvs_dest *d =
			lvs__list_entry(node, struct lvs_dest, node);

		memset(&sum, 0, sizeof(sum));
		lvs__stats_add_dest(&sum, d);
		estimate(&d->rates, &sum);
	}
	lvs__service_sum(service, &sum);
	estimate(&service->rates, &sum);
}

LVS_PRIVATE void lvs__service_zero(struct lvs_service *service)
{
	struct lvs__list *node, *save;

	lvs__list_for_each (node, save, &service->dests) {
		struct lvs_dest *d =
			lvs__list_entry(node, struct lvs_dest, node);

		memset(&d->zero, 0, sizeof(d->zero));
		lvs__stats_add_dest(&d->zero, d);
	}
	lvs__service_sum(service, &service->zero);
}

/* Gives `sum` less `zero`, and the rates. */
static int show(struct lvs_stats *stats, size_t size, struct lvs_stats *sum,
		const struct lvs_stats *zero, const struct lvs_stats *rates)
{
	sub(sum, zero);
	sum->conn_rate = shown(rates->conn_rate);
	sum->in_packet_rate = shown(rates->in_packet_rate);
	sum->out_packet_rate = shown(rates->out_packet_rate);
	sum->in_byte_rate = shown(rates->in_byte_rate);
	sum->out_byte_rate = shown(rates->out_byte_rate);
	return lvs__give(stats, size, sum, sizeof(*sum));
}

LVS_EXPORT int lvs_service_stats(const struct lvs_service *service,
				 struct lvs_stats *stats, size_t size)
{
	struct lvs_stats sum;

	if (service == NULL || stats == NULL || size == 0)
		return -EINVAL;
	lvs__service_sum(service, &sum);
	return show(stats, size, &sum, &service->zero, &service->rates);
}

LVS_EXPORT int lvs_dest_stats(const struct lvs_dest *dest,
			      struct lvs_stats *stats, size_t size)
{
	struct lvs_stats sum = {0};

	if (dest == NULL || stats == NULL || size == 0)
		return -EINVAL;
	dest = lvs__dest_read(dest);
	lvs__stats_add_dest(&sum, dest);
	return show(stats, size, &sum, &dest->zero, &dest->rates);
}
