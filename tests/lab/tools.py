# What the lab is made with: commands, processes known by more than a pid, and
# a /run to write to.

import ctypes
import os
import shutil
import signal
import subprocess
import time

STATE = "/run/lvs-lab"
NETNS = "/run/netns"
CLONE_NEWNS = 0x00020000
MS_REC_PRIVATE = 0x4000 | 1 << 18


class LabError(Exception):
    """What the lab could not do, in one line."""


def wait_until(fact, timeout=5.0, step=0.02):
    """Waits until fact() is true and returns its value; else LabError."""
    end = time.monotonic() + timeout
    while True:
        value = fact()
        if value:
            return value
        if time.monotonic() > end:
            what = getattr(fact, "__name__", "fact")
            raise LabError(f"not so within {timeout} s: {what}")
        time.sleep(step)


def exit_on_signals():
    """SIGTERM and SIGHUP end a script as Ctrl-C does: through __exit__."""
    def leave(number, _frame):
        raise SystemExit(128 + number)
    signal.signal(signal.SIGTERM, leave)
    signal.signal(signal.SIGHUP, leave)


def born(pid):
    """A process's start time: with the pid it names a process for ever."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii",
                  errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def need_root():
    """
    Makes /run/netns and /run/lvs-lab usable. Root has them. In a user
    namespace /run is not ours: a tmpfs goes over it, in this process's own
    mount namespace unless `unshare -m` has made one.
    """
    if os.geteuid() != 0:
        raise LabError("this needs root: sudo, or unshare -Urnm")
    libc = ctypes.CDLL(None, use_errno=True)

    def usable():
        try:
            os.makedirs(NETNS, mode=0o755, exist_ok=True)
            os.makedirs(STATE, mode=0o755, exist_ok=True)
        except OSError:
            return False
        return os.access(NETNS, os.W_OK) and os.access(STATE, os.W_OK)

    def cover():
        return libc.mount(b"lvs-lab", b"/run", b"tmpfs", 0, None) == 0

    if usable() or (cover() and usable()):
        return
    if libc.unshare(CLONE_NEWNS) == 0:
        libc.mount(None, b"/", None, MS_REC_PRIVATE, None)
        if cover() and usable():
            return
    raise LabError("cannot write /run: use root, or unshare -Urnm")


def need_programs(**programs):
    """
    LabError names what is not installed, and its package: ip="iproute2". A
    person's PATH may lack the folders that sudo adds.
    """
    folders = os.environ.get("PATH", os.defpath).split(":")
    folders += [f for f in ("/usr/sbin", "/sbin") if f not in folders]
    os.environ["PATH"] = ":".join(folders)
    for program, package in programs.items():
        if not shutil.which(program):
            raise LabError(f"{program} is not installed: apt install "
                           f"{package}")


def end_processes(pids, patience=3.0):
    """Ends these (pid, start time): SIGTERM, then SIGKILL."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        alive = [p for p in pids if born(p[0]) == p[1]]
        for pid, _ in alive:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                pass
        end = time.monotonic() + patience
        while alive and time.monotonic() < end:
            alive = [p for p in alive if born(p[0]) == p[1]]
            time.sleep(0.01)
        if not alive:
            return


def command(argv, check=True, timeout=20, **more):
    """Runs words to their end, bounded; LabError says what went wrong."""
    more.setdefault("text", True)
    if "input" not in more:
        more["stdin"] = subprocess.DEVNULL
    try:
        done = subprocess.run(argv, capture_output=True, check=False,
                              timeout=timeout, **more)
    except FileNotFoundError:
        raise LabError(f"{argv[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise LabError(f"no end within {timeout} s: "
                       f"{' '.join(argv)}") from None
    if check and done.returncode != 0:
        why = done.stderr if more["text"] else done.stderr.decode()
        raise LabError(f"{' '.join(argv)}: status {done.returncode}: "
                       f"{why.strip()}")
    return done
