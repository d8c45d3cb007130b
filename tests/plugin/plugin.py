#!/usr/bin/env python3
"""A SimGrid program that has the plugin (host.c), run as its user would.

    plugin.py --ehrgrid PATH --host PATH CASE ...

Exit 0 passed, 1 failed."""
import argparse
import filecmp
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BROKEN = "tests/golden/deployments-broken"
SMALL = "tests/golden/deployments/small.xml"
UNIFORM = "platforms/uniform.xml"
SHORT = ["run/@duration=60s", "workload/visits/@count=60", "workload/retrievals/@count=20",
         "workload/shares/@count=6"]
# What SimGrid itself refuses, and ends the program: it is not loaded by the plugin there.
SIMGRIDS = {"bad-elements", "empty", "entities", "five-mistakes", "not-well-formed", "process",
            "scenario",
            "truncated", "unknown-host", "unknown-role"}


class Failed(Exception):
    pass


def expect(what, found, wanted):
    if found != wanted:
        raise Failed(f"{what}: found {found!r}, wanted {wanted!r}")


class Bench:
    def __init__(self, arguments, folder):
        self.ehrgrid, self.folder = arguments.ehrgrid, folder
        # AddressSanitizer does not know SimGrid's own contexts
        self.host = [arguments.host] + ["--log=xbt_cfg.threshold:warning", "--cfg=contexts/factory:thread"] * arguments.threads

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as stream:
            stream.write(text)
        return self.path(name)

    def run(self, *words):
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=500,
                              check=False)

    def program(self, *words):
        done = self.run(*self.host, *words)
        for word in ("Backtrace", "Aborted", "AddressSanitizer", "runtime error"):
            if word in done.stderr:
                raise Failed(f"{' '.join(words)}: {word}:\n{done.stderr}")
        if done.returncode < 0:
            raise Failed(f"{' '.join(words)}: signal {-done.returncode}\n{done.stderr}")
        return done


