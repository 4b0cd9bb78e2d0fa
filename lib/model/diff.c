/*
 * What differs between two models, a line each: "-" goes, "~" changes, "+"
 * comes. First the node's settings, then the services of `from` in their
 * order, each with its dests, then what `to` adds in its order. Whether a
 * dest is down is its state, not its description, and is not compared. What
 * `from` has from a file says where.
 */
#include "model/model.h"

#include <errno.h>
#include <string.h>

#include "model/pairs.h"
#include "model/text.h"
#include "model/wish.h"

struct diff {
	struct lvs__text text;
	const struct lvs_model *from;
	const struct lvs_model *to;
	/* what the lines are about now */
	const struct lvs_service *service;
	const struct lvs_dest *dest; /* NULL: the service itself */
	const char *place;	     /* of the one of `from`, NULL: none */
};

/* The head of a line: its sign, the service and the dest. */
static void begin(struct diff *d, char sign)
{
	struct lvs_addr addr;
	uint16_t port;

	lvs__text_add(&d->text, "%c ", sign);
	if (d->service != NULL)
		lvs__text_service(&d->text, d->service);
	if (d->dest == NULL)
		return;
	(void)lvs_dest_get_address(d->dest, &addr, &port);
	lvs__text_add(&d->text, " -> ");
	lvs__text_endpoint(&d->text, &addr, port);
}

/* The end of a line: where `from` has what it is about. */
static void end(struct diff *d)
{
	if (d->place != NULL)
		lvs__text_add(&d->text, " (%s)", d->place);
	lvs__text_add(&d->text, "\n");
}

/* A number that was one thing and becomes another. */
static void number(struct diff *d, const struct lvs__model_number *n,
		   uint64_t from, uint64_t to)
{
	if (from == to)
		return;
	begin(d, '~');
	lvs__text_add(&d->text, "%s%s ", d->service == NULL ? "" : " ",
		      n->name);
	lvs__text_number(&d->text, n, from);
	lvs__text_add(&d->text, " to ");
	lvs__text_number(&d->text, n, to);
	end(d);
}

static void numbers(struct diff *d, const struct lvs__model_number *table,
		    size_t count, const uint64_t *from, const uint64_t *to)
{
	for (size_t i = 0; i < count; i++)
		if (table[i].name != NULL)
			number(d, &table[i], from[i], to[i]);
}

static void words(struct diff *d, const char *name, const char *from,
		  const char *to)
{
	if (from == NULL)
		from = "none";
	if (to == NULL)
		to = "none";
	if (strcmp(from, to) == 0)
		return;
	begin(d, '~');
	lvs__text_add(&d->text, "%s%s %s to %s", d->service == NULL ? "" : " ",
		      name, from, to);
	end(d);
}

/* ---- the node */

static bool has_interface(const struct lvs_model *model, const char *name)
{
	const char *other;

	for (size_t i = 0; (other = lvs_model_get_interface(model, i)) != NULL;
	     i++)
		if (strcmp(other, name) == 0)
			return true;
	return false;
}

static void interfaces(struct diff *d, char sign, const struct lvs_model *all,
		       const struct lvs_model *but)
{
	const char *name;

	for (size_t i = 0; (name = lvs_model_get_interface(all, i)) != NULL;
	     i++)
		if (!has_interface(but, name))
			lvs__text_add(&d->text, "%c interface %s\n", sign,
				      name);
}

static void node(struct diff *d)
{
	numbers(d, lvs__model_options, LVS__MODEL_OPTIONS, d->from->options,
		d->to->options);
	for (int i = 1; i < LVS__MODEL_TEXTS; i++)
		words(d, lvs__model_texts[i], d->from->texts[i],
		      d->to->texts[i]);
	interfaces(d, '-', d->from, d->to);
	interfaces(d, '+', d->to, d->from);
	/* the first interface has a meaning of its own: order counts */
	if (d->from->interface_count > 0 && d->to->interface_count > 0)
		words(d, "first interface", d->from->interfaces[0],
		      d->to->interfaces[0]);
}

/* ---- checks */

static void check_line(struct diff *d, char sign, const struct lvs_check *check)
{
	begin(d, sign);
	lvs__text_add(&d->text, " ");
	lvs__text_check(&d->text, check);
	end(d);
}

static void checks(struct diff *d, const struct lvs_dest *from,
		   const struct lvs_dest *to)
{
	const struct lvs_check *check;

	if (from != NULL && to != NULL &&
	    lvs__model_checks_equal(d->from, from, d->to, to))
		return;
	for (size_t i = 0;
	     (check = lvs_model_get_check(d->from, from, i)) != NULL; i++)
		check_line(d, '-', check);
	for (size_t i = 0; (check = lvs_model_get_check(d->to, to, i)) != NULL;
	     i++)
		check_line(d, '+', check);
}

