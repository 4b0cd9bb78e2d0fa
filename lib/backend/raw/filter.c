/*
 * Each program searches in what program.c writes.
 *
 * The hash multiplies and shifts as MurmurHash3's finalizer does (Appleby,
 * public domain): every bit of the address changes every bit of the result, so
 * the kernel's "modulo number of lanes" is even.
 */
#include "backend/raw/filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if_arp.h>
#include <stdlib.h>
#include <string.h>

#include "backend/raw/program.h"

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a;
	uint32_t y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

void lvs__filter_none(struct lvs__filter *filter)
{
	filter->code[0] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, 0);
	filter->length = 1;
}

int lvs__filter_accept(struct lvs__filter *filter, uint32_t *interfaces,
		       size_t count)
{
	struct lvs__program w;

	lvs__program_begin(&w, filter);
	if (count > 0)
		qsort(interfaces, count, sizeof(*interfaces), compare_numbers);
	lvs__program_load_meta(&w, SKF_AD_PKTTYPE);
	lvs__program_put(&w, BPF_JMP | BPF_JEQ | BPF_K, PACKET_HOST, 1, 0);
	lvs__program_jump(&w, LVS__MISS);
	lvs__program_load_meta(&w, SKF_AD_PROTOCOL);
	lvs__program_put(&w, BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 2, 0);
	lvs__program_put(&w, BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 1, 0);
	lvs__program_jump(&w, LVS__MISS);
	lvs__program_load_meta(&w, SKF_AD_VLAN_TAG_PRESENT);
	lvs__program_put(&w, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
	lvs__program_jump(&w, LVS__MISS);
	lvs__program_load_meta(&w, SKF_AD_IFINDEX);
	lvs__program_search(&w, interfaces, count, 1);
	return lvs__program_end_filter(&w);
}

/* Folds `words` words from `offset` into A and ends with their hash. */
static void put_hash(struct lvs__program *w, uint32_t offset, uint32_t words,
		     uint32_t seed)
{
	static const uint32_t steps[][2] = {{16, 0x85ebca6b},
					    {13, 0xc2b2ae35},
					    {16, 0}};

	lvs__program_load(w, offset);
	lvs__program_put(w, BPF_ALU | BPF_XOR | BPF_K, seed, 0, 0);
	for (uint32_t i = 1; i < words; i++) {
		lvs__program_put(w, BPF_ALU | BPF_MUL | BPF_K, 0x9e3779b1, 0,
				 0);
		lvs__program_put(w, BPF_MISC | BPF_TAX, 0, 0, 0);
		lvs__program_put(w, BPF_ALU | BPF_RSH | BPF_K, 15, 0, 0);
		lvs__program_put(w, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
		lvs__program_put(w, BPF_MISC | BPF_TAX, 0, 0, 0);
		lvs__program_load(w, offset + 4 * i);
		lvs__program_put(w, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		lvs__program_put(w, BPF_MISC | BPF_TAX, 0, 0, 0);
		lvs__program_put(w, BPF_ALU | BPF_RSH | BPF_K, steps[i][0], 0,
				 0);
		lvs__program_put(w, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
		if (steps[i][1] != 0)
			lvs__program_put(w, BPF_ALU | BPF_MUL | BPF_K,
					 steps[i][1], 0, 0);
	}
	lvs__program_put(w, BPF_RET | BPF_A, 0, 0, 0);
}

/* The part for one family: search the destination, hash the client. */
static int put_family(struct lvs__filter *filter, const uint32_t *keys,
		      size_t count, uint32_t words, uint32_t seed)
{
	uint32_t source = words == 1 ? 12 : 8;
	uint32_t destination = words == 1 ? 16 : 24;
	struct lvs__program w;

	memset(&w, 0, sizeof(w));
	w.filter = filter;
	lvs__program_load(&w, words == 1 ? 16 : 36);
	lvs__program_search(&w, keys, count, words);
	lvs__program_label(&w, LVS__HIT);
	put_hash(&w, source, words, seed);
	lvs__program_label(&w, LVS__MISS);
	put_hash(&w, destination, words, seed);
	return lvs__program_end(&w);
}

static int compare_ipv4(const void *a, const void *b)
{
	return memcmp(a, b, 4);
}

static int compare_ipv6(const void *a, const void *b)
{
	return memcmp(a, b, 16);
}

/* The addresses of a family as keys: sorted, once each, last word first. */
static size_t make_keys(uint32_t *keys, const struct lvs_addr *addresses,
			size_t count, uint32_t family)
{
	uint32_t words = family == LVS_IPV4 ? 1 : 4;
	size_t unique = 0;
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (addresses[i].family != family)
			continue;
		for (uint32_t j = 0; j < words; j++)
			memcpy(&keys[n * words + j],
			       &addresses[i].bytes[4 * (words - 1 - j)], 4);
		n++;
	}
	/* in network order memcmp sorts as numbers */
	qsort(keys, n, words * sizeof(*keys),
	      words == 1 ? compare_ipv4 : compare_ipv6);
	for (size_t i = 0; i < n; i++) {
		if (unique > 0 &&
		    memcmp(&keys[i * words], &keys[(unique - 1) * words],
			   words * sizeof(*keys)) == 0)
			continue;
		memmove(&keys[unique++ * words], &keys[i * words],
			words * sizeof(*keys));
	}
	for (size_t i = 0; i < unique * words; i++)
		keys[i] = ntohl(keys[i]);
	return unique;
}

int lvs__filter_steer(struct lvs__filter *filter,
		      const struct lvs_addr *addresses, size_t count,
		      uint32_t seed)
{
	uint32_t *keys = calloc(count + 1, 4 * sizeof(*keys));
	uint16_t branch;
	size_t n;
	int result;

	if (keys == NULL)
		return -ENOMEM;
	filter->length = 0;
	filter->code[0] =
		(struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					     (uint32_t)(SKF_AD_OFF +
							SKF_AD_PROTOCOL));
	filter->code[1] =
		(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
					     ETH_P_IPV6, 0, 1);
	filter->code[2] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 0);
	filter->length = 3;
	branch = 2;
	n = make_keys(keys, addresses, count, LVS_IPV4);
	result = put_family(filter, keys, n, 1, seed);
	if (result == 0) {
		filter->code[branch].k = filter->length - branch - 1U;
		n = make_keys(keys, addresses, count, LVS_IPV6);
		result = put_family(filter, keys, n, 4, seed);
	}
	free(keys);
	return result;
}

/* Ethernet and IPv4, of others: the address that is spoken of is in A. */
static void begin_arp(struct lvs__program *w, struct lvs__filter *filter)
{
	const uint32_t sizes = ETH_ALEN << 24 | 4 << 16; /* of addresses */

	lvs__program_begin(w, filter);
	lvs__program_load_meta(w, SKF_AD_PKTTYPE);
	lvs__program_put(w, BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1);
	lvs__program_jump(w, LVS__MISS);
	lvs__program_load_meta(w, SKF_AD_VLAN_TAG_PRESENT);
	lvs__program_put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
	lvs__program_jump(w, LVS__MISS);
	lvs__program_load(w, 0);
	lvs__program_put(w, BPF_JMP | BPF_JEQ | BPF_K,
			 ARPHRD_ETHER << 16 | ETH_P_IP, 1, 0);
	lvs__program_jump(w, LVS__MISS);
	lvs__program_load(w, 4);
	lvs__program_put(w, BPF_JMP | BPF_JEQ | BPF_K, sizes | ARPOP_REQUEST, 2,
			 0);
	lvs__program_put(w, BPF_JMP | BPF_JEQ | BPF_K, sizes | ARPOP_REPLY, 1,
			 0);
	lvs__program_jump(w, LVS__MISS);
	lvs__program_load(w, 14);
	lvs__program_put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
	lvs__program_load(w, 24);
}

int lvs__filter_arp(struct lvs__filter *filter,
		    const struct lvs_addr *addresses, size_t count)
{
	uint32_t *keys = calloc(count + 1, 4 * sizeof(*keys));
	struct lvs__program w;

	if (keys == NULL)
		return -ENOMEM;
	begin_arp(&w, filter);
	if (addresses != NULL) {
		count = make_keys(keys, addresses, count, LVS_IPV4);
		lvs__program_search(&w, keys, count, 1);
	}
	free(keys);
	return lvs__program_end_filter(&w);
}
