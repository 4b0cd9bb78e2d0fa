# The Python package against the library: what each class does, and what the
# four examples print. bindings/python/tap.py runs it and counts.

import errno
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

import generate
import lvs
from lvs import _declarations

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.join(HERE, "..", "..")


def example(name, *words, **options):
    return subprocess.run(
        [sys.executable, f"{HERE}/examples/{name}.py", *words],
        text=True, capture_output=True, timeout=30, check=False, **options)


def test_the_declarations_are_the_headers():
    assert _declarations.TEXT.strip() == \
        generate.declarations(f"{TOP}/include").strip()


def test_the_version_is_the_librarys():
    assert lvs.version() == "0.1.0"


def test_rr_takes_turns():
    service = lvs.Service("rr")
    dests = [service.add(f"10.0.0.{i}:80") for i in (1, 2, 3)]
    picked = [service.pick() for _ in range(6)]
    assert picked[:3] == picked[3:]
    assert set(picked) == set(dests)


def test_wrr_goes_by_weight():
    service = lvs.Service("wrr")
    service.add("10.0.0.1:80", 3)
    light = service.add("[2001:db8::1]:80", 1)
    assert [service.pick() for _ in range(8)].count(light) == 2
    assert str(light) == "[2001:db8::1]:80"


def test_wlc_goes_by_what_is_open():
    service = lvs.Service("wlc")
    a, b = service.add("10.0.0.1:80"), service.add("10.0.0.2:80")
    a.opened()
    assert service.pick() == b and a.active == 1
    a.closed()
    with pytest.raises(lvs.Error):
        a.closed()


def test_a_down_dest_is_not_picked():
    service = lvs.Service("rr")
    dest = service.add("10.0.0.1:80")
    dest.down = True
    assert service.pick() is None
    dest.down = False
    assert service.pick() == dest


def test_errors_say_why():
    with pytest.raises(lvs.Error,
                       match="scheduler nonsense of .*wlc") as caught:
        lvs.Service("nonsense")
    assert caught.value.errno == errno.ENOENT
    with pytest.raises(lvs.Error, match="10.0.0.300"):
        lvs.Service("rr").add("10.0.0.300:80")
    service = lvs.Service("rr")
    service.add("10.0.0.1:80")
    with pytest.raises(lvs.Error) as caught:
        service.add("10.0.0.1:80")
    assert caught.value.errno == errno.EEXIST
    with pytest.raises(ValueError, match="weight -1 is not between 0"):
        service.add("10.0.0.2:80", weight=-1)
    with pytest.raises(ValueError, match="weight -1 is not between 0"):
        next(iter(service)).weight = -1
    most = "weight 2147483648 is not between 0 and 2147483647"
    with pytest.raises(ValueError, match=most):
        service.add("10.0.0.2:80", weight=2 ** 31)
    with pytest.raises(ValueError, match=most):
        next(iter(service)).weight = 2 ** 31
    next(iter(service)).weight = 2 ** 31 - 1
    assert str(service.add("10.0.0.9")) == "10.0.0.9:0"


def test_a_table_finds_both_ways_until_the_timeout():
    table = lvs.Table(100)
    conn = table.add("198.51.100.1:1000", "192.0.2.1:80", "10.0.0.1:8080",
                     now=1000)
    there = table.find("198.51.100.1:1000", "192.0.2.1:80", now=1000)
    back = table.find("10.0.0.1:8080", "198.51.100.1:1000", now=1000)
    assert there.conn == back.conn == conn and there.dest == "10.0.0.1:8080"
    assert table.touch(conn, flags=2, now=1000) == "SYN_RECV"
    assert len(table) == 1 and len(list(table.flows(now=1000))) == 1
    later = 10**9
    assert table.find("198.51.100.1:1000", "192.0.2.1:80", now=later) is None
    table.expire(later)
    assert len(table) == 0


