#!/usr/bin/python3
# lvsd on real traffic: nginx servers behind it, NAT and DR, IPv4 and IPv6; one
# killed, one added, one drained; configurations good and bad; SIGTERM and
# SIGKILL. Afterwards the host is as it was.

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "lab"))
import tap as taplib  # noqa: E402
from lab import Lab, LabError, wait_until  # noqa: E402

BUILD = os.path.abspath(os.environ.get("top_builddir", "."))

CONF = """\
lvs_backend {{
	type raw
	interface eth0
	interface eth1
	workers {workers}
	connections 65536
	control {control}
}}
{services}"""

SERVICE = """
virtual_server {vip} 80 {{
	delay_loop 1
	lvs_sched rr
	lvs_method {method}
	protocol TCP
{dests}}}
"""

DEST = """\
	real_server {addr} 80 {{
		TCP_CHECK {{
			connect_timeout 1
			retry 1
			delay_before_retry 1
		}}
	}}
"""


class Node:
    """lvsd in d1, and lvsadm beside it."""

    def __init__(self, lab, method, workers=1):
        self.lab, self.method, self.workers = lab, method, workers
        self.conf = f"{lab.dir}/lvsd.conf"
        self.control = f"{lab.dir}/control"
        self.log = f"{lab.dir}/lvsd.log"
        self.proc = None

    def write(self, servers):
        services = "".join(
            SERVICE.format(vip=vip, method=self.method, dests="".join(
                DEST.format(addr=addr(s)) for s in servers))
            for vip, addr in ((self.lab.vip, self.lab.addr),
                              (self.lab.vip6, self.lab.addr6)))
        with open(self.conf, "w", encoding="ascii") as file:
            file.write(CONF.format(control=self.control, services=services,
                                   workers=self.workers))

    def start(self, **more):
        # the log goes on from one start to the next
        before = self.text().count(" runs: ")
        with open(self.log, "ab") as log:
            self.proc = self.lab.popen("d1", [f"{BUILD}/lvsd", "-f",
                                              self.conf],
                                       stdout=log, stderr=log, **more)
        wait_until(lambda: self.proc.poll() is not None or
                   self.text().count(" runs: ") > before, 10)
        if self.proc.poll() is not None:
            raise LabError(self.text())

    def text(self):
        if not os.path.exists(self.log):
            return ""
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def adm(self, *words, check=True, **more):
        return self.lab.run("d1", f"{BUILD}/lvsadm", "--control",
                            self.control, *words, check=check, **more)

    def dests(self, vip):
        """{address: its figures}"""
        lines = self.adm("-L", "--json").stdout.splitlines()
        found = [json.loads(line).get("dest") for line in lines]
        return {d["dest"]: d for d in found
                if d and d["virtual"].startswith((f"{vip}:", f"[{vip}]"))}


def url(address, path=""):
    host = f"[{address}]" if ":" in address else address
    return f"http://{host}/{path}"


def served_by(lab, client, vip, count=8):
    return {lab.curl(client, url(vip)).strip() for _ in range(count)}


def host_state(lab):
    """What lvsd may have changed on the director."""
    return "".join(lab.run("d1", *words).stdout for words in (
        ["ip", "addr"], ["ip", "route"], ["ip", "-6", "route"],
        ["ip", "neigh", "show", "nud", "permanent"],
        ["nft", "list", "ruleset"]))


def balances(tap, node):
    lab = node.lab
    for vip in (lab.vip, lab.vip6):
        name = f"{node.method} {'IPv6' if ':' in vip else 'IPv4'}"

        def both(vip=vip):
            return served_by(lab, "c1", vip) == {"rs1", "rs2"}
        tap.check(f"{name}: both servers serve", wait_until, both, 5, 0.2)

        def whole(vip=vip):
            sent = lab.curl("c2", url(vip, "4m"), "-o", "/dev/null", "-w",
                            "%{size_download}")
            return int(sent) == 4 << 20
        tap.check(f"{name}: a download of 4 MB comes whole", whole)
    listed = node.adm("-Lnc").stdout
    tap.ok(f"{lab.vip}:80" in listed and f"[{lab.vip6}]:80" in listed,
           f"{node.method}: the connections are listed", listed)


