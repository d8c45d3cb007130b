"""A consensus alone: raw requests of closed- and open-loop clients, compared with hand calculation."""
import os

from bench import CONSENT, check, csv_rows, no_losses, show_counts, summary

ONE_WAY_NS = 10000000


def platform(bench, replicas, clients=1):
    """Hosts 10 ms apart, with as good as unlimited bandwidth."""
    names = ["replica-%02d" % i for i in range(replicas)] + ["client-%d" % i for i in range(clients)]
    path = os.path.join(bench.folder, "lab-%d-%d.xml" % (replicas, clients))
    with open(path, "w") as file:
        file.write('<?xml version="1.0"?>\n<!DOCTYPE platform SYSTEM '
                   '"https://simgrid.org/simgrid.dtd">\n<platform version="4.1">\n'
                   '<zone id="lab" routing="Floyd">\n')
        for name in names:
            file.write('<host id="%s" speed="1Gf"/>\n' % name)
        file.write('<router id="centre"/>\n')
        for name in names:
            file.write('<link id="port-%s" bandwidth="1000000TBps" latency="5ms" '
                       'sharing_policy="FATPIPE"/>\n' % name)
        for name in names:
            file.write('<route src="%s" dst="centre"><link_ctn id="port-%s"/></route>\n'
                       % (name, name))
        file.write("</zone>\n</platform>\n")
    return path


def scenario(bench, replicas, chain, ordering, clients=1, run='duration="1min"'):
    text = """<?xml version="1.0" encoding="UTF-8"?>
<scenario xmlns="urn:ehrgrid:scenario:1" version="1" name="lab">
  <platform file="%s"/>
  <run %s/>
  <network fidelity="delay"/>
  <storage write="0s" bandwidth="1000000000GB/s"/>
  <crypto costs="zero"/>
  <alliance authentication="none" %s><nodes hosts="replica-*"/></alliance>
  <workload><ordering client-host="client-*" %s/></workload>
</scenario>
""" % (platform(bench, replicas, clients), run, chain, ordering)
    bench.count += 1
    path = os.path.join(bench.folder, "lab-%d.xml" % bench.count)
    with open(path, "w") as file:
        file.write(text)
    return path


def ns(text):
    return round(float(text) * 1e9)


def latencies(folder):
    rows = [r for r in csv_rows(folder, "requests.csv") if r["flow"] == "ordering"]
    for row in rows:
        check(row["outcome"] == "ok", "request %(id)s: %(outcome)s" % row)
    return [ns(r["end_s"]) - ns(r["start_s"]) for r in rows]


# consensus, replicas, quorum -> one-way delays from a request to its last awaited reply, by hand:
# to the leader; decision at the replica whose reply is awaited last; reply.
# pbft: pre-prepare, prepare, commit. raft: append, acknowledgement at the leader, and a notice to
# the followers. hotstuff: three times proposal and vote at the leader, and a proposal to the others
# (two chains: twice); with rotating leaders a vote goes to the next one, so all learn it together.
# solo: the sequencer alone, and a notice.
DELAYS = [
    ('consensus="pbft"', 4, "f+1", 5),
    ('consensus="pbft"', 4, "q", 5),
    ('consensus="pbft"', 4, "n", 5),
    ('consensus="pbft" votes="all"', 7, "q", 5),
    ('consensus="pbft" bodies="broadcast"', 4, "q", 5),
    ('consensus="raft"', 3, "1", 4),
    ('consensus="raft"', 5, "q", 5),
    ('consensus="raft" bodies="broadcast"', 5, "q", 5),
    ('consensus="hotstuff" leader="fixed"', 4, "1", 8),
    ('consensus="hotstuff" leader="fixed"', 4, "q", 9),
    ('consensus="hotstuff" leader="fixed" chain="two"', 4, "q", 7),
    ('consensus="hotstuff" leader="fixed" bodies="broadcast"', 7, "q", 9),
    ('consensus="hotstuff" leader="rotating"', 4, "q", 9),
    ('consensus="solo"', 1, "f+1", 2),
    ('consensus="solo"', 3, "1", 2),
    ('consensus="solo"', 3, "n", 3),
]


def case_ordering(bench):
    """Closed loops: as many requests as asked, each takes the delays counted by hand, to the ns."""
    for chain, replicas, quorum, delays in DELAYS:
        out, _ = bench.run(scenario(bench, replicas, chain,
                                    'requests="40" client-quorum="%s"' % quorum))
        found = latencies(out)
        row = summary(out)
        if "raft" in chain:  # the first one waits for the first leader
            check(found.pop(0) > delays * ONE_WAY_NS, "the first request met a leader at once")
        print("  %-54s n = %d, quorum %-3s %d ok, %s ns"
              % (chain, replicas, quorum, int(row["ordering_ok"]), sorted(set(found))))
        check(set(found) == {delays * ONE_WAY_NS}, "expected %d ns" % (delays * ONE_WAY_NS))
        check(int(row["ordering_ok"]) == 40, "expected 40")
        check(int(row["alliance_transactions"]) == 40, "not each once on the chain")


