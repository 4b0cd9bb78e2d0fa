#!/usr/bin/python3
# Virtual addresses on the host: which interface gets them, what becomes of
# those that vanish, and what the backend tells of it.

import signal
import socket
import time

from rawnet import (Inside, VIP, answered, ask, inside, lanes, make_net, run,
                    tap, udp, until)

NOTICE, WARNING = 5, 4
NEAR, NEAR6 = "10.1.0.99", "fd00:1::99"
FAR, FAR6 = "10.3.0.99", "fd00:3::99"


def has(addr, where=""):
    return f" {addr}/" in inside("d", "ip", "-o", "addr", *(
        ("show", "dev", where) if where else ()))


def delete(addr, dev="dc"):
    run("ip", "-n", "d", "addr", "del",
        f"{addr}/{'128' if ':' in addr else '32'}", "dev", dev)


class Told:
    """Collects what a program tells, until it is what is expected."""

    def __init__(self, program):
        self.program = program
        self.all = []

    def comes(self, level, text):
        def there():
            self.all += self.program.events()
            return (level, text) in self.all
        if not until(there):
            raise RuntimeError(f"expected {level} {text}, told {self.all}")
        return True


def put_back(addr):
    return WARNING, f"virtual address {addr} vanished from dc: put back"


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
    with lanes("1", "16") as program:
        program.claim(f"virtual/udp/{addr}/7")
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


# ---- those that vanish

def flap(_):
    with lanes("1", "16", "dc") as program:
        program.claim(f"virtual/udp/{NEAR6}/7")
        told = Told(program)
        run("ip", "-n", "d", "link", "set", "dc", "down")
        run("ip", "-n", "d", "link", "set", "dc", "up")
        run("ip", "-n", "d", "addr", "add", "fd00:1::1/64", "dev", "dc",
            "nodad")
        told.comes(*put_back(NEAR6))
        return until(lambda: answered("c", NEAR6)) and \
            "deprecated" in inside("d", "ip", "-o", "addr", "show", "to",
                                   NEAR6)


def by_hand(addr):
    with lanes("1", "16", "dc") as program:
        program.claim(f"virtual/udp/{addr}/7")
        told = Told(program)
        delete(addr)
        told.comes(*put_back(addr))
        good = has(addr) and answered("c", addr)
    return good and not has(addr)


def another_instance(addr):
    """It put the address there, and takes it away at its end."""
    with lanes("1", "16", "dc") as first, lanes("1", "16", "dc") as second:
        first.claim(f"virtual/udp/{addr}/9")
        second.claim(f"virtual/udp/{addr}/7")
        told = Told(second)
        first.stop(signal.SIGTERM)
        told.comes(*put_back(addr))
        good = answered("c", addr)
    return good and not has(addr)


def another_that_came_later(addr):
    """Its end takes nothing away from the one that put the address there."""
    with lanes("1", "16", "dc") as first:
        first.claim(f"virtual/udp/{addr}/9")
        first.events()
        with lanes("1", "16", "dc") as second:
            second.claim(f"virtual/udp/{addr}/7")
            second.events()
            # so that it cannot put back what would be taken away
            first.process.send_signal(signal.SIGSTOP)
            second.stop(signal.SIGTERM)
        good = has(addr)
        first.process.send_signal(signal.SIGCONT)
    return good and not has(addr)


def claimed_again(_):
    """What could not be removed, and is claimed again, is not removed."""
    with lanes("1", "16", "-t", "dc") as program:
        program.claim(f"virtual/udp/{NEAR}/7")
        program.tell("weak")
        program.claim()
        owed = has(NEAR)
        program.tell("strong")
        program.claim(f"virtual/udp/{NEAR}/7")
        told = Told(program)
        told.comes(NOTICE, f"virtual address {NEAR} is on dc")
        time.sleep(0.3)
        good = has(NEAR) and not [text for _level, text in
                                  told.all + program.events()
                                  if "vanished" in text]
    return owed and good and not has(NEAR)


def owed_is_paid(_):
    """And what is not claimed again is removed with the next claim."""
    with lanes("1", "16", "-t", "dc") as program:
        program.claim(f"virtual/udp/{NEAR}/7")
        program.tell("weak")
        program.claim()
        owed = has(NEAR)
        program.tell("strong")
        program.claim()
        return owed and not has(NEAR)


def once_a_second(_):
    with lanes("1", "16", "dc") as program:
        program.claim(f"virtual/udp/{NEAR}/7")
        told = Told(program)
        end = time.monotonic() + 2.5
        while time.monotonic() < end:
            if has(NEAR):
                delete(NEAR)
        told.all += program.events()
        count = told.all.count(put_back(NEAR))
        if not 2 <= count <= 4:
            raise RuntimeError(told.all)
        return until(lambda: has(NEAR))


def not_the_hosts_own(_):
    run("ip", "-n", "d", "addr", "add", f"{NEAR}/32", "dev", "dc")
    with lanes("1", "16", "dc") as program:
        program.claim(f"virtual/udp/{NEAR}/7")
        told = Told(program)
        delete(NEAR)
        told.comes(WARNING, f"virtual address {NEAR} vanished from dc: not "
                   "put back, it was the host's own")
        gone = not has(NEAR)
        run("ip", "-n", "d", "addr", "add", f"{NEAR}/32", "dev", "dc")
        told.all = []
        told.comes(NOTICE, f"virtual address {NEAR} is on dc")
    delete(NEAR)
    return gone


