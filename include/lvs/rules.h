/*
 * liblvs-director: ipvsadm's rules, both directions.
 *
 * Grammar after ipvsadm(8). A rule changes a model; a model is written as
 * rules that make it again, complete (thresholds and timeouts too).
 */
#ifndef LVS_RULES_H
#define LVS_RULES_H

#include <lvs/model.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Applies one rule to the model: -A -E -D -C -a -e -d --set, with the words
 * as main() has them, without the program's name
 * ({"-A", "-t", "192.0.2.1:80", "-s", "wlc"}). What -a adds is checked as the
 * other servers of its service are, unless --no-check is said.
 * 0, -EINVAL: not a rule; -EEXIST, -ENOENT: the service or dest is there, or
 * not; -ERANGE, -ENOMEM, with `message`. On failure the model is unchanged.
 */
int lvs_rules_apply(struct lvs_model *model, const char *const *words,
		    size_t count, char *message, size_t size);

/*
 * Applies a text of rules, one a line; empty lines and lines that begin with
 * '#' are skipped, ipvsadm's own save files are read. One transaction: all or
 * nothing; `message` names line and column. How many rules, or an error as
 * above or of lvs_model_copy(); -EINVAL: a line or the text is too long, too.
 */
int lvs_rules_apply_text(struct lvs_model *model, const char *text,
			 size_t length, char *message, size_t size);

/*
 * Writes the model as rules, one a line, into `text`, cut at `size`; applied
 * to an empty model they make an equal one. Rules know no backend: where the
 * model has a server at its service's own address, which only some backends
 * allow, the empty one must be told of the backend first.
 * The length of the whole text, -EINVAL, -EOVERFLOW.
 */
int lvs_rules_save(const struct lvs_model *model, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
