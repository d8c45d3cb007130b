"""Chain nodes that crash and come back: from their disk, and with the blocks that they missed."""
import os

from bench import ROOT, check, csv_rows, no_losses, summary, tables_equal


def crash(host, at, recover):
    return '<crash host="%s" at="%gs" recover="%gs"/>' % (host, at, recover)


def everything_ok(out):
    """Every request ended well, and every acknowledged record was found and opened."""
    no_losses(out)
    row = summary(out)
    for flow in ("retrieve", "share"):
        check(row[flow + "_ok"] == row[flow + "_records_identical"], "%s: records differ" % flow)


def executed_last(out, chain):
    return {int(r["height"]): float(r["committed_last_s"]) for r in csv_rows(out, "blocks.csv")
            if r["chain"] == chain and r["committed_last_s"]}


def synchronised(out, node):
    """Messages of block synchronisation that the node sent."""
    return sum(int(r["count"]) for r in csv_rows(out, "messages.csv")
               if r["node"] == node and r["type"].startswith("sync") and r["direction"] == "out")


def case_recovery_nodes(bench):
    """An alliance node, a private node and both primaries come back in mid-run, in every fidelity;
    with real and modelled cryptography the same tables, twice the same bytes."""
    faults = [crash("alliance-2", 20, 26), crash("minsk-node-2", 22, 30),
              crash("alliance-1", 31, 36), crash("minsk-node-1", 33, 39),
              crash("alliance-2", 45, 47)]
    for fidelity in ("flow", "queue", "delay"):
        sets = bench.small() + ["network/@fidelity=" + fidelity, "workload/shares/@consent=1"]
        scenario = bench.faulty(faults)
        out, _ = bench.run(scenario, sets)
        everything_ok(out)
        modelled, _ = bench.run(scenario, sets + ["crypto/@mode=modelled"])
        tables_equal(out, modelled)
        again, _ = bench.run(scenario, sets + ["crypto/@mode=modelled"])
        tables_equal(modelled, again)
        for node in ("alliance-node-1", "minsk-node-1", "alliance-node-0", "minsk-node-0"):
            check(synchronised(out, node) > 0, "%s asked for nothing" % node)
        row = summary(out)
        print("  %-5s view changes: private %s, alliance %s; asked by alliance-node-1: %d"
              % (fidelity, row["private_view_changes"], row["alliance_view_changes"],
                 synchronised(out, "alliance-node-1")))


def case_recovery_power_cut(bench):
    """All nodes of a chain go down together and come back one after another, under every engine."""
    for engine in ("pbft", "hotstuff", "raft", "solo"):
        for hosts in ("minsk-node-%d", "alliance-%d"):
            faults = [crash(hosts % i, 25, 30 + i) for i in range(1, 5)]
            out, _ = bench.run(bench.faulty(faults), bench.small() + [
                "network/@fidelity=delay", "crypto/@mode=modelled", "workload/shares/@consent=1",
                "alliance/@consensus=" + engine, "hospital/@consensus=" + engine])
            everything_ok(out)
            print("  %-8s %-12s all ended well" % (engine, hosts % 1))


def case_recovery_far_behind(bench):
    """A node misses 1,000 blocks (10,000 with --full), and executes all of them when it is back."""
    blocks, seconds, requests = (10000, 13.5, 13000) if bench.full else (1000, 2.4, 3000)
    scenario = os.path.join(bench.folder, "far-behind.xml")
    with open(scenario, "w") as file:
        file.write("""<?xml version="1.0" encoding="UTF-8"?>
<scenario xmlns="urn:ehrgrid:scenario:1" version="1" name="far-behind">
  <platform file="%s/platforms/three-hospitals.xml"/>
  <run duration="20min"/>
  <network fidelity="delay"/>
  <crypto mode="modelled"/>
  <alliance consensus="pbft" batch="1"><nodes hosts="alliance-*"/></alliance>
  <workload>
    <ordering clients="8" requests="%d" bytes="32" client-host="institute"/>
  </workload>
  <faults>%s</faults>
</scenario>
""" % (ROOT, requests, crash("alliance-3", 1, seconds)))
    out, _ = bench.run(scenario)
    last = executed_last(out, "alliance")
    rows = [r for r in csv_rows(out, "blocks.csv") if r["chain"] == "alliance"]
    late = [int(r["height"]) for r in rows if float(r["committed_first_s"]) < seconds
            and last[int(r["height"])] >= seconds]
    pages = sum(int(r["count"]) for r in csv_rows(out, "messages.csv")
                if r["type"] == "sync_blocks" and r["direction"] == "out")
    caught_up = max(last[h] for h in late)
    print("  %d blocks missed; executed %.3f s after the node was back, in %d pages"
          % (len(late), caught_up - seconds, pages))
    check(len(late) >= blocks, "only %d blocks were missed" % len(late))
    check(sorted(late) == list(range(late[0], late[0] + len(late))), "not in one piece")
    check(int(summary(out)["ordering_ok"]) == requests, "requests lost")
    tail = [r for r in rows if float(r["committed_first_s"]) > caught_up + 0.5]
    check(tail and all(last[int(r["height"])] - float(r["committed_first_s"]) < 0.1 for r in tail),
          "the node does not keep up afterwards")
