#!/usr/bin/python3
# The library's tests once more by an ordinary user (nobody, where root runs
# this) in a user and network namespace of its own: no fact needs more. (raw.py
# does so with its own facts by itself.)

import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "lab"))
import tap as taplib  # noqa: E402

BUILD = os.path.abspath(os.environ.get("top_builddir", "."))
TOP = os.path.abspath(os.environ.get("top_srcdir", os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "..", "..")))
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
          "--inh-caps=-all"]
USER = NOBODY if os.geteuid() == 0 else []
PROGRAMS = ("core", "node", "fault", "fault_node", "refuse", "refuse_node")
SCRIPTS = ("test_host.py", "test_hello.py")


def run(*words, timeout=30, **options):
    return subprocess.run(words, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=timeout, check=False, **options)


def passes(words, folder):
    """A TAP program of which every fact holds."""
    inside = ["unshare", "-Urn", "sh", "-c",
              'ip link set lo up && exec "$@"', "sh"]
    done = run(*USER, *inside, *words, timeout=150, cwd=folder,
               env={**os.environ, "TMPDIR": folder, "LVS_HOST": "",
                    "LVS_PRIVATE_RUN": ""})
    plan = re.search(r"^1\.\.(\d+)", done.stdout, flags=re.M)
    bad = [line for line in done.stdout.splitlines()
           if line.startswith(("not ok", "#"))]
    if done.returncode or not plan or bad:
        raise AssertionError("\n".join(bad) or done.stdout[-2000:])
    if int(plan[1]) == 0:
        raise AssertionError(plan.string[plan.start():])


def main():
    taplib.need(ip="iproute2", unshare="util-linux", setpriv="util-linux")
    if run(*USER, "unshare", "-Urn", "true").returncode:
        taplib.skip_all("needs unprivileged user namespaces: "
                        "sysctl kernel.unprivileged_userns_clone=1")
    if run(*USER, "test", "-x", f"{BUILD}/tests/unit/core").returncode or \
            run(*USER, "test", "-r", __file__).returncode:
        taplib.skip_all("needs a build tree that everyone may read")
    tap = taplib.Tap()
    with tempfile.TemporaryDirectory(prefix="lvs-user-") as folder:
        os.chmod(folder, 0o1777)
        for name in PROGRAMS:
            path = f"{BUILD}/tests/unit/{name}"
            if os.path.exists(path):
                tap.check(f"tests/unit/{name} by an ordinary user", passes,
                          [path], folder)
        for name in SCRIPTS:
            if os.path.exists(f"{BUILD}/lvsd"):
                tap.check(f"tests/net/{name} by an ordinary user", passes,
                          [sys.executable, f"{TOP}/tests/net/{name}"], folder)
    tap.done()


main()
