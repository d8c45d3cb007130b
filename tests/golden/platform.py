#!/usr/bin/env python3
"""Golden platforms: what `ehrgrid platform` makes of the small inputs in platforms/ has to be what
lies beside them, byte for byte, notices included.

    platform.py --ehrgrid PATH [--update]

--update writes the expected files anew: read the difference before you commit it. Exit 0 passed,
1 failed.
"""
import argparse
import difflib
import os
import subprocess
import sys

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "platforms")
CASES = {
    "import": "import towns.graphml",
    "import-hops": "import towns.graphml --internal --routing hops --hosts 2 --cores 8 "
                   "--route-factor 1 --unplaced 3ms --bandwidth 1Gbps --name towns",
    "regions": "regions --matrix regions.csv",
    "regions-own": "regions --matrix regions.csv --directions own --regions south,north --hosts 2 "
                   "--wan-bandwidth 10Gbps",
    "generate": "generate --hospitals 2 --nodes 3 --homes 2 --alliance 3 --data-users institute",
    "generate-map": "generate --on towns.graphml --at west,east-b --desks 1 --nodes 1 "
                    "--alliance 1 --source made --title Two",
    "generate-platform": "generate --on regions.xml --names a,b --at sea,north --nodes 1 --desks 1 "
                         "--alliance 1 --data-users= ",
}


def compare(name, expected, found):
    if expected == found:
        return 0
    sys.stdout.writelines(difflib.unified_diff(
        expected.splitlines(True), found.splitlines(True), name, "found"))
    print("%s differs" % name)
    return 1


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ehrgrid", required=True)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    failed = 0
    for name, words in CASES.items():
        done = subprocess.run([os.path.abspath(arguments.ehrgrid), "platform"] + words.split(),
                              cwd=HERE, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit("%s: exit %d\n%s" % (name, done.returncode, done.stderr))
        for ending, found in (("xml", done.stdout), ("notices", done.stderr)):
            path = os.path.join(HERE, "%s.%s" % (name, ending))
            if arguments.update:
                if found or ending == "xml":
                    with open(path, "w") as file:
                        file.write(found)
                continue
            expected = ""
            if os.path.exists(path):
                with open(path) as file:
                    expected = file.read()
            failed += compare(os.path.basename(path), expected, found)
    print("%d platforms, %d differences" % (len(CASES), failed))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
