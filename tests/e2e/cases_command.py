"""The command line: settings for SimGrid, exit statuses, JSON, what stands where."""
import csv
import json
import os

from bench import QUICKSTART, check, csv_rows

SMALL = ["workload/visits/@count=20", "workload/retrievals/@count=5", "workload/shares/@count=3",
         "workload/revocations/@count=1", "run/@duration=20s"]


def refused(bench, words, expected, status=2):
    done = bench.execute(words)
    check(done.returncode == status and expected in done.stderr and done.stdout == "",
          "%s: exit %d, expected %d and %r:\n%s%s"
          % (" ".join(words), done.returncode, status, expected, done.stdout, done.stderr))


def case_command_settings(bench):
    """--cfg and --log of SimGrid are tried first: bad ones are messages; good ones make another run."""
    for setting, expected in (
            ("--cfg=network/fly:1", "--cfg: network/fly: no setting of SimGrid; allowed: network/"),
            ("--cfg=fly:1", "--cfg: fly: no setting of SimGrid; allowed: "),
            ("--cfg=fly", "--cfg: fly: one KEY:VALUE"),
            ("--cfg=cpu/optim:Lazy,network/model:LV08", "one KEY:VALUE"),
            ("--cfg=network/loopback-lat:long", "--cfg: network/loopback-lat:long: a number"),
            ("--cfg=cpu/model:fly", "Cas01"),
            ("--cfg=network/model:LV08", "network/model: not to be set: network/@model"),
            ("--cfg=network/TCP_gamma:1", "network/TCP_gamma: not to be set"),
            ("--cfg=contexts/nthreads:2", "contexts/nthreads: not to be set"),
            ("--cfg=precision/timing:1", "precision/timing: not to be set"),
            ("--log=fly", "--log: fly: CATEGORY.KEY:VALUE"),
            ("--log=fly.threshold:info", "--log: fly: no category of SimGrid; allowed: root "),
            ("--log=root.threshold:fly", "trace,debug,verbose,info,warning,error,critical"),
            ("--log=root.fly:1", "--log: root.fly:1: no setting of a category; allowed: threshold"),
            ("--log=root.appender:file:/no/such/folder/log", "/no/such/folder/log")):
        for verb in ("run", "validate") if setting == "--cfg=fly:1" else ("validate",):
            refused(bench, [verb, QUICKSTART, setting], "ehrgrid %s: " % verb)
            refused(bench, [verb, QUICKSTART, setting], expected)
    same, _ = bench.run(QUICKSTART, SMALL)
    logged, done = bench.run(QUICKSTART, SMALL, extra=["--log=ker_engine.threshold:debug"])
    check("ker_engine/DEBUG" in done.stderr, "no log of SimGrid's:\n%s" % done.stderr[:500])
    factor, _ = bench.run(QUICKSTART, SMALL, extra=["--cfg", "network/latency-factor:3"])
    check(csv_times(same) == csv_times(logged), "a log changes times")
    check(csv_times(same) != csv_times(factor), "a latency factor of 3 changes nothing")
    ids = {json.load(open(os.path.join(folder, "run.json")))["run_id"]
           for folder in (same, logged, factor)}
    check(len(ids) == 3, "run_id: %s" % ids)
    found = [row for row in csv_rows(factor, "parameters.csv") if row["path"].startswith("--")]
    check([(row["path"], row["value"]) for row in found] == [("--cfg=network/latency-factor", "3")],
          "parameters.csv: %s" % found)


def csv_times(folder):
    with open(os.path.join(folder, "requests.csv"), newline="") as file:
        return [[value for name, value in row.items() if name != "run_id"]
                for row in csv.DictReader(file)]
