"""The command line: settings for SimGrid, exit statuses, JSON, what stands where."""
import csv
import json
import os
import pty
import shutil
import signal
import subprocess
import sys

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
    logged, done = bench.run(QUICKSTART, SMALL, extra=["--log=xbt_cfg.threshold:info"])
    check("Configuration change: Set" in done.stderr, "no log of SimGrid's:\n%s" % done.stderr[:500])
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


def answer(bench, words, status=0):
    """The object that --json prints; nothing else stands on stdout."""
    done = bench.execute(words + ["--json"])
    check(done.returncode == status, "%s: exit %d, expected %d\n%s%s"
          % (" ".join(words), done.returncode, status, done.stdout, done.stderr))
    try:
        found = json.loads(done.stdout)
    except ValueError as error:
        check(False, "%s: %s: %s" % (" ".join(words), error, done.stdout))
    check(found["ok"] == (status == 0) and found["status"] == status,
          "%s: ok %s, status %s" % (" ".join(words), found["ok"], found["status"]))
    for problem in found["problems"]:
        check(set(problem) == {"warning", "file", "line", "what", "found", "allowed", "message"},
              "%s: %s" % (" ".join(words), problem))
        check(problem["message"] in done.stderr, "%r is not on stderr: %s"
              % (problem["message"], done.stderr))
    return found


