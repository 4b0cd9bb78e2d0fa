# What the contract tests share: where things are, how to run a tool.

import glob
import os
import shutil
import subprocess
import sys
import tempfile

TOP = os.environ.get("top_srcdir") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("top_builddir") or TOP
CC = os.environ.get("CC") or "gcc"

sys.path.insert(0, f"{TOP}/tests/lab")
from tap import Tap, need, skip_all  # noqa: E402,F401


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def run(*words, **options):
    """Runs a tool, bounded; its output is in .stdout, errors included."""
    options.setdefault("timeout", 120)
    return subprocess.run([str(word) for word in words], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **options)


def output(*words, **options):
    """What a tool prints; it has to succeed."""
    done = run(*words, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, words))}: "
                           f"status {done.returncode}\n{done.stdout}")
    return done.stdout


def have(program):
    return shutil.which(program) is not None


def libraries():
    """The shared libraries of this build, by name."""
    found = {}
    for name in ("liblvs", "liblvs-director"):
        files = glob.glob(f"{BUILD}/.libs/{name}.so.?.?.?")
        if files:
            found[name] = files[0]
    return found


def archives():
    return {name: path for name in ("liblvs", "liblvs-director")
            for path in [f"{BUILD}/.libs/{name}.a"] if os.path.exists(path)}


def map_nodes(library):
    """A version script's nodes: node to set of names."""
    nodes, node = {}, None
    for line in read(f"{TOP}/lib/{library}.map").splitlines():
        word = line.strip()
        if word.endswith("{"):
            node = word.split()[0]
            nodes[node] = set()
        elif word.endswith(";") and word.startswith("lvs"):
            nodes[node].add(word[:-1])
    return nodes


def scratch():
    """A folder that goes away with the test."""
    return tempfile.TemporaryDirectory(prefix="lvs-contract-")
