/*
 * AF_PACKET sees a copy; the host's stack would still get the packet and answer
 * it (a reset, "port unreachable") or forward it untranslated. A chain at the
 * netdev ingress hook, which lies behind the packet tap, drops exactly what the
 * balancer takes:
 *
 *	table netdev liblvs {
 *		flags owner
 *		set service4 { type ipv4_addr . inet_proto . inet_service; }
 *		(server4, service6, server6 alike)
 *		chain claimed {
 *			meta pkttype != host accept
 *			ether type 8021q accept
 *			ether type 8021ad accept
 *			ip frag-off & 0x1fff != 0 accept
 *			frag frag-off & 0xfff8 != 0 accept
 *			ip option lsrr exists accept
 *			ip option ssrr exists accept
 *			rt seg-left != 0 accept
 *			drop
 *		}
 *		chain replies {
 *			ip frag-off & 0x3fff != 0 accept
 *			frag frag-off & 0xfff9 != 0 accept
 *			jump claimed
 *		}
 *		chain ingress {
 *			type filter hook ingress devices = { ... } priority -300
 *			ip daddr . meta l4proto . th dport @service4
 *				counter jump claimed
 *			ip saddr . meta l4proto . th sport @server4
 *				fib daddr type != local counter jump replies
 *			(ip6 alike)
 *		}
 *	}
 *
 * "claimed" lets go what the tap did not take either, frames for others and
 * those of another VLAN, and what the balancer leaves to the host: IPv6 packets
 * that are to go on by a routing header.
 *
 * Only the first fragment of a packet has ports. One to a virtual endpoint is
 * dropped as a whole packet is, so that the host does not answer for a service
 * that is not its own. The others cannot be told from those to the host's other
 * ports and are let go; they are never put together, and a host that lacks the
 * first one forgets the others without a word (RFC 1122, 3.3.2; RFC 8200, 4.5).
 * From a server all fragments go, as the host is to forward them.
 */
#include "backend/host/set.h"

#include <arpa/inet.h>
#include <libnftnl/chain.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <netinet/ip.h>

#define PRIORITY (-300) /* before other chains */

static void put_chain(struct lvs__nft *nft, const char *name,
		      const struct lvs__ingress_plan *plan)
{
	const char *devices[LVS__BACKEND_INTERFACES + 1] = {0};
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct nlmsghdr *message =
		lvs__nft_message(nft, NFT_MSG_NEWCHAIN, NLM_F_CREATE);

	if (chain == NULL || message == NULL) {
		nft->failed = true;
	} else {
		nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, nft->table);
		nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
		for (size_t i = 0; plan != NULL && i < plan->devices->count;
		     i++)
			devices[i] = plan->devices->entries[i].name;
		if (plan != NULL) {
			nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
			nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM,
					    NF_NETDEV_INGRESS);
			nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, PRIORITY);
			nftnl_chain_set_array(chain, NFTNL_CHAIN_DEVICES,
					      devices);
		}
		nftnl_chain_nlmsg_build_payload(message, chain);
		lvs__nft_added(nft, message);
	}
	if (chain != NULL)
		nftnl_chain_free(chain);
}

/* The rule that finds what a set claims. */
static void put_find(struct lvs__nft *nft, const struct lvs__set *set)
{
	uint32_t words = set->addr_size / 4;
	uint16_t ethertype = htons(set->ethertype);
	uint32_t local = RTN_LOCAL;
	struct lvs__nft_rule rule;

	lvs__nft_rule_begin(&rule, nft, "ingress");
	lvs__nft_rule_meta(&rule, NFT_META_PROTOCOL, NFT_REG32_00);
	lvs__nft_rule_compare(&rule, NFT_CMP_EQ, NFT_REG32_00, &ethertype,
			      sizeof(ethertype));
	lvs__nft_rule_load(&rule, NFT_PAYLOAD_NETWORK_HEADER, set->addr_at,
			   set->addr_size, NFT_REG32_00);
	lvs__nft_rule_meta(&rule, NFT_META_L4PROTO, NFT_REG32_00 + words);
	lvs__nft_rule_load(&rule, NFT_PAYLOAD_TRANSPORT_HEADER, set->port_at, 2,
			   NFT_REG32_00 + words + 1);
	lvs__nft_rule_lookup(&rule, NFT_REG32_00, set->name, lvs__set_id(set));
	if (set->claim == LVS_CLAIM_SERVER) {
		lvs__nft_rule_type(&rule, NFT_REG32_00);
		lvs__nft_rule_compare(&rule, NFT_CMP_NEQ, NFT_REG32_00, &local,
				      sizeof(local));
	}
	lvs__nft_rule_counter(&rule);
	lvs__nft_rule_verdict(&rule, NFT_JUMP,
			      set->claim == LVS_CLAIM_SERVER ? "replies"
							     : "claimed");
	lvs__nft_rule_put(&rule, nft);
}

