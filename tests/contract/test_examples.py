#!/usr/bin/python3
# Every example runs and shows what it says: those without a network here, by
# the transcripts in their own opening comments; the others by name in the
# tests that run them. What README tells a reader to type is typed.

import glob
import os
import re
import socket
import subprocess
import sys
import textwrap

from common import BUILD, CC, TOP, Tap, output, read, run, scratch

# Examples that need a network, and the tests that run them.
ELSEWHERE = {
    "hello": "tests/net/test_hello.py", "bounce": "tests/net/raw.py",
    "proxy": "tests/net/proxy.sh", "lvsd": "tests/net/test_lvsd.py",
    "lvsadm": "tests/net/test_lvsd.py",
}


def program(name):
    for path in (f"{BUILD}/examples/{name}", f"{BUILD}/{name}"):
        if os.path.exists(path):
            return path
    return None


def names():
    """Every example with a main()."""
    return sorted(os.path.basename(path)[:-2]
                  for path in glob.glob(f"{TOP}/examples/*.c")
                  if re.search(r"^int main\(", read(path), flags=re.M))


def transcripts(name):
    """(command, output) of each "$ command" in the opening comment."""
    comment = re.match(r"/\*(.*?)\*/", read(f"{TOP}/examples/{name}.c"),
                       flags=re.S)[1]
    lines = [re.sub(r"^ \* ?\t?", "", line) for line in comment.splitlines()]
    found = []
    for line in lines:
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and line.strip() and found[-1][1] is not None:
            found[-1][1].append(line)
        elif found:
            break
    return found


def shows(command, wanted):
    """The output is what the comment shows; "..." there stands for more."""
    words = command.split()
    text = output(program(words[0]), *words[1:], timeout=10)
    pattern = "\n".join(re.escape(line).replace(r"\.\.\.", ".*")
                        for line in wanted)
    if not re.fullmatch(pattern, text.rstrip("\n")):
        raise AssertionError(text)


def affinity():
    done = subprocess.run(
        [program("affinity"), "10.0.0.1:80", "10.0.0.2:80"], text=True,
        input="192.0.2.7:1234 203.0.113.1:80\n"
              "192.0.2.8:1234 203.0.113.1:80\n"
              "192.0.2.7:1234 203.0.113.1:80\n"
              "+1000\n"
              "192.0.2.7:1234 203.0.113.1:80\n",
        capture_output=True, timeout=10, check=True)
    lines = done.stdout.splitlines()
    kinds = [line.split()[0] for line in lines]
    servers = [line.split()[3].rstrip(",") for line in lines[:3]]
    if kinds != ["new", "new", "known", "time", "new", "kept"] or \
            servers[0] == servers[1] or servers[0] != servers[2]:
        raise AssertionError(done.stdout)
    bad = run(program("affinity"))
    if bad.returncode == 0:
        raise AssertionError("no server, and no error")


def watch():
    with socket.socket() as server, socket.socket() as closed:
        for each in (server, closed):
            each.bind(("127.0.0.1", 0))
        server.listen()
        good, bad = (each.getsockname()[1] for each in (server, closed))
        up = run(program("watch"), "-o", f"127.0.0.1:{good}", timeout=10)
        if up.returncode != 0 or "up" not in up.stdout:
            raise AssertionError(up.stdout)
        down = run(program("watch"), "-o", "-f", "1", f"127.0.0.1:{bad}",
                   timeout=10)
        if down.returncode == 0 or "refused" not in down.stdout:
            raise AssertionError(down.stdout)


def refuses(name):
    """An option that it does not know is an error, on stderr, in a line."""
    done = subprocess.run([program(name), "--no-such-option"], text=True,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=10, check=False)
    if done.returncode == 0 or not done.stderr or done.stdout:
        raise AssertionError(f"{done.returncode} {done.stdout}{done.stderr}")


# ---- README

def blocks():
    """The indented blocks of README.md, by their section."""
    found, section = {}, ""
    for part in re.split(r"\n(?=## )", read(f"{TOP}/README.md")):
        section = part.splitlines()[0].lstrip("# ")
        # a blank line belongs to a block if both sides of it do
        found[section] = [textwrap.dedent(block) for block in re.findall(
            r"(?:^    .*\n(?:\n(?=    ))?)+", part + "\n", flags=re.M)]
    return found


def readme_c(folder, code):
    with open(f"{folder}/readme.c", "w", encoding="utf-8") as file:
        file.write(code.split("\ncc ")[0] + "\n")
    output(*CC.split(), "-Wall", f"-I{TOP}/include", f"{folder}/readme.c",
           "-o", f"{folder}/readme", f"-L{BUILD}/.libs", "-llvs",
           f"-Wl,-rpath,{BUILD}/.libs")
    picked = output(f"{folder}/readme").split()
    if sorted(picked) != ["10.0.0.1:80"] * 6 + ["10.0.0.2:80"] * 2:
        raise AssertionError(picked)