def counts(tap, node):
    lab = node.lab
    node.adm("-Z")
    before = node.adm("-Ln", "--stats", "-t", f"{lab.vip}:80").stdout
    lab.curl("c1", url(lab.vip))
    dests = node.dests(lab.vip)
    conns = sum(d["stats"]["conns"] for d in dests.values())
    out = sum(d["stats"]["out_packets"] for d in dests.values())
    tap.ok(conns == 1, f"{node.method}: one connection is counted once", before)
    tap.ok((out > 0) == (node.method == "NAT"),
           f"{node.method}: replies are counted where they pass", out)


def direct_access(tap, node):
    """Past the balancer, through the director as a router; or not."""
    lab = node.lab
    for on in (1, 0):
        lab.run("d1", "sysctl", "-qw", f"net.ipv4.ip_forward={on}",
                f"net.ipv6.conf.all.forwarding={on}")
        for addr in (lab.addr("rs1"), lab.addr6("rs1")):
            done = lab.run("c1", "curl", "-s", "-m", "10" if on else "1", "-o",
                           "/dev/null", "-w", "%{size_download}",
                           url(addr, "4m"), check=False)
            size = "4194304" if on else "0"
            name = "IPv6" if ":" in addr else "IPv4"
            tap.ok(done.stdout == size, f"{name}: a balanced server is "
                   f"{'' if on else 'not '}reached directly through a host "
                   f"that {'routes' if on else 'does not route'}", done.stdout)
    told = node.adm("reasons").stdout
    tap.ok("the host got them back" in told, "lvsadm tells how many packets",
           told)


def ping(tap, node):
    done = node.lab.run("c1", "ping", "-c1", "-W2", node.lab.vip, check=False)
    tap.ok(done.returncode == 0, f"{node.method}: the host answers ping",
           done.stdout)


def one_dies(tap, node, servers):
    lab = node.lab
    lab.stop(servers["rs2"], signal.SIGKILL)
    address = f"{lab.addr('rs2')}:80"
    tap.check("a killed server is taken out", wait_until,
              lambda: node.dests(lab.vip)[address]["down"], 8, 0.1)
    tap.ok(f"-> {address} down: refused" in node.text(),
           "the log says which and why", node.text())
    tap.ok(served_by(lab, "c1", lab.vip) == {"rs1"}, "the other one serves all")
    servers["rs2"] = lab.nginx("rs2")
    tap.check("it comes back", wait_until,
              lambda: not node.dests(lab.vip)[address]["down"], 8, 0.1)


def one_is_added(tap, node):
    lab = node.lab
    before = node.dests(lab.vip)
    node.write(["rs1", "rs2", "rs3"])
    node.proc.send_signal(signal.SIGHUP)
    tap.check("SIGHUP adds a server", wait_until,
              lambda: "rs3" in served_by(lab, "c1", lab.vip, 12), 8, 0.2)
    tap.ok("reloaded: 2 changes" in node.text(), "a reload is a difference",
           node.text())
    after = node.dests(lab.vip)
    tap.ok(all(after[d]["stats"]["conns"] >= before[d]["stats"]["conns"]
               for d in before), "counters go on through a reload")


def by_hand(tap, node):
    lab = node.lab
    service, gone = f"{lab.vip}:80", f"{lab.addr('rs3')}:80"
    node.adm("-d", "-t", service, "-r", gone)
    with open(node.conf, encoding="ascii") as file:
        place = next(n for n, line in enumerate(file, 1)
                     if f"real_server {lab.addr('rs3')} " in line)
    told = node.adm("diff").stdout
    tap.ok(f"- tcp {service} -> {gone} ({node.conf}:{place})\n" in told,
           "lvsadm diff tells what was removed by hand, and its place", told)
    node.proc.send_signal(signal.SIGHUP)
    tap.check("a reload says that it stays out, and where the file has it",
              wait_until, lambda: "stays out, as it was removed with lvsadm: "
              f"tcp {service} -> {gone} ({node.conf}:{place})" in node.text(),
              5)
    node.adm("-a", "-t", service, "-r", gone, "-m")
    told = node.adm("diff").stdout
    tap.ok(told == "what runs is what the file says\n",
           "put back it is no difference", told)


