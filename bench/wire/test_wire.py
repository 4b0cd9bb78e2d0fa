#!/usr/bin/python3
# The benchmark's own honesty: its arithmetic on told samples, and that the
# packets which its generator makes are real ones.

import io
import os
import re
import socket
import sys
import tempfile
import time
from contextlib import redirect_stdout

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, f"{HERE}/../../tests/lab"]
import paths  # noqa: E402
import report  # noqa: E402
import tap as taplib  # noqa: E402
from lab import Lab, LabError, need_root, wait_until  # noqa: E402


def told(haproxy, lvsd0, lvsd1):
    """A run: requests a second by round, of HAProxy and lvsd on two CPUs."""
    samples = []
    for path, cpu, values in (("haproxy", 0, haproxy), ("lvsd-nat", 0, lvsd0),
                              ("lvsd-nat", 1, lvsd1)):
        samples += [{"regime": "default", "measure": "requests",
                     "path": path, "cpu": cpu, "round": i, "value": value}
                    for i, value in enumerate(values)]
    return {"samples": samples, "skipped": {"stream": "needs it"},
            "failures": ["lvsd-dr: no"], "date": "today",
            "machine": {"cpu": "a", "kernel": "b"}}


def test_report(tap):
    # the machine is twice as slow in the second round: no ratio changes
    run = told([100, 50, 100], [150, 75, 150], [110, 55, 110])
    tap.ok(report.ratio(run, "default", "lvsd-nat", "requests") ==
           (1.5, 1.5, 1.5), "a ratio pairs what was measured in one round")
    values, cpu = report.series(run, "default", "lvsd-nat", "requests")
    tap.ok(cpu == 0 and values[0] == 150, "the better CPU counts")
    text = io.StringIO()
    with redirect_stdout(text):
        report.show(run)
    text = text.getvalue()
    tap.ok("aim 1.4: reached" in text, "an aim that was reached is said", text)
    tap.ok("nginx stream: needs it" in text and "lvsd-dr: no" in text,
           "what was not measured, and what failed, is said", text)
    tap.ok(all(len(line) <= 80 for line in text.split("\n")),
           "the table fits 80 columns", text)
    text = io.StringIO()
    with redirect_stdout(text):
        report.show(told([100], [139], [1]))
    tap.ok("aim 1.4: NOT reached" in text.getvalue(),
           "an aim that was missed is said", text.getvalue())
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        why = report.plot(run, file.name)
        if why:
            tap.skip("a picture is drawn", why)
        else:
            tap.ok(file.read(4) == b"\x89PNG", "a picture is drawn")


def counters(lab, host):
    text = lab.run(host, "cat", "/proc/net/snmp").stdout
    rows = re.findall(r"^Udp: (.*)$", text, re.M)
    return dict(zip(rows[0].split(), map(int, rows[1].split())))


def test_flood(tap):
    fact = "the generator's packets reach a socket, every checksum right"
    build = os.environ.get("top_builddir", ".")
    flood = f"{build}/bench/wire/flood"
    if not os.access(flood, os.X_OK):
        tap.skip(fact, "needs make bench/wire/flood")
        return
    try:
        need_root()
    except LabError as error:
        tap.skip(fact, str(error))
        return
    with Lab("T0") as lab:
        sink = lab.popen("rs1", [
            sys.executable, "-c", "import socket\n"
            f"s = socket.socket(type={int(socket.SOCK_DGRAM)})\n"
            "s.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)\n"  # ...FORCE
            f"s.bind(('', {paths.SINK}))\nwhile True: s.recv(99)"])
        wait_until(lambda: lab.run("rs1", "ss", "-Hlun").stdout)
        lab.run("d1", "sh", "-c", "until ping -c 1 -W 1 "
                f"{lab.addr('rs1')}; do :; done")
        done = lab.run("d1", flood, "eth0", lab.addr("rs1"), str(paths.SINK),
                       "0.05", check=False)
        time.sleep(0.3)		# the socket is read empty
        seen = counters(lab, "rs1")
        lab.stop(sink)
    if done.returncode != 0 and "Operation not permitted" in done.stderr:
        tap.skip(fact, "needs root in the first user namespace")
        return
    made = int(done.stdout.split()[0]) if done.returncode == 0 else 0
    # what the socket had no room for is counted apart
    got = seen["InDatagrams"] + seen["RcvbufErrors"]
    tap.ok(made > 1000 and seen["InCsumErrors"] == 0 and got >= made - 64
           and seen["InDatagrams"] > 1000, fact, f"{done} {seen}")


def main():
    tap = taplib.Tap()
    test_report(tap)
    test_flood(tap)
    tap.done()


main()
