#!/usr/bin/python3
# What a user gets: installed into an empty place, a program builds against it
# with nothing but pkg-config, shared and static; and a host program may load
# and unload the library as often as it likes.

import glob
import os
import re

from common import BUILD, CC, TOP, Tap, have, need, output, read, run, scratch

RELOAD = """
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static long pages(void)
{
	long size = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	if (file == NULL || fscanf(file, "%ld %ld", &size, &resident) != 2)
		return -1;
	fclose(file);
	return size;
}

int main(int argc, char **argv)
{
	long before = 0;

	for (int i = 0; i < 1001; i++) {
		void *library = dlopen(argv[argc - 1], RTLD_NOW | RTLD_LOCAL);
		const char *(*version)(void);

		if (library == NULL)
			return puts(dlerror()), 1;
		*(void **)&version = dlsym(library, "lvs_version");
		if (strcmp(version(), "0.1.0") != 0)
			return puts("version"), 1;
		dlclose(library);
		if (i == 0)
			before = pages();
	}
	printf("%ld pages more\\n", pages() - before);
	return pages() - before > 16;
}
"""

PICK = """
#include <stdio.h>
#include <lvs/lvs.h>

int main()
{
	struct lvs_service *service = NULL;
	struct lvs_dest *dest = NULL;
	struct lvs_addr addr;
	uint16_t port = 0;

	if (lvs_service_new(&service) != 0 ||
	    lvs_addr_parse(&addr, "192.0.2.1") != 0 ||
	    lvs_service_set_sched(service, "rr") != 0 ||
	    lvs_service_add_dest(service, NULL, &addr, 80, 1) != 0 ||
	    lvs_service_pick(service, &dest, NULL, 1) != 0 ||
	    lvs_dest_get_address(dest, NULL, &port) != 0)
		return 1;
	printf("picked %d, %s\\n", port, lvs_version());
	lvs_service_free(service);
	return 0;
}
"""


def make(*words):
    """The build's make, not told by the make that runs us."""
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "TESTS")}
    return output("make", "-s", "-C", BUILD, *words, env=env, timeout=300)


class Installed:
    """The tree under a DESTDIR, and a pkg-config that sees only it."""

    def __init__(self, folder):
        self.root = f"{folder}/root"
        make("install", f"DESTDIR={self.root}")
        self.lib = os.path.dirname(
            glob.glob(f"{self.root}/**/liblvs.so", recursive=True)[0])
        self.env = {**os.environ, "LD_LIBRARY_PATH": self.lib,
                    "PKG_CONFIG_PATH": f"{self.lib}/pkgconfig",
                    "PKG_CONFIG_SYSROOT_DIR": self.root}

    def config(self, *words):
        return output("pkg-config", *words, env=self.env).split()

    def compile(self, source, program, *words):
        return output(*CC.split(), source, "-Wall", "-Wextra", "-Werror",
                      "-o", program, *words)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def facts(tap, folder):
    tree = Installed(folder)
    source = write(f"{folder}/pick.c", PICK)

    def shared():
        tree.compile(source, f"{folder}/shared",
                     *tree.config("--cflags", "--libs", "liblvs"))
        return "picked 80, 0.1.0" in output(f"{folder}/shared", env=tree.env)

    def cplusplus():
        output("g++", "-std=c++11", "-x", "c++", source, "-x", "none", "-o",
               f"{folder}/cxx", *tree.config("--cflags", "--libs", "liblvs"))
        return "picked 80" in output(f"{folder}/cxx", env=tree.env)

    def static():
        flags = tree.config("--cflags", "--libs", "--static", "liblvs")
        at = next(i for i, word in enumerate(flags) if word == "-llvs")
        tree.compile(source, f"{folder}/static", *flags[:at],
                     "-Wl,-Bstatic", "-llvs", "-Wl,-Bdynamic",
                     *flags[at + 1:])
        return "liblvs" not in output("readelf", "-d", f"{folder}/static") \
            and "picked 80" in output(f"{folder}/static")

    def whole():
        """As who makes one library of them does: no symbol is there twice."""
        if not os.path.exists(f"{tree.lib}/liblvs-director.a"):
            return True
        flags = tree.config("--static", "--libs", "liblvs-director")
        kept = [w for w in flags if w not in ("-llvs", "-llvs-director")]
        tree.compile(f"{TOP}/examples/hello.c", f"{folder}/whole",
                     *tree.config("--cflags", "liblvs-director"),
                     "-Wl,--whole-archive", f"{tree.lib}/liblvs-director.a",
                     f"{tree.lib}/liblvs.a", "-Wl,--no-whole-archive", *kept)
        return "liblvs" not in output("readelf", "-d", f"{folder}/whole")

    def hello():
        tree.compile(f"{TOP}/examples/hello.c", f"{folder}/hello",
                     *tree.config("--cflags", "--libs", "liblvs-director"))
        done = run("sh", "-c", f"echo -A nonsense | {folder}/hello",
                   env=tree.env)
        return done.returncode == 1 and "nonsense" in done.stdout

    def examples():
        """As the line in each one's comment says, in a folder of its own."""
        write(f"{folder}/cc", f'#!/bin/sh\nexec {CC} "$@"\n')
        os.chmod(f"{folder}/cc", 0o755)
        env = {**tree.env, "PATH": f"{folder}:{os.environ['PATH']}"}
        for path in glob.glob(f"{tree.root}/**/examples/*.c", recursive=True):
            name = os.path.basename(path)[:-2]
            lines = re.findall(r"^ \*\t(cc .*)$", read(path), flags=re.M)
            if len(lines) != 1:
                raise RuntimeError(f"{name}.c: {len(lines)} lines of cc")
            if not os.path.exists(f"{BUILD}/examples/{name}"):
                continue	# what it needs is not built here
            output("sh", "-ec", lines[0], cwd=os.path.dirname(path), env=env)
            if not os.access(path[:-2], os.X_OK):
                raise RuntimeError(f"{lines[0]}: made no {name}")
            os.unlink(path[:-2])

    def reload():
        write(f"{folder}/reload.c", RELOAD)
        tree.compile(f"{folder}/reload.c", f"{folder}/reload", "-ldl")
        output(f"{folder}/reload", f"{tree.lib}/liblvs.so", env=tree.env)

    tap.check("a program builds with pkg-config alone, and picks", shared)
    tap.check("a C++11 program too", cplusplus)
    tap.check("a program links the archive and needs no liblvs.so", static)
    tap.check("both archives may be linked whole", whole)
    tap.check("hello.c builds with pkg-config alone", hello)
    tap.check("every example builds by the line in its comment", examples)
    tap.check("a host may load and unload the library 1000 times", reload)
    everything(tap, tree)


