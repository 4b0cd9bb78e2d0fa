/*
 * A rule on a model. It is understood whole before the model is touched
 * (options.c, grammar.c); restore.c does a text of rules.
 */
#include "config/options.h"

#include <errno.h>
#include <string.h>

#include <lvs/rules.h>

#include "model/text.h"
#include "model/wish.h"

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
				    "address, not of loopback or of one "
				    "link",
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
	struct lvs__dest_wish wish;

	lvs__wish_of_dest(&wish, dest);
	wish.of[LVS_DEST_WEIGHT] = rule->weight;
	wish.of[LVS_DEST_METHOD] = rule->method;
	wish.of[LVS_DEST_UPPER] = rule->upper;
	wish.of[LVS_DEST_LOWER] = rule->lower;
	if ((rule->says & LVS__SAYS_DRAIN) != 0)
		wish.of[LVS_DEST_DRAIN] = rule->drain;
	return lvs__wish_give_dest(&wish, dest);
}

/* Sets all or nothing. */
static int edit_dest(struct lvs_dest *dest, const struct lvs__rule *rule)
{
	struct lvs__dest_wish before;
	int error;

	lvs__wish_of_dest(&before, dest);
	error = set_dest(dest, rule);
	if (error != 0)
		(void)lvs__wish_give_dest(&before, dest);
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
	if (lvs__model_serves_itself(model, service, &dest->addr)) {
		(void)lvs_model_remove_dest(model, service, dest);
		return lvs__message(text->message, text->size, -EINVAL,
				    "%s: %s", name_server(name, rule),
				    LVS__SERVES_ITSELF);
	}
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

int lvs__rule_apply(struct lvs_model *model, const struct lvs__rule *rule,
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
		return lvs__message_error(message, size, -EINVAL, NULL);
	error = lvs__rule_parse(&rule, &text);
	return error != 0 ? error : lvs__rule_apply(model, &rule, &text);
}
