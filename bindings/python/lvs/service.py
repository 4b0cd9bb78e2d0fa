"""Services, destinations and the choice between them: no packets needed."""

from ._library import (check, clock, endpoint, endpoint_text, ffi, lib, made,
                       text)


def schedulers():
    """The names of all schedulers."""
    names, i = [], 0
    while (name := text(lib.lvs_sched_name(i))) is not None:
        names.append(name)
        i += 1
    return names


MOST_WEIGHT = 2 ** 31 - 1


def number(value, what, most):
    """What C takes as a number; anything else is named here."""
    if not 0 <= value <= most:
        raise ValueError(f"{what} {value} is not between 0 and {most}")
    return value


class Dest:
    """One destination of a service; it lives as long as its service."""

    def __init__(self, service, pointer):
        self._service = service  # keeps the parent alive
        self._c = pointer

    def __eq__(self, other):
        return isinstance(other, Dest) and self._c == other._c

    def __hash__(self):
        return hash(self._c)

    def __str__(self):
        addr, port = ffi.new("struct lvs_addr *"), ffi.new("uint16_t *")
        check(lib.lvs_dest_get_address(self._c, addr, port))
        return endpoint_text(addr, port[0])

    def __repr__(self):
        return f"<lvs.Dest {self} weight {self.weight}>"

    def set(self, option, value):
        check(lib.lvs_dest_set(self._c, option, number(
            value, "value", 2 ** 64 - 1)))

    def get(self, option):
        value = ffi.new("uint64_t *")
        check(lib.lvs_dest_get(self._c, option, value))
        return value[0]

    @property
    def weight(self):
        return self.get(lib.LVS_DEST_WEIGHT)

    @weight.setter
    def weight(self, value):
        self.set(lib.LVS_DEST_WEIGHT, number(value, "weight", MOST_WEIGHT))

    @property
    def down(self):
        """Dead: nothing new is given to it."""
        return bool(self.get(lib.LVS_DEST_DOWN))

    @down.setter
    def down(self, value):
        self.set(lib.LVS_DEST_DOWN, int(value))

    @property
    def active(self):
        """Connections that are open."""
        return self.get(lib.LVS_DEST_ACTIVE)

    def opened(self):
        """A connection began: it counts for lc and wlc."""
        check(lib.lvs_dest_opened(self._c))

    def closed(self):
        """A connection ended."""
        check(lib.lvs_dest_closed(self._c))


class Service:
    """A set of destinations and a scheduler."""

    def __init__(self, sched="wlc"):
        self._c = made("lvs_service", lib.lvs_service_new,
                       lib.lvs_service_free)
        self.sched = sched

    @property
    def sched(self):
        return text(lib.lvs_service_get_sched(self._c))

    @sched.setter
    def sched(self, name):
        check(lib.lvs_service_set_sched(self._c, name.encode()),
              f"scheduler {name} of {', '.join(schedulers())}")

    def add(self, where, weight=1):
        """
        Adds "address:port"; the Dest. Without a port it is 0: enough for a
        choice between servers, not for a balancer.
        """
        addr, port = endpoint(where)
        weight = number(weight, "weight", MOST_WEIGHT)
        out = ffi.new("struct lvs_dest **")
        check(lib.lvs_service_add_dest(self._c, out, addr, port, weight),
              where)
        return Dest(self, out[0])

    def remove(self, dest):
        """Takes a destination out; it must not be used after."""
        check(lib.lvs_service_remove_dest(self._c, dest._c))
        dest._c = ffi.NULL

    def pick(self, client=None, now=None):
        """
        The Dest for a new connection; None if none is usable. `client` is
        "address:port" of who asks, for schedulers that look at it.
        """
        key = ffi.NULL
        if client is not None:
            addr, port = endpoint(client)
            key = ffi.new("struct lvs_key *", {"client": addr[0],
                                               "client_port": port})
        out = ffi.new("struct lvs_dest **")
        result = lib.lvs_service_pick(self._c, out, key,
                                      clock() if now is None else now)
        if result == -2:  # ENOENT: no destination is usable
            return None
        check(result)
        return Dest(self, out[0])

    def __iter__(self):
        """The destinations in the scheduler's order."""
        dest = ffi.NULL
        while (dest := lib.lvs_service_next_dest(self._c, dest)) != ffi.NULL:
            yield Dest(self, dest)
