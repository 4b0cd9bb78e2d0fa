#!/usr/bin/python3
# Virtual addresses on the host: which interface gets them, and what is told of
# those and of servers that will not work there.

import socket

from addresses import NEAR, NEAR6, NOTICE, WARNING, claimed, has
from rawnet import (Inside, VIP, ask, inside, lanes, make_net, run, tap, udp)


# ---- where they go

def homes(_):
    with lanes("1", "16") as program:
        program.claim(*(f"virtual/udp/{addr}/7" for addr in (
            NEAR, "10.2.0.99", "fd00:2::99", VIP, "fd00:9::9")))
        told = program.events()
    expected = sorted((level, f"virtual address {addr} added to {where}")
                      for level, addr, where in (
        (NOTICE, NEAR, "dc"), (NOTICE, "10.2.0.99", "ds"),
        (NOTICE, "fd00:2::99", "ds"), (NOTICE, VIP, "lo: no network of an "
         "interface holds it, so a router must send it to this host"),
        (WARNING, "fd00:9::9", "lo, which neighbours do not find: no network "
         "of an interface holds it; name an interface, or route it to this "
         "host")))
    if sorted(told) != expected:
        raise RuntimeError(told)
    return not has(NEAR)


def neighbours_find(addr):
    """Without a name of an interface, by who is on the same link."""
    with claimed(addr) as program:
        return ask("c", addr) == b"x"


def named(_):
    """Among several that are named the network decides too."""
    with lanes("1", "16", "dc", "ds") as program:
        program.claim("virtual/udp/10.2.0.99/7", f"virtual/udp/{VIP}/7")
        return has("10.2.0.99", "ds") and has(VIP, "dc")


def asked(_):
    """The same answer without a claim; and no default route is a network."""
    with lanes("1", "16") as program:
        inside("d", "ip", "route", "add", "default", "dev", "ds")
        told = []
        for addr in (NEAR6, "10.2.0.77", VIP, "10.1.0.1"):
            program.tell(f"home {addr}")
            told.append(program.answer())
        inside("d", "ip", "route", "del", "default")
        return told == ["0 dc", "0 ds", "0 lo", "1 dc"]


def found(_):
    with lanes("1", "16", "-a") as program:
        program.claim("virtual/udp/10.1.0.1/7", f"virtual/udp/{NEAR}/7")
        return sorted(program.events()) == [
            (WARNING, f"virtual address {NEAR} is not on this host, and is "
             "not to be added"),
            (NOTICE, "virtual address 10.1.0.1 is on dc")]


# ---- what will not work

def listens(_):
    """On the endpoint itself; a socket of all addresses is none."""
    words = "%s 10.1.0.1:7: a program of this host listens there, and gets " \
        "nothing from clients while they are balanced"
    with Inside("d"):
        tcp = socket.create_server(("10.1.0.1", 7))
    with lanes("1", "16", "dc") as program, tcp, udp("d", "10.1.0.1", 7), \
            udp("d", "0.0.0.0", 8), udp("d", "fd00:1::1", 7, socket.AF_INET6):
        program.claim("virtual/udp/10.1.0.1/8", "virtual/udp/10.1.0.1/7",
                      "virtual/tcp/10.1.0.1/9")
        first = program.events()
        program.claim("virtual/udp/10.1.0.1/7", "virtual/tcp/10.1.0.1/7")
        second = program.events()
    if first != [(NOTICE, "virtual address 10.1.0.1 is on dc"),
                 (WARNING, words % "udp")] or \
            second != [(WARNING, words % "tcp")]:
        raise RuntimeError(f"{first} {second}")
    return True


def strict(_):
    text = (WARNING, "strict reverse path filtering on lo drops what clients "
            "and NAT servers say to each other past the balancer: set "
            "net.ipv4.conf.lo.rp_filter to 2")
    told = []
    for all_, lo in ((0, 0), (1, 0), (1, 2), (0, 1), (2, 1)):
        inside("d", "sysctl", "-qw", f"net.ipv4.conf.all.rp_filter={all_}",
               f"net.ipv4.conf.lo.rp_filter={lo}")
        with lanes("1", "16", "dc", "ds") as program:
            program.claim("dr/udp/10.2.0.2/7")
            told.append(text in program.events())
            program.claim("nat/udp/10.2.0.2/7")
            told.append(program.events().count(text))
            program.claim("nat/udp/10.2.0.2/8")
            told.append(text in program.events())
    inside("d", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0",
           "net.ipv4.conf.lo.rp_filter=0")
    if told != [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]:
        raise RuntimeError(told)
    return True


