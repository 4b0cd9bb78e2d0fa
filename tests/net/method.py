#!/usr/bin/python3
# A reload that changes how servers are reached: connections that run go on as
# they began, new ones go the new way.

import os
import signal
import socket
import struct
import subprocess
import threading
import time

from rawnet import BUILD, Inside, inside, make_net, run, tap, until

VIPS = {4: "10.9.9.9", 6: "fd00:9::9"}
SERVERS = {4: "10.2.0.2", 6: "fd00:2::2"}
PART, PARTS = b"x" * 20000, 120	 # a download of 2.4 MB

CONF = """\
lvs_backend {{
	control {folder}/control
	connections 4096
}}
{services}"""

SERVICE = """\
virtual_server {vip} 80 {{
	lvs_sched rr
	lvs_method {method}
	protocol TCP
	real_server {server} 80 {{
	}}
}}
"""


class Served(threading.Thread):
    """A server that gives a part for each byte it is asked with."""

    def __init__(self, family):
        super().__init__(daemon=True)
        with Inside("s"):
            self.socket = socket.create_server(
                ("", 80), family=socket.AF_INET6 if family == 6 else
                socket.AF_INET)

    def run(self):
        while True:
            try:
                client = self.socket.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    @staticmethod
    def serve(client):
        with client:
            try:
                while word := client.recv(1):
                    time.sleep(0.5 if word == b"w" else 0)
                    client.sendall(PART)
            except OSError:
                pass


class Download:
    """Parts of it when asked for, so that a reload falls in between."""

    def __init__(self, family):
        with Inside("c"):
            self.socket = socket.socket(socket.AF_INET6 if family == 6 else
                                        socket.AF_INET)
        self.socket.settimeout(5)
        self.socket.connect((VIPS[family], 80))

    def parts(self, count):
        for _ in range(count):
            self.socket.send(b"?")
            self.receive(len(PART))
        return self

    def receive(self, left):
        while left > 0:
            got = len(self.socket.recv(left))
            if got == 0:
                raise RuntimeError("the download was cut")
            left -= got


class Node:
    def __init__(self, family):
        self.family = family
        self.folder = f"/run/method{family}"
        os.makedirs(self.folder, exist_ok=True)

    def write(self, method):
        services = "" if method is None else SERVICE.format(
            vip=VIPS[self.family], server=SERVERS[self.family], method=method)
        with open(f"{self.folder}/conf", "w", encoding="ascii") as file:
            file.write(CONF.format(folder=self.folder, services=services))

    def text(self):
        with open(f"{self.folder}/log", encoding="ascii") as file:
            return file.read()

    def start(self, method):
        self.write(method)
        with open(f"{self.folder}/log", "wb") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", "d", f"{BUILD}/lvsd", "-f",
                 f"{self.folder}/conf"], stdout=log, stderr=log)
        if not until(lambda: " runs: " in self.text()):
            raise RuntimeError(self.text())

    def reload(self, method):
        count = self.text().count("reloaded:")
        self.write(method)
        self.process.send_signal(signal.SIGHUP)
        if not until(lambda: self.text().count("reloaded:") > count):
            raise RuntimeError(self.text())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(5)


def taken():
    """Whether the host is kept from the servers' packets."""
    rules = inside("d", "nft", "list", "ruleset")
    return any(f"{server} . tcp . 80" in rules for server in SERVERS.values())


def routes(on):
    inside("d", "sysctl", "-qw", f"net.ipv4.ip_forward={on}",
           f"net.ipv6.conf.all.forwarding={on}")


def changed(family, before, after, on):
    routes(on)
    node = Node(family)
    node.start(before)
    try:
        old = Download(family).parts(PARTS // 2)
        node.reload(after)
        new = Download(family).parts(3)
        old.parts(PARTS // 2)
        new.parts(3)
        return taken()
    finally:
        node.stop()


def given_back(_):
    """Once the last connection has ended; a reset takes ten seconds."""
    routes(1)
    node = Node(4)
    node.start("NAT")
    try:
        old = Download(4).parts(3)
        node.reload("DR")
        old.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                              struct.pack("ii", 1, 0))
        held = taken()
        old.socket.close()
        return held and until(lambda: not taken(), 20)
    finally:
        node.stop()


def removed(family, changes=(), back="NAT"):
    """
    What a removed server sends meanwhile does not reach the client, whatever
    it was changed to before and comes back as.
    """
    routes(1)
    node = Node(family)
    node.start("NAT")
    try:
        old = Download(family).parts(3)
        for method in changes:
            node.reload(method)
        old.socket.send(b"w")
        node.reload(None)
        time.sleep(1)
        held = taken()
        node.reload(back)
        old.receive(len(PART))
        old.parts(3)
        return held and taken()
    finally:
        node.stop()


def make_paths():
    """A way from the server to the client past the director, for DR."""
    run("ip", "link", "add", "past", "netns", "c", "type", "veth", "peer",
        "name", "past", "netns", "s")
    for name, host in (("c", 1), ("s", 2)):
        run("ip", "-n", name, "addr", "add", f"10.3.0.{host}/24", "dev", "past")
        run("ip", "-n", name, "addr", "add", f"fd00:3::{host}/64", "dev",
            "past", "nodad")
        run("ip", "-n", name, "link", "set", "past", "up")
        inside(name, "sysctl", "-qw", "net.ipv4.conf.all.rp_filter=0",
               "net.ipv4.conf.past.rp_filter=0", "net.ipv4.conf.eth.rp_filter=0")
    for words, via in ((("-4",), "10.3.0.1"), (("-6",), "fd00:3::1")):
        vip = VIPS[6 if words == ("-6",) else 4]
        run("ip", "-n", "s", "addr", "add",
            f"{vip}/{'128' if ':' in vip else '32'}", "dev", "lo")
        run("ip", "-n", "s", *words, "rule", "add", "from", vip, "table", "100")
        run("ip", "-n", "s", *words, "route", "add", "default", "via", via,
            "table", "100")
    inside("s", "sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1")


make_net()
make_paths()
for kind in (4, 6):
    Served(kind).start()
    for word in (0, 1):
        how = "that routes" if word else "that does not route"
        tap.check(f"NAT to DR, a host {how}, IPv{kind}", changed, kind, "NAT",
                  "DR", word)
        tap.check(f"DR to NAT, a host {how}, IPv{kind}", changed, kind, "DR",
                  "NAT", word)
    tap.check(f"a server that is removed and comes back, IPv{kind}", removed,
              kind)
    tap.check(f"one that comes back for DR, IPv{kind}", removed, kind, (), "DR")
    tap.check(f"one that was changed to DR before, IPv{kind}", removed, kind,
              ("DR",))
tap.check("what is held for connections is given back", given_back, None)
tap.done()
