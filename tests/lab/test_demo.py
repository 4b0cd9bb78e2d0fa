#!/usr/bin/python3
# The demo's judge finds what is not as promised (told stories), and the demo
# itself holds (the real thing, as root).

import copy
import io
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import redirect_stdout

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
DEMO = f"{TOP}/examples/demo"
sys.path[:0] = [HERE, DEMO]
import judge  # noqa: E402
import tap as taplib  # noqa: E402
from tools import LabError, need_programs  # noqa: E402


def story():
    """rs2 dies at 10.0 and is taken out at 10.5; all else is well."""
    def one(kind, start, port, server, error=None):
        return {"kind": kind, "start": start, "end": start + 1, "bytes": 1,
                "flow": f"10.1.0.53:{port}", "server": server,
                "error": error}
    return {
        "servers": ("rs1", "rs2", "rs3"), "killed": ("rs2", 10.0),
        "down": 10.5, "allowed": 4.0, "drained": "rs3", "active": 0,
        "phases": [
            {"title": "calm", "begin": 0, "end": 8, "conns": {},
             "wrk": [{"served": {"rs1": 5}, "errors": 0}]},
            {"title": "storm", "begin": 8, "end": 20, "conns": {},
             "wrk": [{"served": {"rs1": 5}, "errors": 3}]}],
        "told": [one("request", 1, 1, "rs1"), one("download", 2, 2, "rs3"),
                 one("download", 9.5, 3, "rs2", "reset"),
                 one("request", 10.2, 4, None, "refused")],
        "sight": {"resets": {"rs1": 0, "rs2": 4, "rs3": 0, "c1": 2, "c4": 2},
                  "flows": {"10.1.0.53:4": {"rs2"}, "10.1.0.51:9": {"rs2"},
                            "10.1.0.51:8": {"rs2"}, "10.1.0.52:7": {"rs2"}}}}


def judged(change):
    case = copy.deepcopy(story())
    change(case)
    text = io.StringIO()
    with redirect_stdout(text):
        held = judge.verdict(case)
        judge.table(case)
    return held, text.getvalue()


# what goes wrong -> how
LIES = {
    "a failure that another server served":
        lambda c: c["told"][3].update(server="rs1"),
    "a failure that reached no server":
        lambda c: c["sight"]["flows"].pop("10.1.0.53:4"),
    "a failure begun after the server was taken out":
        lambda c: c["told"][3].update(start=10.6),
    "a dead server that nobody noticed": lambda c: c.update(down=None),
    "a dead server noticed too late": lambda c: c.update(down=14.1),
    "a server taken out before it died": lambda c: c.update(down=9.9),
    "a download broken on another server":
        lambda c: c["told"][1].update(error="cut short"),
    "no whole download at all": lambda c: c["told"].pop(1),
    "a wrk failure in a calm phase":
        lambda c: c["phases"][0]["wrk"][0].update(errors=1),
    "more wrk failures than the dead server had connections":
        lambda c: c["phases"][1]["wrk"][0].update(errors=4),
    "a wrk that did not report":
        lambda c: c["phases"][1]["wrk"][0].update(errors=None),
    "a reset that no server sent":
        lambda c: c["sight"]["resets"].update(c1=3),
    "a reset by a living server":
        lambda c: c["sight"]["resets"].update(rs1=1),
    "a drained server with connections": lambda c: c.update(active=1),
    "a drained server that reset": lambda c: c["sight"]["resets"].update(
        rs3=1),
}


def test_judge(tap):
    held, text = judged(lambda case: None)
    tap.ok(held and "BROKEN" not in text, "the judge accepts a good story",
           text)
    for fact, lie in LIES.items():
        held, text = judged(lie)
        tap.ok(not held and "BROKEN" in text, f"the judge finds {fact}", text)
    line = "unable to connect to 10.1.0.100:80 Connection refused"
    try:
        why = judge.read_wrk(f"\n{line}\n")
    except ValueError as error:
        why = str(error)
    tap.ok(why == line, "a wrk that failed is told in its own words", why)


def test_refusals(tap):
    """What a person is told whose PATH has no folder of root's."""
    run = [sys.executable, f"{DEMO}/run"]
    path = "PATH=/usr/local/bin:/usr/bin:/bin"
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    nobody = nobody if os.geteuid() == 0 else []
    fact = "without root the demo says so in one line"
    if nobody and subprocess.run([*nobody, "test", "-r", run[1]],
                                 check=False).returncode != 0:
        tap.skip(fact, "the tree is closed to other users")
    else:
        done = subprocess.run([*nobody, "env", path, *run], text=True,
                              capture_output=True, check=False, timeout=20)
        tap.ok(done.returncode == 1 and re.fullmatch(
            "demo: this needs root: .*\n", done.stderr), fact, done.stderr)
    try:
        need_programs(sh="dash", nonesuch="none-such")
        why = "nothing"
    except LabError as error:
        why = str(error)
    tap.ok(why == "nonesuch is not installed: apt install none-such",
           "a missing program is named with its package", why)


def test_demo(tap):
    build = os.environ.get("top_builddir", f"{TOP}/build")
    facts = ("the demo holds", "... within a minute",
             "... and is readable on 80 columns",
             "Ctrl-C is answered, and nothing is left")
    why = None
    if os.geteuid() != 0 or not os.access(f"{build}/lvsd", os.X_OK):
        why = "needs root, and lvsd built"
    for program, package in (("wrk", "wrk"), ("nginx", "nginx-light"),
                             ("nft", "nftables"), ("ip", "iproute2")):
        if not shutil.which(program):
            why = f"needs {program}: apt install {package}"
    if why:
        for fact in facts:
            tap.skip(fact, why)
        return
    done = subprocess.run([sys.executable, f"{DEMO}/run", "--build", build],
                          capture_output=True, text=True, check=False,
                          timeout=120)
    tap.ok(done.returncode == 0, facts[0], done.stdout + done.stderr)
    took = re.search(r"in (\d+) s\.$", done.stdout)
    tap.ok(took and int(took[1]) < 60, facts[1], took and took[0])
    wide = [line for line in done.stdout.split("\n") if len(line) > 80]
    tap.ok(not wide, facts[2], "\n".join(wide))
    interrupted(tap, facts[3], build)


def interrupted(tap, fact, build):
    """SIGINT in the first phase, and another while it cleans up."""
    proc = subprocess.Popen(
        [sys.executable, f"{DEMO}/run", "--build", build], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for line in proc.stdout:
        if line.startswith("1. "):
            break
    proc.send_signal(signal.SIGINT)
    told = proc.stderr.readline() + proc.stderr.readline()
    proc.send_signal(signal.SIGINT)
    rest = proc.communicate(timeout=30)[1]
    left = [name for name in os.listdir("/run/netns")
            if name.startswith(f"demo{proc.pid}-")]
    tap.ok(told == "\ninterrupted: cleaning up\n" and not rest and not left
           and proc.returncode == 130, fact,
           f"{proc.returncode} {told}{rest} {left}")


def main():
    tap = taplib.Tap()
    test_judge(tap)
    test_refusals(tap)
    test_demo(tap)
    tap.done()


main()
