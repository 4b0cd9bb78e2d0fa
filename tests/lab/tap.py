# TAP for the network tests: one line a fact, skipped only with a reason.

import os
import shutil
import sys
import traceback


class Tap:
    """Counts facts: tap.ok(value, fact), then tap.done()."""

    def __init__(self):
        self.count = 0
        self.failed = 0

    def ok(self, value, fact, why=None):
        self.count += 1
        self.failed += not value
        print(f"{'ok' if value else 'not ok'} {self.count} - {fact}",
              flush=True)
        if not value and why is not None:
            for line in str(why).splitlines():
                print(f"# {line}", flush=True)
        return value

    def skip(self, fact, reason):
        self.count += 1
        print(f"ok {self.count} - {fact} # SKIP {reason}", flush=True)

    def check(self, fact, test, *words):
        """A fact that holds unless test(*words) raises or is False."""
        try:
            value, why = test(*words), None
        except Exception:	# a test that falls over is a fact too
            value, why = False, traceback.format_exc()
        return self.ok(value is not False, fact, why)

    def done(self):
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failed else 0)


def skip_all(reason):
    print(f"1..0 # SKIP {reason}", flush=True)
    sys.exit(0)


def need(**programs):
    """Skips the whole test unless these are installed: ip="iproute2"."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    os.environ["PATH"] = path
    for program, package in programs.items():
        if not shutil.which(program, path=path):
            skip_all(f"needs {program}: apt install {package}")


def enter_private_run():
    """
    Starts the script again with a /run of its own, so that it meets nobody
    else's labs: as root in a mount namespace, else in a user namespace.
    """
    if os.environ.get("LVS_PRIVATE_RUN") == str(os.getpid()):
        return
    options = "-m" if os.geteuid() == 0 else "-Urnm"
    if os.system(f"unshare {options} true 2>/dev/null") != 0:
        skip_all("needs root or unprivileged user namespaces")
    os.environ["LVS_PRIVATE_RUN"] = str(os.getpid())	# exec keeps the pid
    os.execvp("unshare", ["unshare", options, "sh", "-c",
                          'mount -t tmpfs tmpfs /run && exec "$@"', "sh",
                          sys.executable, *sys.argv])
