"""Byzantine chain nodes in whole runs: with f of them every acknowledged record is found and opened,
with f + 1 the run says that safety or liveness is lost."""
import json
import os
import re

import cases_ordering
from bench import CONSENT, check, csv_rows, counts, no_losses, summary, tables_equal

SETS = ("run/@duration=20s", "run/@liveness-window=20s", "workload/visits/@count=24",
        "workload/retrievals/@count=24", "workload/shares/@count=6",
        "workload/revocations/@count=1", "network/@fidelity=delay", "crypto/@mode=modelled")
BEHAVIOURS = ("silent", "equivocate", "conflicting-votes", "delayed-votes", "corrupt-digest",
              "stale-view", "selective")
ENGINES = {"pbft": (), "hotstuff": ("alliance/@consensus=hotstuff",),
           "hotstuff two chains": ("alliance/@consensus=hotstuff", "alliance/@chain=two"),
           "hotstuff fixed": ("alliance/@consensus=hotstuff", "alliance/@leader=fixed")}


def element(node, behaviour, **more):
    if behaviour == "selective":
        more.setdefault("victim", "minsk-server")
    return '<byzantine node="%s" behaviour="%s"%s/>' % (
        node, behaviour, "".join(' %s="%s"' % item for item in more.items()))


def run(bench, elements, sets=(), status=0):
    return bench.run(bench.faulty(elements), list(SETS) + list(sets), status=status)


def opened(out, label):
    """All flows ended well, and what was acknowledged was found and opened byte for byte."""
    no_losses(out, CONSENT)
    row, found = summary(out), counts(out)
    for flow in ("retrieve", "share"):
        check(int(row[flow + "_records_identical"]) == found[flow]["ok"],
              "%s: %s: %s opened of %d" % (label, flow, row[flow + "_records_identical"],
                                           found[flow]["ok"]))
    shared = [r for r in csv_rows(out, "requests.csv")
              if r["flow"] == "visit" and r["outcome"] == "ok"]
    check(len(shared) == found["visit"]["offered"], "%s: visits" % label)
    return "visit %d, retrieve %d, share %d; view changes %s, %s" % (
        found["visit"]["ok"], found["retrieve"]["ok"], found["share"]["ok"],
        row["private_view_changes"], row["alliance_view_changes"])


def case_byzantine_f(bench):
    """One of four, each behaviour, as primary and not, under pbft and hotstuff: nothing is lost."""
    for name, sets in ENGINES.items():
        for behaviour in BEHAVIOURS:
            for node in ("alliance-1", "alliance-3") if name == "pbft" else ("alliance-2",):
                out, _ = run(bench, [element(node, behaviour)], sets)
                said = json.load(open(os.path.join(out, "run.json")))["byzantine"]
                check([b["behaviour"] for b in said] == [behaviour], "run.json: %s" % said)
                rows = [(r["kind"], r["target"], r["value"]) for r in csv_rows(out, "faults.csv")]
                check(rows == [("byzantine", node, behaviour)], "faults.csv: %s" % rows)
                print("  %-20s %-18s %s: %s" % (name, behaviour, node, opened(out, behaviour)))


def case_byzantine_private(bench):
    """One of four on each private chain, the primary of two: nothing is lost."""
    for behaviour in BEHAVIOURS:
        more = {"victim": "minsk-doctor-0"} if behaviour == "selective" else {}
        out, _ = run(bench, [element("minsk-node-1 grodno-node-2 brest-node-1", behaviour, **more)])
        print("  %-18s %s" % (behaviour, opened(out, behaviour)))
    # one replica was kept from a block, and the adversary does not sign for the hospital: without
    # that replica's signature nothing could be anchored
    out, _ = run(bench, [element("minsk-node-1", "equivocate", until="10s"),
                         element("minsk-node-1", "selective", at="10s")])
    print("  kept from a block: " + opened(out, "kept from a block"))


