/*
 * What of a description no node can do, whoever asks for it.
 *
 * A server at the virtual address of its own service is, where the backend
 * puts virtual addresses on this host, the host itself: the node that IPVS
 * calls local, which is not built yet. Its packets would be sent to a neighbour
 * that nobody is, by NAT and by direct routing alike. Where the addresses are
 * not the backend's business, or there is no backend, that address may be
 * another machine's (a virtual address that is routed through this host to the
 * one server that has it), and nothing is said against it here.
 *
 * The same holds for the virtual address of any other service of the model:
 * once it is this host's, no packet finds the server that had it before. The
 * whole model is judged by one walk over its services, which makes an index of
 * their addresses, and one over its servers.
 */
#include "model/model.h"

#include <string.h>

#include "model/text.h"
#include "service/services.h"

/* Whether the virtual addresses are this host's. */
static bool holds_addresses(const struct lvs_model *model)
{
	return lvs__model_backend(model) != NULL &&
	       model->options[LVS_MODEL_ADDRESSES] != 0;
}

bool lvs__model_serves_itself(const struct lvs_model *model,
			      const struct lvs_service *service,
			      const struct lvs_addr *server)
{
	return holds_addresses(model) &&
	       memcmp(&service->addr, server, sizeof(*server)) == 0;
}

/* ---- the whole model */

/* 0 or -ENOMEM. Of services at one address the first stands for all. */
static int index_addresses(struct lvs__endpoint_index *index,
			   const struct lvs_model *model)
{
	struct lvs_service *service = NULL;
	struct lvs__endpoint_key key;
	int error = 0;

	while (error != -ENOMEM &&
	       (service = lvs_model_next_service(model, service)) != NULL) {
		lvs__endpoint_key_at(&key, &service->addr, 0, 0);
		error = lvs__endpoint_index_add(index, &key, service);
	}
	return error == -ENOMEM ? error : 0;
}

/* The first dest of a service that is at an address of the index. */
static bool find_in(struct lvs__model_local *local,
		    const struct lvs__endpoint_index *index,
		    const struct lvs_service *service)
{
	const struct lvs_dest *dest = NULL;
	struct lvs__endpoint_key key;

	while ((dest = lvs__model_next_dest(service, dest)) != NULL) {
		lvs__endpoint_key_at(&key, &dest->addr, 0, 0);
		local->at = lvs__endpoint_index_find(index, &key);
		if (local->at == NULL)
			continue;
		if (memcmp(&service->addr, &dest->addr, sizeof(dest->addr)) ==
		    0)
			local->at = service;
		local->service = service;
		local->dest = dest;
		return true;
	}
	return false;
}

int lvs__model_find_local(const struct lvs_model *model,
			  struct lvs__model_local *local)
{
	const struct lvs_service *service = NULL;
	struct lvs__endpoint_index index = {0};
	struct lvs__hash_key secret;
	bool found = false;
	int error;

	if (!holds_addresses(model))
		return 0;
	error = lvs__hash_key_init(&secret);
	if (error == 0)
		error = lvs__endpoint_index_init(&index, 0, &secret);
	if (error < 0)
		return error;
	error = index_addresses(&index, model);
	while (error == 0 && !found &&
	       (service = lvs_model_next_service(model, service)) != NULL)
		found = find_in(local, &index, service);
	lvs__endpoint_index_fini(&index);
	return error < 0 ? error : found;
}

const char *lvs__model_tell_local(char words[LVS__LOCAL_WORDS],
				  const struct lvs__model_local *local)
{
	struct lvs__text text;

	if (local->at == local->service)
		return LVS__SERVES_ITSELF;
	lvs__text_init(&text, words, LVS__LOCAL_WORDS);
	lvs__text_add(&text, "a server at the virtual address of ");
	lvs__text_service(&text, local->at);
	lvs__text_add(&text, ", which would be this host itself: that is not "
			     "built yet");
	return words;
}
