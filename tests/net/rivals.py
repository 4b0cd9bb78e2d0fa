#!/usr/bin/python3
# Two lvsd on one host: each serves its own, and neither takes what the other
# has, at its start, by a reload or by a command; what a killed one had is free.

import re
import signal
import tempfile

from rawnet import BUILD, Program, inside, lanes, make_net, run, tap, until

ONE, TWO, SIX = "10.1.0.91", "10.1.0.92", "fd00:1::91"
CONF = """\
lvs_backend {{
	interface dc
	control {path}.control
}}
"""
SERVICE = """\
virtual_server {addr} {port} {{
	protocol {protocol}
	lvs_sched rr
	lvs_method DR
	real_server {server} {port} {{
	}}
}}
"""


class Node:
    """lvsd in d with a control socket and a log of its own."""

    def __init__(self, folder, name):
        self.path = f"{folder}/{name}"
        self.conf = self.path + ".conf"
        self.runs = None

    def write(self, *endpoints):
        with open(self.conf, "w", encoding="ascii") as file:
            file.write(CONF.format(path=self.path))
            for addr, port, protocol in endpoints:
                file.write(SERVICE.format(
                    addr=addr, port=port, protocol=protocol,
                    server="fd00:2::2" if ":" in addr else "10.2.0.2"))

    def start(self, *endpoints):
        """True: it runs."""
        self.write(*endpoints)
        with open(self.path + ".log", "w", encoding="utf-8"):
            pass
        self.runs = Program("sh", "-c", "exec \"$0\" -f \"$1\" 2>\"$2\"",
                            f"{BUILD}/lvsd", self.conf, self.path + ".log")
        until(lambda: self.ended() or " runs: " in self.log())
        return not self.ended()

    def ended(self):
        return self.runs.process.poll() is not None

    def log(self):
        with open(self.path + ".log", encoding="utf-8") as file:
            return file.read()

    def stop(self, how=signal.SIGTERM):
        if self.runs is not None and not self.ended():
            self.runs.process.send_signal(how)
            self.runs.process.wait(5)

    def adm(self, *words):
        return inside("d", f"{BUILD}/lvsadm", "--control",
                      self.path + ".control", *words, check=False)


def words(first, endpoint, table="liblvs"):
    """How the one that comes second is told."""
    return f"{endpoint}: another balancer of this host has it (nftables " \
        f"table {table}, process {first.runs.process.pid})"


def host():
    return inside("d", "ip", "addr") + re.sub(
        "packets .*", "", inside("d", "nft", "list", "ruleset"))


def expect(said, *begins):
    if len(said) != len(begins) or not all(
            line.startswith(begin) for line, begin in zip(said, begins)):
        raise RuntimeError(said)
    return True


def own_each(first, second):
    return first.start((ONE, 80, "TCP"), (SIX, 80, "TCP")) and \
        second.start((TWO, 80, "TCP"), (ONE, 81, "TCP"), (ONE, 80, "UDP"),
                     (SIX, 81, "TCP"))


def at_start(first, second, endpoint, text):
    before = host()
    if second.start((TWO, 90, "TCP"), endpoint) or \
            words(first, text) not in second.log() or \
            second.runs.process.returncode != 1:
        raise RuntimeError(second.log())
    return host() == before


def by_reload(first, second):
    second.write((TWO, 80, "TCP"), (ONE, 80, "TCP"))
    with open(second.conf, encoding="ascii") as file:
        line = [f"virtual_server {ONE} 80" in text
                for text in file].index(True) + 1
    second.runs.process.send_signal(signal.SIGHUP)
    told = f"reload refused: {second.conf}:{line}: " + \
        words(first, f"tcp {ONE}:80") + "; what ran goes on"
    return until(lambda: told in second.log()) and \
        f"{ONE}:80" not in second.adm("-Ln")


def by_command(first, second):
    said = second.adm("-A", "-t", f"{ONE}:80", "-s", "rr")
    if words(first, f"tcp {ONE}:80") not in said:
        raise RuntimeError(said)
    return f"{ONE}:80" not in second.adm("-Ln") and \
        f"{TWO}:80" in second.adm("-Ln")


