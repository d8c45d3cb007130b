"""Every engine on both tiers: the quickstart's flows, crashed leaders, delays by hand."""
import os

from bench import CONSENT, QUICKSTART, ROOT, check, csv_rows, no_losses, summary, tables_equal

HOTSTUFF = [(chain, leader) for chain in ("three", "two") for leader in ("rotating", "fixed")]
TIERS = ("alliance", "hospital")


def choose(tier, engine, chain=None, leader=None):
    sets = ["%s/@consensus=%s" % (tier, engine)]
    sets += ["%s/@chain=%s" % (tier, chain)] if chain else []
    sets += ["%s/@leader=%s" % (tier, leader)] if leader else []
    return sets


def both(engine, chain=None, leader=None):
    return [word for tier in TIERS for word in choose(tier, engine, chain, leader)]


ENGINES = [("pbft", both("pbft")), ("raft", both("raft")), ("solo", both("solo"))]
ENGINES += [("hotstuff %s %s" % words, both("hotstuff", *words)) for words in HOTSTUFF]
MIXED = [("private raft, alliance hotstuff", choose("hospital", "raft") +
          choose("alliance", "hotstuff")),
         ("private solo, alliance pbft", choose("hospital", "solo") + choose("alliance", "pbft")),
         ("one hospital each", ["hospital[@id='minsk']/@consensus=hotstuff",
                                "hospital[@id='grodno']/@consensus=raft"])]
SHORT = ["workload/visits/@count=36", "workload/retrievals/@count=12", "workload/shares/@count=6",
         "workload/revocations/@count=1", "run/@duration=25s"]


def consensus_adds_up(folder):
    """The types of the engines' messages add up to the messages that carried them."""
    carried = {}
    for row in csv_rows(folder, "messages.csv"):
        if row["type"] in ("consensus", "consensus_ids") and row["direction"] != "dropped":
            key = (row["node"], row["direction"])
            count, size = carried.get(key, (0, 0))
            carried[key] = (count + int(row["count"]), size + int(row["bytes"]))
    found = {}
    for row in csv_rows(folder, "consensus.csv"):
        if row["kind"] == "message":
            key = (row["node"], row["direction"])
            count, size = found.get(key, (0, 0))
            found[key] = (count + int(row["count"]), size + int(row["bytes"]))
    check(found == carried, "%s: consensus.csv and messages.csv differ" % folder)


def figures(folder):
    row = summary(folder)
    return "visit %s ms, share %s ms; messages a transaction: private %.1f, alliance %.1f" % (
        "%.1f" % (1e3 * float(row["visit_lat_p50_s"])),
        "%.1f" % (1e3 * float(row["share_lat_p50_s"])), float(row["private_messages_per_tx"]),
        float(row["alliance_messages_per_tx"]))


def changes(folder):
    """View changes and time-outs of the whole run."""
    rows = csv_rows(folder, "consensus.csv")
    return tuple(sum(int(r["count"]) for r in rows if r["kind"] == kind)
                 for kind in ("view_change", "timeout"))


def case_engines(bench):
    """Every engine, on both tiers and mixed, in every fidelity: all requests end well, every record
    is identical, nothing times out, the counts add up, and a second run gives the same bytes."""
    for name, sets in ENGINES + MIXED:
        for fidelity in ("flow", "queue", "delay"):
            words = ([] if bench.full else SHORT) + sets + ["network/@fidelity=" + fidelity]
            out, _ = bench.run(QUICKSTART, words)
            no_losses(out, CONSENT)
            consensus_adds_up(out)
            check(changes(out) == (0, 0), "%s %s: view changes, time-outs %s"
                  % (name, fidelity, changes(out)))
            row = summary(out)
            for flow in ("retrieve", "share"):
                check(row[flow + "_records_identical"] == row[flow + "_ok"],
                      "%s: records of %s differ" % (name, flow))
        print("  %-32s %s" % (name, figures(out)))
        again, _ = bench.run(QUICKSTART, words)
        tables_equal(out, again)


def case_engines_unsigned(bench):
    """Signatures, MACs, none: the same requests end well under each."""
    for engine in ("hotstuff", "raft", "solo"):
        sizes = []
        for kind in ("signature", "mac", "none"):
            sets = SHORT + both(engine) + ["%s/@authentication=%s" % (t, kind) for t in TIERS]
            out, _ = bench.run(QUICKSTART, sets + ["network/@fidelity=delay"])
            no_losses(out, CONSENT)
            sizes.append(int(summary(out)["alliance_bytes"]))
        print("  %-9s alliance bytes: signature %d, mac %d, none %d" % ((engine,) + tuple(sizes)))
        check(sizes[2] < min(sizes[:2]), "%s: without authentication not less bytes" % engine)


