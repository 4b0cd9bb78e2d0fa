/*
 * From a virtual_server as it was read to a service of the model.
 *
 * Here the levels meet: what a check does not say its server may, what that
 * does not say the service may, then the default of keepalived.conf(5) holds.
 */
#include "config/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "model/wish.h"

static const uint64_t defaults[LVS__LEVEL_VALUES] = {
	[LVS__DELAY_LOOP] = 60000,
	[LVS__CONNECT_TIMEOUT] = 5000,
	[LVS__RETRY] = 1,
	[LVS__DELAY_BEFORE_RETRY] = 1000,
	[LVS__WARMUP] = LVS__UNSAID,
	[LVS__RISE] = 1,
	[LVS__FALL] = LVS__UNSAID,
	[LVS__ALPHA] = 0,
	[LVS__INHIBIT] = 0,
	[LVS__METHOD] = LVS_NAT,
	[LVS__RESETS] = LVS__UNSAID,
	[LVS__RESET_INTERVAL] = LVS__UNSAID,
};

/* The innermost level that says it; `a` and `b` may be NULL. */
static uint64_t said(const struct lvs__level *a, const struct lvs__level *b,
		     const struct lvs__level *c, int value)
{
	const struct lvs__level *levels[] = {a, b, c};

	for (int i = 0; i < 3; i++)
		if (levels[i] != NULL &&
		    levels[i]->values[value] != LVS__UNSAID)
			return levels[i]->values[value];
	return defaults[value];
}

/* ---- checks */

static int set_check(struct lvs_check *check, const struct lvs__level *c,
		     const struct lvs__level *r, const struct lvs__level *v)
{
	uint64_t loop = said(c, r, v, LVS__DELAY_LOOP);
	uint64_t warmup = said(c, r, v, LVS__WARMUP);
	uint64_t fall = said(c, r, v, LVS__FALL);
	const struct {
		int option;
		uint64_t value;
	} options[] = {
		{LVS_CHECK_INTERVAL, loop},
		{LVS_CHECK_TIMEOUT, said(c, r, v, LVS__CONNECT_TIMEOUT)},
		{LVS_CHECK_RISE, said(c, r, v, LVS__RISE)},
		{LVS_CHECK_FALL,
		 fall != LVS__UNSAID ? fall : said(c, r, v, LVS__RETRY) + 1},
		{LVS_CHECK_RETRY, said(c, r, v, LVS__DELAY_BEFORE_RETRY)},
		{LVS_CHECK_JITTER, warmup != LVS__UNSAID ? warmup : loop},
		{LVS_CHECK_START_UP, said(c, r, v, LVS__ALPHA) == 0},
	};
	int error = 0;

	for (size_t i = 0;
	     i < sizeof(options) / sizeof(options[0]) && error == 0; i++)
		error = lvs_check_set(check, options[i].option,
				      options[i].value);
	return error;
}

static int add_check(struct lvs__reader *reader, struct lvs_service *service,
		     struct lvs_dest *dest, const struct lvs__real_text *real,
		     const struct lvs__check_text *text)
{
	const struct lvs__virtual_text *virtual = &reader->virtual;
	bool own = text->addr.family != LVS_FAMILY_NONE || text->port != 0;
	struct lvs_check *check;
	struct lvs_addr addr;
	uint16_t port;
	int error = lvs_check_new(&check, "tcp");

	if (error != 0)
		return lvs__reader_failed(reader, &text->level.place, error);
	(void)lvs_dest_get_address(dest, &addr, &port);
	if (text->addr.family != LVS_FAMILY_NONE)
		addr = text->addr;
	if (text->port != 0)
		port = text->port;
	error = set_check(check, &text->level, &real->level, &virtual->level);
	if (error == 0 && own)
		error = lvs_check_set_target(check, &addr, port);
	if (error == 0)
		error = lvs_model_add_check(reader->model, service, dest,
					    check);
	if (error == 0)
		return 0;
	lvs_check_free(check);
	return lvs__reader_failed(reader, &text->level.place, error);
}