def readme_site(folder, text):
    path = f"{folder}/site.conf"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    told = output(program("lvsd"), "--check", "-f", path)
    if "192.0.2.1" not in told or "10.0.0.2" not in told:
        raise AssertionError(told)
    if "\n! tcp 192.0.2.1:80: a dead server is taken out within 9 s\n" \
            not in told:	# as README and the sample count it
        raise AssertionError(told)


def dead_servers(folder):
    """Each service's own worst case; servers that no check asks are counted."""
    path = f"{folder}/times.conf"
    with open(path, "w", encoding="utf-8") as file:
        file.write(textwrap.dedent("""\
            virtual_server 192.0.2.1 53 {
                protocol UDP
                lvs_method NAT
                delay_loop 10
                real_server 10.0.0.1 53 {
                    TCP_CHECK {
                        connect_timeout 0.5
                        retry 2
                        delay_before_retry 0.25
                    }
                    TCP_CHECK {
                        connect_timeout 9
                    }
                }
                real_server 10.0.0.2 53 {
                    TCP_CHECK {
                        connect_timeout 0.25
                        retry 0
                    }
                }
                real_server 10.0.0.3 53 {
                }
                real_server 10.0.0.4 53 {
                    TCP_CHECK {
                        connect_ip 10.9.9.9
                    }
                }
                real_server 10.0.0.5 53 {
                    TCP_CHECK {
                        connect_ip 10.0.0.5
                        connect_port 54
                        connect_timeout 0.25
                        retry 0
                    }
                }
            }
            virtual_server 192.0.2.1 80 {
                lvs_method NAT
                real_server 10.0.0.1 80 {
                }
                real_server 10.0.0.2 80 {
                }
            }
            """))
    told = [line for line in output(program("lvsd"), "--check", "-f",
                                    path).splitlines() if " server" in line
            and line.startswith("! ")]
    wanted = [
        "! udp 192.0.2.1:53: a dead server is taken out within 12 s",
        "! udp 192.0.2.1:53: 2 servers that no check asks: dead ones stay in",
        "! tcp 192.0.2.1:80: 2 servers that no check asks: dead ones stay in"]
    if sorted(told) != sorted(wanted):
        raise AssertionError(told)


def readme_commands(text):
    """What README asks of bootstrap and lvsadm, they know."""
    for word in re.findall(r"bootstrap (\w+)", text):
        if not re.search(rf"\b{word}\b", read(f"{TOP}/bootstrap")):
            raise AssertionError(f"bootstrap {word}")
    # without a server each is understood and finds nobody
    for line in re.findall(r"sudo lvsadm ([^#\n]*)", text):
        done = run(program("lvsadm"), "--control", "/nonexistent/control",
                   *line.split())
        if "does not run" not in done.stdout:
            raise AssertionError(f"lvsadm {line}: {done.stdout}")


def readme(tap):
    if not os.path.exists(f"{TOP}/README.md"):
        tap.skip("README", "there is none yet")
        return
    text, parts = read(f"{TOP}/README.md"), blocks()
    with scratch() as folder:
        tap.check("the C program of README picks as it should", readme_c,
                  folder, parts["In C"][0])
        if program("lvsd"):
            tap.check("the site of README is understood", readme_site, folder,
                      parts["Your own site"][0])
            tap.check("so is the sample configuration", readme_site, folder,
                      read(f"{TOP}/examples/lvsd.conf"))
            tap.check("--check says how long a dead server may stay in",
                      dead_servers, folder)
    if program("lvsadm"):
        tap.check("the commands of README are known", readme_commands, text)


def main():
    tap = Tap()
    for name in names():
        test = ELSEWHERE.get(name)
        if test:
            tap.ok(name in read(f"{TOP}/{test}"), f"{name} is run by {test}")
        if program(name) is None:
            tap.skip(f"{name} runs", "it was not built here")
            continue
        tap.check(f"{name} refuses what it does not know", refuses, name)
        for command, wanted in transcripts(name):
            tap.check(f"{command.split()[0]} shows what its comment shows",
                      shows, command, wanted)
        if name in globals() and name not in ELSEWHERE:
            tap.check(f"{name} does what it is for", globals()[name])
    covered = set(ELSEWHERE) | {"affinity", "watch"} | {
        name for name in names() if transcripts(name)}
    tap.ok(set(names()) <= covered, "no example is without a test",
           set(names()) - covered)
    readme(tap)
    tap.done()


if __name__ == "__main__":
    sys.exit(main())
