"""The C library as cffi sees it, and the few things every class needs."""

import os
import time

import cffi

from ._declarations import TEXT

ffi = cffi.FFI()
ffi.cdef(TEXT)


def _open():
    """LVS_LIBRARY names a file; else the system's loader finds it."""
    path = os.environ.get("LVS_LIBRARY", "liblvs.so.0")
    try:
        return ffi.dlopen(path)
    except OSError as error:
        raise ImportError(f"{error}; set LD_LIBRARY_PATH or LVS_LIBRARY to "
                          "where liblvs is") from None


lib = _open()


class Error(OSError):
    """What the library refused: .errno, and why in words."""

    def __init__(self, result, what=""):
        words = ffi.string(lib.lvs_strerror(result)).decode()
        super().__init__(-result, f"{what}: {words}" if what else words)


def check(result, what=""):
    """A result that is an error becomes an exception."""
    if result < 0:
        raise Error(result, what)
    return result


def text(pointer):
    return None if pointer == ffi.NULL else ffi.string(pointer).decode()


def clock():
    """The time as the library wants it: monotonic milliseconds."""
    return time.monotonic_ns() // 1000000


def made(kind, new, end, *arguments):
    """An object that C made and that ends with its Python twin."""
    out = ffi.new(f"struct {kind} **")
    check(new(out, *arguments), kind)
    return ffi.gc(out[0], end)


def address(where):
    """"192.0.2.1" as struct lvs_addr."""
    addr = ffi.new("struct lvs_addr *")
    check(lib.lvs_addr_parse(addr, str(where).encode()), where)
    return addr


def endpoint(where):
    """"192.0.2.1:80" or "[2001:db8::1]:80" as struct lvs_addr and port."""
    addr, port = ffi.new("struct lvs_addr *"), ffi.new("uint16_t *")
    check(lib.lvs_endpoint_parse(addr, port, str(where).encode()), where)
    return addr, port[0]


def endpoint_text(addr, port):
    room = ffi.new("char[64]")
    check(lib.lvs_endpoint_format(addr, port, room, len(room)))
    return ffi.string(room).decode()
