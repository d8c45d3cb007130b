#!/usr/bin/env python3
"""House rules that no compiler checks. Prints `file:line: rule: what` for each finding, exit 1.

    tests/tidy/tidy.py [ROOT]

Every rule is a generator of findings over one file; RULES at the end lists them. What a rule is for
stands in docs/architecture.md and CONTRIBUTING.md.
"""
import os
import re
import sys

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100

# Folders with results, builds and other people's text.
SKIPPED = re.compile(r"^(build[^/]*|results/(?!README\.md|plot|report)[^/]*|\.git|\.cache)(/|$)")
# Files that hold bad input on purpose.
BROKEN_ON_PURPOSE = re.compile(r"^tests/golden/(scenarios|deployments)-broken/|^tests/tidy/")

# Who may include whom, by folder: the dependency arrows of docs/architecture.md. A folder may
# always include itself. `headers` are single files allowed on top.
ARROWS = {
    "crypto": {"folders": []},
    "sim/ledger": {"folders": ["crypto"]},
    "sim/consensus": {"folders": []},
    "sim/contract": {"folders": ["crypto", "sim/ledger"]},
    "sim/calibrate": {"folders": ["crypto", "sim/ledger", "sim/contract"]},
    "sim/network": {"folders": ["crypto", "sim/ledger"]},
    "sim/measure": {"folders": []},
    "sim/scenario": {"folders": []},
    "sim/records": {"folders": []},
    "sim/platform": {"folders": ["sim/scenario", "sim/measure"]},
    "sim/figures": {"folders": ["sim/scenario", "sim/measure"]},
    "sim/html": {"folders": ["sim/measure", "sim/figures"]},
    "actors": {"folders": ["crypto", "sim/ledger", "sim/consensus", "sim/contract",
                           "sim/network", "sim/measure", "sim/records"]},
}
# What the engines may use of the C library: no memory, output, time or chance.
CONSENSUS_HEADERS = {"assert.h", "limits.h", "stdalign.h", "stdbool.h", "stddef.h", "stdint.h",
                     "stdnoreturn.h", "string.h"}
CONSENSUS_CALLS = re.compile(r"\b(malloc|calloc|realloc|free|aligned_alloc|strdup|\w*printf|puts|"
                             r"rand|srand|random|time|clock|clock_gettime|getenv|exit|abort)\s*\(")
SIMGRID = re.compile(r"^(simgrid|xbt)/")
SIMGRID_USERS = re.compile(r"^(sim/(network|app|plugin)/|examples/|tests/)")
SODIUM_USERS = re.compile(r"^(crypto/|tests/(unit/crypto_sodium|vectors/outside|fuzz/fuzz_record)\.c$)")

# Chance and wall-clock time end byte identity. libm's transcendental functions differ between C
# libraries by the last bit; sim/records/sampler.h has own ones.
CHANCE = re.compile(r"\b(rand|srand|rand_r|random|srandom|drand48|lrand48)\s*\(")
CLOCK = re.compile(r"\b(time|clock|clock_gettime|gettimeofday)\s*\(")
CLOCK_USERS = re.compile(r"^(sim/measure/|sim/app/|sim/plugin/|tests/)")
LIBM = re.compile(r"\b(log|log2|log10|log1p|exp|exp2|expm1|pow|sin|cos|tan|cbrt)[fl]?\s*\(")
LIBM_USERS = re.compile(r"^tests/")

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE_PATH = re.compile(r"(?<![\w.*-])/(?:home/[a-z]|root/|Users/|work/|mnt/|tmp/ehr/)")
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
CODE_SPAN = re.compile(r"`([^`\s]+)`")
TREE_PATH = re.compile(r"^(crypto|sim|actors|platforms|scenarios|tests|docs|cmake|scripts|include)/"
                       r"[\w./-]*[\w]$")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class File:
    def __init__(self, root, path):
        self.root, self.path = root, path
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as stream:
            self.text = stream.read()
        self.lines = self.text.split("\n")
        if self.lines and self.lines[-1] == "":
            self.lines.pop()
        self.is_c = path.endswith((".c", ".h"))
        self.is_document = path.endswith(".md")
        self.code = without_comments(self.text).split("\n") if self.is_c else []

    def includes(self):
        for number, line in enumerate(self.lines, 1):
            found = INCLUDE.match(line)
            if found:
                yield number, found.group(1) == "<", found.group(2)


