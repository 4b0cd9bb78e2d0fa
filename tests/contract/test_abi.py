#!/usr/bin/python3
# The ABI of the last release, recorded by abidw in tests/abi, against this
# build's libraries: what was there stays as it was. New functions are fine.
# `make abi-update` records anew (only before a release, and NEWS says why).

import os
import sys

from common import CC, TOP, Tap, libraries, need, output, run, skip_all

RECORDS = f"{TOP}/tests/abi"


def update():
    os.makedirs(RECORDS, exist_ok=True)
    for name, path in libraries().items():
        output("abidw", "--headers-dir", f"{TOP}/include", "--no-corpus-path",
               "--no-comp-dir-path", "--no-show-locs", "--type-id-style",
               "hash", "--drop-private-types", "--drop-undefined-syms",
               "--out-file", f"{RECORDS}/{name}.abi", path)


def compare(tap, name, path):
    record = f"{RECORDS}/{name}.abi"
    if not os.path.exists(record):
        tap.ok(False, f"{name} has a recorded ABI", "run: make abi-update")
        return
    done = run("abidiff", "--headers-dir2", f"{TOP}/include",
               "--drop-private-types", "--no-added-syms", record, path)
    tap.ok(done.returncode == 0, f"{name} keeps its ABI", done.stdout)


def main():
    need(abidw="abigail-tools", abidiff="abigail-tools")
    if "clang" in CC:
        skip_all("the record is gcc's: apt install gcc")
    if sys.argv[1:] == ["--update"]:
        return update()
    tap = Tap()
    for name, path in libraries().items():
        compare(tap, name, path)
    return tap.done()


main()
