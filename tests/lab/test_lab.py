#!/usr/bin/python3
# The lab itself: hosts reach each other without any balancer, and afterwards
# nothing is left, whatever way a run ended.

import hashlib
import os
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tap as taplib  # noqa: E402
from lab import (Lab, LabError, born, exit_on_signals, names,  # noqa: E402
                 need_root, wait_until)

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL = [sys.executable, f"{HERE}/lab"]
PREFIX = f"test{os.getpid()}"

# Makes a lab with a process in it and says so, then waits to be ended.
CHILD = f"""
import sys, time
sys.path.insert(0, {HERE!r})
from lab import Lab, exit_on_signals
exit_on_signals()
with Lab(name={PREFIX + "c"!r}, clients=1, servers=1) as lab:
    print(lab.popen("rs1", ["sleep", "60"]).pid, flush=True)
    time.sleep(60)
"""


def left_over():
    """Namespaces, folders and processes of ours that still exist."""
    spaces = subprocess.run(["ip", "netns"], capture_output=True, text=True,
                            check=True).stdout.split("\n")
    return ([ns for ns in spaces if ns.startswith(PREFIX)] +
            [name for name in names() if name.startswith(PREFIX)])


def ping(lab, host, addr, *words):
    return lab.run(host, "ping", "-n", "-c", "1", "-W", "1", *words, addr,
                   check=False)


def all_ping(lab):
    for host in (lab.clients[0], lab.clients[-1]):
        for server in lab.servers:
            for addr in (lab.addr(server), lab.addr6(server)):
                if ping(lab, host, addr).returncode != 0:
                    raise LabError(f"{host} does not reach {addr}")


def all_curl(lab):
    for server in lab.servers:
        for addr in (lab.addr(server), f"[{lab.addr6(server)}]"):
            page = lab.curl(lab.clients[0], f"http://{addr}/")
            if page != server + "\n":
                raise LabError(f"{addr} says {page!r}, not {server}")


def test_single(tap):
    with Lab("T1", name=PREFIX + "a") as lab:
        servers = [lab.nginx(host) for host in lab.servers]
        tap.check("T1: clients ping servers over IPv4 and IPv6", all_ping, lab)
        tap.check("T1: every server tells its name over IPv4 and IPv6",
                  all_curl, lab)
        base = f"http://{lab.addr('rs2')}"
        tap.ok("X-Server: rs2" in lab.curl("c1", base + "/1k", "-D", "-",
                                           "-o", "/dev/null"),
               "a file's header names the server")
        sent = lab.run("c2", "curl", "-sS", base + "/4m", text=False).stdout
        with open(lab.www() + "/4m", "rb") as file:
            tap.ok(hashlib.sha256(sent).digest() ==
                   hashlib.sha256(file.read()).digest(),
                   "a download is what the server has")
        start = time.monotonic()
        lab.curl("c1", base + "/slow/1m", "-o", "/dev/null")
        tap.ok(1 < time.monotonic() - start < 6, "/slow/ is slow")
        again = subprocess.run([*TOOL, "up", "T1", "--name", PREFIX + "a"],
                               capture_output=True, text=True, check=False)
        tap.ok(again.returncode == 1 and "is up already" in again.stderr,
               "a second lab of the same name is refused", again.stderr)
        tap.check("... and the first still works", all_curl, lab)
        lab.stop(servers[0], signal.SIGKILL)
        refused = lab.run("c1", "curl", "-sS", f"http://{lab.addr('rs1')}/",
                          check=False)
        tap.ok(refused.returncode == 7, "a killed nginx refuses connections",
               refused)
        alive = [(proc.pid, born(proc.pid)) for proc in servers[1:]]
    tap.ok(not left_over(), "after down nothing is left", left_over())
    tap.ok(all(born(pid) != start for pid, start in alive),
           "after down its processes have ended")


def test_direct(tap):
    with Lab("T1", name=PREFIX + "d", clients=1, method="DR") as lab:
        for host in lab.servers:
            lab.nginx(host)
        tap.check("T1 DR: clients ping servers", all_ping, lab)
        tap.ok(ping(lab, "c1", lab.vip).returncode != 0 and
               ping(lab, "c1", lab.vip6).returncode != 0,
               "T1 DR: no server answers for the virtual address")
        lab.batch("d1", [f"route add {lab.vip} via {lab.addr('rs3')}"])
        lab.batch("c1", [f"route add {lab.vip} via {lab.addr('d1')}"])
        tap.check("T1 DR: a server that is handed a packet for it answers "
                  "the client directly",
                  lambda: lab.curl("c1", f"http://{lab.vip}/") == "rs3\n")


def test_pair(tap):
    with Lab("T2", name=PREFIX + "p", clients=2, servers=2) as lab:
        tap.check("T2: clients ping servers", all_ping, lab)
        tap.ok(ping(lab, "d2", lab.addr6("d1", 2)).returncode == 0,
               "T2: the directors reach each other on their own network")


