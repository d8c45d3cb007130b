#!/usr/bin/env python3
"""Installs a build, moves the prefix, and builds a program of its own against what is there: with
pkg-config and with find_package(ehrgrid), each against the shared and the static library.

    install.py --build DIR --cc COMPILER --generator GENERATOR CASE

Cases are the functions called case_*. Nothing of the source tree or of the build is used after the
installation but the program of outside/, which is copied."""
import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def say(*words):
    print(*words, flush=True)


def run(words, expect=0, **named):
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **named)
    if done.returncode != expect:
        say("$", shlex.join(words))
        say(done.stdout)
        sys.exit(f"exit {done.returncode}, expected {expect}")
    return done.stdout


class Prefix:
    """An installed tree that was moved after its installation."""

    def __init__(self, arguments, folder):
        self.cc, self.generator, self.folder = arguments.cc, arguments.generator, folder
        self.build = arguments.build
        first = os.path.join(folder, "first")
        run(["cmake", "--install", arguments.build, "--prefix", first])
        self.path = os.path.join(folder, "a moved prefix")
        shutil.move(first, self.path)
        self.pc = self.one("ehrgrid.pc")
        self.environment = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(self.pc))
        self.environment.pop("LD_LIBRARY_PATH", None)
        self.outside = os.path.join(folder, "outside")
        shutil.copytree(os.path.join(HERE, "outside"), self.outside)

    @staticmethod
    def files(root):
        return sorted(os.path.relpath(os.path.join(folder, name), root)
                      for folder, _, names in os.walk(root) for name in names)

    def one(self, name):
        found = [os.path.join(self.path, path) for path in self.files(self.path)
                 if os.path.basename(path) == name]
        if len(found) != 1:
            sys.exit(f"{name}: installed {len(found)} times")
        return found[0]

    def flags(self, *options, of="ehrgrid"):
        return shlex.split(run(["pkg-config", *options, of], env=self.environment))

    def compile(self, source, out, flags, expect=0, cc=None):
        return run([*shlex.split(cc or self.cc + " -std=c11"), "-Wall", "-Wextra", "-Werror", source, "-o", out,
                    *flags], expect, cwd=self.outside, env=self.environment)

    def start(self, program):
        return run([program], cwd=self.outside, env=self.environment)


def check_output(prefix, program):
    with open(os.path.join(HERE, "outside", "expected.txt"), encoding="utf-8") as stream:
        expected = stream.read()
    got = prefix.start(program)
    if got != expected:
        sys.exit(f"{program} says\n{got}expected\n{expected}")


def static_flags(prefix):
    return prefix.flags("--cflags", "--libs", of="ehrgrid-static")


def case_pkg_config(prefix):
    """Shared and static, with the flags that pkg-config gives."""
    if "-lsodium" in prefix.flags("--libs") or "-lsodium" not in prefix.flags("--libs", "--static"):
        sys.exit("what only the static library needs belongs to pkg-config --static")
    libdir = prefix.flags("--variable=libdir")[0]
    program = os.path.join(prefix.outside, "shared")
    flags = [*prefix.flags("--cflags", "--libs"), "-Wl,-rpath," + libdir]
    prefix.compile("host.c", program, flags)
    if "libehrgrid.so.0" not in run(["readelf", "-d", program]):
        sys.exit("the program does not name libehrgrid.so.0")
    check_output(prefix, program)
    if shutil.which("c++"):
        prefix.compile("host.c", program, flags, cc="c++ -std=c++17 -x c++")
        check_output(prefix, program)

    program = os.path.join(prefix.outside, "static")
    prefix.compile("host.c", program, static_flags(prefix))
    if "libehrgrid" in run(["readelf", "-d", program]):
        sys.exit("the static program wants the shared library")
    check_output(prefix, program)


def case_find_package(prefix):
    """Shared and static, with CMake."""
    build = os.path.join(prefix.outside, "build")
    configure = ["cmake", "-G", prefix.generator, "-S", prefix.outside, "-B", build,
                 "-DCMAKE_C_COMPILER=" + shlex.split(prefix.cc)[0]]
    run([*configure, "-DCMAKE_PREFIX_PATH=" + prefix.path], env=prefix.environment)
    run(["cmake", "--build", build], env=prefix.environment)
    for name in ("host_shared", "host_static"):
        check_output(prefix, os.path.join(build, name))
    # a version that this one cannot stand for
    shutil.rmtree(build)
    said = run([*configure, "-DCMAKE_PREFIX_PATH=" + prefix.path, "-DWANTED=0.0"], 1,
               env=prefix.environment)
    if "is not compatible" not in said and "not accepted" not in said:
        sys.exit("version 0.0 was not refused for its version:\n" + said)


