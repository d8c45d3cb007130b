#!/usr/bin/env python3
"""The command says which SimGrid it runs on, and refuses one of another version than it was built
for: a message, exit 3, no abort.

    simgrid_version.py EHRGRID SCENARIO CC VERSION

The other version is a library that is loaded before SimGrid and answers sg_version_get. Exit 77
where nothing can be loaded before (sanitizers come first)."""
import os
import subprocess
import sys
import tempfile

OTHER = "void sg_version_get(int *, int *, int *);\n" \
        "void sg_version_get(int *major, int *minor, int *patch)\n" \
        "{ *major = %d; *minor = %d; *patch = %d; }\n"


def run(words, **environment):
    done = subprocess.run(words, env=dict(os.environ, **environment), stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode, done.stdout


def pretend(folder, compiler, version):
    source, library = os.path.join(folder, "other.c"), os.path.join(folder, "other.so")
    with open(source, "w", encoding="utf-8") as stream:
        stream.write(OTHER % version)
    subprocess.run([*compiler.split(), "-shared", "-fPIC", source, "-o", library], check=True)
    return library


def main(ehrgrid, scenario, compiler, version):
    status, said = run([ehrgrid, "--version"])
    if status != 0:
        sys.exit(f"--version: exit {status}\n{said}")
    if f"SimGrid {version}\n" not in said:
        sys.exit(f"--version does not say SimGrid {version}:\n{said}")
    major, minor = (int(part) for part in version.split(".")[:2])
    with tempfile.TemporaryDirectory() as folder:
        for other, name in (((major, minor + 1, 0), f"{major}.{minor + 1}"),
                            ((major + 1, minor, 2), f"{major + 1}.{minor}.2")):
            library = pretend(folder, compiler, other)
            out = os.path.join(folder, "out")
            status, said = run([ehrgrid, "run", scenario, "--out", out], LD_PRELOAD=library)
            if "runtime does not come first" in said:
                print("skipped: built with sanitizers")
                return 77
            if status != 3 or f"the library is version {name}" not in said or \
                    f"built for {version}" not in said or "Backtrace" in said:
                sys.exit(f"SimGrid {name}: exit {status}\n{said}")
            if os.path.exists(out):
                sys.exit("a folder of results was made")
        # A patch changes nothing that a program sees.
        library = pretend(folder, compiler, (major, minor, 7))
        status, said = run([ehrgrid, "validate", scenario], LD_PRELOAD=library)
        if status != 0:
            sys.exit(f"a patch of the same version: exit {status}\n{said}")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
