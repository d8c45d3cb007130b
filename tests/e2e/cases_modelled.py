"""Real against modelled cryptography: the same seed gives the same tables, whatever happens."""
import csv
import json
import os

from bench import (CONSENT, MACHINE_COLUMNS, QUICKSTART, check, csv_rows, no_losses, show_counts,
                   summary)

# Which run it was: the mode is an override here, and with it the run has another id.
PROVENANCE = ("run_id", "crypto")
OVERRIDES = ("crypto/@mode", "crypto/@memo")


def table(path):
    """Header and rows of a CSV file without what says which machine and which mode it was."""
    with open(path, newline="") as file:
        rows = list(csv.reader(file))
    if os.path.basename(path) == "parameters.csv":
        rows = [row for row in rows if not set(OVERRIDES) & set(row)]
    keep = [i for i, name in enumerate(rows[0]) if name not in MACHINE_COLUMNS + PROVENANCE]
    return [[row[i] for i in keep] for row in rows]


def tables_compare(first, second, label):
    """All CSV files of two folders; returns their number and that of their rows."""
    names = sorted(n for n in os.listdir(first) if n.endswith(".csv"))
    other = sorted(n for n in os.listdir(second) if n.endswith(".csv"))
    check(names and names == other, "%s: other files: %s, %s" % (label, names, other))
    total = 0
    for name in names:
        a, b = table(os.path.join(first, name)), table(os.path.join(second, name))
        total += len(a)
        for row, other_row in zip(a, b):
            check(row == other_row, "%s: %s differs:\n%s\n%s\n%s"
                  % (label, name, ",".join(a[0]), ",".join(row), ",".join(other_row)))
        check(len(a) == len(b), "%s: %s: %d and %d rows" % (label, name, len(a), len(b)))
    return len(names), total


def both(bench, scenario, sets, label, status=0):
    """Runs it in both modes and compares; returns both folders."""
    folders = [bench.run(scenario, list(sets) + ["crypto/@mode=" + mode], status)[0]
               for mode in ("real", "modelled")]
    files, rows = tables_compare(*folders, label)
    wall = [float(summary(folder)["wall_s"]) for folder in folders]
    print("  %s: %d files, %d rows the same; %.2f s real, %.2f s modelled"
          % (label, files, rows, wall[0], wall[1]))
    return folders


def case_modelled_quickstart(bench):
    """Modelled, every flow ends as with the real one, at the same nanosecond, in each fidelity."""
    for fidelity in ("flow", "queue", "delay"):
        _, modelled = both(bench, QUICKSTART, bench.small() + ["network/@fidelity=" + fidelity],
                           fidelity)
        no_losses(modelled, CONSENT)


def case_modelled_faults(bench):
    """The alliance's primary goes down for good, a hospital server between a private commit and its
    anchoring, and comes back: the same in both modes."""
    fault = ('<faults><crash host="alliance-1" at="25s"/>'
             '<crash role="hospital" hospital="minsk" on="private-commit" count="3" '
             'recover="20s"/></faults></scenario>')
    scenario = bench.scenario([("</scenario>", fault)])
    for fidelity in ("flow", "delay"):
        _, modelled = both(bench, scenario, bench.small() + ["network/@fidelity=" + fidelity],
                           fidelity)
        row = summary(modelled)
        check(int(row["alliance_view_changes"]) > 0, "the primary was missed by nobody")
        late = [r for r in csv_rows(modelled, "requests.csv")
                if r["flow"] == "visit" and r["outcome"] == "ok"
                and float(r["end_s"]) - float(r["start_s"]) > 10]
        print("  view changes of the alliance: %s; visits that outlived the server's crash: %d"
              % (row["alliance_view_changes"], len(late)))
        check(late, "no visit had to wait for the server")
    show_counts(modelled)
    fault = ('<faults><crash host="alliance-1" at="25s"/><crash host="alliance-2" at="25s"/>'
             '</faults></scenario>')
    both(bench, bench.scenario([("</scenario>", fault)], "stuck"), bench.small(),
         "no quorum, exit 1", status=1)