/* Notes where a dest, or the service, stands. */
static int set_place(struct lvs__reader *reader, struct lvs_service *service,
		     struct lvs_dest *dest, const struct lvs__place *place)
{
	char text[LVS__LEXER_PLACE];
	int error;

	lvs__lexer_place(text, place);
	error = dest != NULL ? lvs__model_set_dest_place(dest, text)
			     : lvs__model_set_service_place(service, text);
	return error != 0 ? lvs__reader_failed(reader, place, error) : 0;
}

/* ---- dests */

static int set_dest(struct lvs_dest *dest, const struct lvs__real_text *real,
		    uint64_t method)
{
	struct lvs__dest_wish wish;

	lvs__wish_of_dest(&wish, dest);
	wish.of[LVS_DEST_METHOD] = method;
	wish.of[LVS_DEST_UPPER] = real->upper;
	wish.of[LVS_DEST_LOWER] = real->lower;
	wish.of[LVS_DEST_DRAIN] = real->drain;
	return lvs__wish_give_dest(&wish, dest);
}

/* What is wrong with a server in this service, with message. */
static int judge_real(struct lvs__reader *reader,
		      const struct lvs__real_text *real, uint16_t port,
		      uint64_t method)
{
	const struct lvs__virtual_text *virtual = &reader->virtual;
	const struct lvs__place *place = &real->level.place;

	if (real->addr.family != virtual->addr.family)
		return lvs__lexer_error(
			&reader->lexer, place, -EINVAL,
			"found a server of IPv%u, expected IPv%u as the "
			"service has it",
			real->addr.family, virtual->addr.family);
	if (method == LVS_DR && port != virtual->port)
		return lvs__lexer_error(
			&reader->lexer, place, -EINVAL,
			"found port %u, expected the service's port %u: DR "
			"does not change ports",
			port, virtual->port);
	if (real->lower > real->upper)
		return lvs__lexer_error(
			&reader->lexer, place, -EINVAL,
			"found lthreshold %u, expected at most uthreshold %u",
			real->lower, real->upper);
	return 0;
}

/* Notes the first server at its service's address: settle.c judges it. */
static void note_own(struct lvs__reader *reader, struct lvs_service *service,
		     const struct lvs_dest *dest,
		     const struct lvs__place *place)
{
	if (reader->own != NULL ||
	    memcmp(&service->addr, &dest->addr, sizeof(dest->addr)) != 0)
		return;
	reader->own = service;
	reader->own_place = *place;
}

static int add_dest(struct lvs__reader *reader, struct lvs_service *service,
		    const struct lvs__real_text *real)
{
	const struct lvs__virtual_text *virtual = &reader->virtual;
	const struct lvs__place *place = &real->level.place;
	uint16_t port = real->port != 0 ? real->port : virtual->port;
	uint64_t method =
		said(NULL, &real->level, &virtual->level, LVS__METHOD);
	struct lvs_dest *dest;
	int error = judge_real(reader, real, port, method);

	if (error != 0)
		return error;
	error = lvs_service_add_dest(service, &dest, &real->addr, port,
				     real->weight);
	if (error == -EEXIST)
		return lvs__lexer_error(
			&reader->lexer, place, -EINVAL,
			"found a server that the service has already, "
			"expected each once");
	if (error == -EINVAL)
		return lvs__lexer_error(
			&reader->lexer, place, error,
			"found an address that no server can have, expected "
			"a unicast address");
	if (error == 0)
		error = set_dest(dest, real, method);
	if (error != 0)
		return lvs__reader_failed(reader, place, error);
	note_own(reader, service, dest, place);
	error = set_place(reader, service, dest, place);
	for (size_t i = 0; i < real->check_count && error == 0; i++)
		error = add_check(reader, service, dest, real,
				  &real->checks[i]);
	return error;
}

/* ---- the service */

/*
 * Inhibiting is the service's: all of its servers do it or none. `inhibit`
 * receives which; 0 or -EINVAL, with message.
 */
