/*
 * What workers are asked: one piece of memory with a part for each worker,
 * shared by the asker and the workers, and freed by the last one that lets go.
 * So nothing waits for anybody, and an asker may go at any moment.
 */
#ifndef LVS__QUESTION_H
#define LVS__QUESTION_H

#include "base/base.h"

struct lvs__question {
	uint32_t references; /* __atomic */
	uint32_t given_up;   /* __atomic: the asker is gone */
};

/* True: that was the last one, who frees it. */
LVS__INLINE bool lvs__question_let_go(struct lvs__question *question)
{
	return __atomic_sub_fetch(&question->references, 1, __ATOMIC_ACQ_REL) ==
	       0;
}

LVS__INLINE bool lvs__question_given_up(const struct lvs__question *question)
{
	return __atomic_load_n(&question->given_up, __ATOMIC_RELAXED) != 0;
}

LVS__INLINE void lvs__question_give_up(struct lvs__question *question)
{
	__atomic_store_n(&question->given_up, 1, __ATOMIC_RELAXED);
}

#endif
