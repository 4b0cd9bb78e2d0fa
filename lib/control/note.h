/*
 * What is said beside an answer. Each writes into `note`, which is "" where
 * there is nothing to say.
 */
#ifndef LVS__CONTROL_NOTE_H
#define LVS__CONTROL_NOTE_H

#include <lvs/director.h>

#include "config/options.h"

#define LVS__NOTE 256 /* bytes */

/*
 * A rule that named no method made a server one of direct routing: one that
 * was reached by NAT, or one beside others that are.
 */
void lvs__note_method(char note[LVS__NOTE], const struct lvs_model *before,
		      const struct lvs_model *after,
		      const struct lvs__rule *rule);

/* Whether a service has a server; and that it has none any more. */
bool lvs__note_serves(const struct lvs_director *director,
		      const struct lvs_addr *addr, uint16_t port, int protocol);
void lvs__note_serving(char note[LVS__NOTE],
		       const struct lvs_director *director,
		       const struct lvs_addr *addr, uint16_t port,
		       int protocol);

#endif
