#!/usr/bin/env python3
"""What a page's program prints is what the page shows: page.py PAGE PROGRAM [ARGUMENT...]."""
import pathlib
import re
import subprocess
import sys


def main(page, program, *arguments):
    shown = re.search(r"```text\n(.*?)```", pathlib.Path(page).read_text(encoding="utf-8"), re.S)
    done = subprocess.run([program, "--log=xbt_cfg.threshold:warning", *arguments,
                           "platforms/uniform.xml", "tests/golden/deployments/small.xml"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0 or done.stdout != shown.group(1):
        print(f"exit {done.returncode}\n{done.stdout}{done.stderr}instead of\n{shown.group(1)}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
