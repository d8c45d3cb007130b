"""Runs that may not draw from the system's randomness once the library is started."""
import contextlib
import os
import re
import signal
import subprocess

from bench import CONSENT, QUICKSTART, check, no_losses
from cases_runs import stable_digest

WAYS = ("getrandom", "getentropy", "syscall", "/dev/urandom", "/dev/random")


def beside(bench, name):
    """A file that tests/e2e built, found from the command of the same build."""
    build = os.path.dirname(os.path.dirname(os.path.dirname(bench.command)))
    path = os.path.join(build, "tests", "e2e", name)
    check(os.path.exists(path), "%s is not built" % path)
    return path


@contextlib.contextmanager
def watched(bench):
    """What is started inside runs under the watch of watch_randomness.c."""
    os.environ["LD_PRELOAD"] = beside(bench, "libwatch_randomness.so")
    try:
        yield
    finally:
        del os.environ["LD_PRELOAD"]


def draw(bench, way):
    done = subprocess.run([beside(bench, "draw_randomness"), way], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    return done.returncode, done.stderr


def case_randomness(bench):
    """The quickstart draws nothing from the system after its start; a program that does is ended."""
    for way in WAYS:
        check(draw(bench, way)[0] == 0, "%s: unwatched, the draw fails" % way)
        with watched(bench):
            status, told = draw(bench, way)
        print("  watched, a draw by %s: exit %d, %s" % (way, status, told.strip()))
        check(status == -signal.SIGABRT and way.split()[-1] in told,
              "%s: exit %d, expected to be ended\n%s" % (way, status, told))
    with watched(bench):
        check(draw(bench, "none")[0] == 0, "ended without a draw")
        out, done = bench.run(QUICKSTART)
    print("  watched quickstart: %s" % done.stderr.strip())
    found = re.search(r"randomness: (\d+) draws before the start, none after", done.stderr)
    check(found is not None, "the watch was not there\n%s" % done.stderr)
    check(int(found.group(1)) > 0, "the watch did not see libsodium's own start")
    no_losses(out, CONSENT)
    free, _ = bench.run(QUICKSTART)
    same = stable_digest(out) == stable_digest(free)
    print("  its CSV files: %s" % ("the same as unwatched" if same else "differ"))
    check(same, "the watched run differs from the free one")
