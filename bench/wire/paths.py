# The ways from clients to servers that are compared. Each has start() and
# stop(); between them its address answers on the ports of the measures.
#
# All balance over the same four destinations (four addresses of one host, one
# nginx), so all do the same job.

import os
import subprocess
import time

from lab import LabError, command, wait_until

VIP = "10.1.0.100"	# held by the director
VIP_DR = "10.1.0.101"	# held by the director and, on lo, by the server
DESTS = [f"10.2.0.{i}" for i in (11, 12, 13, 14)]
HTTP, IPERF, SINK = 80, 5201, 9
CLIENTS = "10.64.0.0/16"

NFT = """\
table ip balance {{
	chain in {{
		type nat hook prerouting priority dstnat
		ip daddr {vip} meta l4proto {{ tcp, udp }} dnat to \\
			jhash ip saddr . th sport mod 4 map {{ {map} }}
	}}
}}
"""

HAPROXY = """\
global
	maxconn 4000
	nbthread 1
defaults
	mode tcp
	maxconn 4000
	timeout connect 5s
	timeout client 30s
	timeout server 30s
{ports}"""

HAPROXY_PORT = """\
listen p{port}
	bind {vip}:{port} backlog 4096
	balance leastconn
{servers}"""

STREAM = """\
load_module {module};
user root;
daemon off;
master_process off;
worker_rlimit_nofile 16384;
pid {dir}/nginx.pid;
error_log {dir}/error.log;
events {{ worker_connections 8000; }}
stream {{
	tcp_nodelay on;
{ports}}}
"""

STREAM_PORT = """\
	upstream p{port} {{ least_conn; {servers} }}
	server {{ listen {vip}:{port} backlog=4096; proxy_pass p{port}; }}
"""

LVSD = """\
lvs_backend {{
	type raw
	interface eth0
	interface eth1
	workers 1
	control {control}
}}
{services}"""

LVSD_SERVICE = """\
virtual_server {vip} {port} {{
	lvs_sched {sched}
	lvs_method {method}
	protocol {protocol}
{dests}}}
"""


class Path:
    """One way; `pinned`: it has a process of its own, on either CPU."""

    name = label = ""
    address = VIP
    pinned = False
    measures = ("udp", "requests", "connects", "bulk")

    def __init__(self, field):
        self.field = field
        self.lab = field.lab
        self.proc = None
        self.dir = f"{self.lab.dir}/{self.name}"
        os.makedirs(self.dir, exist_ok=True)

    def missing(self):
        """Why it cannot be measured here, or None."""
        return None

    def start(self):
        pass

    def stop(self):
        if self.proc:
            self.lab.stop(self.proc)
            self.proc = None

    def pin(self, cpu):
        if self.proc:
            command(["taskset", "-acp", str(cpu), str(self.proc.pid)])

    def run(self, *argv):
        """Starts the path's program in the director."""
        log = open(f"{self.dir}/log", "ab")
        self.proc = self.lab.popen("d1", ["taskset", "-c", "1", *argv],
                                   stdout=log, stderr=log)
        log.close()

    def text(self, name, text):
        """A file of the path's own: its name."""
        name = f"{self.dir}/{name}"
        with open(name, "w", encoding="ascii") as file:
            file.write(text)
        return name

    def answers(self):
        """Waits until a page comes through; the log if it never does."""
        def page():
            if self.proc and self.proc.poll() is not None:
                raise LabError(f"{self.name} ended: {self.tail()}")
            return self.lab.run(
                "c1", "curl", "-sf", "-m", "1", "-o", "/dev/null",
                f"http://{self.address}:{HTTP}/128", check=False
            ).returncode == 0
        try:
            wait_until(page, 10)
        except LabError as error:
            raise LabError(f"{self.name}: {error}; {self.tail()}") from None

    def tail(self):
        try:
            with open(f"{self.dir}/log", encoding="utf-8",
                      errors="replace") as file:
                return " | ".join(file.read().splitlines()[-5:])
        except OSError:
            return ""


class Direct(Path):
    name, label, address = "direct", "kernel forwarding", DESTS[0]


class Nft(Path):
    name, label = "nft", "nftables DNAT"

    def start(self):
        pairs = ", ".join(f"{i} : {d}" for i, d in enumerate(DESTS))
        command(self.lab.enter("d1", ["nft", "-f", self.text(
            "rules", NFT.format(vip=VIP, map=pairs))]))

    def stop(self):
        self.lab.run("d1", "nft", "flush", "ruleset")


class Haproxy(Path):
    name, label, pinned = "haproxy", "HAProxy mode tcp", True
    measures = ("requests", "connects", "bulk")

    def start(self):
        ports = "".join(HAPROXY_PORT.format(
            port=port, vip=VIP, servers="".join(
                f"\tserver s{i} {d}:{port}\n" for i, d in enumerate(DESTS)))
            for port in (HTTP, IPERF))
        self.run("haproxy", "-db", "-f",
                 self.text("conf", HAPROXY.format(ports=ports)))


