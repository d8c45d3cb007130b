#!/usr/bin/env python3
"""Compares the CSV files of two folders of runs, byte for byte in all columns that do not depend on
the machine or on versions.

    same.py FOLDER OTHER

Each has one folder per run, of the same names. Exit 0 the same, 1 not."""
import os
import sys

import run


def files(folder):
    return sorted(os.path.relpath(os.path.join(path, name), folder)
                  for path, _, names in os.walk(folder) for name in names if name.endswith(".csv"))


def text(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8", newline="") as stream:
        return run.without(stream.read(), run.MACHINE + run.VERSIONS)


def first_difference(a, b):
    lines = a.split("\n"), b.split("\n")
    for number, (x, y) in enumerate(zip(*lines), 1):
        if x != y:
            return "line %d\n  %s\n  %s" % (number, x[:300], y[:300])
    return "%d lines, %d lines" % (len(lines[0]), len(lines[1]))


def main():
    first, other = sys.argv[1:]
    names = files(first)
    if not names or names != files(other):
        sys.exit("other files: %s" % sorted(set(names) ^ set(files(other))))
    wrong = 0
    for name in names:
        a, b = text(first, name), text(other, name)
        if a != b:
            wrong += 1
            print("%s: %s" % (name, first_difference(a, b)))
    print("%d of %d files are the same" % (len(names) - wrong, len(names)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
