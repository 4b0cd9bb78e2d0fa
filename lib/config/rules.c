/*
 * Rules on a model: one rule at once, a text of them as one change.
 *
 * A rule is understood whole before the model is touched (options.c,
 * grammar.c). A text is applied to a copy, which takes the model's place when
 * every line has succeeded.
 */
#include "config/options.h"

#include <errno.h>
#include <string.h>

#include <lvs/rules.h>

#include "base/limits.h"
#include "model/model.h"
#include "model/text.h"

#define LINE_BYTES 4096
#define LINE_WORDS 64

/* "tcp 192.0.2.1:80" and "10.0.0.1:80", for messages. */
static const char *name_service(char name[80], const struct lvs__rule *rule)
{
	struct lvs__text text;

	lvs__text_init(&text, name, 80);
	lvs__text_add(&text, "%s ", lvs__protocol_name(rule->protocol));
	lvs__text_endpoint(&text, &rule->addr, rule->port);
	return name;
}

static const char *name_server(char name[80], const struct lvs__rule *rule)
{
	(void)lvs_endpoint_format(&rule->server, rule->server_port, name, 80);
	return name;
}

static int failed(struct lvs__rule_text *text, int error)
{
	return lvs__message_error(text->message, text->size, error, NULL);
}

/* ---- services */

static int set_service(struct lvs_service *service,
		       const struct lvs__rule *rule)
{
	int error = lvs_service_set_sched(service, rule->sched);

	if (error == 0 && (rule->says & LVS__SAYS_EXPIRE) != 0)
		error = lvs_service_set(service, LVS_SERVICE_EXPIRE_NODEST,
					rule->expire);
	return error;
}

static int add_service(struct lvs_model *model, const struct lvs__rule *rule,
		       struct lvs__rule_text *text)
{
	struct lvs_service *service;
	char name[80];
	int error = lvs_service_new(&service);

	if (error != 0)
		return failed(text, error);
	error = lvs_service_set_address(service, &rule->addr, rule->port,
					rule->protocol);
	if (error == -EINVAL) {
		lvs_service_free(service);
		return lvs__message(text->message, text->size, error,
				    "%s cannot be served, expected a unicast "
				    "address",
				    name_service(name, rule));
	}
	if (error == 0)
		error = set_service(service, rule);
	if (error == 0)
		error = lvs_model_add_service(model, service);
	if (error == 0)
		return 0;
	lvs_service_free(service);
	if (error == -EEXIST)
		return lvs__message(text->message, text->size, error,
				    "the service %s is there already",
				    name_service(name, rule));
	return failed(text, error);
}

static void clear(struct lvs_model *model)
{
	struct lvs_service *service;

	while ((service = lvs_model_next_service(model, NULL)) != NULL)
		(void)lvs_model_remove_service(model, service);
}

/* ---- servers */

static int set_dest(struct lvs_dest *dest, const struct lvs__rule *rule)
{
	int error = lvs_dest_set(dest, LVS_DEST_WEIGHT, rule->weight);

	if (error == 0)
		error = lvs_dest_set(dest, LVS_DEST_METHOD, rule->method);
	if (error == 0)
		error = lvs__model_set_thresholds(dest, rule->upper,
						  rule->lower);
	if (error == 0 && (rule->says & LVS__SAYS_DRAIN) != 0)
		error = lvs_dest_set(dest, LVS_DEST_DRAIN, rule->drain);
	return error;
}

/* Sets all or nothing. */
static int edit_dest(struct lvs_dest *dest, const struct lvs__rule *rule)
{
	struct lvs__rule before = {
		.weight =
			(uint32_t)lvs__model_dest_number(dest, LVS_DEST_WEIGHT),
		.method =
			(uint32_t)lvs__model_dest_number(dest, LVS_DEST_METHOD),
		.upper = (uint32_t)lvs__model_dest_number(dest, LVS_DEST_UPPER),
		.lower = (uint32_t)lvs__model_dest_number(dest, LVS_DEST_LOWER),
	};
	int error = set_dest(dest, rule);

	if (error != 0)
		(void)set_dest(dest, &before);
	return error;
}

static int add_dest(struct lvs_model *model, struct lvs_service *service,
		    const struct lvs__rule *rule, struct lvs__rule_text *text)
{
	struct lvs_dest *dest;
	char name[80];
	int error = lvs_service_add_dest(service, &dest, &rule->server,
					 rule->server_port, rule->weight);

	if (error == -EEXIST)
		return lvs__message(text->message, text->size, error,
				    "the server %s is there already",
				    name_server(name, rule));
	if (error == -EINVAL)
		return lvs__message(text->message, text->size, error,
				    "no server can be at %s, expected a "
				    "unicast address",
				    name_server(name, rule));
	if (error != 0)
		return failed(text, error);
	error = set_dest(dest, rule);
	if (error == 0 && (rule->says & LVS__SAYS_NO_CHECK) == 0)
		error = lvs__model_inherit_checks(model, dest);
	if (error == 0)
		return 0;
	(void)lvs_model_remove_dest(model, service, dest);
	return failed(text, error);
}

static int apply_server(struct lvs_model *model, struct lvs_service *service,
			const struct lvs__rule *rule,
			struct lvs__rule_text *text)
{
	struct lvs_dest *dest;
	char name[80];
	int error;

	if (rule->command == LVS__RULE_ADD_SERVER)
		return add_dest(model, service, rule, text);
	dest = lvs_service_find_dest(service, &rule->server, rule->server_port);
	if (dest == NULL)
		return lvs__message(text->message, text->size, -ENOENT,
				    "there is no server %s in this service",
				    name_server(name, rule));
	if (rule->command == LVS__RULE_DELETE_SERVER)
		return lvs_model_remove_dest(model, service, dest);
	error = edit_dest(dest, rule);
	return error == 0 ? 0 : failed(text, error);
}

