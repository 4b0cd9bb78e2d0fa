#!/usr/bin/python3
# The public headers: each stands alone as C99 and C++11, under every compiler
# at hand, and holds only what a binding can read.

import os
import re

import headers
from common import TOP, Tap, have, need, read, run

LANGUAGES = {"C99": ("c", "-std=c99"), "C++11": ("c++", "-std=c++11")}

# What a binding generator drops or refuses, and why it may not be there.
FORBIDDEN = {
    "static inline": r"\binline\b",
    "a macro with arguments": r"^[ \t]*#[ \t]*define[ \t]+\w+\(",
    "a union": r"\bunion\b",
    "a bit field": r"\w\s*:\s*\d+\s*;",
    "a typedef": r"\btypedef\b",
    "varargs": r"\.\.\.",
    "an attribute": r"__attribute__",
    "long": r"\blong\b",
    "a variable": r"\bextern\s+(?!\"C\")",
}


def alone(tap, compiler, path):
    name = os.path.basename(path)
    for language, (kind, standard) in LANGUAGES.items():
        done = run(compiler, "-x", kind, standard, "-pedantic", "-Wall",
                   "-Wextra", "-Werror", "-fsyntax-only",
                   f"-I{TOP}/include", "-include", path, "/dev/null")
        tap.ok(done.returncode == 0,
               f"{name} stands alone as {language} under {compiler}",
               done.stdout)


def readable(tap, path):
    text = re.sub(r"/\*.*?\*/", "", read(path), flags=re.S)
    bad = [what for what, pattern in FORBIDDEN.items()
           if re.search(pattern, text, flags=re.M)]
    tap.ok(not bad, f"{os.path.basename(path)} is readable by bindings",
           ", ".join(bad))


def by_value(function):
    """A struct that travels by value, as result or parameter."""
    words = [function.result + " "] + function.params
    return any(re.match(r"(const )?struct \w+( \w+)?$", w.strip())
               for w in words)


def main():
    tap = Tap()
    need(gcc="gcc")
    for path in headers.paths():
        for compiler in filter(have, ("gcc", "clang")):
            alone(tap, compiler, path)
        readable(tap, path)
    functions = headers.functions()
    tap.ok(len(functions) > 100, "the headers' functions are found")
    bad = [str(f) for f in functions if by_value(f)]
    tap.ok(not bad, "no struct travels by value", bad)
    bad = [str(f) for f in functions
           if re.search(r"_(find|next)_\w+$", f.name) and
           not f.params[0].startswith("const ")]
    tap.ok(not bad, "who looks for something leaves its object const", bad)
    bad = [str(f) for f in functions
           if any(not re.search(r"\w+(\(.*\))?\)*$", p) or
                  re.fullmatch(r"(const )?(struct )?\w+ ?\**", p)
                  for p in f.params if p != "void")]
    tap.ok(not bad, "every parameter has a name", "\n".join(bad))
    tap.done()


main()