static void put_other_vlan(struct lvs__nft *nft, uint16_t ethertype)
{
	uint16_t type = htons(ethertype);
	struct lvs__nft_rule rule;

	lvs__nft_rule_begin(&rule, nft, "claimed");
	lvs__nft_rule_load(&rule, NFT_PAYLOAD_LL_HEADER, 12, 2, NFT_REG32_00);
	lvs__nft_rule_compare(&rule, NFT_CMP_EQ, NFT_REG32_00, &type,
			      sizeof(type));
	lvs__nft_rule_verdict(&rule, NF_ACCEPT, NULL);
	lvs__nft_rule_put(&rule, nft);
}

static void put_other_host(struct lvs__nft *nft)
{
	uint8_t host = PACKET_HOST;
	struct lvs__nft_rule rule;

	lvs__nft_rule_begin(&rule, nft, "claimed");
	lvs__nft_rule_meta(&rule, NFT_META_PKTTYPE, NFT_REG32_00);
	lvs__nft_rule_compare(&rule, NFT_CMP_NEQ, NFT_REG32_00, &host, 1);
	lvs__nft_rule_verdict(&rule, NF_ACCEPT, NULL);
	lvs__nft_rule_put(&rule, nft);
}

/* Begins a rule for packets of one IP version. */
static void begin_ip(struct lvs__nft_rule *rule, const struct lvs__nft *nft,
		     const char *chain, uint16_t ethertype)
{
	uint16_t type = htons(ethertype);

	lvs__nft_rule_begin(rule, nft, chain);
	lvs__nft_rule_meta(rule, NFT_META_PROTOCOL, NFT_REG32_00);
	lvs__nft_rule_compare(rule, NFT_CMP_EQ, NFT_REG32_00, &type,
			      sizeof(type));
}

/* The rule lets a packet go if the register is not 0. */
static void end_unless_zero(struct lvs__nft_rule *rule, struct lvs__nft *nft,
			    uint32_t size)
{
	uint16_t none = 0;

	lvs__nft_rule_compare(rule, NFT_CMP_NEQ, NFT_REG32_00, &none, size);
	lvs__nft_rule_verdict(rule, NF_ACCEPT, NULL);
	lvs__nft_rule_put(rule, nft);
}

/* Bits of the two fields: more fragments, the offset. */
static void put_fragments(struct lvs__nft *nft, const char *chain,
			  uint16_t ipv4, uint16_t ipv6)
{
	struct lvs__nft_rule rule;

	begin_ip(&rule, nft, chain, ETH_P_IP);
	lvs__nft_rule_load(&rule, NFT_PAYLOAD_NETWORK_HEADER, 6, 2,
			   NFT_REG32_00);
	lvs__nft_rule_mask(&rule, ipv4, NFT_REG32_00);
	end_unless_zero(&rule, nft, 2);
	begin_ip(&rule, nft, chain, ETH_P_IPV6);
	lvs__nft_rule_extension(&rule, IPPROTO_FRAGMENT, 2, 2, NFT_REG32_00);
	lvs__nft_rule_mask(&rule, ipv6, NFT_REG32_00);
	end_unless_zero(&rule, nft, 2);
}

/*
 * What says its own way: its destination is only a stop on it. Of IPv4's the
 * kernel's match knows those whose first stop this is.
 */
static void put_source_route(struct lvs__nft *nft)
{
	static const uint8_t options[] = {IPOPT_LSRR, IPOPT_SSRR};
	struct lvs__nft_rule rule;

	for (size_t i = 0; i < sizeof(options); i++) {
		begin_ip(&rule, nft, "claimed", ETH_P_IP);
		lvs__nft_rule_option(&rule, options[i], 0, 1, NFT_REG32_00);
		end_unless_zero(&rule, nft, 1);
	}
	begin_ip(&rule, nft, "claimed", ETH_P_IPV6);
	lvs__nft_rule_extension(&rule, IPPROTO_ROUTING, 3, 1, NFT_REG32_00);
	end_unless_zero(&rule, nft, 1);
}

static void put_verdict(struct lvs__nft *nft, const char *chain, int verdict,
			const char *to)
{
	struct lvs__nft_rule rule;

	lvs__nft_rule_begin(&rule, nft, chain);
	lvs__nft_rule_verdict(&rule, verdict, to);
	lvs__nft_rule_put(&rule, nft);
}

void lvs__chain_put_claimed(struct lvs__nft *nft)
{
	put_chain(nft, "claimed", NULL);
	put_other_host(nft);
	put_other_vlan(nft, ETH_P_8021Q);
	put_other_vlan(nft, ETH_P_8021AD);
	put_fragments(nft, "claimed", 0x1fff, 0xfff8);
	put_source_route(nft);
	put_verdict(nft, "claimed", NF_DROP, NULL);
	put_chain(nft, "replies", NULL);
	put_fragments(nft, "replies", 0x3fff, 0xfff9);
	put_verdict(nft, "replies", NFT_JUMP, "claimed");
}

void lvs__chain_put_ingress(struct lvs__nft *nft,
			    const struct lvs__ingress_plan *plan)
{
	put_chain(nft, "ingress", plan);
	for (size_t i = 0; i < LVS__SETS; i++)
		put_find(nft, &lvs__sets[i]);
}
