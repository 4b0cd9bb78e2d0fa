# What is measured. Each function runs a load for some seconds through a path
# that is up and returns a number, more is better. Client on CPU 0, server on
# CPU 1; where the director's own process goes is said by the caller.

import json
import os
import re

from lab import LabError
from paths import HTTP, IPERF, SINK

LABELS = {"udp": ("UDP, 64-byte frames", "kpps", 1e3),
          "requests": ("keep-alive requests", "k/s", 1e3),
          "connects": ("new connections", "k/s", 1e3),
          "bulk": ("bulk TCP, download", "Gbit/s", 1e9)}


def udp(field, path, seconds):
    """Packets a second that reach the server, of as many as can be made."""
    before = field.settle()
    done = field.lab.run("d1", "taskset", "-c", "0", field.flood, "eth0",
                         path.address, str(SINK), str(seconds),
                         timeout=seconds + 10)
    made, took = done.stdout.split()
    arrived = field.settle() - before
    return {"value": arrived / float(took), "made": int(made) / float(took)}


def wrk(field, path, seconds, *words):
    env = dict(os.environ, LD_PRELOAD=field.manyaddr)
    done = field.lab.run(
        "c1", "taskset", "-c", "0", "wrk", "-t1", "-c64", f"-d{seconds}s",
        "--latency", *words, f"http://{path.address}:{HTTP}/128",
        timeout=seconds + 10, env=env).stdout
    rate = re.search(r"Requests/sec:\s*([\d.]+)", done)
    if not rate:
        raise LabError(f"wrk said: {done}")
    slow = re.search(r"99%\s+([\d.]+)(us|ms|s)", done)
    unit = {"us": 1e-6, "ms": 1e-3, "s": 1}
    errors = re.search(r"Socket errors: (.*)", done)
    return {"value": float(rate[1]),
            "p99": float(slow[1]) * unit[slow[2]] if slow else None,
            "errors": errors[1] if errors else None}


def requests(field, path, seconds):
    """GETs a second of 128 bytes over 64 connections that stay open."""
    return wrk(field, path, seconds)


def connects(field, path, seconds):
    """The same with a connection for every request."""
    return wrk(field, path, seconds, "-H", "Connection: close")


def bulk(field, path, seconds):
    """Bits a second from the server to clients, four streams."""
    lab = field.lab
    server = lab.popen("rs1", ["taskset", "-c", "1", "iperf3", "-s", "-1",
                               "-p", str(IPERF)], stdout=-3, stderr=-3)
    try:
        while not lab.run("rs1", "ss", "-Hltn", f"sport = :{IPERF}").stdout:
            if server.poll() is not None:
                raise LabError("iperf3 -s ended")
        env = dict(os.environ, LD_PRELOAD=field.manyaddr)
        done = lab.run("c1", "taskset", "-c", "0", "iperf3", "-c",
                       path.address, "-p", str(IPERF), "-R", "-P", "4", "-J",
                       "-t", str(seconds), check=False,
                       timeout=seconds + 15, env=env)
    finally:
        lab.stop(server)
    answer = json.loads(done.stdout or "{}")
    if done.returncode != 0 or "error" in answer:
        raise LabError(f"iperf3: {answer.get('error', done.stderr)}")
    return {"value": answer["end"]["sum_received"]["bits_per_second"]}


ALL = {"udp": udp, "requests": requests, "connects": connects, "bulk": bulk}
