/*
 * A slot a neighbour, found by walking all: this happens only for packets to a
 * neighbour that is not known, and the walk is short. When all slots are taken
 * new neighbours' packets are refused; a slot is free again after HOLD_WAIT at
 * the latest, so strangers' made-up addresses can keep it busy but not grow it.
 */
#include "backend/raw/hold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Each packet has headroom of its own. */
#define AREA (LVS__HOLD_BYTES + LVS__HOLD_PACKETS * LVS_HEADROOM)

int lvs__hold_init(struct lvs__hold *hold)
{
	memset(hold, 0, sizeof(*hold));
	hold->slots = calloc(LVS__HOLD_SLOTS, sizeof(*hold->slots));
	hold->memory = calloc(LVS__HOLD_SLOTS, AREA);
	if (hold->slots != NULL && hold->memory != NULL)
		return 0;
	lvs__hold_fini(hold);
	return -ENOMEM;
}

void lvs__hold_fini(struct lvs__hold *hold)
{
	free(hold->slots);
	free(hold->memory);
	memset(hold, 0, sizeof(*hold));
}

static struct lvs__held *find(struct lvs__hold *hold, uint32_t ifindex,
			      const struct lvs_addr *addr)
{
	for (uint32_t i = 0; i < LVS__HOLD_SLOTS && hold->busy > 0; i++)
		if (hold->slots[i].state == LVS__HOLD_WAITING &&
		    hold->slots[i].ifindex == ifindex &&
		    memcmp(&hold->slots[i].addr, addr, sizeof(*addr)) == 0)
			return &hold->slots[i];
	return NULL;
}

static struct lvs__held *take_free(struct lvs__hold *hold)
{
	for (uint32_t i = 0; i < LVS__HOLD_SLOTS; i++)
		if (hold->slots[i].state == LVS__HOLD_FREE)
			return &hold->slots[i];
	return NULL;
}

/* Copies the packet behind those that the slot has. */
static int keep(struct lvs__hold *hold, struct lvs__held *held,
		const struct lvs_packet *packet)
{
	uint8_t *area = hold->memory + (size_t)(held - hold->slots) * AREA;
	struct lvs_packet *copy = &held->packets[held->count];

	if (held->count == LVS__HOLD_PACKETS ||
	    packet->length > LVS__HOLD_BYTES - held->used)
		return -ENOBUFS;
	*copy = *packet;
	copy->data = area + held->used + held->count * LVS_HEADROOM;
	copy->offset = LVS_HEADROOM;
	copy->capacity = LVS_HEADROOM + packet->length;
	memcpy(copy->data + copy->offset, packet->data + packet->offset,
	       packet->length);
	held->used += packet->length;
	held->count++;
	lvs__count_add(&hold->packets, 1);
	return 0;
}

int lvs__hold_add(struct lvs__hold *hold, uint32_t ifindex,
		  const struct lvs_addr *addr, const struct lvs_packet *packet,
		  uint64_t now)
{
	struct lvs__held *held = find(hold, ifindex, addr);

	if (held != NULL)
		return keep(hold, held, packet);
	held = take_free(hold);
	if (held == NULL)
		return -ENOBUFS;
	*held = (struct lvs__held){
		.addr = *addr,
		.ifindex = ifindex,
		.deadline = now + LVS__HOLD_WAIT,
	};
	if (keep(hold, held, packet) < 0)
		return -ENOBUFS;
	held->state = LVS__HOLD_WAITING;
	hold->busy++;
	return 1;
}

static void settle(struct lvs__hold *hold, struct lvs__held *held,
		   bool resolved)
{
	held->state = resolved ? LVS__HOLD_READY : LVS__HOLD_FAILED;
	hold->settled = true;
}

void lvs__hold_settle(struct lvs__hold *hold, uint32_t ifindex,
		      const struct lvs_addr *addr, bool resolved)
{
	struct lvs__held *held = find(hold, ifindex, addr);

	if (held != NULL)
		settle(hold, held, resolved);
}

void lvs__hold_expire(struct lvs__hold *hold, uint64_t now)
{
	for (uint32_t i = 0; i < LVS__HOLD_SLOTS && hold->busy > 0; i++)
		if (hold->slots[i].state == LVS__HOLD_WAITING &&
		    hold->slots[i].deadline <= now)
			settle(hold, &hold->slots[i], false);
}

struct lvs__held *lvs__hold_next(struct lvs__hold *hold)
{
	if (!hold->settled)
		return NULL;
	for (uint32_t i = 0; i < LVS__HOLD_SLOTS; i++)
		if (hold->slots[i].state == LVS__HOLD_READY ||
		    hold->slots[i].state == LVS__HOLD_FAILED)
			return &hold->slots[i];
	hold->settled = false;
	return NULL;
}

void lvs__hold_release(struct lvs__hold *hold, struct lvs__held *held)
{
	lvs__count_add(&hold->packets, -(uint64_t)held->count);
	held->state = LVS__HOLD_FREE;
	hold->busy--;
}

uint64_t lvs__hold_deadline(const struct lvs__hold *hold)
{
	uint64_t next = UINT64_MAX;

	if (hold->settled)
		return 0;
	for (uint32_t i = 0; i < LVS__HOLD_SLOTS && hold->busy > 0; i++)
		if (hold->slots[i].state == LVS__HOLD_WAITING &&
		    hold->slots[i].deadline < next)
			next = hold->slots[i].deadline;
	return next;
}
