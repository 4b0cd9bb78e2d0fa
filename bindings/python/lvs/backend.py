"""The backend alone: IP packets in batches, beside the kernel's own stack."""

from ._library import (Error, address, check, clock, endpoint, ffi, lib, made)

BATCH = 64


class Lane:
    """Receives and sends; belongs to one thread."""

    def __init__(self, backend, pointer):
        self._backend = backend  # keeps the parent alive
        self._c = pointer
        self._packets = ffi.new("struct lvs_packet[]", BATCH)

    def fileno(self):
        return check(lib.lvs_lane_fd(self._c))

    def deadline(self):
        """Milliseconds on clock(), None for never."""
        when = lib.lvs_lane_deadline(self._c)
        return None if when == 2**64 - 1 else when

    def recv(self, now=None):
        """
        The packets that wait, at most 64: writable views of IP packets, good
        until the next recv().
        """
        count = check(lib.lvs_lane_recv(self._c, self._packets, BATCH,
                                        clock() if now is None else now))
        return [memoryview(ffi.buffer(p.data + p.offset, p.length))
                for p in self._packets[0:count]]

    def send(self, next_hops, now=None):
        """
        Sends the packets of the last recv(), each to its next hop (an
        address, or None: it is left out). How many were sent.
        """
        for packet, hop in zip(self._packets, next_hops):
            packet.verdict = lib.LVS_DROP if hop is None else lib.LVS_FORWARD
            if hop is not None:
                packet.next_hop = address(hop)[0]
        return check(lib.lvs_lane_send(self._c, self._packets,
                                       len(next_hops),
                                       clock() if now is None else now))

    def stats(self):
        """The lane's counters as a dict."""
        stats = ffi.new("struct lvs_lane_stats *")
        check(lib.lvs_lane_stats(self._c, stats, ffi.sizeof(stats[0])))
        return {name: getattr(stats, name) for name, _ in
                ffi.typeof("struct lvs_lane_stats").fields}


class Backend:
    """Opened at once; close() gives the host back what was taken."""

    def __init__(self, kind="raw", interfaces=(), **options):
        self._c = made("lvs_backend", lib.lvs_backend_new,
                       lib.lvs_backend_free, kind.encode())
        for name in interfaces:
            check(lib.lvs_backend_add_interface(self._c, name.encode()), name)
        for name, value in options.items():
            option = getattr(lib, f"LVS_BACKEND_{name.upper()}", None)
            if option is None:
                raise TypeError(f"a backend has no option {name!r}")
            check(lib.lvs_backend_set(self._c, option, value), name)
        self._say(lib.lvs_backend_open, self._c)
        self.lanes = self._lanes()

    @staticmethod
    def _say(function, *arguments):
        """Calls with a message buffer; a failure speaks by it."""
        message = ffi.new("char[256]")
        result = function(*arguments, message, len(message))
        if result < 0:
            raise Error(result, ffi.string(message).decode())

    def _lanes(self):
        lanes = []
        while (lane := lib.lvs_backend_lane(self._c, len(lanes))) != ffi.NULL:
            lanes.append(Lane(self, lane))
        return lanes

    def claim(self, endpoints, protocol=None):
        """Takes packets to these "address:port" from the host, and no others."""
        claims = ffi.new("struct lvs_claim[]", len(endpoints))
        for claim, where in zip(claims, endpoints):
            addr, port = endpoint(where)
            claim.kind = lib.LVS_CLAIM_VIRTUAL
            claim.protocol = lib.LVS_TCP if protocol is None else protocol
            claim.addr, claim.port = addr[0], port
        self._say(lib.lvs_backend_claim, self._c, claims, len(endpoints))

    def fileno(self):
        return check(lib.lvs_backend_fd(self._c))

    def dispatch(self, now=None, budget=0):
        return check(lib.lvs_backend_dispatch(
            self._c, clock() if now is None else now, budget))

    def close(self):
        self.lanes = []
        ffi.release(self._c)

    def __enter__(self):
        return self

    def __exit__(self, *_unused):
        self.close()
