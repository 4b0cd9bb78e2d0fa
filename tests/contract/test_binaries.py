#!/usr/bin/python3
# The artefacts: what each library links, and that every binary carries the
# hardening of configure.ac.

import glob
import os
import re

from common import BUILD, Tap, libraries, need, output, read

ALLOWED = {
    "liblvs": {"libc", "libmnl", "libnftnl"},
    "liblvs-director": {"libc", "liblvs", "libmnl", "libnftnl", "libjansson",
                        "libev"},
}


def needed(path):
    return {re.sub(r"\.so.*", "", name) for name in
            re.findall(r"NEEDED.*\[(.*)\]", output("readelf", "-dW", path))}


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def programs():
    """The installed and the example programs as libtool left them."""
    found = {}
    for path in glob.glob(f"{BUILD}/examples/*") + glob.glob(
            f"{BUILD}/examples/.libs/*"):
        name = os.path.basename(path)
        if os.path.isfile(path) and os.access(path, os.X_OK) and is_elf(path):
            found[name.removeprefix("lt-")] = path
    return found


def hardened(tap, name, path, program):
    text = output("readelf", "-dWl", path)
    tap.ok("GNU_RELRO" in text and re.search(r"BIND_NOW|\bNOW\b", text),
           f"{name}: relocations are read-only from the start")
    stack = re.search(r"GNU_STACK.*", text)
    tap.ok(stack and "RWE" not in stack[0], f"{name}: no executable stack")
    tap.ok("TEXTREL" not in text, f"{name}: no writable text")
    if program:
        kind = output("readelf", "-hW", path)
        tap.ok(re.search(r"Type:\s+DYN", kind),
               f"{name}: position independent")


def guarded(tap, name, path):
    """Big enough to have buffers: guarded by the compiler and by libc."""
    taken = output("readelf", "-W", "--dyn-syms", path)
    tap.ok("__stack_chk_fail" in taken, f"{name}: stack protector")
    tap.ok(re.search(r"__\w+_chk\b(?!_fail)", taken), f"{name}: fortified")


def compiled(tap):
    """What the compiler may not have known is said by configure."""
    flags = re.search(r"^LVS_CFLAGS = (.*)$", read(f"{BUILD}/Makefile"),
                      flags=re.M)[1]
    for flag in ("-fstack-clash-protection", "-fvisibility=hidden",
                 "-ftrivial-auto-var-init=zero"):
        tap.ok(flag in flags, f"compiled with {flag}")


def main():
    need(readelf="binutils")
    tap = Tap()
    for name, path in libraries().items():
        extra = needed(path) - ALLOWED[name]
        tap.ok(not extra, f"{name} links what it may", " ".join(extra))
        hardened(tap, name, path, False)
        guarded(tap, name, path)
    for name, path in sorted(programs().items()):
        hardened(tap, name, path, True)
    compiled(tap)
    tap.done()


main()
