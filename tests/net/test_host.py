#!/usr/bin/python3
# lvsd where something is missing: a kernel without nftables, without IPv6,
# without AF_PACKET, without netlink (a seccomp filter says so), a capability
# less. It says what is missing and leaves the host as it was. And what a
# program that it might start would inherit: nothing.

import ctypes
import os
import platform
import resource
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "lab"))
import tap as taplib  # noqa: E402

BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
LVSD, LVSADM = f"{BUILD}/lvsd", f"{BUILD}/lvsadm"
VIPS = ("192.0.2.77", "2001:db8::77")
NETLINK_ROUTE, NETLINK_NETFILTER = 0, 12
EPERM, EPROTONOSUPPORT, EAFNOSUPPORT = 1, 93, 97
# socket(), by architecture; AUDIT_ARCH_*
SOCKET = {"x86_64": (41, 0xc000003e), "aarch64": (198, 0xc00000b7)}

CONF = """\
lvs_backend {{
	type raw
	interface one
	connections 1024
	control {control}
}}
{services}"""

SERVICE = """\
virtual_server {vip} 80 {{
	lvs_sched rr
	lvs_method NAT
	protocol TCP
	real_server {server} 80 {{
		TCP_CHECK {{
			connect_timeout 1
		}}
	}}
}}
"""


def run(*words, **options):
    return subprocess.run(words, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=30, check=False, **options)


def host_state():
    return "".join(run(*words.split()).stdout for words in (
        "ip addr", "ip route", "ip -6 route", "ip neigh show nud permanent",
        "nft list ruleset"))


# ---- a kernel that lacks something

def op(code, k, yes=0, no=0):
    return struct.pack("=HBBI", code, yes, no, k)


class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]