def case_byzantine_bodies(bench):
    """Proposals that carry ids: the same lies are told of them. Whoever leads first is left, and
    f + 1 fork the chain where they did with whole proposals."""
    apart = ["alliance/@bodies=broadcast", "hospital/@bodies=broadcast"]
    for name, sets in ENGINES.items():
        for behaviour in ("equivocate", "corrupt-digest", "stale-view"):
            first = name in ("pbft", "hotstuff fixed")  # who leads first
            node = "alliance-1" if first else "alliance-2"
            out, _ = run(bench, [element(node, behaviour)], list(sets) + apart)
            print("  %-20s %-18s %s" % (name, behaviour, opened(out, behaviour)))
            if behaviour == "corrupt-digest":
                dropped = sum(int(r["count"]) for r in csv_rows(out, "messages.csv")
                              if r["type"] == "consensus_ids" and r["direction"] == "dropped")
                check(dropped > 0, "no proposal of ids was a lie")
    for name in ("pbft", "hotstuff fixed"):
        _, done = run(bench, [element("alliance-1 alliance-2", "equivocate")],
                      list(ENGINES[name]) + apart, status=1)
        check("invariant broken" in done.stderr, "%s: %s" % (name, done.stderr))


def case_byzantine_sync(bench):
    """A replica comes back and asks first the one that answers wrongly: it finds out, and catches up
    by the others."""
    seven = bench.platform_grown(7)
    for name, sets in ENGINES.items():
        path = bench.faulty(['<crash host="alliance-3" at="4s" recover="12s"/>',
                             element("alliance-4", "corrupt-digest")], platform=seven)
        out, done = bench.run(path, list(SETS) + ["alliance/@request-timeout=500ms"] + list(sets))
        lies = [r for r in csv_rows(out, "messages.csv") if r["type"] == "sync_blocks"]
        dropped = sum(int(r["count"]) for r in lies
                      if r["node"] == "alliance-node-2" and r["direction"] == "dropped")
        print("  %-20s %s; answers of blocks it dropped: %d" % (name, opened(out, name), dropped))
        check("left behind" not in done.stderr, done.stderr)
        check(dropped > 0, "nobody was asked who lies: %s" % lies)


def case_byzantine_mixed(bench):
    """Two of seven, of two kinds, acts that begin and end, a primary that is silent and then stale;
    and real cryptography, MACs and every fidelity once."""
    seven = bench.platform_grown(7)
    path = bench.faulty([
        element("alliance-1", "silent", until="8s"), element("alliance-1", "stale-view", at="8s"),
        element("alliance-4", "equivocate", at="5s", until="15s"),
        element("alliance-4", "corrupt-digest", at="15s")], platform=seven)
    out, done = bench.run(path, SETS)
    check("warning" not in done.stderr, done.stderr)
    print("  two of seven: " + opened(out, "two of seven"))
    for sets in (["crypto/@mode=real"], ["alliance/@authentication=mac"],
                 ["network/@fidelity=flow"], ["network/@fidelity=queue"]):
        out, _ = run(bench, [element("alliance-1", "equivocate"),
                             element("minsk-node-1", "corrupt-digest")], sets)
        print("  %-30s %s" % (sets[0], opened(out, sets[0])))


