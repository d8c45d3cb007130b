#!/usr/bin/env python3
"""Runs a program that marks secrets as uninitialised under valgrind.

    run.py PROGRAM                  passes if valgrind reports nothing
    run.py --mutant PROGRAM NAME    passes if a report's innermost frame is the function NAME
    run.py --missing                says what is missing

Exit 0 passed, 1 failed, 77 skipped.
"""
import os
import re
import shutil
import subprocess
import sys

REPORTED = 99
SUPPRESSIONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libsodium.supp")


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


def valgrind(program):
    """Exit status, what the program printed, what valgrind reported."""
    found = shutil.which("valgrind")
    if found is None:
        skip("valgrind is not installed")
    done = subprocess.run([found, "--error-exitcode=%d" % REPORTED, "--suppressions=" + SUPPRESSIONS,
                           "--expensive-definedness-checks=yes", "--num-callers=20",
                           "--error-limit=no", "--quiet", program],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def main():
    if sys.argv[1:] == ["--missing"]:
        skip("needs valgrind and its headers, and a build without sanitizers")
    if len(sys.argv) == 4 and sys.argv[1] == "--mutant":
        status, printed, reports = valgrind(sys.argv[2])
        named = re.search(r" at 0x[0-9A-F]+: %s \(" % re.escape(sys.argv[3]), reports)
        print(reports[:1500])
        print("mutant of %s: exit %d, %s" % (sys.argv[3], status,
              "reported" if named else "NOT reported"))
        sys.exit(0 if status == REPORTED and named else 1)
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    status, printed, reports = valgrind(sys.argv[1])
    print(printed + reports)
    print("exit %d: %s" % (status, "no report" if status == 0 else "see above"))
    sys.exit(0 if status == 0 and not reports else 1)


if __name__ == "__main__":
    main()
