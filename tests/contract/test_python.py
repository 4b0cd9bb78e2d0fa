#!/usr/bin/python3
# The Python package as README has it installed: into an environment of its
# own, by pip, without a network.

import os
import re
import shutil

from common import BUILD, TOP, Tap, output, read, run, scratch, skip_all

PYTHON = "/usr/bin/python3"
PICK = """
import lvs
service = lvs.Service("wrr")
service.add("10.0.0.1:80", weight=3)
service.add("10.0.0.2:80")
picks = sorted(str(service.pick()) for _ in range(4))
print(lvs.__file__, lvs.version(), *picks)
"""


def missing():
    for module, package in (("pip", "python3-pip"), ("venv", "python3-venv"),
                            ("setuptools", "python3-pip"),
                            ("wheel", "python3-pip"),
                            ("cffi", "python3-cffi")):
        if run(PYTHON, "-c", f"import {module}").returncode != 0:
            return f"needs {module} of python: apt install {package}"
    return None


def install(folder):
    """What README says, into an environment in the folder: its python."""
    # pip writes beside the source
    shutil.copytree(f"{TOP}/bindings/python", f"{folder}/source",
                    copy_function=shutil.copyfile)
    os.chmod(f"{folder}/source", 0o755)
    output(PYTHON, "-m", "venv", "--system-site-packages", "--without-pip",
           f"{folder}/env")
    python = f"{folder}/env/bin/python3"
    output(python, "-m", "pip", "install", "--no-index",
           "--no-build-isolation", f"{folder}/source", cwd=folder)
    return python


def main():
    reason = missing()
    if reason:
        skip_all(reason)
    tap = Tap()
    with scratch() as folder:
        python = install(folder)
        env = {**os.environ,
               "LD_LIBRARY_PATH": os.path.abspath(f"{BUILD}/.libs")}
        env.pop("PYTHONPATH", None)
        told = output(python, "-c", PICK, env=env, cwd=folder).split()
        tap.ok(told[0].startswith(f"{folder}/env/"),
               "pip installs the package, and it is imported", told)
        tap.ok(told[2:] == 3 * ["10.0.0.1:80"] + ["10.0.0.2:80"],
               "what is installed picks", told)
        package = re.search(r'^version = "(.*)"',
                            read(f"{TOP}/bindings/python/pyproject.toml"),
                            flags=re.M)[1]
        tap.ok(told[1] == package, "it has the version of the C library",
               f"{package}, {told[1]}")
        wanted = set(os.listdir(f"{TOP}/bindings/python/lvs"))
        found = set(os.listdir(os.path.dirname(told[0])))
        tap.ok(wanted - {"__pycache__"} == found - {"__pycache__"},
               "every module is in it", f"{wanted} {found}")
    tap.done()


main()
