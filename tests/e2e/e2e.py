#!/usr/bin/env python3
"""End-to-end tests of the command: each case runs `ehrgrid` as a user would and reads what it left.

    e2e.py --ehrgrid PATH [--data DIR] [--full] CASE ...

Prints what was found beside what was expected; exit 0 passed, 1 failed, 77 skipped (data absent).
--full runs the sizes of the quickstart where a case has a smaller one for everyday use.
"""
import argparse
import csv
import hashlib
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QUICKSTART = os.path.join(ROOT, "scenarios", "quickstart.xml")
MACHINE_COLUMNS = ("wall_s", "peak_rss_bytes")
FLOWS = ("register", "visit", "retrieve", "share", "revoke")
OUTCOMES = ("ok", "refused", "failed", "timeout", "unfinished")


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def csv_rows(folder, name):
    with open(os.path.join(folder, name), newline="") as file:
        return list(csv.DictReader(file))


def summary(folder):
    return csv_rows(folder, "summary.csv")[0]


class Bench:
    def __init__(self, arguments):
        self.command = os.path.abspath(arguments.ehrgrid)
        self.data = arguments.data
        self.full = arguments.full
        self.folder = tempfile.mkdtemp(prefix="ehrgrid-e2e-")
        self.count = 0

    def execute(self, words, **options):
        return subprocess.run([self.command] + words, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, **options)

    def run(self, scenario, sets=(), status=0, extra=()):
        """Runs a scenario to a fresh folder; checks status and, when whole, the accounting."""
        self.count += 1
        out = os.path.join(self.folder, "run-%d" % self.count)
        words = ["run", scenario, "--out", out, "--quiet"] + list(extra)
        for item in sets:
            words += ["--set", item]
        done = self.execute(words)
        check(done.returncode == status, "%s: exit %d, expected %d\n%s%s"
              % (" ".join(words), done.returncode, status, done.stdout, done.stderr))
        if os.path.isdir(out):
            accounting(out)
        return out, done

    def scenario(self, replace=(), name="case"):
        """The quickstart with texts replaced; its platform path made absolute."""
        with open(QUICKSTART) as file:
            text = file.read()
        text = text.replace('"../platforms/', '"%s/platforms/' % ROOT)
        for old, new in replace:
            check(old in text, "quickstart.xml no longer holds %r" % old)
            text = text.replace(old, new)
        path = os.path.join(self.folder, "%s-%d.xml" % (name, self.count))
        with open(path, "w") as file:
            file.write(text)
        return path

    def small(self):
        """Overrides for a run of a second or so, unless --full."""
        return [] if self.full else ["workload/visits/@count=90", "workload/retrievals/@count=30",
                                     "workload/shares/@count=12",
                                     "workload/revocations/@count=2", "run/@duration=1min"]


def accounting(folder):
    row = summary(folder)
    for flow in FLOWS:
        offered = int(row[flow + "_offered"])
        total = sum(int(row["%s_%s" % (flow, outcome)]) for outcome in OUTCOMES)
        check(offered == total, "%s: %s offered %d, outcomes add up to %d"
              % (folder, flow, offered, total))
    requests = csv_rows(folder, "requests.csv")
    for request in requests:
        check((request["outcome"] in ("ok", "unfinished")) == (request["reason"] == "none"),
              "request %(id)s: %(outcome)s, reason %(reason)s" % request)


def counts(folder):
    row = summary(folder)
    return {flow: {o: int(row["%s_%s" % (flow, o)]) for o in ("offered",) + OUTCOMES}
            for flow in FLOWS}


def show_counts(folder):
    for flow, found in counts(folder).items():
        print("  %-9s %s" % (flow, "  ".join("%s %d" % item for item in found.items())))


def no_losses(folder, allowed=()):
    for flow, found in counts(folder).items():
        for outcome in ("failed", "timeout", "unfinished"):
            check(found[outcome] == 0, "%s %s = %d, expected 0" % (flow, outcome, found[outcome]))
        if found["offered"] > 0:
            check(found["ok"] > 0, "%s: none ok of %d" % (flow, found["offered"]))
    reasons = {(r["flow"], r["reason"]) for r in csv_rows(folder, "requests.csv")
               if r["outcome"] != "ok"}
    check(reasons <= set(allowed), "reasons %s, only %s asked for" % (reasons, set(allowed)))


CONSENT = (("share", "consent_denied"),)


# ---- cases ----

