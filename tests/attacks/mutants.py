#!/usr/bin/env python3
"""Breaks the cryptography on purpose, one binding at a time, and runs the attacks that it should
stop; exit 1 if a mutant goes unnoticed, or if the attacks fail on the library as it is.

    tests/attacks/mutants.py [--cc CC] [NAME ...]

A mutant is a name, a file, a text in it, what replaces the text wherever it stands, and the attacks
one of which must fail then.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = ["-std=c17", "-O1", "-D_DEFAULT_SOURCE", "-I."]
LIBRARIES = ["-lsodium", "-lutf8proc", "-lm"]
MUTANTS = [
    ("the nonce of a signature is the draw", "crypto/schnorr.c",
     'EHR_HASH_SCALAR(&k, "schn-nonce", EHR_G(x), EHR_H(rnd32),\n'
     '                                 EHR_P(padded, sizeof padded), EHR_G(X), EHR_H(m))',
     'EHR_HASH_SCALAR(&k, "schn-nonce", EHR_H(rnd32))', ["rollback_signatures"]),
    ("index key without the shared secret", "crypto/index.c",
     'EHR_HASH32(K, "idx-key", EHR_G(&shared)', 'EHR_HASH32(K, "idx-key", EHR_H(F)',
     ["inside_guessing"]),
    ("trapdoor without its epoch", "crypto/index.c",
     'EHR_U32(epoch), EHR_H(kw)', 'EHR_H(kw), EHR_U32(0 * epoch)', ["old_trapdoor"]),
    ("label without its counter", "crypto/index.c",
     'EHR_HASH16(label, "idx-label", EHR_H(T), EHR_U32(counter))',
     'EHR_HASH16(label, "idx-label", EHR_H(T), EHR_U32(0 * counter))',
     ["outside_guessing", "pseudonym_linking"]),
    ("key commitment not compared", "crypto/record.c",
     'if (!ehr_equal(keys->kcom', 'if (0 && !ehr_equal(keys->kcom', ["share_forgery"]),
    ("capsule without its label", "crypto/capsule.c",
     '"capsule", EHR_H(capsule), EHR_H(capsule + 32), EHR_H(label))',
     '"capsule", EHR_H(capsule), EHR_H(capsule + 32), EHR_P(label, 0))', ["relabelled_capsule"]),
    ("randomness of a capsule without the plaintext", "crypto/capsule.c",
     'EHR_H(pt_hash), EHR_H(rnd)', 'EHR_H(rnd), EHR_H(rnd)', ["rollback_encapsulations"]),
    ("pseudonym from the public view key", "crypto/pseudonym.c",
     'EHR_HASH_SCALAR(s, label, EHR_G(Z)', 'EHR_HASH_SCALAR(s, label, EHR_G(V)',
     ["pseudonym_linking"]),
    ("the nonce of a share's proof is the draw", "crypto/reencrypt.c",
     'EHR_HASH_SCALAR(tau, "cf-nonce", EHR_G(rk), EHR_H(rnd), EHR_H(s->grant_id),\n'
     '                            EHR_U8(s->index), EHR_H(s->label),\n'
     '                            EHR_P(s->capsule, EHR_CAPSULE_BYTES))',
     'EHR_HASH_SCALAR(tau, "cf-nonce", EHR_H(rnd))', ["rollback_shares"]),
    ("grant without its window", "crypto/grant.c",
     'EHR_U64(grant->not_before),\n               EHR_U64(grant->not_after)',
     'EHR_U64(0), EHR_U64(0)', ["edited_expiry"]),
    ("fragment taken for any grant", "crypto/reencrypt.c",
     'if (memcmp(kfrag->grant_id, grant->grant_id, 32) != 0)', 'if (0)', ["fragment_replay"]),
    ("the same fragment for every proxy", "crypto/grant_make.c",
     'for (size_t i = threshold - 1; i-- > 0;) {',
     'secrets->rk = secrets->f[0];\n    for (size_t i = 0 * threshold; i-- > 0;) {',
     ["collusion"]),
    ("ownership proof without its node", "crypto/pseudonym.c",
     'EHR_H(query_id), EHR_H(node_id), EHR_U64(height))',
     'EHR_H(query_id), EHR_P(node_id, 0), EHR_U64(height))', ["query_replay"]),
    ("signature for blame without the capsule", "crypto/reencrypt.c",
     'EHR_HASH32(message, "cfrag-sig", EHR_P(cfrag, EHR_CFRAG_BYTES),\n'
     '               EHR_P(capsule, EHR_CAPSULE_BYTES))',
     'EHR_HASH32(message, "cfrag-sig", EHR_P(cfrag, EHR_CFRAG_BYTES), EHR_P(capsule, 0))',
     ["share_forgery"]),
]


def build(tree, cc):
    sources = [str(path.relative_to(tree)) for path in sorted((tree / "crypto").glob("*.c"))
               if not path.name.startswith("cost")]
    sources += ["sim/ledger/private_tx.c"]
    sources += [str(path.relative_to(tree)) for path in sorted((tree / "tests/attacks").glob("*.c"))]
    subprocess.run([cc, *FLAGS, *sources, *LIBRARIES, "-o", "attacks"], cwd=tree, check=True)


def fails(tree, case):
    return subprocess.run([tree / "attacks", case], stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode != 0


def noticed(tree, cc, file, old, new, cases):
    """The first of the cases that fails on the mutant, or None."""
    path = tree / file
    text = path.read_text()
    if old not in text:
        sys.exit("%s: the text of the mutant no longer stands there: %r" % (file, old))
    path.write_text(text.replace(old, new))
    build(tree, cc)
    path.write_text(text)
    return next((case for case in cases if fails(tree, case)), None)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cc", default="cc")
    parser.add_argument("names", nargs="*", choices=[[]] + [mutant[0] for mutant in MUTANTS])
    arguments = parser.parse_args()
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="ehrgrid-mutants-") as folder:
        tree = pathlib.Path(folder)
        for part in ("crypto", "sim", "tests/attacks"):
            shutil.copytree(ROOT / part, tree / part)
        build(tree, arguments.cc)
        for name, file, old, new, cases in MUTANTS:
            if arguments.names and name not in arguments.names:
                continue
            wrong = [case for case in cases if fails(tree, case)]
            if wrong:
                sys.exit("the library as it is fails %s" % ", ".join(wrong))
        for name, file, old, new, cases in MUTANTS:
            if arguments.names and name not in arguments.names:
                continue
            by = noticed(tree, arguments.cc, file, old, new, cases)
            survivors += by is None
            print("%-46s %s" % (name, "attack " + by if by else "UNNOTICED"), flush=True)
    print("%d unnoticed" % survivors)
    sys.exit(survivors > 0)


if __name__ == "__main__":
    main()