class Stream(Path):
    name, label, pinned = "stream", "nginx stream", True
    measures = ("requests", "connects", "bulk")
    module = "/usr/lib/nginx/modules/ngx_stream_module.so"

    def missing(self):
        if not os.path.exists(self.module):
            return "needs nginx's stream: apt install libnginx-mod-stream"
        return None

    def start(self):
        ports = "".join(STREAM_PORT.format(
            port=port, vip=VIP, servers=" ".join(
                f"server {d}:{port};" for d in DESTS))
            for port in (HTTP, IPERF))
        self.run("nginx", "-p", self.dir, "-c", self.text(
            "conf", STREAM.format(module=self.module, dir=self.dir,
                                  ports=ports)))


class Lvsd(Path):
    name, label, pinned = "lvsd-nat", "lvsd raw, NAT", True
    method = "NAT"

    def missing(self):
        if not os.path.exists(self.field.lvsd):
            return f"there is no {self.field.lvsd}: make"
        return None

    def start(self):
        services = "".join(LVSD_SERVICE.format(
            vip=self.address, port=port, method=self.method,
            sched="rr" if protocol == "UDP" else "wlc", protocol=protocol,
            dests="".join(f"\treal_server {d} {port} {{\n"
                          "\t\tweight 1\n\t}\n" for d in DESTS))
            for port, protocol in ((HTTP, "TCP"), (IPERF, "TCP"),
                                   (SINK, "UDP")))
        self.run(self.field.lvsd, "-f", self.text("conf", LVSD.format(
            control=f"{self.dir}/control", services=services)))


class LvsdDirect(Lvsd):
    name, label, address, method = "lvsd-dr", "lvsd raw, DR", VIP_DR, "DR"

    def start(self):
        self.lab.batch("rs1", [f"rule add from {VIP_DR} lookup 100"])
        super().start()

    def stop(self):
        super().stop()
        self.lab.batch("rs1", [f"rule del from {VIP_DR} lookup 100"])


ALL = (Direct, Nft, Haproxy, Stream, Lvsd, LvsdDirect)

OFFLOADS = "tso gso gro"
REGIMES = {
    "default": ("default offloads (64 KB frames between hosts)",
                {"c1": "on", "d1": "on", "rs1": "on"}, "off"),
    "wire": ("frames of 1500 bytes (tso, gso, gro off everywhere)",
             {"c1": "off", "d1": "off", "rs1": "off"}, "off"),
    "gro": ("1500 bytes, the director merges them (gro on)",
            {"c1": "off", "d1": "on", "rs1": "off"}, "on"),
}


class Field:
    """The lab with many client addresses, four server addresses, a sink."""

    def __init__(self, lab, lvsd, flood, manyaddr):
        self.lab, self.lvsd = lab, lvsd
        self.flood, self.manyaddr = flood, manyaddr
        knobs = {"net/ipv4/ip_local_port_range": "1024 65000",
                 "net/ipv4/tcp_tw_reuse": 1, "net/core/somaxconn": 8192,
                 "net/ipv4/tcp_max_syn_backlog": 8192}
        for host in lab.hosts:
            lab.sysctl(host, knobs)
        lab.sysctl("c1", {"net/ipv4/conf/all/arp_announce": 2})
        lab.sysctl("rs1", {"net/ipv4/conf/all/arp_announce": 2,
                           "net/ipv4/conf/all/arp_ignore": 1})
        lab.batch("c1", [f"route add local {CLIENTS} dev lo"])
        lab.batch("d1", [f"route add {CLIENTS} via {lab.addr('c1')}",
                         f"addr add {VIP}/32 dev eth0",
                         f"addr add {VIP_DR}/32 dev eth0"])
        lab.batch("rs1", [f"addr add {d}/24 dev eth0" for d in DESTS[1:]] + [
            f"addr add {VIP_DR}/32 dev lo",
            f"route add {CLIENTS} via {lab.addr('c1', 1)} table 100",
            f"route add 10.1.0.0/24 via {lab.addr('c1', 1)} table 100"])
        command(lab.enter("rs1", ["nft", "-f", "-"]), input=(
            "table netdev sink {\n\tcounter n { }\n\tchain in {\n"
            "\t\ttype filter hook ingress device eth0 priority 0\n"
            "\t\tmeta l4proto udp counter name n drop\n\t}\n}\n"))
        server = lab.nginx("rs1", port=HTTP)
        command(["taskset", "-acp", "1", str(server.pid)])

    def set_regime(self, regime):
        _, hosts, merge = REGIMES[regime]
        for host, value in hosts.items():
            gro = value if host != "d1" else merge
            for i in range(len(self.lab.plan.hosts[host].legs)):
                self.lab.run(host, "ethtool", "-K", f"eth{i}", "tso", value,
                             "gso", value, "gro",
                             "off" if host != "d1" else gro)

    def sunk(self):
        """UDP packets that reached the server so far."""
        text = self.lab.run("rs1", "nft", "list", "counter", "netdev", "sink",
                            "n").stdout.split()
        return int(text[text.index("packets") + 1])

    def settle(self):
        """Lets what is still on its way arrive."""
        last = -1
        while last != (last := self.sunk()):
            time.sleep(0.02)
        return last


def version(*argv):
    try:
        done = subprocess.run(argv, capture_output=True, text=True,
                              check=False, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return "absent"
    return (done.stdout + done.stderr).strip().split("\n")[0]
