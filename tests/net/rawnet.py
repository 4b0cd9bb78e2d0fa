# What the tests of the raw backend share: a client and a server beside a host
# that runs bounce or lanes, in namespaces.

import ctypes
import os
import re
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "lab"))
import tap as taplib  # noqa: E402

taplib.need(ip="iproute2", nft="nftables", ethtool="ethtool", ping="iputils-ping",
            nstat="iproute2", setpriv="util-linux", sysctl="procps")
taplib.enter_private_run()

BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
BOUNCE = os.path.join(BUILD, "examples/bounce")
LANES = os.path.join(BUILD, "tests/net/lanes")
VIP, VIP6 = "10.9.9.9", "fd00:9::9"
UDP_SEGMENT = 103
tap = taplib.Tap()


def run(*words, check=True):
    done = subprocess.run(words, stdout=subprocess.PIPE, timeout=20,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout}")
    return done.stdout


def inside(name, *words, **options):
    return run("ip", "netns", "exec", name, *words, **options)


def until(test, seconds=5):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():
            return True
        time.sleep(0.02)
    return bool(test())


class Inside:
    """Sockets that are made here live in the namespace."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        self.home = os.open("/proc/self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        libc.setns(there, 0)
        os.close(there)

    def __exit__(self, *_error):
        libc.setns(self.home, 0)
        os.close(self.home)


libc = ctypes.CDLL(None, use_errno=True)


def udp(name, source=None, port=0, family=socket.AF_INET):
    with Inside(name):
        made = socket.socket(family, socket.SOCK_DGRAM)
    made.settimeout(2)
    if source:
        made.bind((source, port))
    return made


def ask(name, target, data=b"x", port=7, source=None, timeout=2.0):
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    with udp(name, source, family=family) as s:
        s.settimeout(timeout)
        s.connect((target, port))
        s.send(data)
        return s.recv(70000)


def answered(name, target, **words):
    try:
        return ask(name, target, **words) == words.get("data", b"x")
    except OSError:
        return False


def refused(name, target, port):
    try:
        ask(name, target, port=port)
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


def counter(name, which):
    out = inside(name, "nstat", "-asz", which)
    return int(re.search(rf"^{which}\s+(\d+)", out, re.M).group(1))


def make_net():
    """client c - host d - server s; the host is their gateway."""
    for name in "cds":
        run("ip", "netns", "add", name)
        inside(name, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0",
               "net.ipv6.conf.default.accept_dad=0")
        run("ip", "-n", name, "link", "set", "lo", "up")
    for i, name in ((1, "c"), (2, "s")):
        run("ip", "link", "add", f"d{name}", "netns", "d", "type", "veth",
            "peer", "name", "eth", "netns", name)
        for where, link, host in (("d", f"d{name}", 1), (name, "eth", 2)):
            run("ip", "-n", where, "addr", "add", f"10.{i}.0.{host}/24",
                "dev", link)
            run("ip", "-n", where, "addr", "add", f"fd00:{i}::{host}/64",
                "dev", link, "nodad")
            run("ip", "-n", where, "link", "set", link, "up")
        run("ip", "-n", name, "route", "add", "default", "via", f"10.{i}.0.1")
        run("ip", "-n", name, "-6", "route", "add", "default", "via",
            f"fd00:{i}::1")


class Program:
    """lanes or bounce on the host; lanes takes commands."""

    def __init__(self, *words, prefix=(), where="d"):
        self.program = words[0]
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", where, *prefix, *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.stop(signal.SIGTERM)

    def stop(self, how):
        """lanes ends well when its input does, bounce by SIGTERM."""
        if how == signal.SIGKILL or self.program == BOUNCE:
            self.process.send_signal(how)
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def line(self):
        return self.process.stdout.readline().strip()

    def tell(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def claim(self, *claims):
        self.tell("claim " + " ".join(claims))
        return self.answer()

    def answer(self):
        while True:
            line = self.line()
            if not line.startswith("packet"):
                return line

    def stats(self):
        """The counters of each lane, and the packets that were told."""
        self.tell("stats")
        lanes, packets = [], []
        while (line := self.line()) != "end":
            words = line.split()
            if not words:
                raise RuntimeError("the program ended")
            if words[0] == "packet":
                packets.append(words[1:5])
            else:
                lanes.append({words[i]: int(words[i + 1])
                              for i in range(2, len(words), 2)})
        return lanes, packets


    def events(self):
        """What the backend told since the last time: (level, text)."""
        self.tell("events")
        told = []
        while (line := self.line()) != "end":
            if not line:
                raise RuntimeError("the program ended")
            if not line.startswith("packet"):
                level, text = line.split(" ", 1)
                told.append((int(level), text))
        return told


def lanes(*words, prefix=()):
    program = Program(LANES, *words, prefix=prefix)
    program.first = program.line()
    return program


def bounce(*words):
    program = Program(BOUNCE, *words)
    if not until(lambda: "liblvs" in inside("d", "nft", "list", "ruleset")):
        raise RuntimeError("bounce does not start")
    until(lambda: "elements" in inside("d", "nft", "list", "ruleset"))
    return program
