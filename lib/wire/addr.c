/*
 * Addresses and endpoints as text.
 *
 * Reading is inet_pton()'s: it is strict (no octal, no missing parts, no zone)
 * and the same in every C library. Writing is our own, because C libraries
 * differ in where they write IPv4 inside IPv6; RFC 5952 leaves one form only,
 * so that a log, a configuration and a test can be compared as text.
 */
#include <lvs/addr.h>

#include "wire/names.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

LVS_EXPORT int lvs_addr_parse(struct lvs_addr *addr, const char *text)
{
	struct lvs_addr found = {LVS_FAMILY_NONE, {0}};

	if (addr == NULL || text == NULL)
		return -EINVAL;
	if (inet_pton(AF_INET, text, found.bytes) == 1)
		found.family = LVS_IPV4;
	else if (inet_pton(AF_INET6, text, found.bytes) == 1)
		found.family = LVS_IPV6;
	else
		return -EINVAL;
	*addr = found;
	return 0;
}

/* RFC 5952 section 4.2: the longest run of zero words, the first of equals,
 * and never a single one. *length 0: there is none. */
static unsigned int find_zeros(const uint16_t words[8], unsigned int *length)
{
	unsigned int best = 8;

	*length = 0;
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int end = i;

		while (end < 8 && words[end] == 0)
			end++;
		if (end - i > *length && end - i > 1) {
			best = i;
			*length = end - i;
		}
	}
	return best;
}

/* Into LVS__ADDR_TEXT bytes, which always suffice. Returns the length. */
static int write6(char *text, const uint8_t bytes[16])
{
	unsigned int zeros, length, count = 8;
	char *at = text, *const end = text + LVS__ADDR_TEXT;
	uint16_t words[8];

	for (unsigned int i = 0; i < 8; i++)
		words[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
	zeros = find_zeros(words, &length);
	/* RFC 5952 section 5: IPv4 is recognizable behind a known prefix */
	if (zeros == 0 && length == 5 && words[5] == 0xffff)
		count = 6;
	for (unsigned int i = 0; i < count; i++) {
		if (i == zeros) {
			*at++ = ':';
			i += length - 1;
			if (i == 7)
				*at++ = ':';
			continue;
		}
		at += snprintf(at, (size_t)(end - at), i == 0 ? "%x" : ":%x",
			       words[i]);
	}
	if (count == 6)
		at += snprintf(at, (size_t)(end - at), ":%u.%u.%u.%u",
			       bytes[12], bytes[13], bytes[14], bytes[15]);
	*at = '\0';
	return (int)(at - text);
}

/* Into LVS__ADDR_TEXT bytes. Returns the length, or -EINVAL. */
static int write_addr(char *text, const struct lvs_addr *addr)
{
	const uint8_t *b = addr->bytes;

	switch (addr->family) {
	case LVS_FAMILY_NONE:
		return snprintf(text, LVS__ADDR_TEXT, "none");
	case LVS_IPV4:
		return snprintf(text, LVS__ADDR_TEXT, "%u.%u.%u.%u", b[0], b[1],
				b[2], b[3]);
	case LVS_IPV6:
		return write6(text, b);
	default:
		return -EINVAL;
	}
}

static int copy_out(char *text, size_t size, const char *whole, int length)
{
	size_t n = (size_t)length;

	if (size == 0)
		return length;
	if (n >= size)
		n = size - 1;
	memcpy(text, whole, n);
	text[n] = '\0';
	return length;
}

LVS_EXPORT int lvs_addr_format(const struct lvs_addr *addr, char *text,
			       size_t size)
{
	char whole[LVS__ADDR_TEXT];
	int length;

	if (addr == NULL || text == NULL)
		return -EINVAL;
	length = write_addr(whole, addr);
	if (length < 0)
		return length;
	return copy_out(text, size, whole, length);
}

/* One to five digits and nothing else. */
static int read_port(uint16_t *port, const char *text)
{
	uint32_t number = 0;
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 5 || text[digits] != '\0')
		return -EINVAL;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (uint32_t)(text[i] - '0');
	if (number > UINT16_MAX)
		return -EINVAL;
	*port = (uint16_t)number;
	return 0;
}

/* The first `length` bytes of `text` as an address of this family. */
static int read_part(struct lvs_addr *addr, const char *text, size_t length,
		     uint32_t family)
{
	char part[LVS__ADDR_TEXT];

	if (length >= sizeof(part))
		return -EINVAL;
	memcpy(part, text, length);
	part[length] = '\0';
	if (lvs_addr_parse(addr, part) != 0 || addr->family != family)
		return -EINVAL;
	return 0;
}

LVS_EXPORT int lvs_endpoint_parse(struct lvs_addr *addr, uint16_t *port,
				  const char *text)
{
	struct lvs_addr found;
	uint16_t number = 0;
	const char *end;
	int error;

	if (addr == NULL || port == NULL || text == NULL)
		return -EINVAL;
	if (lvs_addr_parse(&found, text) == 0)
		goto done;
	if (text[0] == '[') {
		end = strchr(text, ']');
		if (end == NULL || (end[1] != ':' && end[1] != '\0'))
			return -EINVAL;
		error = read_part(&found, text + 1, (size_t)(end - text - 1),
				  LVS_IPV6);
		end += end[1] == ':' ? 1 : 0;
	} else {
		end = strchr(text, ':');
		if (end == NULL)
			return -EINVAL;
		error = read_part(&found, text, (size_t)(end - text), LVS_IPV4);
	}
	if (error == 0 && *end == ':')
		error = read_port(&number, end + 1);
	if (error != 0)
		return error;
done:
	*addr = found;
	*port = number;
	return 0;
}

LVS_EXPORT int lvs_endpoint_format(const struct lvs_addr *addr, uint16_t port,
				   char *text, size_t size)
{
	char whole[LVS__ENDPOINT_TEXT], part[LVS__ADDR_TEXT];
	int length;

	if (addr == NULL || text == NULL)
		return -EINVAL;
	length = write_addr(part, addr);
	if (length < 0)
		return length;
	length = snprintf(whole, sizeof(whole),
			  addr->family == LVS_IPV6 ? "[%s]:%u" : "%s:%u", part,
			  (unsigned int)port);
	return copy_out(text, size, whole, length);
}
