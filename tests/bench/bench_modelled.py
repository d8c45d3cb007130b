#!/usr/bin/env python3
"""How much faster a scenario runs with modelled cryptography: runs it in turn with the real and with
the modelled one and prints the medians and their ratio. What takes the time beside cryptography is
the network's simulation, so the ratio depends on the fidelity.

    bench_modelled.py --ehrgrid PATH [--scenario FILE] [--runs N] [PATH=VALUE ...]

Seconds of processor time are of the whole process (user and system); wall_s is that of summary.csv,
from the making of the world to the end of the run.
"""
import argparse
import csv
import os
import resource
import statistics
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MODES = ("real", "modelled")


def run(arguments, mode, out):
    """Processor time and wall_s of one run."""
    words = [arguments.ehrgrid, "run", arguments.scenario, "--quiet", "--out", out]
    for item in arguments.sets + ["crypto/@mode=" + mode]:
        words += ["--set", item]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(os.path.join(out, "summary.csv"), newline="") as file:
        row = next(csv.DictReader(file))
    assert row["crypto"] == mode
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime,
            float(row["wall_s"]))


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ehrgrid", required=True)
    parser.add_argument("--scenario", default=os.path.join(ROOT, "scenarios", "quickstart.xml"))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("sets", nargs="*")
    arguments = parser.parse_args()
    found = {mode: [] for mode in MODES}
    with tempfile.TemporaryDirectory(prefix="ehrgrid-bench-") as folder:
        for i in range(arguments.runs):
            for mode in MODES:
                found[mode].append(run(arguments, mode, os.path.join(folder, "%s-%d" % (mode, i))))
    print("%s %s, medians of %d" % (os.path.basename(arguments.scenario),
                                    " ".join(arguments.sets), arguments.runs))
    for column, name in enumerate(("processor, s", "wall_s")):
        real, modelled = (statistics.median(times[column] for times in found[mode])
                          for mode in MODES)
        print("%-13s real %8.3f   modelled %8.3f   ratio %.2f" % (name, real, modelled,
                                                                  real / modelled))


if __name__ == "__main__":
    main()