def everything(tap, tree):
    """All that belongs to a user is there, and nothing else of ours."""
    files = {os.path.relpath(path, tree.root)
             for path in glob.glob(f"{tree.root}/**", recursive=True)
             if os.path.isfile(path)}
    include = {os.path.basename(f) for f in files if "/include/lvs/" in f}
    tap.ok(include == {os.path.basename(p) for p in
                       glob.glob(f"{TOP}/include/lvs/*.h")},
           "every public header is installed", include)
    pages = {os.path.basename(f) for f in files if "/man/man" in f}
    tap.ok(pages == {os.path.basename(p) for p in
                     glob.glob(f"{TOP}/man/*.[1-8]")},
           "every man page is installed", pages)
    version = re.search(r"^PACKAGE_VERSION = (.*)$", read(f"{BUILD}/Makefile"),
                        flags=re.M)[1]
    for name in ("liblvs", "liblvs-director"):
        tap.ok(tree.config("--modversion", name) == [version],
               f"{name}.pc tells version {version}")
    example = [f for f in files if f.endswith("/examples/lvsd.conf")]
    tap.ok(len(example) == 1 and "share/doc/" in example[0],
           "a configuration to copy is among the documents", example)
    service(tap, tree, files)
    bad = [f for f in files if os.stat(f"{tree.root}/{f}").st_mode & 0o022]
    tap.ok(not bad, "nothing is writable by others", bad)


def service(tap, tree, files):
    """The unit starts the lvsd that was installed, as systemd reads it."""
    units = [f for f in files if f.endswith("lib/systemd/system/lvsd.service")]
    if not tap.ok(len(units) == 1, "the unit of lvsd is installed", units):
        return
    unit = read(f"{tree.root}/{units[0]}")
    program = re.search(r"^ExecStart=(\S+)", unit, flags=re.M)[1]
    tap.ok(os.access(tree.root + program, os.X_OK),
           "the unit starts the lvsd that is installed", program)
    if not have("systemd-analyze"):
        tap.skip("the unit is understood and hardened",
                 "needs systemd-analyze: apt install systemd")
        return
    path = write(f"{os.path.dirname(tree.root)}/lvsd.service",
                 unit.replace(program, "/bin/true"))
    told = output("systemd-analyze", "verify", "--man=no", path)
    tap.ok(told == "", "systemd understands the unit", told)
    told = run("systemd-analyze", "security", "--offline=true",
               "--threshold=26", path)
    tap.ok(told.returncode == 0, "systemd rates its exposure below 2.6",
           told.stdout)


def main():
    need(**{"pkg-config": "pkg-config"}, make="make", readelf="binutils")
    tap = Tap()
    with scratch() as folder:
        facts(tap, folder)
    tap.done()


main()
