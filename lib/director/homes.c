/*
 * Where the virtual addresses of a model are on this host, or would be: the
 * backend is asked without being opened, so nothing is changed.
 */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "director/director.h"
#include "model/model.h"
#include "model/text.h"

struct teller {
	void (*tell)(void *user, const char *line);
	void *user;
	const struct lvs_backend *backend;
	bool adds;			 /* those that are missing */
	struct lvs__endpoint_index told; /* addresses, each with its method */
};

static void tell_home(const struct teller *t, const struct lvs_addr *addr)
{
	char line[128], interface[IFNAMSIZ] = "";
	struct lvs__text text;
	int result = lvs_backend_home(t->backend, addr, interface, IFNAMSIZ);

	lvs__text_init(&text, line, sizeof(line));
	lvs__text_add(&text, "virtual address ");
	lvs__text_addr(&text, addr);
	if (result == -ENODEV)
		lvs__text_add(&text, ": an interface that is named is not on "
				     "this host");
	else if (result < 0)
		lvs__text_add(&text, ": %s", lvs_strerror(result));
	else if (result == 1)
		lvs__text_add(&text, " is on %s of this host", interface);
	else if (!t->adds)
		lvs__text_add(&text, " is not on this host");
	else
		lvs__text_add(&text, " will be added to %s%s", interface,
			      strcmp(interface, "lo") != 0 ? ""
			      : addr->family == LVS_IPV6
				      ? ", where neighbours do not find it"
				      : ": a router must send it to this host");
	t->tell(t->user, line);
}

/* What will not work of a claim on this host; only its address counts. */
static void tell_trouble(const struct teller *t, uint32_t kind, uint32_t method,
			 const struct lvs_addr *addr)
{
	struct lvs_claim claim = {
		.kind = kind,
		.protocol = LVS_TCP,
		.method = method,
		.port = 1,
		.addr = *addr,
	};
	struct lvs_backend_event event;
	char line[256] = "warning: ";
	size_t used = strlen(line);

	if (lvs_backend_foresee(t->backend, &claim, &event, sizeof(event)) != 1)
		return;
	(void)lvs_backend_event_format(&event, line + used,
				       sizeof(line) - used);
	t->tell(t->user, line);
}

/* An address is told of once for each method, a virtual one for none (0).
 * 0, -EEXIST: it was told of; -ENOMEM. */
static int remember(struct teller *t, const struct lvs_addr *addr,
		    uint32_t method)
{
	struct lvs__endpoint_key key;

	lvs__endpoint_key_at(&key, addr, (uint16_t)method, 0);
	return lvs__endpoint_index_add(&t->told, &key, t);
}

static int tell_service(struct teller *t, const struct lvs_service *service)
{
	const struct lvs_dest *dest = NULL;
	int error = remember(t, &service->addr, 0);

	if (error == 0) {
		tell_home(t, &service->addr);
		tell_trouble(t, LVS_CLAIM_VIRTUAL, 0, &service->addr);
	}
	while (error != -ENOMEM &&
	       (dest = lvs_service_next_dest(service, dest)) != NULL) {
		error = remember(t, &dest->addr, dest->method);
		if (error == 0)
			tell_trouble(t, LVS_CLAIM_SERVER, dest->method,
				     &dest->addr);
	}
	return error == -ENOMEM ? error : 0;
}

static int tell_all(struct teller *t, const struct lvs_model *model)
{
	const struct lvs_service *service = NULL;
	struct lvs__hash_key secret;
	int error = lvs__hash_key_init(&secret);

	if (error == 0)
		error = lvs__endpoint_index_init(&t->told, 0, &secret);
	while (error == 0 &&
	       (service = lvs_model_next_service(model, service)) != NULL)
		error = tell_service(t, service);
	lvs__endpoint_index_fini(&t->told);
	return error;
}

LVS_EXPORT int lvs_director_homes(const struct lvs_model *model,
				  void (*tell)(void *user, const char *line),
				  void *user)
{
	struct teller teller = {.tell = tell, .user = user};
	struct lvs_backend *backend = NULL;
	const char *name;
	int error;

	if (model == NULL || tell == NULL)
		return -EINVAL;
	name = lvs__model_backend(model);
	if (name == NULL)
		return 0;
	error = lvs_backend_new(&backend, name);
	for (size_t i = 0; error == 0; i++) {
		name = lvs_model_get_interface(model, i);
		if (name == NULL)
			break;
		error = lvs_backend_add_interface(backend, name);
	}
	teller.backend = backend;
	teller.adds = model->options[LVS_MODEL_ADDRESSES] != 0;
	if (error == 0)
		error = tell_all(&teller, model);
	lvs_backend_free(backend);
	return error;
}
