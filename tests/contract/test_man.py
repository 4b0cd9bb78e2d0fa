#!/usr/bin/python3
# The man pages: every public function has one, with the header's prototype;
# mandoc finds nothing to say about any page.

import glob
import os
import re
import shlex

import headers
from common import TOP, Tap, need, read, run


def words(line):
    """The arguments of an mdoc macro; a trailing comma or bracket is not."""
    return [word for word in shlex.split(line.replace("\\&", ""))
            if word not in {",", ";", "(", ")"}]


def prototypes(path):
    """The SYNOPSIS as prototypes: .Ft, then .Fn or .Fo .Fa .Fc."""
    synopsis = re.search(r"^\.Sh SYNOPSIS\n(.*?)(?=^\.Sh |\Z)", read(path),
                         flags=re.M | re.S)
    found, result, name, params = [], None, None, []
    for line in synopsis[1].splitlines() if synopsis else ():
        macro, _, rest = line.partition(" ")
        if macro == ".Ft":
            result = " ".join(words(rest))
        elif macro == ".Fn":
            name, *params = words(rest)
        elif macro == ".Fo":
            name, params = words(rest)[0], []
        elif macro == ".Fa":
            params += words(rest)
        if macro in (".Fn", ".Fc"):
            found.append((result, name, params))
    return {name: headers.tidy(f"{result} {name}({', '.join(params)})")
            for result, name, params in found}


def pages(tap, paths):
    """Every page is clean, and is installed."""
    listed = read(f"{TOP}/man/local.mk")
    for path in paths:
        name = os.path.basename(path)
        done = run("mandoc", "-Tlint", "-Wwarning", path)
        tap.ok(done.returncode == 0, f"{name}: mandoc has nothing to say",
               done.stdout)
        tap.ok(re.search(rf"\bman/{re.escape(name)}\b", listed),
               f"{name} is listed in man/local.mk")


def references(tap, paths):
    """.Xr to a page of ours reaches one."""
    ours = {os.path.basename(path) for path in paths}
    bad = []
    for path in paths:
        for name, section in re.findall(r"^\.Xr (\S+) (\d)", read(path),
                                        flags=re.M):
            if name.startswith(("lvs", "liblvs")) and \
                    f"{name}.{section}" not in ours:
                bad.append(f"{os.path.basename(path)}: {name}({section})")
    tap.ok(not bad, "every reference to a page of ours reaches it",
           "\n".join(bad))


def main():
    need(mandoc="mandoc")
    tap = Tap()
    paths = sorted(glob.glob(f"{TOP}/man/*.[1-8]"))
    written = {}
    for path in paths:
        for name, text in prototypes(path).items():
            written.setdefault(name, {})[os.path.basename(path)] = text
    declared = {f.name: str(f) for f in headers.functions()}
    for name, text in declared.items():
        found = written.pop(name, {})
        tap.ok(found and set(found.values()) == {text},
               f"{name} is in a man page as in its header",
               f"header: {text}\npages:  {found or 'none'}")
    tap.ok(not written, "no page knows a function that is in no header",
           written)
    pages(tap, paths)
    references(tap, paths)
    tap.done()


main()
