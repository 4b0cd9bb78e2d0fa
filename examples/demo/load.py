#!/usr/bin/python3
"""A client that remembers: short requests at a steady rate, each over a
connection of its own, and long downloads, several at a time. What becomes of
each is told as one JSON object a line:

  {"kind": "request" or "download", "start": ..., "end": ..., "flow":
   "ADDRESS:PORT", "server": ... or null, "error": ... or null, "bytes": ...}

Times are CLOCK_MONOTONIC seconds. Every connection has a port that no other
one had, so a flow names a connection for ever. A download counts as whole when
its length and SHA-256 are what they should be. SIGUSR1: no new downloads;
SIGTERM: nothing new, downloads that run may end.
"""
import argparse
import asyncio
import hashlib
import itertools
import json
import signal
import socket
import sys
import time

PATIENCE = 5.0		# seconds without any byte
FIRST_PORT = 20000


class Broken(Exception):
    """Why a transfer is not whole."""


class Client:
    """Its settings, its ports, and whether it goes on."""

    def __init__(self, args):
        self.args = args
        self.ports = itertools.count(FIRST_PORT)
        self.requests = self.downloads = True

    def connection(self):
        """A socket bound to a port that was never used before."""
        while True:
            port = next(self.ports)
            if port > 65535:
                raise SystemExit("load: out of ports")
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            sock.setblocking(False)
            try:
                sock.bind((self.args.local, port))
            except OSError:
                sock.close()
                continue
            return sock, f"{self.args.local}:{port}"

    async def transfer(self, kind, path, want=None):
        """One GET; tells what came of it."""
        sock, flow = self.connection()
        told = {"kind": kind, "start": time.monotonic(), "flow": flow,
                "server": None, "error": None, "bytes": 0}
        try:
            await self.get(sock, path, told, want)
        except ConnectionRefusedError:
            told["error"] = "refused"
        except (ConnectionResetError, BrokenPipeError):
            told["error"] = "reset"
        except asyncio.TimeoutError:
            told["error"] = "no answer"
        except (Broken, OSError, ValueError) as error:
            told["error"] = str(error)
        finally:
            sock.close()
        told["end"] = time.monotonic()
        print(json.dumps(told), flush=True)
        return told

    async def get(self, sock, path, told, want):
        loop = asyncio.get_running_loop()
        to = (self.args.address, self.args.port)
        await asyncio.wait_for(loop.sock_connect(sock, to), PATIENCE)
        await loop.sock_sendall(sock, (
            f"GET {path} HTTP/1.1\r\nHost: demo\r\nConnection: close\r\n\r\n"
        ).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += await self.read(loop, sock)
        head, _, body = head.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines)
        told["server"] = fields.get("x-server")
        if status.split()[1] != "200":
            raise Broken(status)
        digest = hashlib.sha256(body)
        told["bytes"] = len(body)
        while told["bytes"] < int(fields["content-length"]):
            piece = await self.read(loop, sock)
            digest.update(piece)
            told["bytes"] += len(piece)
        if want and digest.hexdigest() != want:
            raise Broken("wrong content")

    @staticmethod
    async def read(loop, sock):
        piece = await asyncio.wait_for(loop.sock_recv(sock, 65536), PATIENCE)
        if not piece:
            raise Broken("cut short")
        return piece

    async def ask(self):
        """Requests at a steady rate, whatever becomes of earlier ones."""
        running = set()
        due = time.monotonic()
        while self.requests and self.args.rate:
            running.add(asyncio.create_task(self.transfer("request", "/1k")))
            due = max(due + 1 / self.args.rate, time.monotonic() - 1)
            await asyncio.sleep(max(0, due - time.monotonic()))
            running = {task for task in running if not task.done()}
        await asyncio.gather(*running)

    async def load(self, number):
        """Downloads one after the other; after a broken one, a pause."""
        await asyncio.sleep(number * 0.05)
        while self.downloads:
            told = await self.transfer("download", self.args.path,
                                       self.args.sha256)
            if told["error"]:
                await asyncio.sleep(0.2)

    def stop(self, requests):
        self.downloads = False
        if requests:
            self.requests = False

    async def run(self):
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGUSR1, self.stop, False)
        loop.add_signal_handler(signal.SIGTERM, self.stop, True)
        await asyncio.gather(self.ask(), *(
            self.load(i) for i in range(self.args.downloads)))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("local", help="address to connect from")
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("--rate", type=float, default=0,
                        help="requests a second")
    parser.add_argument("--downloads", type=int, default=0,
                        help="how many at a time")
    parser.add_argument("--path", default="/slow/4m")
    parser.add_argument("--sha256", help="of what --path names")
    try:
        asyncio.run(Client(parser.parse_args()).run())
    except KeyboardInterrupt:
        sys.exit(130)


main()
