/*
 * liblvs: addresses and endpoints as text and bytes.
 *
 * Text forms: RFC 4291 section 2.2 (IPv6 in), RFC 5952 (IPv6 out),
 * RFC 3986 section 3.2.2 ("[addr]:port"). Pure functions: any thread.
 */
#ifndef LVS_ADDR_H
#define LVS_ADDR_H

#include <lvs/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An address; bytes in network order, IPv4 in the first four, the rest 0. */
struct lvs_addr {
	uint32_t family; /* enum lvs_family */
	uint8_t bytes[16];
};

/*
 * Reads "192.0.2.1" or "2001:db8::1" (no brackets, no zone, no spaces).
 * 0, or -EINVAL: not an address.
 */
int lvs_addr_parse(struct lvs_addr *addr, const char *text);

/*
 * Writes `addr` as text into `text`, cut at `size`, always NUL-terminated when
 * size > 0. Returns the length that the whole text needs without its NUL (so
 * `>= size` means cut; 46 bytes always suffice), or -EINVAL.
 * An address of family LVS_FAMILY_NONE is written as "none".
 */
int lvs_addr_format(const struct lvs_addr *addr, char *text, size_t size);

/*
 * Reads "192.0.2.1:80" or "[2001:db8::1]:80"; the port may be left out and is
 * then 0 ("192.0.2.1", "[2001:db8::1]" or bare "2001:db8::1").
 * 0, or -EINVAL: not an endpoint, or a port above 65535.
 */
int lvs_endpoint_parse(struct lvs_addr *addr, uint16_t *port, const char *text);

/*
 * Writes "192.0.2.1:80" or "[2001:db8::1]:80"; as lvs_addr_format() otherwise
 * (54 bytes always suffice).
 */
int lvs_endpoint_format(const struct lvs_addr *addr, uint16_t port, char *text,
			size_t size);

#ifdef __cplusplus
}
#endif
#endif
