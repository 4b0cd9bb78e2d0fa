#!/usr/bin/python3
# Runs test_lvs.py by pytest against the library of this build (or, with
# LVS_INSTALLED=1, against what the system finds) and says the results in TAP.

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.environ.get("top_builddir")


class Tap:
    """A pytest plug-in: a line a test."""

    def __init__(self, out):
        self.out = out
        self.count = 0

    def say(self, line):
        print(line, file=self.out, flush=True)

    def pytest_collectreport(self, report):
        if report.failed:
            self.pytest_runtest_logreport(report)

    def pytest_runtest_logreport(self, report):
        if getattr(report, "when", "call") != "call" and report.passed:
            return
        self.count += 1
        name = report.nodeid.split("::")[-1].removeprefix("test_")
        fact = f"{self.count} - {name.replace('_', ' ')}"
        if report.skipped:
            reason = str(report.longrepr[2]).removeprefix("Skipped: ")
            self.say(f"ok {fact} # SKIP {reason}")
        elif report.passed:
            self.say(f"ok {fact}")
        else:
            self.say(f"not ok {fact}")
            for line in str(report.longrepr).splitlines():
                self.say(f"# {line}")


def main():
    if BUILD and "LD_LIBRARY_PATH" not in os.environ and \
            "LVS_INSTALLED" not in os.environ:
        os.environ["LD_LIBRARY_PATH"] = f"{BUILD}/.libs"
        os.execv(sys.executable, [sys.executable, *sys.argv])
    sys.path.insert(0, HERE)
    os.environ["PYTHONPATH"] = HERE
    try:
        import pytest
        import cffi  # noqa: F401
    except ImportError as error:
        print(f"1..0 # SKIP {error}: apt install python3-pytest python3-cffi")
        return 0
    tap = Tap(os.fdopen(os.dup(1), "w"))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # pytest's own report
    status = pytest.main(["-p", "no:cacheprovider", HERE], plugins=[tap])
    tap.say(f"1..{tap.count}")
    return int(status)


sys.exit(main())
