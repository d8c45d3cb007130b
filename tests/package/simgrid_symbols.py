#!/usr/bin/env python3
"""What the library calls of SimGrid is what cmake/simgrid.symbols lists: functions that every
supported version has and none calls deprecated, or that stand in for each other.

    simgrid_symbols.py LIST LIBRARY SIMGRID VERSION INCLUDE
        LIBRARY: libehrgrid.so; SIMGRID: libsimgrid.so, of this version; INCLUDE: its headers
    simgrid_symbols.py --can-fail LIST LIBRARY SIMGRID VERSION INCLUDE CC
        with calls that 4.1 has taken away or deprecates, and with a wrong list: all are seen
    simgrid_symbols.py --marks SIMGRID INCLUDE NAME...
        how this version has the functions: to fill in a column

NM is taken from the environment."""
import os
import re
import subprocess
import sys
import tempfile

DEPRECATED = re.compile(r"XBT_ATTRIB_DEPRECATED_v\d+\([^;{]*[;{]", re.S)
HAS, HAS_DEPRECATED, LACKS = "y", "d", "-"


def nm(library, *options):
    words = [os.environ.get("NM", "nm"), "-D", *options, "--format=posix", library]
    lines = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0].split("@")[0] for line in lines if line.split()}


def deprecated(include):
    """Functions that the headers for C declare deprecated."""
    found = set()
    for folder in ("simgrid", "simgrid/plugins", "xbt"):
        path = os.path.join(include, folder)
        for name in sorted(os.listdir(path)):
            if name.endswith(".h"):
                with open(os.path.join(path, name), encoding="utf-8") as stream:
                    bare = re.sub(r'"(\\.|[^"\\])*"', '""', stream.read())
                    for text in DEPRECATED.findall(bare):
                        found.update(re.findall(r"\b([a-z]\w+)\(", text))
    return found


class SimGrid:
    def __init__(self, library, include):
        self.functions, self.old = nm(library, "--defined-only"), deprecated(include)

    def mark(self, name):
        if name not in self.functions:
            return LACKS
        return HAS_DEPRECATED if name in self.old else HAS


def rows_read(text):
    """The versions, and by function its marks, what stands in for it, and whom it comes with."""
    lines = [line.split() for line in text.splitlines() if line.split()]
    head = next(words for words in lines if words[:2] == ["#", "function"])
    versions = head[2:head.index("stands")]
    rows = {}
    for words in lines:
        if not words[0].startswith("#"):
            more = words[1 + len(versions):]
            comes = more[1:] if more[:1] == ["with"] else []
            rows[words[0]] = (dict(zip(versions, words[1:])), [] if comes else more, comes)
    return versions, rows


def findings(text, used, simgrid, version):
    versions, rows = rows_read(text)
    version = ".".join(version.split(".")[:2])
    names = [line.split()[0] for line in text.splitlines() if line and not line.startswith("#")]
    if names != sorted(set(names)):
        yield "the list is not sorted, or names a function twice"
    for name in sorted(used - set(rows)):
        yield f"{name}: is called and not on the list; here it is marked {simgrid.mark(name)}"
    for name, (marks, instead, comes) in rows.items():
        if set(marks) != set(versions) or set(marks.values()) - {HAS, HAS_DEPRECATED, LACKS}:
            yield f"{name}: a mark for each of {', '.join(versions)}: {HAS} {HAS_DEPRECATED} {LACKS}"
            continue
        for other in versions:
            if marks[other] != HAS and not any(
                    rows[stand][0].get(other) == HAS for stand in instead if stand in rows):
                yield f"{name}: {other} does not have it, or calls it deprecated; nothing stands in"
        if version in versions and marks[version] != simgrid.mark(name):
            yield f"{name}: {version} has it marked {simgrid.mark(name)}, the list {marks[version]}"
        if simgrid.mark(name) != HAS and name in used:
            yield f"{name}: is called, and is deprecated in SimGrid {version}"
        if simgrid.mark(name) == HAS and name not in used and (not comes or used & set(comes)):
            yield f"{name}: is on the list and nobody calls it"


def library_of(folder, compiler, name):
    """A library that calls one function."""
    source, library = os.path.join(folder, "extra.c"), os.path.join(folder, "extra.so")
    with open(source, "w", encoding="utf-8") as stream:
        stream.write(f"void {name}(void);\nvoid extra(void);\nvoid extra(void) {{ {name}(); }}\n")
    subprocess.run([*compiler.split(), "-shared", "-fPIC", source, "-o", library], check=True)
    return nm(library, "--undefined-only")


def can_fail(text, used, simgrid, version, compiler):
    first = sorted(used & set(rows_read(text)[1]))[0]
    at_hand = ".".join(version.split(".")[:2])
    cases = [
        ("not on the list", text, used | {"sg_comm_test"}),
        ("is deprecated in", text, used | {"sg_host_get_route"}),
        ("nobody calls it", text, used - {first}),
        ("is called and not on the list", re.sub(rf"(?m)^{first}\b.*\n", "", text), used),
        ("nothing stands in", re.sub(rf"(?m)^({first}\s+).*$", r"\1y y -", text), used),
        ("nothing stands in", re.sub(rf"(?m)^({first}\s+).*$", r"\1y d y", text), used),
        ("a mark for each", re.sub(rf"(?m)^({first}\s+).*$", r"\1y y", text), used),
        ("not sorted", text + first + " y y y\n", used),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for gone in ("sg_comm_wait_all", "sg_comm_wait_any", "xbt_dict_set"):
            calls = library_of(folder, compiler, gone)
            if gone in simgrid.functions:
                cases.append(("not on the list", text, used | (calls & simgrid.functions)))
    for expected, list_text, calls in cases:
        if expected == "is deprecated in" and simgrid.mark("sg_host_get_route") == HAS:
            continue
        if not any(expected in line for line in findings(list_text, calls, simgrid, at_hand)):
            yield f"not noticed: {expected}"


def main(arguments):
    if arguments[:1] == ["--marks"] and len(arguments) > 3:
        simgrid = SimGrid(*arguments[1:3])
        for name in arguments[3:]:
            print(name, simgrid.mark(name))
        return 0
    failing = arguments[:1] == ["--can-fail"]
    if len(arguments) != (7 if failing else 5):
        print(__doc__)
        return 2
    list_path, library, simgrid_path, version, include = arguments[failing:failing + 5]
    with open(list_path, encoding="utf-8") as stream:
        text = stream.read()
    simgrid = SimGrid(simgrid_path, include)
    wanted = nm(library, "--undefined-only")
    used = wanted & simgrid.functions
    if any(name.startswith("__asan_") for name in wanted):
        # Under AddressSanitizer actors are threads, whose stacks nobody sets.
        used |= {"sg_actor_set_stacksize"}
    found = list(can_fail(text, used, simgrid, version, arguments[6]) if failing else
                 findings(text, used, simgrid, version))
    for line in found:
        print(f"cmake/simgrid.symbols: {line}")
    if not failing:
        print(f"SimGrid {version}: {len(used)} functions called")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
