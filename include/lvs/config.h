/*
 * liblvs-director: keepalived.conf as a model.
 *
 * Syntax after keepalived.conf(5): blocks in braces, words, "quoted words",
 * comments from '!' or '#' to the end of the line, `include` with a pattern.
 * `lvs_backend { ... }` is a block of our own. lvsd.conf(5) lists all words.
 */
#ifndef LVS_CONFIG_H
#define LVS_CONFIG_H

#include <lvs/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a warning is about. */
enum lvs_config_warning {
	LVS_CONFIG_NO_EFFECT = 1, /* a word is understood, and does nothing */
	LVS_CONFIG_REPEATED = 2,  /* it is said again: the last one holds */
	LVS_CONFIG_NO_FILE = 3,	  /* no file fits the pattern of an include */
	LVS_CONFIG_NO_INTERFACE = 4, /* not on this host: the backend would not
					start with it */
	/* neither would a control socket: */
	LVS_CONFIG_NO_GROUP = 5, /* the group that may use it is not there */
	LVS_CONFIG_NO_FOLDER = 6 /* nor is the folder where it is to be */
};

/*
 * Reads a file into a new model. Either all is understood or nothing comes
 * out: the message names file, line and column, and what was expected.
 * `warn` (may be NULL) is called for each thing that was understood but is
 * probably not meant so: its kind (enum lvs_config_warning) and one line, with
 * file, line and column. It is for the kinds from LVS_CONFIG_NO_INTERFACE on
 * that this host is asked for its interfaces, folders and groups: the last by
 * the name service, once, which may take its time; not without `warn`.
 * 0, -EINVAL: the text is wrong; -ENOENT and other errno of open and read;
 * -ELOOP: files include each other, or deeper than 16; -EFBIG: more than 16 MiB
 * or 4096 files; -EIO: an include cannot be searched; or as lvs_model_new().
 */
int lvs_config_read(struct lvs_model **model, const char *path, char *message,
		    size_t size,
		    void (*warn)(void *user, int kind, const char *line),
		    void *user);

/*
 * The same for text in memory; `name` stands for the file in messages and for
 * where its includes are resolved from ("/etc/x.conf"; without a "/", from the
 * working directory).
 */
int lvs_config_parse(struct lvs_model **model, const char *name,
		     const char *text, size_t length, char *message,
		     size_t size,
		     void (*warn)(void *user, int kind, const char *line),
		     void *user);

/*
 * Prints a model as a tree, what was understood, into `text`, cut at `size`.
 * The length of the whole text, -EINVAL, -EOVERFLOW.
 */
int lvs_config_print(const struct lvs_model *model, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