/* ---- one rule */

static void set_timeouts(struct lvs_model *model, const struct lvs__rule *rule)
{
	static const int options[] = {LVS_MODEL_TIMEOUT_TCP,
				      LVS_MODEL_TIMEOUT_TCP_FIN,
				      LVS_MODEL_TIMEOUT_UDP};

	for (int i = 0; i < 3; i++)
		if (rule->timeouts[i] != 0)
			(void)lvs_model_set(model, options[i],
					    rule->timeouts[i]);
}

static int apply(struct lvs_model *model, const struct lvs__rule *rule,
		 struct lvs__rule_text *text)
{
	struct lvs_service *service;
	char name[80];
	int error;

	if (rule->command == LVS__RULE_ADD_SERVICE)
		return add_service(model, rule, text);
	if (rule->command == LVS__RULE_CLEAR)
		clear(model);
	if (rule->command == LVS__RULE_SET)
		set_timeouts(model, rule);
	if ((rule->says & LVS__SAYS_SERVICE) == 0)
		return 0;
	service = lvs_model_find_service(model, &rule->addr, rule->port,
					 rule->protocol);
	if (service == NULL)
		return lvs__message(text->message, text->size, -ENOENT,
				    "there is no service %s",
				    name_service(name, rule));
	if (rule->command == LVS__RULE_DELETE_SERVICE)
		return lvs_model_remove_service(model, service);
	if (rule->command != LVS__RULE_EDIT_SERVICE)
		return apply_server(model, service, rule, text);
	error = set_service(service, rule);
	return error == 0 ? 0 : failed(text, error);
}

LVS_EXPORT int lvs_rules_apply(struct lvs_model *model,
			       const char *const *words, size_t count,
			       char *message, size_t size)
{
	struct lvs__rule_text text = {
		.words = words,
		.count = count,
		.message = message,
		.size = size,
	};
	struct lvs__rule rule;
	int error;

	if (model == NULL || (words == NULL && count > 0))
		return -EINVAL;
	error = lvs__rule_parse(&rule, &text);
	return error != 0 ? error : apply(model, &rule, &text);
}

/* ---- a text of rules */

/* A line cut into words. */
struct line {
	char text[LINE_BYTES];
	const char *words[LINE_WORDS];
	size_t columns[LINE_WORDS];
	size_t count;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* What is wrong with a line as such, NULL if nothing. */
static const char *cut(struct line *line, const char *text, size_t length)
{
	line->count = 0;
	if (length >= LINE_BYTES)
		return "found a line of more than 4095 bytes, expected less";
	if (memchr(text, '\0', length) != NULL)
		return "found a NUL byte, expected text";
	memcpy(line->text, text, length);
	line->text[length] = '\0';
	for (size_t i = 0; i < length;) {
		if (blank(line->text[i])) {
			line->text[i++] = '\0';
			continue;
		}
		if (line->count == LINE_WORDS)
			return "found more than 64 words, expected fewer";
		line->words[line->count] = line->text + i;
		line->columns[line->count++] = i + 1;
		while (i < length && !blank(line->text[i]))
			i++;
	}
	return NULL;
}

/* One line onto the model: 1: a rule, 0: none, or an error with message. */
static int apply_line(struct lvs_model *model, struct line *line,
		      const char *from, size_t length, size_t number,
		      char *message, size_t size)
{
	char why[512] = "";
	struct lvs__rule_text text = {.message = why, .size = sizeof(why)};
	const char *bad = cut(line, from, length);
	struct lvs__rule rule;
	int error;

	if (bad != NULL)
		return lvs__message(message, size, -EINVAL,
				    "line %zu, column 1: %s", number, bad);
	if (line->count == 0 || line->words[0][0] == '#')
		return 0;
	text.words = line->words;
	text.count = line->count;
	error = lvs__rule_parse(&rule, &text);
	if (error == 0) {
		text.fault = 0;
		error = apply(model, &rule, &text);
	}
	if (error == 0)
		return 1;
	return lvs__message(message, size, error, "line %zu, column %zu: %s",
			    number, line->columns[text.fault], why);
}

static int apply_lines(struct lvs_model *model, const char *text, size_t length,
		       char *message, size_t size)
{
	struct line line;
	size_t number = 0;
	int count = 0;

	while (length > 0) {
		const char *end = memchr(text, '\n', length);
		size_t n = end == NULL ? length : (size_t)(end - text);
		int result;

		result = apply_line(model, &line, text, n, ++number, message,
				    size);
		if (result < 0)
			return result;
		count += result;
		if (end == NULL)
			break;
		text += n + 1;
		length -= n + 1;
	}
	return count;
}

LVS_EXPORT int lvs_rules_apply_text(struct lvs_model *model, const char *text,
				    size_t length, char *message, size_t size)
{
	struct lvs_model *copy;
	int result;

	if (model == NULL || (text == NULL && length > 0))
		return -EINVAL;
	if (length > LVS__MOST_TEXT)
		return lvs__message(
			message, size, -EINVAL,
			"found more than %u MiB of rules, expected less",
			LVS__MOST_TEXT >> 20);
	result = lvs_model_copy(&copy, model);
	if (result != 0)
		return lvs__message_error(message, size, result, NULL);
	result = apply_lines(copy, text, length, message, size);
	if (result >= 0)
		lvs__model_swap(model, copy);
	lvs_model_free(copy);
	return result;
}
