#!/usr/bin/python3
"""The monitor (through examples/watch) against servers made of packets.

A TUN device in a namespace of our own: whatever is sent to 10.9.0.0/16 comes
to this program, which answers as the port says. So a server can be exactly as
slow, mute or rude as a fact needs, and every packet of a check is seen.
"""
import collections
import fcntl
import os
import re
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

TOP = os.environ.get("top_builddir", ".")
WATCH = os.path.join(TOP, "examples", "watch")
BARE = os.path.join(TOP, "tests", "net", "bare")

# what the port of a server says about it
MUTE, REFUSES, NO_HOST, FORBIDDEN, GOOD = 4, 1, 2, 3, 80
SLOW = 10000  # 10000 + n: answers after n milliseconds

facts = 0


def fact(good, text):
    global facts
    facts += 1
    print(f"{'ok' if good else 'not ok'} {facts} - {text}", flush=True)


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def enter():
    """Runs this file again in namespaces that die with it."""
    flags = ["-n", "-p", "-f", "--kill-child", "--mount-proc"]
    if os.geteuid() != 0:
        flags.insert(0, "-r")
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        skip_all("needs unshare and ip: apt install util-linux iproute2")
    if subprocess.run(["unshare", *flags, "true"], capture_output=True,
                      check=False).returncode:
        skip_all("needs namespaces: "
                 "sysctl kernel.unprivileged_userns_clone=1")
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        skip_all("needs /dev/net/tun: modprobe tun")
    os.execvp("timeout", ["timeout", "-k", "5", "150", "unshare", *flags,
                          sys.executable, os.path.abspath(__file__),
                          "inside"])


def ones(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip(source, destination, protocol, payload):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64,
                       protocol, 0, source, destination)
    return (head[:10] + struct.pack("!H", ones(head)) + head[12:] + payload)


def tcp(source, destination, sport, dport, seq, ack, flags):
    head = struct.pack("!HHIIBBHHH", sport, dport, seq, ack, 0x50, flags,
                       65535, 0, 0)
    pseudo = source + destination + struct.pack("!BBH", 0, 6, len(head))
    head = head[:16] + struct.pack("!H", ones(pseudo + head)) + head[18:]
    return ip(source, destination, 6, head)


def icmp(source, destination, code, quoted):
    head = struct.pack("!BBHI", 3, code, 0, 0) + quoted[:28]
    head = head[:2] + struct.pack("!H", ones(head)) + head[4:]
    return ip(source, destination, 1, head)


class Servers(threading.Thread):
    """All servers at once; what they got is in `seen`."""

    def __init__(self):
        super().__init__(daemon=True)
        self.fd = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
        fcntl.ioctl(self.fd, 0x400454ca,  # TUNSETIFF: TUN, no packet info
                    struct.pack("16sH22x", b"servers", 0x1001))
        for words in ("link set lo up", "addr add 10.9.255.1/16 dev servers",
                      "link set servers up"):
            subprocess.run(["ip", *words.split()], check=True)
        self.seen = []
        self.later = []

    def run(self):
        while True:
            left = self.later[0][0] - time.monotonic() if self.later else 1
            if left <= 0:
                os.write(self.fd, self.later.pop(0)[1])
                continue
            if select.select([self.fd], [], [], left)[0]:
                self.take(os.read(self.fd, 2048))

    def take(self, packet):
        if packet[0] != 0x45 or packet[9] != 6:
            return
        client, server = packet[12:16], packet[16:20]
        cport, sport, seq = struct.unpack("!HHI", packet[20:28])
        flags = packet[33]
        now = time.monotonic()
        self.seen.append((now, server, sport, flags, cport))
        if flags != 2:  # only a SYN is answered
            return
        if sport == REFUSES:
            os.write(self.fd, tcp(server, client, sport, cport, 0, seq + 1,
                                  0x14))
        elif sport in (NO_HOST, FORBIDDEN):
            os.write(self.fd, icmp(server, client,
                                   1 if sport == NO_HOST else 13, packet))
        elif sport == GOOD or sport >= SLOW:
            answer = tcp(server, client, sport, cport, 7000, seq + 1, 0x12)
            delay = sport - SLOW if sport >= SLOW else 0
            self.later.append((now + delay / 1000, answer))
            self.later.sort()

    def syns(self, since, until=float("inf")):
        """SYNs by server, first ones only (not retransmissions)."""
        first = {}
        for when, server, port, flags, cport in list(self.seen):
            if flags == 2:
                first.setdefault((server, port, cport), when)
        return collections.Counter(
            key[:2] for key, when in first.items() if since <= when < until)


