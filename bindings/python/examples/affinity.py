#!/usr/bin/python3
"""
The table alone: a client that comes back is sent where it was. Reads clients
("address:port", one a line) and says for each which server has it, and
whether it is new.

    printf '198.51.100.1:1000\\n198.51.100.1:1000\\n' |
        affinity.py 192.0.2.1:80 10.0.0.1:80 10.0.0.2:80
"""

import sys

import lvs


def main(virtual, *servers):
    table, service = lvs.Table(1000), lvs.Service("rr")
    for server in servers:
        service.add(server)
    for line in map(str.strip, sys.stdin):
        table.expire()
        flow = table.find(line, virtual)
        if flow is None:
            conn = table.add(line, virtual, service.pick())
            print(f"{line} new {table.get(conn).dest}")
        else:
            table.touch(flow.conn)
            print(f"{line} known {flow.dest}")


if len(sys.argv) < 3:
    sys.exit(__doc__.strip())
try:
    main(*sys.argv[1:])
except lvs.Error as error:
    sys.exit(f"affinity: {error}")
