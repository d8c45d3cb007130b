"""Sweeps: the design, and running it."""
import csv
import io
import os

from bench import ROOT, check, summary

SCENARIO = """<scenario xmlns="urn:ehrgrid:scenario:1" name="small">
  <platform file="%s/platforms/three-hospitals.xml"/>
  <run seed="5" duration="1min" replications="%d"/>
  <crypto costs="zero"/>
  <alliance consensus="pbft" authentication="none"><nodes hosts="alliance-*"/></alliance>
  <workload><ordering clients="2" outstanding="2" requests="40"/></workload>
  %s
</scenario>
"""


def scenario(bench, sweep, replications=2, name="sweep"):
    path = os.path.join(bench.folder, name + ".xml")
    with open(path, "w") as file:
        file.write(SCENARIO % (ROOT, replications, sweep))
    return path


def expand(bench, path, *words):
    done = bench.execute(["expand", path] + list(words))
    check(done.returncode == 0, "expand: exit %d\n%s" % (done.returncode, done.stderr))
    return list(csv.DictReader(io.StringIO(done.stdout)))


def case_sweep_expand(bench):
    """A row of design.csv is the run that ehrgrid run makes of it, by its run_id."""
    path = scenario(bench, """<sweep><vary parameter="alliance/@batch" values="1,4..8 step 2"/>
        <together><vary parameter="alliance/nodes/@hosts" values="alliance-1, alliance-*"/>
        <vary parameter="alliance/@consensus" values="solo,pbft"/></together></sweep>""", 3)
    rows = expand(bench, path)
    check(list(rows[0]) == ["run", "point", "replication", "seed", "alliance/@batch",
                            "alliance/nodes/@hosts", "alliance/@consensus", "run_id"],
          "columns %s" % list(rows[0]))
    check([(r["run"], r["point"], r["replication"], r["alliance/@batch"], r["alliance/@consensus"])
           for r in rows] ==
          [(str(6 * b + 3 * c + r + 1), str(2 * b + c + 1), str(r), batch, engine)
           for b, batch in enumerate(("1", "4", "6", "8"))
           for c, engine in enumerate(("solo", "pbft")) for r in range(3)], "rows %s" % rows)
    check(len({r["seed"] for r in rows}) == 8, "8 points have seeds of their own")
    check(len({r["run_id"] for r in rows}) == 24, "24 runs")
    for row in (rows[4], rows[18]):
        sets = ["%s=%s" % (name, row[name]) for name in row if "@" in name]
        out, _ = bench.run(path, sets, extra=["--seed", row["seed"],
                                              "--replication", row["replication"]])
        found = summary(out)
        check(found["run_id"] == row["run_id"], "run_id %s of run, %s of expand"
              % (found["run_id"], row["run_id"]))
        print("  run %s: %s, ordered in %s s" % (row["run"], row["run_id"], found["sim_time_s"]))
    narrowed = expand(bench, path, "--set", "sweep/vary[@parameter='alliance/@batch']/@values=6")
    check([r["seed"] for r in narrowed] == [r["seed"] for r in rows[12:18]],
          "a point keeps its seed when others go")
    common = expand(bench, path, "--set", "sweep/@random=common", "--seed", "77")
    check({r["seed"] for r in common} == {"77"}, "common random numbers: one seed")
    check(len({r["run_id"] for r in common}) == 24, "24 runs with one seed")
    alone = expand(bench, scenario(bench, "", 2, "alone"))
    check([(r["point"], r["replication"], r["seed"]) for r in alone] ==
          [("1", "0", "5"), ("1", "1", "5")], "without a sweep: %s" % alone)
    target = os.path.join(bench.folder, "design.csv")
    done = bench.execute(["expand", path, "--out", target])
    check(done.returncode == 0 and done.stdout == "", "expand --out")
    with open(target, newline="") as file:
        check(list(csv.DictReader(file)) == rows, "the same in a file")


def case_sweep_refused(bench):
    """What no point can have is told before anything is written: the line, exit 2."""
    for sweep, expected in (
            ('<vary parameter="alliance/@bach" values="1"/>', ":7: sweep/vary/@parameter: "),
            ('<vary parameter="alliance/@batch" values="1,0"/>',
             ":7: sweep/vary/@values of alliance/@batch: 0: a whole number from 1 to 4294967295"),
            ('<vary parameter="hospital/@batch" values="1"/>',
             ":7: sweep/vary/@parameter: hospital/@batch: no such element: "),
            ('\n<vary parameter="alliance/@consensus" values="pbft,psychic"/>',
             ":8: sweep at alliance/@consensus=psychic: alliance/@consensus: psychic: "),
            ('\n<vary parameter="alliance/nodes/@hosts" values="alliance-*,nobody"/>',
             ":8: sweep at alliance/nodes/@hosts=nobody: "),
            ('<vary parameter="alliance/@window" values="100,200"/>'
             '<vary parameter="alliance/@checkpoint-interval" values="50,150"/>',
             ":7: sweep at alliance/@window=100 alliance/@checkpoint-interval=150: ")):
        path = scenario(bench, "<sweep>%s</sweep>" % sweep)
        target = os.path.join(bench.folder, "refused.csv")
        done = bench.execute(["expand", path, "--out", target])
        check(done.returncode == 2 and not os.path.exists(target), "%s: exit %d\n%s"
              % (sweep, done.returncode, done.stderr))
        lines = done.stderr.splitlines()
        check(len(lines) == 1 and lines[0].startswith(path + expected), "%s: %s, expected %s"
              % (sweep, done.stderr, expected))
        print("  " + lines[0][len(path):])
