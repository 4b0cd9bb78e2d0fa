/*
 * Text written piece by piece into a caller's buffer, cut at its size, while
 * the length of the whole is counted.
 */
#ifndef LVS__MODEL_TEXT_H
#define LVS__MODEL_TEXT_H

#include <lvs/monitor.h>
#include <lvs/service.h>

struct lvs__text {
	char *text; /* may be NULL when size is 0 */
	size_t size;
	size_t length; /* of the whole, what did not fit included */
};

/* An empty text; NUL-terminated from now on when size > 0. */
void lvs__text_init(struct lvs__text *text, char *buffer, size_t size);

void lvs__text_add(struct lvs__text *text, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The length as a result: -EOVERFLOW when an int does not hold it. */
int lvs__text_result(const struct lvs__text *text);

/* "192.0.2.1:80", "tcp 192.0.2.1:80" and milliseconds as "1.5" seconds. */
void lvs__text_endpoint(struct lvs__text *text, const struct lvs_addr *addr,
			uint16_t port);
void lvs__text_service(struct lvs__text *text,
		       const struct lvs_service *service);
void lvs__text_seconds(struct lvs__text *text, uint64_t ms);

/* "check tcp 10.0.0.1:80 interval 60 ..." */
void lvs__text_check(struct lvs__text *text, const struct lvs_check *check);

/* "nat", "tcp": a method's and a protocol's name, "?" if unknown. Static. */
const char *lvs__method_name(int method);
const char *lvs__protocol_name(int protocol);

#endif
