"""Whole runs under faults: what was acknowledged is found and opened afterwards, under every engine.

Each visit that was shared is retrieved exactly once (retrievals with probability 1), and their delay
is as long as the fault, so that every retrieval begins after it was over. Byzantine nodes begin when
the other faults do and never end: they are there when the records are opened."""
import json
import os
import re

from bench import ROOT, check, counts, csv_rows, summary

BEGIN, END = 20, 35  # of crashes, partitions, loss; the first visits are at about 1 s
SETS = ("run/@duration=60s", "run/@liveness-window=40s", "workload/visits/@count=90",
        "workload/retrievals/@count=0", "workload/retrievals/@probability=1",
        "workload/retrievals/@delay=%ds" % END, "workload/shares/@count=24",
        "workload/shares/@consent=1", "workload/revocations/@count=3")
FAST = ("network/@fidelity=delay", "crypto/@mode=modelled")
BEHAVIOURS = ("silent", "equivocate", "conflicting-votes", "delayed-votes", "corrupt-digest",
              "stale-view", "selective")
HOSPITALS = ("minsk", "grodno", "brest")
# name: (where it stands in --set without the element, nodes that lie, nodes that are away)
ENGINES = {
    "pbft": (("@consensus=pbft",), True),
    "hotstuff": (("@consensus=hotstuff",), True),
    "hotstuff two": (("@consensus=hotstuff", "@chain=two"), True),
    "hotstuff fixed": (("@consensus=hotstuff", "@leader=fixed"), True),
    "raft": (("@consensus=raft",), False),
}
CRASHES = ("leader crash", "f crashes", "partition", "loss")


def f_of(engine, n):
    return (n - 1) // 3 if ENGINES[engine][1] else (n - 1) // 2


def engine_sets(engine, element):
    return ["%s/%s" % (element, text) for text in ENGINES[engine][0]]


def scenario(bench, faults, platform=None):
    """The quickstart with these faults, on that platform."""
    replace = [("</scenario>", "<faults>%s</faults></scenario>" % "".join(faults))] if faults else []
    path = bench.scenario(replace, "resilience")
    if platform:
        with open(path) as file:
            text = re.sub(r'platform file="[^"]*"', 'platform file="%s"' % platform, file.read())
        with open(path, "w") as file:
            file.write(text)
    return path


def leader_at(out, chain, second):
    """The host that proposed the last block before that time: it leads, or led last."""
    hosts = {r["node"]: r["host"] for r in csv_rows(out, "nodes.csv")}
    blocks = [r for r in csv_rows(out, "blocks.csv") if r["chain"] == chain
              and r["proposed_s"] and float(r["proposed_s"]) < second]
    return hosts[max(blocks, key=lambda r: int(r["height"]))["proposer"]]


def crash(host):
    return '<crash host="%s" at="%ds" recover="%ds"/>' % (host, BEGIN, END)


def byzantine(hosts, behaviour, victim):
    more = ' victim="%s"' % victim if behaviour == "selective" else ""
    return '<byzantine node="%s" behaviour="%s" at="%ds"%s/>' % (" ".join(hosts), behaviour, BEGIN,
                                                                 more)


def faults_of(row, leader, hosts, f):
    """The elements of one row for one committee; the leader is hit unless the row needs no one."""
    others = [h for h in hosts if h != leader]
    hit = [leader] + others[-(f - 1):] if f > 1 else [leader]
    if row == "leader crash":
        return [crash(leader)]
    if row == "f crashes":
        return [crash(h) for h in (hit if f > 1 else others[:1])]
    if row == "partition":
        return ['<partition groups="%s|rest" at="%ds" heal="%ds"/>' % (", ".join(hit), BEGIN, END)]
    if row == "loss":
        return ['<loss probability="0.02" at="%ds" until="%ds"/>' % (BEGIN, END)]
    return [byzantine(hit, row, "minsk-server" if leader.startswith("alliance")
                      else leader.split("-")[0] + "-doctor-0")]


