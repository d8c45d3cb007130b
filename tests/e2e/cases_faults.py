"""Crashes, bad input, bad output, interruption."""
import os
import re
import resource
import signal
import subprocess
import time

from bench import (CONSENT, QUICKSTART, ROOT, Failed, check, counts, csv_rows, no_losses,
                   show_counts, summary)


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