def test_long_path(tap):
    with Lab("T3", name=PREFIX + "l", clients=1, servers=2) as lab:
        for host in lab.servers:
            lab.nginx(host)
        tap.check("T3: clients ping servers", all_ping, lab)
        dont = ("-M", "do")
        far = lab.addr("rs1")
        tap.ok(ping(lab, "c1", far, "-s", "1250", *dont).returncode == 0,
               "T3: 1278 bytes pass")
        ping(lab, "c1", far, "-s", "1350", *dont)
        second = ping(lab, "c1", far, "-s", "1350", *dont)
        tap.ok("mtu=1300" in second.stdout + second.stderr,
               "T3: more than 1300 bytes do not, and the router says so",
               second)
        for addr in (far, f"[{lab.addr6('rs1')}]"):
            tap.check(f"T3: a download from {addr} finds its way",
                      lab.curl, "c1", f"http://{addr}/1m", "-o", "/dev/null")
        try:
            Lab("T3", method="DR")
            tap.ok(False, "T3 with DR is refused")
        except LabError as error:
            tap.ok("router" in str(error), "T3 with DR is refused, with why")


def child(tap, number, fact):
    proc = subprocess.Popen([sys.executable, "-c", CHILD], text=True,
                            stdout=subprocess.PIPE)
    inside = int(proc.stdout.readline())
    start = born(inside)
    busy = subprocess.run([*TOOL, "down", "--all"], capture_output=True,
                          text=True, check=False)
    tap.ok("left alone" in busy.stdout and born(inside) == start,
           "down --all leaves a lab in use alone", busy)
    proc.send_signal(number)
    proc.wait(10)
    if number == signal.SIGKILL:
        tap.ok(left_over(), "a killed run leaves its lab")
        subprocess.run([*TOOL, "down", "--all"], check=True,
                       stdout=subprocess.DEVNULL)
    proc.stdout.close()
    wait_until(lambda: born(inside) != start)
    tap.ok(not left_over(), fact, left_over())


def test_interrupted(tap):
    child(tap, signal.SIGKILL, "down --all takes down what it left")
    child(tap, signal.SIGTERM, "a run ended by SIGTERM leaves nothing")
    name = PREFIX + "x"
    subprocess.run(["ip", "netns", "add", f"{name}-rs2"], check=True)
    try:
        with Lab(name=name):
            tap.ok(False, "a name that is taken is refused")
    except LabError as error:
        tap.ok(f"{name}-rs2" in str(error), "a name that is taken is refused")
    tap.ok(left_over() == [f"{name}-rs2"],
           "... and what was there before is not touched", left_over())
    subprocess.run(["ip", "netns", "delete", f"{name}-rs2"], check=True)


def test_unprivileged(tap):
    fact = "it works without root in a user namespace"
    script = (f"cd {HERE} && {sys.executable} lab up T1 --nginx >/dev/null &&"
              f" {sys.executable} lab exec c1 curl -sS 'http://[fd00:2::12]/'"
              f" && {sys.executable} lab down && ls /run/lvs-lab /run/netns")
    enter = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    if os.system(" ".join(enter) + f" unshare -Urnm test -r {HERE}/lab"
                 " 2>/dev/null") != 0:
        tap.skip(fact, "needs unprivileged user namespaces, and a tree that "
                 "nobody may read")
        return
    done = subprocess.run([*enter, "unshare", "-Urnm", "sh", "-c", script],
                          capture_output=True, text=True, check=False)
    tap.ok(done.returncode == 0 and done.stdout.split() ==
           ["rs2", "/run/lvs-lab:", "/run/netns:"], fact, done)


# A root that is a folder, not a mount point, with the host's folders in it; all
# of it in a file system that ends with the mount namespace.
CHROOT = f"""
set -e
mount -t tmpfs lvs-lab /mnt
root=/mnt/root
for dir in /*; do
	[ -d "$dir" ] && [ "$dir" != /run ] && [ "$dir" != /mnt ] || continue
	mkdir -p "$root$dir"
	mount --rbind "$dir" "$root$dir"
done
mkdir -p "$root/run"
chroot "$root" sh -ec '
	! mountpoint -q /
	cd {HERE}
	{sys.executable} lab up T1 --name {PREFIX}r --servers 1 >/dev/null
	{sys.executable} lab exec --name {PREFIX}r c1 ping -nqc1 10.2.0.11
	{sys.executable} lab down --name {PREFIX}r'
"""


def test_chroot(tap):
    done = subprocess.run(["unshare", "-m", "sh", "-c", CHROOT], text=True,
                          capture_output=True, check=False, timeout=60)
    tap.ok(done.returncode == 0, "it works in a plain chroot", done)


def main():
    taplib.need(ip="iproute2", nsenter="util-linux", nginx="nginx-light",
                curl="curl", ping="iputils-ping", ss="iproute2")
    taplib.enter_private_run()
    exit_on_signals()
    need_root()
    tap = taplib.Tap()
    for test in (test_single, test_direct, test_pair, test_long_path,
                 test_interrupted, test_unprivileged, test_chroot):
        try:
            test(tap)
        except Exception as error:
            tap.ok(False, f"{test.__name__}: {error}")
    tap.done()


main()
