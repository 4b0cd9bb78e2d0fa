/*
 * keepalived.conf out of any bytes.
 *
 * What must hold: what is refused is refused with a message and no model; what
 * is understood prints in full, and its rules make the same model again.
 * Includes are left out: they would read this machine's files.
 */
#include "config.h" /* memmem() is the C library's extension */

#include <lvs/config.h>
#include <lvs/rules.h>
#include <string.h>

#include "fuzz.h"

static void warn(void *user, int kind, const char *line)
{
	size_t *length = user;

	must(kind >= LVS_CONFIG_NO_EFFECT && kind <= LVS_CONFIG_NO_FOLDER,
	     "a warning has a kind");
	*length += strlen(line);
}

/* The services of `model` as rules make them again: its difference is none. */
static void go_round(const struct lvs_model *model)
{
	static char text[1 << 20], again_text[1 << 20];
	char message[512] = "";
	struct lvs_model *again;
	int length = lvs_rules_save(model, text, sizeof(text));

	if (length < 0 || (size_t)length >= sizeof(text) ||
	    lvs_model_new(&again) != 0)
		return;
	/* rules say no settings, and what may be said hangs on this one */
	must(lvs_model_set_text(again, LVS_MODEL_BACKEND, "none") == 0,
	     "there is memory");
	if (lvs_rules_apply_text(again, text, (size_t)length, message,
				 sizeof(message)) < 0) {
		fprintf(stderr, "%s\n%s\n", message, text);
		must(false, "what was saved as rules can be restored");
	}
	must(lvs_rules_save(again, again_text, sizeof(again_text)) == length &&
		     strcmp(text, again_text) == 0,
	     "rules make a model that has the same rules");
	lvs_model_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[1 << 20];
	char message[512] = "";
	struct lvs_model *model = NULL;
	size_t warned = 0;
	int result;

	if (memmem(data, size, "include", 7) != NULL)
		return 0;
	result = lvs_config_parse(&model, "fuzz.conf", (const char *)data, size,
				  message, sizeof(message), warn, &warned);
	if (result < 0) {
		must(model == NULL, "nothing comes out of a failure");
		must(message[0] != '\0', "a failure has a message");
		must(strchr(message, '\n') == NULL, "a message is one line");
		return 0;
	}
	must(model != NULL, "a success has a model");
	must(lvs_config_print(model, text, sizeof(text)) >= 0,
	     "what was understood prints");
	go_round(model);
	lvs_model_free(model);
	return 0;
}