def one_drains(tap, node):
    lab = node.lab
    # one download from each server: some connection is on the drained one
    loads = [subprocess.Popen(
        lab.enter("c1", ["curl", "-sSf", "-o", "/dev/null", "-w",
                         "%{size_download}\n", url(lab.vip, "slow/1m")]),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(3)]
    address = f"{lab.addr('rs1')}:80"
    wait_until(lambda: node.dests(lab.vip)[address]["active"] > 0, 5, 0.1)
    node.adm("drain", "-t", f"{lab.vip}:80", "-r", address)
    tap.ok("rs1" not in served_by(lab, "c2", lab.vip, 9),
           "a draining server gets nothing new")
    sizes = [load.communicate(timeout=20)[0].strip() for load in loads]
    tap.ok(sizes == [str(1 << 20)] * 3, "its downloads come whole", sizes)
    tap.check("the log says when it has drained", wait_until,
              lambda: f"-> {address} drained" in node.text(), 10, 0.1)
    node.adm("undrain", "-t", f"{lab.vip}:80", "-r", address)
    tap.check("the log says that it is undrained", wait_until,
              lambda: f"-> {address} undrained: weight 1" in node.text(), 5,
              0.1)
    tap.check("undrain takes it back", wait_until,
              lambda: "rs1" in served_by(lab, "c2", lab.vip, 9), 5, 0.1)


def bad_input(tap, node):
    lab = node.lab
    with open(node.conf, encoding="ascii") as file:
        good = file.read()
    with open(node.conf, "w", encoding="ascii") as file:
        file.write(good.replace("lvs_sched rr", "lvs_sched nonsense", 1))
    node.proc.send_signal(signal.SIGHUP)
    tap.check("a bad configuration is refused with its place", wait_until,
              lambda: f"reload refused: {node.conf}:" in node.text(), 5)
    tap.ok(len(served_by(lab, "c1", lab.vip, 9)) > 1,
           "the old configuration goes on")
    check = lab.run("d1", f"{BUILD}/lvsd", "--check", "-f", node.conf,
                    check=False)
    tap.ok(check.returncode == 1 and f"{node.conf}:" in check.stderr,
           "--check says so too", check.stderr)
    before = node.text().count("refused")
    with open(node.conf, "w", encoding="ascii") as file:
        file.write(good.replace("connections 65536", "connections 4096", 1))
    node.proc.send_signal(signal.SIGHUP)
    tap.check("a setting that needs a restart is refused with its place",
              wait_until, lambda: f"reload refused: {node.conf}:6: connections"
              " 4096 needs a restart (65536 runs); what ran goes on"
              in node.text(), 5)
    tap.ok(node.text().count("refused") == before + 1,
           "one line tells it", node.text()[-600:])
    before = len(node.text())
    with open(node.conf, "w", encoding="ascii") as file:
        file.write(good.replace("interface eth1", "interface none9", 1))
    node.proc.send_signal(signal.SIGHUP)
    tap.check("so is an interface that is not there", wait_until,
              lambda: "interface none9 needs a restart"
              in node.text()[before:], 5)
    tap.ok(node.text()[before:].count("none9") == 1,
           "and one line tells that too", node.text()[before:])
    with open(node.conf, "w", encoding="ascii") as file:
        file.write(good)
    saved = node.adm("-Sn").stdout
    bad = saved + "-A -t nonsense\n"
    own = node.adm("-a", "-t", f"{lab.vip}:80", "-r", f"{lab.vip}:8080", "-m",
                   check=False)
    tap.ok(own.returncode == 1 and "would be this host itself" in own.stderr
           and node.adm("-Sn").stdout == saved,
           "a server at its service's own address is refused in words",
           own.stderr)
    server = saved.split(" -r ")[1].split(":")[0]
    own = node.adm("-A", "-t", f"{server}:9", check=False)
    tap.ok(own.returncode == 1 and "would be this host itself" in own.stderr
           and node.adm("-Sn").stdout == saved,
           "a service at a server's address is refused in words", own.stderr)
    done = node.adm("-R", input=bad, check=False)
    tap.ok(done.returncode == 1 and node.adm("-Sn").stdout == saved,
           "a bad restore changes nothing", done.stderr)
    second = lab.run("d1", f"{BUILD}/lvsd", "-f", node.conf, check=False)
    tap.ok(second.returncode == 1 and "another lvsd runs" in second.stderr,
           "a second lvsd refuses", second.stderr)
    tap.ok(len(served_by(lab, "c1", lab.vip, 9)) > 1,
           "and does not disturb the first")


def explains(tap, node):
    lab = node.lab
    text = node.adm("explain", "-t", f"{lab.vip}:80", "203.0.113.9:999").stdout
    tap.ok("verdict: forward" in text, "explain says what a packet would meet",
           text)
    reasons = node.adm("reasons").stdout
    tap.ok("forwarded" in reasons, "reasons are counted", reasons)


def no_reader(tap, node):
    words = f"{BUILD}/lvsadm --control {node.control} -Ln"
    done = node.lab.run("d1", "sh", "-c", f"{{ sleep 0.2; {words}; "
                        "echo status $? >&2; } | true")
    tap.ok(done.stderr == "status 0\n", "a closed pipe is no error",
           done.stderr)
    done = node.lab.run("d1", "sh", "-c", f"{words} >/dev/full", check=False)
    tap.ok(done.returncode == 1 and "No space left" in done.stderr,
           "an answer that cannot be written is", done.stderr)


def privileges(tap, node):
    with open(f"/proc/{node.proc.pid}/status", encoding="ascii") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file
                      if ":\t" in line)
    tap.ok(int(status["CapEff"], 16) == int(status["CapPrm"], 16) == 0x3000 and
           int(status["CapBnd"], 16) == 0x3000,
           "it keeps CAP_NET_ADMIN and CAP_NET_RAW only", status)
    tap.ok(status["NoNewPrivs"] == "1", "and can gain none")


