/*
 * Servers are entered as neighbours when they are claimed, and looked after in
 * rounds: what could not be entered is tried again, and the way to one may have
 * changed. A server is three requests to the kernel, so a claim enters only
 * what is new, and if that is much the rest in a round, which goes on a few
 * servers at a time: the caller's loop has other work, and checks that wait.
 */
#include <string.h>

#include "backend/raw/raw.h"

#define PERIOD 15000 /* milliseconds between rounds */
#define AT_ONCE 64   /* servers */
#define BREATH 10    /* milliseconds until the next of them */

/* By address, as both lists are: the one that comes first. */
static int compare(const struct lvs__holdings *a, size_t i,
		   const struct lvs__holdings *b, size_t j)
{
	if (i == a->server_count || j == b->server_count)
		return (i == a->server_count) - (j == b->server_count);
	return memcmp(&a->servers[i].addr, &b->servers[j].addr,
		      sizeof(a->servers[i].addr));
}

/* The round goes on among other servers; anew, if some are still to enter. */
static void go_on(struct lvs__raw *raw, bool anew)
{
	if (anew || raw->left > raw->held.server_count)
		raw->left = raw->held.server_count;
	if (anew)
		raw->next_manage = 0;
}

void lvs__raw_hand_over(struct lvs__raw *raw, struct lvs__holdings *wanted)
{
	struct lvs__holdings *held = &raw->held;
	size_t i = 0, j = 0, cursor = 0, added = 0;

	while (i < held->server_count || j < wanted->server_count) {
		int order = compare(held, i, wanted, j);

		if (i == raw->cursor)
			cursor = j;
		if (order == 0)
			wanted->servers[j++] = held->servers[i++];
		else if (order < 0)
			lvs__managed_leave(&raw->requests, &held->servers[i++]);
		else if (added++ < AT_ONCE)
			lvs__managed_enter(&raw->requests,
					   &wanted->servers[j++]);
		else
			j++;
	}
	*held = *wanted;
	raw->cursor = cursor;
	go_on(raw, added > AT_ONCE);
}

/* Whether there is work now and then. */
static bool has_duties(const struct lvs__raw *raw)
{
	return raw->held.server_count > 0 || raw->virtuals.owed_count > 0;
}

void lvs__raw_plan_round(struct lvs__raw *raw)
{
	if (!has_duties(raw))
		raw->next_manage = UINT64_MAX;
	else if (raw->next_manage == UINT64_MAX)
		raw->next_manage = 0;
}

void lvs__raw_begin_round(struct lvs__raw *raw)
{
	lvs__virtual_pay(&raw->virtuals);
	raw->left = raw->held.server_count;
	raw->next_manage = has_duties(raw) ? 0 : UINT64_MAX;
}

void lvs__raw_manage(struct lvs__raw *raw, uint64_t now)
{
	struct lvs__holdings *held = &raw->held;

	if (now < raw->next_manage)
		return;
	if (raw->left == 0)
		lvs__raw_begin_round(raw);
	for (uint32_t i = 0; i < AT_ONCE && raw->left > 0; i++, raw->left--) {
		if (raw->cursor >= held->server_count)
			raw->cursor = 0;
		lvs__managed_enter(&raw->requests,
				   &held->servers[raw->cursor++]);
	}
	if (has_duties(raw))
		raw->next_manage = now + (raw->left > 0 ? BREATH : PERIOD);
}
