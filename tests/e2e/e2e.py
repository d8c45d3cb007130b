#!/usr/bin/env python3
"""End-to-end tests of the command: each case runs `ehrgrid` as a user would and reads what it left.

    e2e.py --ehrgrid PATH [--tampering PATH] [--data DIR] [--full] CASE ...

Prints what was found beside what was expected; exit 0 passed, 1 failed, 77 skipped (data absent).
--full runs the sizes of the quickstart where a case has a smaller one for everyday use.
"""
import argparse
import glob
import importlib
import os
import shutil
import sys

from bench import ROOT, Bench, Failed


def cases_find():
    """The functions case_NAME of every module cases_*.py beside this file."""
    found = {}
    for path in sorted(glob.glob(os.path.join(os.path.dirname(__file__), "cases_*.py"))):
        module = importlib.import_module(os.path.basename(path)[:-3])
        found.update({name[5:]: function for name, function in vars(module).items()
                      if name.startswith("case_")})
    return found


CASES = cases_find()


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ehrgrid", required=True)
    parser.add_argument("--tampering", help="the program of tests/tampering")
    parser.add_argument("--data", default=os.environ.get(
        "EHRGRID_DATA", os.path.join(ROOT, "..", "shared", "data")))
    parser.add_argument("--full", action="store_true")
    parser.add_argument("cases", nargs="+", choices=sorted(CASES))
    arguments = parser.parse_args()
    bench = Bench(arguments)
    failed = 0
    try:
        for name in arguments.cases:
            print("%s: %s" % (name, " ".join(CASES[name].__doc__.split())), flush=True)
            try:
                CASES[name](bench)
                print("  passed", flush=True)
            except Failed as error:
                failed += 1
                print("  FAILED: %s" % error, flush=True)
    finally:  # a skipped case ends here too
        shutil.rmtree(bench.folder, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
