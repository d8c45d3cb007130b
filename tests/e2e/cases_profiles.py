"""Hosts that a state profile of the platform turns off and on in mid-run."""
import os

from bench import ROOT, accounting, check, csv_rows, summary, tables_equal
from cases_recovery import everything_ok, executed_last, synchronised


def platform_with(bench, outages):
    """three-hospitals.xml with these hosts off, for each a list of (from, to) in seconds."""
    with open(os.path.join(ROOT, "platforms", "three-hospitals.xml")) as file:
        text = file.read()
    traces = ""
    for host, times in outages.items():
        lines = "".join("%g 0\n%g 1\n" % pair for pair in times)
        traces += ('<trace id="of-%s" periodicity="-1">\n%s</trace>\n'
                   '<trace_connect trace="of-%s" element="%s" kind="HOST_AVAIL"/>\n'
                   % (host, lines, host, host))
    path = os.path.join(bench.folder, "profiles.xml")
    with open(path, "w") as file:
        file.write(text.replace("</platform>", traces + "</platform>"))
    return path


def outages_told(out, outages, node_of):
    """faults.csv has each outage of each node, to the nanosecond."""
    told = {(r["target"], float(r["begin_s"]), float(r["end_s"]))
            for r in csv_rows(out, "faults.csv")}
    wanted = {(node_of[host], float(a), float(b)) for host, times in outages.items()
              for a, b in times}
    check(told == wanted, "faults.csv: %s, expected %s" % (sorted(told), sorted(wanted)))


def case_profiles_nodes(bench):
    """Chain nodes of both tiers, both primaries among them, go off with their hosts and catch up, in
    every fidelity: all ends well, twice with the same bytes."""
    outages = {"alliance-2": [(20.25, 26.25), (45.5, 47.5)], "minsk-node-2": [(22.25, 30.5)],
               "alliance-1": [(31.75, 36.25)], "minsk-node-1": [(33.25, 39.75)]}
    node_of = {"alliance-1": "alliance-node-0", "alliance-2": "alliance-node-1",
               "minsk-node-1": "minsk-node-0", "minsk-node-2": "minsk-node-1"}
    scenario = bench.faulty([], platform=platform_with(bench, outages))
    for fidelity in ("flow", "queue", "delay"):
        sets = bench.small() + ["network/@fidelity=" + fidelity, "workload/shares/@consent=1",
                                "crypto/@mode=modelled"]
        out, _ = bench.run(scenario, sets)
        everything_ok(out)
        outages_told(out, outages, node_of)
        again, _ = bench.run(scenario, sets)
        tables_equal(out, again)
        for chain in ("alliance", "minsk"):
            heights = {int(r["height"]) for r in csv_rows(out, "blocks.csv") if r["chain"] == chain}
            check(set(executed_last(out, chain)) == heights, "%s: not executed everywhere" % chain)
        for node in node_of.values():
            check(synchronised(out, node) > 0, "%s asked for nothing" % node)
        row = summary(out)
        print("  %-5s view changes: private %s, alliance %s; asked by alliance-node-1: %d"
              % (fidelity, row["private_view_changes"], row["alliance_view_changes"],
                 synchronised(out, "alliance-node-1")))


def case_profiles_everybody(bench):
    """A server (on the host where the kernel's own actor is, too), doctors, patients and a data user
    go off: no abort, every request is accounted for, and those of the last ten seconds are ok."""
    outages = {"minsk-server": [(15.25, 18.25)], "grodno-desk-1": [(20.25, 21.75)],
               "brest-home": [(24.25, 25.75)], "institute": [(28.25, 29.75)],
               "minsk-node-3": [(15.25, 19.75)]}
    scenario = bench.faulty([], platform=platform_with(bench, outages))
    for fidelity in ("flow", "queue", "delay"):
        out, _ = bench.run(scenario, bench.small() + [
            "network/@fidelity=" + fidelity, "crypto/@mode=modelled"])
        accounting(out)
        requests = csv_rows(out, "requests.csv")
        late = [r for r in requests if float(r["start_s"]) > 32]
        ok = sum(r["outcome"] == "ok" for r in requests)
        check(late and all(r["outcome"] in ("ok", "refused") for r in late), "late requests: %s"
              % sorted({r["outcome"] for r in late}))
        print("  %-5s %d of %d requests ok" % (fidelity, ok, len(requests)))
