"""A consensus alone: raw requests of closed- and open-loop clients, compared with hand calculation."""
import os

from bench import check, csv_rows, summary

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
# to the leader; decision; reply. pbft: pre-prepare, prepare, commit. solo: the sequencer alone.
DELAYS = [
    ('consensus="pbft"', 4, "f+1", 5),
    ('consensus="pbft"', 4, "q", 5),
    ('consensus="pbft"', 4, "n", 5),
    ('consensus="pbft" votes="all"', 7, "q", 5),
    ('consensus="solo"', 1, "f+1", 2),
    ('consensus="solo"', 3, "1", 2),
    ('consensus="solo"', 3, "n", 3),
]


def case_ordering(bench):
    """Closed loops: as many requests as asked, each takes the delays counted by hand, to the ns."""
    for chain, replicas, quorum, delays in DELAYS:
        out, _ = bench.run(scenario(bench, replicas, chain,
                                    'requests="40" client-quorum="%s"' % quorum))
        found = set(latencies(out))
        row = summary(out)
        print("  %-34s n = %d, quorum %-3s %d ok, %s ns"
              % (chain, replicas, quorum, int(row["ordering_ok"]), sorted(found)))
        check(found == {delays * ONE_WAY_NS}, "expected %d ns" % (delays * ONE_WAY_NS))
        check(int(row["ordering_ok"]) == 40, "expected 40")
        check(int(row["alliance_transactions"]) == 40, "not each once on the chain")


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
