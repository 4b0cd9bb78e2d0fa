# A laboratory in network namespaces: clients, directors, real servers.
#
#   with Lab("T1") as lab:
#       lab.nginx("rs1")
#       print(lab.curl("c1", f"http://{lab.addr('rs1')}/"))
#
# Everything is made inside namespaces named NAME-HOST: bridges too, which live
# in NAME-sw. What runs in a lab is recorded (by pid and start time) in
# /run/lvs-lab/NAME/state.json before it matters, so that `lab down` undoes a
# run that was interrupted. Namespaces are entered by nsenter(1), not by ip(8)
# (`ip netns exec`, `ip -n`): it wants to mount /sys, which a user namespace
# forbids, and / to be a mount point, which it is not in a plain chroot.

import json
import os
import shutil
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import topology  # noqa: E402  (beside this file)
import web  # noqa: E402
from tools import (NETNS, STATE, LabError, born, command,  # noqa: E402
                   end_processes, exit_on_signals, need_programs,
                   need_root, wait_until)

__all__ = ["Lab", "LabError", "born", "command", "exit_on_signals", "names",
           "need_programs", "need_root", "topology", "wait_until"]

SWITCH = "sw"

def names():
    """All labs that exist here, half-made ones too."""
    try:
        return sorted(os.listdir(STATE))
    except OSError:
        return []


