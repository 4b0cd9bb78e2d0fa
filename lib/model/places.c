/*
 * Where a service or dest stands in the configuration ("site.conf:12"), for
 * people who look for it. Found by its pointer, as checks are; what was made by
 * other means has none.
 */
#include "model/model.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct place {
	struct lvs__model_link link; /* first */
	const void *what;
	char text[];
};

static struct place *find(const struct lvs_model *model, const void *what)
{
	struct lvs__model_link *link =
		lvs__model_index_first(&model->places,
				       lvs__model_hash(&what, sizeof(what)));

	for (; link != NULL; link = link->next)
		if (((struct place *)link)->what == what)
			return (struct place *)link;
	return NULL;
}

void lvs__model_drop_place(struct lvs_model *model, const void *what)
{
	struct place *place = find(model, what);

	if (place == NULL)
		return;
	lvs__model_index_remove(&model->places, &place->link);
	free(place);
}

int lvs__model_set_place(struct lvs_model *model, const void *what,
			 const char *text)
{
	struct place *place;
	int error;

	lvs__model_drop_place(model, what);
	if (text == NULL)
		return 0;
	place = calloc(1, sizeof(*place) + strlen(text) + 1);
	if (place == NULL)
		return -ENOMEM;
	place->what = what;
	memcpy(place->text, text, strlen(text));
	error = lvs__model_index_add(&model->places, &place->link,
				     lvs__model_hash(&what, sizeof(what)));
	if (error != 0)
		free(place);
	return error;
}

const char *lvs__model_place(const struct lvs_model *model, const void *what)
{
	const struct place *place = find(model, what);

	return place != NULL ? place->text : NULL;
}
