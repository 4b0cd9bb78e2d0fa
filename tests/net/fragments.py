#!/usr/bin/python3
# Fragments to a virtual endpoint, and what says its own way to it, made by
# scapy: the host is silent about what is not its own, and gets what is.

import itertools
import json
import socket
import sys
import time

from rawnet import (Inside, VIP, VIP6, counter, inside, lanes, make_net, tap,
                    udp)

try:
    from scapy.layers.inet import ICMP, IP, IPOption, TCP, UDP, fragment
    from scapy.layers.inet6 import (IPv6, IPv6ExtHdrFragment,
                                    IPv6ExtHdrRouting, fragment6)
    from scapy.layers.l2 import Ether
    from scapy.packet import Raw
except ImportError:
    tap.skip("fragments to a virtual endpoint",
             "needs scapy: apt install python3-scapy")
    tap.done()
    sys.exit()

numbers = itertools.count(1)	# of packets, so that none meets an older one
CLIENT = {4: "10.1.0.2", 6: "fd00:1::2"}


def pieces(family, protocol, port, size=1400, part=504):
    """A packet to the virtual address in fragments, the first with ports."""
    data = Raw(b"x" * size)
    inner = UDP(sport=777, dport=port) / data if protocol == "udp" else \
        TCP(sport=777, dport=port, flags="S") / data
    if family == 4:
        return fragment(IP(src=CLIENT[4], dst=VIP, id=next(numbers)) / inner, part)
    whole = IPv6(src=CLIENT[6], dst=VIP6) / IPv6ExtHdrFragment(id=next(numbers)) / inner
    return fragment6(whole, part + 48)


def tiny(family, protocol, port):
    """The first one is as small as it can be."""
    return pieces(family, protocol, port, 100, 24 if protocol == "tcp" else 8)


def wire():
    """A socket on the client's link, past its stack."""
    with Inside("c"):
        made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                             socket.htons(3))
        made.bind(("eth", 0))
    return made


def mac(name, link):
    return json.loads(inside(name, "ip", "-j", "link", "show",
                             link))[0]["address"]


def is_answer(packet):
    """To the client, and no neighbour's talk."""
    told = packet.payload
    if getattr(told, "dst", None) not in CLIENT.values():
        return False
    return TCP in told or UDP in told or ICMP in told or \
        getattr(told, "nh", 0) == 58 and told.payload.type < 128


def answers(_family, packets, wait=0.7):
    """What comes back to the client while its packets are on their way."""
    told = []
    with wire() as ears:
        for packet in packets:
            ears.send(bytes(Ether(src=mac("c", "eth"), dst=mac("d", "dc")) /
                            packet))
        end = time.monotonic() + wait
        while (left := end - time.monotonic()) > 0:
            ears.settimeout(left)
            try:
                frame, name = ears.recvfrom(2000)
            except socket.timeout:
                break
            if name[2] != socket.PACKET_OUTGOING:
                told.append(Ether(frame))
    return [packet for packet in told if is_answer(packet)]


def claimed(program):
    return program.claim(*(f"virtual/{protocol}/{vip}/7"
                           for protocol in ("tcp", "udp")
                           for vip in (VIP, VIP6)))


def silent(family, protocol, make):
    with lanes("1", "16", "dc") as program:
        claimed(program)
        program.tell("watch")
        before = counter("d", "IpReasmOKs"), counter("d", "Ip6ReasmOKs")
        sent = make(family, protocol, 7)
        told = answers(family, sent)
        after = counter("d", "IpReasmOKs"), counter("d", "Ip6ReasmOKs")
        if told or before != after or len(sent) < 2:
            raise RuntimeError(f"{[p.summary() for p in told]} {before} "
                               f"{after}")
    return True


def in_any_order(family):
    return silent(family, "udp", lambda *words: pieces(*words)[::-1])


def silent_to_the_end(family):
    """Until the host has forgotten them; the time is the host's to set."""
    names = ("net.ipv4.ipfrag_time", "net.ipv6.ip6frag_time")
    inside("d", "sysctl", "-qw", *(f"{name}=1" for name in names))
    fails = "Ip6ReasmFails" if family == 6 else "IpReasmFails"
    try:
        with lanes("1", "16", "dc") as program:
            claimed(program)
            program.tell("watch")
            before = counter("d", fails)
            return not answers(family, pieces(family, "udp", 7), 2.5) and \
                counter("d", fails) > before
    finally:
        inside("d", "sysctl", "-qw", *(f"{name}={value}" for name, value in
                                       zip(names, (30, 60))))


