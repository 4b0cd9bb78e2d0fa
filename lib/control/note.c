/*
 * What a change that was done may not have been meant to do. It is no error:
 * ipvsadm's rules mean what they mean there, and who relies on it gets it.
 */
#include "control/note.h"

#include "director/director.h"
#include "model/model.h"
#include "wire/names.h"

/* Whether the service has other dests than this one, all reached by NAT. */
static bool others_by_nat(const struct lvs_service *service,
			  const struct lvs_dest *dest)
{
	const struct lvs_dest *other = NULL;
	uint32_t count = 0;

	while ((other = lvs_service_next_dest(service, other)) != NULL) {
		if (other == dest)
			continue;
		if (other->method != LVS_NAT)
			return false;
		count++;
	}
	return count > 0;
}

void lvs__note_method(char note[LVS__NOTE], const struct lvs_model *before,
		      const struct lvs_model *after,
		      const struct lvs__rule *rule)
{
	const struct lvs_service *service;
	const struct lvs_dest *dest, *old = NULL;
	struct lvs__text text;

	if ((rule->says & LVS__SAYS_METHOD) != 0 ||
	    (rule->command != LVS__RULE_ADD_SERVER &&
	     rule->command != LVS__RULE_EDIT_SERVER))
		return;
	service = lvs_model_find_service(after, &rule->addr, rule->port,
					 rule->protocol);
	dest = lvs_service_find_dest(service, &rule->server, rule->server_port);
	if (rule->command == LVS__RULE_EDIT_SERVER)
		old = lvs_service_find_dest(
			lvs_model_find_service(before, &rule->addr, rule->port,
					       rule->protocol),
			&rule->server, rule->server_port);
	if (dest == NULL || dest->method == LVS_NAT ||
	    (old != NULL ? old->method == dest->method
			 : !others_by_nat(service, dest)))
		return;
	lvs__text_init(&text, note, LVS__NOTE);
	lvs__text_endpoint(&text, &dest->addr, dest->port);
	lvs__text_add(&text, " is now reached by %s",
		      lvs__method_name((int)dest->method));
	if (old != NULL)
		lvs__text_add(&text, ", it was %s",
			      lvs__method_name((int)old->method));
	if (others_by_nat(service, dest))
		lvs__text_add(&text, "; the others of this service by %s",
			      lvs__method_name(LVS_NAT));
	lvs__text_add(&text, ": -m meant?");
}

bool lvs__note_serves(const struct lvs_director *director,
		      const struct lvs_addr *addr, uint16_t port, int protocol)
{
	const struct lvs__live *live =
		lvs__live_find(director, addr, port, protocol);

	return live != NULL && live->serving == LVS__SERVING;
}

void lvs__note_serving(char note[LVS__NOTE],
		       const struct lvs_director *director,
		       const struct lvs_addr *addr, uint16_t port, int protocol)
{
	struct lvs__text text;

	if (note[0] != '\0' || lvs__note_serves(director, addr, port, protocol))
		return;
	lvs__text_init(&text, note, LVS__NOTE);
	lvs__text_add(&text, "%s ", lvs__protocol_name(protocol));
	lvs__text_endpoint(&text, addr, port);
	lvs__text_add(&text, " has no server left for new connections");
}