def idle(tap, node):
    def ticks():
        with open(f"/proc/{node.proc.pid}/stat", encoding="ascii") as file:
            fields = file.read().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    before = ticks()
    time.sleep(3)
    used = ticks() - before
    tap.ok(used <= 6, "idle it uses less than 2 % of a CPU",
           f"{used} ticks in 3 s")


def missing_privilege(tap, node):
    done = node.lab.run("d1", "capsh", "--drop=cap_net_raw", "--",
                        "-c", f"exec {BUILD}/lvsd -f {node.conf}",
                        check=False)
    tap.ok(done.returncode == 1 and "CAP_NET_RAW" in done.stderr,
           "without CAP_NET_RAW it names the capability", done.stderr)
    done = node.lab.run("d1", "capsh", "--drop=cap_net_admin", "--",
                        "-c", f"exec {BUILD}/lvsd -f {node.conf}",
                        check=False)
    tap.ok(done.returncode == 1 and "CAP_NET_ADMIN" in done.stderr,
           "without CAP_NET_ADMIN it names the capability", done.stderr)
    done = node.lab.run("d1", "capsh", "--drop=cap_net_admin,cap_net_raw",
                        "--", "-c", f"exec {BUILD}/lvsd -f {node.conf}",
                        check=False)
    tap.ok(done.returncode == 1 and "CAP_NET_RAW and CAP_NET_ADMIN are"
           in done.stderr and "root" in done.stderr,
           "without both it names both at once", done.stderr)


def virtual_addresses(lab):
    """Those that the director has now."""
    told = lab.run("d1", "ip", "-o", "addr").stdout.split()
    return [vip for vip in (lab.vip, lab.vip6)
            if f"{vip}/32" in told or f"{vip}/128" in told]


