#!/usr/bin/env python3
"""Golden run: run-small/scenario.xml has to give the results in run-small/expected, byte for byte in
all columns that do not depend on the machine or on versions.

    run.py --ehrgrid PATH [--update]

Also, in every fidelity: the same seed gives the same bytes, another seed others, and in every
summary offered = ok + refused + failed + timeout + unfinished. --update writes the expected files
anew: read the difference before you commit it. Exit 0 passed, 1 failed.
"""
import argparse
import csv
import difflib
import io
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SCENARIO = os.path.join(HERE, "run-small", "scenario.xml")
EXPECTED = os.path.join(HERE, "run-small", "expected")
MACHINE = ("wall_s", "peak_rss_bytes")
VERSIONS = ("version", "simgrid_version")
KEPT = ("summary.csv", "requests.csv", "blocks.csv")
FLOWS = ("register", "visit", "retrieve", "share", "revoke", "ordering")
OUTCOMES = ("ok", "refused", "failed", "timeout", "unfinished")


def without(text, columns):
    """The CSV text without some columns."""
    rows = list(csv.reader(io.StringIO(text)))
    keep = [i for i, name in enumerate(rows[0]) if name not in columns]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow([row[i] for i in keep])
    return out.getvalue()


def accounting(text):
    row = next(csv.DictReader(io.StringIO(text)))
    errors = []
    for flow in FLOWS:
        offered = int(row[flow + "_offered"])
        total = sum(int(row["%s_%s" % (flow, outcome)]) for outcome in OUTCOMES)
        if offered != total:
            errors.append("%s: offered %d, outcomes add up to %d" % (flow, offered, total))
    return errors


def run(command, folder, name, words):
    """The CSV files of one run, by name."""
    out = os.path.join(folder, name)
    done = subprocess.run([command, "run", SCENARIO, "--out", out, "--quiet"] + words,
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit("%s: exit %d\n%s" % (name, done.returncode, done.stderr))
    files = {}
    for file_name in sorted(os.listdir(out)):
        if file_name.endswith(".csv"):
            with open(os.path.join(out, file_name), newline="") as file:
                files[file_name] = without(file.read(), MACHINE)
    errors = accounting(files["summary.csv"])
    if errors:
        sys.exit("%s: %s" % (name, "; ".join(errors)))
    return files


def repeatable(command, folder):
    for fidelity in ("flow", "queue", "delay"):
        words = ["--set", "network/@fidelity=" + fidelity]
        first = run(command, folder, fidelity + "-1", words)
        second = run(command, folder, fidelity + "-2", words)
        other = run(command, folder, fidelity + "-3", words + ["--seed", "8"])
        for name, text in first.items():
            if text != second[name]:
                sys.exit("%s: two runs differ in %s" % (fidelity, name))
        if first["requests.csv"] == other["requests.csv"]:
            sys.exit("%s: another seed gives the same requests" % fidelity)
        print("%s: repeatable" % fidelity)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ehrgrid", required=True)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    failed = False
    with tempfile.TemporaryDirectory(prefix="ehrgrid-golden-") as folder:
        found = run(arguments.ehrgrid, folder, "golden", [])
        for name in KEPT:
            path = os.path.join(EXPECTED, name)
            text = without(found[name], VERSIONS)
            if arguments.update:
                os.makedirs(EXPECTED, exist_ok=True)
                with open(path, "w") as file:
                    file.write(text)
                continue
            with open(path) as file:
                wanted = file.read()
            if text != wanted:
                failed = True
                sys.stdout.writelines(difflib.unified_diff(
                    wanted.splitlines(True), text.splitlines(True), path, "found", n=0))
            else:
                print("%s: as expected" % name)
        repeatable(arguments.ehrgrid, folder)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
