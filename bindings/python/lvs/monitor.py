"""The monitor alone: probes servers, tells up and down."""

import select
from collections import namedtuple

from ._library import check, clock, endpoint, ffi, lib, made, text

Event = namedtuple("Event", "target state cause attempts latency time")

_SETTINGS = ("interval", "timeout", "rise", "fall", "retry", "jitter",
             "start_up")


class Monitor:
    """
    Runs checks. In a loop of one's own: wait for fileno() to be readable or
    deadline(), then dispatch(), then events(); wait() does it all.
    """

    def __init__(self):
        self._c = made("lvs_monitor", lib.lvs_monitor_new,
                       lib.lvs_monitor_free)
        self._checks = {}  # user number to (target, check)
        self._next = 1

    def add(self, target, kind="tcp", now=None, **settings):
        """
        Watches "address:port"; settings in milliseconds and times: interval,
        timeout, rise, fall, retry, jitter, start_up.
        """
        addr, port = endpoint(target)
        out = ffi.new("struct lvs_check **")
        check(lib.lvs_check_new(out, kind.encode()), kind)
        try:
            check(lib.lvs_check_set_target(out[0], addr, port), target)
            for name, value in settings.items():
                if name not in _SETTINGS:
                    raise TypeError(f"a check has no setting {name!r}")
                check(lib.lvs_check_set(
                    out[0], getattr(lib, f"LVS_CHECK_{name.upper()}"),
                    value), name)
            check(lib.lvs_monitor_add_check(
                self._c, out[0], self._next,
                clock() if now is None else now), target)
        except BaseException:
            lib.lvs_check_free(out[0])
            raise
        self._checks[self._next] = (target, out[0])
        self._next += 1
        return self._next - 1

    def remove(self, number):
        """Stops the check that add() gave this number."""
        _, c_check = self._checks.pop(number)
        check(lib.lvs_monitor_remove_check(self._c, c_check))

    def state(self, number):
        """"up", "down" or "unknown"."""
        _, c_check = self._checks[number]
        return text(lib.lvs_check_state_name(lib.lvs_check_state(c_check)))

    def fileno(self):
        return check(lib.lvs_monitor_fd(self._c))

    def deadline(self):
        """Milliseconds on clock(), None for never."""
        when = lib.lvs_monitor_deadline(self._c)
        return None if when == 2**64 - 1 else when

    def dispatch(self, now=None, budget=0):
        return check(lib.lvs_monitor_dispatch(
            self._c, clock() if now is None else now, budget))

    def events(self):
        """What changed, until nothing more waits."""
        event = ffi.new("struct lvs_check_event *")
        while check(lib.lvs_monitor_pop_event(self._c, event,
                                              ffi.sizeof(event[0]))):
            target, _ = self._checks[event.user]
            yield Event(target, text(lib.lvs_check_state_name(event.state)),
                        text(lib.lvs_check_cause_name(event.cause)),
                        event.attempts, event.latency, event.time)

    def wait(self, seconds):
        """One turn of a loop, at most `seconds` long; the events."""
        when = self.deadline()
        if when is not None:
            seconds = max(0, min(seconds, (when - clock()) / 1000))
        select.select([self], [], [], seconds)
        self.dispatch()
        return list(self.events())
