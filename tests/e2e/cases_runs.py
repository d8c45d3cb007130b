"""Whole runs where nothing breaks: counts, records, determinism, fidelities."""
import csv
import hashlib
import os
import re
import shutil
import sys

from bench import (CONSENT, FLOWS, MACHINE_COLUMNS, QUICKSTART, ROOT, check, counts, csv_rows,
                   no_losses, show_counts, summary)
from cases_figures import figures_check, same


NO_REQUEST = ("consensus", "block_sign", "body_get", "body", "complaint")


def bytes_of_requests(out):
    """Every message of a request is counted to it: what is left is what nobody asked for, and of
    SUBMIT and REPLY those of the hospitals' anchors."""
    sent = {}
    for row in csv_rows(out, "messages.csv"):
        if row["direction"] == "out" and row["type"] not in NO_REQUEST:
            sent[row["type"]] = sent.get(row["type"], 0) + int(row["bytes"])
    counted = sum(int(r["bytes"]) for r in csv_rows(out, "requests.csv"))
    most = sum(sent.values())
    least = most - sent["submit"] - sent["reply"]
    print("  bytes of requests: %d, between %d and %d" % (counted, least, most))
    check(least < counted < most, "bytes of requests: %d" % counted)


def quickstart_figures(bench, out):
    if shutil.which("gnuplot") is None:
        print("  no figures: gnuplot is not installed")
        return
    target, again = os.path.join(out, "figures"), os.path.join(bench.folder, "again")
    for words in ([], ["--out", again]):
        done = bench.execute(["plot", out, "--format", "svg,png,pdf"] + words)
        check(done.returncode == 0 and done.stderr == "", "plot: %s" % done.stderr)
    figures_check(target, ["throughput", "latency-cdf", "phases", "messages", "load"],
                  summary(out)["sha256"])
    same(target, again)


def case_quickstart(bench):
    """Every flow succeeds; refusals are those the scenario asks for; counts are those of the file."""
    out, _ = bench.run(QUICKSTART)
    show_counts(out)
    no_losses(out, CONSENT)
    expected = {"register": 60, "visit": 900, "retrieve": 270, "share": 60, "revoke": 5}
    for flow, number in expected.items():
        check(counts(out)[flow]["offered"] == number,
              "%s offered %d, expected %d" % (flow, counts(out)[flow]["offered"], number))
    bytes_of_requests(out)
    row = summary(out)
    print("  wall %s s, peak RSS %.0f MB" % (row["wall_s"], int(row["peak_rss_bytes"]) / 1e6))
    for flow in ("retrieve", "share"):
        ok = counts(out)[flow]["ok"]
        check(int(row[flow + "_records_identical"]) == ok,
              "%s: %s records identical, %d ok" % (flow, row[flow + "_records_identical"], ok))
    quickstart_figures(bench, out)


def case_records(bench):
    """Every encounter of the bundles is sealed, found, decrypted, shared, byte for byte."""
    folder = os.path.join(bench.data, "fhir")
    if not os.path.isdir(folder):
        print("skipped: %s is absent" % folder)
        sys.exit(77)
    encounters = 214
    path = bench.scenario([('<retrievals count="270"/>', '<retrievals probability="1"/>'),
                           ('<shares count="60" consent="0.9"/>', '<shares count="214"/>'),
                           ('<revocations count="5" delay="10s"/>', '')])
    out, done = bench.run(path, extra=["--records", folder])
    show_counts(out)
    no_losses(out)
    row = summary(out)
    for flow, number in (("visit", encounters), ("retrieve", encounters), ("share", encounters)):
        check(counts(out)[flow]["ok"] == number, "%s ok %d, expected %d"
              % (flow, counts(out)[flow]["ok"], number))
    for flow in ("retrieve", "share"):
        found = int(row[flow + "_records_identical"])
        print("  %s: records identical %d of %d" % (flow, found, encounters))
        check(found == encounters, "%s: %d identical" % (flow, found))


def stable_digest(folder):
    """SHA-256 of every CSV file without the columns that depend on the machine."""
    digests = {}
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".csv"):
            continue
        with open(os.path.join(folder, name), newline="") as file:
            rows = list(csv.reader(file))
        keep = [i for i, column in enumerate(rows[0]) if column not in MACHINE_COLUMNS]
        text = "\n".join(",".join(row[i] for i in keep) for row in rows)
        digests[name] = hashlib.sha256(text.encode()).hexdigest()
    return digests