def case_quickstart(bench):
    """Every flow succeeds; refusals are those the scenario asks for; counts are those of the file."""
    out, _ = bench.run(QUICKSTART)
    show_counts(out)
    no_losses(out, CONSENT)
    expected = {"register": 60, "visit": 900, "retrieve": 270, "share": 60, "revoke": 5}
    for flow, number in expected.items():
        check(counts(out)[flow]["offered"] == number,
              "%s offered %d, expected %d" % (flow, counts(out)[flow]["offered"], number))
    row = summary(out)
    print("  wall %s s, peak RSS %.0f MB" % (row["wall_s"], int(row["peak_rss_bytes"]) / 1e6))
    for flow in ("retrieve", "share"):
        ok = counts(out)[flow]["ok"]
        check(int(row[flow + "_records_identical"]) == ok,
              "%s: %s records identical, %d ok" % (flow, row[flow + "_records_identical"], ok))
    done = bench.execute(["plot", out])
    check(done.returncode == 0, "plot: %s" % done.stderr)
    figures = sorted(os.listdir(os.path.join(out, "figures")))
    print("  figures: %s" % " ".join(figures))
    check({os.path.splitext(f)[1] for f in figures} >= {".svg", ".png"}, "no SVG or PNG")


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


def case_crash_nodes(bench):
    """Any one private or alliance node goes down for good in mid-run: all flows go on."""
    hosts = ["minsk-node-1", "alliance-1"]
    if bench.full:
        hosts = ["%s-node-%d" % (h, i) for h in ("minsk", "grodno", "brest") for i in range(1, 5)]
        hosts += ["alliance-%d" % i for i in range(1, 5)]
    for host in hosts:
        fault = '<faults><crash host="%s" at="25s"/></faults></scenario>' % host
        out, _ = bench.run(bench.scenario([("</scenario>", fault)]), bench.small())
        no_losses(out, CONSENT)
        late = [r for r in csv_rows(out, "requests.csv") if float(r["start_s"]) > 25]
        ok = {flow: sum(r["flow"] == flow and r["outcome"] == "ok" for r in late)
              for flow in ("visit", "retrieve", "share")}
        row = summary(out)
        print("  %-13s ok after the crash: %s; view changes: private %s, alliance %s"
              % (host, ok, row["private_view_changes"], row["alliance_view_changes"]))
        check(all(ok.values()), "%s: a flow stopped: %s" % (host, ok))


def case_crash_hospital(bench):
    """A hospital server goes down between a private commit and its anchoring, and comes back."""
    fault = ('<faults><crash role="hospital" hospital="minsk" on="private-commit" count="3" '
             'recover="20s"/></faults></scenario>')
    out, _ = bench.run(bench.scenario([("</scenario>", fault)]), bench.small())
    show_counts(out)
    row = summary(out)
    visits = csv_rows(out, "requests.csv")
    minsk = [r for r in visits if r["flow"] == "visit" and r["hospital"] == "minsk"]
    stuck = [r for r in minsk if float(r["start_s"]) < 60 and r["outcome"] == "ok" and
             float(r["end_s"]) - float(r["start_s"]) > 10]
    print("  visits of minsk that outlived the crash: %d" % len(stuck))
    check(stuck, "no visit had to wait for the server to come back")
    for flow, found in counts(out).items():
        check(found["unfinished"] == 0, "%s unfinished %d" % (flow, found["unfinished"]))
        check(found["ok"] > 0, "%s: none ok" % flow)
    lost = [r for r in visits if r["flow"] == "visit" and r.get("durable_s") not in ("", None)
            and r["outcome"] != "ok" and r.get("shared_s") in ("", None)]
    check(not lost, "durable visits that were never shared: %s" % [r["id"] for r in lost])
    reasons = {(r["flow"], r["outcome"], r["reason"]) for r in visits if r["outcome"] != "ok"}
    print("  not ok: %s" % sorted(reasons))
    check({r[2] for r in reasons} <= {"consent_denied", "hospital_unreachable", "timeout",
                                      "node_unreachable"}, "other reasons: %s" % reasons)
    check(int(row["visit_ok"]) > 0, "no visit")


def case_crash_too_many(bench):
    """Two of four alliance nodes down: no progress is possible; exit 1 says who waits for what."""
    fault = ('<faults><crash host="alliance-1" at="25s"/><crash host="alliance-2" at="25s"/>'
             '</faults></scenario>')
    out, done = bench.run(bench.scenario([("</scenario>", fault)]), bench.small(), status=1)
    print("  " + done.stderr.strip().replace("\n", "\n  "))
    check("alliance" in done.stderr and "wait" in done.stderr, "the message names no chain")


def case_impatient(bench):
    """A request timeout far below the way across the WAN: view changes by the hundred, and yet every
    request ends well: none is lost between views, none refused by a proxy that lags behind."""
    sets = ["network/@fidelity=delay", "alliance/@request-timeout=1ms", "run/@duration=1min",
            "workload/visits/@count=30", "workload/retrievals/@count=10",
            "workload/shares/@count=6", "workload/shares/@consent=1",
            "workload/revocations/@count=2"]
    for seed in ("1", "2"):
        out, _ = bench.run(QUICKSTART, sets, extra=["--seed", seed])
        show_counts(out)
        row = summary(out)
        print("  view changes: %s" % row["alliance_view_changes"])
        check(int(row["alliance_view_changes"]) > 10, "too few view changes to show anything")
        no_losses(out)


