/*
 * One rule of ipvsadm's grammar, as its words say it.
 */
#ifndef LVS__CONFIG_OPTIONS_H
#define LVS__CONFIG_OPTIONS_H

#include <lvs/model.h>
#include <lvs/service.h>

#include "base/base.h"

enum lvs__rule_command {
	LVS__RULE_NONE = 0,
	LVS__RULE_ADD_SERVICE,
	LVS__RULE_EDIT_SERVICE,
	LVS__RULE_DELETE_SERVICE,
	LVS__RULE_CLEAR,
	LVS__RULE_ADD_SERVER,
	LVS__RULE_EDIT_SERVER,
	LVS__RULE_DELETE_SERVER,
	LVS__RULE_SET, /* timeouts */
	LVS__RULE_COMMANDS
};

/* What a rule may say, as bits. */
enum lvs__rule_option {
	LVS__SAYS_SERVICE = 1 << 0,
	LVS__SAYS_SCHED = 1 << 1,
	LVS__SAYS_SERVER = 1 << 2,
	LVS__SAYS_METHOD = 1 << 3,
	LVS__SAYS_WEIGHT = 1 << 4,
	LVS__SAYS_UPPER = 1 << 5,
	LVS__SAYS_LOWER = 1 << 6,
	LVS__SAYS_DRAIN = 1 << 7,
	LVS__SAYS_EXPIRE = 1 << 8,
	LVS__SAYS_NO_CHECK = 1 << 9
};

struct lvs__rule {
	int command;
	uint32_t says;
	int protocol;
	struct lvs_addr addr;
	uint16_t port;
	const char *sched; /* static, or a word */
	struct lvs_addr server;
	uint16_t server_port; /* 0: the service's */
	uint32_t method;
	uint32_t weight;
	uint32_t upper;
	uint32_t lower;
	bool drain;
	bool expire;
	uint64_t timeouts[3]; /* ms, 0: as it is */
};

struct lvs__rule_word;

/* Words, what becomes of them, and where a fault in them is told. */
struct lvs__rule_text {
	const char *const *words;
	size_t count;
	size_t at;    /* the word that is looked at */
	size_t fault; /* the word that is wrong */
	char *message;
	size_t size;
	/*
	 * Takes an option with its value, NULL where it has none; or, without
	 * an option, a word that is none. 0: the reading goes on, else it ends.
	 */
	int (*take)(struct lvs__rule_text *text,
		    const struct lvs__rule_word *option, const char *value);
	void *user; /* of `take` */
};

/* How many words follow an option. */
enum lvs__rule_value {
	LVS__VALUE_NONE,
	LVS__VALUE_ONE,
	LVS__VALUE_MAYBE,
	LVS__VALUE_THREE
};

/* An option, and how it ends up in the rule. */
struct lvs__rule_word {
	char name;	  /* 0: none */
	const char *word; /* without the two dashes; NULL ends the table */
	uint8_t value;
	int (*read)(struct lvs__rule *rule, struct lvs__rule_text *text,
		    const struct lvs__rule_word *option, const char *value);
	int target; /* for `read`: what is meant */
};

extern const struct lvs__rule_word lvs__rule_words[];

/* Whether it makes a rule of the words that it stands among. */
bool lvs__rule_is_command(const struct lvs__rule_word *option);

/*
 * Reads all words as ipvsadm does and has each option taken. 0, what `take`
 * said that was not 0, or -EINVAL, with message.
 */
int lvs__rule_read(struct lvs__rule_text *text);

/* "-w" or "--set"; into `spelled`, which is returned. */
const char *lvs__rule_spell(char spelled[32],
			    const struct lvs__rule_word *option);

/* Refuses an option that is not built yet; `value` may be NULL. */
int lvs__rule_later(struct lvs__rule *rule, struct lvs__rule_text *text,
		    const struct lvs__rule_word *option, const char *value);

/*
 * Understands a rule, defaults filled in, nothing left to doubt but what the
 * model says. 0, -EINVAL or -ERANGE, with message.
 */
int lvs__rule_parse(struct lvs__rule *rule, struct lvs__rule_text *text);

/* Does it to a model, whole or not at all. 0 or an error, with message. */
int lvs__rule_apply(struct lvs_model *model, const struct lvs__rule *rule,
		    struct lvs__rule_text *text);

#endif