def unclaimed(family):
    """Another port of the same address: the host says that nobody listens."""
    with lanes("1", "16", "dc") as program:
        claimed(program)
        return len(answers(family, pieces(family, "udp", 8))) == 1


def others_arrive(family):
    """And where somebody listens he gets it whole."""
    vip = VIP6 if family == 6 else VIP
    kind = socket.AF_INET6 if family == 6 else socket.AF_INET
    with lanes("1", "16", "dc") as program:
        claimed(program)
        with udp("d", vip, 9, kind) as server, udp("c", family=kind) as client:
            client.sendto(b"y" * 4000, (vip, 9))
            return server.recv(5000) == b"y" * 4000


def of_a_server(family):
    """What a NAT server sends to somebody itself: each piece is the host's,
    the first one too, which looks like a reply."""
    kind = socket.AF_INET6 if family == 6 else socket.AF_INET
    addr = "fd00:2::2" if family == 6 else "10.2.0.2"
    forward = ("net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding")
    inside("d", "sysctl", "-qw", *(f"{name}=1" for name in forward))
    try:
        with lanes("1", "16", "dc", "ds") as program, \
                udp("s", addr, 9, kind) as server, \
                udp("c", CLIENT[family], 777, kind) as client:
            program.claim(f"nat/udp/{addr}/9")
            server.sendto(b"z" * 4000, (CLIENT[family], 777))
            return client.recv(5000) == b"z" * 4000 and \
                program.stats()[0][0]["returned"] == 0
    finally:
        inside("d", "sysctl", "-qw", *(f"{name}=0" for name in forward))


def routed(family):
    """The host, told to accept source routes, goes on to its own address, the
    next on the way, and answers; over IPv6, that it does not know this one."""
    syn = TCP(sport=778, dport=7, flags="S")
    way = b"\x07\x04" + socket.inet_aton("10.1.0.1")
    packets = [IP(src=CLIENT[4], dst=VIP, options=[IPOption(kind + way)]) / syn
               for kind in (b"\x83", b"\x89")] \
        if family == 4 else \
        [IPv6(src=CLIENT[6], dst=VIP6) /
         IPv6ExtHdrRouting(segleft=1, addresses=["fd00:1::3"]) / syn]
    names = [f"net.ipv4.conf.{each}.accept_source_route"
             for each in ("all", "dc")]
    inside("d", "sysctl", "-qw", *(f"{name}=1" for name in names))
    try:
        with lanes("1", "16", "dc") as program:
            claimed(program)
            told = [answers(family, [packet]) for packet in packets]
            if any(len(answer) != 1 for answer in told):
                raise RuntimeError(f"{[len(answer) for answer in told]}")
            return True
    finally:
        inside("d", "sysctl", "-qw", *(f"{name}=0" for name in names))


def facts():
    for family in (4, 6):
        name = f"IPv{family}"
        for protocol in ("tcp", "udp"):
            tap.check(f"the host does not answer {protocol} fragments, {name}",
                      silent, family, protocol, pieces)
            tap.check(f"nor with a tiny first one, {protocol}, {name}",
                      silent, family, protocol, tiny)
        tap.check(f"nor in the reverse order, {name}", in_any_order, family)
        tap.check(f"nor when it forgets the rest, {name}", silent_to_the_end,
                  family)
        tap.check(f"fragments to another port are the host's, {name}",
                  unclaimed, family)
        tap.check(f"and arrive whole, {name}", others_arrive, family)
        tap.check(f"so do those of a NAT server, none by the lane, {name}",
                  of_a_server, family)
        tap.check(f"a packet that says its own way is the host's, {name}",
                  routed, family)


make_net()
# so that an answer would need no neighbour's
for address in ("10.1.0.1", "fd00:1::1"):
    inside("c", "ping", "-c1", "-W2", address)
facts()
tap.done()
