"""Whole runs under faults: what was acknowledged is found and opened afterwards, under every engine.

Each visit that was shared is retrieved exactly once (retrievals with probability 1), and their delay
is as long as the fault, so that every retrieval begins after it was over. Byzantine nodes begin when
the other faults do and never end: they are there when the records are opened."""
import json
import os
import re
import subprocess

from bench import ROOT, Failed, check, counts, csv_rows, summary, tables_equal

BEGIN, END = 20, 35  # of crashes, partitions, loss; the first visits are at about 1 s
SETS = ("run/@duration=60s", "run/@liveness-window=40s", "workload/visits/@count=90",
        "workload/retrievals/@count=0", "workload/retrievals/@probability=1",
        "workload/retrievals/@delay=%ds" % END, "workload/shares/@count=24",
        "workload/shares/@consent=1", "workload/revocations/@count=3")
FAST = ("network/@fidelity=delay", "crypto/@mode=modelled")
BEHAVIOURS = ("silent", "equivocate", "conflicting-votes", "delayed-votes", "corrupt-digest",
              "stale-view", "selective")
HOSPITALS = ("minsk", "grodno", "brest")
# name: (overrides below alliance or hospital, whether nodes that lie are tolerated)
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


def found_again(out):
    """Every visit was shared, was retrieved once, after the fault, and opened as it was written; all
    shares, too; nothing is open. Returns what stands in the table."""
    requests = csv_rows(out, "requests.csv")
    visits = [r for r in requests if r["flow"] == "visit"]
    shared = [r for r in visits if r["shared_s"]]
    retrievals = [r for r in requests if r["flow"] == "retrieve"]
    bad = ["%(id)s %(flow)s %(start_s)s %(outcome)s %(reason)s" % r for r in requests
           if r["outcome"] != "ok"]
    check(not bad, "not ok: %s" % ", ".join(bad))
    check(len(retrievals) == len(shared) == len(visits) > 0, "%d visits, %d shared, %d retrievals"
          % (len(visits), len(shared), len(retrievals)))
    check(all(float(r["start_s"]) > END for r in retrievals), "a retrieval before the fault ended")
    wrong = [r["id"] for r in requests if r["flow"] in ("retrieve", "share")
             and r["identical"] != "1"]
    check(not wrong, "not identical: %s" % wrong)
    with open(os.path.join(out, "run.json")) as file:
        run = json.load(file)
    check(run["facts"].get("replicas_behind", 0) == 0, "replicas were left behind")
    in_fault = [r for r in shared if BEGIN <= float(r["start_s"]) < END]
    row = summary(out)
    return "%3d shared (%2d in the fault), %3d found, %2d shares; view changes %s, %s" % (
        len(shared), len(in_fault), len(retrievals), counts(out)["share"]["ok"],
        row["private_view_changes"], row["alliance_view_changes"])


def row_run(bench, path, sets, label, failures):
    """Runs, judges and prints one row; what is wrong is collected, so that a table is whole."""
    try:
        out, _ = bench.run(path, list(SETS) + list(sets))
        text = found_again(out)
    except Failed as error:
        text = "FAILED: %s" % str(error)[:2000]
        failures.append(label)
    print("  %-46s %s" % (label, text), flush=True)


def alliance_rows(bench, engine, rows, n, seeds, failures, sets=FAST):
    platform = bench.platform_grown(n) if n > 4 else None
    hosts = ["alliance-%d" % i for i in range(1, n + 1)]
    for seed in seeds:
        own = engine_sets(engine, "alliance") + list(sets) + ["run/@seed=%d" % seed]
        calm, _ = bench.run(bench.faulty((), platform=platform), list(SETS) + own)
        leader = leader_at(calm, "alliance", BEGIN)
        for row in rows:
            path = bench.faulty(faults_of(row, leader, hosts, f_of(engine, n)), platform=platform)
            row_run(bench, path, own, "alliance %d %s, %s, seed %d" % (n, engine, row, seed),
                    failures)