def case_byzantine_too_many(bench):
    """f + 1: safety or liveness is lost, and said with the chain and with who is Byzantine."""
    for name, sets, behaviour, nodes, expected in (
            ("pbft", (), "equivocate", "alliance-1 alliance-2", "two blocks at height"),
            ("pbft", (), "equivocate", "alliance-1 alliance-4", "two blocks at height"),
            ("pbft", (), "silent", "alliance-3 alliance-4", "committed nothing for"),
            ("pbft", (), "corrupt-digest", "alliance-1 alliance-2", "committed nothing for"),
            ("hotstuff fixed", ENGINES["hotstuff fixed"], "equivocate", "alliance-1 alliance-2",
             "two blocks at height"),
            ("hotstuff", ENGINES["hotstuff"], "silent", "alliance-1 alliance-2",
             "committed nothing for"),
            ("raft", ("alliance/@consensus=raft",), "silent", "alliance-1 alliance-2",
             "committed nothing for")):
        out, done = run(bench, [element(nodes, behaviour)], sets, status=1)
        wrong = done.stderr.strip().split("\n")[-1]
        print("  %s: %s" % (name, wrong))
        check(expected in wrong and "chain alliance" in wrong, "%s: %s" % (behaviour, wrong))
        check("2 of 4 replicas are Byzantine" in wrong and "more than f" in wrong, wrong)
    for engine, behaviour, nodes, expected in (
            ("solo", "equivocate", "alliance-1", "two blocks at height 1 of chain alliance"),
            ("solo", "corrupt-digest", "alliance-1", "ends at height 0 but acknowledged"),
            ("raft", "selective", "alliance-1", "committed nothing for"),
            ("pbft", "equivocate", "alliance-*", "ends at height 0 but acknowledged")):
        out, done = run(bench, [element(nodes, behaviour)], ["alliance/@consensus=" + engine],
                        status=1)
        check(expected in done.stderr and "more than f" in done.stderr,
              "%s: %s" % (engine, done.stderr))
        print("  %s, %s at %s: %s" % (engine, behaviour, nodes, expected))
    # every chain goes on, but two replicas of one keep its blocks' certificate from its hospital
    for engine in ("raft", "hotstuff"):
        out, done = run(bench, [element("minsk-node-1 minsk-node-4", "selective")],
                        ["hospital[@id='minsk']/@consensus=" + engine, "run/@drain=60s"], status=1)
        check("the run is over, but" in done.stderr and "more than f" in done.stderr, done.stderr)
    two = [element("minsk-node-1 minsk-node-3", "equivocate")]
    done = bench.execute(["validate", bench.faulty(two)])
    check(done.returncode == 0 and "2 Byzantine of 4 nodes of minsk" in done.stderr
          and "safety and liveness are not promised" in done.stderr, done.stderr)
    out, done = run(bench, two, status=1)
    check("two blocks at height 1 of chain minsk" in done.stderr, done.stderr)


def case_byzantine_believed(bench):
    """A client that believes a single replica is told of a height that nobody has reached: the run
    says that what was acknowledged is lost."""
    elements = [element("alliance-1 alliance-2", "corrupt-digest", at="10s")]
    out, done = run(bench, elements, ["alliance/@client-quorum=1"], status=1)
    wrong = done.stderr.strip().split("\n")[-1]
    print("  " + wrong)
    check("chain alliance" in wrong and "2 of 4 replicas are Byzantine" in wrong, wrong)
    out, done = run(bench, [element("alliance-2", "corrupt-digest")], ["alliance/@client-quorum=1"],
                    status=1)
    wrong = done.stderr.strip().split("\n")[-1]
    print("  " + wrong)
    check(re.search(r"chain 0 ends at height \d+ but acknowledged height 1000\d\d\d", wrong), wrong)


def case_byzantine_ordering(bench):
    """A consensus alone, n = 7, two adversaries, one of which does not know a client: every request
    of every client is ordered."""
    faults = "<faults>%s%s</faults></scenario>" % (
        element("replica-00", "selective", victim="client-1"),
        element("replica-02", "equivocate"))
    for name, chain in (("pbft", 'consensus="pbft"'), ("hotstuff", 'consensus="hotstuff"')):
        path = cases_ordering.scenario(bench, 7, chain, 'clients="4" requests="400"', clients=4)
        with open(path) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write(text.replace("</scenario>", faults))
        out, _ = bench.run(path, ["alliance/@authentication=signature", "crypto/@mode=modelled"])
        latencies = cases_ordering.latencies(out)
        print("  %-9s %d requests ok, the slowest after %.3f s"
              % (name, len(latencies), max(latencies) / 1e9))
        check(len(latencies) == 400, "%d of 400" % len(latencies))


def case_byzantine_repeats(bench):
    """The same seed, the same bytes: with adversaries too."""
    elements = [element("alliance-1", "equivocate"), element("minsk-node-1", "delayed-votes"),
                element("grodno-node-1", "stale-view"), element("brest-node-1", "selective",
                                                                victim="brest-doctor-0")]
    tables_equal(*(run(bench, elements)[0] for _ in range(2)))