def endings(tap, node, before):
    lab = node.lab
    where = f"{lab.settings['kind']} {node.method}"
    tap.ok(virtual_addresses(lab) == [lab.vip, lab.vip6],
           f"{where}: the host has the virtual addresses while it runs",
           host_state(lab))
    tap.ok(lab.stop(node.proc) == 0, f"{node.method}: SIGTERM ends it")
    tap.ok(virtual_addresses(lab) == [],
           f"{where}: and not after", host_state(lab))
    tap.ok(host_state(lab) == before, f"{node.method}: the host is as before",
           host_state(lab))
    tap.ok(not os.path.exists(node.control), "its socket is gone")
    node.start()
    lab.stop(node.proc, signal.SIGKILL)
    done = lab.run("d1", f"{BUILD}/lvsd", "--cleanup", check=False)
    tap.ok(done.returncode == 0, "--cleanup undoes what SIGKILL left",
           done.stderr)
    tap.ok(host_state(lab) == before, "the host is as before after SIGKILL",
           host_state(lab))
    told = done.stdout.splitlines()
    tap.ok(f"removed address {lab.vip}/32 from " in done.stdout and
           f"removed address {lab.vip6}/128 from " in done.stdout and
           all(line.startswith("removed ") for line in told),
           "and names it, a line each", done.stdout)
    node.start()
    tap.check("a new lvsd takes the dead one's socket", wait_until,
              lambda: len(served_by(lab, "c1", lab.vip)) > 1, 5, 0.2)
    words = (f"{BUILD}/lvsd", "--cleanup", "-f", node.conf)
    done = lab.run("d1", *words, check=False)
    tap.ok(done.returncode == 1 and "stop it first" in done.stderr and
           os.path.exists(node.control), "beside a living one it refuses",
           done.stdout + done.stderr)
    lab.stop(node.proc, signal.SIGKILL)
    done = lab.run("d1", *words)
    tap.ok(f"removed control socket {node.control}\n" in done.stdout and
           not os.path.exists(node.control),
           "--cleanup removes a dead one's socket", done.stdout)
    done = lab.run("d1", *words)
    tap.ok(done.stdout == "nothing to undo\n", "once", done.stdout)


def nat(tap):
    with Lab("T1", clients=2, servers=3, forward=False) as lab:
        servers = {s: lab.nginx(s, rate="300k") for s in lab.servers}
        before = host_state(lab)
        node = Node(lab, "NAT")
        node.write(["rs1", "rs2"])
        missing_privilege(tap, node)
        tap.ok(host_state(lab) == before, "and leaves the host as it was")
        node.start()
        privileges(tap, node)
        balances(tap, node)
        counts(tap, node)
        ping(tap, node)
        direct_access(tap, node)
        one_dies(tap, node, servers)
        one_is_added(tap, node)
        by_hand(tap, node)
        one_drains(tap, node)
        bad_input(tap, node)
        explains(tap, node)
        no_reader(tap, node)
        idle(tap, node)
        endings(tap, node, before)


def direct(tap):
    with Lab("T1", clients=2, servers=2, method="DR", forward=False) as lab:
        for server in lab.servers:
            lab.nginx(server)
        before = host_state(lab)
        node = Node(lab, "DR", workers=2)
        node.write(["rs1", "rs2"])
        node.start()
        balances(tap, node)
        counts(tap, node)
        ping(tap, node)
        endings(tap, node, before)


def forwarded_by_hosts(lab, client):
    """Both servers answer, over both families, past two routers."""
    return all(served_by(lab, client, vip) == {"rs1", "rs2"}
               for vip in (lab.vip, lab.vip6))


def too_large(node):
    lines = node.adm("reasons", "--json").stdout.splitlines()
    counts = [json.loads(line).get("reason") for line in lines]
    return next(c["packets"] for c in counts if c and c["name"] == "too_big")


def downloads(lab, client):
    for vip in (lab.vip, lab.vip6):
        sent = lab.curl(client, url(vip, "1m"), "-o", "/dev/null", "-w",
                        "%{size_download}")
        if int(sent) != 1 << 20:
            return False
    return True


def long_path(tap):
    """A router and a narrow link on both sides of the director."""
    with Lab("T3", clients=1, servers=2, forward=False) as lab:
        for server in lab.servers:
            lab.nginx(server)
        before = host_state(lab)
        node = Node(lab, "NAT")
        node.write(["rs1", "rs2"])
        node.start()
        tap.check("T3: clients and servers behind routers are balanced",
                  wait_until, lambda: forwarded_by_hosts(lab, "c1"), 10, 0.2)
        lab.run("c1", "curl", "-s", "-m", "2", "-o", "/dev/null",
                url(lab.vip, "1m"), check=False)
        tap.ok(too_large(node) > 0, "T3: what the next link does not carry is "
               "counted as too_big", node.adm("reasons").stdout)
        # what the README says to do meanwhile
        for server in lab.servers:
            lab.batch(server, ["route change default via 10.2.0.1 mtu 1300",
                               "route change ::/0 via fd00:2::1 mtu 1300"])
        tap.check("T3: downloads come whole where the servers know the way's "
                  "size", downloads, lab, "c1")
        endings(tap, node, before)


