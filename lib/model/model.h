/*
 * The model from the inside: what diff.c, merge.c and the readers of
 * configuration share.
 *
 * Services stand in the order in which they were added. What the model knows
 * beside them hangs on them: settings on a service, checks on a dest.
 */
#ifndef LVS__MODEL_H
#define LVS__MODEL_H

#include <lvs/model.h>
#include <lvs/monitor.h>
#include <lvs/service.h>
#include <net/if.h>

#include "base/base.h"
#include "service/services.h"

#define LVS__MODEL_OPTIONS 8	 /* one past the last lvs_model_option */
#define LVS__MODEL_TEXTS 4	 /* one past the last lvs_model_text */
#define LVS__MODEL_SETTINGS 4	 /* one past the last lvs_service_setting */
#define LVS__SERVICE_OPTIONS 2	 /* one past the last lvs_service_option */
#define LVS__DEST_OPTIONS 6	 /* one past the last that is configured */
#define LVS__MODEL_TEXT 256	 /* bytes of a text, with its NUL */
#define LVS__MODEL_INTERFACES 64 /* at most */
#define LVS__MODEL_NAME IFNAMSIZ /* bytes, with its NUL */
#define LVS__MODEL_CHECKS 64	 /* at most, of one dest */
#define LVS__NO_BACKEND "none"

/* The settings that have a place: options, then texts, then interfaces. */
#define LVS__PLACE_TEXTS LVS__MODEL_OPTIONS
#define LVS__PLACE_INTERFACES (LVS__PLACE_TEXTS + LVS__MODEL_TEXTS)
#define LVS__PLACES (LVS__PLACE_INTERFACES + LVS__MODEL_INTERFACES)

/* The `note` of a service. */
struct lvs__model_entry {
	char *place; /* where it stands in a file, NULL: unknown */
	uint64_t settings[LVS__MODEL_SETTINGS];
	/* no dest before this one has a check; NULL: not known of any */
	struct lvs_dest *unchecked_to;
};

/* The `note` of a dest, NULL while there is nothing to note. */
struct lvs__model_extras {
	char *place;
	size_t count;
	struct lvs_check **checks;
};

struct lvs_model {
	uint64_t options[LVS__MODEL_OPTIONS];
	char *texts[LVS__MODEL_TEXTS];
	char interfaces[LVS__MODEL_INTERFACES][LVS__MODEL_NAME];
	size_t interface_count;
	char *places[LVS__PLACES]; /* where each stands in a file, NULL: none */
	struct lvs__services *services;
};

/* How a number is said. */
enum lvs__kind {
	LVS__KIND_NUMBER = 0,
	LVS__KIND_TIME,	 /* milliseconds, which people read as seconds */
	LVS__KIND_YES,	 /* 0 or 1 */
	LVS__KIND_METHOD /* enum lvs_method */
};

/* What an option is called, and between which values it may be. One without a
 * name is not configured. */
struct lvs__model_number {
	const char *name;
	uint64_t least;
	uint64_t most;
	uint64_t unset; /* the default */
	enum lvs__kind kind;
	/* of the node's numbers alone, which director/settings.c judges: what
	 * runs takes it over; else a reload is refused */
	bool live;
};

extern const struct lvs__model_number lvs__model_options[LVS__MODEL_OPTIONS];
extern const struct lvs__model_number lvs__model_settings[LVS__MODEL_SETTINGS];
extern const struct lvs__model_number lvs__model_services[LVS__SERVICE_OPTIONS];
extern const struct lvs__model_number lvs__model_dests[LVS__DEST_OPTIONS];
extern const char *const lvs__model_texts[LVS__MODEL_TEXTS];

/* The row of an option, NULL: it has none, or is not configured. */
const struct lvs__model_number *lvs__model_find_number(
	const struct lvs__model_number *table, int count, int option);

/* The kind of the backend that a node of this model has; NULL: it has none. */
const char *lvs__model_backend(const struct lvs_model *model);

/* What one holds is the other's afterwards; nothing can fail. */
void lvs__model_swap(struct lvs_model *a, struct lvs_model *b);

/*
 * As lvs_model_merge(), into a model that is thrown away on failure: then it
 * is half merged.
 */
int lvs__model_merge(struct lvs_model *model, const struct lvs_model *before,
		     const struct lvs_model *after);

