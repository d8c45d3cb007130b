#!/usr/bin/env python3
"""Shows that tidy.py finds what it looks for: a tree with one fault of each kind in known lines,
and a tree without faults."""
import os
import subprocess
import sys
import tempfile

HEADER = "/* One thing. */\n#ifndef EHR_{0}_H\n#define EHR_{0}_H\n#endif\n"
LONG_LINE = "/* " + "x" * 95 + " */\n"
UNFINISHED = "TO" + "DO"  # not as one word: this file is read by eyes and by other tools
HOME = "/ho" + "me/somebody"

CLEAN = {
    "sim/ledger/block.h": HEADER.format("LEDGER_BLOCK"),
    "sim/ledger/block.c": '#include "sim/ledger/block.h"\n#include "crypto/hash.h"\n',
    "crypto/hash.h": HEADER.format("CRYPTO_HASH"),
    "crypto/hash.c": '#include <sodium.h>\n/* time(NULL) in a comment, "rand()" in a text */\n',
    "sim/consensus/quorum.c": "#include <stdint.h>\n",
    "sim/network/flow.c": "#include <simgrid/host.h>\n",
    "docs/a.md": "# Some heading\n[here](#some-heading) [there](../crypto/hash.h) "
                 "`sim/ledger/block.h` `build/x/y`\n",
    "results/run-1/summary.md": UNFINISHED + "\n",
}
BROKEN = {
    # path: (text, the findings as line and rule)
    "sim/ledger/a.c": ('#include <simgrid/host.h>\n#include <sodium.h>\n'
                       '#include "sim/network/b.h"\n#include "a.h"\n#include "crypto/gone.h"\n',
                       ["1: include", "2: include", "3: include", "4: include", "5: include"]),
    "sim/network/b.h": (HEADER.format("NETWORK_B"), []),
    "crypto/c.c": ('#include "sim/ledger/block.h"\n', ["1: include"]),
    "sim/ledger/block.h": (HEADER.format("LEDGER_BLOCK"), []),
    "actors/d.c": ('#include "sim/app/world.h"\n', ["1: include"]),
    "sim/app/world.h": ("/* The world. */\n#include <simgrid/host.h>\n", []),
    "sim/consensus/e.c": ("#include <stdio.h>\nvoid e(void)\n{\n    free(0);\n}\n",
                          ["1: include", "4: call"]),
    "sim/contract/f.c": ("int f(void)\n{\n    return rand() + (int)time(0) + (int)exp(1.0);\n}\n",
                         ["3: call", "3: call", "3: call"]),
    "sim/contract/long.c": ("int g(void)\n{\n" + "    ;\n" * 71 + "}\n" + "\n" * 427,
                            ["2: function-length", "500: file-length"]),
    "sim/contract/h.h": (HEADER.format("CONTRACT_G"), ["2: guard"]),
    "sim/contract/i.h": ("#ifndef EHR_CONTRACT_I_H\n" + LONG_LINE,
                         ["2: columns", "1: header-comment"]),
    "sim/contract/j.h": ("/* One thing. */\n", ["1: guard"]),
    "sim/contract/k.c": (f"/* {UNFINISHED} */\n/* {HOME} */ \nint k;",
                         ["1: unfinished", "2: machine-path", "2: white-space",
                          "3: white-space"]),
    "examples/n/n.c": ('#include <simgrid/host.h>\n#include "sim/app/world.h"\n', ["2: include"]),
    "docs/l.md": ("[a](gone.md)\n[b](#gone) [c](m.md#gone)\n`sim/gone.c`\n```\n[d](gone)\n```\n",
                  ["1: link", "2: link", "2: link", "3: link"]),
    "docs/m.md": ("# M\n", []),
}


def tidy(files):
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as stream:
                stream.write(text)
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tidy.py")
        done = subprocess.run([sys.executable, program, root], stdout=subprocess.PIPE, text=True,
                              check=False)
        findings = (line.split(":") for line in done.stdout.splitlines() if line.count(":") >= 3)
        return done.returncode, sorted(":".join(finding[:3]) for finding in findings)


def main():
    failures = 0
    for name, files, status, expected in (
            ("clean", CLEAN, 0, []),
            ("broken", {path: text for path, (text, _) in BROKEN.items()}, 1,
             sorted(f"{path}:{finding}" for path, (_, list_) in BROKEN.items()
                    for finding in list_)),
            ("empty", {}, 1, [])):
        found_status, found = tidy(files)
        for what in expected:
            if what not in found:
                print(f"{name}: not found: {what}")
                failures += 1
            else:
                found.remove(what)
        for what in found:
            print(f"{name}: not expected: {what}")
            failures += 1
        if found_status != status:
            print(f"{name}: exit {found_status}, expected {status}")
            failures += 1
        print(f"{name}: {len(expected)} findings expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
