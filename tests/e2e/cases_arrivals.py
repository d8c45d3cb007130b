"""Arrivals from a file, and through the day."""
import filecmp
import hashlib
import json
import os
import re

from bench import QUICKSTART, check, csv_rows

QUICK = ["run/@duration=40s", "crypto/@mode=modelled"]


def workload_replaced(bench, name, workload):
    """The quickstart with another workload, in a file of its own."""
    with open(QUICKSTART) as file:
        text = file.read()
    text = text.replace("../platforms/", os.path.join(os.path.dirname(QUICKSTART), "..",
                                                      "platforms") + "/")
    text, count = re.subn(r"<workload>.*</workload>", "<workload>%s</workload>" % workload, text,
                          flags=re.S)
    check(count == 1, "the quickstart has no workload to replace")
    path = os.path.join(bench.folder, name + ".xml")
    with open(path, "w") as file:
        file.write(text)
    return path


def first_run(bench):
    """A run by rate; its folder."""
    scenario = workload_replaced(bench, "by-rate", """
        <visits rate="0.6/s"/> <retrievals rate="0.5/s"/> <shares rate="0.3/s" consent="0.8"/>
        <revocations count="2" delay="5s"/>""")
    return bench.run(scenario, QUICK)[0]


def starts(folder, flow):
    return [(row["hospital"], row["start_s"]) for row in csv_rows(folder, "requests.csv")
            if row["flow"] == flow]


def replaying(bench, folder):
    return workload_replaced(bench, "replay", """
        <shares consent="0.8"/> <revocations count="2" delay="5s"/>
        <trace file="%s/requests.csv"/>""" % folder)


def case_arrivals_replayed(bench):
    """requests.csv as a trace gives the same requests.csv; on another platform, with another seed
    and consensus, the same visits; its hash is in run.json."""
    first = first_run(bench)
    scenario = replaying(bench, first)
    again, _ = bench.run(scenario, QUICK)
    check(filecmp.cmp(os.path.join(first, "requests.csv"), os.path.join(again, "requests.csv"),
                      shallow=False), "requests.csv differs when it is replayed")
    other, _ = bench.run(scenario, QUICK + ["run/@seed=7", "alliance/@consensus=raft",
                                            "network/@fidelity=delay"])
    visits = starts(first, "visit")
    check(len(visits) > 40, "%d visits only" % len(visits))
    check(starts(other, "visit") == visits, "visits start at other times with another seed")
    for flow in ("retrieve", "share"):
        check(len(starts(other, flow)) == len(starts(first, flow)), "other counts of " + flow)
    with open(os.path.join(again, "run.json")) as file:
        inputs = [i for i in json.load(file)["inputs"] if i["kind"] == "trace"]
    with open(os.path.join(first, "requests.csv"), "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    check(len(inputs) == 1 and inputs[0]["sha256"] == digest, "run.json: inputs %s" % inputs)


def case_arrivals_deployed(bench):
    """The deployment of a scenario with a trace names it by its whole path; the effective scenario
    is the same run."""
    scenario = replaying(bench, first_run(bench))
    done = bench.execute(["expand", "--deployment", scenario])
    check(done.returncode == 0, "expand: exit %d\n%s" % (done.returncode, done.stderr))
    found = re.search(r'<prop id="workload/trace/@file" value="([^"]+)"/>', done.stdout)
    check(found and os.path.isabs(found.group(1)) and os.path.exists(found.group(1)),
          "the deployment does not name the trace")
    done = bench.execute(["validate", "--effective", scenario, "--set", QUICK[0], "--set", QUICK[1]])
    effective = os.path.join(bench.folder, "effective.xml")
    with open(effective, "w") as file:
        file.write(done.stdout)
    one, _ = bench.run(scenario, QUICK)
    two, _ = bench.run(effective)
    check(filecmp.cmp(os.path.join(one, "requests.csv"), os.path.join(two, "requests.csv"),
                      shallow=False), "the effective scenario is another run")


def case_arrivals_broken(bench):
    """Mistakes in a trace: exit 2, each with its line, for run and validate; nothing is written. A
    file that is not there is a mistake of the scenario."""
    trace = os.path.join(bench.folder, "visits.csv")
    with open(trace, "w") as file:
        file.write("start_s,flow,hospital\n1,visit,misnk\n2,walk,minsk\n1.5,visit,minsk\n")
    scenario = workload_replaced(bench, "broken", '<trace file="visits.csv"/>')
    out = os.path.join(bench.folder, "out")
    for words in (["validate", scenario], ["run", scenario, "--out", out]):
        done = bench.execute(words)
        check(done.returncode == 2, "%s: exit %d" % (words[0], done.returncode))
        check(done.stderr.splitlines() == [
            trace + ":2: hospital: misnk: the id of a hospital of the scenario",
            trace + ":3: flow: walk: visit, retrieve, share, ordering",
            trace + ":4: start_s: 1.5: not before that of the row above"], done.stderr)
    check(not os.path.exists(out), "a folder of results after exit 2")
    os.remove(trace)
    done = bench.execute(["validate", scenario])
    check(done.returncode == 2 and "workload/trace/@file" in done.stderr and
          "does not exist" in done.stderr, done.stderr)


def case_arrivals_ordering(bench):
    """Raw requests at stated times, of the alliance's chain and of a hospital's, and no visits."""
    trace = os.path.join(bench.folder, "orders.csv")
    with open(trace, "w") as file:
        file.write("start_s,flow,hospital\n")
        for i in range(40):
            file.write("%d.25,ordering,%s\n" % (i, "minsk" if i % 4 == 0 else ""))
    scenario = workload_replaced(bench, "orders", """<ordering outstanding="0" clients="2"/>
        <ordering chain="minsk" outstanding="0"/> <trace file="orders.csv"/>""")
    folder, _ = bench.run(scenario, QUICK)
    rows = [row for row in csv_rows(folder, "requests.csv") if row["flow"] == "ordering"]
    check([row["start_s"] for row in rows] == ["%d.250000000" % i for i in range(40)],
          "raw requests start at other times")
    check([row["hospital"] for row in rows] == ["" if i % 4 else "minsk" for i in range(40)],
          "raw requests are of other chains")
    check(all(row["outcome"] == "ok" for row in rows), "raw requests did not end well")
    check(not starts(folder, "visit"), "visits that nobody asked for")


def case_day(bench):
    """Fixed gaps with a profile: the visits of each part of a day of 40 s are as calculated. 24 a day
    and hospital, of which 0, 6, 0 and 18 in its quarters; the run begins at 10 s of the day."""
    scenario = workload_replaced(bench, "day", """<visits arrivals="uniform" rate="0.6/s"
        profile="0 1 0 3"/>""")
    folder, _ = bench.run(scenario, ["run/@duration=80s", "crypto/@mode=modelled",
                                     "workload/@day=40s", "workload/@start=10s"])
    parts = [0] * 8
    for hospital, start in starts(folder, "visit"):
        if hospital == "grodno":
            parts[int(float(start) // 10)] += 1
    # the second of three hospitals: visit n comes when n - 1/3 of them have
    check(parts == [6, 0, 18, 0, 6, 0, 18, 0], "visits at grodno by tens of seconds: %s" % parts)