def case_broken(bench):
    """Broken scenarios: every mistake with file and line, exit 2, nothing left, no abort."""
    folder = os.path.join(ROOT, "tests", "golden", "scenarios-broken")
    names = sorted(n for n in os.listdir(folder) if n.endswith(".xml"))
    check(names, "no broken scenarios in %s" % folder)
    for name in names:
        for verb in (["validate"], ["run", "--out", os.path.join(bench.folder, "never")]):
            done = bench.execute([verb[0], os.path.join(folder, name)] + verb[1:], cwd=bench.folder)
            check(done.returncode == 2, "%s %s: exit %d\n%s" % (verb[0], name, done.returncode,
                                                               done.stderr))
            lines = [l for l in done.stderr.splitlines() if re.match(r".*\.xml:\d+: ", l)]
            check(lines, "%s: no file:line in\n%s" % (name, done.stderr))
            check("xbt_" not in done.stderr and "backtrace" not in done.stderr.lower(),
                  "%s: a backtrace of SimGrid" % name)
        print("  %-28s %d problem(s)" % (name, len(lines)))
    done = bench.execute(["validate", "/dev/zero"])
    print("  " + done.stderr.strip())
    check(done.returncode == 2 and "16 MiB" in done.stderr, "/dev/zero: exit %d" % done.returncode)
    left = [n for n in os.listdir(bench.folder) if n.startswith("never") or n == "results"]
    check(not left, "left behind: %s" % left)


def case_output(bench):
    """Disk full or unwritable output: exit 3, a clear message, nothing that looks whole."""
    tiny = bench.small()

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    for label, out, options, status in (
            ("file size limit", os.path.join(bench.folder, "full"), {"preexec_fn": limit}, 3),
            ("parent is a file", os.path.join(QUICKSTART, "out"), {}, 3),
            ("folder exists", bench.folder, {}, 2)):
        words = ["run", QUICKSTART, "--out", out, "--quiet"]
        for item in tiny:
            words += ["--set", item]
        done = bench.execute(words, **options)
        print("  %-17s exit %d: %s" % (label, done.returncode, done.stderr.strip()))
        check(done.returncode == status, "%s: exit %d, expected %d" % (label, done.returncode,
                                                                     status))
        check(done.stderr.strip(), "%s: no message" % label)
    left = [n for n in os.listdir(bench.folder) if n.startswith("full")]
    check(not left, "left behind: %s" % left)


def case_interrupt(bench):
    """A run that is told to end dies of the signal at once; nothing is left, no abort."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        out = os.path.join(bench.folder, "gone", "run")
        run = subprocess.Popen([bench.command, "run", QUICKSTART, "--out", out, "--set",
                                "workload/visits/@count=100000"], stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               preexec_fn=lambda: signal.signal(number, signal.SIG_DFL))
        for _ in range(600):
            if os.path.isdir(os.path.dirname(out)):
                break
            time.sleep(0.05)
        time.sleep(0.5)
        check(run.poll() is None, "the run ended by itself: exit %s" % run.returncode)
        run.send_signal(number)
        try:
            error = run.communicate(timeout=30)[1]
        except subprocess.TimeoutExpired:
            run.kill()
            raise Failed("%s: goes on" % number.name)
        print("  %-8s exit %d: %s" % (number.name, run.returncode, error.strip()[:300]))
        check(run.returncode == -number, "%s: exit %d" % (number.name, run.returncode))
        check("interrupted" in error and "Actor" not in error, "message: %s" % error[:300])
        check(not os.path.exists(os.path.dirname(out)), "left behind: %s" % out)


CASES = {name[5:]: function for name, function in globals().items() if name.startswith("case_")}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ehrgrid", required=True)
    parser.add_argument("--data", default=os.environ.get(
        "EHRGRID_DATA", os.path.join(ROOT, "..", "shared", "data")))
    parser.add_argument("--full", action="store_true")
    parser.add_argument("cases", nargs="+", choices=sorted(CASES))
    arguments = parser.parse_args()
    bench = Bench(arguments)
    failed = 0
    for name in arguments.cases:
        print("%s: %s" % (name, " ".join(CASES[name].__doc__.split())), flush=True)
        try:
            CASES[name](bench)
            print("  passed", flush=True)
        except Failed as error:
            failed += 1
            print("  FAILED: %s" % error, flush=True)
    shutil.rmtree(bench.folder, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
