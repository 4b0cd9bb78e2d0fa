/*
 * liblvs-director: a model says what a node should be: services, their dests,
 * the checks of each dest, settings. It is only a description: nothing runs.
 *
 * The configuration file and ipvsadm's rules are read into a model; a director
 * hands out a model of what runs and takes one as what should run.
 */
#ifndef LVS_MODEL_H
#define LVS_MODEL_H

#include <lvs/lvs.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lvs_model;

/* Numbers that hold for the whole node. Unset ones have their default. */
enum lvs_model_option {
	LVS_MODEL_TIMEOUT_TCP = 1,     /* ms, ESTABLISHED; 900 s */
	LVS_MODEL_TIMEOUT_TCP_FIN = 2, /* ms, FIN_WAIT; 120 s */
	LVS_MODEL_TIMEOUT_UDP = 3,     /* ms; 300 s */
	LVS_MODEL_WORKERS = 4,	       /* 1 to 64; 1 */
	LVS_MODEL_CONNECTIONS = 5,     /* most per worker; 2^20 */
	LVS_MODEL_RING_FRAMES = 6,     /* LVS_BACKEND_FRAMES */
	LVS_MODEL_ADDRESSES = 7	       /* LVS_BACKEND_ADDRESSES */
};

enum lvs_model_text {
	LVS_MODEL_BACKEND = 1, /* "raw" */
	LVS_MODEL_CONTROL = 2, /* path of the control socket */
	LVS_MODEL_GROUP = 3    /* group that may use it */
};

/* What a service needs that only a running node knows. */
enum lvs_service_setting {
	/*
	 * Passive check, NAT: so many resets to SYNs from one dest within
	 * LVS_SETTING_RESET_INTERVAL take it out at once; 0: off. Default 3.
	 */
	LVS_SETTING_RESETS = 1,
	LVS_SETTING_RESET_INTERVAL = 2, /* ms, default 1000 */
	/* 1: a dead dest keeps its connections, with weight 0 in listings */
	LVS_SETTING_INHIBIT = 3
};

/*
 * A model without services, every setting at its default. 0, -EINVAL, -ENOMEM,
 * or what getrandom() says: its index of services has a random key.
 */
int lvs_model_new(struct lvs_model **model);

/* Ends a model and all in it. NULL is allowed. */
void lvs_model_free(struct lvs_model *model);

/* A copy of all: services, dests, checks, settings. As lvs_model_new(). */
int lvs_model_copy(struct lvs_model **copy, const struct lvs_model *model);

/* Sets or reads a number. 0, -EINVAL, -ERANGE. */
int lvs_model_set(struct lvs_model *model, int option, uint64_t value);
int lvs_model_get(const struct lvs_model *model, int option, uint64_t *value);

/*
 * Sets or reads a text (enum lvs_model_text), copied in; reading gives a
 * pointer that stays until the next set, NULL where unset.
 * 0, -EINVAL (longer than 255), -ENOMEM.
 */
int lvs_model_set_text(struct lvs_model *model, int option, const char *text);
const char *lvs_model_get_text(const struct lvs_model *model, int option);

/*
 * Adds an interface for the backend; the i-th one, NULL past the last.
 * add: 0, -EINVAL: no name that the kernel takes; -EEXIST: it is there;
 * -ENOSPC: there are 64.
 */
int lvs_model_add_interface(struct lvs_model *model, const char *name);
const char *lvs_model_get_interface(const struct lvs_model *model,
				    size_t index);

/*
 * Gives a service to the model, which owns it from then on (not on failure).
 * 0, -EINVAL: no address; -EEXIST: its address is there; -EBUSY: it is given
 * to somebody already; -ENOMEM.
 */
int lvs_model_add_service(struct lvs_model *model, struct lvs_service *service);

/* Takes a service out and ends it, with its checks. 0, -EINVAL, -ENOENT. */
int lvs_model_remove_service(struct lvs_model *model,
			     struct lvs_service *service);

/* The service with this address, NULL if there is none; a walk from NULL. */
struct lvs_service *lvs_model_find_service(const struct lvs_model *model,
					   const struct lvs_addr *addr,
					   uint16_t port, int protocol);
struct lvs_service *lvs_model_next_service(const struct lvs_model *model,
					   const struct lvs_service *service);

/* A service's setting (enum lvs_service_setting). 0, -EINVAL, -ENOENT: not of
 * this model; -ERANGE. */
int lvs_model_set_service(struct lvs_model *model, struct lvs_service *service,
			  int setting, uint64_t value);
int lvs_model_get_service(const struct lvs_model *model,
			  const struct lvs_service *service, int setting,
			  uint64_t *value);

/*
 * Takes a dest out of a service of the model, with its checks, as
 * lvs_service_remove_dest() does too. 0, -EINVAL, -ENOENT: not of it.
 */
int lvs_model_remove_dest(struct lvs_model *model, struct lvs_service *service,
			  struct lvs_dest *dest);

/*
 * Gives a check to a dest of the model, which owns it from then on (not on
 * failure). A check without target probes the dest's own address and port.
 * 0, -EINVAL: it has 64 checks, or this one; -ENOENT: dest or service not of
 * this model; -ENOMEM.
 */
int lvs_model_add_check(struct lvs_model *model, struct lvs_service *service,
			struct lvs_dest *dest, struct lvs_check *check);

/* The i-th check of a dest, NULL past the last. Borrowed. */
struct lvs_check *lvs_model_get_check(const struct lvs_model *model,
				      const struct lvs_dest *dest,
				      size_t index);

/*
 * Writes what would have to change from `from` to `to`, a line each
 * ("+ tcp 192.0.2.1:80 -> 10.0.0.3:80 weight 1"), into `text`, cut at `size`.
 * The length of the whole text (0: nothing differs), -EINVAL, -EOVERFLOW.
 */
int lvs_model_diff(const struct lvs_model *from, const struct lvs_model *to,
		   char *text, size_t size);

/*
 * Three-way: what changed from `before` to `after` is done to `model`; what
 * did not change there stays in `model` as it is, but a dest that has no check
 * there gets those of `after`. As lvs_model_copy(); on failure `model` is as
 * before.
 */
int lvs_model_merge(struct lvs_model *model, const struct lvs_model *before,
		    const struct lvs_model *after);

#ifdef __cplusplus
}
#endif
#endif