class Lab:
    """A topology that exists from up() to down(), or within `with`."""

    def __init__(self, kind="T1", name=None, clients=4, servers=4,
                 method="NAT", forward=True, owned=True):
        """
        `method` NAT: servers answer through the director; DR: the virtual
        address is on their lo and they have a leg to the clients. `forward`:
        the director also routes. `owned`: the lab is this process's and
        `lab down --all` leaves it alone while the process lives.
        """
        if kind not in topology.TOPOLOGIES:
            raise LabError(f"no topology {kind}: T1, T2 or T3")
        if method not in ("NAT", "DR"):
            raise LabError(f"no method {method}: NAT or DR")
        if not 1 <= clients <= 40 or not 1 <= servers <= 40:
            raise LabError("clients and servers: 1 to 40")
        try:
            self.plan = topology.TOPOLOGIES[kind](clients, servers, method,
                                                  forward)
        except ValueError as error:
            raise LabError(str(error)) from None
        self.name = name or f"lvs{os.getpid()}"
        if not self.name.replace("-", "").isalnum() or len(self.name) > 64:
            raise LabError(f"bad name {self.name!r}: letters, digits and -")
        self.settings = {"kind": kind, "clients": clients, "servers": servers,
                         "method": method, "forward": forward}
        self.dir = f"{STATE}/{self.name}"
        self.owner = [os.getpid(), born(os.getpid())] if owned else None
        self.sessions = True	# each process a session: Ctrl-C is ours
        self.begun = False	# the folder is ours to remove
        self.made = []		# namespaces, recorded before they exist
        self.pids = []		# [(pid, start time)]
        self.procs = []
        self.logs = {}
        self.vip, self.vip6 = self.plan.vip, self.plan.vip6

    # ---- making and undoing

    @classmethod
    def load(cls, name):
        """The lab of this name that another process has made."""
        try:
            with open(f"{STATE}/{name}/state.json",
                      encoding="ascii") as file:
                state = json.load(file)
        except FileNotFoundError:
            raise LabError(f"there is no lab {name}") from None
        except (OSError, ValueError) as error:
            raise LabError(f"{STATE}/{name}: {error}") from None
        lab = cls(name=name, owned=False, **state["settings"])
        lab.owner = state["owner"]
        lab.begun = True
        lab.made = state["made"]
        lab.pids = [tuple(pid) for pid in state["pids"]]
        return lab

    def save(self):
        """Records what must be undone; a reader never sees half a file."""
        path = f"{self.dir}/state.json"
        with open(path + ".new", "w", encoding="ascii") as file:
            json.dump({"settings": self.settings, "owner": self.owner,
                       "made": self.made, "pids": self.pids}, file)
        os.rename(path + ".new", path)

    def __enter__(self):
        try:
            return self.up()
        except BaseException:
            self.down()
            raise

    def __exit__(self, *_unused):
        self.down()

    def up(self):
        """Makes all of it. LabError if a lab of this name exists."""
        need_root()
        need_programs(ip="iproute2", nsenter="util-linux")
        try:
            os.mkdir(self.dir, 0o755)
        except FileExistsError:
            raise LabError(f"lab {self.name} is up already") from None
        self.begun = True
        self.save()
        for host in [SWITCH, *self.plan.hosts]:
            self.add_namespace(host)
        self.batch(SWITCH, self.networks())
        for host in self.plan.hosts.values():
            self.add_addresses(host)
        for host in self.plan.hosts:
            self.wait_for_links(host)
        return self

    def add_namespace(self, host):
        if os.path.exists(f"{NETNS}/{self.ns(host)}"):
            raise LabError(f"namespace {self.ns(host)} exists already")
        self.made.append(self.ns(host))
        self.save()
        command(["ip", "netns", "add", self.ns(host)])
        knobs = {"net/ipv6/conf/all/accept_dad": 0,
                 "net/ipv6/conf/default/accept_dad": 0,
                 "net/ipv6/conf/all/disable_ipv6": 0,
                 "net/ipv6/conf/default/disable_ipv6": 0,
                 "net/ipv6/conf/default/accept_ra": 0,
                 "net/ipv4/conf/all/rp_filter": 0,
                 "net/ipv4/conf/default/rp_filter": 0}
        if host != SWITCH:
            plan = self.plan.hosts[host]
            knobs["net/ipv4/ip_forward"] = int(plan.forward)
            knobs["net/ipv6/conf/all/forwarding"] = int(plan.forward)
            if plan.vip_on_lo:
                knobs["net/ipv4/conf/all/arp_ignore"] = 1
                knobs["net/ipv4/conf/all/arp_announce"] = 2
        self.sysctl(host, knobs)
        self.batch(host, ["link set lo up"])

    def networks(self):
        """ip(8) commands, in the switch, that make all legs."""
        ends = {n: [] for n in self.plan.networks}
        for host in self.plan.hosts.values():
            for i, leg in enumerate(host.legs):
                ends[leg.network].append(
                    (f"{host.name}.{leg.network}",
                     f"eth{i} mtu {leg.mtu} netns {self.ns(host.name)}"))
        lines = []
        for n, legs in ends.items():
            if not self.plan.bridged:
                lines.append(f"link add {legs[0][1]} type veth peer name "
                             f"{legs[1][1]}")
                continue
            lines += [f"link add br{n} type bridge forward_delay 0 "
                      "stp_state 0 mcast_snooping 0",
                      f"link set br{n} up"]
            for port, own in legs:
                mtu = own.split()[2]
                lines += [f"link add {port} mtu {mtu} type veth peer name "
                          f"{own}",
                          f"link set {port} master br{n} up"]
        return lines

    def add_addresses(self, host):
        lines = []
        for i, leg in enumerate(host.legs):
            lines += [f"addr add {leg.addr}/24 dev eth{i}",
                      f"addr add {leg.addr6}/64 dev eth{i} nodad"]
            if leg.shared:
                lines += [f"addr add 10.{leg.network}.0.{topology.GATEWAY}/24"
                          f" dev eth{i}",
                          f"addr add fd00:{leg.network}::{topology.GATEWAY}"
                          f"/64 dev eth{i} nodad"]
            lines.append(f"link set eth{i} up")
        for network, (n, x) in host.routes:
            lines += [f"route add 10.{network}.0.0/24 via 10.{n}.0.{x}",
                      f"route add fd00:{network}::/64 via fd00:{n}::{x}"]
        if host.via:
            n, x = host.via
            lines += [f"route add default via 10.{n}.0.{x}",
                      f"route add ::/0 via fd00:{n}::{x}"]
        if host.vip_on_lo:
            lines += [f"addr add {self.vip}/32 dev lo",
                      f"addr add {self.vip6}/128 dev lo nodad"]
        self.batch(host.name, lines)

    def connect(self, host, i, leg):
        """The commands, in the switch, that give a host its eth`i`."""
        own = f"eth{i} mtu {leg.mtu} netns {self.ns(host.name)}"
        if self.plan.bridged:
            port = f"{host.name}.{leg.network}"
            return [f"link add {port} mtu {leg.mtu} type veth peer name {own}",
                    f"link set {port} master br{leg.network} up"]
        far = self.ends.setdefault(leg.network, own)
        if far is own:		# the first end waits for the second
            return []
        return [f"link add {own} type veth peer name {far}"]

    def wait_for_links(self, host):
        """The kernel tells of a carrier up to a second late; till then
        IPv6 does not answer."""
        wait_until(lambda: "NO-CARRIER" not in command(
            self.enter(host, ["ip", "-br", "link"])).stdout, 5)

    def down(self):
        """Ends the processes, the namespaces, the files. Never raises."""
        inside = []
        mine = [ns for ns in self.made if os.path.exists(f"{NETNS}/{ns}")]
        for ns in mine:
            found = subprocess.run(["ip", "netns", "pids", ns], text=True,
                                   capture_output=True, check=False)
            inside += [(int(pid), born(int(pid)))
                       for pid in found.stdout.split()]
        end_processes([p for p in self.pids + inside
                       if p[1] is not None and p[0] != os.getpid()])
        for proc in self.procs:
            proc.wait()
        for ns in mine:
            subprocess.run(["ip", "netns", "delete", ns], check=False)
        if self.begun:
            shutil.rmtree(self.dir, ignore_errors=True)
        self.procs, self.pids, self.made = [], [], []

    # ---- hosts

    def ns(self, host):
        """The name of a host's network namespace."""
        if host != SWITCH and host not in self.plan.hosts:
            raise LabError(f"no host {host}: {' '.join(self.plan.hosts)}")
        return f"{self.name}-{host}"

    @property
    def hosts(self):
        return list(self.plan.hosts)

    @property
    def clients(self):
        return [name for name in self.plan.hosts if name[0] == "c"]

    @property
    def servers(self):
        return [name for name in self.plan.hosts if name[:2] == "rs"]

    def addr(self, host, leg=0):
        return self.plan.hosts[host].legs[leg].addr

    def addr6(self, host, leg=0):
        return self.plan.hosts[host].legs[leg].addr6

    def batch(self, host, lines):
        """ip(8) commands in a host, in one go."""
        command(self.enter(host, ["ip", "-batch", "-"]),
                input="".join(line + "\n" for line in lines))

    def sysctl(self, host, knobs):
        """Sets {"net/ipv4/ip_forward": 1} and the like in a host."""
        text = "".join(f"echo {value} >/proc/sys/{knob}\n"
                       for knob, value in knobs.items()
                       if os.path.exists(f"/proc/sys/{knob}"))
        command(self.enter(host, ["sh", "-e"]), input=text)

    def enter(self, host, argv):
        """The words that run argv inside a host."""
        return ["nsenter", f"--net={NETNS}/{self.ns(host)}", "--", *argv]

    # ---- running things

    def run(self, host, *argv, check=True, timeout=20, **more):
        """Runs a command in a host to its end: its CompletedProcess."""
        return command(self.enter(host, argv), check=check, timeout=timeout,
                       **more)

    def popen(self, host, argv, **more):
        """Starts a command in a host; down() ends it if it still runs."""
        more.setdefault("stdin", subprocess.DEVNULL)
        proc = subprocess.Popen(self.enter(host, argv),
                                start_new_session=self.sessions, **more)
        self.procs.append(proc)
        self.pids.append((proc.pid, born(proc.pid)))
        self.save()
        return proc

    def stop(self, proc, number=signal.SIGTERM, timeout=5):
        """Ends one that popen() started: its exit status."""
        if proc.poll() is None:
            proc.send_signal(number)
            try:
                proc.wait(timeout)
            except subprocess.TimeoutExpired:
                proc.kill()
                proc.wait()
        return proc.returncode

    def www(self):
        """A folder with files of several sizes, the same on every server."""
        folder = f"{self.dir}/www"
        if not os.path.isdir(folder):
            web.write_files(folder)
        return folder

    def nginx(self, host, port=80, rate="512k", log=False):
        """
        Starts nginx in a host: / tells the host's name (so does the header
        X-Server), /128 to /16m are files, /slow/16m is sent at `rate` bytes
        a second. Returns when it listens. `log`: each request goes to
        self.logs[host], as time client:port status uri bytes completed.
        """
        folder = f"{self.dir}/{host}.{port}"
        os.makedirs(folder, exist_ok=True)
        self.logs[host] = f"{folder}/access.log"
        with open(f"{folder}/nginx.conf", "w", encoding="ascii") as file:
            file.write(web.NGINX.format(
                dir=folder, name=host, port=port, www=self.www(), rate=rate,
                log=f"{folder}/access.log flow" if log else "off"))
        with open(f"{folder}/error.log", "ab") as errors:
            proc = self.popen(host, ["nginx", "-p", folder, "-c",
                                     f"{folder}/nginx.conf"],
                              stdout=errors, stderr=errors)

        def listening():
            if proc.poll() is not None:
                with open(f"{folder}/error.log", encoding="utf-8") as file:
                    raise LabError(f"nginx in {host}: {file.read().strip()}")
            return self.run(host, "ss", "-Hltn", f"sport = :{port}").stdout
        wait_until(listening, 10)
        return proc

    def curl(self, host, url, *words, timeout=10):
        """What curl prints (with --fail); LabError when it fails."""
        return self.run(host, "curl", "-sSf", "--globoff", "-m", str(timeout),
                        *words, url, timeout=timeout + 5).stdout
