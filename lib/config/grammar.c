/*
 * From words to options by their table, and from options to a rule.
 *
 * Options are read as popt and getopt do: "-w 5", "-w5", "-w=5", "--weight 5",
 * "--weight=5", short ones without value in one word. Which command needs and
 * takes what stands in one table. -e and -E set what they do not say to its
 * default, as ipvsadm does; our own words (--drain, --expire-nodest) stay as
 * they were.
 */
#include "config/options.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "base/near.h"
#include "config/lexer.h"

/* Which command needs and which takes what. */
#define SERVER_OPTIONS                                           \
	(LVS__SAYS_METHOD | LVS__SAYS_WEIGHT | LVS__SAYS_UPPER | \
	 LVS__SAYS_LOWER | LVS__SAYS_DRAIN)

static const struct {
	const char *name;
	uint32_t needs;
	uint32_t takes;
} grammar[LVS__RULE_COMMANDS] = {
	[LVS__RULE_ADD_SERVICE] = {"-A", LVS__SAYS_SERVICE,
				   LVS__SAYS_SCHED | LVS__SAYS_EXPIRE},
	[LVS__RULE_EDIT_SERVICE] = {"-E", LVS__SAYS_SERVICE,
				    LVS__SAYS_SCHED | LVS__SAYS_EXPIRE},
	[LVS__RULE_DELETE_SERVICE] = {"-D", LVS__SAYS_SERVICE, 0},
	[LVS__RULE_CLEAR] = {"-C", 0, 0},
	[LVS__RULE_ADD_SERVER] = {"-a", LVS__SAYS_SERVICE | LVS__SAYS_SERVER,
				  SERVER_OPTIONS | LVS__SAYS_NO_CHECK},
	[LVS__RULE_EDIT_SERVER] = {"-e", LVS__SAYS_SERVICE | LVS__SAYS_SERVER,
				   SERVER_OPTIONS},
	[LVS__RULE_DELETE_SERVER] = {"-d", LVS__SAYS_SERVICE | LVS__SAYS_SERVER,
				     0},
	[LVS__RULE_SET] = {"--set", 0, 0},
};

static const struct {
	uint32_t says;
	const char *name;
} names[] = {
	{LVS__SAYS_SERVICE, "a service (-t or -u)"},
	{LVS__SAYS_SCHED, "a scheduler (-s)"},
	{LVS__SAYS_SERVER, "a server (-r)"},
	{LVS__SAYS_METHOD, "a method (-g or -m)"},
	{LVS__SAYS_WEIGHT, "a weight (-w)"},
	{LVS__SAYS_UPPER, "a threshold (-x)"},
	{LVS__SAYS_LOWER, "a threshold (-y)"},
	{LVS__SAYS_DRAIN, "--drain or --no-drain"},
	{LVS__SAYS_EXPIRE, "--expire-nodest or --no-expire-nodest"},
	{LVS__SAYS_NO_CHECK, "--no-check"},
};

static const char *name_of(uint32_t says)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((says & names[i].says) != 0)
			return names[i].name;
	return "nothing";
}

/* ---- words */

/* Reads an option's value (`attached` may be NULL) and has both taken. */
static int give(struct lvs__rule_text *text,
		const struct lvs__rule_word *option, const char *attached)
{
	size_t wanted = option->value == LVS__VALUE_THREE ? 3 : 1;
	char spelled[32];

	/* what is not built needs no value to be refused */
	if (option->value == LVS__VALUE_NONE ||
	    option->value == LVS__VALUE_MAYBE ||
	    option->read == lvs__rule_later)
		return text->take(text, option, attached);
	if (attached != NULL)
		wanted--;
	if (text->count - text->at - 1 < wanted) {
		text->fault = text->at;
		return lvs__message(text->message, text->size, -EINVAL,
				    "%s: found nothing after it, expected %s",
				    lvs__rule_spell(spelled, option),
				    option->value == LVS__VALUE_THREE
					    ? "three values (tcp, tcpfin, udp)"
					    : "a value");
	}
	if (attached == NULL)
		attached = text->words[++text->at];
	text->fault = text->at;
	return text->take(text, option, attached);
}

static int unknown(struct lvs__rule_text *text, const char *what)
{
	char shown[LVS__SHOWN];

	return lvs__message(text->message, text->size, -EINVAL,
			    "found %s, expected %s",
			    lvs__lexer_show(shown, text->words[text->at]),
			    what);
}

/* No such option, with or without a value behind it. */
static int unknown_option(struct lvs__rule_text *text, const char *word,
			  size_t length)
{
	struct lvs__near near;
	char what[64];

	lvs__near_begin(&near, word, length);
	for (const struct lvs__rule_word *o = lvs__rule_words; o->word != NULL;
	     o++)
		lvs__near_try(&near, o->word);
	if (near.nearest == NULL)
		return unknown(text, "an option of ipvsadm");
	(void)lvs__message(what, sizeof(what), 0,
			   "an option of ipvsadm; is --%s meant?",
			   near.nearest);
	return unknown(text, what);
}