def case_determinism(bench):
    """Same seed, same bytes, in each fidelity; another seed gives others. Digests are printed, so
    that builds of other compilers and build types can be compared with EHRGRID_OTHER=PATH."""
    others = [p for p in os.environ.get("EHRGRID_OTHER", "").split(":") if p]
    for fidelity in ("flow", "queue", "delay"):
        sets = bench.small() + ["network/@fidelity=" + fidelity]
        first = stable_digest(bench.run(QUICKSTART, sets)[0])
        second = stable_digest(bench.run(QUICKSTART, sets)[0])
        other = stable_digest(bench.run(QUICKSTART, sets, extra=["--seed", "43"])[0])
        print("  %-5s requests.csv %s" % (fidelity, first["requests.csv"][:16]))
        check(first == second, "%s: two runs differ: %s" % (fidelity, [
            name for name in first if first[name] != second.get(name)]))
        check(other["requests.csv"] != first["requests.csv"], "%s: another seed, same bytes" % fidelity)
        mine = bench.command
        for command in others:
            bench.command = command
            found = stable_digest(bench.run(QUICKSTART, sets)[0])
            bench.command = mine
            check(found == first, "%s: %s differs: %s" % (fidelity, command, [
                name for name in first if first[name] != found.get(name)]))
            print("        the same bytes from %s" % command)


def quantiles(folder):
    row = summary(folder)
    return {flow: float(row[flow + "_lat_p50_s"]) for flow in FLOWS
            if int(row[flow + "_ok"]) > 0}


def case_fidelities(bench):
    """Uncongested: p50 of every flow in queue and delay within 2 % of flow."""
    base = quantiles(bench.run(QUICKSTART, bench.small())[0])
    worst = 0.0
    print("  | flow | p50 flow, s | queue | delay |\n  |---|---|---|---|")
    found = {f: quantiles(bench.run(QUICKSTART, bench.small() + ["network/@fidelity=" + f])[0])
             for f in ("queue", "delay")}
    for flow, value in base.items():
        ratios = [found[f][flow] / value - 1 for f in ("queue", "delay")]
        worst = max([worst] + [abs(r) for r in ratios])
        print("  | %s | %.6f | %+.3f %% | %+.3f %% |" % (flow, value, 100 * ratios[0],
                                                       100 * ratios[1]))
    check(worst <= 0.02, "worst deviation %.2f %%" % (100 * worst))


def case_lazy(bench):
    """Congested: flow with Lazy against Full within 1 %."""
    path = bench.scenario([('rate="0.5/s" count="900"', 'rate="5/s" count="600"'),
                           ('<retrievals count="270"/>', '<retrievals probability="1"/>'),
                           ('<shares count="60" consent="0.9"/>', ''),
                           ('<revocations count="5" delay="10s"/>', '')])
    text = open(os.path.join(ROOT, "platforms", "three-hospitals.xml")).read()
    text = re.sub(r'(<link id="wan-[^"]*" bandwidth=)"100Mbps"', r'\1"3Mbps"', text)
    slow = os.path.join(bench.folder, "slow.xml")
    with open(slow, "w") as file:
        file.write(text)
    rows = {}
    for optim in ("lazy", "full"):
        out, _ = bench.run(path, ["platform/@file=" + slow, "network/@optim=" + optim])
        rows[optim] = summary(out)
    easy = summary(bench.run(path, ["network/@optim=lazy"])[0])
    worst = 0.0
    print("  | flow | p50 100 Mbps, s | p50 3 Mbps, full, s | lazy | p95 full | lazy |")
    print("  |---|---|---|---|---|---|")
    for flow in ("visit", "retrieve"):
        cells = []
        for quantile in ("p50", "p95"):
            full = float(rows["full"]["%s_lat_%s_s" % (flow, quantile)])
            ratio = float(rows["lazy"]["%s_lat_%s_s" % (flow, quantile)]) / full - 1
            worst = max(worst, abs(ratio))
            cells += ["%.6f" % full, "%+.4f %%" % (100 * ratio)]
        print("  | %s | %.6f | %s |" % (flow, float(easy[flow + "_lat_p50_s"]), " | ".join(cells)))
    check(worst <= 0.01, "worst deviation %.3f %%" % (100 * worst))