def sent_bytes(folder):
    found = {}
    for row in csv_rows(folder, "messages.csv"):
        if row["direction"] == "out":
            found[row["type"]] = found.get(row["type"], 0) + int(row["bytes"])
    return found


def case_bodies(bench):
    """Bodies broadcast by clients: what proposals save and what requests cost more, in bytes by
    hand. A transaction of 8 + 1000 bytes takes 21 more on the wire in a proposal, and 4 for their
    number; its id takes 32. A request goes to all replicas, not to one."""
    saved = 40 * 3 * (4 + 21 + 1008 - 32)
    submit = 10 + 21 + 1008 + 66
    for chain in ("pbft", "hotstuff", "raft"):
        found = {}
        for bodies in ("leader", "broadcast"):
            extra = ' leader="fixed"' if chain == "hotstuff" else ""
            out, _ = bench.run(scenario(
                bench, 4, 'consensus="%s" bodies="%s" request-timeout="20s"%s' % (chain, bodies,
                                                                                  extra),
                'requests="40" bytes="1000" client-quorum="n"'))
            latencies(out)
            found[bodies] = sent_bytes(out)
        plain = found["leader"]["consensus"]
        apart = found["broadcast"]["consensus"] + found["broadcast"]["consensus_ids"]
        print("  %-8s proposals and votes %d and %d bytes, %d less; requests %d and %d bytes"
              % (chain, plain, apart, plain - apart, found["leader"]["submit"],
                 found["broadcast"]["submit"]))
        check(plain - apart == saved, "expected %d less" % saved)
        check("tx_get" not in found["broadcast"], "a body was missing")
        check(found["broadcast"]["submit"] == 4 * 40 * submit, "expected %d" % (4 * 40 * submit))


def case_bodies_everywhere(bench):
    """The quickstart with bodies broadcast on both tiers: every flow ends well, whole, and also
    when a primary of each tier goes down."""
    broadcast = ('consensus="pbft"', 'consensus="pbft" bodies="broadcast"')
    out, _ = bench.run(bench.scenario([broadcast]), bench.small())
    show_counts(out)
    no_losses(out, CONSENT)
    check(sent_bytes(out)["consensus_ids"] > 0, "nothing was proposed by ids")
    fault = ('<faults><crash host="alliance-1" at="25s"/><crash host="minsk-node-1" at="25s"/>'
             '</faults></scenario>')
    out, _ = bench.run(bench.scenario([broadcast, ("</scenario>", fault)]), bench.small())
    no_losses(out, CONSENT)
    row = summary(out)
    changes = [int(row[tier + "_view_changes"]) for tier in ("private", "alliance")]
    print("  with primaries down: view changes %d, %d" % tuple(changes))
    check(min(changes) > 0, "no primary was left")
    for flow in ("retrieve", "share"):
        check(row[flow + "_records_identical"] == row[flow + "_ok"], flow + ": records differ")


def case_ordering_loops(bench):
    """Two clients keep 5 requests each under way until the last of 100 was sent; in an open loop
    requests come at fixed gaps."""
    out, _ = bench.run(scenario(bench, 4, 'consensus="pbft" batch="10"',
                                'clients="2" outstanding="5" requests="100" bytes="24"', 2))
    rows = [r for r in csv_rows(out, "requests.csv") if r["flow"] == "ordering"]
    starts, ends = [[ns(r[name]) for r in rows] for name in ("start_s", "end_s")]
    moments = [m for m in sorted(set(starts)) if m <= max(starts)]
    for moment in moments:
        under_way = sum(a <= moment < b for a, b in zip(starts, ends))
        check(under_way == 10, "%d under way at %d ns" % (under_way, moment))
    print("  closed: %d requests, 10 under way at each of %d moments" % (len(rows), len(moments)))
    check(len(rows) == 100, "100 requests")
    out, _ = bench.run(scenario(bench, 4, 'consensus="pbft"',
                                'clients="2" rate="50/s" arrivals="uniform" requests="60"', 2))
    starts = [ns(r["start_s"]) for r in csv_rows(out, "requests.csv")]
    check(starts == [20000000 * (i + 1) for i in range(60)], "gaps of 20 ms: %s" % starts[:5])
    print("  open: 60 requests at gaps of 20 ms")


def case_ordering_beside_visits(bench):
    """Raw requests on a hospital's chain beside the flows of the quickstart, until the duration."""
    out, _ = bench.run(bench.scenario([("<workload>", '<workload>\n    <ordering chain="minsk" '
                                        'clients="2" rate="5/s" bytes="100"/>')]), bench.small())
    row = summary(out)
    rows = [r for r in csv_rows(out, "requests.csv") if r["flow"] == "ordering"]
    print("  ordering: %d offered, %d ok; visits: %d ok" % (len(rows), int(row["ordering_ok"]),
                                                          int(row["visit_ok"])))
    check(int(row["ordering_offered"]) == int(row["ordering_ok"]) > 200, "not all are ok")
    check(all(r["hospital"] == "minsk" for r in rows), "hospital")
    check(int(row["visit_ok"]) > 0 and row["visit_ok"] == row["visit_offered"], "visits")