static int long_option(struct lvs__rule_text *text, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t length = equals == NULL ? strlen(word) : (size_t)(equals - word);

	for (const struct lvs__rule_word *o = lvs__rule_words; o->word != NULL;
	     o++) {
		if (strlen(o->word) != length ||
		    strncmp(o->word, word, length) != 0)
			continue;
		if (equals != NULL && o->value == LVS__VALUE_NONE)
			return unknown(text, "no value for this option");
		return give(text, o, equals == NULL ? NULL : equals + 1);
	}
	return unknown_option(text, word, length);
}

/* Short options in one word; the first that takes a value takes the rest. */
static int short_options(struct lvs__rule_text *text, const char *word)
{
	int error = 0;

	for (; *word != '\0' && error == 0; word++) {
		const struct lvs__rule_word *o = lvs__rule_words;
		const char *rest = word + 1;

		while (o->word != NULL && o->name != *word)
			o++;
		if (o->word == NULL)
			return unknown(text, "an option of ipvsadm");
		if (o->value == LVS__VALUE_NONE) {
			error = give(text, o, NULL);
			continue;
		}
		if (*rest == '\0')
			return give(text, o, NULL);
		return give(text, o, *rest == '=' ? rest + 1 : rest);
	}
	return error;
}

static int read_word(struct lvs__rule_text *text, const char *word)
{
	if (word == NULL)
		return lvs__message(text->message, text->size, -EINVAL,
				    "found no word, expected one");
	if (word[0] != '-' || word[1] == '\0')
		return text->take(text, NULL, word);
	return word[1] == '-' ? long_option(text, word + 2)
			      : short_options(text, word + 1);
}

int lvs__rule_read(struct lvs__rule_text *text)
{
	int result = 0;

	text->fault = 0;
	for (text->at = 0; text->at < text->count && result == 0; text->at++) {
		text->fault = text->at;
		result = read_word(text, text->words[text->at]);
	}
	return result;
}

/* ---- the rule as a whole */

static int judge(const struct lvs__rule *rule, struct lvs__rule_text *text)
{
	uint32_t needs = grammar[rule->command].needs;
	uint32_t takes = grammar[rule->command].takes;
	const char *name = grammar[rule->command].name;

	text->fault = 0;
	if (rule->command == LVS__RULE_NONE)
		return lvs__message(text->message, text->size, -EINVAL,
				    "found no command, expected one of -A -E "
				    "-D -C -a -e -d --set");
	if ((needs & ~rule->says) != 0)
		return lvs__message(text->message, text->size, -EINVAL,
				    "%s: expected %s", name,
				    name_of(needs & ~rule->says));
	if ((rule->says & ~(needs | takes)) != 0)
		return lvs__message(text->message, text->size, -EINVAL,
				    "%s: found %s, expected none", name,
				    name_of(rule->says & ~(needs | takes)));
	if (rule->lower > rule->upper)
		return lvs__message(text->message, text->size, -ERANGE,
				    "-y: found %u, expected at most %u, the "
				    "upper threshold (-x)",
				    rule->lower, rule->upper);
	if ((rule->says & LVS__SAYS_SERVER) == 0)
		return 0;
	if (rule->server.family != rule->addr.family)
		return lvs__message(text->message, text->size, -EINVAL,
				    "-r: found a server of IPv%u, expected "
				    "IPv%u as the service has it",
				    rule->server.family, rule->addr.family);
	return 0;
}

/* Defaults that hang on others; the last thing that can be wrong. */
static int complete(struct lvs__rule *rule, struct lvs__rule_text *text)
{
	if ((rule->says & LVS__SAYS_SERVER) == 0)
		return 0;
	if (rule->server_port == 0)
		rule->server_port = rule->port;
	if (rule->command != LVS__RULE_DELETE_SERVER &&
	    rule->method == LVS_DR && rule->server_port != rule->port)
		return lvs__message(text->message, text->size, -EINVAL,
				    "-r: found port %u, expected the "
				    "service's port %u: direct routing (-g, "
				    "the default) does not change ports",
				    rule->server_port, rule->port);
	return 0;
}

/* Into the rule that the reading is of. */
static int take(struct lvs__rule_text *text,
		const struct lvs__rule_word *option, const char *value)
{
	if (option == NULL)
		return unknown(text, "an option (-t, -r, ...)");
	return option->read(text->user, text, option, value);
}

int lvs__rule_parse(struct lvs__rule *rule, struct lvs__rule_text *text)
{
	int error;

	memset(rule, 0, sizeof(*rule));
	rule->sched = LVS__DEFAULT_SCHED;
	rule->method = LVS_DR;
	rule->weight = LVS__DEFAULT_WEIGHT;
	text->take = take;
	text->user = rule;
	error = lvs__rule_read(text);
	if (error == 0)
		error = judge(rule, text);
	if (error == 0)
		error = complete(rule, text);
	return error;
}