class Watch:
    """A run of examples/watch; its lines with the time they came."""

    def __init__(self, *words, **more):
        self.lines = []
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen([WATCH, *words], text=True,
                                        stdout=subprocess.PIPE,
                                        stderr=self.errors, **more)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), line.strip()))

    def find(self, pattern):
        return [line for _, line in list(self.lines)
                if re.search(pattern, line)]

    def wait(self, count, seconds):
        end = time.monotonic() + seconds
        while len(self.lines) < count and time.monotonic() < end:
            time.sleep(0.01)
        return len(self.lines) >= count

    def told(self):
        self.errors.seek(0)
        return self.errors.read()

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def end(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()


def causes(servers):
    cases = [(GOOD, "up: ok"), (REFUSES, "down: refused"),
             (NO_HOST, "down: unreachable"),
             (FORBIDDEN, "down: unreachable"), (MUTE, "down: timeout")]
    watch = Watch("-i", "400", "-t", "300", "-f", "2",
                  *[f"10.9.0.1:{port}" for port, _ in cases])
    watch.wait(len(cases), 5)
    for port, want in cases:
        lines = watch.find(f":{port} ")
        fact(len(lines) == 1 and want in lines[0],
             f"port {port}: {want} ({lines})")
    watch.end()
    flags = [f for _, _, port, f, _ in servers.seen if port == GOOD]
    fact(set(flags) == {2, 4} or set(flags) == {2, 20},
         f"a check is a SYN and a reset, no more ({sorted(set(flags))})")


def slow(servers):
    """Answers at 0.9 and 1.1 times the timeout of 2 s."""
    early = [f"10.9.1.{i}:{SLOW + 1800}" for i in range(1, 101)]
    late = [f"10.9.2.{i}:{SLOW + 2200}" for i in range(1, 101)]
    since = time.monotonic()
    watch = Watch("-i", "2000", "-t", "2000", "-f", "1", *early, *late)
    watch.wait(200, 6)
    time.sleep(5)
    watch.end()
    attempts = sum(servers.syns(since).values())
    fact(len(watch.find(r"10\.9\.1\..* up")) == 100 and
         not watch.find(r"10\.9\.1\..* down"),
         "an answer at 0.9 times the timeout is up")
    fact(len(watch.find(r"10\.9\.2\..* down: timeout")) == 100 and
         not watch.find(r"10\.9\.2\..* up"),
         f"one at 1.1 times never is ({attempts} attempts in all)")
    took = [int(re.search(r", (\d+) ms", line)[1])
            for line in watch.find(r"10\.9\.2\.")]
    fact(took and min(took) >= 2000 and max(took) <= 2250,
         f"a timeout comes at the deadline "
         f"({min(took, default=0)} to {max(took, default=0)} ms of 2000)")


def stopped(servers):
    """SIGSTOP, with attempts in flight, then SIGCONT."""
    names = [f"10.9.3.{i}:{SLOW + 100}" for i in range(1, 201)]
    watch = Watch("-i", "1000", "-t", "1000", "-f", "1", *names)
    watch.wait(200, 5)
    time.sleep(1)
    for _ in range(3):
        watch.process.send_signal(signal.SIGSTOP)
        time.sleep(2.5)
        watch.process.send_signal(signal.SIGCONT)
        resumed = time.monotonic()
        time.sleep(1.5)
        burst = servers.syns(resumed, resumed + 0.1)
        soon = servers.syns(resumed, resumed + 0.8)
    watch.end()
    fact(len(watch.lines) == 200 and not watch.find("down"),
         "three stops of 2.5 s take none of 200 down"
         f" ({watch.find('down')[:3]})")
    fact(max(soon.values()) == 1,
         "after a stop each check comes once an interval")
    fact(sum(burst.values()) < 100,
         f"and not all in one moment ({sum(burst.values())} of 200 in the"
         " first 100 ms)")


def descriptors():
    """The last descriptor goes while it runs, and comes back."""
    listener = socket.create_server(("0.0.0.0", 0), backlog=4096)
    port = listener.getsockname()[1]
    names = [f"127.0.0.{i}:{port}" for i in range(1, 21)]
    watch = Watch("-i", "500", "-t", "300", "-f", "1", *names)
    watch.wait(20, 5)
    pid = watch.process.pid
    kept = set.intersection(*(set(os.listdir(f"/proc/{pid}/fd"))
                              for _ in range(200)))
    low = next(n for n in range(1024) if str(n) not in kept)
    old = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (low, old[1]))
    listener.close()  # nobody could be found alive now
    time.sleep(2)
    fact(not watch.find("down"),
         f"without descriptors nobody goes down ({len(watch.lines)} lines)")
    fact("this host" in watch.told(), "and the fault is told as our own")
    resource.prlimit(pid, resource.RLIMIT_NOFILE, old)
    watch.wait(40, 1)
    fact(len(watch.find("down: refused")) == 20,
         "with them the dead are known within an interval")
    watch.end()