def none_is_added(_):
    """With a mark of ours, which a killed instance left."""
    with lanes("1", "16", "dc") as killed:
        killed.claim(f"virtual/udp/{NEAR}/7")
        killed.stop(signal.SIGKILL)
    with lanes("1", "16", "-a", "dc") as program:
        program.claim(f"virtual/udp/{NEAR}/7")
        told = Told(program)
        delete(NEAR)
        return told.comes(WARNING, f"virtual address {NEAR} vanished from dc: "
                          "not put back, it was the host's own") and \
            not has(NEAR)


def killed(ours, other):
    """Its address is known by the mark, whoever else has it."""
    with lanes("1", "16", ours) as program:
        program.claim(f"virtual/udp/{NEAR}/7")
        program.stop(signal.SIGKILL)
    run("ip", "-n", "d", "addr", "add", f"{NEAR}/32", "dev", other)
    with lanes("1", "16", "dc", "ds") as program:
        program.claim(f"virtual/udp/{NEAR}/7")
        told = program.events()
    good = not has(NEAR, ours) and has(NEAR, other)
    for dev in ("dc", "ds"):
        if has(NEAR, dev):
            delete(NEAR, dev)
    return good and told == [(NOTICE, f"virtual address {NEAR} is on {ours}")]


def killed_ones_end(_):
    return killed("dc", "ds") and killed("ds", "dc")


def interface_anew(addr):
    run("ip", "-n", "d", "link", "add", "dv", "type", "veth", "peer", "name",
        "dw")
    try:
        with lanes("1", "16", "dv", "dc") as program:
            program.claim(f"virtual/udp/{addr}/7")
            told = Told(program)
            run("ip", "-n", "d", "link", "del", "dv")
            told.comes(WARNING, f"virtual address {addr} vanished with dv: it "
                       "comes back with the interface")
            if has(addr):
                return False
            run("ip", "-n", "d", "link", "add", "dv", "type", "veth", "peer",
                "name", "dw")
            told.comes(WARNING, f"virtual address {addr} vanished from dv: "
                       "put back")
            good = has(addr, "dv")
        return good and not has(addr)
    finally:
        run("ip", "-n", "d", "link", "del", "dv")


def renamed(addr):
    """By its number: the backend uses it under its new name."""
    run("ip", "-n", "d", "link", "add", "dv", "type", "veth", "peer", "name",
        "dw")
    net = "10.3.0.1/24" if addr == FAR else "fd00:3::1/64"
    try:
        run("ip", "-n", "d", "addr", "add", net, "dev", "dv")
        run("ip", "-n", "d", "link", "set", "dv", "up")
        with lanes("1", "16") as program:
            program.claim(f"virtual/udp/{addr}/7")
            told = Told(program)
            told.comes(NOTICE, f"virtual address {addr} added to dv")
            run("ip", "-n", "d", "link", "set", "dv", "down")
            run("ip", "-n", "d", "link", "set", "dv", "name", "dx")
            if has(addr, "dx"):
                delete(addr, "dx")
            told.comes(WARNING, f"virtual address {addr} vanished from dx: "
                       "put back")
            good = has(addr, "dx")
        return good and not has(addr)
    finally:
        run("ip", "-n", "d", "link", "del", "dw")


def removed_claims_stay_away(_):
    with lanes("1", "16", "dc") as program:
        program.claim(f"virtual/udp/{NEAR}/7", f"virtual/udp/{NEAR6}/7")
        program.events()
        program.claim(f"virtual/udp/{NEAR}/7")
        time.sleep(0.3)
        return program.events() == [] and not has(NEAR6) and has(NEAR)


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
         None),
        (flap, "an IPv6 address is back after a link's flap", None),
        (by_hand, "an IPv4 address that is deleted is put back", NEAR),
        (by_hand, "an IPv6 address that is deleted is put back", NEAR6),
        (another_instance, "another instance's end leaves it, IPv4", NEAR),
        (another_instance, "another instance's end leaves it, IPv6", NEAR6),
        (another_that_came_later, "the end of one that came later, IPv4",
         NEAR),
        (another_that_came_later, "the end of one that came later, IPv6",
         NEAR6),
        (claimed_again, "what is owed and claimed again stays", None),
        (owed_is_paid, "what is owed is removed by the next claim", None),
        (once_a_second, "an address is put back once a second at most", None),
        (not_the_hosts_own, "the host's own is only told", None),
        (none_is_added, "where none is to be added none is put back", None),
        (killed_ones_end, "what a killed instance left ends with the next",
         None),
        (interface_anew, "it comes back with its interface, IPv4", VIP),
        (interface_anew, "it comes back with its interface, IPv6",
         "fd00:9::9"),
        (renamed, "an interface with another name is the same, IPv4", FAR),
        (renamed, "an interface with another name is the same, IPv6", FAR6),
        (removed_claims_stay_away, "what is claimed no more stays away",
         None)):
    tap.check(fact, test, word)
tap.done()
