/*
 * virtual_server, real_server, TCP_CHECK: the words of each, a line each.
 *
 * A virtual_server is first collected whole, since the protocol may stand
 * after the servers and what a server or check leaves unsaid comes from the
 * level around it, wherever it is said there; build.c then makes a service.
 */
#include "config/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "wire/names.h"

/* ---- TCP_CHECK */

static struct lvs__real_text *last_real(struct lvs__reader *reader)
{
	return &reader->virtual.reals[reader->virtual.real_count - 1];
}

static struct lvs__check_text *last_check(struct lvs__reader *reader)
{
	struct lvs__real_text *real = last_real(reader);

	return &real->checks[real->check_count - 1];
}

static int read_connect_ip(struct lvs__reader *reader, int target)
{
	(void)target;
	return lvs__reader_addr(reader, &last_check(reader)->addr,
				lvs__reader_word(reader, 1));
}

static int read_connect_port(struct lvs__reader *reader, int target)
{
	uint64_t port = 0;
	int error =
		lvs__reader_number(reader, &port, lvs__reader_word(reader, 1),
				   1, UINT16_MAX);

	(void)target;
	last_check(reader)->port = (uint16_t)port;
	return error;
}

static const struct lvs__keyword check_words[] = {
	{"connect_ip", read_connect_ip, 0, LVS__PLAIN, 1, 1,
	 "connect_ip ADDRESS"},
	{"connect_port", read_connect_port, 0, LVS__PLAIN, 1, 1,
	 "connect_port PORT"},
	{.name = NULL},
};

static const struct lvs__context check_context = {
	"a TCP_CHECK",	    check_words,   lvs__later_check,
	lvs__ignored_check, LVS__IN_CHECK,
};

static int read_tcp_check(struct lvs__reader *reader, int target)
{
	struct lvs__real_text *real = last_real(reader);
	struct lvs__check_text *checks;

	(void)target;
	if (real->check_count == LVS__MODEL_CHECKS)
		return lvs__reader_expected(reader, lvs__reader_word(reader, 0),
					    "at most %d checks of a server",
					    LVS__MODEL_CHECKS);
	checks = realloc(real->checks,
			 (real->check_count + 1) * sizeof(*checks));
	if (checks == NULL)
		return lvs__reader_failed(reader,
					  &lvs__reader_word(reader, 0)->place,
					  -ENOMEM);
	real->checks = checks;
	memset(&checks[real->check_count], 0, sizeof(*checks));
	return lvs__read_level(reader, &checks[real->check_count++].level,
			       &check_context);
}

/* ---- real_server */

static int read_weight(struct lvs__reader *reader, int target)
{
	uint64_t weight = 0;
	int error =
		lvs__reader_number(reader, &weight, lvs__reader_word(reader, 1),
				   0, LVS__MOST_WEIGHT);

	(void)target;
	last_real(reader)->weight = (uint32_t)weight;
	return error;
}

static int read_threshold(struct lvs__reader *reader, int target)
{
	uint64_t number = 0;
	int error =
		lvs__reader_number(reader, &number, lvs__reader_word(reader, 1),
				   0, LVS__MOST_THRESHOLD);

	if (target == LVS_DEST_UPPER)
		last_real(reader)->upper = (uint16_t)number;
	else
		last_real(reader)->lower = (uint16_t)number;
	return error;
}

static int read_drain(struct lvs__reader *reader, int target)
{
	uint64_t drain = 0;
	int error = lvs__reader_flag(reader, &drain);

	(void)target;
	last_real(reader)->drain = drain != 0;
	return error;
}

static const struct lvs__keyword real_words[] = {
	{"weight", read_weight, 0, LVS__PLAIN, 1, 1, "weight NUMBER"},
	{"uthreshold", read_threshold, LVS_DEST_UPPER, LVS__PLAIN, 1, 1,
	 "uthreshold NUMBER"},
	{"lthreshold", read_threshold, LVS_DEST_LOWER, LVS__PLAIN, 1, 1,
	 "lthreshold NUMBER"},
	{"drain", read_drain, 0, LVS__PLAIN, 0, 1, "drain [yes|no]"},
	{"TCP_CHECK", read_tcp_check, 0, LVS__BLOCK, 0, 0, "TCP_CHECK {"},
	{.name = NULL},
};

static const struct lvs__context real_context = {
	"a real_server",   real_words,	 lvs__later_real,
	lvs__ignored_real, LVS__IN_REAL,
};

static int read_port(struct lvs__reader *reader, uint16_t *port, size_t i)
{
	uint64_t number = 0;
	int error =
		lvs__reader_number(reader, &number, lvs__reader_word(reader, i),
				   1, UINT16_MAX);

	*port = (uint16_t)number;
	return error;
}

