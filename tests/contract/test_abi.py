#!/usr/bin/python3
# The ABI of the last release, recorded by abidw in tests/abi, against this
# build's libraries: what was there stays as it was. New functions are fine.
# `make abi-update` records anew (only before a release, and NEWS says why).

import os
import re
import sys

import headers
from common import CC, TOP, Tap, libraries, need, output, read, run, scratch, \
    skip_all

RECORDS = f"{TOP}/tests/abi"



def private():
    """What is no ABI: what liblvs-director alone may call, and the inside of
    structs that the public headers only name. (abidw tells private headers
    by their base names, which rooms and public headers share.)"""
    opaque = sorted({name for path in headers.paths()
                     for name in re.findall(r"^struct (\w+);",
                                            headers.plain(read(path)),
                                            flags=re.M)})
    return ("[suppress_function]\nsymbol_name_regexp = ^lvs__\ndrop = yes\n"
            "[suppress_type]\ndrop = yes\n"
            f"name_regexp = ^(lvs__.*|{'|'.join(opaque)})$\n")


def record(path, file):
    """What callers see: no place in the source, no private struct."""
    with open(f"{file}.private", "w", encoding="utf-8") as words:
        words.write(private())
    output("abidw", "--suppressions", f"{file}.private", "--headers-dir", f"{TOP}/include", "--no-corpus-path",
           "--no-comp-dir-path", "--no-show-locs", "--type-id-style", "hash",
           "--drop-private-types", "--drop-undefined-syms", "--out-file", file,
           path)
    os.unlink(f"{file}.private")


def update():
    os.makedirs(RECORDS, exist_ok=True)
    for name, path in libraries().items():
        record(path, f"{RECORDS}/{name}.abi")


def compare(tap, folder, name, path):
    before, now = f"{RECORDS}/{name}.abi", f"{folder}/{name}.abi"
    if not os.path.exists(before):
        tap.ok(False, f"{name} has a recorded ABI", "run: make abi-update")
        return
    record(path, now)
    done = run("abidiff", "--no-added-syms", "--suppressions",
               f"{folder}/private", before, now)
    tap.ok(done.returncode == 0, f"{name} keeps its ABI", done.stdout)


def main():
    need(abidw="abigail-tools", abidiff="abigail-tools")
    if "clang" in CC:
        skip_all("the record is gcc's: apt install gcc")
    if sys.argv[1:] == ["--update"]:
        return update()
    tap = Tap()
    with scratch() as folder:
        with open(f"{folder}/private", "w", encoding="utf-8") as file:
            file.write(private())
        for name, path in libraries().items():
            compare(tap, folder, name, path)
    return tap.done()


main()