def case_modelled_options(bench):
    """Every kind of search, of authentication and of consensus, and certificates that are revoked in
    mid-run: the same in both modes."""
    sets = bench.small() + ["network/@fidelity=delay"]
    for options in (["alliance/@search=scan"], ["alliance/@trapdoors=broadcast"],
                    ["workload/retrievals/@keywords=2"],
                    ["alliance/@authentication=mac", "hospital/@authentication=mac"],
                    ["alliance/@consensus=solo", "hospital/@consensus=solo"],
                    ["workload/shares/@visits=3"], ["alliance/@scope=stated"],
                    ["crypto/@costs=zero"]):
        both(bench, QUICKSTART, sets + options, " ".join(options))
    revoke = ('<faults><revoke certificate="doctor" hospital="minsk" at="20s"/>'
              '<revoke certificate="hospital" hospital="brest" at="30s"/></faults></scenario>')
    _, modelled = both(bench, bench.scenario([("</scenario>", revoke)], "revoke"), sets, "revoked")
    refused = [r for r in csv_rows(modelled, "requests.csv") if r["outcome"] == "refused"]
    print("  refused: %s" % sorted({(r["flow"], r["reason"]) for r in refused}))
    check([r for r in refused if r["reason"] != "consent_denied"], "nobody noticed a revocation")


def tampering(bench, name, fidelity, mode):
    """Runs one adversary; the folder of results and what the judge of the case said."""
    out = os.path.join(bench.folder, "%s-%s-%s" % (name, fidelity, mode))
    return out, bench.tampering(["--out", out, name, fidelity, "crypto/@mode=" + mode])


def case_modelled_tampering(bench):
    """Every adversary of tests/tampering: what it does is noticed by the same party at the same
    time, and every other request ends alike."""
    names = bench.tampering(["--cases"]).split()
    check(names, "no cases")
    runs = [(name, "delay") for name in names]
    runs += [(name, "flow") for name in (names if bench.full else
                                         ("bad_evidence", "forged_share_spare", "fork_proof"))]
    rows = 0
    for name, fidelity in runs:
        real, real_text = tampering(bench, name, fidelity, "real")
        modelled, modelled_text = tampering(bench, name, fidelity, "modelled")
        rows += tables_compare(real, modelled, "%s, %s" % (name, fidelity))[1]
        check(real_text == modelled_text, "%s, %s: judged differently:\n%s%s"
              % (name, fidelity, real_text, modelled_text))
    print("  %d cases, %d runs in each mode, %d rows the same" % (len(names), len(runs), rows))


def case_modelled_said(bench):
    """Nobody can take a modelled run for a real one: table, JSON, summary.csv and run.json say so."""
    for mode in ("real", "modelled"):
        sets = ["--set", "crypto/@mode=" + mode, "--set", "network/@fidelity=delay"]
        for item in bench.small():
            sets += ["--set", item]
        modelled = mode == "modelled"
        out = os.path.join(bench.folder, "said-" + mode)
        done = bench.execute(["run", QUICKSTART, "--out", out] + sets)
        line = [l for l in done.stdout.splitlines() if "WARNING" in l]
        print("  %s: %s" % (mode, line))
        check(done.returncode == 0 and len(line) == modelled, "table:\n%s" % done.stdout)
        check(summary(out)["crypto"] == mode, "summary.csv: %s" % summary(out)["crypto"])
        with open(os.path.join(out, "run.json")) as file:
            check(json.load(file)["crypto"] == mode, "run.json")
        done = bench.execute(["run", QUICKSTART, "--json", "--quiet", "--out", out + "-json"] + sets)
        said = json.loads(done.stdout)
        check(said["crypto"] == mode and ("warning" in said) == modelled, "JSON: %s" % done.stdout)