def lacks(family, error, protocol=None):
    """A function that makes socket(family, *, protocol) fail from now on."""
    number, arch = SOCKET[platform.machine()]
    load, equal, give = 0x20, 0x15, 0x06
    checks = [(4, arch), (0, number), (16, family)]
    if protocol is not None:
        checks.append((32, protocol))
    code = b""
    for i, (at, value) in enumerate(checks):
        left = 2 * (len(checks) - i - 1) + 1
        code += op(load, at) + op(equal, value, 0, left)
    code += op(give, 0x00050000 | error) + op(give, 0x7fff0000)

    def apply():
        libc = ctypes.CDLL(None, use_errno=True)
        room = ctypes.create_string_buffer(code, len(code))
        program = Program(len(code) // 8, ctypes.addressof(room))
        if libc.prctl(38, 1, 0, 0, 0) or \
                libc.prctl(22, 2, ctypes.byref(program), 0, 0):
            os._exit(99)
    return apply


class Node:
    """lvsd and its folder."""

    def __init__(self, folder, vips):
        self.conf, self.control = f"{folder}/conf", f"{folder}/control"
        with open(self.conf, "w", encoding="ascii") as file:
            file.write(CONF.format(
                control=self.control, services="".join(SERVICE.format(
                    vip=vip, server="10.77.0.9" if vip == VIPS[0] else
                    "2001:db8:77::9") for vip in vips)))

    def fails(self, words, prefix=(), **options):
        """It does not start, says why in one line, changes nothing."""
        before = host_state()
        done = run(*prefix, LVSD, "-f", self.conf, **options)
        errors = [line for line in done.stdout.splitlines()
                  if "error: " in line]
        if done.returncode != 1 or len(errors) != 1 or \
                not all(word in errors[0] for word in words):
            raise AssertionError(f"{done.returncode}: {done.stdout}")
        if host_state() != before or os.path.exists(self.control):
            raise AssertionError("something stays: " + host_state())

    def start(self, **options):
        proc = subprocess.Popen([LVSD, "-f", self.conf], text=True,
                                stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, **options)
        for _ in range(200):
            if proc.poll() is not None or run(
                    LVSADM, "--control", self.control, "-Ln").returncode == 0:
                break
            time.sleep(0.05)
        if proc.poll() is not None:
            raise AssertionError(proc.stdout.read())
        return proc


def stop(proc):
    proc.send_signal(signal.SIGTERM)
    text = proc.communicate(timeout=10)[0]
    if proc.returncode != 0:
        raise AssertionError(text)
    return text


def missing_interface(folder):
    """A start and a check say the same, as one error with its place."""
    node = Node(folder, VIPS[:1])
    with open(node.conf, encoding="ascii") as file:
        good = file.read()
    with open(node.conf, "w", encoding="ascii") as file:
        file.write(good.replace("interface one", "interface one eth9"))
    words = [f"error: {node.conf}:3:16: there is no interface eth9 on this "
             "host"]
    node.fails(words)
    check = run(LVSD, "--check", "-f", node.conf)
    if check.returncode != 1 or words[0] not in check.stdout or \
            len(check.stdout.splitlines()) != 1:
        raise AssertionError(f"{check.returncode}: {check.stdout}")
    with open(node.conf, "w", encoding="ascii") as file:
        file.write(good.replace("type raw", "type none").replace(
            "interface one", "interface one eth9"))
    none = run(LVSD, "--check", "-f", node.conf)
    if none.returncode != 0 or "warning: " not in none.stdout:
        raise AssertionError(f"{none.returncode}: {none.stdout}")


def missing_for_control(folder):
    """The control socket's group and folder are errors with their place."""
    node = Node(folder, VIPS[:1])
    with open(node.conf, encoding="ascii") as file:
        good = file.read()
    for old, line, why in (
            ("interface one", "control_group no-such-group",
             "there is no group no-such-group"),
            (f"control {node.control}", "control /nonexistent/folder/control",
             "there is no folder for the control socket "
             "/nonexistent/folder/control")):
        with open(node.conf, "w", encoding="ascii") as file:
            file.write(good.replace(old, line, 1))
        words = [f"error: {node.conf}:", why + " on this host"]
        node.fails(words)
        check = run(LVSD, "--check", "-f", node.conf)
        if check.returncode != 1 or \
                any(word not in check.stdout for word in words) or \
                len(check.stdout.splitlines()) != 1:
            raise AssertionError(f"{check.returncode}: {check.stdout}")


def check_says_right(folder):
    """The last line of --check says so; an empty file is warned of."""
    node = Node(folder, VIPS[:1])
    check = run(LVSD, "--check", "-f", node.conf)
    last = check.stdout.splitlines()[-1]
    if check.returncode != 0 or \
            not last.startswith(f"{node.conf} is right: 1 service, "):
        raise AssertionError(f"{check.returncode}: {check.stdout}")
    with open(node.conf, "w", encoding="ascii"):
        pass
    check = run(LVSD, "--check", "-f", node.conf)
    if check.returncode != 0 or \
            f"warning: {node.conf}: no virtual_server" not in check.stdout or \
            "! control socket /run/lvs/control" not in check.stdout:
        raise AssertionError(f"{check.returncode}: {check.stdout}")


def runs_without_ipv6(folder):
    """Services over IPv4 are served where there is no IPv6."""
    before = host_state()
    node = Node(folder, VIPS[:1])
    proc = node.start(preexec_fn=lacks(socket.AF_INET6, EAFNOSUPPORT))
    listed = run(LVSADM, "--control", node.control, "-Ln").stdout
    text = stop(proc)
    if f"{VIPS[0]}:80" not in listed or host_state() != before:
        raise AssertionError(listed + text)


def a_check_without_ipv6(folder):
    """A check that has no socket proves nothing: nobody goes down."""
    node = Node(folder, VIPS)
    proc = node.start(preexec_fn=lacks(socket.AF_INET6, EAFNOSUPPORT))
    time.sleep(1)
    text = stop(proc)
    if "2001:db8:77::9]:80 down" in text:
        raise AssertionError(text)


def few_descriptors(folder):
    """However many it may have, it starts or says why not, and is gone."""
    node = Node(folder, VIPS)
    before = host_state()
    for most in range(14, 64):
        def limit(most=most):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

        try:
            proc = node.start(preexec_fn=limit)
        except AssertionError:
            node.fails([], preexec_fn=limit)
            continue
        stop(proc)
        if host_state() != before:
            raise AssertionError(host_state())
        return
    raise AssertionError("it does not start with 63")


def inherits(folder):
    """No descriptor of lvsd but 0 to 2 would survive an exec."""
    node = Node(folder, VIPS)
    proc = node.start()
    try:
        kept = []
        for fd in os.listdir(f"/proc/{proc.pid}/fd"):
            with open(f"/proc/{proc.pid}/fdinfo/{fd}",
                      encoding="ascii") as file:
                flags = int(file.read().split("flags:")[1].split()[0], 8)
            if not flags & os.O_CLOEXEC:
                kept.append((int(fd),
                             os.readlink(f"/proc/{proc.pid}/fd/{fd}")))
    finally:
        stop(proc)
    if any(fd > 2 for fd, _ in kept):
        raise AssertionError(kept)


def main():
    taplib.need(ip="iproute2", nft="nftables", capsh="libcap2-bin",
                unshare="util-linux")
    if not os.path.exists(LVSD):
        taplib.skip_all("lvsd was not built: it needs libev and jansson")
    if os.environ.get("LVS_HOST") != str(os.getpid()):
        flags = "-n" if os.geteuid() == 0 else "-Urn"
        if run("unshare", flags, "true").returncode:
            taplib.skip_all("needs root or unprivileged user namespaces")
        os.environ["LVS_HOST"] = str(os.getpid())
        os.execvp("unshare", ["unshare", flags, sys.executable,
                              os.path.abspath(__file__)])
    for words in ("link set lo up", "link add one type veth peer name two",
                  # no addresses that come late
                  "link set one addrgenmode none",
                  "link set two addrgenmode none",
                  "addr add 10.77.0.1/24 dev one",
                  "addr add 2001:db8:77::1/64 dev one nodad",
                  "link set one up", "link set two up"):
        run("ip", *words.split())
    tap = taplib.Tap()
    with tempfile.TemporaryDirectory(prefix="lvs-host-") as folder:
        facts(tap, folder)
    tap.done()


def facts(tap, folder):
    node = Node(folder, VIPS)
    for name in ("cap_net_raw", "cap_net_admin"):
        tap.check(f"without {name.upper()} it names it, and no address stays",
                  node.fails, [name.upper()],
                  ("capsh", f"--drop={name}", "--", "-c", 'exec "$0" "$@"'))
    if platform.machine() in SOCKET:
        for fact, words, what in (
                ("nftables", ["nftables"], (
                    socket.AF_NETLINK, EPROTONOSUPPORT, NETLINK_NETFILTER)),
                ("rtnetlink", ["rtnetlink"], (
                    socket.AF_NETLINK, EPROTONOSUPPORT, NETLINK_ROUTE)),
                ("AF_PACKET", ["packet socket"], (
                    socket.AF_PACKET, EAFNOSUPPORT)),
                ("UNIX sockets", ["control socket"], (
                    socket.AF_UNIX, EAFNOSUPPORT))):
            tap.check(f"without {fact} it says so and leaves the host",
                      lambda words=words, what=what: node.fails(
                          words, preexec_fn=lacks(*what)))
        tap.check("without IPv6 it serves IPv4", runs_without_ipv6, folder)
        tap.check("a check over IPv6 takes nobody down there",
                  a_check_without_ipv6, folder)
    else:
        tap.skip("what a kernel may lack", "filters are for x86_64, aarch64")
    tap.check("an interface that is not there is one error, also of --check",
              missing_interface, folder)
    tap.check("so is what the control socket needs", missing_for_control,
              folder)
    tap.check("--check says what is right, and what is empty",
              check_says_right, folder)
    tap.check("short of descriptors it says so and leaves the host",
              few_descriptors, folder)
    tap.check("an exec would see descriptors 0 to 2 alone", inherits, folder)


if __name__ == "__main__":
    main()
