#!/usr/bin/env python3
"""The manual pages say what the program has: verbs and options as in `ehrgrid help`, functions as in
the header, elements as in the schema, roles as in the format's page, and examples that work.

    manual.py --ehrgrid PATH --header PATH --cc COMPILER CASE

`lint` needs mandoc; exit status 77: it is not there."""
import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import header

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PAGES = os.path.join(ROOT, "docs", "man")


def output(*words, **named):
    return subprocess.run(words, check=True, capture_output=True, text=True, **named).stdout


def page(name):
    with open(os.path.join(PAGES, name), encoding="utf-8") as stream:
        return stream.read()


def example(text):
    found = re.search(r"^\.Sh EXAMPLES\n.*?^\.Bd[^\n]*\n(.*?)^\.Ed$", text, re.S | re.M)
    return found.group(1).replace("\\e", "\\")


def compare(what, documented, there):
    for name in sorted(there - documented):
        print(f"{what}: {name} is not in the manual page")
    for name in sorted(documented - there):
        print(f"{what}: {name} is in the manual page only")
    print(f"{what}: {len(there)} compared")
    return documented != there or not there


def options_of_help(text):
    """`letter, option argument` of lines that begin with options; what they mean stands two blanks
    off, or in the next line."""
    lines = re.findall(r"^  ((?:-\w, )?--\S.*?)(?:  |$)", text, re.M)
    return {option.strip() for line in lines
            for option in re.split(r"(?:^| )--?(?=\w)", line.replace(", --", ", ")) if option}


def options_of_page(text):
    text = re.sub(r" Ns Op = Ns Ar (\S+)$", r"[=\1]", text, flags=re.M)  # --trace[=EVENTS]
    return {f"{letter and letter + ', '}{name} {argument}".strip()
            for letter, name, argument in re.findall(
                r"^\.It Fl (?:(\w) , )?-([\w-]+(?:\[=\w+\])?)(?: Ar (\S+))?$", text, re.M)}


def case_verbs(arguments):
    def usage(*words):
        return output(arguments.ehrgrid, "help", *words)

    text = page("ehrgrid.1")
    sections = dict(re.findall(r"^\.Ss (.+)\n((?:.*\n)*?)(?=\.S[sh] )", text, re.M))
    synopsis = re.findall(r"^\.Nm\n((?:\.Cm .+\n)+)", text[:text.index(".Sh DESC")], re.M)
    verbs = set(re.findall(r"^  (\w+) ", usage(), re.M)) - {"ehrgrid"}  # of the examples
    for verb in sorted(verbs):  # `ehrgrid platform import ...`
        verbs |= {f"{verb} {sub}" for sub in re.findall(rf"^(?:usage: | {{7}})ehrgrid {verb} ([a-z]+) ",
                                                      usage(verb), re.M)}
    failed = compare("verbs", set(sections), verbs)
    failed |= compare("synopsis", {" ".join(re.findall(r"Cm (\w+)", lines)) for lines in synopsis},
                      {verb for verb in verbs if not any(v.startswith(verb + " ") for v in verbs)})
    for verb in sorted(verbs & set(sections)):
        there, listed = options_of_help(usage(*verb.split())), options_of_page(sections[verb])
        if there or listed:
            failed |= compare("options of " + verb, listed, there)
    return failed


def case_command_page(arguments):
    """The synopsis of docs/command.md has the options of every verb; those below platform stand in a
    table, which has them all."""
    with open(os.path.join(ROOT, "docs", "command.md"), encoding="utf-8") as stream:
        text = stream.read()
    failed = False
    for verb in sorted(set(re.findall(r"^  (\w+) ", output(arguments.ehrgrid, "help"), re.M)) -
                       {"ehrgrid", "platform", "help"}):
        lines = " ".join(re.findall(rf"^ehrgrid {verb} .*$", text, re.M))
        failed |= compare("page, " + verb, set(re.findall(r"(--[a-z-]+|-\w(?= N))", lines)) - {"-j"},
                          options_long(arguments.ehrgrid, verb))
    table = text[text.index("\n## platform\n"):]
    table = table[:table.index("\n## ", 2)]
    for verb in ("import", "regions", "generate"):
        there = options_long(arguments.ehrgrid, "platform", verb)
        there = {re.sub(r"^(--\w+-)(bandwidth|latency)$", r"\1", name) if name not in table else name
                 for name in there}
        missing = sorted(name for name in there if name not in table)
        print(f"page, platform {verb}: {len(there)} looked for, missing: {missing}")
        failed |= bool(missing)
    return failed


def options_long(program, *verb):
    """--name of every option in the help."""
    return {"--" + re.match(r"(?:\w, )?([a-z-]+)", option).group(1)
            for option in options_of_help(output(program, "help", *verb))}


def case_functions(arguments):
    text = page("libehrgrid.3")
    synopsis = text[:text.index(".Sh DESCRIPTION")]
    return compare("functions", set(re.findall(r"^\.Fn (\w+)", synopsis, re.M)),
                   header.exported(header.read(arguments.header)))


def case_elements(arguments):
    """The scenario's elements, and that the example is a scenario."""
    with open(os.path.join(ROOT, "scenarios", "scenario.xsd"), encoding="utf-8") as stream:
        elements = set(re.findall(r'element name="([^"]+)"', stream.read()))
    text = page("ehrgrid-scenario.5")
    items = re.findall(r"^\.It (Li .*)$", text, re.M)
    failed = compare("elements", {name for item in items
                                  for name in re.findall(r"Li ([\w-]+)", item)}, elements)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(os.path.join(ROOT, "platforms"), os.path.join(folder, "platforms"))
        path = os.path.join(folder, "small.xml")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(example(text))
        print(output(arguments.ehrgrid, "validate", path), end="")
    return failed


def case_roles(_):
    """The roles and their arguments, as in the page of the format, whose tables have more."""
    with open(os.path.join(ROOT, "docs", "formats", "deployment.md"), encoding="utf-8") as stream:
        rows = re.findall(r"^\| `(ehr\.\w+)` \| `(\w+)`", stream.read(), re.M)
    items = re.findall(r"^\.It Li (ehr\.\w+) (?:Op )?Ar (\w+)$", page("ehrgrid-deployment.5"), re.M)
    return compare("roles", {" ".join(item) for item in items}, {" ".join(row) for row in rows})


def case_program(arguments):
    """The example of libehrgrid(3) compiles."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "program.c")
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(example(page("libehrgrid.3")))
        print(output(*shlex.split(arguments.cc), "-std=c11", "-Wall", "-Wextra", "-Werror",
                     "-fsyntax-only", "-I", os.path.dirname(arguments.header),
                     *shlex.split(output("pkg-config", "--cflags", "simgrid")), path))
    return False


def case_lint(_):
    if shutil.which("mandoc") is None:
        print("skipped: no mandoc")
        sys.exit(77)
    failed = False
    for name in sorted(os.listdir(PAGES)):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", name], cwd=PAGES,
                              capture_output=True, text=True, check=False)
        print(f"{name}: {'ok' if done.returncode == 0 else done.stdout}")
        failed |= done.returncode != 0
    return failed


def main():
    cases = {name[5:]: case for name, case in globals().items() if name.startswith("case_")}
    parser = argparse.ArgumentParser()
    parser.add_argument("--ehrgrid", required=True)
    parser.add_argument("--header", required=True)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("case", choices=sorted(cases))
    arguments = parser.parse_args()
    sys.exit(1 if cases[arguments.case](arguments) else 0)


if __name__ == "__main__":
    main()
