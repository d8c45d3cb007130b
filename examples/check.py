#!/usr/bin/env python3
"""Runs the commands of an example's expected.txt and compares what they print, byte for byte.

    check.py FOLDER PROGRAM

expected.txt is a transcript: `$ name arguments` is a command, whose first word stands for PROGRAM,
and is run in FOLDER; the lines below it are its output, stderr included where the command ends with
`2>&1`. A line `[N]` at the end: its exit status, 0 if there is none.
"""
import difflib
import os
import re
import subprocess
import sys

# What AddressSanitizer remarks on SimGrid's actors.
REMARKS = re.compile(r"==\d+==WARNING: ASan is ignoring .*|False positive error reports may follow|"
                     r"For details see https://github.com/google/sanitizers/.*")


def transcript(path):
    """(command, lines of output) of each command."""
    commands = []
    with open(path, encoding="utf-8") as stream:
        for line in stream:
            if line.startswith("$ "):
                commands.append((line[2:].strip(), []))
            else:
                commands[-1][1].append(line)
    return commands


def run(folder, program, command):
    words = command.split()
    both = words[-1] == "2>&1"
    done = subprocess.run([program] + words[1:-1 if both else None], cwd=folder, text=True,
                          stdout=subprocess.PIPE, timeout=300, check=False,
                          stderr=subprocess.STDOUT if both else None)
    lines = [line for line in done.stdout.splitlines(keepends=True) if not REMARKS.match(line)]
    if done.returncode != 0:
        lines.append(f"[{done.returncode}]\n")
    return lines


def main():
    folder, program = sys.argv[1], os.path.abspath(sys.argv[2])
    expected = os.path.join(folder, "expected.txt")
    commands = transcript(expected)
    wrong = not commands
    for command, lines in commands:
        found = run(folder, program, command)
        print(f"$ {command}\n{''.join(found)}", end="")
        if found != lines:
            wrong = True
            sys.stderr.writelines(difflib.unified_diff(lines, found, expected, "found"))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
