/*
 * Writes programs of classic BPF.
 */
#ifndef LVS__BACKEND_PROGRAM_H
#define LVS__BACKEND_PROGRAM_H

#include "backend/raw/filter.h"

/* Where a search goes. */
enum lvs__label {
	LVS__HIT,
	LVS__MISS,
	LVS__LABELS
};

struct lvs__program {
	struct lvs__filter *filter;
	uint32_t labels[LVS__LABELS]; /* where each label is */
	uint8_t jumps[BPF_MAXINSNS];  /* label + 1 of an open jump, else 0 */
	bool full;		      /* it is too long */
};

/* Begins a program. Ends it, with the open jumps filled in: 0 or -EFBIG. */
void lvs__program_begin(struct lvs__program *w, struct lvs__filter *filter);
int lvs__program_end(struct lvs__program *w);

/* Ends a filter: LVS__HIT takes the packet, and is the next step. */
int lvs__program_end_filter(struct lvs__program *w);

/* Adds an instruction; a jump to a label; a label. */
void lvs__program_put(struct lvs__program *w, uint16_t code, uint32_t k,
		      uint8_t jt, uint8_t jf);
void lvs__program_jump(struct lvs__program *w, enum lvs__label label);
void lvs__program_label(struct lvs__program *w, enum lvs__label label);

/* Loads a word of the packet into A, or what is known about it (SKF_AD_). */
void lvs__program_load(struct lvs__program *w, uint32_t offset);
void lvs__program_load_meta(struct lvs__program *w, int field);

/*
 * Searches A among sorted keys, goes to LVS__HIT or LVS__MISS. Keys of four
 * words, IPv6 destinations, are parted only where their first words differ.
 */
void lvs__program_search(struct lvs__program *w, const uint32_t *keys,
			 size_t count, uint32_t words);

#endif