/* Room for one more; the array doubles. */
static int add_real(struct lvs__virtual_text *virtual)
{
	size_t n = virtual->real_count;
	struct lvs__real_text *reals = virtual->reals;

	if ((n & (n - 1)) == 0) {
		reals = realloc(reals, (n == 0 ? 1 : 2 * n) * sizeof(*reals));
		if (reals == NULL)
			return -ENOMEM;
		virtual->reals = reals;
	}
	memset(&reals[n], 0, sizeof(*reals));
	reals[n].weight = LVS__DEFAULT_WEIGHT;
	virtual->real_count++;
	return 0;
}

static int read_real(struct lvs__reader *reader, int target)
{
	struct lvs__real_text *real;
	int error = add_real(&reader->virtual);

	(void)target;
	if (error != 0)
		return lvs__reader_failed(reader,
					  &lvs__reader_word(reader, 0)->place,
					  error);
	real = last_real(reader);
	error = lvs__reader_addr(reader, &real->addr,
				 lvs__reader_word(reader, 1));
	if (error == 0 && lvs__reader_word(reader, 2) != NULL)
		error = read_port(reader, &real->port, 2);
	if (error == 0)
		error = lvs__read_level(reader, &real->level, &real_context);
	return error;
}

/* ---- virtual_server */

static int read_sched(struct lvs__reader *reader, int target)
{
	const struct lvs__word *w = lvs__reader_word(reader, 1);
	const char *name = lvs__sched_word(w->text);

	(void)target;
	if (name != NULL) {
		reader->virtual.sched = name;
		return 0;
	}
	if (lvs__reader_listed(lvs__later_scheds, w->text) != NULL)
		return lvs__reader_later(reader, w, w->text);
	return lvs__reader_expected(reader, w, LVS__SCHED_EXPECTED);
}

static int read_protocol(struct lvs__reader *reader, int target)
{
	const struct lvs__word *w = lvs__reader_word(reader, 1);

	(void)target;
	if (strcasecmp(w->text, lvs__protocol_title(LVS_SCTP)) == 0)
		return lvs__reader_later(reader, w, "the protocol SCTP");
	if (strcasecmp(w->text, lvs__protocol_title(LVS_TCP)) == 0)
		reader->virtual.protocol = LVS_TCP;
	else if (strcasecmp(w->text, lvs__protocol_title(LVS_UDP)) == 0)
		reader->virtual.protocol = LVS_UDP;
	else
		return lvs__reader_expected(reader, w, "TCP or UDP");
	return 0;
}

static int read_expire_nodest(struct lvs__reader *reader, int target)
{
	uint64_t yes = 0;
	int error = lvs__reader_flag(reader, &yes);

	(void)target;
	reader->virtual.expire_nodest = yes != 0;
	return error;
}

static const struct lvs__keyword virtual_words[] = {
	{"lvs_sched", read_sched, 0, LVS__PLAIN, 1, 1, "lvs_sched NAME"},
	{"lb_algo", read_sched, 0, LVS__PLAIN, 1, 1, "lb_algo NAME"},
	{"protocol", read_protocol, 0, LVS__PLAIN, 1, 1, "protocol TCP|UDP"},
	{"expire_nodest", read_expire_nodest, 0, LVS__PLAIN, 0, 1,
	 "expire_nodest [yes|no]"},
	{"real_server", read_real, 0, LVS__BLOCK, 1, 2,
	 "real_server ADDRESS [PORT] {"},
	{.name = NULL},
};

static const struct lvs__context virtual_context = {
	"a virtual_server",   virtual_words,   lvs__later_virtual,
	lvs__ignored_virtual, LVS__IN_VIRTUAL,
};

int lvs__read_virtual(struct lvs__reader *reader, int target)
{
	struct lvs__virtual_text *virtual = &reader->virtual;
	const struct lvs__word *w = lvs__reader_word(reader, 1);
	int error;

	(void)target;
	lvs__reader_clear(reader);
	if (strcmp(w->text, "fwmark") == 0)
		return lvs__reader_later(reader, w, "a service by fwmark");
	if (strcmp(w->text, "group") == 0)
		return lvs__reader_later(reader, w, "a group of services");
	error = lvs__reader_addr(reader, &virtual->addr, w);
	if (error != 0)
		return error;
	if (lvs__reader_word(reader, 2) == NULL)
		return lvs__lexer_error(
			&reader->lexer, &w->place, -EINVAL,
			"found an address without a port, expected both: a "
			"service for all ports is not built yet");
	error = read_port(reader, &virtual->port, 2);
	if (error == 0)
		error = lvs__read_level(reader, &virtual->level,
					&virtual_context);
	if (error == 0)
		error = lvs__reader_build(reader);
	return error;
}