def aside(what, addr, where):
    """What comes in by an interface that is not named."""
    return WARNING, (
        f"NAT server {addr} is reached through {where}, which is not among "
        "the interfaces: its replies are not seen" if what == "server" else
        f"virtual address {addr}: its network is on {where}, which is not "
        "among the interfaces: what clients send there is not balanced")


def one_side(_):
    """A NAT server's, over a gateway too; a DR server's does not matter."""
    servers = ("nat/udp/10.2.0.2/7", "nat/udp/10.2.0.2/8", "nat/tcp/10.1.0.2/7",
               "dr/udp/10.2.0.3/7", "nat/udp/fd00:2::2/7", "nat/udp/10.7.0.1/7")
    run("ip", "-n", "d", "route", "add", "10.7.0.0/24", "via", "10.2.0.2")
    with lanes("1", "16", "dc") as program:
        program.claim(*servers)
        first = program.events()
        program.claim(*servers)
        second = program.events()
        program.claim(*servers[:3], "nat/udp/10.2.0.3/7")
        third = program.events()
        program.tell("foresee nat/udp/10.2.0.9/7")
        asked = [program.answer()]
        program.tell("foresee dr/udp/10.2.0.9/7")
        asked.append(program.answer())
    with lanes("1", "16", "dc", "ds") as program:
        program.claim(*servers)
        both = program.events()
    run("ip", "-n", "d", "route", "del", "10.7.0.0/24")
    expected = [aside("server", addr, "ds") for addr in (
        "10.2.0.2", "10.7.0.1", "fd00:2::2")]
    if (sorted(first), second, third, both) != (
            expected, [], [aside("server", "10.2.0.3", "ds")], []) or \
            asked != ["1 " + aside("server", "10.2.0.9", "ds")[1], "0"]:
        raise RuntimeError(f"{first} {second} {third} {asked} {both}")
    return True


def other_network(_):
    """A virtual address's, added or the host's own; not a single one's."""
    run("ip", "-n", "d", "addr", "add", f"{VIP}/32", "dev", "dc")
    with lanes("1", "16", "ds") as program:
        asked = []
        for addr in (NEAR, "10.2.0.99", "10.1.0.1", VIP):
            program.tell(f"foresee virtual/udp/{addr}/7")
            asked.append(program.answer())
        program.claim(*(f"virtual/udp/{addr}/7" for addr in (
            NEAR, NEAR6, "10.1.0.1", "10.2.0.99", VIP)))
        told = [event for event in program.events()
                if event[0] == WARNING]
    run("ip", "-n", "d", "addr", "del", f"{VIP}/32", "dev", "dc")
    if sorted(told) != sorted(aside("address", addr, "dc") for addr in (
            NEAR, NEAR6, "10.1.0.1")):
        raise RuntimeError(told)
    return asked == ["1 " + aside("address", NEAR, "dc")[1], "0",
                     "1 " + aside("address", "10.1.0.1", "dc")[1], "0"]


def local_servers(_):
    """Once each; a virtual address is the host's too."""
    words = "%s is an address of this host: a server there is not reached " \
        "(local node is not built yet)"
    with lanes("1", "16", "dc", "ds") as program:
        claims = [f"virtual/udp/{VIP}/7", "nat/udp/10.2.0.1/7",
                  "nat/udp/10.2.0.2/7", "dr/udp/fd00:2::1/7",
                  "nat/udp/10.2.0.1/8"]
        program.claim(*claims)
        first = [event for event in program.events() if VIP not in event[1]]
        program.claim(*claims, f"dr/udp/{VIP}/7")
        second = program.events()
        program.tell("foresee dr/udp/10.2.0.1/7")
        asked = program.answer()
    if asked != "1 " + words % "10.2.0.1":
        raise RuntimeError(asked)
    if sorted(first) != [(WARNING, words % "10.2.0.1"),
                         (WARNING, words % "fd00:2::1")] or \
            second != [(WARNING, words % VIP)]:
        raise RuntimeError(f"{first} {second}")
    return True


make_net()
for test, fact, word in (
        (homes, "a missing address goes where its network is", None),
        (neighbours_find, "neighbours find an IPv4 one", NEAR),
        (neighbours_find, "neighbours find an IPv6 one", NEAR6),
        (named, "of named interfaces the network decides, else the first",
         None),
        (asked, "where an address goes can be asked", None),
        (found, "what is there, and what is missing, is told", None),
        (listens, "a program that listens there is told of, once", None),
        (strict, "strict reverse path filtering is told of, once", None),
        (one_side, "a NAT server behind another interface is told of, once",
         None),
        (other_network, "a network on another interface is told of", None),
        (local_servers, "a server with the host's own address is told of, once",
         None)):
    tap.check(fact, test, word)
tap.done()
