#!/usr/bin/python3
# What the libraries give and take: the headers, the maps and the built
# libraries name the same functions; nothing else leaks; nothing is imported
# that a library may not call; nothing of ours can be written between calls.

import re

import headers
from common import TOP, Tap, archives, libraries, map_nodes, need, output, read

# A library that embeds does not end its host, talk to its terminal, look at
# its environment, take its signals or make threads (AP07, AP08, AP13).
FORBIDDEN = re.compile(
    r"(_?exit|_Exit|abort|quick_exit|atexit|__cxa_atexit|__assert\w*|"
    r"(__)?v?f?printf(_chk)?|puts|putchar|putc|fputs|fputc|fwrite|perror|"
    r"stdout|stderr|stdin|syslog\w*|(secure_)?getenv|setenv|putenv|environ|"
    r"signal|sigaction|sigprocmask|raise|alarm|setitimer|"
    r"pthread_create|pthread_atfork|fork|vfork|system|popen|setlocale|"
    r"s?rand(om)?|strtok|localtime|gmtime|strerror|errx?|warnx?)")

# Clocks: the packet libraries read none (now is told); the libev adapter may.
CLOCKS = {"clock_gettime", "gettimeofday", "time", "timerfd_create"}


def private_node():
    """Both libraries know the inside of the same structs: of one version."""
    version = re.search(r"^AC_INIT\(\[\w+\], *\[([^]]+)\]",
                        read(f"{TOP}/configure.ac"), flags=re.M)[1]
    return f"LIBLVS_PRIVATE_{version}"


def names(*words):
    """nm's lines as (type, name without version)."""
    found = []
    for line in output("nm", *words).splitlines():
        fields = line.split()
        if len(fields) >= 2 and len(fields[-2]) == 1:
            found.append((fields[-2], fields[-1].split("@")[0]))
    return found


def exports(tap, library, path):
    declared = {f.name for f in headers.functions()
                if f.director == (library == "liblvs-director")}
    nodes = map_nodes(library)
    private = nodes.pop(private_node(), set())
    public = set().union(*nodes.values())
    built = {name for kind, name in names("-D", "--defined-only", path)
             if kind != "A"}
    tap.ok(declared == public, f"{library}: the headers name what the map does",
           sorted(declared ^ public))
    tap.ok(built == public | private,
           f"{library}: the map names what the library exports",
           sorted(built ^ (public | private)))
    tap.ok(all(name.startswith("lvs__") for name in private),
           f"{library}: private names begin with lvs__")


def imports(tap, library, path):
    taken = {name for kind, name in names("-D", "--undefined-only", path)}
    bad = sorted(name for name in taken if FORBIDDEN.fullmatch(name))
    tap.ok(not bad, f"{library} neither exits, prints, asks the environment, "
           "takes signals nor makes threads", " ".join(bad))
    if library == "liblvs":
        bad = sorted(taken & CLOCKS)
        tap.ok(not bad, f"{library} reads no clock", " ".join(bad))


def private(tap, found):
    """liblvs gives the director what it takes by private name, and no more."""
    node = private_node()
    given = map_nodes("liblvs").get(node, set())
    taken = {name for kind, name in names("-D", "--undefined-only",
                                          found["liblvs-director"])
             if name.startswith("lvs__")}
    wrong = [f"remove {name} from {node} in lib/liblvs.map: "
             "liblvs-director does not need it"
             for name in sorted(given - taken)]
    wrong += [f"add {name} to {node} in lib/liblvs.map (and mark it "
              "LVS_PRIVATE): liblvs-director needs it"
              for name in sorted(taken - given)]
    tap.ok(not wrong, f"{node} is what liblvs-director needs",
           "\n".join(wrong))
    bound = set(re.findall(r"\blvs__\w+@(\S+)",
                           output("nm", "-D", found["liblvs-director"])))
    tap.ok(bound == {node}, "liblvs-director is bound to its own version's "
           "inside of liblvs", sorted(bound))


# The toolchain's own, in every shared object.
TOOLCHAIN = re.compile(r"completed\.\d+|__TMC_END__|__dso_handle|_DYNAMIC|"
                       r"_GLOBAL_OFFSET_TABLE_|__bss_start|_edata|_end|"
                       r"__JCR_\w+|__frame_dummy\w*|__do_global_dtors\w*")


def globals_(tap, library, path):
    """.data and .bss hold nothing of ours; .data.rel.ro is constant."""
    sections = {}
    for line in output("readelf", "-SW", path).splitlines():
        match = re.match(r"\s*\[\s*(\d+)\]\s+(\S+)", line)
        if match:
            sections[match[1]] = match[2]
    bad = []
    for line in output("readelf", "-sW", path).splitlines():
        fields = line.split()
        if len(fields) < 8 or fields[3] not in ("OBJECT", "TLS", "NOTYPE"):
            continue
        section = sections.get(fields[6], "")
        if re.fullmatch(r"\.(t?data|t?bss)", section) and not \
                TOOLCHAIN.fullmatch(fields[7]):
            bad.append(f"{fields[7]} in {section}")
    tap.ok(not bad, f"{library} has no variable that lives between calls",
           "\n".join(sorted(set(bad))))


def constructors(tap, library, path):
    """One entry each in .init_array and .fini_array: the toolchain's."""
    text = output("readelf", "-SW", path)
    for section in (".init_array", ".fini_array"):
        match = re.search(rf" {re.escape(section)}\s+\S+\s+\S+\s+\S+\s+(\w+)",
                          text)
        size = int(match[1], 16) if match else 0
        tap.ok(size <= 8, f"{library} runs nothing at {section}", size)


def archive(tap, library, path):
    bad = sorted({name for kind, name in names("-g", "--defined-only", path)
                  if not name.startswith(("lvs_", "__odr_asan"))})
    tap.ok(not bad, f"{library}.a exports lvs_ names only", " ".join(bad))


def main():
    need(nm="binutils", readelf="binutils")
    tap = Tap()
    for library, path in libraries().items():
        exports(tap, library, path)
        imports(tap, library, path)
        globals_(tap, library, path)
        constructors(tap, library, path)
    if {"liblvs", "liblvs-director"} <= libraries().keys():
        private(tap, libraries())
    for library, path in archives().items():
        archive(tap, library, path)
    tap.ok("liblvs" in libraries() or "liblvs" in archives(),
           "there is a library to look at")
    tap.done()


main()