def goes_on(first, second):
    """What each has it may change, and add more of its own."""
    told = second.adm("-A", "-t", f"{TWO}:85", "-s", "rr") + \
        second.adm("-a", "-t", f"{TWO}:80", "-r", "10.2.0.3:80", "-g") + \
        first.adm("-E", "-t", f"{ONE}:80", "-s", "wlc")
    if told:
        raise RuntimeError(told)
    return True


def given_up(first, second):
    """What the first has no more the second may have."""
    first.adm("-D", "-t", f"{ONE}:80")
    said = second.adm("-A", "-t", f"{ONE}:80", "-s", "rr")
    return said == "" and words(second, f"tcp {ONE}:80", "liblvs2") in \
        first.adm("-A", "-t", f"{ONE}:80", "-s", "rr")


def killed(first, second):
    first.stop(signal.SIGKILL)
    said = second.adm("-A", "-t", f"[{SIX}]:80", "-s", "rr")
    if said:
        raise RuntimeError(said)
    return True


def unowned(_first, _second):
    """A table of that name that nobody owns is nobody's claim."""
    run("ip", "netns", "exec", "d", "nft", "add table netdev liblvs; add set "
        "netdev liblvs service4 { type ipv4_addr . inet_proto . "
        "inet_service; }; add element netdev liblvs service4 "
        f"{{ {ONE} . udp . 7 }}")
    try:
        with lanes("1", "16", "dc") as one:
            return one.claim(f"virtual/udp/{ONE}/7") == "0"
    finally:
        inside("d", "nft", "delete", "table", "netdev", "liblvs")


def at_once(_first, _second):
    """Of several that start at the same time one gets it."""
    for _ in range(5):
        with lanes("1", "16", "dc") as a, lanes("1", "16", "dc") as b, \
                lanes("1", "16", "dc") as c:
            all_ = a, b, c
            for program in all_:
                program.tell(f"claim virtual/udp/{ONE}/7")
            said = [program.answer() for program in all_]
        expect(sorted(said), f"-98 udp {ONE}:7: another ",
               f"-98 udp {ONE}:7: another ", "0")
    return True


def many(_first, _second):
    """Sets that the kernel lists in many pieces."""
    with lanes("1", "16", "dc") as one, lanes("1", "16", "dc") as two:
        return expect([one.claim("many/5000"),
                       two.claim("virtual/tcp/10.77.19.135/80"),
                       two.claim("virtual/tcp/10.77.19.136/80")],
                      "0", "-98 tcp 10.77.19.135:80: another ", "0")


def main():
    make_net()
    with tempfile.TemporaryDirectory() as folder:
        first, second = Node(folder, "first"), Node(folder, "second")
        facts = (
            ("two lvsd serve on one host, each its own", own_each),
            ("a reload does not take what the other has", by_reload),
            ("a command does not either, and says who has it", by_command),
            ("what each has it may change", goes_on),
            ("what one gives up the other may take", given_up),
            ("what a killed one had is free", killed),
            ("a table that nobody owns is nobody's claim", unowned),
            ("of several at the same time one gets it", at_once),
            ("one among thousands is found", many))
        try:
            tap.check(facts[0][0], facts[0][1], first, second)
            second.stop()
            for endpoint, text in (((ONE, 80, "TCP"), f"tcp {ONE}:80"),
                                   ((SIX, 80, "TCP"), f"tcp [{SIX}]:80")):
                tap.check(f"one that wants {text} too does not start, and "
                          "leaves the host as it was", at_start, first,
                          second, endpoint, text)
            second.start((TWO, 80, "TCP"))
            for fact, test in facts[1:6]:
                tap.check(fact, test, first, second)
        finally:
            for node in (first, second):
                node.stop()
        for fact, test in facts[6:]:
            tap.check(fact, test, None, None)
    tap.done()


main()
