#!/usr/bin/python3
"""Benchmarks on the wire: lvsd's raw backend beside what one would use
instead (kernel forwarding, nftables DNAT, HAProxy, nginx stream), in network
namespaces of this machine, all pinned, all ways in turn in every round.

Client (and packet maker) run on CPU 0, the server on CPU 1. A way with a
process of its own is measured with that process on either CPU, in the short
form only on the one that is usually the better; the better median counts.
Kernel ways run where their packets arrive.
"""
import argparse
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, f"{HERE}/../../tests/lab"]
import measures  # noqa: E402
import paths  # noqa: E402
import report  # noqa: E402
from lab import Lab, LabError, exit_on_signals  # noqa: E402

# Where a director's process usually does best (docs/bench.md).
USUAL = {"udp": 1, "requests": 0, "connects": 1, "bulk": 0}


def parse():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=".", metavar="DIR",
                        help="build tree with lvsd and bench/wire (default .)")
    parser.add_argument("--full", action="store_true",
                        help="3 regimes, both CPUs, 5 rounds of 2 s: 20 min "
                        "(else: default offloads, 3 rounds of 1 s: 90 s)")
    parser.add_argument("--rounds", type=int, metavar="N")
    parser.add_argument("--seconds", type=int, metavar="N",
                        help="of each sample")
    parser.add_argument("--regimes", metavar="LIST",
                        help="of " + ",".join(paths.REGIMES))
    parser.add_argument("--measures", metavar="LIST",
                        help="of " + ",".join(measures.ALL))
    parser.add_argument("--paths", metavar="LIST",
                        help="of " + ",".join(p.name for p in paths.ALL))
    parser.add_argument("--json", default="bench-wire.json", metavar="FILE")
    parser.add_argument("--png", default="bench-wire.png", metavar="FILE")
    parser.add_argument("--plot", metavar="JSON",
                        help="only print and plot an earlier run")
    args = parser.parse_args()
    args.rounds = args.rounds or (5 if args.full else 3)
    args.seconds = args.seconds or (2 if args.full else 1)
    args.regimes = choose(parser, args.regimes, list(paths.REGIMES),
                          None if args.full else ["default"])
    args.measures = choose(parser, args.measures, list(measures.ALL))
    args.paths = choose(parser, args.paths, [p.name for p in paths.ALL])
    return args


def choose(parser, text, known, default=None):
    if text is None:
        return default or known
    chosen = text.split(",")
    for word in chosen:
        if word not in known:
            parser.error(f"no {word}: one of {', '.join(known)}")
    return chosen


def sample(field, path, measure, cpu, seconds, samples, failures):
    """One number into samples, or a line into failures."""
    try:
        if cpu is not None:
            path.pin(cpu)
        got = measures.ALL[measure](field, path, seconds)
    except (LabError, ValueError) as error:
        failures.append(f"{path.name}, {measure}: {error}")
        return
    samples.append(dict(got, path=path.name, measure=measure, cpu=cpu))


def run_path(field, path, args, samples, failures):
    try:
        path.start()
        path.answers()
        for measure in args.measures:
            if measure not in path.measures:
                continue
            cpus = [None]
            if path.pinned:
                cpus = [0, 1] if args.full else [USUAL[measure]]
            for cpu in cpus:
                sample(field, path, measure, cpu, args.seconds, samples,
                       failures)
    except LabError as error:
        failures.append(f"{path.name}: {error}")
    finally:
        path.stop()


def favour():
    """All that is measured goes first, equally: what else this machine does
    disturbs less. Sessions compete as wholes (sched_autogroup); so that all
    share this one's rank, popen() must not make new ones."""
    os.nice(-20)
    try:
        with open("/proc/self/autogroup", "w", encoding="ascii") as file:
            file.write("-20")
    except OSError:
        pass


def progress(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def run(args):
    result = {"date": time.strftime("%Y-%m-%d %H:%M:%S"),
              "command": " ".join(["bench/wire/wire.py", *sys.argv[1:]]),
              "machine": report.machine(), "seconds": args.seconds,
              "rounds": args.rounds, "skipped": {}, "failures": [],
              "samples": []}
    with Lab("T0", name=f"wire{os.getpid()}") as lab:
        lab.sessions = False
        field = paths.Field(lab, f"{args.build}/lvsd",
                            f"{args.build}/bench/wire/flood",
                            f"{args.build}/bench/wire/.libs/manyaddr.so")
        ways = []
        for kind in paths.ALL:
            path = kind(field)
            why = path.missing()
            if why:
                result["skipped"][path.name] = why
            elif path.name in args.paths:
                ways.append(path)
        for regime in args.regimes:
            field.set_regime(regime)
            for number in range(args.rounds):
                samples = []
                for path in ways:
                    progress(f"{regime}, round {number + 1} of {args.rounds}, "
                             f"{path.label}")
                    run_path(field, path, args, samples, result["failures"])
                result["samples"] += [dict(s, regime=regime, round=number)
                                      for s in samples]
        progress("")
    return result


def main():
    args = parse()
    exit_on_signals()
    if args.plot:
        with open(args.plot, encoding="utf-8") as file:
            result = json.load(file)
    else:
        os.sched_setaffinity(0, {0, 1})
        favour()
        result = run(args)
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(result, file, indent=1)
    report.show(result)
    why = report.plot(result, args.png)
    print(f"{args.json}; " + (why or args.png) if not args.plot
          else why or args.png)
    sys.exit(1 if result["failures"] else 0)


try:
    main()
except LabError as error:
    sys.exit(f"bench-wire: {error}")
