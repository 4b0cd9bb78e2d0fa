#!/usr/bin/python3
# A virtual address that another host of the link has too: who is asked, what is
# heard, and what is told of it.

import re
import socket
import struct
import time

from rawnet import (VIP, Inside, inside, lanes, make_net, run, tap, until)

WARNING = 4
NEAR = "10.1.0.99"
ETH_P_ARP = 0x0806
NOBODY = "0.0.0.0"


def mac_of(name, dev):
    return re.search(r"link/ether (\S+)", inside(
        name, "ip", "link", "show", dev)).group(1)


def words(addr, mac, dev="dc"):
    return WARNING, f"virtual address {addr} on {dev}: another host of this " \
        f"link has it too ({mac})"


def arp(mac, sender, target, operation=1):
    return struct.pack("!HHBBH6s4s6s4s", 1, 0x0800, 6, 4, operation,
                       bytes.fromhex(mac.replace(":", "")),
                       socket.inet_aton(sender), bytes(6),
                       socket.inet_aton(target))


class Wire:
    """ARP of a host's interface, as bytes."""

    def __init__(self, name, dev):
        with Inside(name):
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM,
                                        socket.htons(ETH_P_ARP))
            self.socket.bind((dev, ETH_P_ARP))
        self.socket.setblocking(False)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.socket.close()

    def send(self, data, dev="eth"):
        with Inside("c" if dev == "eth" else "s"):
            self.socket.sendto(data, ("eth", ETH_P_ARP, 0, 0, b"\xff" * 6))

    def probes(self, addr):
        """How many for an address came."""
        found = 0
        while True:
            try:
                data, where = self.socket.recvfrom(100)
            except BlockingIOError:
                return found
            if where[2] == 4:		# PACKET_OUTGOING
                continue
            if data[14:18] == bytes(4) and \
                    data[24:28] == socket.inet_aton(addr):
                found += 1
                if data[:8] != arp("00:00:00:00:00:00", NOBODY, addr)[:8]:
                    raise RuntimeError(data)


def warnings(program, seconds):
    """What is told within that time."""
    told = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        told += [e for e in program.events() if e[0] == WARNING]
        time.sleep(0.02)
    return told


def expect(told, *all_):
    if told != list(all_):
        raise RuntimeError(told)
    return True


def had_before(_):
    """And told once, although each of three probes is answered."""
    run("ip", "-n", "c", "addr", "add", f"{NEAR}/24", "dev", "eth")
    try:
        with lanes("1", "16", "dc", "ds") as program:
            began = time.monotonic()
            program.claim(f"virtual/udp/{NEAR}/7")
            if time.monotonic() - began > 0.1:
                raise RuntimeError("the claim waited")
            return expect(warnings(program, 1), words(NEAR, mac_of(
                "c", "eth")))
    finally:
        run("ip", "-n", "c", "addr", "del", f"{NEAR}/24", "dev", "eth")


def nobody_has(_):
    with lanes("1", "16", "dc") as program, Wire("c", "eth") as wire:
        program.claim(f"virtual/udp/{NEAR}/7")
        told = warnings(program, 1)
        program.claim(f"virtual/udp/{NEAR}/7", f"virtual/udp/{NEAR}/8")
        again = warnings(program, 0.5)
        count = wire.probes(NEAR)
        if count != 3:
            raise RuntimeError(count)
        return expect(told + again)


def hosts_own(_):
    """One that the host had by itself is asked about as well."""
    run("ip", "-n", "d", "addr", "add", f"{NEAR}/24", "dev", "dc")
    run("ip", "-n", "c", "addr", "add", f"{NEAR}/24", "dev", "eth")
    try:
        with lanes("1", "16", "-a", "dc") as program:
            program.claim(f"virtual/udp/{NEAR}/7")
            return expect(warnings(program, 1), words(NEAR, mac_of(
                "c", "eth")))
    finally:
        run("ip", "-n", "c", "addr", "del", f"{NEAR}/24", "dev", "eth")
        run("ip", "-n", "d", "addr", "del", f"{NEAR}/24", "dev", "dc")


def comes_later(_):
    mac = "02:00:00:00:00:77"
    with lanes("1", "16", "dc") as program, Wire("c", "eth") as wire:
        program.claim(f"virtual/udp/{NEAR}/7")
        told = warnings(program, 0.8)
        for _i in range(3):
            wire.send(arp(mac, NEAR, NEAR))
            told += warnings(program, 0.2)
        return expect(told, words(NEAR, mac))


def probes_too(_):
    """As we do, at the same time; later it is only asked, and answered."""
    mac = "02:00:00:00:00:78"
    with lanes("1", "16", "dc") as program, Wire("c", "eth") as wire:
        program.claim(f"virtual/udp/{NEAR}/7")
        wire.send(arp(mac, NOBODY, NEAR))
        first = warnings(program, 1)
    with lanes("1", "16", "dc") as program, Wire("c", "eth") as wire:
        program.claim(f"virtual/udp/{NEAR}/7")
        second = warnings(program, 1)
        wire.send(arp(mac, NOBODY, NEAR))
        second += warnings(program, 0.3)
    return expect(first, words(NEAR, mac)) and expect(second)


