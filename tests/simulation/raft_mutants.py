#!/usr/bin/env python3
"""Breaks the Raft engine on purpose, one rule at a time, and counts the seeds until the seeded
schedules notice; exit 1 if a mutant survives.

    tests/simulation/raft_mutants.py [--cc CC] [--seeds COUNT] [NAME ...]

A mutant is a name, then one or more times a file under sim/consensus/raft, a text that occurs in it
once, and what replaces it. The schedules stop at the first broken seed.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
MUTANTS = [
    ("majority minus one", "raft.c", "return replicas / 2 + 1;", "return (replicas + 1) / 2;"),
    ("vote not persisted", "elect.c", "if (first)\n            vote_persist(e);", "(void)first;"),
    ("term not persisted", "elect.c",
     "e->leader = EHR_RAFT_NOBODY;\n    vote_persist(e);", "e->leader = EHR_RAFT_NOBODY;"),
    ("own vote not persisted", "elect.c",
     "e->voted = e->hint = e->config.self;\n    vote_persist(e);",
     "e->voted = e->hint = e->config.self;"),
    ("vote without looking at the log", "elect.c",
     "(e->voted == EHR_RAFT_NOBODY || e->voted == m->sender) &&\n"
     "                 ehr_raft_log_up_to_date(e, ballot.term, m->height);",
     "(e->voted == EHR_RAFT_NOBODY || e->voted == m->sender);"),
    ("log compared by length alone", "log.c",
     "return term != e->log_term ? term > e->log_term : height >= e->last;",
     "(void)term;\n    return height >= e->last;"),
    ("two votes in a term", "elect.c",
     "(e->voted == EHR_RAFT_NOBODY || e->voted == m->sender) &&", "true &&"),
    ("no barrier: earlier terms committed by counting",
     "replies.c", "if (from < e->barrier)", "if (from < 0)",
     "replies.c", "if (term == e->term)\n", "",
     "replies.c", "append.end_term = peer->sent >= e->barrier ? e->term : ",
     "append.end_term = ",
     "lead.c", "ehr_raft_log_barrier(e, e->last, e->term);", "",
     "lead.c", ".end_term = e->term,", ".end_term = ehr_raft_term_at(e, e->last),"),
    ("follower reports a barrier it does not write", "accept.c",
     "if (follows != term)\n", "if (follows != term && end < e->last)\n"),
    ("append without consistency check", "accept.c",
     "if (prev <= e->last && ehr_raft_term_at(e, prev) == append->prev_term)",
     "if (prev <= e->last)"),
    ("conflicting entry kept", "accept.c",
     "(height <= e->last && ehr_raft_term_at(e, height) == term);", "height <= e->last;"),
    ("matching entries truncated", "accept.c",
     "(height <= e->last && ehr_raft_term_at(e, height) == term);", "false;"),
    ("commit index beyond what matches", "accept.c",
     "if (!consistent(e, m, &append))\n        return;",
     "if (!consistent(e, m, &append)) {\n"
     "        ehr_raft_commit(e, append.commit < e->last ? append.commit : e->last);\n"
     "        return;\n    }"),
    ("entries not persisted", "log.c",
     "ehr_raft_emit_persist(e, EHR_ENGINE_RAFT_APPEND, term, height, block, NULL, 0);", "(void)e;"),
    ("state transfer not persisted", "compact.c",
     "ehr_raft_emit_persist(e, EHR_ENGINE_RAFT_SNAPSHOT, point.term, point.height, &point.state,\n"
     "                              NULL, 0);", ""),
    ("later term ignored", "raft.c", "ehr_raft_adopt(e, m->view);", "return;"),
    ("pre-vote against a leader that is heard", "elect.c", "!content(e) &&", "true &&"),
    ("pre-vote without looking at the log", "elect.c",
     "!content(e) && ehr_raft_log_up_to_date(e, ballot.term, m->height);", "!content(e);"),
    ("no pre-vote", "elect.c", "if (e->granted >= e->majority)\n        candidate_begin(e);",
     "candidate_begin(e);"),
    ("deserted leader stays", "lead.c", "return heard < e->majority;", "return heard == 0;"),
    ("refusals are not answered", "replies.c", "repair(e, m->sender, next);\n}", "(void)next;\n}"),
]


def sources(tree):
    files = [p for p in (tree / "sim/consensus").rglob("*.c")]
    files += [tree / "tests/simulation" / f for f in
              ("engine_cluster.c", "engine_node.c", "engine_print.c", "engine_puppet.c",
               "engine_host.c", "raft_watch.c", "engine_faults.c")]
    return sorted(files)


def compiled(cc, tree, source):
    obj = source.with_suffix(".o")
    subprocess.run([cc, "-std=c17", "-O1", "-w", "-D_DEFAULT_SOURCE", f"-I{tree}", "-c", source,
                    "-o", obj], check=True)
    return obj


def build(cc, tree, out, changed=None):
    """Compiles what has changed, or everything, and links."""
    objects = [p.with_suffix(".o") for p in sources(tree)]
    for source in sources(tree):
        if changed is None or source in changed:
            compiled(cc, tree, source)
    subprocess.run([cc, "-o", out, *objects], check=True)


def first_caught(program, seeds):
    """The first seed that fails, and what it said; or None."""
    step = 250
    for first in range(1, seeds + 1, step):
        run = subprocess.run([program, str(first), str(step), "raft"], capture_output=True,
                             text=True, check=False, timeout=600)
        if run.returncode == 0:
            continue
        said = run.stderr + run.stdout
        seed = re.search(r"seed (\d+)", said)
        what = re.search(r"^(safety: [^:]*|liveness|.*Assertion .*)", said, re.M)
        if seed is None:  # an assertion of the engine does not know the seed: one at a time
            for one in range(first, first + step):
                if subprocess.run([program, str(one), "1", "raft"], capture_output=True,
                                  check=False).returncode != 0:
                    return one, what.group(1)[-60:] if what else "crash"
        return int(seed.group(1)), what.group(1) if what else "?"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", default="cc")
    parser.add_argument("--seeds", type=int, default=5000)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    survivors = 0
    with tempfile.TemporaryDirectory() as folder:
        tree = pathlib.Path(folder) / "tree"
        for part in ("sim/consensus", "tests/simulation"):
            shutil.copytree(ROOT / part, tree / part)
        program = str(pathlib.Path(folder) / "faults")
        build(arguments.cc, tree, program)
        if first_caught(program, 250) is not None:
            sys.exit("the engine itself is caught")
        for name, *changes in MUTANTS:
            if arguments.names and name not in arguments.names:
                continue
            whole = {}
            for file, old, new in zip(changes[::3], changes[1::3], changes[2::3]):
                path = tree / "sim/consensus/raft" / file
                text = path.read_text()
                whole.setdefault(path, text)
                if text.count(old) != 1:
                    sys.exit(f"{name}: {file}: the text occurs {text.count(old)} times: {old}")
                path.write_text(text.replace(old, new))
            build(arguments.cc, tree, program, whole)
            for path, text in whole.items():
                path.write_text(text)
                compiled(arguments.cc, tree, path)
            caught = first_caught(program, arguments.seeds)
            survivors += caught is None
            print(f"{name:48} " + ("SURVIVES" if caught is None else
                                   f"seed {caught[0]:5}  {caught[1]}"), flush=True)
    sys.exit(survivors > 0)


if __name__ == "__main__":
    main()
