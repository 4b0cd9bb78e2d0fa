#!/usr/bin/python3
# The packets do not wait for the control socket: requests through lvsd while
# 60 clients flood it with noise, half lines and real questions. The flood has
# the lowest priority, so that what is measured is lvsd and not the machine.

import os
import random
import selectors
import socket
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "lab"))
import tap as taplib  # noqa: E402
from lab import Lab, wait_until  # noqa: E402

BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
REQUESTS = 2000
CLIENTS = 60

CONF = """\
lvs_backend {{
	type raw
	interface eth0
	interface eth1
	connections 65536
	control {control}
}}
virtual_server {vip} 80 {{
	lvs_sched rr
	lvs_method NAT
	protocol TCP
	real_server {server} 80 {{
	}}
}}
"""

# On one connection; prints the milliseconds that each request took.
ASK = f"""
import http.client, sys, time
http = http.client.HTTPConnection(sys.argv[1], 80, timeout=10)
for i in range({REQUESTS}):
    start = time.perf_counter()
    http.request("GET", "/")
    http.getresponse().read()
    print((time.perf_counter() - start) * 1000)
"""

QUESTIONS = [b'{"version": 1, "request": "list"}\n',
             b'{"version": 1, "request": "conns"}\n',
             b'{"version": 1, "request": "save"}\n',
             b'{"version": 1, "request": "rule", "words": ["-A"]}\n']


def times(lab):
    """(median, 99th percentile) of the requests, ms."""
    done = lab.run("c1", "/usr/bin/python3", "-c", ASK, lab.vip, timeout=60)
    found = sorted(float(line) for line in done.stdout.split())
    assert len(found) == REQUESTS, done.stderr
    return found[len(found) // 2], found[len(found) * 99 // 100]


def piece():
    kind = random.randrange(4)
    if kind == 0:
        return random.randbytes(200)
    if kind == 1:
        return b'{"version": 1, "requ'
    return random.choice(QUESTIONS)


def connect(path):
    client = socket.socket(socket.AF_UNIX)
    client.setblocking(False)
    try:
        client.connect(path)
    except OSError:
        client.close()
        return None
    return client


def flood(path):
    """For ever: in a child of its own. Counts what it sent on stdout."""
    os.nice(19)
    random.seed(1)
    chosen = selectors.DefaultSelector()
    sent = 0
    while True:
        while len(chosen.get_map()) < CLIENTS:
            client = connect(path)
            if client is None:
                break
            chosen.register(client, selectors.EVENT_READ |
                            selectors.EVENT_WRITE)
        for key, events in chosen.select(0.1):
            try:
                if events & selectors.EVENT_READ and not \
                        key.fileobj.recv(65536):
                    raise ConnectionError
                if events & selectors.EVENT_WRITE:
                    sent += key.fileobj.send(piece())
            except BlockingIOError:
                pass
            except OSError:
                chosen.unregister(key.fileobj)
                key.fileobj.close()
        os.pwrite(1, b"%020d" % sent, 0)


class Flood:
    """A child that floods; `sent` is how many bytes so far."""

    def __init__(self, path, count):
        self.count = count
        self.pid = os.fork()
        if self.pid == 0:
            fd = os.open(count, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(fd, 1)
            try:
                flood(path)
            finally:
                os._exit(1)

    def sent(self):
        try:
            with open(self.count, encoding="ascii") as file:
                return int(file.read() or 0)
        except OSError:
            return 0

    def end(self):
        os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


def measure(tap, lab):
    control = f"{lab.dir}/control"
    conf, log = f"{lab.dir}/lvsd.conf", f"{lab.dir}/lvsd.log"
    with open(conf, "w", encoding="ascii") as file:
        file.write(CONF.format(control=control, vip=lab.vip,
                               server=lab.addr("rs1")))
    with open(log, "wb") as file:
        lvsd = lab.popen("d1", [f"{BUILD}/lvsd", "-f", conf], stdout=file,
                         stderr=file)
    wait_until(lambda: os.path.exists(control), 10)
    times(lab)	# warm
    quiet = times(lab)
    child = Flood(control, f"{lab.dir}/flood")
    try:
        wait_until(lambda: child.sent() > 100000, 20)
        before = child.sent()
        start = time.monotonic()
        loud = times(lab)
        rate = (child.sent() - before) / (time.monotonic() - start)
    finally:
        child.end()
    print(f"# median and 99th percentile: {quiet[0]:.2f} and {quiet[1]:.2f}"
          f" ms; under a flood of {rate / 1000:.0f} kB/s {loud[0]:.2f} and "
          f"{loud[1]:.2f} ms", flush=True)
    tap.ok(rate > 1000, "the flood flowed meanwhile", f"{rate} bytes/s")
    tap.ok(loud[0] < 3 * quiet[0] + 1,
           "a flooded control socket does not slow the packets",
           f"{quiet} ms before, {loud} ms under the flood")
    done = lab.run("d1", f"{BUILD}/lvsadm", "--control", control, "-Ln")
    tap.ok(lab.vip in done.stdout, "afterwards it answers", done.stdout)
    lab.stop(lvsd)


def main():
    taplib.need(nginx="nginx-light", ip="iproute2", unshare="util-linux")
    taplib.enter_private_run()
    tap = taplib.Tap()
    with Lab("T1", clients=1, servers=1) as lab:
        lab.nginx("rs1")
        measure(tap, lab)
    tap.done()


main()
