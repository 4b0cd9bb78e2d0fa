#!/usr/bin/python3
# The tarball holds every file that the repository tracks, so that what is
# released can be built, tested and changed by whoever has it.

import os

from common import BUILD, TOP, Tap, output, scratch, skip_all

# Of use to git only.
LEFT_OUT = {".gitignore"}


def tracked():
    return {name for name in output("git", "-C", TOP, "-c",
                                    f"safe.directory={TOP}",
                                    "ls-files").splitlines()
            if os.path.exists(f"{TOP}/{name}")} - LEFT_OUT


def packed(folder):
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "TESTS")}
    output("make", "-s", "-C", BUILD, "distdir", f"distdir={folder}/dist",
           env=env, timeout=300)
    return {os.path.relpath(os.path.join(place, name), f"{folder}/dist")
            for place, _, names in os.walk(f"{folder}/dist")
            for name in names}


def main():
    if not os.path.exists(f"{TOP}/.git"):
        skip_all("this is no clone: run it from the repository")
    tap = Tap()
    with scratch() as folder:
        missing = sorted(tracked() - packed(folder))
    tap.ok(not missing, "the tarball holds every tracked file",
           "\n".join(missing))
    tap.done()


main()
