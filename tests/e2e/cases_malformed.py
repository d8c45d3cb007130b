"""Malformed scenarios: each shipped one with one thing broken, and cut short (mutants.py)."""
import collections
import concurrent.futures
import glob
import os
import re
import subprocess

from bench import ROOT, check
from mutants import mutants, truncations

PER_KIND = 1  # of every kind of damage and scenario, without --full
RUN_EVERY = 10
WORST = re.compile(r"Sanitizer|runtime error|Assertion|core dumped|xbt|Traceback|terminate called")


def shipped():
    return sorted(glob.glob(os.path.join(ROOT, "scenarios", "**", "*.xml"), recursive=True))


def chosen(path, full):
    """All, or of each kind some that stand far from each other."""
    kinds = collections.defaultdict(list)
    for mutant in mutants(path):
        kinds[mutant.kind].append(mutant)
    for of_kind in kinds.values():
        step = 1 if full else max(1, len(of_kind) // PER_KIND)
        # Not always the same tags in scenarios that are alike.
        yield from of_kind[(len(path) % step)::step]


def wrong(bench, number, path, mutant):
    """What is not as it should be with the command and this scenario; None if all is."""
    folder = os.path.join(bench.folder, "mutant-%d" % number)
    os.makedirs(folder)
    with open(os.path.join(folder, "mine.xml"), "wb") as file:
        file.write(mutant.text if isinstance(mutant.text, bytes) else mutant.text.encode())
    run = number % RUN_EVERY == 0
    words = ["run", "mine.xml", "--out", "out"] if run else ["validate", "mine.xml"]
    done = subprocess.run([bench.command] + words, cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, env=dict(os.environ, TMPDIR=folder))
    lines = done.stderr.split("\n")
    last = (mutant.text if isinstance(mutant.text, bytes) else mutant.text.encode()).count(b"\n") + 1
    said = [re.match(r"mine\.xml:(\d+): (?!warning)", line) for line in lines]
    found = None
    if done.returncode != 2:
        found = "exit %d" % done.returncode
    elif WORST.search(done.stderr):
        found = "a crash"
    elif not any(said) or any(part and not 1 <= int(part.group(1)) <= last for part in said):
        found = "no line of the file"
    elif mutant.line and not any(re.match(r"mine\.xml:%d: .*%s" % (mutant.line, mutant.message), line)
                                 for line in lines):
        found = "not line %d and /%s/" % (mutant.line, mutant.message)
    elif mutant.message and not any(re.search(mutant.message, line) for line in lines):
        found = "not /%s/" % mutant.message
    elif os.listdir(folder) != ["mine.xml"] or done.stdout:
        found = "left %s, printed %r" % (os.listdir(folder), done.stdout)
    if found:
        return "%s, %s (%s): %s\n%s" % (os.path.relpath(path, ROOT), mutant.what, mutant.kind, found,
                                       done.stderr)
    os.remove(os.path.join(folder, "mine.xml"))
    os.rmdir(folder)
    return None


def all_refused(bench, work):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda item: wrong(bench, item[0], *item[1]), enumerate(work)))
    failures = [result for result in results if result]
    for failure in failures[:20]:
        print("  " + failure.replace("\n", "\n    ").rstrip())
    kinds = collections.Counter(mutant.kind for _, mutant in work)
    print("  %d scenarios, of which broken by %s" % (len(work), ", ".join(
        "%s %d" % item for item in sorted(kinds.items()))))
    check(not failures, "%d of %d are not refused as they should be" % (len(failures), len(work)))


def case_malformed(bench):
    """One attribute, unit, reference or element broken: exit 2, its line, no crash, nothing left."""
    work = [(path, mutant) for path in shipped() for mutant in chosen(path, bench.full)]
    check(len({mutant.text for _, mutant in work}) >= 200, "only %d scenarios" % len(work))
    all_refused(bench, work)


def case_malformed_truncated(bench):
    """Cut at 50 places (--full: of every shipped scenario): the same."""
    paths = shipped()
    if not bench.full:
        paths = [path for path in paths if path.endswith("/quickstart.xml")]
    work = [(path, mutant) for path in paths for mutant in truncations(path, 50)]
    check(len({(path, mutant.text) for path, mutant in work}) == 50 * len(paths), "not 50 places")
    all_refused(bench, work)


def case_schema_hints(bench):
    """Every shipped scenario leads an editor to the schema, which is what the command has in it."""
    schema = os.path.join(ROOT, "scenarios", "scenario.xsd")
    done = bench.execute(["validate", "--schema"])
    with open(schema, encoding="utf-8") as file:
        check(done.returncode == 0 and done.stdout == file.read(), "validate --schema differs")
    for path in shipped():
        with open(path, encoding="utf-8") as file:
            hint = re.search(r'xmlns:xsi="http://www\.w3\.org/2001/XMLSchema-instance"\s+'
                             r'xsi:schemaLocation="urn:ehrgrid:scenario:1 ([^" ]+)"', file.read())
        check(hint, "%s: no hint" % path)
        place = os.path.join(os.path.dirname(path), hint.group(1))
        check(os.path.realpath(place) == os.path.realpath(schema), "%s: %s" % (path, hint.group(1)))