def case_examples(prefix):
    """The installed examples are built as one project; each prints what it should."""
    build = os.path.join(prefix.folder, "examples")
    source = os.path.dirname(next(path for path in prefix.files(prefix.path)
                                  if path.endswith("doc/ehrgrid/examples/CMakeLists.txt")))
    run(["cmake", "-G", prefix.generator, "-S", os.path.join(prefix.path, source), "-B", build,
         "-DCMAKE_C_COMPILER=" + shlex.split(prefix.cc)[0], "-DCMAKE_PREFIX_PATH=" + prefix.path],
        env=prefix.environment)
    run(["cmake", "--build", build], env=prefix.environment)
    run(["ctest", "--test-dir", build, "--output-on-failure", "--no-tests=error"],
        env=prefix.environment)


def case_static_names(prefix):
    """A program may have functions of the names of ours, and cannot use ours."""
    inner = "ehr_scenario_parse"
    archive = prefix.one("libehrgrid.a")
    if f" t {inner}\n" not in run(["nm", archive]):
        sys.exit(f"{inner} is not in the archive: choose another for this case")
    own = os.path.join(prefix.outside, "own.c")
    text = "#include <ehrgrid.h>\nint %s(void)%s\nint main(void) { return %s() != 42 || " \
           "ehr_version() == 0; }\n"
    program = os.path.join(prefix.outside, "own")
    with open(own, "w", encoding="utf-8") as stream:
        stream.write(text % (inner, " { return 42; }", inner))
    prefix.compile(own, program, static_flags(prefix))
    prefix.start(program)
    with open(own, "w", encoding="utf-8") as stream:
        stream.write(text % (inner, ";", inner))
    said = prefix.compile(own, program, static_flags(prefix), expect=1)
    if f"undefined reference to `{inner}'" not in said:
        sys.exit("an inner function could be linked:\n" + said)


def case_moved(prefix):
    """The command and its data work where they are now, and no text tells where they were."""
    command = os.path.join(prefix.path, "bin", "ehrgrid")
    run([command, "--version"], env=prefix.environment)
    run([sys.executable, os.path.join(ROOT, "tests", "package", "completion.py"), "--ehrgrid", command,
         "--script", os.path.join(prefix.path, "share", "bash-completion", "completions", "ehrgrid")],
        env=prefix.environment)
    for path in prefix.files(prefix.path):
        path = os.path.join(prefix.path, path)
        if os.path.basename(path) in ("quickstart.xml", "regions.xml"):
            run([command, "validate", path], env=prefix.environment)
        if path.endswith(".xml") and "/scenarios/" in path:
            with open(path, encoding="utf-8") as stream:
                hint = re.search(r'xsi:schemaLocation="\S+ ([^"]+)"', stream.read()).group(1)
            if os.path.realpath(os.path.join(os.path.dirname(path), hint)) != prefix.one("scenario.xsd"):
                sys.exit(f"{path} names no schema")
        if path.endswith((".cmake", ".pc", ".h", ".md", ".xml", ".1", ".3", ".5")):
            with open(path, encoding="utf-8") as stream:
                text = stream.read()
            for place in (os.path.join(prefix.folder, "first"), ROOT + "/"):
                if place in text:
                    sys.exit(f"{path} names {place}")


def case_destdir(prefix):
    """DESTDIR holds the same files below the prefix that was configured."""
    staged = os.path.join(prefix.folder, "staged")
    run(["cmake", "--install", prefix.build], env=dict(os.environ, DESTDIR=staged))
    with open(os.path.join(prefix.build, "CMakeCache.txt"), encoding="utf-8") as stream:
        configured = re.search(r"^CMAKE_INSTALL_PREFIX:\w+=(.*)$", stream.read(), re.M).group(1)
    below = prefix.files(staged + configured)
    if below != prefix.files(prefix.path) or len(below) != len(prefix.files(staged)):
        sys.exit("other files with DESTDIR than without")


def main():
    cases = {name[5:]: case for name, case in globals().items() if name.startswith("case_")}
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--generator", default="Ninja")
    parser.add_argument("case", choices=sorted(cases))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ehrgrid-package-") as folder:
        cases[arguments.case](Prefix(arguments, os.path.realpath(folder)))


if __name__ == "__main__":
    main()
