#!/usr/bin/env python3
"""The engines are pure state machines: the archive may ask others for these symbols and no more.

    engine_symbols.py ARCHIVE                    refuses an archive that asks for anything else
    engine_symbols.py ARCHIVE --can-fail CC SRC  compiles forbidden calls into copies of it: each
                                                 must be refused
Also refused: variables outside the engines' own storage. NM is taken from the environment."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ALLOWED = {
    "memcpy": "copies of digests, signatures and bodies into the engine's storage",
    "memmove": "lists that shift in place",
    "memset": "storage that begins at zero",
    "memcmp": "comparison of digests",
    "strcmp": "ehr_engine_find looks for an engine by name",
    "strlen": "ehr_registry_add checks the name of a program's engine",
    "strchr": "the same",
    "__assert_fail": "our own bugs stop the process",
}
# Of the compiler, not of the source: position-independent code, stack protector, sanitizers,
# coverage.
COMPILER = re.compile(r"_GLOBAL_OFFSET_TABLE_$|__stack_chk_(fail|guard)$|__(asan|ubsan|sanitizer|lsan)_"
                      r"|__gcov_|__memcpy_chk$|__memset_chk$|__memmove_chk$")
# The engines that a program brings: registered before anything runs.
REGISTERED = "registered_by_program"
# Variables that can change: .bss and common. (.data holds the constant tables of functions.)
OWN_STATE = re.compile(r"^[0-9a-f]+ ([BbC]) (\S+)$")
OF_TOOLS = re.compile(r"__(asan|odr_asan|gcov|llvm|ubsan)|\.LASAN|_gcov|__profn")

FORBIDDEN = {
    "printf": "#include <stdio.h>\nvoid extra(int x);\nvoid extra(int x) { printf(\"%d\\n\", x); }\n",
    "clock_gettime": "#define _POSIX_C_SOURCE 200809L\n#include <time.h>\nlong extra(void);\n"
                     "long extra(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t);"
                     " return t.tv_nsec; }\n",
    "time": "#include <time.h>\nlong extra(void);\nlong extra(void) { return (long)time(NULL); }\n",
    "rand": "#include <stdlib.h>\nint extra(void);\nint extra(void) { return rand(); }\n",
    "malloc": "#include <stdlib.h>\nvoid *extra(size_t n);\n"
              "void *extra(size_t n) { return malloc(n); }\n",
    "realloc": "#include <stdlib.h>\nvoid *extra(void *p, size_t n);\n"
               "void *extra(void *p, size_t n) { return realloc(p, n); }\n",
    "ehr_rng_fill": "void ehr_rng_fill(void *, unsigned char *, unsigned long);\nvoid extra(void *);\n"
                    "void extra(void *p) { unsigned char b; ehr_rng_fill(p, &b, 1); }\n",
    "extra_count": "int extra_count;\nint extra(void);\nint extra(void) { return ++extra_count; }\n",
}


def nm(archive, *options):
    command = [os.environ.get("NM", "nm"), *options, str(archive)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def refused(archive):
    """Symbols that the archive must not have, sorted."""
    lines = nm(archive)
    defined, wanted, found = set(), set(), set()
    for line in lines:
        parts = line.split()
        if len(parts) == 2 and parts[0] in "Uvw":
            wanted.add(parts[1])
        elif len(parts) == 3:
            defined.add(parts[2])
            own = OWN_STATE.match(line)
            if own and own.group(2) != REGISTERED and not OF_TOOLS.search(own.group(2)):
                found.add(own.group(2))
    if "ehr_engine_find" not in defined:
        raise SystemExit(f"{archive}: not the archive of the engines")
    found |= {name for name in wanted - defined - set(ALLOWED) if not COMPILER.match(name)}
    return sorted(found)


def can_fail(archive, compiler, source):
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FORBIDDEN.items():
            copy = pathlib.Path(folder, f"{name}.a")
            code, built = pathlib.Path(folder, "extra.c"), pathlib.Path(folder, f"{name}.o")
            shutil.copy(archive, copy)
            code.write_text(pathlib.Path(source).read_text() + text)
            subprocess.run([compiler, "-std=gnu17", "-O1", "-I",
                            str(pathlib.Path(source).parents[2]), "-c", str(code), "-o", str(built)],
                           check=True)
            subprocess.run(["ar", "rc", str(copy), str(built)], check=True)
            got = refused(copy)
            if name not in got:
                print(f"{name} in the engines was not noticed (refused: {got})")
                failures += 1
    return failures


def main(arguments):
    if len(arguments) == 4 and arguments[1] == "--can-fail":
        return can_fail(arguments[0], *arguments[2:])
    if len(arguments) != 1:
        print(__doc__)
        return 2
    for name in refused(arguments[0]):
        print(f"{arguments[0]}: {name}: engines may use {', '.join(sorted(ALLOWED))} only")
    return 1 if refused(arguments[0]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
