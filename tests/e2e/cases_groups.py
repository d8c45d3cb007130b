"""Groups of hospitals: runs, deployments and sweeps are those of as many elements hospital."""
import os

from bench import ROOT, check, csv_rows, summary, tables_equal

SCENARIO = """<scenario xmlns="urn:ehrgrid:scenario:1" name="city">
  <platform file="%s/platforms/metro.xml"/>
  <run seed="5" duration="10s"/>
  <crypto mode="modelled" costs="zero"/>
  <alliance><nodes hosts="alliance-*"/></alliance>
%s
  <workload><visits rate="0.5/s"/></workload>
  <faults><crash role="hospital" hospital="hospital-2" at="3s" recover="5s"/></faults>
  %s
</scenario>
"""
ALONE = """<hospital id="hospital-%d" server="hospital-%d-server" batch="10">
  <nodes hosts="hospital-%d-node-*"/><doctors hosts="hospital-%d-desk-*"/>
  <patients host="hospital-%d-home" count="4"/></hospital>"""
GROUP = """<hospital-group id="hospital-{}" count="%d" server="hospital-{}-server" batch="10">
  <nodes hosts="hospital-{}-node-*"/><doctors hosts="hospital-{}-desk-*"/>
  <patients host="hospital-{}-home" count="4"/></hospital-group>"""


def scenario(bench, name, hospitals, sweep=""):
    path = os.path.join(bench.folder, name, "city.xml")
    os.makedirs(os.path.dirname(path))
    with open(path, "w") as file:
        file.write(SCENARIO % (ROOT, hospitals, sweep))
    return path


def case_groups(bench):
    """Three members are three hospitals, to the byte; a sweep goes through their number."""
    alone = scenario(bench, "alone", "\n".join(ALONE % ((i,) * 5) for i in (1, 2, 3)))
    group = scenario(bench, "group", GROUP % 3)
    first, _ = bench.run(alone)
    second, _ = bench.run(group)
    tables_equal(first, second)
    ids = sorted({row["hospital"] for row in csv_rows(second, "requests.csv")} - {""})
    check(ids == ["hospital-1", "hospital-2", "hospital-3"], "hospitals %s" % ids)
    check(int(summary(second)["visit_ok"]) > 0, "no visit in %s" % second)
    texts = [bench.execute(["expand", "--deployment", path]).stdout for path in (alone, group)]
    check(texts[0] == texts[1] and texts[0].count("ehr.hospital") == 3, "deployments differ")

    path = scenario(bench, "sweep", GROUP % 6,
                    '<sweep><vary parameter="hospital-group/@count" values="2,4..6 step 2"/></sweep>')
    out = os.path.join(bench.folder, "swept")
    done = bench.execute(["sweep", path, "--out", out])
    check(done.returncode == 0, "sweep: exit %d\n%s" % (done.returncode, done.stderr))
    rows = [(row["hospital-group/@count"], row["register_ok"]) for row in csv_rows(out, "summary.csv")]
    check(rows == [("2", "8"), ("4", "16"), ("6", "24")], "members and their patients: %s" % rows)
    done = bench.execute(["validate", path, "--set", "hospital-group/@count=7"])
    check(done.returncode == 2 and "city.xml:6: hospital-group/@server: hospital-7-server, which is no "
          "host" in done.stderr, "seven of six: exit %d\n%s" % (done.returncode, done.stderr))
