#!/usr/bin/python3
"""
The monitor alone: tells which servers come up and go down, until Ctrl-C.

    watch.py 10.0.0.1:80 [2001:db8::1]:80
"""

import sys

import lvs


def main(*targets):
    monitor = lvs.Monitor()
    for target in targets:
        monitor.add(target, interval=1000, timeout=1000, retry=500, fall=2,
                    jitter=0)
    while True:
        for event in monitor.wait(seconds=60):
            print(f"{event.target} {event.state}: {event.cause}, "
                  f"{event.latency} ms", flush=True)


if len(sys.argv) < 2:
    sys.exit(__doc__.strip())
try:
    main(*sys.argv[1:])
except lvs.Error as error:
    sys.exit(f"watch: {error}")
except KeyboardInterrupt:
    pass
