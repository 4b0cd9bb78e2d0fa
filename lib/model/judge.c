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
 */
#include "model/model.h"

#include <string.h>

bool lvs__model_serves_itself(const struct lvs_model *model,
			      const struct lvs_service *service,
			      const struct lvs_addr *server)
{
	return lvs__model_backend(model) != NULL &&
	       model->options[LVS_MODEL_ADDRESSES] != 0 &&
	       memcmp(&service->addr, server, sizeof(*server)) == 0;
}
