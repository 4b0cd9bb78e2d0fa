#!/usr/bin/python3
"""
The backend alone: a UDP echo that the host's own stack never sees. Takes
packets to an endpoint off the interface, swaps who sent and who receives, and
sends them back. Needs CAP_NET_RAW and CAP_NET_ADMIN.

    sudo bounce.py eth0 192.0.2.1:7
"""

import ipaddress
import select
import sys

import lvs


def turn(packet):
    """Swaps addresses and ports: the sums stay right. Where it goes now."""
    if packet[0] >> 4 == 4:
        at, size, ports = 12, 4, (packet[0] & 15) * 4
    else:
        at, size, ports = 8, 16, 40
    source = bytes(packet[at:at + size])
    packet[at:at + size] = packet[at + size:at + 2 * size]
    packet[at + size:at + 2 * size] = source
    port = bytes(packet[ports:ports + 2])
    packet[ports:ports + 2] = packet[ports + 2:ports + 4]
    packet[ports + 2:ports + 4] = port
    return ipaddress.ip_address(source)


def main(interface, where):
    with lvs.Backend("raw", [interface]) as backend:
        backend.claim([where], lvs.UDP)
        lane = backend.lanes[0]
        print(f"bouncing what comes to udp {where}", flush=True)
        while True:
            select.select([lane, backend], [], [], 1)
            backend.dispatch()
            lane.send([turn(packet) for packet in lane.recv()])


if len(sys.argv) != 3:
    sys.exit(__doc__.strip())
try:
    main(*sys.argv[1:])
except lvs.Error as error:
    sys.exit(f"bounce: {error}")
except KeyboardInterrupt:
    pass
