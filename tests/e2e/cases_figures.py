"""Figures of runs and sweeps: files, what is in them, and that they are the same every time."""
import csv
import hashlib
import json
import os
import shutil
import sys
import xml.etree.ElementTree as xml

from bench import check, csv_rows
from cases_sweeps import scenario

SIGNATURES = {"png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}


def gnuplot_or_skip():
    if shutil.which("gnuplot") is None:
        print("skipped: gnuplot is not installed")
        sys.exit(77)


def texts(path):
    """All texts of an SVG, joined; it is well-formed XML or the parser says so."""
    root = xml.parse(path).getroot()
    check(root.tag == "{http://www.w3.org/2000/svg}svg", "%s: %s" % (path, root.tag))
    return "\n".join("".join(text.itertext()).strip()
                     for text in root.iter("{http://www.w3.org/2000/svg}text"))


def content(path):
    with open(path, "rb") as file:
        return file.read()


def figures_check(folder, names, sha256):
    """Exactly these figures; each of them whole in every format, with caption and legend."""
    there = sorted(os.listdir(folder))
    check(there == sorted("%s.%s" % (name, suffix) for name in names
                          for suffix in ("csv", "svg", "png", "pdf")), "figures: %s" % there)
    for name in names:
        path = os.path.join(folder, name)
        for suffix, signature in SIGNATURES.items():
            data = content("%s.%s" % (path, suffix))
            check(data.startswith(signature), "%s.%s: %r" % (name, suffix, data[:8]))
            check(b"CreationDate" not in data, "%s.%s has a date" % (name, suffix))
        check(content(path + ".pdf").rstrip().endswith(b"%%EOF"), "%s.pdf is cut" % name)
        text = texts(path + ".svg")
        check("sha256 %s" % sha256[:12] in text, "%s.svg: no hash in\n%s" % (name, text))
        with open(path + ".csv", newline="") as file:
            rows = list(csv.DictReader(file))
        check(rows, "%s.csv is empty" % name)
        panels = {(row["panel"], row["series"]) for row in rows if row["panel"] != "fault"}
        for panel, series in panels:
            alone = len([p for p in panels if p[0] == panel]) == 1
            check(alone or series in text, "%s.svg: the legend lacks %s" % (name, series))


def same(first, second):
    """The same bytes; but for PDF of cairo 1.18, which compresses the moment it was made."""
    for name in sorted(os.listdir(first)):
        data = content(os.path.join(first, name))
        if name.endswith(".pdf") and b"/ObjStm" in data:
            continue
        check(data == content(os.path.join(second, name)),
              "%s: other bytes the second time" % name)


def sha256_of(path):
    return hashlib.sha256(content(path)).hexdigest()


def case_figures_sweep(bench):
    """Load, committee and engine: an L curve, real numbers of nodes, means as aggregate has them."""
    gnuplot_or_skip()
    path = scenario(bench, """<sweep><vary parameter="workload/ordering/@rate" values="400/s,100/s"/>
        <vary parameter="alliance/nodes/@hosts" values="alliance-1, alliance-*"/></sweep>""", 3)
    out = os.path.join(bench.folder, "figures")
    done = bench.execute(["sweep", path, "--out", out, "--quiet"])
    check(done.returncode == 0, "sweep: exit %d\n%s" % (done.returncode, done.stderr))
    target, words = os.path.join(out, "figures"), ["--format", "svg,png,pdf"]
    names = ["l-curve", "offered", "committee", "messages", "phases", "latency-cdf"]
    done = bench.execute(["plot", out] + words)
    check(done.returncode == 0, "plot: exit %d\n%s" % (done.returncode, done.stderr))
    check(done.stdout == "%s: %s\n" % (" ".join(names), target), "plot said %s" % done.stdout)
    figures_check(target, names, sha256_of(path))
    again = os.path.join(bench.folder, "again")
    bench.execute(["plot", out, "--out", again] + words)
    same(target, again)
    done = bench.execute(["plot", out, "--out", again, "--only", "offered", "--json"])
    told = json.loads(done.stdout)["figures"]
    check([figure["name"] for figure in told] == ["offered"] and
          told[0]["files"] == [os.path.join(again, "offered." + suffix)
                               for suffix in ("svg", "png", "csv")], "--json: %s" % told)

    done = bench.execute(["aggregate", out, "--quiet"])
    check(done.returncode == 0, "aggregate: %s" % done.stderr)
    means = {(row["workload/ordering/@rate"], row["alliance/nodes/@hosts"]): row
             for row in csv_rows(out, "aggregate.csv") if row["metric"] == "ordering_lat_mean_s"}
    rows = [row for row in csv_rows(target, "committee.csv") if "mean" in row["panel"]]
    check(len(rows) == 4, "rows %s" % rows)
    for row in rows:
        expected = means[row["series"].split()[1], {"1": "alliance-1", "4": "alliance-*"}[row["x"]]]
        scale = {"s": 1, "ms": 1e3, "µs": 1e6}[row["y_unit"]]
        for drawn, computed in (("y", "mean"), ("low", "low"), ("high", "high")):
            check(abs(float(row[drawn]) - scale * float(expected[computed])) <=
                  1e-8 * abs(float(row[drawn])), "%s of %s, expected %s" % (drawn, row, expected))
        check(row["n"] == "3", "n of %s" % row)
    curve = csv_rows(target, "l-curve.csv")
    for series in {row["series"] for row in curve}:
        load = [float(row["x"]) for row in curve
                if row["series"] == series and "median" in row["panel"]]
        check(load == sorted(load) and len(load) == 2, "%s: %s" % (series, load))


def case_figures_refused(bench):
    """One sentence and the right status; nothing is left."""
    path = scenario(bench, "", 1)
    out, _ = bench.run(path)
    target = os.path.join(out, "figures")
    uncollected = os.path.join(bench.folder, "uncollected")
    os.mkdir(uncollected)
    with open(os.path.join(uncollected, "design.csv"), "w"):
        pass
    done = bench.execute(["report", uncollected])
    check(done.returncode == 2 and "not collected" in done.stderr, done.stderr)
    done = bench.execute(["aggregate", uncollected])
    check(done.returncode == 2 and "not collected" in done.stderr, done.stderr)
    for words, status, what in (
            ([out, "--format", "svg,gif"], 2, "gif"),
            ([out, "--only", "l-curve"], 2, "no figure l-curve"),
            ([out, "--x", "alliance/@batch"], 2, "not a sweep"),
            ([out, out], 2, "DIR"),
            ([os.path.join(out, "none")], 2, "none: No such file"),
            ([path], 2, "not a folder of results"),
            ([uncollected], 2, "--resume makes"),
            ([bench.folder], 2, "neither the folder of a run")):
        done = bench.execute(["plot"] + words)
        check(done.returncode == status and what in done.stderr and done.stdout == "",
              "%s: exit %d\n%s" % (words, done.returncode, done.stderr))
        check(not os.path.exists(target), "%s left %s" % (words, target))
    nothing = os.path.join(bench.folder, "nothing")
    os.mkdir(nothing)
    done = bench.execute(["plot", out], env=dict(os.environ, PATH=nothing))
    check(done.returncode == 3 and "gnuplot-nox" in done.stderr and
          done.stderr.count("\n") == 1, "without gnuplot: %d\n%s" % (done.returncode, done.stderr))
    check(not any("figures" in name for name in os.listdir(out)), "left: %s" % os.listdir(out))
    gnuplot_or_skip()
    with open(os.path.join(bench.folder, "file"), "w"):
        pass
    done = bench.execute(["plot", out, "--out", os.path.join(bench.folder, "file", "figures")])
    check(done.returncode == 3 and "Not a directory" in done.stderr, "a file for a folder: %d\n%s"
          % (done.returncode, done.stderr))
