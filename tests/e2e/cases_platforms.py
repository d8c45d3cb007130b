"""Platforms: those shipped and those made run the quickstart's workload; what is broken is told."""
import glob
import os
import re
import shlex
import sys
import time

from bench import QUICKSTART, ROOT, check, csv_rows, no_losses

PLATFORMS = os.path.join(ROOT, "platforms")
GOLDEN = os.path.join(ROOT, "tests", "golden", "platforms")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def hosts_of(platform):
    return re.findall(r'<host id="([^"]+)"', read(platform))


def scenario(bench, platform, hospitals, alliance, users):
    """The quickstart's workload; a hospital is (id, server, nodes, desks, home), all hosts."""
    text = read(QUICKSTART)
    parts = ["<hospital id=\"%s\" server=\"%s\"><nodes hosts=\"%s\"/><doctors hosts=\"%s\"/>"
             "<patients host=\"%s\" count=\"20\"/></hospital>" % hospital for hospital in hospitals]
    text = re.sub(r"<hospital .*</hospital>", "".join(parts), text, flags=re.S)
    text = re.sub(r'<nodes hosts="alliance-\*"/>', '<nodes hosts="%s"/>' % alliance, text)
    for name, host in zip(("institute", "insurer"), users):
        text = text.replace('<data-user id="%s" host="%s"/>' % (name, name),
                            '<data-user id="%s" host="%s"/>' % (name, host))
    text = re.sub(r'platform file="[^"]*"', 'platform file="%s"' % platform, text)
    return write(os.path.join(bench.folder, "platform-scenario.xml"), text)


def generated_scenario(bench, platform):
    """Every hospital of a platform of `ehrgrid platform generate`."""
    names = [host[:-7] for host in hosts_of(platform) if host.endswith("-server")]
    return scenario(bench, platform,
                    [(n, n + "-server", n + "-node-*", n + "-desk-*", n + "-home") for n in names],
                    "alliance-*", ("institute", "insurer"))


def run_quickstart(bench, path):
    began = time.monotonic()
    out, _ = bench.run(path, bench.small())
    no_losses(out, {("share", "consent_denied")})
    visits = [r for r in csv_rows(out, "requests.csv") if r["flow"] == "visit"]
    latency = sum(float(r["end_s"]) - float(r["start_s"]) for r in visits) / len(visits)
    return "visit %.1f ms, %.1f s" % (1e3 * latency, time.monotonic() - began)


def make(bench, words, name="made.xml"):
    path = os.path.join(bench.folder, name)
    done = bench.execute(["platform"] + words + ["--out", path, "--quiet"])
    check(done.returncode == 0 and done.stdout == "" and done.stderr == "",
          "%s: exit %d\n%s%s" % (words, done.returncode, done.stdout, done.stderr))
    return path


def case_platforms(bench):
    """The shipped platforms of hospitals run the quickstart's workload, and say how they were made
    and in which units; a made platform can be hung on."""
    for name in ("clinic-lan", "metro", "belarus", "europe", "world"):
        path = os.path.join(PLATFORMS, name + ".xml")
        text = read(path)
        check("<?ehrgrid platform generate" in text and "Bandwidth: bps = bits" in text,
              "%s does not say how it was made" % name)
        print("  %-11s %s" % (name, run_quickstart(bench, generated_scenario(bench, path))))
    for on in ("uniform", "regions-aws", "three-hospitals"):
        path = make(bench, ["generate", "--on", os.path.join(PLATFORMS, on + ".xml"),
                            "--names", "x,y", "--alliance", "0", "--data-users", "a,b"])
        hospitals = [(n, n + "-server", n + "-node-*", n + "-desk-*", n + "-home") for n in "xy"]
        print("  hung on %-15s %s" % (on, run_quickstart(
            bench, scenario(bench, path, hospitals, "x-node-*", ("a", "b")))))


def data_topology(bench):
    folder = os.path.join(bench.data, "topology")
    if not os.path.isdir(os.path.join(folder, "zoo")):
        print("  skipped: no %s" % folder)
        sys.exit(77)
    return folder


def case_platforms_again(bench):
    """The commands that shipped platforms name give these platforms again, to the byte."""
    folder = data_topology(bench)
    for path in sorted(glob.glob(os.path.join(PLATFORMS, "*.xml"))):
        found = re.search(r"<\?ehrgrid platform (.*?)\?>", read(path))
        if not found:
            continue
        words = shlex.split(found.group(1))
        for place in (os.path.join(folder, "zoo"), folder):
            words = [os.path.join(place, w) if os.path.exists(os.path.join(place, w)) else w
                     for w in words]
        check(read(make(bench, words)) == read(path), "%s differs" % path)
        print("  %s" % os.path.basename(path))


