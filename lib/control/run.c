/*
 * A client's order from words to the end of its answer.
 */
#include "control/print.h"

#include <stdlib.h>
#include <string.h>

int lvs__json_failed(const json_error_t *error, const char *what, char *message,
		     size_t size)
{
	if (json_error_code(error) == json_error_invalid_utf8)
		return lvs__message(message, size, -EINVAL, "%s: not UTF-8",
				    what);
	return lvs__message_error(message, size, -ENOMEM, NULL);
}

/* ---- answers */

static int broken(int error, char *message, size_t size)
{
	if (error == -ENOMEM)
		return lvs__message_error(message, size, error, NULL);
	return lvs__message(message, size, error,
			    error == -ETIMEDOUT ? "lvsd does not answer"
			    : error == -ECONNRESET
				    ? "lvsd closed the connection"
				    : "lvsd's answer is not understood");
}

/* The last line: 0, or the error that it tells. */
static int finish(const json_t *line, char *message, size_t size)
{
	const json_t *error = json_object_get(line, "error");
	const char *text = json_string_value(json_object_get(line, "message"));
	json_int_t number = json_integer_value(error);

	if (error == NULL)
		return 0;
	if (number < 1 || number > 4095)
		number = EPROTO;
	return lvs__message(message, size, -(int)number, "%s",
			    text != NULL ? text : lvs_strerror(-(int)number));
}

/* 1: the answer goes on; 0: it is at its end; or an error. */
static int take_line(struct lvs__printer *printer, char *text, size_t length,
		     char *message, size_t size)
{
	json_t *line = json_loadb(text, length, 0, NULL);
	bool done = json_is_true(json_object_get(line, "done"));
	const char *note = json_string_value(json_object_get(line, "note"));
	int result = 1;

	if (!json_is_object(line)) {
		json_decref(line);
		return broken(-EPROTO, message, size);
	}
	if (done)
		result = finish(line, message, size);
	else if (note != NULL)
		(void)lvs__message(message, size, 0, "%s", note);
	if (printer->order->json && result >= 0) {
		text[length] = '\n'; /* where its end was */
		printer->stopped =
			printer->write(printer->user, text, length + 1);
	} else if (!done) {
		lvs__print_line(printer, line);
	}
	json_decref(line);
	return printer->stopped < 0 ? 0 : result;
}

static int read_answer(struct lvs_client *client, struct lvs__printer *printer,
		       bool forever, char *message, size_t size)
{
	int result;

	do {
		size_t length = 0;
		char *line = NULL;

		result = lvs__client_read(client, &line, &length, forever);
		if (result < 0)
			return broken(result, message, size);
		result = take_line(printer, line, length, message, size);
	} while (result == 1 ||
		 (result == 0 && forever && printer->stopped >= 0));
	return result;
}

/* ---- restore: the text goes in pieces, the last one makes it happen */

static int send_text(struct lvs_client *client, struct lvs__printer *printer,
		     const char *input, size_t length, char *message,
		     size_t size)
{
	int result = 0;

	do {
		size_t piece = length < LVS__RESTORE_PIECE ? length
							   : LVS__RESTORE_PIECE;
		json_error_t error = {0};
		json_t *request;

		/* a character is not cut in two */
		while (piece < length && piece > 1 &&
		       ((unsigned char)input[piece] & 0xc0) == 0x80)
			piece--;
		request = json_pack_ex(&error, 0, "{s:i, s:s, s:s%, s:b}",
				       "version", LVS__CONTROL_VERSION,
				       "request", "restore", "text", input,
				       piece, "more", piece < length);
		if (request == NULL)
			return lvs__json_failed(&error, "the text", message,
						size);
		result = lvs__client_send(client, request);
		json_decref(request);
		input += piece;
		length -= piece;
		if (result < 0)
			return broken(result, message, size);
		result = read_answer(client, printer, false, message, size);
	} while (result == 0 && length > 0);
	return result;
}

/* ---- all of it */

static int ask(struct lvs_client *client, struct lvs__order *order,
	       struct lvs__printer *printer, const char *input, size_t length,
	       char *message, size_t size)
{
	int error;

	if (order->restore)
		return send_text(client, printer, input != NULL ? input : "",
				 input != NULL ? length : 0, message, size);
	error = lvs__client_send(client, order->request);
	if (error < 0)
		return broken(error, message, size);
	error = read_answer(client, printer, order->forever, message, size);
	if (error == 0)
		(void)lvs__print_end(printer);
	return error;
}

/* The words without --json, which may stand anywhere. */
static const char **without_json(const char *const *words, size_t *count,
				 bool *json)
{
	const char **kept = calloc(*count + 1, sizeof(*kept));
	size_t n = 0;

	if (kept == NULL)
		return NULL;
	for (size_t i = 0; i < *count; i++) {
		if (strcmp(words[i], "--json") == 0)
			*json = true;
		else
			kept[n++] = words[i];
	}
	*count = n;
	return kept;
}

LVS_EXPORT int lvs_client_run(struct lvs_client *client,
			      const char *const *words, size_t count,
			      const char *input, size_t length,
			      int (*write)(void *user, const char *text,
					   size_t length),
			      void *user, char *message, size_t size)
{
	struct lvs__order order = {0};
	struct lvs__printer printer = {
		.order = &order,
		.write = write,
		.user = user,
	};
	const char **kept;
	int error;

	if (client == NULL || (words == NULL && count > 0) || write == NULL)
		return lvs__message_error(message, size, -EINVAL, NULL);
	for (size_t i = 0; i < count; i++)
		if (words[i] == NULL)
			return lvs__message(message, size, -EINVAL,
					    "a word is missing");
	(void)lvs__message(message, size, 0, "%s", "");
	kept = without_json(words, &count, &order.json);
	if (kept == NULL)
		return lvs__message_error(message, size, -ENOMEM, NULL);
	error = lvs__order_read(&order, kept, count, message, size);
	if (error == 0)
		error = ask(client, &order, &printer, input, length, message,
			    size);
	json_decref(order.request);
	free(kept);
	return error;
}
