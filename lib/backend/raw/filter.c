/*
 * Programs are written front to back, jumps go forward only. A conditional
 * jump reaches 255 instructions, so a long way is an unconditional jump whose
 * target, a label, is filled in at the end.
 *
 * Sorted keys are searched by halving: an inner node compares with the first
 * key of the upper half, a leaf compares with a few keys one by one. So a
 * packet costs about log2(n) steps and a leaf's.
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

/* Keys that are compared one by one: a jump reaches all of a leaf. */
#define NUMBER_LEAF 16
#define IPV6_LEAF 4

enum label {
	HIT,
	MISS,
	LABELS
};

struct writer {
	struct lvs__filter *filter;
	uint32_t labels[LABELS];     /* where each label is */
	uint8_t jumps[BPF_MAXINSNS]; /* label + 1 of an open jump, else 0 */
	bool full;
};

static void put(struct writer *w, uint16_t code, uint32_t k, uint8_t jt,
		uint8_t jf)
{
	if (w->filter->length >= BPF_MAXINSNS) {
		w->full = true;
		return;
	}
	w->filter->code[w->filter->length++] = (struct sock_filter){
		.code = code,
		.jt = jt,
		.jf = jf,
		.k = k,
	};
}

static void jump(struct writer *w, enum label label)
{
	if (w->filter->length < BPF_MAXINSNS)
		w->jumps[w->filter->length] = (uint8_t)(label + 1);
	put(w, BPF_JMP | BPF_JA, 0, 0, 0);
}

static void place(struct writer *w, enum label label)
{
	w->labels[label] = w->filter->length;
}

