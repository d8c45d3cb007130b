#!/usr/bin/env python3
"""What completions/ehrgrid offers, asked from bash: verbs and options are those of the help, values and
files those that fit.

    completion.py --ehrgrid PATH [--script PATH]

Exit status 77: there is no bash."""
import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile

import manual

# As bash does it before it calls the function: `=` is a word of its own, in COMP_WORDS.
ASK = r"""
compopt() { :; }
source "$1"
shift
[[ $(complete -p ehrgrid) == "complete -F _ehrgrid ehrgrid" ]] || exit 3
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
_ehrgrid "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
exit 0
"""


def offered(script, program, words, folder):
    """Of the words behind the program's name; the last one is completed."""
    split = [part for word in words for part in (re.split("(=)", word) if word[:2] == "--" else [word])]
    split = [part for part in split if part] + ([""] if words[-1] == "" else [])
    done = subprocess.run(["bash", "--norc", "-c", ASK, "bash", script, program] + split, cwd=folder,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0 or done.stderr:
        print(f"{words}: exit {done.returncode}: {done.stderr}")
        return None
    return sorted(done.stdout.split("\n")[:-1])


def options_of(program, verb):
    """Long options of the help, with those that every verb has."""
    names = {re.sub(r"^\w, ", "", option).split()[0].split("[")[0]
             for option in manual.options_of_help(manual.output(program, "help", *verb.split()))}
    return sorted(f"--{name}" for name in names | {"help", "version"})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ehrgrid", required=True)
    parser.add_argument("--script", default=os.path.join(manual.ROOT, "completions", "ehrgrid"))
    arguments = parser.parse_args()
    program, script = (os.path.abspath(path) for path in (arguments.ehrgrid, arguments.script))
    if shutil.which("bash") is None:
        print("skipped: no bash")
        sys.exit(77)
    overview = manual.output(program, "help")
    verbs = sorted(set(re.findall(r"^  (\w+) ", overview, re.M)) - {"ehrgrid"})
    below = ["generate", "import", "regions"]
    common = ["--help", "--version"]
    table = [
        ([""], sorted(verbs + common)), (["va"], ["validate"]), (["--v"], ["--version"]),
        (["help", "s"], ["sweep"]), (["platform", ""], sorted(below + common)),
        (["platform", "im"], ["import"]), (["fly", "--"], []),
        (["run", "--se"], ["--seed", "--set"]), (["run", "x.xml", "--seed", "1", "--rep"],
                                                 ["--replication"]),
        (["run", ""], ["a folder", "b.xml", "c d.xml"]), (["run", "c"], ["c d.xml"]),
        (["validate", "--json", "b"], ["b.xml"]), (["run", "--seed", ""], []),
        (["run", "--seed", "1", ""], ["a folder", "b.xml", "c d.xml"]),
        (["run", "--trace", "b"], ["b.xml"]), (["run", "--out", ""], ["a folder"]),
        (["run", "--records=a"], ["a folder"]), (["expand", "--out", "t"], ["table.csv"]),
        (["run", "--", "--s"], []), (["aggregate", ""], ["a folder"]),
        (["sweep", "-j", ""], []), (["sweep", "-q", "b"], ["b.xml"]),
        (["platform", "import", ""], ["a folder", "map.graphml"]),
        (["platform", "import", "map.graphml", "--routing", ""], ["hops", "latency"]),
        (["platform", "import", "--routing=h"], ["hops"]),
        (["platform", "regions", "--matrix", "t"], ["table.csv"]),
        (["plot", "--format", "p"], ["pdf", "png"]),
        (["plot", "--format=svg,p"], ["svg,pdf", "svg,png"]),
    ]
    table += [([*verb.split(), "--"], options_of(program, verb))
              for verb in [v for v in verbs if v not in ("platform", "help")] +
              [f"platform {verb}" for verb in below]]
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "a folder"))
        for name in ("b.xml", "c d.xml", "map.graphml", "table.csv"):
            open(os.path.join(folder, name), "w", encoding="utf-8").close()
        for words, expected in table:
            found = offered(script, program, words, folder)
            if found != expected:
                failed += 1
                print(f"{words}: {found}, expected {expected}")
    print(f"{len(table)} lines, {failed} not as expected")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
