/*
 * ipvsadm's options: a line each in one table, and what their values mean.
 *
 * What cannot be honoured yet is refused by name, never passed over. What
 * lists, saves, restores and sets to zero is here too, and is no part of a
 * rule. Which command takes which option is grammar.c's.
 */
#include "config/options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "config/reader.h"

/* ---- messages */

const char *lvs__rule_spell(char spelled[32],
			    const struct lvs__rule_word *option)
{
	if (option->name != '\0')
		(void)snprintf(spelled, 32, "-%c", option->name);
	else
		(void)snprintf(spelled, 32, "--%s", option->word);
	return spelled;
}

static int expected(struct lvs__rule_text *text, int error,
		    const struct lvs__rule_word *option, const char *value,
		    const char *what)
{
	char shown[LVS__SHOWN];
	char spelled[32];

	return lvs__message(text->message, text->size, error,
			    "%s: found %s, expected %s",
			    lvs__rule_spell(spelled, option),
			    lvs__lexer_show(shown, value), what);
}

int lvs__rule_later(struct lvs__rule *rule, struct lvs__rule_text *text,
		    const struct lvs__rule_word *option, const char *value)
{
	char spelled[32];

	(void)rule;
	(void)value;
	return lvs__message(text->message, text->size, -EINVAL,
			    option->name == 0 ? "%s is not built yet"
					      : "%s (--%s) is not built yet",
			    lvs__rule_spell(spelled, option), option->word);
}

static int no_rule(struct lvs__rule *rule, struct lvs__rule_text *text,
		   const struct lvs__rule_word *option, const char *value)
{
	char spelled[32];

	(void)rule;
	(void)value;
	return lvs__message(text->message, text->size, -EINVAL,
			    "%s is no part of a rule",
			    lvs__rule_spell(spelled, option));
}

static int say(struct lvs__rule *rule, struct lvs__rule_text *text,
	       const struct lvs__rule_word *option, uint32_t what)
{
	char spelled[32];

	if ((rule->says & what) != 0)
		return lvs__message(text->message, text->size, -EINVAL,
				    "%s: said already, expected once",
				    lvs__rule_spell(spelled, option));
	rule->says |= what;
	return 0;
}

/* ---- values */

static int number(struct lvs__rule_text *text, uint32_t *number,
		  const struct lvs__rule_word *option, const char *value,
		  uint32_t most)
{
	char what[64];
	uint64_t v = 0;
	int error = lvs__digits(&v, value);

	if (error == 0 && v > most)
		error = -ERANGE;
	if (error != 0) {
		(void)lvs__message(what, sizeof(what), 0,
				   "a number from 0 to %" PRIu32, most);
		return expected(text, error, option, value, what);
	}
	*number = (uint32_t)v;
	return 0;
}

static int command(struct lvs__rule *rule, struct lvs__rule_text *text,
		   const struct lvs__rule_word *option, const char *value)
{
	char shown[LVS__SHOWN];

	(void)value;
	if (rule->command != LVS__RULE_NONE)
		return lvs__message(text->message, text->size, -EINVAL,
				    "found a second command %s, expected one",
				    lvs__lexer_show(shown,
						    text->words[text->at]));
	rule->command = option->target;
	return 0;
}

static int service(struct lvs__rule *rule, struct lvs__rule_text *text,
		   const struct lvs__rule_word *option, const char *value)
{
	int error = say(rule, text, option, LVS__SAYS_SERVICE);

	if (error != 0)
		return error;
	rule->protocol = option->target;
	if (lvs_endpoint_parse(&rule->addr, &rule->port, value) != 0)
		return expected(text, -EINVAL, option, value,
				"ADDRESS:PORT in numbers (names are not "
				"looked up; ipvsadm -S has -n for that)");
	if (rule->port == 0)
		return expected(text, -EINVAL, option, value,
				"a port from 1 to 65535: a service for all "
				"ports needs -p, which is not built yet");
	return 0;
}

static int server(struct lvs__rule *rule, struct lvs__rule_text *text,
		  const struct lvs__rule_word *option, const char *value)
{
	size_t length = strlen(value);
	int error = say(rule, text, option, LVS__SAYS_SERVER);

	if (error != 0)
		return error;
	if (lvs_endpoint_parse(&rule->server, &rule->server_port, value) != 0)
		return expected(text, -EINVAL, option, value,
				"ADDRESS[:PORT] in numbers (names are not "
				"looked up; ipvsadm -S has -n for that)");
	if (rule->server_port == 0 && length > 2 && value[length - 1] == '0' &&
	    value[length - 2] == ':' &&
	    (rule->server.family == LVS_IPV4 || value[0] == '['))
		return expected(text, -EINVAL, option, value,
				"a port from 1 to 65535, or none");
	return 0;
}

