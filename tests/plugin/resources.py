#!/usr/bin/env python3
"""A program that has the plugin measures energy and load: resources.csv is that of `ehrgrid run`, to
the byte, and what cannot be measured is refused.

    resources.py --ehrgrid PATH --host PATH
"""
import argparse
import filecmp
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCENARIO = os.path.join(ROOT, "scenarios", "energy.xml")
PLATFORM = os.path.join(ROOT, "platforms", "two-hosts-energy.xml")
ALL = "15"
HOST_ENERGY, LINK_ENERGY = "1", "2"
THREADS = ["--cfg=contexts/factory:thread"]  # the sanitizers do not know SimGrid's own contexts


def execute(words, status):
    done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != status:
        sys.exit("%s: exit %d, expected %d\n%s%s" % (" ".join(words), done.returncode, status,
                                                     done.stdout, done.stderr))
    return done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ehrgrid", required=True)
    parser.add_argument("--host", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ehrgrid-resources-") as folder:
        alone, inside = os.path.join(folder, "alone"), os.path.join(folder, "inside")
        deployment = os.path.join(folder, "deployment.xml")
        execute([arguments.ehrgrid, "run", SCENARIO, "--out", alone, "--quiet"], 0)
        text = execute([arguments.ehrgrid, "expand", "--deployment", SCENARIO], 0).stdout
        with open(deployment, "w") as file:
            file.write(text)
        host = [arguments.host, PLATFORM, deployment, "--out"]
        execute(host + [inside, "--resources", ALL] + THREADS, 0)
        for name in ("resources.csv", "requests.csv", "nodes.csv"):
            if not filecmp.cmp(os.path.join(alone, name), os.path.join(inside, name), False):
                sys.exit("%s differs from that of ehrgrid run" % name)
        print("resources.csv, requests.csv, nodes.csv: the same bytes as of ehrgrid run")
        broken = os.path.join(folder, "broken.xml")
        with open(PLATFORM) as file, open(broken, "w") as out:
            out.write(file.read().replace('"1:2"', '"1"').replace('"60:150"', '"60:x"'))
        three = os.path.join(ROOT, "platforms", "three-hospitals.xml")
        for platform, resources, part in (
                (PLATFORM, "0", "measure/@energy: all: none, as the program has it"),
                (three, HOST_ENERGY, "three-hospitals.xml: host alliance-1: prop wattage_per_state: "
                 "missing"),
                (three, LINK_ENERGY, "three-hospitals.xml: no link draws any"),
                (broken, HOST_ENERGY, "host centre: x"),
                (broken, LINK_ENERGY, "for link line-in"),
                (PLATFORM, "16", "config.resources")):
            out = os.path.join(folder, "refused")
            done = execute([arguments.host, platform, deployment, "--out", out, "--resources",
                            resources] + THREADS, 2)
            print(done.stderr.strip())
            if part not in done.stderr or "Backtrace" in done.stderr or os.path.exists(out):
                sys.exit("not refused as wanted: %s" % part)


if __name__ == "__main__":
    main()
