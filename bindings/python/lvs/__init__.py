"""
liblvs for Python: Linux Virtual Server as a library.

    service = lvs.Service("wrr")
    service.add("10.0.0.1:80", weight=3)
    print(service.pick())

Each class works alone: Service picks, Table remembers, Monitor probes,
Backend moves packets. Errors of the library are lvs.Error.
"""

from ._library import Error, clock, ffi, lib
from .backend import Backend, Lane
from .monitor import Event, Monitor
from .service import Dest, Service, schedulers
from .table import Flow, Table

TCP = lib.LVS_TCP
UDP = lib.LVS_UDP


def version():
    """The C library's version."""
    return ffi.string(lib.lvs_version()).decode()


__all__ = ["Backend", "Dest", "Error", "Event", "Flow", "Lane", "Monitor",
           "Service", "TCP", "Table", "UDP", "clock", "schedulers", "version"]