def text_of(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as stream:
        return stream.read()


def platform_of(scenario):
    named = re.search(r'<platform file="([^"]*)"', text_of(scenario)).group(1)
    return os.path.join(os.path.dirname(scenario), named)


# ---- the same run ----

def same(bench, scenario, sets=(), program=()):
    """Scenario -> deployment -> program, beside `ehrgrid run`: every table but the summary (run_id,
    wall clock) and the overrides has the same bytes."""
    name = os.path.basename(scenario)[:-4] + str(len(os.listdir(bench.folder)))
    words = [word for item in sets for word in ("--set", item)]
    ran, told = bench.path(name + "-run"), bench.path(name + "-program")
    deployment = bench.path(name + ".xml")
    done = bench.run(bench.ehrgrid, "run", scenario, "--quiet", "--out", ran, *words)
    expect(f"ehrgrid run: {done.stderr}", done.returncode, 0)
    done = bench.run(bench.ehrgrid, "expand", "--deployment", scenario, "--out", deployment, *words)
    expect(f"ehrgrid expand: {done.stderr}", done.returncode, 0)
    done = bench.program(platform_of(scenario), deployment, "--out", told, *program)
    expect(f"program: {done.stderr}", done.returncode, 0)
    tables = {os.path.basename(path) for path in glob.glob(os.path.join(ran, "*.csv"))}
    tables -= {"summary.csv", "parameters.csv"}
    equal, other, missing = filecmp.cmpfiles(ran, told, sorted(tables), shallow=False)
    rows = text_of(os.path.join(ran, "requests.csv")).count("\n") - 1
    print(f"  {scenario} {' '.join(sets)}: {rows} requests, {len(equal)} equal tables")
    expect("tables that differ", other + missing, [])
    if "requests.csv" not in equal or rows < 100:
        raise Failed("too few requests to tell")
    return told


def case_equal(bench):
    """flow: a deployment gives the requests.csv of its scenario, byte for byte."""
    same(bench, "scenarios/quickstart.xml", SHORT)
    same(bench, "scenarios/regions.xml", ["run/@duration=60s", "run/@warmup=5s"])
    same(bench, "scenarios/validation/hotstuff-4.xml", ["workload/ordering/@requests=400"])


def case_equal_faults(bench):
    """flow: the same with crashes, recovery, a partition, adversaries."""
    for name in ("recovery", "partition", "byzantine"):
        same(bench, f"scenarios/resilience/{name}.xml", ["run/@duration=100s"])


def case_equal_fidelities(bench):
    """queue and delay: the same, where nobody else acts."""
    for fidelity in ("queue", "delay"):
        same(bench, "scenarios/quickstart.xml", SHORT + [f"network/@fidelity={fidelity}"])


def case_equal_orderings(bench):
    """A client's host, several clients, two streams."""
    text = text_of("scenarios/quickstart.xml").replace(
        "</workload>", '<ordering chain="minsk" clients="3" outstanding="2" requests="60" '
        'client-host="insurer,institute"/><ordering clients="2" rate="2/s" requests="20"/></workload>')
    text = text.replace("../platforms", os.path.join(ROOT, "platforms"))
    text = text.replace('hosts="minsk-desk-*"', 'hosts="minsk-desk-*" per-host="2"')
    same(bench, bench.write("orderings.xml", text), SHORT)


def case_plain(bench):
    """SimGrid's own calls load the same; run.json has the texts of what the plugin loaded."""
    deployment = bench.path("quickstart.xml")
    words = [word for item in SHORT for word in ("--set", item)]
    bench.run(bench.ehrgrid, "expand", "--deployment", "scenarios/quickstart.xml", "--out",
              deployment, *words)
    platform = platform_of("scenarios/quickstart.xml")
    for name, more in (("loaded", []), ("plain", ["--plain"])):
        done = bench.program(platform, deployment, "--out", bench.path(name), *more)
        expect(f"{name}: {done.stderr}", done.returncode, 0)
    for table in ("requests.csv", "blocks.csv", "nodes.csv"):
        expect(table, filecmp.cmp(bench.path(f"loaded/{table}"), bench.path(f"plain/{table}"),
                                  shallow=False), True)
    inputs = {item["kind"]: item for item in
              json.loads(text_of(bench.path("loaded/run.json")))["inputs"]}
    expect("inputs", sorted(inputs), ["deployment", "platform"])
    expect("deployment", inputs["deployment"]["text"], text_of(deployment))
    expect("platform", inputs["platform"]["text"], text_of(platform))
    inputs = {item["kind"] for item in json.loads(text_of(bench.path("plain/run.json")))["inputs"]}
    expect("inputs of plain", inputs, {"deployment"})


def case_sets(bench):
    """What the program sets is an override as `--set` of the command is: in parameters.csv, in
    run.json and in the run's number, where the replication counts, too."""
    sets = [("run/@seed", "9"), ("workload/visits/@count", "3")]
    words = [word for path, value in sets for word in ("--set", f"{path}={value}")]
    runs, numbers = {"bare": [], "set": words, "again": words,
                     "replicated": words + ["--replication", "1"]}, {}
    for name, more in runs.items():
        done = bench.program(UNIFORM, SMALL, "--out", bench.path(name), *more)
        expect(f"{name}: {done.stderr}", done.returncode, 0)
        run = json.loads(text_of(bench.path(f"{name}/run.json")))
        expected = sets if more else []
        numbers[name] = run["run_id"]
        expect(f"{name}: run.json", [(p["path"], p["value"]) for p in run["parameters"]], expected)
        expect(f"{name}: parameters.csv", text_of(bench.path(f"{name}/parameters.csv")),
               "run_id,path,value\n" + "".join(f"{run['run_id']},{path},{value}\n"
                                               for path, value in expected))
    expect("seed, replication", (run["seed"], run["replication"]), ("9", "1"))
    expect("the same run", numbers["set"], numbers["again"])
    expect("different runs", len(set(numbers.values())), 3)


def case_submit_first(bench):
    """An actor that asks for a visit when the simulation begins, before or after the world's in the
    deployment, gets it at time 0; where there is no world to come it is told so."""
    text = text_of(SMALL).replace('value="20s"', 'value="60s"')
    asks = '<actor host="insurer" function="their_visit"/>'
    scenario = text.index("<actor")
    for name, deployment in (("first", text[:scenario] + asks + text[scenario:]),
                             ("last", text.replace("</platform>", asks + "</platform>"))):
        for fidelity in ("flow", "queue", "delay"):
            done = bench.program(UNIFORM, bench.write(name + ".xml", deployment), "--set",
                                 f"network/@fidelity={fidelity}")
            expect(f"{name} {fidelity}: {done.stderr}", done.returncode, 0)
            expect(f"{name} {fidelity}", done.stdout.splitlines()[0],
                   "their_visit 1 began at 0: ok")
    done = bench.program(UNIFORM, bench.write("none.xml", text.replace(
        '"ehr.scenario"', '"their_visit"').replace("<actor", asks + "<actor", 1)), "--plain")
    expect(f"no world: {done.stderr}", done.returncode, 2)
    expect("no world", done.stdout.splitlines()[:-1], ["their_visit: the run has not begun"] * 2)


def case_expand(bench):
    """expand: stdout and file say the same, settings and seed go in, bad usage is told."""
    def expand(status, *words):
        done = bench.run(bench.ehrgrid, "expand", *words)
        expect(f"expand {' '.join(words)}: {done.stderr}", done.returncode, status)
        return done
    scenario = "scenarios/quickstart.xml"
    told = expand(0, "--deployment", scenario, "--seed", "7", "--set", "hospital/@batch=9").stdout
    for part in ('<prop id="run/@seed" value="7"/>', '<prop id="batch" value="9"/>',
                 'function="ehr.data_user" on_failure="RESTART"'):
        expect(part, part in told, True)
    kept = bench.write("kept.xml", "as it was")
    expand(2, "--deployment", scenario, "--out", kept, "--set", "hospital/@batch=0")
    expect("a file that was not replaced", text_of(kept), "as it was")
    expand(0, "--deployment", scenario, "--seed", "7", "--set", "hospital/@batch=9", "--out", kept)
    expect("file", text_of(kept), told)
    expand(3, "--deployment", scenario, "--out", bench.path("no/folder.xml"))
    expect("left", sorted(os.listdir(bench.folder)), ["kept.xml"])
    for words in (["--deployment"], ["--deployment", scenario, scenario],
                  ["--deployment", scenario, "--seed", "x"]):
        expect("advice", "Try `ehrgrid expand --help`" in expand(2, *words).stderr, True)


# ---- what is wrong ----

def case_broken(bench):
    """Every wrong deployment: the expected message, exit status 2."""
    files = sorted(glob.glob(os.path.join(ROOT, BROKEN, "*.xml")))
    for path in files:
        name = os.path.relpath(path, ROOT)
        done = bench.program(UNIFORM, name)
        expect(f"{name}: messages", done.stderr, text_of(name[:-4] + ".expected"))
        expect(f"{name}: status", done.returncode, 2)
    print(f"  {len(files)} deployments")


def case_broken_plain(bench):
    """The same by SimGrid's call, where SimGrid lets them pass: functions and hosts instead of
    lines."""
    count = 0
    for path in sorted(glob.glob(os.path.join(ROOT, BROKEN, "*.xml"))):
        name = os.path.relpath(path, ROOT)
        if os.path.basename(name)[:-4] in SIMGRIDS:
            continue
        done = bench.program(UNIFORM, name, "--plain")
        expect(f"{name}: {done.stderr}: status", done.returncode, 2)
        for line in done.stderr.splitlines():
            if not re.match(r"(deployment: ehr\.\w+.* on [\w-]+|ehrgrid: actors|--set)", line):
                raise Failed(f"{name}: {line}")
        if not done.stderr:
            raise Failed(f"{name}: no message")
        count += 1
    print(f"  {count} deployments")
    if count < 20:
        raise Failed("too few")


def wrong(bench, what, words, message, status=2):
    done = bench.program(*words)
    expect(f"{what}: {done.stderr}: status", done.returncode, status)
    if message not in done.stderr:
        raise Failed(f"{what}: found {done.stderr!r}, wanted {message!r}")
    print(f"  {what}: {done.stderr.strip()}")


def case_refused(bench):
    """What is wrong beside the roles: files, foreign functions, settings, results."""
    text = text_of(SMALL)
    foreign = bench.write("foreign.xml", text.replace(
        "</platform>", '<actor host="insurer" function="nobodys_own"/></platform>'))
    crooked = bench.write("crooked.xml", text_of(UNIFORM).replace("</zone>", "", 1))
    nobody = bench.write("nobody.xml", '<?xml version="1.0"?>\n'
                         '<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">\n'
                         '<platform version="4.1"><actor host="insurer" function="their_own"/>'
                         '</platform>\n')
    model = bench.write("model.xml", text.replace(
        'id="run/@duration" value="20s"', 'id="network/@model" value="lv08"'))
    os.mkdir(bench.path("there"))
    wrong(bench, "no such file", [UNIFORM, bench.path("none.xml")], "No such file")
    wrong(bench, "a folder", [UNIFORM, bench.folder], "a readable file")
    wrong(bench, "no platform", [bench.path("none.xml"), SMALL], "No such file")
    wrong(bench, "crooked platform", [crooked, SMALL], "crooked.xml:")
    wrong(bench, "foreign function", [UNIFORM, foreign], "nobodys_own")
    wrong(bench, "no role at all", [UNIFORM, nobody], "no ehr.scenario")
    wrong(bench, "no role at all, by SimGrid", [UNIFORM, nobody, "--plain"], "no ehr.scenario")
    wrong(bench, "a folder that exists", [UNIFORM, SMALL, "--out", bench.path("there")], "there")
    wrong(bench, "a folder that exists, by SimGrid",
          [UNIFORM, SMALL, "--plain", "--out", bench.path("there")], "there")
    wrong(bench, "another model", [UNIFORM, model], "network/@model: lv08: cm02, as the program")
    wrong(bench, "a placement set", [UNIFORM, SMALL, "--set", "hospital/@server=insurer"],
          "--set: hospital/@server=insurer: a placement")
    wrong(bench, "a wrong set", [UNIFORM, SMALL, "--set", "run/@sed=1"], "--set: run/@sed")
    done = bench.program(UNIFORM, model, "--model", "lv08")
    expect(f"the model that the program has: {done.stderr}", done.returncode, 0)
    if [name for name in os.listdir(bench.folder) if name.endswith(".tmp")]:
        raise Failed("a temporary folder is left")


# ---- life ----

def lives(bench, name, text, platform=UNIFORM):
    """Runs it to a good end; the rows of faults.csv, and how many requests were ok."""
    out = bench.path(name)
    done = bench.program(platform, bench.write(name + ".xml", text), "--out", out)
    expect(f"{name}: {done.stderr}: status", done.returncode, 0)
    requests = text_of(os.path.join(out, "requests.csv"))
    faults = text_of(os.path.join(out, "faults.csv")).splitlines()[1:]
    print(f"  {name}: {requests.count(',ok,')} ok of {requests.count(chr(10)) - 1}, {faults}")
    expect(f"{name}: requests that were not ok", requests.count(",ok,"), requests.count("\n") - 1)
    return done, faults


def with_profile(bench, host):
    """The platform, with a host that is off from 20 s to 30 s."""
    bench.write("state.txt", "20.0 0\n30.0 1\n")
    text, count = re.subn(rf'(<host id="{host}"[^/>]*)(/?>)', r'\1 state_file="state.txt"\2',
                          text_of(UNIFORM))
    expect("hosts", count, 1)
    return bench.write(f"platform-{host}.xml", text)


def case_life(bench):
    """Actors of the program's own live on when the run is over. A role that is killed, or whose
    host goes off, is a crash of its node; the world outlives its own actor and its host."""
    text = text_of(SMALL).replace('value="20s"', 'value="60s"')
    again = text.replace('function="ehr.chain_node"', 'function="ehr.chain_node" on_failure="RESTART"')
    done, faults = lives(bench, "foreign", text.replace(
        "</platform>", '<actor host="insurer" function="their_own"><argument value="300"/></actor>'
        "</platform>"))
    expect("their end", ("their_own ends at 300" in done.stdout, faults), (True, []))
    done = bench.program(UNIFORM, bench.path("foreign.xml"), "--set", "network/@fidelity=queue")
    expect(f"in queue: {done.stderr}", (done.returncode, "only in flow" in done.stderr), (0, True))
    _, faults = lives(bench, "killed", text.replace(
        '<actor host="alliance-4" function', '<actor host="alliance-4" kill_time="5" function'))
    expect("killed", faults, ["1,crash,alliance-node-3,,5.000000000,"])
    _, faults = lives(bench, "off", again, with_profile(bench, "minsk-node-2"))
    expect("off", faults, ["1,crash,minsk-node-1,,20.000000000,30.000000000"])
    _, faults = lives(bench, "off-for-good", text, with_profile(bench, "minsk-node-2"))
    expect("off for good", faults, ["1,crash,minsk-node-1,,20.000000000,"])
    _, faults = lives(bench, "world-killed", text.replace(
        'host="alliance-1" function="ehr.scenario"',
        'host="alliance-1" kill_time="20" function="ehr.scenario"'))
    expect("world killed", faults, [])
    _, faults = lives(bench, "world-off", again, with_profile(bench, "alliance-1"))
    expect("world off", faults, ["1,crash,alliance-node-0,,20.000000000,30.000000000"])


def case_equal_profiles(bench):
    """Hosts that a profile turns off and on: crashes and recoveries as with the command."""
    text = text_of("platforms/three-hospitals.xml")
    for host in ("minsk-node-2", "alliance-3", "grodno-desk-1"):
        bench.write(f"{host}.txt", "20.0 0\n30.0 1\n")
        text, count = re.subn(rf'(<host id="{host}"[^/>]*)(/?>)', rf'\1 state_file="{host}.txt"\2',
                              text)
        expect(host, count, 1)
    bench.write("three.xml", text)
    told = same(bench, bench.write("profiles.xml", text_of("scenarios/quickstart.xml").replace(
        "../platforms/three-hospitals.xml", "three.xml")), SHORT)
    faults = text_of(os.path.join(told, "faults.csv"))
    expect("crashes", faults.count(",20.000000000,30.000000000"), 3)


CASES = {name[5:]: case for name, case in globals().items() if name.startswith("case_")}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ehrgrid", required=True)
    parser.add_argument("--host", required=True)
    parser.add_argument("--threads", action="store_true", help="actors are threads")
    parser.add_argument("cases", nargs="+", choices=sorted(CASES))
    arguments = parser.parse_args()
    failed = 0
    for name in arguments.cases:
        print(f"{name}: {' '.join(CASES[name].__doc__.split())}", flush=True)
        with tempfile.TemporaryDirectory() as folder:
            try:
                CASES[name](Bench(arguments, folder))
                print("  passed", flush=True)
            except Failed as error:
                failed += 1
                print(f"  FAILED: {error}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