def found_again(out, lossy=False):
    """Every visit that was shared was retrieved once, after the fault, and opened as it was written;
    all shares, too; nothing is open. Returns what stands in the table."""
    requests = csv_rows(out, "requests.csv")
    visits = [r for r in requests if r["flow"] == "visit"]
    shared = [r for r in visits if r["shared_s"]]
    retrievals = [r for r in requests if r["flow"] == "retrieve"]
    bad = ["%(id)s %(flow)s %(start_s)s %(outcome)s %(reason)s" % r for r in requests
           if r["outcome"] != "ok" and not (lossy and float(r["start_s"]) < END + 5)]
    check(not bad, "not ok: %s" % ", ".join(bad))
    check(not [r for r in visits if r["outcome"] == "ok" and not r["shared_s"]], "ok, not shared")
    check(len(retrievals) == len(shared) > 0,
          "%d shared, %d retrievals" % (len(shared), len(retrievals)))
    check(all(float(r["start_s"]) > END for r in retrievals), "a retrieval before the fault ended")
    wrong = [r["id"] for r in requests if r["flow"] in ("retrieve", "share")
             and r["outcome"] == "ok" and r["identical"] != "1"]
    check(not wrong, "not identical: %s" % wrong)
    check(all(r["outcome"] == "ok" for r in retrievals), "a retrieval failed")
    check(all(found["unfinished"] == 0 for found in counts(out).values()), "unfinished")
    with open(os.path.join(out, "run.json")) as file:
        run = json.load(file)
    check(run["facts"].get("replicas_behind", 0) == 0 if "facts" in run else True,
          "replicas were left behind")
    in_fault = [r for r in shared if BEGIN <= float(r["start_s"]) < END]
    row = summary(out)
    return "%3d shared (%2d in the fault), %3d found, %2d shares; view changes %s, %s" % (
        len(shared), len(in_fault), len(retrievals), counts(out)["share"]["ok"],
        row["private_view_changes"], row["alliance_view_changes"])


def row_run(bench, path, sets, label, failures):
    """Runs, judges and prints one row; what is wrong is collected, so that a table is whole."""
    from bench import Failed
    try:
        out, _ = bench.run(path, list(SETS) + list(sets))
        text = found_again(out, "loss" in label)
    except Failed as error:
        text = "FAILED: %s" % str(error)[:2000]
        failures.append(label)
    print("  %-46s %s" % (label, text), flush=True)


def alliance_rows(bench, engine, rows, n, seeds, failures, sets=FAST):
    platform = bench.platform_grown(n) if n > 4 else None
    hosts = ["alliance-%d" % i for i in range(1, n + 1)]
    for seed in seeds:
        own = engine_sets(engine, "alliance") + list(sets) + ["run/@seed=%d" % seed]
        calm, _ = bench.run(scenario(bench, (), platform), list(SETS) + own)
        leader = leader_at(calm, "alliance", BEGIN)
        for row in rows:
            path = scenario(bench, faults_of(row, leader, hosts, f_of(engine, n)), platform)
            row_run(bench, path, own, "alliance %d %s, %s, seed %d" % (n, engine, row, seed),
                    failures)


def private_rows(bench, engine, rows, seeds, failures, sets=FAST):
    """The same at every hospital at once."""
    for seed in seeds:
        own = engine_sets(engine, "hospital") + list(sets) + ["run/@seed=%d" % seed]
        calm, _ = bench.run(scenario(bench, ()), list(SETS) + own)
        for row in rows:
            faults = []
            for hospital in HOSPITALS if row != "loss" else HOSPITALS[:1]:
                hosts = ["%s-node-%d" % (hospital, i) for i in range(1, 5)]
                faults += faults_of(row, leader_at(calm, hospital, BEGIN), hosts, 1)
            row_run(bench, scenario(bench, faults), own,
                    "private %s, %s, seed %d" % (engine, row, seed), failures)


def rows_of(engine):
    return CRASHES + (BEHAVIOURS if ENGINES[engine][1] else ())


def case_resilience(bench):
    """Crashes, partitions, loss and adversaries within what each engine tolerates: every record that
    was acknowledged is found and opened afterwards."""
    failures = []
    if bench.full:
        for engine in ENGINES:
            for n in (4, 7):
                alliance_rows(bench, engine, rows_of(engine), n, (42, 1, 2), failures)
            private_rows(bench, engine, rows_of(engine), (42, 1), failures)
    else:
        for engine in ENGINES:
            alliance_rows(bench, engine, ("f crashes", "partition") +
                          (("equivocate",) if ENGINES[engine][1] else ()), 7, (42,), failures)
        private_rows(bench, "pbft", CRASHES, (42,), failures)
    check(not failures, "%d rows: %s" % (len(failures), "; ".join(failures)))