def case_command_json(bench):
    """--json: one object on stdout with the documented fields, also of failures; messages on stderr."""
    out = os.path.join(bench.folder, "json")
    sets = [word for item in SMALL for word in ("--set", item)]
    run = answer(bench, ["run", QUICKSTART, "--out", out] + sets)
    check(set(run) == {"ok", "status", "run_id", "results", "ended_well", "crypto", "sim_time_s",
                       "flows", "private", "alliance", "problems"}, "run: %s" % sorted(run))
    check(run["results"] == out and run["flows"]["visit"]["offered"] == 20, "run: %s" % run)
    again = answer(bench, ["run", QUICKSTART, "--out", out] + sets, 2)
    check(out in again["problems"][0]["message"], "run: %s" % again)

    if shutil.which("gnuplot"):
        drawn = answer(bench, ["plot", out, "--format", "svg", "--only", "phases"])
        check([f["name"] for f in drawn["figures"]] == ["phases"] and
              all(os.path.isfile(path) for f in drawn["figures"] for path in f["files"]), str(drawn))
        page = answer(bench, ["report", out])
        check(page["file"] == out + "/report.html" and os.path.isfile(page["file"]), str(page))

    check(answer(bench, ["validate", QUICKSTART])["points"] == 1, "validate: points")
    broken = bench.scenario([('<run seed="', '<run seed="x')])
    line = 1 + open(broken).read().split('seed="x')[0].count("\n")
    found = answer(bench, ["validate", broken, "--set", "run/@fly=1"], 2)["problems"]
    places = sorted((p["file"], p["line"], p["what"]) for p in found)
    check(places[0][:2] == ("--set", None) and (broken, line, "run/@seed") in places,
          "validate: %s" % places)
    check(all(p["allowed"] and p["found"] for p in found), "validate: %s" % found)
    for words in (["validate", "--fly"], ["run"], ["expand", "a", "b"], ["aggregate"],
                  ["platform", "generate", "--nodes", "x"], ["calibrate", "x"]):
        check(len(answer(bench, words, 2)["problems"]) == 1, "%s: problems" % words)

    sweep = os.path.join(os.path.dirname(QUICKSTART), "sweep.xml")
    listed = answer(bench, ["expand", sweep])
    table = os.path.join(bench.folder, "design.csv")
    check(answer(bench, ["expand", sweep, "--out", table])["runs"] == listed["runs"], "expand")
    rows = csv_rows(bench.folder, "design.csv")
    for row, run in zip(rows, listed["design"], strict=True):
        check(dict(row) == dict({k: str(v) for k, v in run.items() if k != "parameters"},
                                **run["parameters"]), "expand: %s, %s" % (row, run))
    platform = os.path.join(bench.folder, "platform.xml")
    made = answer(bench, ["platform", "generate", "--out", platform])
    check(made["file"] == platform and made["bytes"] == os.path.getsize(platform), str(made))

    done = subprocess.run([bench.command, "validate", b"a\xff.xml", "--json"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    found = json.loads(done.stdout.decode("utf-8"))
    check(done.returncode == 2 and found["problems"][0]["file"] == "a?.xml", str(found))


def case_command_exits(bench):
    """Exit statuses: 2 for bad usage and input, 3 for what cannot be written, death by SIGPIPE."""
    table = {  # what each needs to be otherwise right
        "run": [QUICKSTART], "validate": [QUICKSTART], "expand": [QUICKSTART],
        "sweep": [QUICKSTART, "--out", "s"], "aggregate": ["."], "plot": ["."], "report": ["."],
        "calibrate": [],
        "platform import": ["map.graphml"], "platform regions": ["--matrix", "."],
        "platform generate": [], "help": ["run"]}
    for verb, rest in table.items():
        words = verb.split()
        refused(bench, words + rest + ["--fly"], "ehrgrid %s: unknown option --fly" % verb)
        refused(bench, words + rest + ["-Z"], "unknown option -Z")
        refused(bench, words + rest + ["a", "b", "c"], "superfluous")
        for asked in ("--help", "--hel", "-h", "--version"):
            done = bench.execute(words + [asked])
            check(done.returncode == 0 and done.stderr == "" and
                  done.stdout.startswith("ehrgrid " if asked == "--version" else "usage: ehrgrid "),
                  "%s %s: %s" % (verb, asked, done))
        if rest and verb != "help":
            refused(bench, words, "missing")
    for words in (["run", "no.xml"], ["validate", "no.xml"], ["expand", "no.xml"],
                  ["sweep", "no.xml", "--out", "s"], ["aggregate", "no"], ["plot", "no"],
                  ["report", "no"],
                  ["platform", "import", "no.graphml"], ["platform", "regions", "--matrix", "no"],
                  ["platform", "generate", "--on", "no.xml"]):
        refused(bench, words, "No such file or directory")
    for words, expected in ((["rnu"], "unknown verb rnu; did you mean run?"),
                            (["run", "--sed", "1"], "unknown option --sed; did you mean --seed?"),
                            (["platform", "imprt"], "did you mean import?"),
                            (["help", "validat"], "did you mean validate?"),
                            ([QUICKSTART], "did you mean `ehrgrid run "), ([], "usage: ehrgrid VERB")):
        refused(bench, words, expected)
    nowhere = os.path.join(QUICKSTART, "x")  # below a file
    for words in (["run", QUICKSTART], ["sweep", QUICKSTART], ["expand", QUICKSTART],
                  ["calibrate"], ["platform", "generate"]):
        refused(bench, words + ["--out", nowhere], "quickstart.xml/x", 3)
    for words in (["--help"], ["--version"], ["run", "--help"], ["help", "platform"],
                  ["validate", QUICKSTART], ["validate", QUICKSTART, "--effective"],
                  ["validate", QUICKSTART, "--json"], ["validate", "no.xml", "--json"],
                  ["expand", QUICKSTART], ["expand", QUICKSTART, "--deployment"],
                  ["platform", "generate"]):
        with open("/dev/full", "w") as full:
            done = subprocess.run([bench.command] + words, stdout=full, stderr=subprocess.PIPE,
                                  text=True, check=False)
        check(done.returncode == 3 and "standard output: No space left" in done.stderr,
              "%s to /dev/full: exit %d\n%s" % (words, done.returncode, done.stderr))
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([bench.command] + words, stdout=writer, stderr=subprocess.DEVNULL,
                              check=False)
        os.close(writer)
        check(done.returncode == -signal.SIGPIPE, "%s to nobody: exit %d" % (words, done.returncode))


def case_command_sweep(bench):
    """A sweep hands --cfg and --log to its runs; --json tells what was made."""
    if shutil.which("parallel") is None:
        print("  skipped: no GNU parallel")
        sys.exit(77)
    sweep = '<sweep><vary parameter="alliance/@batch" values="1,100"/></sweep>'
    path = bench.scenario([("</scenario>", sweep + "</scenario>"), ("10min", "20s")])
    out = os.path.join(bench.folder, "swept")
    words = ["sweep", path, "--out", out, "--cfg=network/latency-factor:3",
             "--log=root.threshold:error"] + [word for item in SMALL for word in ("--set", item)]
    refused(bench, words + ["--cfg=fly:1"], "--cfg: fly: no setting of SimGrid")
    found = answer(bench, words)
    check([found[name] for name in ("points", "runs", "there", "wrong", "missing")]
          == [2, 2, 2, 0, 0] and found["summary"] == out + "/summary.csv", str(found))
    for row in csv_rows(out, "design.csv"):
        folder = os.path.join(out, "runs", row["run_id"])
        settings = [(p["path"], p["value"]) for p in csv_rows(folder, "parameters.csv")
                    if p["path"].startswith("--")]
        check(settings == [("--cfg=network/latency-factor", "3"), ("--log=root.threshold", "error")],
              "%s: %s" % (folder, settings))
    listed = answer(bench, ["expand"] + [word for word in words[1:] if word not in ("--out", out)])
    check([run["run_id"] for run in listed["design"]] ==
          [row["run_id"] for row in csv_rows(out, "design.csv")], "expand has other run_ids")
    run = os.path.join(out, "runs", csv_rows(out, "design.csv")[0]["run_id"], "run.json")
    with open(run, "w") as file:
        file.write("{}")
    gathered = answer(bench, words + ["--gather"], 2)
    check([p["message"] for p in gathered["problems"]]
          == ["ehrgrid sweep: %s: no facts of a run" % run], str(gathered))


def terminal(bench, words, **variables):
    """What stands on a terminal that is stderr, and the exit status."""
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TERM")}
    process = subprocess.Popen([bench.command] + words, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=theirs,
                               env=dict(environment, **variables))
    os.close(theirs)
    text = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # nobody is at the other end any more
            break
        text += part
    os.close(ours)
    return text.decode(), process.wait()


def case_command_terminal(bench):
    """On a terminal a warning's word has a colour, unless NO_COLOR or TERM say otherwise."""
    warned = ["validate", QUICKSTART, "--set", "workload/revocations/@count=999"]
    plain, status = terminal(bench, warned, TERM="dumb")
    check(status == 0 and "warning: " in plain and "\033" not in plain, repr(plain))
    for variables, coloured in (({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": ""}, True),
                                ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({}, False)):
        text, _ = terminal(bench, warned, **variables)
        check((text != plain) == coloured and
              text.replace("\033[33mwarning\033[0m", "warning") == plain,
              "%s: %r" % (variables, text))
    for words, shown in ((["--quick"], True), (["--quick", "--quiet"], False)):
        table = os.path.join(bench.folder, "costs.json")
        for term, moves in (("xterm", True), ("dumb", False)):
            text, status = terminal(bench, ["calibrate", "--out", table] + words, TERM=term)
            check(status == 0 and ("round" in text) == (shown and moves), "%s: %r" % (words, text))