static int sched(struct lvs__rule *rule, struct lvs__rule_text *text,
		 const struct lvs__rule_word *option, const char *value)
{
	const char *name = lvs__sched_word(value);
	int error = say(rule, text, option, LVS__SAYS_SCHED);

	if (error != 0)
		return error;
	if (name != NULL) {
		rule->sched = name;
		return 0;
	}
	if (lvs__reader_listed(lvs__later_scheds, value) != NULL)
		return lvs__message(text->message, text->size, -EINVAL,
				    "-s: the scheduler %s is not built yet",
				    value);
	return expected(text, -EINVAL, option, value, LVS__SCHED_EXPECTED);
}

static int method(struct lvs__rule *rule, struct lvs__rule_text *text,
		  const struct lvs__rule_word *option, const char *value)
{
	int error = say(rule, text, option, LVS__SAYS_METHOD);

	(void)value;
	rule->method = (uint32_t)option->target;
	return error;
}

static int amount(struct lvs__rule *rule, struct lvs__rule_text *text,
		  const struct lvs__rule_word *option, const char *value)
{
	int error = say(rule, text, option, (uint32_t)option->target);

	if (error != 0)
		return error;
	if (option->target == LVS__SAYS_WEIGHT)
		return number(text, &rule->weight, option, value,
			      LVS__MOST_WEIGHT);
	if (option->target == LVS__SAYS_UPPER)
		return number(text, &rule->upper, option, value,
			      LVS__MOST_THRESHOLD);
	return number(text, &rule->lower, option, value, LVS__MOST_THRESHOLD);
}

static int drain(struct lvs__rule *rule, struct lvs__rule_text *text,
		 const struct lvs__rule_word *option, const char *value)
{
	(void)value;
	rule->drain = option->target != 0;
	return say(rule, text, option, LVS__SAYS_DRAIN);
}

static int no_check(struct lvs__rule *rule, struct lvs__rule_text *text,
		    const struct lvs__rule_word *option, const char *value)
{
	(void)value;
	return say(rule, text, option, LVS__SAYS_NO_CHECK);
}

static int expire(struct lvs__rule *rule, struct lvs__rule_text *text,
		  const struct lvs__rule_word *option, const char *value)
{
	(void)value;
	rule->expire = option->target != 0;
	return say(rule, text, option, LVS__SAYS_EXPIRE);
}

/* --set: three times in seconds; 0 keeps what is. */
static int timeouts(struct lvs__rule *rule, struct lvs__rule_text *text,
		    const struct lvs__rule_word *option, const char *value)
{
	int error = command(rule, text, option, value);

	for (int i = 0; i < 3 && error == 0; i++) {
		uint64_t ms = 0;

		if (i > 0)
			value = text->words[++text->at];
		text->fault = text->at;
		error = lvs__decimal(&ms, value);
		if (error == 0 && ms > LVS__MOST_MS)
			error = -ERANGE;
		if (error != 0)
			return expected(text, error, option, value,
					"seconds from 0 to 2147483.647");
		rule->timeouts[i] = ms;
	}
	return error;
}

bool lvs__rule_is_command(const struct lvs__rule_word *option)
{
	return option->read == command || option->read == timeouts;
}

/* ---- the table: a line an option */

