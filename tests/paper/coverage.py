#!/usr/bin/env python3
"""docs/consensus-papers.md and the cases agree: every case named there exists, every case of
tests/paper stands there, every row names one or says why not.

    tests/paper/coverage.py [--can-fail]"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CASE = re.compile(r'(?:\{\s*"|CASE\()([a-z][a-z0-9_]+)["\)]')
NAMED = re.compile(r"`([a-z][a-z0-9_-]+)`")
REASON = re.compile(r"not here|a matter of")


def cases_of(folder):
    found = set()
    for path in (ROOT / folder).rglob("*.c"):
        text = "\n".join(line for line in path.read_text().splitlines()
                         if not line.startswith("#define"))
        found |= set(CASE.findall(text))
    return found


def findings(text):
    existing = cases_of("tests")
    traces = {path.stem for path in (ROOT / "tests/golden").glob("*.txt")}
    named, out = set(), []
    for number, line in enumerate(text.splitlines(), 1):
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if not line.startswith("|") or len(cells) < 3 or cells[0] == "section":
            continue
        names = NAMED.findall(cells[-1])
        if not names and not REASON.search(cells[-1]):
            out.append(f"line {number}: neither a case nor a reason")
        out += [f"line {number}: no case or trace {name}" for name in names
                if name not in existing | traces]
        named |= set(names)
    out += [f"case {name} of tests/paper is not in the table"
            for name in sorted(cases_of("tests/paper") - named)]
    return out


def main(arguments):
    text = (ROOT / "docs/consensus-papers.md").read_text()
    if arguments == ["--can-fail"]:
        gone = text.replace("`leader_only_appends`", "`leader_only_appendz`")
        found = findings(gone)
        return 0 if len(found) == 2 and "leader_only_append" in found[0] + found[1] else 1
    found = findings(text)
    for finding in found:
        print(f"docs/consensus-papers.md: {finding}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
