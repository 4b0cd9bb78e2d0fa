# What the tests of virtual addresses on the host share.

from rawnet import inside, lanes

NOTICE, WARNING = 5, 4
NEAR, NEAR6 = "10.1.0.99", "fd00:1::99"


def has(addr, where=""):
    return f" {addr}/" in inside("d", "ip", "-o", "addr", *(
        ("show", "dev", where) if where else ()))


def claimed(addr, *words):
    """lanes with these words, and UDP port 7 of the address claimed."""
    program = lanes("1", "16", *words)
    program.claim(f"virtual/udp/{addr}/7")
    return program
