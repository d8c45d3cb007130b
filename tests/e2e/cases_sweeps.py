"""Sweeps: the design, and running it."""
import csv
import fcntl
import io
import os
import pty
import shutil
import signal
import statistics
import subprocess
import sys
import time

from bench import MACHINE_COLUMNS, ROOT, check, csv_rows, summary

SCENARIO = """<scenario xmlns="urn:ehrgrid:scenario:1" name="small">
  <platform file="%s/platforms/three-hospitals.xml"/>
  <run seed="5" duration="1min" replications="%d"/>
  <crypto costs="zero"/>
  <alliance consensus="pbft" authentication="none"><nodes hosts="alliance-*"/></alliance>
  <workload><ordering clients="2" %s requests="40"/></workload>
  %s
</scenario>
"""


def scenario(bench, sweep, replications=2, name="sweep", load='rate="100/s"'):
    path = os.path.join(bench.folder, name + ".xml")
    with open(path, "w") as file:
        file.write(SCENARIO % (ROOT, replications, load, sweep))
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


def case_sweep_where(bench):
    """Points that do not meet a condition are left out, also those that could not run."""
    grid = """<sweep><vary parameter="alliance/@proxies" values="2..4"/>
        <vary parameter="alliance/@threshold" values="2..5"/>
        <vary parameter="alliance/@batch-timeout" values="500ms,1s,2000ms"/>%s</sweep>"""
    where = """<where test="alliance/@threshold le alliance/@proxies"/>
        <where test="alliance/@batch-timeout lt 1.5s or alliance/@threshold eq 2"/>"""
    path = scenario(bench, grid % where, 2, "where")
    done = bench.execute(["expand", path])
    check(done.returncode == 0 and done.stderr == "ehrgrid: <where> leaves out 21 of 36 points\n",
          "expand: exit %d %s" % (done.returncode, done.stderr))
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    expected = [(str(p), str(t), s) for p in range(2, 5) for t in range(2, 6)
                for s in ("500ms", "1s", "2000ms") if t <= p and (s != "2000ms" or t == 2)]
    names = ["alliance/@" + name for name in ("proxies", "threshold", "batch-timeout")]
    check([tuple(r[n] for n in names) for r in rows[::2]] == expected, "points %s" % rows)
    check([(int(r["run"]), int(r["point"])) for r in rows] ==
          [(i + 1, i // 2 + 1) for i in range(2 * len(expected))], "numbered from 1 on")
    done = bench.execute(["validate", path])
    check(done.returncode == 0 and "its sweep, too: 15 points, 30 runs" in done.stdout,
          "validate: %s" % done.stdout)
    alone = expand(bench, scenario(bench, grid % "", 2, "where"), "--set",
                   "sweep/vary[@parameter='alliance/@threshold']/@values=2")
    check([r["seed"] for r in alone] == [r["seed"] for r in rows
                                         if r["alliance/@threshold"] == "2"], "seeds are kept")
    path = scenario(bench, "<sweep>\n%s%s</sweep>" % (
        '<vary parameter="alliance/@proxies" values="2..4"/>',
        '<where test="alliance/@proxies gt 4"/>'), 2, "none")
    for verb in ("expand", "validate"):
        done = bench.execute([verb, path])
        check(done.returncode == 2 and done.stdout == "" and done.stderr.startswith(
            path + ":8: sweep/where: no point of 3 left: "), "%s: %s" % (verb, done.stderr))
    path = scenario(bench, grid % "", 2, "unmet")
    told = {verb: bench.execute([verb, path]) for verb in ("expand", "validate")}
    check(all(done.returncode == 2 for done in told.values()) and
          told["validate"].stderr == told["expand"].stderr and
          "sweep at alliance/@proxies=2 alliance/@threshold=3" in told["validate"].stderr,
          "validate checks the points: %s" % told["validate"].stderr)
    path = scenario(bench, grid.replace("2..5", "2..32").replace("2..4", "2..32") % "", 1, "many")
    done = bench.execute(["validate", path])
    check(done.returncode == 0 and "not checked: the 2883 points" in done.stdout, done.stdout)
    print("  " + done.stdout.splitlines()[1])


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


FORTY = """<sweep><vary parameter="alliance/@batch" values="1..5"/>
    <vary parameter="alliance/@batch-timeout" values="1ms,50ms"/></sweep>"""


def sweep(bench, path, out, *words, status=0, **options):
    done = bench.execute(["sweep", path, "--out", out] + list(words), **options)
    check(done.returncode == status, "sweep %s: exit %d, expected %d\n%s%s"
          % (" ".join(words), done.returncode, status, done.stdout, done.stderr))
    return done


def results(out):
    """The rows of summary.csv without what depends on the machine."""
    with open(os.path.join(out, "summary.csv"), newline="") as file:
        rows = list(csv.reader(file))
    kept = [i for i, name in enumerate(rows[0]) if name not in MACHINE_COLUMNS]
    return [[row[i] for i in kept] for row in rows]


def runs(out):
    folder = os.path.join(out, "runs")
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def parallel_needed():
    if shutil.which("parallel") is None:
        print("  skipped: GNU parallel is not installed")
        sys.exit(77)


def started(bench, path, out, count):
    """A sweep of which at least `count` runs are there; leader of a session of its own."""
    process = subprocess.Popen([bench.command, "sweep", path, "--out", out, "--quiet", "-j", "2"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 120
    while sum(not name.endswith(".tmp") for name in runs(out)) < count:
        check(time.monotonic() < deadline and process.poll() is None, "the sweep does not get on")
        time.sleep(0.005)
    return process


def session(leader):
    """All processes of the session; parallel gives each job a process group of its own."""
    found = []
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                if os.getsid(int(name)) == leader:
                    found.append(int(name))
            except ProcessLookupError:
                pass
    return found


def killed(process):
    for _ in range(3):  # one may start another meanwhile
        for number in session(process.pid):
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                pass
    process.wait()


def case_sweep_killed(bench):
    """40 runs, killed in the middle and resumed: the table of the unbroken sweep."""
    parallel_needed()
    path = scenario(bench, FORTY, 4)
    whole, broken = (os.path.join(bench.folder, name) for name in ("whole", "broken"))
    sweep(bench, path, whole, "-j", "2")
    expected = results(whole)
    check(len(expected) == 41 and len(runs(whole)) == 40, "%d rows, %d runs"
          % (len(expected), len(runs(whole))))
    with open(os.path.join(whole, "design.csv"), newline="") as file:
        design = list(csv.reader(file))
    check([row[:7] for row in expected] == design, "rows in the order of the design")
    for count, kill in ((10, killed), (25, lambda p: os.killpg(p.pid, signal.SIGKILL))):
        process = started(bench, path, broken, count) if count == 10 else \
            started_again(bench, path, broken, count)
        kill(process)
        process.wait()
        print("  killed with %d runs there, %d half done"
              % (sum(len(name) == 16 for name in runs(broken)),
                 sum(name.endswith(".tmp") for name in runs(broken))))
        check(not os.path.exists(os.path.join(broken, "summary.csv")), "no table yet")
    kept = {name: os.stat(os.path.join(broken, "runs", name)).st_mtime_ns
            for name in runs(broken) if len(name) == 16}
    check(len(kept) < 40, "killed too late: %d runs" % len(kept))
    sweep(bench, path, broken, "--resume")
    check(results(broken) == expected, "the tables differ")
    check(runs(broken) == runs(whole), "the same runs, nothing half done")
    check(all(os.stat(os.path.join(broken, "runs", name)).st_mtime_ns == at
              for name, at in kept.items()), "what was there is not made again")
    text = open(os.path.join(broken, "summary.csv"), "rb").read()
    sweep(bench, path, broken, "--resume")
    check(open(os.path.join(broken, "summary.csv"), "rb").read() == text, "nothing to do")
    print("  40 rows of %d columns are equal" % len(expected[0]))


def started_again(bench, path, out, count):
    process = subprocess.Popen([bench.command, "sweep", path, "--out", out, "--quiet", "-j", "2",
                                "--resume"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, start_new_session=True)
    while sum(len(name) == 16 for name in runs(out)) < count:
        check(process.poll() is None, "the sweep does not get on")
        time.sleep(0.005)
    return process


def ended(leader, what):
    """What the command started dies of the signal as well, if not at the same instant."""
    until = time.monotonic() + 20
    while session(leader):
        check(time.monotonic() < until, "%s: something still runs" % what)
        time.sleep(0.02)


def case_sweep_interrupted(bench):
    """Ctrl-C, and a signal to the command alone: dies of it, nothing half done, can go on."""
    parallel_needed()
    path = scenario(bench, FORTY, 4)
    for number, to_all in ((signal.SIGINT, True), (signal.SIGTERM, False)):
        out = os.path.join(bench.folder, number.name)
        process = started(bench, path, out, 5)
        (os.killpg if to_all else os.kill)(process.pid, number)
        process.wait(60)
        check(process.returncode == -number, "%s: exit %d" % (number.name, process.returncode))
        ended(process.pid, number.name)
        check(all(len(name) == 16 for name in runs(out)), "half done: %s" % runs(out))
        check(len(runs(out)) < 40, "%s: it went on to the end" % number.name)
        check(not os.path.exists(os.path.join(out, "summary.csv")), "no table")
        print("  %s: %d runs there" % (number.name, len(runs(out))))


def case_sweep_locked(bench):
    """The folder is locked while any job lives, also after the command; --resume waits."""
    parallel_needed()
    path = scenario(bench, '<sweep><vary parameter="alliance/@batch" values="1,2"/></sweep>', 1,
                    "long", 'outstanding="4"')
    text = open(path).read().replace('requests="40"', 'requests="4000"')
    with open(path, "w") as file:
        file.write(text)
    out = os.path.join(bench.folder, "locked")
    process = started(bench, path, out, 0)
    while not runs(out):
        check(process.poll() is None, "nothing begins")
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    folder = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held = False
    except BlockingIOError:
        held = True
    os.close(folder)
    check(session(process.pid), "the jobs have ended too soon for this test")
    check(held, "jobs live, and the folder is not locked")
    done = sweep(bench, path, out, "--resume", "--quiet")
    check("waiting for runs of another sweep" in done.stderr, "waits: %s" % done.stderr)
    check(len(csv_rows(out, "summary.csv")) == 2 and len(runs(out)) == 2, "2 runs")
    log = open(os.path.join(out, "joblog.tsv")).read()
    print("  waited; parallel, left alone, had done %d jobs" % log.count("exec "))


def case_sweep_progress(bench):
    """On a terminal: what is done, the time that is left, which run it is; not on a dumb one."""
    parallel_needed()
    path = scenario(bench, '<sweep><vary parameter="alliance/nodes/@hosts" '
                    'values="alliance-1 alliance-2, alliance-*"/></sweep>', 1, "shown")
    shown = {}
    for kind in ("vt100", "dumb"):
        terminal, other = pty.openpty()
        out = os.path.join(bench.folder, "it's %s" % kind)
        process = subprocess.Popen([bench.command, "sweep", path, "--out", out], stdin=other,
                                   stdout=other, stderr=other, env=dict(os.environ, TERM=kind))
        os.close(other)
        said = b""
        while True:
            try:
                said += os.read(terminal, 4096)
            except OSError:  # it has been closed by all
                break
        os.close(terminal)
        check(process.wait(60) == 0 and len(runs(out)) == 2, "%s: %s" % (kind, said))
        shown[kind] = said.decode()
    check("100% 2:0=" in shown["vt100"] and
          "s alliance/nodes/@hosts=alliance-*, replication 0  " in shown["vt100"] and
          "exec" not in shown["vt100"], "shown: %s" % shown["vt100"])
    check("%" not in shown["dumb"] and "2 of 2 runs, 0 of them" in shown["dumb"], shown["dumb"])


def case_sweep_failures(bench):
    """What fails does not stop the others, is listed, and stays listed."""
    parallel_needed()
    # 3 of 4 nodes are off from the start of the point where the crash comes early
    faults = "".join('<crash host="alliance-%d" at="1ms"/>' % i for i in (2, 3, 4))
    path = scenario(bench, """<faults>%s</faults><sweep>
        <vary parameter="faults/crash/@at" values="1ms,50s"/></sweep>""" % faults, 2,
                    load='outstanding="2"')
    out = os.path.join(bench.folder, "failing")
    for words in ((), ("--resume",)):
        done = sweep(bench, path, out, "-j", "2", *words, status=1)
        listed = [line for line in done.stderr.splitlines() if line.startswith("  run ")]
        check(listed == ["  run %d ended wrongly: point 1 faults/crash/@at=1ms, replication %d"
                         % (i + 1, i) for i in range(2)], "listed: %s" % done.stderr)
    rows = csv_rows(out, "summary.csv")
    check([r["ended_wrongly"] for r in rows] == ["1", "1", "0", "0"], "ended wrongly: %s"
          % [r["ended_wrongly"] for r in rows])
    with open(os.path.join(out, "runs", "0123456789abcdef"), "w"):
        pass  # what is no run does not matter
    shutil.rmtree(os.path.join(out, "runs", rows[3]["run_id"]))
    os.mkdir(os.path.join(out, "runs", rows[2]["run_id"] + ".1-0.tmp"))
    sweep(bench, path, out, "--resume", status=1)
    check([[v for k, v in r.items() if k not in MACHINE_COLUMNS]
           for r in csv_rows(out, "summary.csv")] ==
          [[v for k, v in r.items() if k not in MACHINE_COLUMNS] for r in rows], "the same again")
    log = open(os.path.join(out, "joblog.tsv")).read().splitlines()
    check(len([line for line in log if not line.startswith("Seq")]) == 5, "5 jobs: %s" % log)
    for words, status in ((["sweep", path, "--out", out], 2),
                          (["sweep", path, "--out", out, "--resume", "--seed", "6"], 2),
                          (["sweep", path], 2), (["sweep", path, "--out", out, "-j", "0"], 2),
                          (["sweep", path + ".none", "--out", out + "x"], 2)):
        done = bench.execute(words)
        check(done.returncode == status and done.stderr, "%s: exit %d" % (words, done.returncode))
    done = bench.execute(["sweep", path, "--out", out + "2"], env=dict(os.environ, PATH="/nowhere"))
    check(done.returncode == 3 and "apt install parallel" in done.stderr and
          not os.path.exists(out + "2"), "without parallel: %d %s" % (done.returncode, done.stderr))
    print("  " + done.stderr.strip())


def case_sweep_aggregated(bench):
    """Means and intervals over replications, computed here from the rows of summary.csv."""
    parallel_needed()
    path = scenario(bench, '<sweep><vary parameter="alliance/@batch" values="1,8"/></sweep>', 5)
    out = os.path.join(bench.folder, "aggregated")
    sweep(bench, path, out, "--quiet")
    done = bench.execute(["aggregate", out])
    check(done.returncode == 0 and "2 points, 10 runs" in done.stdout, done.stdout + done.stderr)
    rows, found = csv_rows(out, "summary.csv"), csv_rows(out, "aggregate.csv")
    metrics = [name for name in list(rows[0])[list(rows[0]).index("sim_time_s"):]]
    check([(r["point"], r["alliance/@batch"], r["metric"]) for r in found] ==
          [(p, b, m) for p, b in (("1", "1"), ("2", "8")) for m in metrics], "points and metrics")
    t_of_4 = 2.7764451051977987  # scipy.stats.t.ppf(0.975, 4)
    varied = 0
    for row in found:
        values = [float(r[row["metric"]]) for r in rows
                  if r["point"] == row["point"] and r[row["metric"]] != ""]
        check(int(row["n"]) == len(values) and len(values) in (0, 5), "n of %s" % row)
        if not values:
            check(row["mean"] == row["sd"] == row["low"] == row["high"] == "", "%s" % row)
            continue
        mean, sd = statistics.fmean(values), statistics.stdev(values)
        half = t_of_4 * sd / 5 ** 0.5
        for name, expected in (("mean", mean), ("sd", sd), ("low", mean - half),
                               ("high", mean + half)):
            check(abs(float(row[name]) - expected) <= 1e-8 * (abs(mean) + half), "%s: %s, not %r"
                  % (name, row, expected))
        varied += sd > 0
    latency = next(r for r in found if r["metric"].endswith("_lat_mean_s") and r["n"] == "5")
    print("  %d of %d vary; %s" % (varied, len(found), dict(latency)))
    check(varied > 10, "replications differ")
    other = os.path.join(out, "summary.csv")
    text = open(other).read().replace(",flow,", ",queue,", 1)
    with open(other, "w") as file:
        file.write(text)
    before = open(os.path.join(out, "aggregate.csv"), "rb").read()
    done = bench.execute(["aggregate", out])
    check(done.returncode == 2 and "summary.csv:3: fidelity: flow: queue as in the first row"
          in done.stderr, "mixed: %d %s" % (done.returncode, done.stderr))
    check(open(os.path.join(out, "aggregate.csv"), "rb").read() == before, "the old one stays")
    check(bench.execute(["aggregate", out, "--mixed"]).returncode == 0, "--mixed")
