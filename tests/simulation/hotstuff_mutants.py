#!/usr/bin/env python3
"""Breaks the HotStuff engine on purpose, one rule at a time, and counts the seeds until the seeded
schedules notice; where they do not, which case of the unit and paper tests does. Exit 1 if a
mutant survives both.

    tests/simulation/hotstuff_mutants.py [--cc CC] [--seeds COUNT] [NAME ...]

A mutant is a name, then one or more times a file under sim/consensus/hotstuff, a text that occurs
in it once, and what replaces it.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
VOTED = "node->view > e->voted_view && "
MUTANTS = [
    ("quorum minus one", "hotstuff.c", "e->quorum = ehr_engine_quorum(config->replicas);",
     "e->quorum = ehr_engine_quorum(config->replicas) - (config->replicas > 2);"),
    ("no lock rule", "vote.c", "return node->parent_view > e->locked_view ||",
     "return true ||"),
    ("vote not persisted", "vote.c", "ehr_hotstuff_emit_vote_record(e, node, justify);",
     "(void)justify;"),
    ("vote twice in a view", "vote.c", VOTED, "",
     "vote.c", "assert(node->view > e->voted_view);", "",
     "wants.c", "return false; /* the first counts; another, if it wins, comes by its certificate */",
     "return true;"),
    ("commit on two chains in place of three", "chain.c",
     "if (first != NULL && first->view + 1 == second->view && second->view + 1 == third->view)\n"
     "        commit(e, first);",
     "if (first != NULL && second->view + 1 == third->view)\n        commit(e, second);"),
    ("signatures of certificates not checked", "certificate.c",
     "return votes_valid(e, node, bitmap);", "return votes_valid(e, node, bitmap) || true;"),
    ("short certificates accepted", "certificate.c",
     "if (signers(e, bitmap) != e->quorum)\n        return false;\n    if (ehr",
     "if (signers(e, bitmap) > e->quorum)\n        return false;\n    if (ehr"),
    ("three chains with gaps", "chain.c",
     "first->view + 1 == second->view && second->view + 1 == third->view", "first->view < third->view"),
    ("two chains with a gap", "chain.c", "second != NULL && second->view + 1 == third->view",
     "second != NULL"),
    ("departure without the highest certificate", "vote.c", "node->parent_view >= bound;", "true;"),
    ("timeouts understate the highest certificate", "pacemaker.c",
     "own->high = e->high.node.view;",
     "own->high = 0;\n    ehr_hotstuff_node_encode(&e->genesis, e->timeout);\n"
     "    memset(e->timeout + EHR_HOTSTUFF_NODE_BYTES, 0,\n"
     "           e->certificate_bytes - EHR_HOTSTUFF_NODE_BYTES);"),
    ("votes in a view that it has left", "vote.c", " && node->view >= e->barrier &&", " &&",
     "propose.c", "ehr_hotstuff_left(e) || ", ""),
    ("leaving a view not persisted", "pacemaker.c", "    ehr_hotstuff_emit_safety(e);\n", ""),
    ("lock not moved", "chain.c", "if (third->parent_view > e->locked_view) {", "if (false) {"),
    ("lock forgotten by a restart", "restart.c", "    e->told = e->committed;\n",
     "    e->told = e->committed;\n    e->locked_view = 0;\n    e->locked = e->genesis.id;\n"),
    ("safety not persisted before votes are forgotten", "checkpoint.c",
     "    ehr_hotstuff_emit_safety(e);\n", ""),
    ("departure of f+1", "pacemaker.c", "if (count < e->quorum)", "if (count <= e->faults)",
     "certificate.c", "entry += ehr_hotstuff_entry_bytes(e);\n    }\n    assert(count == e->quorum);",
     "entry += ehr_hotstuff_entry_bytes(e);\n    }",
     "certificate.c", "if (signers(e, bitmap) != e->quorum || *key",
     "if (signers(e, bitmap) <= e->faults || *key"),
    ("votes beyond a quorum take the place of others", "tally.c",
     "if (tally->count >= e->quorum)\n        return;", "",
     "tally.c", "if (tally->signatures != NULL) {",
     "if (tally->signatures != NULL && tally->count < e->quorum) {"),
    ("proposal without a reason for its view", "accept.c",
     "if (next)\n        return true;", "if (next || r->departure == NULL)\n        return true;",
     "accept.c", "if (next != (body[base] == 0))\n        return false;", ""),
    ("parent of a proposal not compared", "accept.c",
     "ehr_hotstuff_same(&below, &parent->block);", "true;"),
]


def compiled(compiler, tree, source):
    target = source.with_suffix(".o")
    subprocess.run([compiler, "-std=c17", "-O1", "-D_GNU_SOURCE", "-w", f"-I{tree}", "-c",
                    str(source), "-o", str(target)], check=True)


def build(compiler, tree, changed=None):
    """Compiles what has changed, or everything, and links."""
    files = sorted((tree / "sim/consensus").rglob("*.c"))
    files += [tree / "tests/simulation" / name for name in (
        "engine_cluster.c", "engine_node.c", "engine_print.c", "engine_host.c",
        "hotstuff_liar.c", "hotstuff_faults.c")]
    for source in files:
        if changed is None or source in changed:
            compiled(compiler, tree, source)
    program = tree / "faults"
    subprocess.run([compiler, *(str(f.with_suffix(".o")) for f in files), "-o", str(program)],
                   check=True)
    return program


def mutate(tree, edits):
    """Returns what the files said before."""
    before = {}
    for name, old, new in zip(*[iter(edits)] * 3):
        path = tree / "sim/consensus/hotstuff" / name
        text = path.read_text()
        before.setdefault(path, text)
        if text.count(old) != 1:
            sys.exit(f"{name}: occurs {text.count(old)} times: {old!r}")
        path.write_text(text.replace(old, new))
    return before


def caught(program, seeds, step):
    """The first seed that fails, and how; None if none does."""
    for first in range(1, seeds + 1, step):
        run = subprocess.run([program, str(first), str(step)], capture_output=True, text=True,
                             check=False)
        if run.returncode == 0:
            continue
        for seed in range(first, first + step):
            one = subprocess.run([program, str(seed), "1"], capture_output=True, text=True,
                                 check=False)
            if one.returncode != 0:
                said = (one.stderr or one.stdout).strip().splitlines()
                return seed, said[0].split(":")[0:2] if said else ["?"]
    return None


def case(compiler, tree, objects):
    """The first case of the unit and paper tests that fails."""
    for folder in ("paper", "unit"):
        program = tree / folder
        subprocess.run([compiler, "-std=c17", "-D_GNU_SOURCE", "-w", f"-I{tree}", f"-I{ROOT}",
                        str(ROOT / "tests" / folder / "hotstuff.c"),
                        str(ROOT / "tests/simulation/hotstuff_hand.c"), *objects, "-lcunit", "-o",
                        str(program)], check=True)
        run = subprocess.run([program], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            names = [line for line in run.stdout.splitlines() if "FAILED" in line]
            return names[0].split()[1] if names else "assertion"
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--seeds", type=int, default=5000)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder)
        for part in ("sim/consensus", "tests/simulation"):
            shutil.copytree(ROOT / part, tree / part)
        program = build(options.cc, tree)
        if caught(program, 300, 100) is not None:
            sys.exit("the engine itself is caught")
        for name, *edits in MUTANTS:
            if options.names and name not in options.names:
                continue
            before = mutate(tree, edits)
            found = caught(build(options.cc, tree, before), options.seeds, 100)
            told = f"seed {found[0]}: {':'.join(found[1])}" if found else None
            if found is None:
                objects = [str(o) for o in tree.rglob("*.o") if o.name != "hotstuff_faults.o"]
                failed = case(options.cc, tree, objects)
                told = f"case {failed}" if failed else None
            for path, text in before.items():
                path.write_text(text)
                compiled(options.cc, tree, path)
            survivors += told is None
            print(f"{name:50} {told or 'SURVIVES'}", flush=True)
    return survivors != 0


if __name__ == "__main__":
    sys.exit(main())