def not_others(_):
    """This host's own, other addresses, other links, and what is no ARP."""
    mac = "02:00:00:00:00:79"
    with lanes("1", "16", "dc", "ds") as program, Wire("c", "eth") as wire, \
            Wire("s", "eth") as other:
        program.claim(f"virtual/udp/{NEAR}/7")
        told = warnings(program, 0.8)
        claim = arp(mac, NEAR, NEAR)
        wire.send(arp(mac, "10.1.0.98", NEAR))
        wire.send(claim[:27])
        wire.send(b"")
        wire.send(b"\x00\x06" + claim[2:])
        wire.send(claim[:4] + b"\x08\x07" + claim[6:])
        wire.send(arp(mac, NEAR, NEAR, 99))
        other.send(claim, "s")
        told += warnings(program, 0.3)
        # the last one, as after it all are ignored for a second
        wire.send(arp(mac_of("d", "ds"), NEAR, NEAR))
        told += warnings(program, 1.2)
        wire.send(arp(mac, NEAR, "10.1.0.1", 2))
        return expect(told) and expect(warnings(program, 0.3),
                                       words(NEAR, mac))


def without_arp(_):
    """Loopback, and a link where none is spoken."""
    run("ip", "-n", "d", "link", "set", "dc", "arp", "off")
    try:
        with lanes("1", "16") as program, Wire("c", "eth") as c, \
                Wire("s", "eth") as s:
            program.claim(f"virtual/udp/{NEAR}/7", f"virtual/udp/{VIP}/7")
            time.sleep(0.8)
            return [w.probes(a) for w in (c, s) for a in (NEAR, VIP)] == \
                [0] * 4 and expect(warnings(program, 0))
    finally:
        run("ip", "-n", "d", "link", "set", "dc", "arp", "on")


def link_comes_up(_):
    run("ip", "-n", "c", "link", "set", "eth", "down")
    try:
        with lanes("1", "16", "dc") as program:
            program.claim(f"virtual/udp/{NEAR}/7")
            told = warnings(program, 0.5)
            run("ip", "-n", "c", "addr", "add", f"{NEAR}/24", "dev", "eth")
            run("ip", "-n", "c", "link", "set", "eth", "up")
            told += warnings(program, 1.5)
            return expect(told, words(NEAR, mac_of("c", "eth")))
    finally:
        run("ip", "-n", "c", "addr", "del", f"{NEAR}/24", "dev", "eth")
        run("ip", "-n", "c", "addr", "add", "fd00:1::2/64", "dev", "eth",
            "nodad")
        run("ip", "-n", "c", "route", "replace", "default", "via", "10.1.0.1")


def among_many(_):
    """More than a filter of the kernel holds; all are asked about."""
    run("ip", "-n", "c", "addr", "add", "10.77.10.1/24", "dev", "eth")
    try:
        with lanes("1", "16", "dc") as program, Wire("c", "eth") as wire:
            program.claim("many/5000")
            told, count = [], 0
            for _i in range(200):
                told += warnings(program, 0.02)
                count += wire.probes("10.77.0.1")
            return expect(told, words("10.77.10.1", mac_of("c", "eth"))) and \
                count == 3
    finally:
        run("ip", "-n", "c", "addr", "del", "10.77.10.1/24", "dev", "eth")


def no_claim(_):
    """What is given up is nobody's business any more."""
    with lanes("1", "16", "dc") as program, Wire("c", "eth") as wire:
        program.claim(f"virtual/udp/{NEAR}/7")
        told = warnings(program, 0.8)
        program.claim()
        wire.send(arp("02:00:00:00:00:7a", NEAR, NEAR))
        return expect(told + warnings(program, 0.3))


def ipv6(_):
    """The host's own, of which the kernel itself finds a duplicate."""
    addr = "fd00:1::77"
    run("ip", "-n", "c", "addr", "add", f"{addr}/64", "dev", "eth", "nodad")
    inside("d", "sysctl", "-qw", "net.ipv6.conf.dc.accept_dad=1",
           "net.ipv6.conf.all.accept_dad=1")
    run("ip", "-n", "d", "addr", "add", f"{addr}/64", "dev", "dc")
    try:
        if not until(lambda: "dadfailed" in inside("d", "ip", "addr")):
            raise RuntimeError(inside("d", "ip", "addr"))
        with lanes("1", "16", "-a", "dc") as program:
            program.claim(f"virtual/udp/{addr}/7")
            return expect(program.events(), (
                WARNING, f"virtual address {addr} on dc: another host of this "
                "link has it too"))
    finally:
        run("ip", "-n", "d", "addr", "del", f"{addr}/64", "dev", "dc")
        run("ip", "-n", "c", "addr", "del", f"{addr}/64", "dev", "eth")


make_net()
for test, fact in (
        (had_before, "an address that another host has is told, with whose"),
        (nobody_has, "of one that nobody has nothing is told; three probes "
         "ask"),
        (hosts_own, "the host's own address is asked about too"),
        (comes_later, "who comes later is told of, once a minute"),
        (probes_too, "who probes at the same time is told of"),
        (not_others, "what does not say so is not"),
        (without_arp, "where there is no ARP nobody is asked"),
        (link_comes_up, "a link that is down is asked when it is up"),
        (among_many, "one among thousands is found"),
        (no_claim, "an address that was given up is not looked at"),
        (ipv6, "an IPv6 duplicate is told by the kernel's own detection")):
    tap.check(fact, test, None)
tap.done()
