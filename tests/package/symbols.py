#!/usr/bin/env python3
"""The symbols that a library shows are the functions that its header declares EHR_API: no more, no
fewer, and the header declares nothing else.

    symbols.py HEADER LIBRARY...              a shared object or an archive
    symbols.py --can-fail HEADER LIBRARY...   with a declaration fewer and one more: both are seen

NM is taken from the environment."""
import os
import re
import subprocess
import sys

import header

# Not of the source: instrumentation.
OF_TOOLS = re.compile(r"__(asan|odr_asan|ubsan|sanitizer|gcov|llvm)|__start_|__stop_")


def shown(library):
    options = ["-D"] if ".so" in os.path.basename(library) else ["-g"]
    command = [os.environ.get("NM", "nm"), *options, "--defined-only", "--format=posix", library]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    names = {line.split()[0] for line in lines if len(line.split()) >= 3}
    return {name for name in names if not OF_TOOLS.match(name)}


def findings(text, library):
    declared = header.exported(text)
    if not declared:
        yield "the header declares nothing"
    have = shown(library)
    for name in sorted(declared - have):
        yield f"{library}: {name} is declared EHR_API and is not there"
    for name in sorted(have - declared):
        yield f"{library}: {name} is visible and not declared EHR_API"
    for name in sorted(header.not_exported(text) - declared):
        yield f"{name} is declared, but not EHR_API: nobody can link it"


def can_fail(text, library):
    """Faults put into the header, and what must be said of each."""
    some = sorted(header.exported(text) & shown(library))[0]
    for broken, expected in (
            (text.replace(some, "ehr_renamed"), [f"{some} is visible", "ehr_renamed is declared"]),
            (text + "\nEHR_API int ehr_more(void);\n", ["ehr_more is declared EHR_API"]),
            (text + "\nint ehr_other(void);\n", ["ehr_other is declared, but not"])):
        said = list(findings(broken, library))
        for what in expected:
            if not any(what in line for line in said):
                yield f"not noticed: {what}"


def main(arguments):
    check = findings
    if arguments[:1] == ["--can-fail"]:
        check = can_fail
        arguments = arguments[1:]
    if len(arguments) < 2:
        print(__doc__)
        return 2
    text = header.read(arguments[0])
    said = [line for library in arguments[1:] for line in check(text, library)]
    print("\n".join(said) if said else
          f"{len(header.exported(text))} functions, {len(arguments) - 1} libraries")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