const struct lvs__rule_word lvs__rule_words[] = {
	{'A', "add-service", LVS__VALUE_NONE, command, LVS__RULE_ADD_SERVICE},
	{'E', "edit-service", LVS__VALUE_NONE, command, LVS__RULE_EDIT_SERVICE},
	{'D', "delete-service", LVS__VALUE_NONE, command,
	 LVS__RULE_DELETE_SERVICE},
	{'C', "clear", LVS__VALUE_NONE, command, LVS__RULE_CLEAR},
	{'a', "add-server", LVS__VALUE_NONE, command, LVS__RULE_ADD_SERVER},
	{'e', "edit-server", LVS__VALUE_NONE, command, LVS__RULE_EDIT_SERVER},
	{'d', "delete-server", LVS__VALUE_NONE, command,
	 LVS__RULE_DELETE_SERVER},
	{0, "set", LVS__VALUE_THREE, timeouts, LVS__RULE_SET},

	{'t', "tcp-service", LVS__VALUE_ONE, service, LVS_TCP},
	{'u', "udp-service", LVS__VALUE_ONE, service, LVS_UDP},
	{'s', "scheduler", LVS__VALUE_ONE, sched, 0},
	{'r', "real-server", LVS__VALUE_ONE, server, 0},
	{'g', "gatewaying", LVS__VALUE_NONE, method, LVS_DR},
	{'m', "masquerading", LVS__VALUE_NONE, method, LVS_NAT},
	{'w', "weight", LVS__VALUE_ONE, amount, LVS__SAYS_WEIGHT},
	{'x', "u-threshold", LVS__VALUE_ONE, amount, LVS__SAYS_UPPER},
	{'y', "l-threshold", LVS__VALUE_ONE, amount, LVS__SAYS_LOWER},

	/* our own */
	{0, "drain", LVS__VALUE_NONE, drain, 1},
	{0, "no-drain", LVS__VALUE_NONE, drain, 0},
	{0, "no-check", LVS__VALUE_NONE, no_check, 0},
	{0, "expire-nodest", LVS__VALUE_NONE, expire, 1},
	{0, "no-expire-nodest", LVS__VALUE_NONE, expire, 0},

	{0, "sctp-service", LVS__VALUE_ONE, lvs__rule_later, 0},
	{'f', "fwmark-service", LVS__VALUE_ONE, lvs__rule_later, 0},
	{'6', "ipv6", LVS__VALUE_NONE, lvs__rule_later, 0},
	{'p', "persistent", LVS__VALUE_MAYBE, lvs__rule_later, 0},
	{'M', "netmask", LVS__VALUE_ONE, lvs__rule_later, 0},
	{0, "pe", LVS__VALUE_ONE, lvs__rule_later, 0},
	{'b', "sched-flags", LVS__VALUE_ONE, lvs__rule_later, 0},
	{'o', "ops", LVS__VALUE_NONE, lvs__rule_later, 0},
	{'i', "ipip", LVS__VALUE_NONE, lvs__rule_later, 0},
	{0, "tun-type", LVS__VALUE_ONE, lvs__rule_later, 0},
	{0, "tun-port", LVS__VALUE_ONE, lvs__rule_later, 0},
	{0, "tun-nocsum", LVS__VALUE_NONE, lvs__rule_later, 0},
	{0, "tun-csum", LVS__VALUE_NONE, lvs__rule_later, 0},
	{0, "tun-remcsum", LVS__VALUE_NONE, lvs__rule_later, 0},
	{0, "start-daemon", LVS__VALUE_ONE, lvs__rule_later, 0},
	{0, "stop-daemon", LVS__VALUE_ONE, lvs__rule_later, 0},
	{0, "mcast-interface", LVS__VALUE_ONE, lvs__rule_later, 0},
	{0, "mcast-group", LVS__VALUE_ONE, lvs__rule_later, 0},
	{0, "mcast-port", LVS__VALUE_ONE, lvs__rule_later, 0},
	{0, "mcast-ttl", LVS__VALUE_ONE, lvs__rule_later, 0},
	{0, "syncid", LVS__VALUE_ONE, lvs__rule_later, 0},
	{0, "sync-maxlen", LVS__VALUE_ONE, lvs__rule_later, 0},

	{'L', "list", LVS__VALUE_NONE, no_rule, 0},
	{'l', "list", LVS__VALUE_NONE, no_rule, 0},
	{'Z', "zero", LVS__VALUE_NONE, no_rule, 0},
	{'S', "save", LVS__VALUE_NONE, no_rule, 0},
	{'R', "restore", LVS__VALUE_NONE, no_rule, 0},
	{'h', "help", LVS__VALUE_NONE, no_rule, 0},
	{'v', "version", LVS__VALUE_NONE, no_rule, 0},
	{'n', "numeric", LVS__VALUE_NONE, no_rule, 0},
	{'c', "connection", LVS__VALUE_NONE, no_rule, 0},
	{0, "health", LVS__VALUE_NONE, no_rule, 0}, /* our own */
	{0, "stats", LVS__VALUE_NONE, no_rule, 0},
	{0, "rate", LVS__VALUE_NONE, no_rule, 0},
	{0, "timeout", LVS__VALUE_NONE, no_rule, 0},
	{0, "daemon", LVS__VALUE_NONE, no_rule, 0},
	{0, "thresholds", LVS__VALUE_NONE, no_rule, 0},
	{0, "persistent-conn", LVS__VALUE_NONE, no_rule, 0},
	{0, "tun-info", LVS__VALUE_NONE, no_rule, 0},
	{0, "exact", LVS__VALUE_NONE, no_rule, 0},
	{0, "sort", LVS__VALUE_NONE, no_rule, 0},
	{0, "nosort", LVS__VALUE_NONE, no_rule, 0},
	{.word = NULL},
};
