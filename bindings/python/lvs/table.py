"""The connection table alone: affinity and timeouts for a proxy."""

from collections import namedtuple

from ._library import (check, clock, endpoint, endpoint_text, ffi, lib, made,
                       text)

Flow = namedtuple("Flow", "conn protocol client virtual dest state active "
                  "expires packets")


def _fill(flow, name, where, port_name):
    addr, port = endpoint(where)
    ffi.memmove(getattr(flow, name), addr.bytes, 16)
    setattr(flow, port_name, port)
    return addr.family


def _where(flow, family, raw, port):
    addr = ffi.new("struct lvs_addr *", {"family": family})
    ffi.memmove(addr.bytes, raw, 16)
    return endpoint_text(addr, port)


def _flow(flow):
    return Flow(flow.conn, flow.protocol,
                _where(flow, flow.family, flow.client, flow.client_port),
                _where(flow, flow.family, flow.virtual_addr,
                       flow.virtual_port),
                _where(flow, flow.family, flow.dest, flow.dest_port),
                text(lib.lvs_state_name(flow.state)), bool(flow.active),
                flow.expires, flow.packets)


class Table:
    """At most `size` connections; memory is reserved here and never after."""

    def __init__(self, size=65536):
        self._c = made("lvs_table", lib.lvs_table_new, lib.lvs_table_free,
                       size, 0)

    def __len__(self):
        return lib.lvs_table_count(self._c)

    def add(self, client, virtual, dest, protocol=None, method=None, now=None):
        """Remembers that this client's connection goes to `dest`; a handle."""
        flow = ffi.new("struct lvs_flow *", {
            "protocol": lib.LVS_TCP if protocol is None else protocol,
            "method": lib.LVS_NAT if method is None else method})
        flow.family = _fill(flow, "client", client, "client_port")
        _fill(flow, "virtual_addr", virtual, "virtual_port")
        _fill(flow, "dest", dest, "dest_port")
        conn = ffi.new("uint64_t *")
        check(lib.lvs_table_add(self._c, conn, flow,
                                clock() if now is None else now), client)
        return conn[0]

    def find(self, source, destination, protocol=None, now=None):
        """The Flow that a packet between these two belongs to, or None."""
        now = clock() if now is None else now
        (src, sport), (dst, dport) = endpoint(source), endpoint(destination)
        conn = ffi.new("uint64_t *")
        result = lib.lvs_table_find(
            self._c, conn, ffi.NULL, src, sport, dst, dport,
            lib.LVS_TCP if protocol is None else protocol, now)
        if result == -2:  # ENOENT
            return None
        check(result)
        return self.get(conn[0], now)

    def get(self, conn, now=None):
        """A connection by its handle."""
        flow = ffi.new("struct lvs_flow *")
        check(lib.lvs_table_get(self._c, flow, ffi.sizeof("struct lvs_flow"),
                                conn, clock() if now is None else now))
        return _flow(flow)

    def touch(self, conn, flags=0, from_dest=False, now=None):
        """A packet was seen (TCP flags as bits); the new state's name."""
        state = check(lib.lvs_table_touch(
            self._c, conn, int(from_dest), flags,
            clock() if now is None else now))
        return text(lib.lvs_state_name(state))

    def remove(self, conn):
        check(lib.lvs_table_remove(self._c, conn))

    def expire(self, now=None, budget=1024):
        """Ends what has expired, at most `budget`; how many."""
        return check(lib.lvs_table_expire(
            self._c, clock() if now is None else now, budget))

    def flows(self, now=None):
        """The live connections, in no order."""
        now = clock() if now is None else now
        cursor = ffi.new("uint64_t *")
        flow = ffi.new("struct lvs_flow *")
        while check(lib.lvs_table_next(self._c, cursor, flow,
                                       ffi.sizeof("struct lvs_flow"), now)):
            yield _flow(flow)
