#!/usr/bin/python3
# Enumerators are part of the ABI: each has a written value, and none ever
# changes. The record is enumerators.txt; `make abi-update` adds new ones.

import os
import sys

import headers
from common import TOP, Tap, read

RECORD = f"{TOP}/tests/contract/enumerators.txt"

# Counts of a list grow with it.
COUNTS = {"LVS_REASONS", "LVS_STATES"}


def recorded():
    if not os.path.exists(RECORD):
        return {}
    lines = (line.split() for line in read(RECORD).splitlines())
    return {name: int(value) for name, value in lines}


def update(now, before):
    """Keeps every recorded value; adds what is new."""
    both = {**now, **before}
    for name in COUNTS & now.keys():
        both[name] = now[name]
    with open(RECORD, "w", encoding="utf-8") as file:
        for name in sorted(both):
            file.write(f"{name} {both[name]}\n")


def main():
    now, before = dict(headers.enumerators()), recorded()
    if sys.argv[1:] == ["--update"]:
        return update(now, before)
    tap = Tap()
    for name, value in now.items():
        if value is None:
            tap.ok(False, f"{name} has a written value")
        elif name not in before:
            tap.ok(False, f"{name} is recorded", "run: make abi-update")
        elif name not in COUNTS:
            tap.ok(value == before[name], f"{name} is {before[name]}",
                   f"it is {value}")
    for name in before.keys() - now.keys():
        tap.ok(False, f"{name} is still there")
    tap.ok(len(now) == len(headers.enumerators()), "no name is there twice")
    return tap.done()


main()