/* ---- dests */

/* What a line that adds a dest says: all that is not as it is unsaid. */
static void describe(struct diff *d, const struct lvs__model_number *n,
		     uint64_t v, bool always)
{
	if (v == n->unset && !always)
		return;
	if (n->kind == LVS__KIND_METHOD)
		lvs__text_add(&d->text, " ");
	else
		lvs__text_add(&d->text, " %s", n->name);
	if (n->kind == LVS__KIND_YES)
		return;
	if (n->kind != LVS__KIND_METHOD)
		lvs__text_add(&d->text, " ");
	lvs__text_number(&d->text, n, v);
}

static void add_dest(struct diff *d, const struct lvs_dest *dest)
{
	struct lvs__dest_wish wish;

	d->dest = dest;
	d->place = NULL;
	begin(d, '+');
	lvs__wish_of_dest(&wish, dest);
	for (int i = 0; i < LVS__DEST_OPTIONS; i++)
		if (lvs__model_dests[i].name != NULL)
			describe(d, &lvs__model_dests[i], wish.of[i],
				 i == LVS_DEST_WEIGHT || i == LVS_DEST_METHOD);
	lvs__text_add(&d->text, "\n");
	checks(d, NULL, dest);
}

static void change_dest(struct diff *d, const struct lvs_dest *from,
			const struct lvs_dest *to)
{
	struct lvs__dest_wish old, new;

	d->dest = to;
	d->place = lvs__model_dest_place(from);
	lvs__wish_of_dest(&old, from);
	lvs__wish_of_dest(&new, to);
	numbers(d, lvs__model_dests, LVS__DEST_OPTIONS, old.of, new.of);
	checks(d, from, to);
}

/* What `from` has and `to` has not. */
static void gone(struct diff *d, const struct lvs_dest *dest, const char *place)
{
	d->dest = dest;
	d->place = place;
	begin(d, '-');
	end(d);
}

static void dests(struct diff *d, const struct lvs_service *from,
		  const struct lvs_service *to)
{
	struct lvs__dest_pair pair = {0};

	while (lvs__pair_dests(&pair, from, to)) {
		if (pair.from == NULL)
			add_dest(d, pair.to);
		else if (pair.to == NULL)
			gone(d, pair.from, lvs__model_dest_place(pair.from));
		else
			change_dest(d, pair.from, pair.to);
	}
	d->dest = NULL;
	d->place = NULL;
}

/* ---- services */

static void settings(struct diff *d, const struct lvs__service_wish *from,
		     const struct lvs__service_wish *to)
{
	numbers(d, lvs__model_services, LVS__SERVICE_OPTIONS, from->of, to->of);
	numbers(d, lvs__model_settings, LVS__MODEL_SETTINGS, from->settings,
		to->settings);
}

static void add_service(struct diff *d, const struct lvs_service *service)
{
	struct lvs__service_wish unset = {0}, wish;

	for (int i = 0; i < LVS__SERVICE_OPTIONS; i++)
		unset.of[i] = lvs__model_services[i].unset;
	for (int i = 0; i < LVS__MODEL_SETTINGS; i++)
		unset.settings[i] = lvs__model_settings[i].unset;
	lvs__wish_of_service(&wish, service, lvs__model_settings_of(service));
	begin(d, '+');
	lvs__text_add(&d->text, " %s\n", wish.sched);
	settings(d, &unset, &wish);
	dests(d, NULL, service);
}

static void change_service(struct diff *d, const struct lvs_service *from,
			   const struct lvs_service *to)
{
	struct lvs__service_wish old, new;

	d->place = lvs__model_service_place(from);
	lvs__wish_of_service(&old, from, lvs__model_settings_of(from));
	lvs__wish_of_service(&new, to, lvs__model_settings_of(to));
	words(d, "scheduler", old.sched, new.sched);
	settings(d, &old, &new);
	dests(d, from, to);
}

static void services(struct diff *d)
{
	struct lvs__service_pair pair = {0};

	while (lvs__pair_services(&pair, d->from->services, d->to->services)) {
		d->service = pair.from != NULL ? pair.from : pair.to;
		d->place = NULL;
		if (pair.from == NULL)
			add_service(d, pair.to);
		else if (pair.to == NULL)
			gone(d, NULL, lvs__model_service_place(pair.from));
		else
			change_service(d, pair.from, pair.to);
	}
	d->service = NULL;
}

LVS_EXPORT int lvs_model_diff(const struct lvs_model *from,
			      const struct lvs_model *to, char *text,
			      size_t size)
{
	struct diff d = {
		.from = from,
		.to = to,
	};

	if (from == NULL || to == NULL || (text == NULL && size > 0))
		return -EINVAL;
	lvs__text_init(&d.text, text, size);
	node(&d);
	services(&d);
	return lvs__text_result(&d.text);
}