def test_a_monitor_sees_a_server_come_and_go():
    monitor = lvs.Monitor()
    listener = socket.create_server(("127.0.0.1", 0))
    target = f"127.0.0.1:{listener.getsockname()[1]}"
    number = monitor.add(target, interval=20, timeout=500, retry=20, rise=1,
                         fall=2, jitter=0)

    def state(wanted):
        end = time.monotonic() + 10
        while time.monotonic() < end:
            for event in monitor.wait(0.1):
                if event.state == wanted:
                    return event
        raise AssertionError(f"never {wanted}")

    assert state("up").target == target
    listener.close()
    assert state("down").cause == "refused"
    assert monitor.state(number) == "down"
    monitor.remove(number)


def test_pick_prints_who_was_picked():
    done = example("pick", "wrr", "20", "10.0.0.1:80=3", "10.0.0.2:80=1")
    assert done.stdout == "10.0.0.1:80 15\n10.0.0.2:80 5\n", done.stderr


def test_pick_names_a_wrong_scheduler():
    done = example("pick", "best", "1", "10.0.0.1:80")
    assert done.returncode == 1 and "best" in done.stderr


def test_affinity_knows_who_came_back():
    client = "198.51.100.1:1000\n"
    done = example("affinity", "192.0.2.1:80", "10.0.0.1:80", "10.0.0.2:80",
                   input=client + "198.51.100.2:1000\n" + client)
    first, second, third = (line.split() for line in done.stdout.splitlines())
    assert first[1] == second[1] == "new" and third[1] == "known"
    assert first[2] == third[2] != second[2]


def test_watch_tells_up_and_down():
    listener = socket.create_server(("127.0.0.1", 0))
    target = f"127.0.0.1:{listener.getsockname()[1]}"
    # who runs us in the background may have told us to ignore Ctrl-C
    old = signal.signal(signal.SIGINT, signal.default_int_handler)
    watch = subprocess.Popen([sys.executable, f"{HERE}/examples/watch.py",
                              target], stdout=subprocess.PIPE, text=True)
    signal.signal(signal.SIGINT, old)
    try:
        assert watch.stdout.readline().startswith(f"{target} up: ok")
        listener.close()
        assert watch.stdout.readline().startswith(f"{target} down: refused")
        watch.send_signal(signal.SIGINT)
        assert watch.wait(10) == 0
    finally:
        watch.kill()
        watch.wait()


def namespaces():
    """The words that start a command as root of its own network, or None."""
    for words in (["unshare", "-n"], ["unshare", "-Urn"]):
        if subprocess.run([*words, "ip", "link", "add", "type", "veth"],
                          capture_output=True, check=False).returncode == 0:
            return words
    return None


BOUNCE = r"""
set -e
ip link set lo up
unshare -n sleep 60 & peer=$!
trap 'kill -9 $peer $bounce 2>/dev/null; wait' EXIT
for i in 1 2 3 4 5 6 7 8 9 10; do
    [ "$(readlink /proc/$peer/ns/net)" != "$(readlink /proc/$$/ns/net)" ] &&
        break
    sleep 0.1
done
ip link add eth0 type veth peer name eth0 netns $peer
ip addr add 10.9.0.1/24 dev eth0
ip link set eth0 up
nsenter -n -t $peer sh -c 'ip addr add 10.9.0.2/24 dev eth0
    ip link set eth0 up'
"$1" "$2" eth0 10.9.0.1:7 & bounce=$!
sleep 1
nsenter -n -t $peer "$1" -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(1)
s.connect(("10.9.0.1", 7))
for attempt in range(8):
    s.send(b"hello %d" % attempt)
    try:
        print(s.recv(100))
        break
    except OSError as error:
        print(error)
'
kill $bounce
"""


@pytest.mark.skipif(namespaces() is None,
                    reason="needs root or unprivileged user namespaces")
def test_bounce_echoes():
    done = subprocess.run(
        ["timeout", "30", *namespaces(), "bash", "-c", BOUNCE, "bounce",
         sys.executable, f"{HERE}/examples/bounce.py"], capture_output=True,
        text=True, timeout=60, check=False)
    assert "b'hello" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0, done.stdout + done.stderr
