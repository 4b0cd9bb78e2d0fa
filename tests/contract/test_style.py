#!/usr/bin/python3
# The tree's own style: C as .clang-format says, scripts clean under
# shellcheck, Python that compiles, no line with blanks at its end.

import glob
import os
import re

from common import TOP, Tap, need, read, run

FOLDERS = ("include", "lib", "examples", "tests", "bench", "bindings", ".ci")


def files():
    """The tree's sources, without seeds: those may be any bytes."""
    found = [f"{TOP}/bootstrap"]
    for folder in FOLDERS:
        found += glob.glob(f"{TOP}/{folder}/**", recursive=True)
    return sorted(path for path in found if os.path.isfile(path) and
                  not re.search(r"\.(pyc|o|lo|la|so|a|abi|png)$|/\.\w+/|/seeds/",
                                path.removeprefix(f"{TOP}/.ci")))


def runs_by(path, pattern):
    """Whether the first line names such an interpreter."""
    with open(path, "rb") as file:
        return re.match(rb"#!.*\b" + pattern + rb"\b", file.readline())


def python(path):
    """Compiles the text and keeps nothing."""
    compile(read(path), path, "exec")


def judge(tap, path):
    name = os.path.relpath(path, TOP)
    if path.endswith((".c", ".h")):
        done = run("clang-format", "--dry-run", "-Werror", path)
        tap.ok(done.returncode == 0, f"{name} is formatted", done.stdout[:800])
    elif runs_by(path, b"(ba|da)?sh") or path.endswith(".sh"):
        done = run("shellcheck", "-x", "-P", os.path.dirname(path), path)
        tap.ok(done.returncode == 0, f"{name}: shellcheck has nothing to say",
               done.stdout)
    elif runs_by(path, b"python3") or path.endswith(".py"):
        tap.check(f"{name} compiles", python, path)


def main():
    need(shellcheck="shellcheck", **{"clang-format": "clang-format"})
    tap = Tap()
    for path in files():
        judge(tap, path)
    bad = [os.path.relpath(path, TOP) for path in files()
           if re.search(r"[ \t]+$", read(path), flags=re.M)]
    tap.ok(not bad, "no line ends in blanks", " ".join(bad))
    tap.done()


main()
