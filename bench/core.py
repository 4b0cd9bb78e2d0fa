#!/usr/bin/python3
"""The packet core alone: ns and instructions per packet, as a table.

Every row is run several times, in turn with the others, pinned to one CPU, so
that a drift of the machine's speed meets all rows alike. Instructions are
counted by callgrind: the same every time, so they are what CI holds fast
(bench/instructions.txt).

  core.py BINARY [--rounds N] [--json FILE] [--png FILE]    measure
  core.py BINARY --gate FILE                                TAP: no row rose
  core.py BINARY --write FILE                               count anew
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

KINDS = ["nat-v4-hit", "nat-v4-reply", "nat-v4-new", "nat-v6-hit",
         "nat-v6-reply", "nat-v6-new", "dr-v4-hit", "dr-v4-new", "dr-v6-hit"]
FLOWS = [1000, 100000, 1000000]
AIMS = {("nat-v4-hit", 1000): (25, 40), ("nat-v4-hit", 1000000): (50, 70),
        ("nat-v6-hit", 1000): (35, 50), ("nat-v6-hit", 1000000): (60, 80)}
ALLOWED = 1.03
COUNTED = 6400


def last_cpu():
    return str(max(os.sched_getaffinity(0)))


def rows():
    for kind in KINDS:
        if kind.endswith("-new"):
            yield kind, 1000
        else:
            for flows in FLOWS:
                yield kind, flows


def measure_once(binary, kind, flows):
    packets = 200000 if kind.endswith("-new") else 1000000
    out = subprocess.run(
        ["taskset", "-c", last_cpu(), binary, kind, str(flows), str(packets)],
        check=True, capture_output=True, text=True, timeout=120)
    return float(out.stdout)


def instructions(binary, kind):
    """Instructions of the packet path per packet."""
    with tempfile.TemporaryDirectory() as tmp:
        out = os.path.join(tmp, "callgrind.out")
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", "--collect-atstart=no",
             "--toggle-collect=measured*", f"--callgrind-out-file={out}",
             binary, kind, "128", str(COUNTED)],
            capture_output=True, text=True, timeout=300)
        if run.returncode != 0:
            sys.exit(f"core.py: valgrind: {run.stderr.strip()[-500:]}")
        total = int(re.search(r"^(?:summary|totals): (\d+)",
                              open(out).read(), re.M).group(1))
    return total / COUNTED


def table(results):
    print(f"{'row':<14}{'flows':>9}{'ns':>8}{'spread':>14}"
          f"{'to 1st':>8}{'instr':>8}  aim")
    base = results[0]["ns"]
    for r in results:
        aim = AIMS.get((r["row"], r["flows"]))
        word = ""
        if aim:
            word = (f"<= {aim[0]}: reached" if r["ns"] <= aim[0] else
                    f"<= {aim[0]}, at most {aim[1]}: " +
                    ("within" if r["ns"] <= aim[1] else "missed"))
        count = f"{r['instructions']:.0f}" if "instructions" in r else ""
        print(f"{r['row']:<14}{r['flows']:>9}{r['ns']:>8.1f}"
              f"{r['least']:>7.1f}-{r['most']:<6.1f}{r['ns'] / base:>8.2f}"
              f"{count:>8}  {word}")


def plot(results, path):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    labels = [f"{r['row']} {r['flows']:,}" for r in results]
    values = [r["ns"] for r in results]
    errors = [[r["ns"] - r["least"] for r in results],
              [r["most"] - r["ns"] for r in results]]
    colours = ["#4477aa" if "v4" in label else "#cc6677" for label in labels]
    figure, axis = plt.subplots(figsize=(9, 0.32 * len(labels) + 1.2))
    axis.barh(labels, values, xerr=errors, color=colours, height=0.7,
              error_kw={"elinewidth": 1})
    axis.invert_yaxis()
    axis.set_xlabel("ns per packet: median, least and most of the rounds")
    axis.set_title("liblvs: the packet core alone (blue IPv4, red IPv6)")
    axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110)


def measure(args):
    samples = {row: [] for row in rows()}
    for turn in range(args.rounds):
        print(f"core.py: round {turn + 1} of {args.rounds}", file=sys.stderr,
              flush=True)
        for row in samples:
            samples[row].append(measure_once(args.binary, *row))
    counts = {kind: instructions(args.binary, kind) for kind in KINDS}
    results = [{"row": kind, "flows": flows,
                "ns": statistics.median(values), "least": min(values),
                "most": max(values), "instructions": counts[kind]}
               for (kind, flows), values in samples.items()]
    table(results)
    if args.json:
        with open(args.json, "w") as f:
            json.dump({"rounds": args.rounds, "rows": results}, f, indent=1)
    if args.png:
        plot(results, args.png)


def read_counts(path):
    lines = [line.split() for line in open(path)
             if line.strip() and not line.startswith("#")]
    return {name: float(count) for name, count in lines}


def gate(args):
    known = read_counts(args.gate)
    print(f"1..{len(KINDS)}")
    bad = 0
    for i, kind in enumerate(KINDS, 1):
        count = instructions(args.binary, kind)
        limit = known[kind] * ALLOWED
        good = count <= limit
        bad += not good
        print(f"{'ok' if good else 'not ok'} {i} - {kind}: {count:.0f} "
              f"instructions per packet, {known[kind]:.0f} before")
        if count < known[kind] / ALLOWED:
            print(f"# {kind} fell: hold it fast with make bench-count")
        if not good:
            print("# slower on purpose? make bench-count, and NEWS says why")
    return bad


def write(args):
    with open(args.write, "w") as f:
        f.write("# Instructions per packet of the core (callgrind, gcc 12, "
                "-O2, x86-64).\n# A row may rise by 3 %; more needs a line "
                "in NEWS that says why. make bench-count\n")
        for kind in KINDS:
            f.write(f"{kind} {instructions(args.binary, kind):.0f}\n")
    print(open(args.write).read(), end="")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json")
    parser.add_argument("--png")
    parser.add_argument("--gate")
    parser.add_argument("--write")
    args = parser.parse_args()
    if args.gate:
        sys.exit(1 if gate(args) else 0)
    if args.write:
        write(args)
    else:
        measure(args)


main()