static void load(struct writer *w, uint32_t offset)
{
	put(w, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void load_meta(struct writer *w, int field)
{
	load(w, (uint32_t)(SKF_AD_OFF + field));
}

/* Fills in the open jumps. */
static int finish(struct writer *w)
{
	if (w->full)
		return -EFBIG;
	for (uint32_t i = 0; i < w->filter->length; i++)
		if (w->jumps[i] != 0)
			w->filter->code[i].k =
				w->labels[w->jumps[i] - 1] - i - 1;
	return 0;
}

/* The end of a filter: HIT takes the packet, and is the next step. */
static int finish_verdict(struct writer *w)
{
	place(w, HIT);
	put(w, BPF_RET | BPF_K, UINT32_MAX, 0, 0);
	place(w, MISS);
	put(w, BPF_RET | BPF_K, 0, 0, 0);
	return finish(w);
}

static void begin(struct writer *w, struct lvs__filter *filter)
{
	memset(w, 0, sizeof(*w));
	w->filter = filter;
	filter->length = 0;
}

/* Compares A with numbers one by one; all jump to one place. */
static void put_number_leaf(struct writer *w, const uint32_t *keys,
			    size_t count)
{
	for (size_t i = 0; i < count; i++)
		put(w, BPF_JMP | BPF_JEQ | BPF_K, keys[i], (uint8_t)(count - i),
		    0);
	jump(w, MISS);
	jump(w, HIT);
}

/* Compares the destination with IPv6 addresses, the last word first. */
static void put_ipv6_leaf(struct writer *w, const uint32_t *keys, size_t count)
{
	static const uint8_t past[] = {7, 5, 3, 1};

	for (size_t i = 0; i < count; i++) {
		for (uint32_t word = 0; word < 4; word++) {
			load(w, 36 - 4 * word);
			put(w, BPF_JMP | BPF_JEQ | BPF_K, keys[i * 4 + word], 0,
			    past[word]);
		}
		jump(w, HIT);
	}
	jump(w, MISS);
}

/*
 * Searches A among sorted keys, goes to HIT or MISS. Keys are parted only where
 * their first words differ.
 */
static void put_search(struct writer *w, const uint32_t *keys, size_t count,
		       uint32_t words)
{
	size_t half = count / 2;
	uint16_t here;

	while (count > 1 && half < count &&
	       keys[half * words] == keys[(half - 1) * words])
		half++;
	if (words == 1 && (count <= NUMBER_LEAF || half == count)) {
		/* where all are the same, one will do */
		put_number_leaf(w, keys,
				count > 0 && half == count ? 1 : count);
		return;
	}
	if (words == 4 && (count <= IPV6_LEAF || half == count)) {
		put_ipv6_leaf(w, keys, count);
		return;
	}
	put(w, BPF_JMP | BPF_JGE | BPF_K, keys[half * words], 0, 1);
	here = w->filter->length;
	put(w, BPF_JMP | BPF_JA, 0, 0, 0);
	put_search(w, keys, half, words);
	if (!w->full)
		w->filter->code[here].k = w->filter->length - here - 1U;
	put_search(w, &keys[half * words], count - half, words);
}

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
	struct writer w;

	begin(&w, filter);
	if (count > 0)
		qsort(interfaces, count, sizeof(*interfaces), compare_numbers);
	load_meta(&w, SKF_AD_PKTTYPE);
	put(&w, BPF_JMP | BPF_JEQ | BPF_K, PACKET_HOST, 1, 0);
	jump(&w, MISS);
	load_meta(&w, SKF_AD_PROTOCOL);
	put(&w, BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 2, 0);
	put(&w, BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 1, 0);
	jump(&w, MISS);
	load_meta(&w, SKF_AD_VLAN_TAG_PRESENT);
	put(&w, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
	jump(&w, MISS);
	load_meta(&w, SKF_AD_IFINDEX);
	put_search(&w, interfaces, count, 1);
	return finish_verdict(&w);
}

/* Folds `words` words from `offset` into A and ends with their hash. */
static void put_hash(struct writer *w, uint32_t offset, uint32_t words,
		     uint32_t seed)
{
	static const uint32_t steps[][2] = {{16, 0x85ebca6b},
					    {13, 0xc2b2ae35},
					    {16, 0}};

	load(w, offset);
	put(w, BPF_ALU | BPF_XOR | BPF_K, seed, 0, 0);
	for (uint32_t i = 1; i < words; i++) {
		put(w, BPF_ALU | BPF_MUL | BPF_K, 0x9e3779b1, 0, 0);
		put(w, BPF_MISC | BPF_TAX, 0, 0, 0);
		put(w, BPF_ALU | BPF_RSH | BPF_K, 15, 0, 0);
		put(w, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
		put(w, BPF_MISC | BPF_TAX, 0, 0, 0);
		load(w, offset + 4 * i);
		put(w, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
	}
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		put(w, BPF_MISC | BPF_TAX, 0, 0, 0);
		put(w, BPF_ALU | BPF_RSH | BPF_K, steps[i][0], 0, 0);
		put(w, BPF_ALU | BPF_XOR | BPF_X, 0, 0, 0);
		if (steps[i][1] != 0)
			put(w, BPF_ALU | BPF_MUL | BPF_K, steps[i][1], 0, 0);
	}
	put(w, BPF_RET | BPF_A, 0, 0, 0);
}

/* The part for one family: search the destination, hash the client. */
static int put_family(struct lvs__filter *filter, const uint32_t *keys,
		      size_t count, uint32_t words, uint32_t seed)
{
	uint32_t source = words == 1 ? 12 : 8;
	uint32_t destination = words == 1 ? 16 : 24;
	struct writer w;

	memset(&w, 0, sizeof(w));
	w.filter = filter;
	load(&w, words == 1 ? 16 : 36);
	put_search(&w, keys, count, words);
	place(&w, HIT);
	put_hash(&w, source, words, seed);
	place(&w, MISS);
	put_hash(&w, destination, words, seed);
	return finish(&w);
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
static void begin_arp(struct writer *w, struct lvs__filter *filter)
{
	begin(w, filter);
	load_meta(w, SKF_AD_PKTTYPE);
	put(w, BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1);
	jump(w, MISS);
	load_meta(w, SKF_AD_VLAN_TAG_PRESENT);
	put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0);
	jump(w, MISS);
	load(w, 0);
	put(w, BPF_JMP | BPF_JEQ | BPF_K, ARPHRD_ETHER << 16 | ETH_P_IP, 1, 0);
	jump(w, MISS);
	load(w, 14);
	put(w, BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1);
	load(w, 24);
}

int lvs__filter_arp(struct lvs__filter *filter,
		    const struct lvs_addr *addresses, size_t count)
{
	uint32_t *keys = calloc(count + 1, 4 * sizeof(*keys));
	struct writer w;

	if (keys == NULL)
		return -ENOMEM;
	begin_arp(&w, filter);
	if (addresses != NULL) {
		count = make_keys(keys, addresses, count, LVS_IPV4);
		put_search(&w, keys, count, 1);
	}
	free(keys);
	return finish_verdict(&w);
}
