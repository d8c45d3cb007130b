#!/usr/bin/env python3
"""Compares the binary interface of the shared library with the one that is committed.

    abi.py LIBRARY            against libehrgrid.abi beside this file
    abi.py --renew LIBRARY    writes that file anew: `cmake --build build/dev --target abi_renew`

Needs abidw and abidiff (package abigail-tools), and a library with debug information. Exit status 77:
one of them is not there."""
import os
import shutil
import subprocess
import sys
import tempfile

COMMITTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "libehrgrid.abi")
# Nothing that depends on a machine, and no lines of files: they move.
DUMP = ["abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--no-elf-needed",
        "--no-parameter-names", "--no-architecture", "--exported-interfaces-only"]


def skip(why):
    print("skipped: " + why)
    sys.exit(77)


def dump(library, path):
    subprocess.run([*DUMP, "--out-file", path, library], check=True)


def main(arguments):
    renew = arguments[:1] == ["--renew"]
    if len(arguments) != 1 + renew:
        print(__doc__)
        return 2
    library = arguments[-1]
    for tool in ("abidw", "abidiff", "readelf"):
        if shutil.which(tool) is None:
            skip(f"no {tool} (package abigail-tools)")
    sections = subprocess.run(["readelf", "-SW", library], check=True, capture_output=True, text=True)
    if ".debug_info" not in sections.stdout:
        skip(f"{library} has no debug information; build/dev has")
    if renew:
        dump(library, COMMITTED)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        now = os.path.join(folder, "now.abi")
        dump(library, now)
        done = subprocess.run(["abidiff", "--harmless", COMMITTED, now], capture_output=True, text=True,
                              check=False)
    print(done.stdout + done.stderr, end="")
    if done.returncode != 0:
        print("The interface has changed. If it was meant to: cmake --build build/dev --target abi_renew")
    return 1 if done.returncode != 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
