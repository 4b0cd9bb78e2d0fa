/*
 * ipvsadm's rules out of any bytes.
 *
 * What must hold: all or nothing, with a message; what was understood, saved
 * and read again, is the same; and the difference of a model to its own copy
 * is none.
 */
#include <lvs/rules.h>
#include <string.h>

#include "fuzz.h"

static char text[1 << 20], again_text[1 << 20];

static int save(const struct lvs_model *model, char *into)
{
	int length = lvs_rules_save(model, into, sizeof(text));

	must(length >= 0 && (size_t)length < sizeof(text),
	     "what was understood can be saved");
	return length;
}

static void go_round(const struct lvs_model *model)
{
	char message[512] = "";
	struct lvs_model *again;
	int length = save(model, text);

	if (lvs_model_new(&again) != 0)
		return;
	if (lvs_rules_apply_text(again, text, (size_t)length, message,
				 sizeof(message)) < 0) {
		fprintf(stderr, "%s\n%s\n", message, text);
		must(false, "what was saved can be restored");
	}
	save(again, again_text);
	must(strcmp(text, again_text) == 0, "what is restored is the same");
	lvs_model_free(again);
}

static void compare(const struct lvs_model *model)
{
	struct lvs_model *copy;
	char line[256];

	if (lvs_model_copy(&copy, model) != 0)
		return;
	must(lvs_model_diff(model, copy, line, sizeof(line)) == 0,
	     "a copy does not differ");
	lvs_model_free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char message[512] = "";
	struct lvs_model *model;
	int result;

	if (lvs_model_new(&model) != 0)
		return 0;
	result = lvs_rules_apply_text(model, (const char *)data, size, message,
				      sizeof(message));
	if (result < 0) {
		must(message[0] != '\0', "a failure has a message");
		must(strchr(message, '\n') == NULL, "a message is one line");
		must(lvs_model_next_service(model, NULL) == NULL,
		     "nothing is applied by half");
	} else {
		go_round(model);
		compare(model);
	}
	lvs_model_free(model);
	return 0;
}
