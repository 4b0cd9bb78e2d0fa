/*
 * A doubly linked list through a node inside the element.
 */
#ifndef LVS__LIST_H
#define LVS__LIST_H

#include <stdbool.h>
#include <stddef.h>

struct lvs__list {
	struct lvs__list *next;
	struct lvs__list *prev;
};

/* The element that holds this node. */
#define lvs__list_entry(node, type, member) \
	((type *)(void *)((char *)(node)-offsetof(type, member)))

/* `node` may be removed by the body: the next one is fetched before. */
#define lvs__list_for_each(node, save, list)                                 \
	for ((node) = (list)->next, (save) = (node)->next; (node) != (list); \
	     (node) = (save), (save) = (node)->next)

static inline void lvs__list_init(struct lvs__list *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool lvs__list_empty(const struct lvs__list *list)
{
	return list->next == list;
}

static inline void lvs__list_insert(struct lvs__list *after,
				    struct lvs__list *node)
{
	node->next = after->next;
	node->prev = after;
	after->next->prev = node;
	after->next = node;
}

static inline void lvs__list_append(struct lvs__list *list,
				    struct lvs__list *node)
{
	lvs__list_insert(list->prev, node);
}

static inline void lvs__list_remove(struct lvs__list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	lvs__list_init(node);
}

#endif
