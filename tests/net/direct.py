#!/usr/bin/python3
# Direct access to a balanced server, through the host as a router: what the
# ingress table took from the host and the balancer leaves to it. And lanes in
# threads, which look at the claims while those change: run this under TSan.

import os
import signal
import socket
import time

from rawnet import (UDP_SEGMENT, VIP, VIP6, answered, counter, inside, lanes,
                    make_net, tap, udp, until)


def routes(on):
    inside("d", "sysctl", "-qw", f"net.ipv4.ip_forward={on}",
           f"net.ipv6.conf.all.forwarding={on}")


class Direct:
    """A server's claimed port 9, a client that talks to it past the lanes."""

    def __init__(self, family, *words):
        self.kind = socket.AF_INET6 if family == 6 else socket.AF_INET
        self.addr = "fd00:2::2" if family == 6 else "10.2.0.2"
        self.words = words

    def __enter__(self):
        routes(1)
        self.program = lanes(*(self.words or ("1", "64", "dc", "ds")))
        self.program.claim(f"virtual/udp/{VIP}/7", f"virtual/udp/{VIP6}/7",
                           f"nat/udp/{self.addr}/9")
        self.server = udp("s", self.addr, 9, self.kind)
        self.client = udp("c", family=self.kind)
        self.client.connect((self.addr, 9))
        self.client.send(b"hello")
        self.peer = self.server.recvfrom(10)[1]
        return self

    def __exit__(self, *_error):
        self.server.close()
        self.client.close()
        self.program.stop(signal.SIGTERM)
        routes(0)

    def reply(self, data, size=65535):
        """What the client got of it, up to the first silence."""
        self.server.sendto(data, self.peer)
        got = []
        try:
            while True:
                self.client.settimeout(0.3 if got else 1)
                got.append(self.client.recv(size))
        except socket.timeout:
            return got

    def returned(self):
        return self.program.stats()[0][0]["returned"]


def offloads(state):
    for name, link in (("c", "eth"), ("d", "dc"), ("d", "ds"), ("s", "eth")):
        inside(name, "ethtool", "-K", link, "tx", state, "gso", state, "tso",
               state, check=False)


def direct_access(family, state):
    offloads(state)
    try:
        with Direct(family) as direct:
            for i, size in enumerate((1, 999, 1400)):
                data = os.urandom(size)
                if direct.reply(data) != [data] or direct.returned() != i + 1:
                    return False
    finally:
        offloads("on")


def direct_segments(family):
    """30 segments in one packet: back to the host and on as one."""
    with Direct(family) as direct:
        direct.server.setsockopt(socket.IPPROTO_UDP, UDP_SEGMENT, 1000)
        data = os.urandom(30000)
        got = direct.reply(data)
        return len(got) == 30 and b"".join(got) == data and \
            direct.returned() == 1


def direct_fragments(family):
    """The host forwards fragments by itself, all of them, once."""
    with Direct(family) as direct:
        data = os.urandom(4000)
        return direct.reply(data) == [data] and direct.returned() == 0


def a_host_that_does_not_route(family):
    with Direct(family) as direct:
        routes(0)
        return direct.reply(b"x") == [] and direct.returned() == 1


def to_the_host_itself(_):
    """As health checks: the host gets its packets once."""
    with Direct(4) as direct, udp("d", "10.2.0.1", 99) as host:
        for i in range(5):
            direct.server.sendto(b"%d" % i, ("10.2.0.1", 99))
        got = [host.recv(10) for _ in range(5)]
        host.settimeout(0.3)
        try:
            return host.recv(10) and False
        except socket.timeout:
            return got == [b"%d" % i for i in range(5)] and \
                direct.returned() == 0


def the_firewall_decides(_):
    """Connection tracking sees both directions; what it refuses stays."""
    rules = ("table inet t { chain forward { type filter hook forward "
             "priority 0; policy drop; ct state established accept; "
             "iifname dc udp dport 9 accept; }; }")
    inside("d", "nft", rules)
    try:
        with Direct(4) as direct, udp("c", "10.1.0.2", 77) as stranger:
            stranger.settimeout(0.3)
            direct.server.sendto(b"x", ("10.1.0.2", 77))
            try:
                return stranger.recv(10) and False
            except socket.timeout:
                return direct.reply(b"y") == [b"y"] and direct.returned() == 2
    finally:
        inside("d", "nft", "delete table inet t")


