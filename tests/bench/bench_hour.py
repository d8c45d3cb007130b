#!/usr/bin/env python3
"""How much memory a request costs: runs scenarios/hour.xml for a quarter of an hour, half an hour and
an hour (100,000 requests), and prints the peak of the resident set and what it grew by.

    bench_hour.py --ehrgrid PATH [PATH=VALUE ...]

What must hold is checked: every request has its row, in order, and none of them is open. How many
requests are in memory is checked by tests/unit/measure_pages.c; megabytes are no assertion.
"""
import argparse
import csv
import os
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def run(arguments, duration, out):
    """Requests, peak of the resident set in bytes, wall-clock seconds."""
    words = [arguments.ehrgrid, "run", os.path.join(ROOT, "scenarios", "hour.xml"), "--quiet",
             "--out", out, "--set", "run/@duration=" + duration]
    for item in arguments.sets:
        words += ["--set", item]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    count = 0
    with open(os.path.join(out, "requests.csv"), newline="") as file:
        for count, row in enumerate(csv.DictReader(file), 1):
            assert int(row["id"]) == count and row["outcome"] != "unfinished", row
    with open(os.path.join(out, "summary.csv"), newline="") as file:
        row = next(csv.DictReader(file))
    return count, int(row["peak_rss_bytes"]), float(row["wall_s"])


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ehrgrid", required=True)
    parser.add_argument("sets", nargs="*")
    arguments = parser.parse_args()
    before = None
    with tempfile.TemporaryDirectory(prefix="ehrgrid-bench-") as folder:
        for duration in ("15min", "30min", "1h"):
            count, peak, wall_s = run(arguments, duration, os.path.join(folder, duration))
            grown = "" if before is None else \
                ", %.1f kB a request more" % ((peak - before[1]) / (count - before[0]) / 1e3)
            print("%-6s %7d requests, %7.1f MB, %6.1f s%s" % (duration, count, peak / 1e6, wall_s,
                                                             grown), flush=True)
            before = (count, peak)
    assert count >= 100000


if __name__ == "__main__":
    main()