static int judge_inhibit(struct lvs__reader *reader, uint64_t *inhibit)
{
	const struct lvs__virtual_text *virtual = &reader->virtual;

	*inhibit = said(NULL, NULL, &virtual->level, LVS__INHIBIT);
	for (size_t i = 0; i < virtual->real_count; i++) {
		const struct lvs__level *level = &virtual->reals[i].level;
		uint64_t mine =
			said(NULL, level, &virtual->level, LVS__INHIBIT);

		if (i == 0)
			*inhibit = mine;
		if (mine != *inhibit)
			return lvs__lexer_error(
				&reader->lexer, &level->place, -EINVAL,
				"found inhibit_on_failure at some servers of "
				"a service only, which is not built yet");
	}
	return 0;
}

static int new_service(struct lvs__reader *reader, struct lvs_service **service)
{
	const struct lvs__virtual_text *virtual = &reader->virtual;
	const struct lvs__place *place = &virtual->level.place;
	int error = lvs_service_new(service);

	if (error != 0)
		return lvs__reader_failed(reader, place, error);
	error = lvs_service_set_address(*service, &virtual->addr, virtual->port,
					virtual->protocol);
	if (error == -EINVAL)
		error = lvs__lexer_error(
			&reader->lexer, place, error,
			"found an address that cannot be served, expected a "
			"unicast address, not of loopback or of one link");
	else if (error != 0)
		error = lvs__reader_failed(reader, place, error);
	if (error == 0) {
		(void)lvs_service_set_sched(*service, virtual->sched);
		(void)lvs_service_set(*service, LVS_SERVICE_EXPIRE_NODEST,
				      virtual->expire_nodest);
		error = lvs_model_add_service(reader->model, *service);
		if (error == -EEXIST)
			error = lvs__lexer_error(
				&reader->lexer, place, -EINVAL,
				"found a service that is there already, "
				"expected each address, port and protocol "
				"once");
		else if (error != 0)
			error = lvs__reader_failed(reader, place, error);
	}
	if (error != 0)
		lvs_service_free(*service);
	return error;
}

/* What the service says of resets, or a note that the backend decides. */
static int set_resets(struct lvs__reader *reader, struct lvs_service *service)
{
	const uint64_t *values = reader->virtual.level.values;
	struct lvs__pending *pending = reader->pending;
	size_t n = reader->pending_count;

	if ((n & (n - 1)) == 0) {
		pending = realloc(pending,
				  (n == 0 ? 1 : 2 * n) * sizeof(*pending));
		if (pending == NULL)
			return lvs__reader_failed(reader,
						  &reader->virtual.level.place,
						  -ENOMEM);
		reader->pending = pending;
	}
	pending[n] = (struct lvs__pending){service, {true, true}};
	for (int i = 0; i < 2; i++) {
		if (values[LVS__RESETS + i] == LVS__UNSAID)
			continue;
		pending[n].unsaid[i] = false;
		(void)lvs_model_set_service(reader->model, service,
					    LVS_SETTING_RESETS + i,
					    values[LVS__RESETS + i]);
	}
	reader->pending_count++;
	return 0;
}

int lvs__reader_build(struct lvs__reader *reader)
{
	const struct lvs__virtual_text *virtual = &reader->virtual;
	struct lvs_service *service;
	uint64_t inhibit;
	int error = judge_inhibit(reader, &inhibit);

	if (error == 0)
		error = new_service(reader, &service);
	if (error != 0)
		return error;
	(void)lvs_model_set_service(reader->model, service, LVS_SETTING_INHIBIT,
				    inhibit);
	error = set_place(reader, service, NULL, &virtual->level.place);
	if (error == 0)
		error = set_resets(reader, service);
	for (size_t i = 0; i < virtual->real_count && error == 0; i++)
		error = add_dest(reader, service, &virtual->reals[i]);
	return error;
}

void lvs__reader_clear(struct lvs__reader *reader)
{
	struct lvs__virtual_text *virtual = &reader->virtual;

	for (size_t i = 0; i < virtual->real_count; i++)
		free(virtual->reals[i].checks);
	free(virtual->reals);
	memset(virtual, 0, sizeof(*virtual));
	virtual->protocol = LVS_TCP;
	virtual->sched = LVS__DEFAULT_SCHED;
}
