/*
 * Settings that hold from the start to the end of a node: a change of one of
 * them is refused with its name, never ignored.
 */
#include "director/apply.h"

#include <inttypes.h>
#include <string.h>

#include "model/model.h"

static const int fixed[] = {LVS_MODEL_WORKERS, LVS_MODEL_CONNECTIONS,
			    LVS_MODEL_RING_FRAMES, LVS_MODEL_ADDRESSES};
static const int fixed_texts[] = {LVS_MODEL_BACKEND, LVS_MODEL_CONTROL,
				  LVS_MODEL_GROUP};

static const char *or_unset(const char *text)
{
	return text != NULL ? text : "(unset)";
}

int lvs__settings_check(const struct lvs_director *director,
			const struct lvs_model *model, char *message,
			size_t size)
{
	const char *a, *b;
	uint64_t x = 0, y = 0;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		(void)lvs_model_get(director->model, fixed[i], &x);
		(void)lvs_model_get(model, fixed[i], &y);
		if (x != y)
			return lvs__message(message, size, -EBUSY,
					    "%s %" PRIu64 " needs a restart "
					    "(%" PRIu64 " runs)",
					    lvs__model_options[fixed[i]].name,
					    y, x);
	}
	for (size_t i = 0; i < sizeof(fixed_texts) / sizeof(fixed_texts[0]);
	     i++) {
		a = or_unset(
			lvs_model_get_text(director->model, fixed_texts[i]));
		b = or_unset(lvs_model_get_text(model, fixed_texts[i]));
		if (strcmp(a, b) != 0)
			return lvs__message(message, size, -EBUSY,
					    "%s %s needs a restart (%s runs)",
					    lvs__model_texts[fixed_texts[i]], b,
					    a);
	}
	for (size_t i = 0;; i++) {
		a = or_unset(lvs_model_get_interface(director->model, i));
		b = or_unset(lvs_model_get_interface(model, i));
		if (strcmp(a, b) != 0)
			return lvs__message(
				message, size, -EBUSY,
				"interface %s needs a restart (%s runs)", b, a);
		if (lvs_model_get_interface(model, i) == NULL)
			return 0;
	}
}