def no_route():
    watch = Watch("-i", "300", "-t", "200", "-f", "1", "203.0.113.1:80",
                  "[2001:db8::1]:80")
    time.sleep(2)
    fact(not watch.lines and "this host" in watch.told(),
         "a target without a route is neither up nor down")
    subprocess.run("ip route add 203.0.113.0/24 via 10.9.0.9".split(),
                   check=True)
    watch.wait(1, 2)
    fact(len(watch.find("203.0.113.1:80 up")) == 1,
         "and known once there is one")
    subprocess.run("ip route del 203.0.113.0/24".split(), check=True)
    time.sleep(1.5)
    fact(len(watch.lines) == 1, "without it again it stays what it was")
    watch.end()


def opens():
    """How many connections this namespace began."""
    with open("/proc/self/net/snmp", encoding="ascii") as f:
        names, values = [line.split() for line in f
                         if line.startswith("Tcp:")]
    return int(values[names.index("ActiveOpens")])


def few():
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))


def accept_all(listener):
    """Takes the connections whose handshake ended while we were stopped."""
    while True:
        try:
            listener.accept()[0].close()
        except OSError:
            return


def many():
    """10,000 checks a second, with 1024 descriptors."""
    listener = socket.create_server(("0.0.0.0", 0), backlog=4096)
    threading.Thread(target=accept_all, args=(listener,),
                     daemon=True).start()
    port = listener.getsockname()[1]
    # 10,000 targets: each of 200 addresses fifty times
    names = [f"127.0.0.{1 + i % 200}:{port}" for i in range(10000)]
    ratios, shares = [], []
    watch = Watch("-i", "1000", "-t", "900", "-f", "1", *names,
                  preexec_fn=few)
    watch.wait(10000, 20)
    for _ in range(3):
        watch.process.send_signal(signal.SIGCONT)
        time.sleep(1.5)  # after the stop
        spent, begun, since = watch.cpu(), opens(), time.monotonic()
        time.sleep(3)
        took = time.monotonic() - since
        spent, begun = watch.cpu() - spent, opens() - begun
        watch.process.send_signal(signal.SIGSTOP)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        bare = subprocess.run([BARE, str(port), "10000", "3"],
                              capture_output=True, text=True, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        bare_spent = (after.ru_utime + after.ru_stime -
                      before.ru_utime - before.ru_stime)
        ratios.append(spent / begun / (bare_spent / int(bare.stdout)))
        shares.append(spent / took)
    watch.end()
    listener.close()
    ratio, share = sorted(ratios)[1], sorted(shares)[1]
    fact(len(watch.find("up")) == 10000 and not watch.find("down"),
         f"10,000 checks a second find all up ({len(watch.lines)} changes)")
    fact(share < 0.5, f"they take {share:.0%} of a core (at most 50 %)")
    fact(ratio <= 1.3, f"that is {ratio:.2f} times a bare epoll loop that"
         " does the same connects (at most 1.30)")


def main():
    if sys.argv[1:] != ["inside"]:
        enter()
    print("1..21", flush=True)
    servers = Servers()
    servers.start()
    causes(servers)
    slow(servers)
    stopped(servers)
    descriptors()
    no_route()
    many()


main()