def case_platforms_zoo(bench):
    """Every map of the Topology Zoo at hand is imported, loads, and runs the quickstart's workload:
    with all roles on the sites of the map, and with hospitals hung on it."""
    folder = data_topology(bench)
    for path in sorted(glob.glob(os.path.join(folder, "zoo", "*.graphml"))):
        name = os.path.basename(path)[:-8]
        imported = make(bench, ["import", path])
        sites = hosts_of(imported)
        spread = [sites[i * len(sites) // 7] for i in range(7)]
        hospitals = [("h%d" % i, spread[i], ",".join(spread[i:i + 4]), spread[i + 1], spread[i + 2])
                     for i in range(3)]
        on_sites = run_quickstart(bench, scenario(bench, imported, hospitals, ",".join(spread[3:]),
                                                  (spread[0], spread[6])))
        hung = make(bench, ["generate", "--on", path, "--names", "minsk,grodno,brest"])
        print("  %-13s %3d sites: %s; hung on: %s" % (
            name, len(sites), on_sites, run_quickstart(bench, bench.scenario(platform=hung))))
    for name in ("gcp", "aws"):
        path = make(bench, ["regions", "--matrix", os.path.join(folder, name)])
        hung = make(bench, ["generate", "--on", os.path.join(folder, name), "--names",
                            "minsk,grodno,brest"], "hung.xml")
        print("  %-13s %3d regions; hung on: %s" % (name, len(hosts_of(path)), run_quickstart(
            bench, bench.scenario(platform=hung))))


def broken(bench, words, expected, status=2):
    out = os.path.join(bench.folder, "none.xml")
    done = bench.execute(["platform"] + words + ["--out", out])
    check(done.returncode == status, "%s: exit %d, expected %d\n%s"
          % (words, done.returncode, status, done.stderr))
    check(re.search(expected, done.stderr), "%s: %s, expected %s" % (words, done.stderr, expected))
    left = [n for n in os.listdir(bench.folder) if n.startswith("none.xml")]
    check(not left, "%s leaves %s" % (words, left))


def case_platforms_broken(bench):
    """Broken input and wrong options: exit 2, the line where there is one, nothing left."""
    text = read(os.path.join(GOLDEN, "towns.graphml"))
    path = os.path.join(bench.folder, "broken.graphml")
    for old, new, expected in (
            ('<data key="d4">0.1<', '<data key="d4">0,1<', r"broken.graphml:21: Latitude: 0,1: "),
            ('target="2"/>', 'target="9"/>', r"broken.graphml:27: edge/@target: 9: "),
            ('>2000000.0<', '>-2<', r"broken.graphml:23: LinkSpeedRaw: -2: "),
            ('"undirected"', '"directed"', r"broken.graphml:12: graph/@edgedefault: directed: "),
            ('<edge source="2" target="4">', '<edge source="4" target="4">',
             r"broken.graphml:21: graph: 2 parts .*: East: "),
            ("</graphml>", "", r"broken.graphml:3\d: XML: ")):
        check(old in text, "towns.graphml no longer holds %r" % old)
        write(path, text.replace(old, new))
        broken(bench, ["import", path], expected)
    write(path, text.replace('<edge source="2" target="4">', '<edge source="4" target="4">'))
    for words, notices in (([], True), (["--quiet"], False)):
        done = bench.execute(["platform", "import", path, "--internal"] + words)
        check(("left out (--internal)" in done.stderr) == notices and "2 parts" in done.stderr,
              "%s: %s" % (words, done.stderr))
    for length in range(0, len(text) - 12, 97):  # cut off
        write(path, text[:length])
        broken(bench, ["import", path], r"broken.graphml:\d+: ")
    for words, expected in (
            (["import", "no.graphml"], "no.graphml: file: No such file"),
            (["import", path, "--route-factor", "0.9"], "--route-factor: 0.9: a number from 1"),
            (["regions", "--matrix", bench.folder], "folder: no file "),
            (["regions"], "--matrix PATH is missing"),
            (["generate", "--at", "nowhere"], "--at: place: nowhere: exchange"),
            (["generate", "--names", "exchange,exchange"], "--names: .*each once"),
            (["generate", "--names", "a", "--data-users", "a-home"], "a-home: each name once"),
            (["generate", "--on", QUICKSTART], "quickstart.xml:5: document element: scenario: "),
            (["fly"], "unknown verb fly: import, regions or generate")):
        broken(bench, words, expected)
    for words in (["import", "towns.graphml"], ["regions", "--matrix", "regions.csv"]):
        done = bench.execute(["platform"] + words + ["--out", "/nonexistent/x.xml"], cwd=GOLDEN)
        check(done.returncode == 3, "%s: exit %d, expected 3" % (words, done.returncode))
    full = bench.execute(["platform", "generate", "--out", "/dev/full"])
    check(full.returncode == 2, "no file: exit %d, expected 2" % full.returncode)
