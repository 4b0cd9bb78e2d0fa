/*
 * Programs are written front to back, jumps go forward only. A conditional
 * jump reaches 255 instructions, so a long way is an unconditional jump whose
 * target, a label, is filled in at the end.
 *
 * Sorted keys are searched by halving: an inner node compares with the first
 * key of the upper half, a leaf compares with a few keys one by one. So a
 * packet costs about log2(n) steps and a leaf's.
 */
#include "backend/raw/program.h"

#include <errno.h>
#include <string.h>

/* Keys that are compared one by one: a jump reaches all of a leaf. */
#define NUMBER_LEAF 16
#define IPV6_LEAF 4

void lvs__program_put(struct lvs__program *w, uint16_t code, uint32_t k,
		      uint8_t jt, uint8_t jf)
{
	if (w->filter->length >= BPF_MAXINSNS) {
		w->full = true;
		return;
	}
	w->filter->code[w->filter->length++] = (struct sock_filter){
		.code = code,
		.jt = jt,
		.jf = jf,
		.k = k,
	};
}

void lvs__program_jump(struct lvs__program *w, enum lvs__label label)
{
	if (w->filter->length < BPF_MAXINSNS)
		w->jumps[w->filter->length] = (uint8_t)(label + 1);
	lvs__program_put(w, BPF_JMP | BPF_JA, 0, 0, 0);
}

void lvs__program_label(struct lvs__program *w, enum lvs__label label)
{
	w->labels[label] = w->filter->length;
}

void lvs__program_load(struct lvs__program *w, uint32_t offset)
{
	lvs__program_put(w, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

void lvs__program_load_meta(struct lvs__program *w, int field)
{
	lvs__program_load(w, (uint32_t)(SKF_AD_OFF + field));
}

int lvs__program_end(struct lvs__program *w)
{
	if (w->full)
		return -EFBIG;
	for (uint32_t i = 0; i < w->filter->length; i++)
		if (w->jumps[i] != 0)
			w->filter->code[i].k =
				w->labels[w->jumps[i] - 1] - i - 1;
	return 0;
}

int lvs__program_end_filter(struct lvs__program *w)
{
	lvs__program_label(w, LVS__HIT);
	lvs__program_put(w, BPF_RET | BPF_K, UINT32_MAX, 0, 0);
	lvs__program_label(w, LVS__MISS);
	lvs__program_put(w, BPF_RET | BPF_K, 0, 0, 0);
	return lvs__program_end(w);
}

void lvs__program_begin(struct lvs__program *w, struct lvs__filter *filter)
{
	memset(w, 0, sizeof(*w));
	w->filter = filter;
	filter->length = 0;
}

/* Compares A with numbers one by one; all jump to one label. */
static void put_number_leaf(struct lvs__program *w, const uint32_t *keys,
			    size_t count)
{
	for (size_t i = 0; i < count; i++)
		lvs__program_put(w, BPF_JMP | BPF_JEQ | BPF_K, keys[i],
				 (uint8_t)(count - i), 0);
	lvs__program_jump(w, LVS__MISS);
	lvs__program_jump(w, LVS__HIT);
}

/* Compares the destination with IPv6 addresses, the last word first. */
static void put_ipv6_leaf(struct lvs__program *w, const uint32_t *keys,
			  size_t count)
{
	static const uint8_t past[] = {7, 5, 3, 1};

	for (size_t i = 0; i < count; i++) {
		for (uint32_t word = 0; word < 4; word++) {
			lvs__program_load(w, 36 - 4 * word);
			lvs__program_put(w, BPF_JMP | BPF_JEQ | BPF_K,
					 keys[i * 4 + word], 0, past[word]);
		}
		lvs__program_jump(w, LVS__HIT);
	}
	lvs__program_jump(w, LVS__MISS);
}

void lvs__program_search(struct lvs__program *w, const uint32_t *keys,
			 size_t count, uint32_t words)
{
	size_t half = count / 2;
	uint16_t here;

	while (count > 1 && half < count &&
	       keys[half * words] == keys[(half - 1) * words])
		half++;
	if (words == 1 && (count <= NUMBER_LEAF || half == count)) {
		/* where all are the same, one will do */
		put_number_leaf(w, keys,
				count > 0 && half == count ? 1 : count);
		return;
	}
	if (words == 4 && (count <= IPV6_LEAF || half == count)) {
		put_ipv6_leaf(w, keys, count);
		return;
	}
	lvs__program_put(w, BPF_JMP | BPF_JGE | BPF_K, keys[half * words], 0,
			 1);
	here = w->filter->length;
	lvs__program_put(w, BPF_JMP | BPF_JA, 0, 0, 0);
	lvs__program_search(w, keys, half, words);
	if (!w->full)
		w->filter->code[here].k = w->filter->length - here - 1U;
	lvs__program_search(w, &keys[half * words], count - half, words);
}
