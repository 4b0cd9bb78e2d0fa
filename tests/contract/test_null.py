#!/usr/bin/python3
# Every public function is called with NULL for each of its pointers, and with
# nothing but NULL: it refuses or does nothing, and never falls over. The
# calls are written from the headers, so a new function is called too; each
# runs in a process of its own under a watchdog.

import re

import headers
from common import BUILD, CC, TOP, Tap, libraries, need, output, read, run
from common import scratch

# A valid value for a type, made by a function of null_objects.h.
MADE = {f"struct lvs_{name} *": f"make_{name}()" for name in (
    "service", "dest", "table", "balancer", "backend", "check", "monitor",
    "model", "director", "worker")}
# Objects that need a peer, a privilege or another library to be valid.
NEVER = {"lvs_lane", "lvs_control", "lvs_client", "lvs_ev", "lvs_listing",
         "lvs_explanation", "ev_loop"}

# Functions for which NULL is no error: it means none.
NONE_IS_FINE = {"lvs_check_equal"}


def kind(param):
    """A parameter's type without its name and const."""
    if "(*" in param:
        return "function"
    text = re.sub(r"\bconst\b", "", re.sub(r"\w+$", "", param))
    return re.sub(r"\s+", " ", text).strip()


def valid(function, index):
    """A valid argument, as far as a generator knows one."""
    param, what = function.params[index], kind(function.params[index])
    if what in MADE:
        return MADE[what]
    if what == "function" or any(f"{name} *" in what for name in NEVER):
        return "NULL"
    flat = re.fullmatch(r"struct (\w+) \*", what)
    if flat:
        return "addr()" if flat[1] == "lvs_addr" else "memory()"
    if "*" in what:
        return "text()" if what == "char *" else "memory()"
    if what == "size_t" and index > 0:
        before = re.fullmatch(r"struct (\w+) \*",
                              kind(function.params[index - 1]))
        if before and param.endswith("size"):
            return f"sizeof(struct {before[1]})"
    return "1"


def pointers(function):
    return [i for i, p in enumerate(function.params) if "*" in p]


def cases(function):
    """(what, arguments) of each call."""
    good = [valid(function, i) for i in range(len(function.params))]
    for i in pointers(function):
        yield (re.search(r"(\w+)(\)\(.*)?$", function.params[i])[1],
               [*good[:i], "NULL", *good[i + 1:]])
    if pointers(function):
        yield "all", ["NULL" if i in pointers(function) else good[i]
                      for i in range(len(good))]


def generate(functions):
    lines = ['#include "null_objects.h"', "int main(void)", "{"]
    for function in functions:
        for what, arguments in cases(function):
            call = f"{function.name}({', '.join(arguments)})"
            result = function.result
            value = ("(%s, 0)" if result == "void" else
                     "(long)(%s != NULL)" if "*" in result else "(long)%s")
            lines.append(f'\tCALL("{function.name}", "{what}", '
                         f"{value % call});")
    return "\n".join(lines + ["\treturn 0;", "}", ""])


def build(folder, functions, built):
    flags = re.findall(r"-fsanitize=\S+",
                       re.search(r"^LVS_CFLAGS = .*$", read(f"{BUILD}/Makefile"),
                                 flags=re.M)[0])
    source = f"{folder}/null.c"
    with open(source, "w", encoding="utf-8") as file:
        file.write(generate(functions))
    output(*CC.split(), "-g", "-O1", "-w", *flags, f"-I{TOP}/include",
           f"-I{TOP}/tests/contract",
           *["-DWITH_DIRECTOR"] * ("liblvs-director" in built), source,
           "-o", f"{folder}/null", f"-L{BUILD}/.libs", "-Wl,--no-as-needed",
           *[f"-l{name[3:]}" for name in sorted(built, reverse=True)],
           f"-Wl,-rpath,{BUILD}/.libs")
    return f"{folder}/null"


def exported(built):
    text = "".join(output("nm", "-D", "--defined-only", path)
                   for path in built.values())
    return set(re.findall(r"\b(lvs_\w+)@", text))


def judge(function, results):
    """What is wrong with the results of one function's calls."""
    bad = [f"NULL {what}: {how}" for what, how in results.items()
           if not re.fullmatch(r"-?\d+", how)]
    first = function.params[0]
    object_ = re.search(r"(\w+)$", first)
    if "*" in first and object_ and not function.name.endswith("_free") and \
            function.result == "int" and function.name not in NONE_IS_FINE:
        for what in (object_[1], "all"):
            if results.get(what) != "-22":
                bad.append(f"NULL {what}: {results.get(what)} is not -EINVAL")
    return bad


def main():
    need(nm="binutils")
    built, tap = libraries(), Tap()
    names = exported(built)
    functions = [f for f in headers.functions()
                 if f.name in names and pointers(f)]
    with scratch() as folder:
        done = run(build(folder, functions, built), timeout=300, env={
            "ASAN_OPTIONS": "detect_leaks=0", "TMPDIR": folder})
    results = {}
    for line in done.stdout.splitlines():
        words = line.split(maxsplit=3)
        if words[:1] == ["call"] and len(words) == 4:
            results.setdefault(words[1], {})[words[2]] = words[3]
    tap.ok(done.returncode == 0, "every call was made", done.stdout[-2000:])
    for function in functions:
        bad = judge(function, results.get(function.name, {}))
        tap.ok(not bad and len(results.get(function.name, {})) ==
               len(dict(cases(function))),
               f"{function.name} takes NULL for any pointer", "\n".join(bad))
    tap.done()


main()
