#!/usr/bin/python3
# Virtual addresses on the host: what becomes of those that vanish, and what the
# backend tells of it.

import signal
import time

from addresses import NEAR, NEAR6, NOTICE, WARNING, claimed, has
from rawnet import VIP, answered, inside, lanes, make_net, run, tap, until

FAR, FAR6 = "10.3.0.99", "fd00:3::99"


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


# ---- those that vanish

def flap(_):
    with claimed(NEAR6, "dc") as program:
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
    with claimed(addr, "dc") as program:
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
        with claimed(addr, "dc") as second:
            second.events()
            # so that it cannot put back what would be taken away
            first.process.send_signal(signal.SIGSTOP)
            second.stop(signal.SIGTERM)
        good = has(addr)
        first.process.send_signal(signal.SIGCONT)
    return good and not has(addr)


def claimed_again(_):
    """What could not be removed, and is claimed again, is not removed."""
    with claimed(NEAR, "dc") as program:
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
    with claimed(NEAR, "dc") as program:
        program.tell("weak")
        program.claim()
        owed = has(NEAR)
        program.tell("strong")
        program.claim()
        return owed and not has(NEAR)


def once_a_second(_):
    with claimed(NEAR, "dc") as program:
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
    with claimed(NEAR, "dc") as program:
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
    with claimed(NEAR, "dc") as killed:
        killed.stop(signal.SIGKILL)
    with claimed(NEAR, "-a", "dc") as program:
        told = Told(program)
        delete(NEAR)
        return told.comes(WARNING, f"virtual address {NEAR} vanished from dc: "
                          "not put back, it was the host's own") and \
            not has(NEAR)


def killed(ours, other):
    """Its address is known by the mark, whoever else has it."""
    with claimed(NEAR, ours) as program:
        program.stop(signal.SIGKILL)
    run("ip", "-n", "d", "addr", "add", f"{NEAR}/32", "dev", other)
    with claimed(NEAR, "dc", "ds") as program:
        told = program.events()
    good = not has(NEAR, ours) and has(NEAR, other)
    for dev in ("dc", "ds"):
        if has(NEAR, dev):
            delete(NEAR, dev)
    return good and told == [(NOTICE, f"virtual address {NEAR} is on {ours}")]


def killed_ones_end(_):
    return killed("dc", "ds") and killed("ds", "dc")


def add_link():
    run("ip", "-n", "d", "link", "add", "dv", "type", "veth", "peer", "name",
        "dw")


def interface_anew(addr):
    add_link()
    try:
        with claimed(addr, "dv", "dc") as program:
            told = Told(program)
            run("ip", "-n", "d", "link", "del", "dv")
            told.comes(WARNING, f"virtual address {addr} vanished with dv: it "
                       "comes back with the interface")
            if has(addr):
                return False
            add_link()
            told.comes(WARNING, f"virtual address {addr} vanished from dv: "
                       "put back")
            good = has(addr, "dv")
        return good and not has(addr)
    finally:
        run("ip", "-n", "d", "link", "del", "dv")


def renamed(addr):
    """By its number: the backend uses it under its new name."""
    add_link()
    net = "10.3.0.1/24" if addr == FAR else "fd00:3::1/64"
    try:
        run("ip", "-n", "d", "addr", "add", net, "dev", "dv")
        run("ip", "-n", "d", "link", "set", "dv", "up")
        with claimed(addr) as program:
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