def without_comments(text):
    """Comments, strings and characters blanked, line breaks kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def folder_of(path):
    """The longest folder of ARROWS that holds `path`."""
    return next((f for f in sorted(ARROWS, key=len, reverse=True) if path.startswith(f + "/")), None)


def rule_include(file):
    folder = folder_of(file.path)
    for number, system, name in file.includes():
        if SIMGRID.match(name) and not SIMGRID_USERS.match(file.path):
            yield number, f"{name}: SimGrid is for sim/network, sim/app and sim/plugin"
        if name == "sodium.h" and not SODIUM_USERS.match(file.path):
            yield number, "sodium.h: only crypto/ includes it"
        if file.path.startswith("examples/") and not system and "/" in name:
            yield number, f"{name}: examples see <ehrgrid.h> and SimGrid, nothing of the inside"
        if system:
            if folder == "sim/consensus" and name not in CONSENSUS_HEADERS:
                yield number, f"{name}: sim/consensus may not use it"
            continue
        if "/" not in name and file.path.startswith(("crypto/", "sim/", "actors/")):
            yield number, f"{name}: includes start at the root of the repository"
        allowed = folder is None or any(name.startswith(f + "/")
                                        for f in [folder] + ARROWS[folder]["folders"])
        if not allowed and "/" in name:
            yield number, f"{name}: no arrow leads there from {folder}"
        if not os.path.exists(os.path.join(file.root, name)) and "/" in name:
            yield number, f"{name}: no such file"


def rule_call(file):
    for number, line in enumerate(file.code, 1):
        if folder_of(file.path) == "sim/consensus":
            for call in CONSENSUS_CALLS.finditer(line):
                yield number, f"{call.group(1)}: sim/consensus has no memory, output, time or chance"
        for pattern, users, why in (
                (CHANCE, None, "draw from a seeded stream"),
                (CLOCK, CLOCK_USERS, "simulated time comes from the kernel"),
                (LIBM, LIBM_USERS, "differs between C libraries; see sim/records/sampler.h")):
            if users is None or not users.match(file.path):
                for call in pattern.finditer(line):
                    yield number, f"{call.group(1)}: {why}"


def rule_file_length(file):
    if len(file.lines) > FILE_LINES_MAX:
        yield FILE_LINES_MAX, f"{len(file.lines)} lines, at most {FILE_LINES_MAX}"


def rule_function_length(file):
    """A function's brace is alone in the first column (.clang-format), so is the one that ends it."""
    opened = None
    for number, line in enumerate(file.code, 1):
        if line.rstrip() == "{":
            opened = number
        elif line.startswith("}") and opened is not None:
            length = number - opened - 1
            if length > FUNCTION_LINES_MAX:
                yield opened, f"a function of {length} lines, at most {FUNCTION_LINES_MAX}"
            opened = None


def rule_columns(file):
    for number, line in enumerate(file.lines, 1):
        if len(line) > COLUMNS_MAX:
            yield number, f"{len(line)} columns, at most {COLUMNS_MAX}"


def rule_header_comment(file):
    if file.path.endswith(".h") and not file.text.startswith("/*"):
        yield 1, "a header opens with a comment: what it is, what it is not"


def rule_guard(file):
    """EHR_, the path without sim/, _H: of sim/ledger/block.h EHR_LEDGER_BLOCK_H."""
    if not file.path.endswith(".h") or folder_of(file.path) is None:
        return
    name = re.sub(r"^sim/", "", file.path)
    wanted = "EHR_" + re.sub(r"\W", "_", name[:-2]).upper() + "_H"
    for number, line in enumerate(file.lines, 1):
        if line.startswith("#ifndef "):
            found = line.split()[1]
            if found != wanted:
                yield number, f"guard {found}, expected {wanted}"
            return
    yield 1, f"no guard, expected {wanted}"


def rule_unfinished(file):
    for number, line in enumerate(file.lines, 1):
        found = UNFINISHED.search(line)
        if found:
            yield number, f"{found.group(1)}: finish it, or open an issue"


def rule_machine_path(file):
    for number, line in enumerate(file.lines, 1):
        found = MACHINE_PATH.search(line)
        if found:
            yield number, f"{found.group(0)}...: a path of one machine"


def rule_white_space(file):
    for number, line in enumerate(file.lines, 1):
        if line != line.rstrip(" \t\r"):
            yield number, "white space at the end"
    if file.text and not file.text.endswith("\n"):
        yield len(file.lines), "no line break at the end"


def slugs(text):
    """Anchors of the headings of a document, as GitHub makes them."""
    for line in text.split("\n"):
        if re.match(r"#{1,6} ", line):
            title = re.sub(r"[`*]", "", line.lstrip("#").strip().lower())
            yield re.sub(r"[^\w\- ]", "", title).replace(" ", "-")


def rule_link(file):
    if not file.is_document:
        return
    fenced = False
    for number, line in enumerate(file.lines, 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        if fenced:
            continue
        for target in LINK.findall(re.sub(r"`[^`]*`", "", line)):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            whole = os.path.normpath(os.path.join(os.path.dirname(file.path), path)) if path \
                else file.path
            there = os.path.join(file.root, whole)
            if not os.path.exists(there):
                yield number, f"{target}: leads nowhere"
            elif anchor and whole.endswith(".md"):
                with open(there, encoding="utf-8") as stream:
                    if anchor not in slugs(stream.read()):
                        yield number, f"{target}: no such heading"
        for path in CODE_SPAN.findall(line):
            if TREE_PATH.match(path) and not os.path.exists(os.path.join(file.root, path)):
                yield number, f"{path}: no such file"


C_RULES = [rule_include, rule_call, rule_file_length, rule_function_length, rule_columns,
           rule_header_comment, rule_guard]
RULES = [rule_unfinished, rule_machine_path, rule_white_space, rule_link]
TEXT = (".c", ".h", ".md", ".cmake", ".txt", ".xml", ".xsd", ".py", ".gp", ".js", ".css", ".json",
        ".cff", ".yml")


def paths(root):
    for folder, folders, names in os.walk(root):
        inside = os.path.relpath(folder, root)
        inside = "" if inside == "." else inside + "/"
        folders[:] = sorted(f for f in folders if not SKIPPED.match(inside + f))
        for name in sorted(names):
            path = inside + name
            # Scripts have no ending; of the rest only text.
            if not SKIPPED.match(path) and (name.endswith(TEXT) or inside == "scripts/"):
                yield path


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else "."
    files = findings = 0
    for path in paths(root):
        if BROKEN_ON_PURPOSE.match(path):
            continue
        file = File(root, path)
        files += 1
        for rule in (C_RULES if file.is_c else []) + RULES:
            for number, what in rule(file):
                findings += 1
                print(f"{path}:{number}: {rule.__name__[5:].replace('_', '-')}: {what}")
    print(f"{files} files, {findings} findings")
    if files == 0:
        print(f"{root}: nothing to check")
    return 1 if findings or not files else 0


if __name__ == "__main__":
    sys.exit(main())
