"""The memory of verifications: equal results whatever its size, and how much work it saves."""
import json
import os

from bench import CONSENT, QUICKSTART, check, counts, csv_rows, no_losses, show_counts
from cases_runs import stable_digest

SIZES = ("65536", "0", "4")  # as is, off, tiny
CRASH = '<faults><crash host="minsk-node-1" at="25s"/></faults></scenario>'
ALLIANCE = 31


def memory(size):
    return "crypto/@memo=" + size


def facts(folder):
    with open(os.path.join(folder, "run.json")) as file:
        return json.load(file)["facts"]


def results(folder):
    """Digests of all files but the one that says which overrides were made; the digest of
    summary.csv is that of its figures, as its run_id names the overrides too."""
    digests = stable_digest(folder)
    del digests["parameters.csv"]
    row = csv_rows(folder, "summary.csv")[0]
    digests["summary.csv"] = sorted((k, v) for k, v in row.items()
                                    if k not in ("run_id", "wall_s", "peak_rss_bytes"))
    return digests


def sizes_agree(bench, label, scenario, sets):
    """Runs with each size of memory: the same results, and the counters tell the sizes apart."""
    found = {}
    for size in SIZES:
        out, _ = bench.run(scenario, sets + [memory(size)])
        found[size] = (results(out), facts(out))
    first, with_memory = found[SIZES[0]]
    for size in SIZES[1:]:
        digests = found[size][0]
        check(digests.keys() == first.keys(), "%s: other files" % label)
        check(digests == first, "%s, memory of %s: these differ: %s" % (
            label, size, [name for name in first if first[name] != digests[name]]))
    print("  %-22s %d files equal; Ed25519 executed: %s" % (label, len(first), ", ".join(
        "%d with %s" % (found[size][1]["memo_ed_signature_misses"], size) for size in SIZES)))
    without, tiny = found["0"][1], found["4"][1]
    asked = without["memo_ed_signature_misses"]
    check(without["memo_hit_rate"] == 0 and without["memo_bytes"] == 0, "not switched off")
    check(tiny["memo_entries_used"] == 4 and tiny["memo_entries_replaced"] > 1000, "not tiny")
    check(with_memory["memo_entries_used"] <= 65536, "more entries than there is room for")
    for other in (with_memory, tiny):
        check(other["memo_ed_signature_hits"] + other["memo_ed_signature_misses"] == asked,
              "another number of verifications asked for")
    check(with_memory["memo_ed_signature_misses"] < asked / 2, "the memory saves too little")
    return first


def case_memo(bench):
    """Memory of verifications as is, off, and of four entries: the same bytes in every CSV file, in
    flow and delay, undisturbed and with a crash; the same findings under tampering."""
    path = bench.scenario([("</scenario>", CRASH)])
    for fidelity in ("flow", "delay"):
        sets = bench.small() + ["network/@fidelity=" + fidelity]
        calm = sizes_agree(bench, "quickstart, " + fidelity, QUICKSTART, sets)
        crash = sizes_agree(bench, "a crash, " + fidelity, path, sets)
        check(calm["requests.csv"] != crash["requests.csv"], "the crash changes nothing")
    for name in ("forged_share", "forged_entry", "wrong_merkle_path", "lying_replica"):
        said = [bench.tampering([name, "delay", memory(size)]) for size in SIZES]
        check(said.count(said[0]) == len(SIZES), "%s: other findings" % name)
        print("  %-22s the same %d lines with each" % (name, said[0].count("\n")))


def case_memo_31(bench):
    """An alliance of 31 nodes with PBFT: fewer than a tenth of the signatures that nodes verify, and
    are charged for, are computed."""
    sets = bench.small() + ["network/@fidelity=delay", "platform/@file=" + bench.platform_grown(ALLIANCE)]
    out, _ = bench.run(bench.scenario(), sets)
    show_counts(out)
    no_losses(out, CONSENT)
    check(counts(out)["visit"]["ok"] >= 90, "too few visits")
    found = facts(out)
    hits, executed = found["memo_ed_signature_hits"], found["memo_ed_signature_misses"]
    operations = csv_rows(out, "operations.csv")
    charged = sum(int(r["charged"]) for r in operations if r["operation"] == "ed_verify")
    nodes = {r["node"] for r in operations if r["node"].startswith("alliance-node-")}
    alliance = sum(int(r["charged"]) for r in operations
                   if r["operation"] == "ed_verify" and r["node"] in nodes)
    print("  Ed25519 verifications: asked %d, executed %d: one in %.1f"
          % (hits + executed, executed, (hits + executed) / executed))
    print("  charged (operations.csv) %d, of them %d to %d alliance nodes; executed %.4f of them"
          % (charged, alliance, len(nodes), executed / charged))
    print("  memory: hit rate %.3f, %d of %d entries, %d replaced, %d bytes"
          % tuple(found["memo_" + key] for key in ("hit_rate", "entries_used", "entries",
                                                   "entries_replaced", "bytes")))
    check(len(nodes) == ALLIANCE, "%d alliance nodes" % len(nodes))
    check(10 * executed < hits + executed, "executed a tenth of what was asked for, or more")
    check(10 * executed < charged, "executed a tenth of what was charged, or more")
