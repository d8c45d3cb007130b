#!/usr/bin/env python3
"""Breaks the engines on purpose, one rule at a time, and counts the seeds until ehr_simulation
notices. Exit 1 if a mutant survives.

    tests/simulation/mutants.py [--engine NAME] [--cc CC] [--seeds COUNT] [--from-one] [NAME ...]

A mutant (mutants_<engine>.py) is a name and one or more edits: a file under sim/consensus/<engine>,
a text that occurs in it once, and what replaces it. The seeds at which they were noticed last
(mutants.md, as --from-one prints it) are tried first: the bench may have changed since, so that one
that is not noticed there is looked for from seed 1.
"""
import argparse
import concurrent.futures
import importlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ENGINES = ("pbft", "hotstuff", "raft", "solo")
CHUNK = 250


class Bench:
    """The simulation, compiled with one engine broken after the other."""

    def __init__(self, compiler, tree):
        self.compiler, self.tree = compiler, tree
        for part in ("crypto", "sim/consensus", "tests/simulation"):
            shutil.copytree(ROOT / part, tree / part)
        self.sources = sorted((tree / "sim/consensus").rglob("*.c"))
        self.sources += sorted((tree / "tests/simulation/campaign").glob("*.c"))
        self.sources += [tree / "tests/simulation/engine_print.c"]
        self.program = tree / "ehr_simulation"
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            list(pool.map(self.compile, self.sources))
        self.link()

    def compile(self, source):
        subprocess.run([self.compiler, "-std=c17", "-O2", "-w", "-D_DEFAULT_SOURCE",
                        f"-I{self.tree}", "-c", source, "-o", source.with_suffix(".o")], check=True)

    def link(self):
        subprocess.run([self.compiler, "-o", self.program, "-lm",
                        *(s.with_suffix(".o") for s in self.sources)], check=True)

    def broken(self, engine, edits):
        """Applies the edits and links; returns what the files said before."""
        before = {}
        for name, old, new in edits:
            path = self.tree / "sim/consensus" / engine / name
            text = path.read_text()
            before.setdefault(path, text)
            if text.count(old) != 1:
                sys.exit(f"{engine}/{name}: occurs {text.count(old)} times: {old!r}")
            path.write_text(text.replace(old, new))
        for path in before:
            self.compile(path)
        self.link()
        return before

    def restore(self, before):
        for path, text in before.items():
            path.write_text(text)
            self.compile(path)

    def run(self, engine, first, count):
        return subprocess.run([self.program, "--engine", engine, "--from", str(first), "--seeds",
                               str(count), "--no-shrink"], capture_output=True, text=True,
                              check=False)

    def noticed(self, engine, first, count):
        """The first seed of the range that fails and what it is called, or None."""
        for start in range(first, first + count, CHUNK):
            run = self.run(engine, start, min(CHUNK, first + count - start))
            if run.returncode == 0:
                continue
            said = run.stdout + run.stderr
            found = re.search(r"^seed (\d+)[^:]*: (.*)", said, re.M)
            if found is None:
                sys.exit(f"no seed is named:\n{said}")
            kind = re.match(r"assertion: [^:]*: [^:]*|[^:]*", found.group(2))
            return int(found.group(1)), kind.group()
        return None


def known_read():
    """Seeds by engine and name."""
    known = {}
    for line in (HERE / "mutants.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4 and cells[2].isdigit():
            known[cells[0], cells[1]] = int(cells[2])
    return known


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=ENGINES, action="append")
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--seeds", type=int, default=5000)
    parser.add_argument("--from-one", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    known = {} if options.from_one else known_read()
    survivors = 0
    print("| engine | mutant | seed | noticed as |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options.cc, pathlib.Path(folder) / "tree")
        for engine in options.engine or ENGINES:
            healthy = bench.noticed(engine, 1, 100)
            if healthy is not None:
                sys.exit(f"{engine} itself is noticed: {healthy}")
            for name, *edits in importlib.import_module(f"mutants_{engine}").MUTANTS:
                if options.names and name not in options.names:
                    continue
                before = bench.broken(engine, edits)
                seed = known.get((engine, name))
                found = bench.noticed(engine, seed, 1) if seed else None
                found = found or bench.noticed(engine, 1, options.seeds)
                bench.restore(before)
                survivors += found is None
                seed, what = found or (f"none of {options.seeds}", "SURVIVES")
                print(f"| {engine} | {name} | {seed} | {what} |", flush=True)
    return survivors != 0


if __name__ == "__main__":
    sys.exit(main())