def reverse_paths(_):
    """Strict filtering on lo is the host's word; loose helps."""
    before = counter("d", "TcpExtIPReversePathFilter")
    inside("d", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=1")
    try:
        with Direct(4) as direct:
            if direct.reply(b"x") != [] or before == \
                    counter("d", "TcpExtIPReversePathFilter"):
                return False
            inside("d", "sysctl", "-qw", "net.ipv4.conf.lo.rp_filter=2")
            return direct.reply(b"x") == [b"x"]
    finally:
        inside("d", "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0",
               "net.ipv4.conf.lo.rp_filter=0")


def errors_are_sent(family):
    """TTL used up, or too large for the next link: the server is told."""
    name = "Icmp6InTimeExcds" if family == 6 else "IcmpInTimeExcds"
    big = "Icmp6InPktTooBigs" if family == 6 else "IcmpInDestUnreachs"
    hops = (socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS) if family == 6 \
        else (socket.IPPROTO_IP, socket.IP_TTL)
    inside("d", "ip", "link", "set", "dc", "mtu", "1280")
    try:
        with Direct(family) as direct:
            before = counter("s", name), counter("s", big)
            direct.server.sendto(b"x" * 1400, direct.peer)
            direct.server.setsockopt(*hops, 1)
            direct.server.sendto(b"x", direct.peer)
            return until(lambda: (counter("s", name) > before[0] and
                                  counter("s", big) > before[1]))
    finally:
        inside("d", "ip", "link", "set", "dc", "mtu", "1500")


def threads(_):
    """Two lanes in two threads; claims and routes change under them."""
    end = time.monotonic() + 20
    rounds = 0
    with Direct(4, "2", "64", "-j", "dc", "ds") as direct:
        program = direct.program
        while rounds < 60 and time.monotonic() < end:
            rounds += 1
            direct.server.sendto(b"x", direct.peer)
            with udp("c") as s:
                for i in range(20):
                    s.sendto(b"x", (VIP, 7))
                    direct.server.sendto(b"x", ("10.1.0.%d" % (2 + i), 5))
            more = [f"nat/udp/10.2.0.{i}/9" for i in range(3, rounds % 9 + 3)]
            said = program.claim(f"virtual/udp/{VIP}/7", "nat/udp/10.2.0.2/9",
                                 *more)
            if said != "0":
                program.stop(signal.SIGTERM)
                raise RuntimeError(said + program.process.stdout.read())
            inside("d", "ip", "route", "replace", f"10.7.{rounds % 50}.0/24",
                   "dev", "dc")
        good = until(lambda: answered("c", VIP))
        stats = program.stats()[0]
        program.stop(signal.SIGTERM)
        inside("d", "ip", "route", "flush", "root", "10.7.0.0/16")
        said = program.process.stdout.read()
        if program.process.returncode != 0 or "Sanitizer" in said:
            raise RuntimeError(said)
        if not good or sum(lane["returned"] for lane in stats) < rounds:
            raise RuntimeError(f"{good}, {rounds} rounds, {stats}")


def facts():
    for family in (4, 6):
        name = f"IPv{family}"
        for state in ("on", "off"):
            tap.check(f"direct access to a balanced server, {name}, offloads "
                      f"{state}", direct_access, family, state)
        tap.check(f"direct GSO packets pass whole, {name}", direct_segments,
                  family)
        tap.check(f"direct fragments pass, {name}", direct_fragments, family)
        tap.check(f"not through a host that does not route, {name}",
                  a_host_that_does_not_route, family)
        tap.check(f"the host sends their ICMP errors, {name}",
                  errors_are_sent, family)
    tap.check("packets to the host itself reach it once", to_the_host_itself,
              None)
    tap.check("the host's firewall decides about direct access",
              the_firewall_decides, None)
    tap.check("strict reverse path filtering drops it, loose on lo passes it",
              reverse_paths, None)
    tap.check("claims change under two lanes in two threads", threads, None)


make_net()
facts()
tap.done()
