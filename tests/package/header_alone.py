#!/usr/bin/env python3
"""The installed header compiles alone, without a warning, as C11, C17 and C++17.

    header_alone.py HEADER COMPILER...    C or C++ compilers; those that are not there are left out
"""
import os
import shutil
import subprocess
import sys
import tempfile

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
# Every macro of the header is used once, and a function, so that it is linked by its C name.
PROGRAM = """#include "ehrgrid.h"
int main(void)
{
    struct ehr_hooks hooks = EHR_HOOKS_INIT;
    struct ehr_plugin_config config = EHR_PLUGIN_CONFIG_INIT;
    struct ehr_submission submission = EHR_SUBMISSION_INIT;
    config.hooks = &hooks;
    submission.flow = ehr_version();
    return config.size == hooks.size && submission.flow == 0;
}
"""


def compile_with(compiler, standard, folder):
    plus = standard.startswith("c++")
    source = os.path.join(folder, "alone.cpp" if plus else "alone.c")
    with open(source, "w", encoding="utf-8") as stream:
        stream.write(PROGRAM)
    out = os.path.join(folder, "alone.o")
    done = subprocess.run([compiler, "-std=" + standard, *WARNINGS, "-I", folder, "-c", source, "-o",
                           out], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return done.stderr
    wanted = subprocess.run(["nm", "-u", out], capture_output=True, text=True, check=True).stdout
    return "" if " ehr_version\n" in wanted else "ehr_version is not asked for by its name\n"


def main(arguments):
    if len(arguments) < 2:
        print(__doc__)
        return 2
    header, *compilers = arguments
    failed = tried = 0
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(header, os.path.join(folder, "ehrgrid.h"))
        for compiler in compilers:
            if shutil.which(compiler) is None:
                print(f"{compiler}: not there")
                continue
            for standard in ["c++17"] if compiler.endswith("++") else ["c11", "c17"]:
                said = compile_with(compiler, standard, folder)
                print(f"{compiler} -std={standard}: {'ok' if not said else said}")
                tried += 1
                failed += bool(said)
    return 1 if failed or not tried else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