def service_manager(tap, node):
    lab = node.lab
    path = f"{lab.dir}/notify"
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(path)
    manager.settimeout(10)

    def told():
        return manager.recv(4096).decode().splitlines()
    node.start(env={**os.environ, "NOTIFY_SOCKET": path})
    tap.ok("READY=1" in told(), "a service manager hears when it runs")
    log = node.text()
    tap.ok(f": 2 services, 4 destinations, 1 worker, control socket "
           f"{node.control}\n" in log and log.count("\n") == 3,
           "one line says what was started", log)
    tap.ok(all(f"virtual address {vip} added to " in log
               for vip in (lab.vip, lab.vip6)),
           "and one for each address where it is", log)
    home = lab.run("d1", f"{BUILD}/lvsd", "--check", "-f", node.conf).stdout
    tap.ok(f"virtual address {lab.vip} is on " in home, "--check says it too",
           home)
    with open(node.conf, encoding="ascii") as file:
        both = file.read()
    with open(node.conf, "w", encoding="ascii") as file:
        file.write(both.replace("\tinterface eth1\n", ""))
    home = lab.run("d1", f"{BUILD}/lvsd", "--check", "-f", node.conf).stdout
    tap.ok(f"! warning: NAT server {lab.addr('rs1')} is reached through eth1"
           in home, "--check warns when the servers' side is not named", home)
    with open(node.conf, "w", encoding="ascii") as file:
        file.write(both)
    node.proc.send_signal(signal.SIGHUP)
    first, second = told(), told()
    clock = [int(line.split("=")[1]) for line in first
             if line.startswith("MONOTONIC_USEC=")]
    tap.ok("RELOADING=1" in first and "READY=1" in second and
           0 <= time.monotonic() * 1e6 - clock[0] < 1e7,
           "and when it reloads, and has", f"{first} {second}")
    tap.ok("reloaded: nothing changed\n" in node.text(),
           "a reload that changes nothing says so", node.text())
    code = lab.stop(node.proc)
    tap.ok("STOPPING=1" in told() and code == 0, "and when it ends")
    manager.close()


def in_background(tap, node):
    lab = node.lab
    words = [f"{BUILD}/lvsd", "--daemon", "-f", node.conf]
    done = lab.run("d1", *words, check=False)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(node.control)
        pid = struct.unpack("3i", client.getsockopt(
            socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    process = os.pidfd_open(pid)
    try:
        listed = node.adm("-Ln", check=False)
        tap.ok(done.returncode == 0 and done.stdout == "" and
               f"TCP  {lab.vip}:80" in listed.stdout,
               "--daemon returns once it runs", done.stderr + listed.stderr)
        tap.ok(os.getsid(pid) == pid and os.readlink(f"/proc/{pid}/cwd") ==
               "/" and all(os.readlink(f"/proc/{pid}/fd/{n}") == "/dev/null"
                           for n in range(3)),
               "and has let go of the terminal")
        second = lab.run("d1", *words, check=False)
        tap.ok(second.returncode == 1 and "another lvsd runs" in second.stderr,
               "where it cannot start it fails and says why", second.stderr)
    finally:
        signal.pidfd_send_signal(process, signal.SIGTERM)
        ended = select.select([process], [], [], 10)[0]
        os.close(process)
    tap.ok(ended and not os.path.exists(node.control), "SIGTERM ends it too")


def managed(tap):
    with Lab("T1", clients=1, servers=2, forward=False) as lab:
        before = host_state(lab)
        node = Node(lab, "NAT")
        node.write(["rs1", "rs2"])
        service_manager(tap, node)
        in_background(tap, node)
        tap.ok(host_state(lab) == before, "the host is as before")


def main():
    taplib.need(ip="iproute2", nginx="nginx-light", curl="curl",
                nft="nftables", ping="iputils-ping", capsh="libcap2-bin",
                unshare="util-linux")
    taplib.enter_private_run()
    tap = taplib.Tap()
    tap.check("NAT, whole", nat, tap)
    tap.check("DR with two workers, whole", direct, tap)
    tap.check("T3: NAT over a long path, whole", long_path, tap)
    tap.check("managed and in the background", managed, tap)
    tap.done()


main()
