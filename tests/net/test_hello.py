#!/usr/bin/python3
# hello.c on real traffic: two nginx servers behind it, clients over NAT; and
# afterwards the host is as it was.

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "lab"))
import tap as taplib  # noqa: E402
from lab import Lab, LabError, wait_until  # noqa: E402

BUILD = os.environ.get("top_builddir", ".")


def host_state(lab):
    """What a program may have changed on the director."""
    return "".join(lab.run("d1", *words).stdout for words in (
        ["ip", "addr"], ["ip", "route"], ["ip", "neigh", "show", "nud",
                                          "permanent"],
        ["nft", "list", "ruleset"]))


# Four connections at a time, all open until the last has its answer.
FOUR = """
import socket, sys
socks = [socket.create_connection((sys.argv[1], 80), 5) for _ in range(4)]
for sock in socks:
    sock.sendall(b"GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    for line in sock.makefile("rb"):
        if line.startswith(b"rs"):  # the page is the server's name
            print(line.decode())
            break
"""


def balanced(lab):
    """wlc goes by what is open; an idle list would all go to one server."""
    names = set(lab.run("c1", sys.executable, "-c", FOUR, lab.vip)
                .stdout.split())
    if names != {"rs1", "rs2"}:
        raise LabError(f"served by {names}")


def whole(lab):
    sent = lab.curl("c2", f"http://{lab.vip}/4m", "-o", "/dev/null", "-w",
                    "%{size_download}")
    if int(sent) != 4 << 20:
        raise LabError(f"{sent} bytes came")


def serves(lab):
    return lab.run("c1", "curl", "-s", "-m", "1", "-o", "/dev/null",
                   f"http://{lab.vip}/", check=False).returncode == 0


def main():
    taplib.need(ip="iproute2", nginx="nginx-light", curl="curl",
                nft="nftables", unshare="util-linux")
    taplib.enter_private_run()
    tap = taplib.Tap()
    with Lab("T1", clients=2, servers=2, forward=False) as lab:
        for server in lab.servers:
            lab.nginx(server)
        before = host_state(lab)
        wrong = lab.run("d1", f"{BUILD}/examples/hello", check=False,
                        input="-A -t 192.0.2.1:80 -s nonsense\n")
        tap.ok(wrong.returncode == 1 and "nonsense" in wrong.stderr,
               "rules that are wrong are refused", wrong.stderr)
        rules = f"{lab.dir}/rules"
        with open(rules, "w", encoding="ascii") as file:
            file.write(f"-A -t {lab.vip}:80 -s wlc\n" + "".join(
                f"-a -t {lab.vip}:80 -r {lab.addr(server)}:80 -m\n"
                for server in lab.servers))
        with open(rules, encoding="ascii") as file:
            hello = lab.popen("d1", [f"{BUILD}/examples/hello"], stdin=file)
        tap.check("hello serves", wait_until, lambda: serves(lab))
        tap.check("hello balances over both servers", balanced, lab)
        tap.check("a download of 4 MB comes whole", whole, lab)
        tap.ok(lab.stop(hello) == 0, "hello ends at SIGTERM")
        after = host_state(lab)
        tap.ok(before == after, "the host is as before", after)
    tap.done()


main()
