#!/usr/bin/python3
"""
The scheduler alone: picks a server for each of a number of requests.

    pick.py wrr 20 10.0.0.1:80=3 10.0.0.2:80=1
"""

import collections
import sys

import lvs


def main(sched, count, *servers):
    service = lvs.Service(sched)
    for server in servers:
        where, _, weight = server.partition("=")
        service.add(where, int(weight or 1))
    picked = collections.Counter()
    for _ in range(int(count)):
        dest = service.pick()
        if dest is None:
            sys.exit("no server is usable")
        dest.opened()  # lc and wlc choose by what is open
        picked[str(dest)] += 1
    for where, times in sorted(picked.items()):
        print(f"{where} {times}")


if len(sys.argv) < 4:
    sys.exit(__doc__.strip())
try:
    main(*sys.argv[1:])
except (lvs.Error, ValueError) as error:
    sys.exit(f"pick: {error}")