def private_rows(bench, engine, rows, seeds, failures, sets=FAST):
    """The same at every hospital at once."""
    for seed in seeds:
        own = engine_sets(engine, "hospital") + list(sets) + ["run/@seed=%d" % seed]
        calm, _ = bench.run(bench.faulty(()), list(SETS) + own)
        for row in rows:
            faults = []
            for hospital in HOSPITALS if row != "loss" else HOSPITALS[:1]:
                hosts = ["%s-node-%d" % (hospital, i) for i in range(1, 5)]
                faults += faults_of(row, leader_at(calm, hospital, BEGIN), hosts, 1)
            row_run(bench, bench.faulty(faults), own,
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


def leader_faults(row, n=4, engine="pbft"):
    """One row for an alliance whose leader is the first node, as in the first view of PBFT."""
    hosts = ["alliance-%d" % i for i in range(1, n + 1)]
    return faults_of(row, hosts[0], hosts, f_of(engine, n))


def too_many(bench, engine, nodes, behaviour, lost, platform):
    """More than f lie: exit 1 and which loss, or, `lost` being None, a warning and nothing lost."""
    path = bench.faulty([byzantine(nodes, behaviour, "minsk-server")], platform=platform)
    out, done = bench.run(path, list(SETS) + list(FAST) + engine_sets(engine, "alliance"),
                          status=1 if lost else 0)
    with open(os.path.join(out, "run.json")) as file:
        run = json.load(file)
    check(run["facts"]["ended_wrongly"] == (1 if lost else 0), "run.json: ended_wrongly")
    check(len(run["byzantine"]) == len(nodes), "run.json: %s" % run["byzantine"])
    if not lost:
        said = bench.execute(["validate", path, "--set", "alliance/@consensus=" + engine])
        check("safety and liveness are not promised" in said.stderr, "no warning: " + said.stderr)
        return "exit 0, warned; nothing was lost: " + found_again(out)
    wrong = done.stderr.strip().split("\n")[-1]
    check(lost in wrong and "chain alliance" in wrong, wrong)
    check("%d of %d replicas are Byzantine" % (len(nodes), 7 if platform else 4) in wrong
          and "more than f" in wrong and "neither safety nor liveness is promised" in wrong, wrong)
    return "exit 1: " + re.search(r"run ended wrongly: ([^;]*)", wrong).group(1)


def case_resilience_too_many(bench):
    """f + 1 lie: the run ends with exit 1 and says what is lost, on which chain, where and by whom;
    where these lies cost nothing, it warns, and every record is found."""
    platform = bench.platform_grown(7)
    three = ["alliance-1", "alliance-4", "alliance-6"]
    safety, liveness = "two blocks at height", "committed nothing for"
    for engine, nodes, behaviour, lost, on in (
            ("pbft", three, "equivocate", safety, platform),
            ("pbft", three, "silent", liveness, platform),
            ("pbft", three, "conflicting-votes", None, platform),  # half of the votes are true
            ("hotstuff", three, "silent", liveness, platform),
            ("hotstuff", three, "conflicting-votes", liveness, platform),
            ("hotstuff fixed", three, "equivocate", safety, platform),
            ("raft", ["alliance-1"], "selective", liveness, None)):
        print("  %-14s %-18s %s" % (engine, behaviour,
                                    too_many(bench, engine, nodes, behaviour, lost, on)), flush=True)


def case_resilience_repeats(bench):
    """A fault of each kind: the same seed the same bytes, real and modelled cryptography the same
    tables; records are found in every fidelity."""
    small = ["workload/visits/@count=30", "workload/shares/@count=6"]
    for engine, row in (("pbft", "leader crash"), ("hotstuff", "partition"), ("raft", "loss"),
                        ("pbft", "equivocate")):
        path = bench.faulty(leader_faults(row))
        sets = list(SETS) + small + engine_sets(engine, "alliance")
        real, _ = bench.run(path, sets + ["network/@fidelity=delay"])
        print("  %-9s %-14s %s" % (engine, row, found_again(real)), flush=True)
        modelled = [bench.run(path, sets + list(FAST))[0] for _ in range(2)]
        tables_equal(real, modelled[0])
        tables_equal(*modelled)
        for fidelity in ("flow", "queue"):
            out, _ = bench.run(path, sets + ["crypto/@mode=modelled",
                                             "network/@fidelity=" + fidelity])
            found_again(out)


def case_resilience_scenarios(bench):
    """scripts/resilience: the scenarios a user can run, their table and their figures."""
    out = os.path.join(bench.folder, "resilience")
    names = [] if bench.full else ["leader-crash", "byzantine"]
    done = subprocess.run([os.path.join(ROOT, "scripts", "resilience"), "--ehrgrid", bench.command,
                           "--out", out] + names, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    print("  " + done.stdout.replace("\n", "\n  ").rstrip())
    check(done.returncode == 0, "exit %d\n%s" % (done.returncode, done.stderr))
    for name in names or os.listdir(out):
        line = re.search(name + r": (\d+) records shared, (\d+) found .*, (\d+) of them after",
                         done.stdout)
        check(line and len(set(line.groups())) == 1 and int(line.group(1)) > 0,
              "%s: not every record was found after the faults" % name)
        check(os.path.getsize(os.path.join(out, name, "figures", "throughput.svg")) > 10000,
              "%s: no figure" % name)
