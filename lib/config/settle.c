/*
 * What of a virtual_server hangs on the lvs_backend block, which may stand
 * behind it: settled once all is read.
 */
#include "config/reader.h"

#include <errno.h>

static void settle_resets(struct lvs__reader *reader,
			  const struct lvs__pending *pending)
{
	const uint64_t *values = reader->backend.values;

	for (int i = 0; i < 2; i++)
		if (pending->unsaid[i] &&
		    values[LVS__RESETS + i] != LVS__UNSAID)
			(void)lvs_model_set_service(reader->model,
						    pending->service,
						    LVS_SETTING_RESETS + i,
						    values[LVS__RESETS + i]);
}

/* A server that has another service's address: the file says both. */
static int judge(struct lvs__reader *reader)
{
	struct lvs__model_local local;
	char words[LVS__LOCAL_WORDS];
	int found = lvs__model_find_local(reader->model, &local);

	if (found < 0)
		return lvs__message_error(reader->lexer.message,
					  reader->lexer.size, found, NULL);
	if (found == 0)
		return 0;
	return lvs__message(reader->lexer.message, reader->lexer.size, -EINVAL,
			    "%s: found %s; that service is in %s",
			    lvs__model_dest_place(local.dest),
			    lvs__model_tell_local(words, &local),
			    lvs__model_service_place(local.at));
}

int lvs__reader_settle(struct lvs__reader *reader)
{
	const struct lvs_service *own = reader->own;

	for (size_t n = 0; n < reader->pending_count; n++)
		settle_resets(reader, &reader->pending[n]);
	if (own != NULL &&
	    lvs__model_serves_itself(reader->model, own, &own->addr))
		return lvs__lexer_error(&reader->lexer, &reader->own_place,
					-EINVAL, "found %s",
					LVS__SERVES_ITSELF);
	return judge(reader);
}
