# lvsd in the director's namespace, and lvsadm beside it.

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time

from lab import LabError, wait_until

# How a dead server is found out: checked each second; one more try a second
# later, each may take a second.
DELAY, TIMEOUT, RETRY, PAUSE = 1, 1, 1, 1

CONF = """\
lvs_backend {{
	type raw
	interface eth0
	interface eth1
	workers 1
	control {control}
}}

virtual_server {vip} 80 {{
	delay_loop {delay}
	lvs_sched wlc
	lvs_method NAT
	protocol TCP
{servers}}}
"""

SERVER = """
	real_server {address} 80 {{	# {name}
		weight {weight}
		TCP_CHECK {{
			connect_timeout {timeout}
			retry {retry}
			delay_before_retry {pause}
		}}
	}}
"""


def say(text, bold=False, dim=False):
    """A line, at most 80 columns where it is seen by a person."""
    if sys.stdout.isatty() and (bold or dim):
        text = f"\033[{1 if bold else 2}m{text}\033[0m"
    sys.stdout.write(text + "\n")	# in one piece: threads speak too
    sys.stdout.flush()


class Lines:
    """Reads a stream's lines into a list, in a thread of its own."""

    def __init__(self, stream, into, json_lines=False, show=None):
        self.stream, self.into = stream, into
        self.json_lines, self.show = json_lines, show
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.stream:
            seen = time.monotonic()
            if self.json_lines:
                try:
                    line = dict(json.loads(line), seen=seen)
                except ValueError:
                    continue
            self.into.append(line)
            if self.show:
                self.show(line)


class Director:
    """lvsd: its configuration, its figures, its news."""

    def __init__(self, lab, build, weights):
        self.lab, self.build, self.weights = lab, build, weights
        self.control = f"{lab.dir}/lvsd.control"
        self.conf = f"{lab.dir}/lvsd.conf"
        self.log = f"{lab.dir}/lvsd.log"
        self.events = []
        self.proc = self.news = None
        self.detection = None	# seconds until a dead server is out, at most

    def write(self, servers):
        text = "".join(SERVER.format(
            address=self.lab.addr(s), name=s, weight=self.weights[s],
            timeout=TIMEOUT, retry=RETRY, pause=PAUSE) for s in servers)
        with open(self.conf, "w", encoding="ascii") as file:
            file.write(CONF.format(control=self.control, vip=self.lab.vip,
                                   delay=DELAY, servers=text))

    def start(self, servers):
        self.write(servers)
        told = self.lab.run("d1", f"{self.build}/lvsd", "--check", "-f",
                            self.conf).stdout
        self.detection = float(re.search(
            r"a dead server is taken out within (\S+) s", told)[1])
        with open(self.log, "ab") as log:
            self.proc = self.lab.popen(
                "d1", [f"{self.build}/lvsd", "-f", self.conf], stdout=log,
                stderr=log)

        def up():
            if self.proc.poll() is not None:
                raise LabError(f"lvsd did not start: {self.tail()}")
            return os.path.exists(self.control) and all(
                not d["down"] for d in self.figures()["dests"].values())
        wait_until(up, 10, 0.1)
        self.news = self.lab.popen(
            "d1", self.words("events", "--json"), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        Lines(self.news.stdout, self.events, json_lines=True, show=self.tell)

    def stop(self):
        self.lab.stop(self.news)
        if self.lab.stop(self.proc) != 0:
            raise LabError(f"lvsd ended badly: {self.tail()}")

    def tail(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return " | ".join(file.read().splitlines()[-3:])

    @staticmethod
    def tell(line):
        if "event" in line:
            say(textwrap.fill(f"lvsd: {line['event']['text']}", 80,
                              initial_indent=" " * 8,
                              subsequent_indent=" " * 14))

    def words(self, *words):
        return [f"{self.build}/lvsadm", "--control", self.control, *words]

    def adm(self, *words):
        return self.lab.run("d1", *self.words(*words)).stdout

    def figures(self):
        """{"time", "dests": {server: ...}} as `lvsadm -L --json` has them."""
        by_address = {self.lab.addr(s): s for s in self.lab.servers}
        dests = {}
        for line in self.adm("-L", "-n", "--json").splitlines():
            dest = json.loads(line).get("dest")
            if dest:
                dests[by_address[dest["dest"].rpartition(":")[0]]] = {
                    "weight": dest["weight"], "active": dest["active"],
                    "drain": dest["drain"], "down": dest["down"],
                    "conns": dest["stats"]["conns"],
                    "packets": dest["stats"]["in_packets"]}
        return {"time": time.monotonic(), "dests": dests, "gone": {}}

    def event(self, kind, server):
        """The first event of this kind about a server, or None."""
        dest = f"{self.lab.addr(server)}:80"
        for line in list(self.events):
            event = line.get("event", {})
            if event.get("kind") == kind and event.get("dest") == dest:
                return dict(event, seen=line["seen"])
        return None

    # ---- orders

    def service(self, server):
        return ("-t", f"{self.lab.vip}:80", "-r", f"{self.lab.addr(server)}:80")

    def reload(self, servers):
        """A new configuration by SIGHUP."""
        self.write(servers)
        self.proc.send_signal(signal.SIGHUP)

    def drain(self, server):
        self.adm("drain", *self.service(server))

    def remove(self, server):
        self.adm("-d", *self.service(server))