/*
 * Walks the dests in the order in which they were added (the scheduler's
 * order backwards): what is added again in this order has the same order.
 */
struct lvs_dest *lvs__model_next_dest(const struct lvs_service *service,
				      const struct lvs_dest *dest);

/* The one of `services` with another service's address, NULL if none. */
struct lvs_service *lvs__model_twin(const struct lvs__services *services,
				    const struct lvs_service *service);

/* The dest of `service` with another dest's address, NULL if none. */
struct lvs_dest *lvs__model_twin_dest(const struct lvs_service *service,
				      const struct lvs_dest *dest);

/*
 * Whether a server at this address, with its unused bytes 0, would be this
 * host itself, which is not built yet: who is asked for one refuses it.
 */
#define LVS__SERVES_ITSELF                                                 \
	"a server at its service's own address, which would be this host " \
	"itself: that is not built yet"
bool lvs__model_serves_itself(const struct lvs_model *model,
			      const struct lvs_service *service,
			      const struct lvs_addr *server);

/* A server that would be this host itself, as its address is virtual. */
struct lvs__model_local {
	const struct lvs_service *service; /* whose server it is */
	const struct lvs_dest *dest;
	const struct lvs_service *at; /* whose address it has */
};

/* The first one of a whole model. 1: here it is, 0: there is none; -ENOMEM. */
int lvs__model_find_local(const struct lvs_model *model,
			  struct lvs__model_local *local);

/* What is wrong with it: "a server at ...", in `words` or static. */
#define LVS__LOCAL_WORDS 256
const char *lvs__model_tell_local(char words[LVS__LOCAL_WORDS],
				  const struct lvs__model_local *local);

/* An option that is known to exist. */
uint64_t lvs__model_service_number(const struct lvs_service *service,
				   int option);
uint64_t lvs__model_dest_number(const struct lvs_dest *dest, int option);

/* 1: the checks of both dests are equal, in order. */
bool lvs__model_checks_equal(const struct lvs_model *a,
			     const struct lvs_dest *dest_a,
			     const struct lvs_model *b,
			     const struct lvs_dest *dest_b);

/*
 * Copies of all checks of a dest become those of another, in place of its
 * own. 0 or -ENOMEM (then some may be missing).
 */
int lvs__model_copy_checks(struct lvs_model *model, struct lvs_dest *to,
			   const struct lvs_model *source,
			   const struct lvs_dest *from);

/* The first dest of a service that has a check, NULL: none has. */
struct lvs_dest *lvs__model_first_checked(struct lvs_service *service);

/*
 * Gives a new dest copies of the checks of the first dest of its service that
 * has any. A target at that dest's address becomes one at the new dest's; a
 * foreign one stays. 0 or -ENOMEM (then some may be missing).
 */
int lvs__model_inherit_checks(struct lvs_model *model, struct lvs_dest *dest);

/* By enum lvs_service_setting; the service is a model's. */
uint64_t *lvs__model_settings_of(const struct lvs_service *service);

/* A copy of a service with its settings and checks. 0 or a negative errno. */
int lvs__model_copy_service(struct lvs_model *model,
			    const struct lvs_model *source,
			    const struct lvs_service *service);

/* Ends the checks of a dest; or all that is noted of one that goes. */
void lvs__model_drop_checks(struct lvs_model *model, struct lvs_dest *dest);
void lvs__model_drop_extras(struct lvs_dest *dest);

/* Keeps a copy of a text, NULL for none. 0 or -ENOMEM (then as before). */
int lvs__model_keep(char **kept, const char *text);

/*
 * Where a service or dest of a model stands in a file ("site.conf:12"), NULL
 * where that is not known. set: 0 or -ENOMEM (then it is as before).
 */
int lvs__model_set_service_place(struct lvs_service *service, const char *text);
int lvs__model_set_dest_place(struct lvs_dest *dest, const char *text);
const char *lvs__model_service_place(const struct lvs_service *service);
const char *lvs__model_dest_place(const struct lvs_dest *dest);

/*
 * The same for a setting of the node: an option by its number, a text by
 * LVS__PLACE_TEXTS and its number, an interface by LVS__PLACE_INTERFACES and
 * its index. A setting that is set anew has no place.
 */
int lvs__model_set_place(struct lvs_model *model, size_t setting,
			 const char *text);
const char *lvs__model_place(const struct lvs_model *model, size_t setting);

#endif