def crash_run(bench, engine, sets, host, status=0):
    return bench.run(bench.faulty(['<crash host="%s" at="10s"/>' % host]),
                     SHORT + sets + ["network/@fidelity=delay"], status=status)


def case_engines_crash(bench):
    """The first leader goes down for good in mid-run, on either tier: under every engine but solo all
    requests still end well, and the results say which view change it took."""
    for name, sets in ENGINES:
        if name == "solo":
            continue
        for host in ("alliance-1", "minsk-node-1"):
            out, _ = crash_run(bench, name, sets, host)
            no_losses(out, CONSENT)
            consensus_adds_up(out)
            late = [r for r in csv_rows(out, "requests.csv") if float(r["start_s"]) > 10]
            slowest = max(float(r["end_s"]) - float(r["start_s"]) for r in late)
            views, timeouts = changes(out)
            print("  %-24s %-12s view changes %2d, time-outs %3d; %d requests after it, the "
                  "slowest %.1f s" % (name, host, views, timeouts, len(late), slowest))
            check(late and timeouts >= views > 0, "%s: no view change" % name)
            # leaders that rotate come to the one that is down every fourth view; the others once
            check("rotating" in name or views == 1, "%s: %d view changes" % (name, views))
    # no majority, no quorum: the run says so, also where heartbeats or elections never end
    for name, sets in ENGINES:
        lost = ['<crash host="alliance-%d" at="10s"/>' % i for i in (1, 2)]
        _, done = bench.run(bench.faulty(lost), SHORT + sets + ["network/@fidelity=delay"], status=1)
        print("  %s" % done.stderr.strip()[:120])
        check("chain alliance (%s) has committed nothing" % name.split()[0] in done.stderr,
              "%s: %s" % (name, done.stderr))


DELAYS = {"pbft": 5, "raft": 4, "solo": 2, "hotstuff three rotating": 9,
          "hotstuff three fixed": 9, "hotstuff two rotating": 7, "hotstuff two fixed": 7}


def case_engines_delays(bench):
    """One request at a time where every host is 1 ms from every other and nothing else takes time:
    the delays of docs/consensus.md, counted by hand, on both tiers. Around the decision there are
    the request and a reply. The decision of the replica whose reply completes the quorum takes 3
    (pbft), 2 (raft, the leader's own), 0 (solo), 7 and 5 (hotstuff, three and two chains)."""
    path = os.path.join(bench.folder, "delays.xml")
    with open(path, "w") as file:
        file.write('''<scenario xmlns="urn:ehrgrid:scenario:1" version="1" name="delays">
  <platform file="%s/platforms/uniform.xml"/>
  <network fidelity="delay" overhead-bytes="0"/>
  <storage write="0s" bandwidth="1000000000GB/s"/>
  <crypto costs="zero"/>
  <alliance authentication="none"><nodes hosts="alliance-*"/></alliance>
  <hospital id="minsk" server="minsk-server" authentication="none"><nodes hosts="minsk-node-*"/>
    <doctors hosts="minsk-desk-*"/><patients host="minsk-home"/></hospital>
  <workload>
    <ordering chain="alliance" requests="20" client-host="institute"/>
    <ordering chain="minsk" requests="20" client-host="insurer"/>
  </workload>
</scenario>''' % ROOT)
    for name, sets in ENGINES:
        out, _ = bench.run(path, sets)
        rows = [r for r in csv_rows(out, "requests.csv") if r["flow"] == "ordering"]
        check([r["outcome"] for r in rows] == 40 * ["ok"], name + ": requests lost")
        found = [round(1e6 * (float(r["end_s"]) - float(r["start_s"]))) for r in rows]
        print("  %-24s %s us" % (name, sorted(set(found))))
        # raft: two exchanges until the first leader leads at 4 ms; then an entry, its
        # acknowledgement and the reply
        first = 7000 if name == "raft" else 1000 * DELAYS[name]
        check(set(found[:2]) == {first} and set(found[2:]) == {1000 * DELAYS[name]},
              "%s: %s, by hand %d ms" % (name, found, DELAYS[name]))
