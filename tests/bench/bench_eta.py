#!/usr/bin/env python3
"""How right the time to go of the progress line is: runs a scenario on a pseudo-terminal, reads the
lines, and compares each ETA with when the run did end.

    bench_eta.py --ehrgrid PATH [--scenario FILE] [--lines] [PATH=VALUE ...]

Prints the largest error of the lines from half-way on, in percent of what was left then. Half a
second more or less is how the line is rounded and no error. A machine that is busy with something
else half of the time makes any estimate wrong; the exit status says nothing about errors.
"""
import argparse
import os
import pty
import re
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LINE = re.compile(r"\[[#.]{16}\] +\d+% sim \S+ wall \S+ [^E]*ETA (\S+|>999 h)")


def seconds(clock):
    """1:02:03 -> 3723; None where there is no number."""
    if not clock[0].isdigit():
        return None
    total = 0
    for part in clock.split(":"):
        total = total * 60 + int(part)
    return total


def run(words):
    """The lines drawn, as (time, text), and the time at which the line was erased."""
    terminal, inside = pty.openpty()
    began = time.monotonic()
    environment = dict(os.environ, TERM="xterm", NO_COLOR="1")
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=inside, env=environment)
    os.close(inside)
    drawn, ended = [], None
    while True:
        try:
            text = os.read(terminal, 65536).decode(errors="replace")
        except OSError:  # the other side is closed
            break
        now = time.monotonic() - began
        for found in LINE.finditer(text):
            drawn.append((now, seconds(found.group(1)), found.group(0)))
        if re.search(r"\r {79}\r", text):
            ended = now
    os.close(terminal)
    if process.wait() != 0 or not drawn or ended is None:
        sys.exit("%s: exit status %d, %d lines" % (words, process.returncode, len(drawn)))
    return drawn, ended


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ehrgrid", required=True)
    parser.add_argument("--scenario", default=os.path.join(ROOT, "scenarios", "quickstart.xml"))
    parser.add_argument("--lines", action="store_true", help="print what was drawn")
    parser.add_argument("sets", nargs="*")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ehrgrid-bench-") as folder:
        words = [arguments.ehrgrid, "run", arguments.scenario, "--out", os.path.join(folder, "run")]
        for item in arguments.sets:
            words += ["--set", item]
        drawn, ended = run(words)
    worst, worst_line, judged = 0.0, "", 0
    for now, eta, text in drawn:
        left = ended - now
        if arguments.lines:
            print("%8.2f s, %8.2f s left  %s" % (now, left, text))
        if now < ended / 2 or left < 1:
            continue
        judged += 1
        error = 1.0 if eta is None else max(0.0, abs(eta - left) - 0.5) / left
        if error > worst:
            worst, worst_line = error, "%.1f s left: %s" % (left, text)
    print("%s %s: %.1f s, %d lines from half-way on, largest error %.1f %% %s" %
          (os.path.basename(arguments.scenario), " ".join(arguments.sets), ended, judged,
           100 * worst, worst_line))


if __name__ == "__main__":
    main()
