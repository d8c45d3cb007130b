"""Reports: pages that need no network, stand without a script, and say what to be warned of."""
import csv
import html
import html.parser
import json
import os
import re
import shlex
import shutil
import sys

from bench import ROOT, check, csv_rows, summary
from browser import Browser, browser_find

CHART_JS = "/usr/share/javascript/chart.js/chart.min.js"
VOID = {"meta", "br", "hr", "img", "input", "link"}


class Page(html.parser.HTMLParser):
    """A page as a list of what a test asks for: texts of cells by table, ids, URLs."""

    def __init__(self, path):
        super().__init__()
        self.open, self.urls, self.ids, self.tables, self.text = [], [], [], [], []
        with open(path, encoding="utf-8") as file:
            self.source = file.read()
        self.feed(self.source)
        self.close()
        check(not self.open, "%s: not closed: %s" % (path, self.open))

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        check(len(names) == len(set(names)), "<%s %s>: an attribute twice" % (tag, names))
        attributes = dict(attributes)
        for name in ("src", "href", "data", "action", "srcset", "poster"):
            if name in attributes:
                self.urls.append(attributes[name])
        check(not any(name.startswith("on") for name in attributes), "<%s %s>" % (tag, attributes))
        self.ids.append(attributes.get("id"))
        if tag == "table":
            self.tables.append({"caption": "", "rows": []})
        elif tag == "tr":
            self.tables[-1]["rows"].append([])
        elif tag in ("td", "th"):
            self.tables[-1]["rows"][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        check(self.open and self.open[-1] == tag, "</%s> where %s are open" % (tag, self.open))
        self.open.pop()

    def handle_data(self, data):
        if "script" not in self.open and "style" not in self.open:
            self.text.append(data)
        if "caption" in self.open:
            self.tables[-1]["caption"] += data
        elif "td" in self.open or "th" in self.open:
            self.tables[-1]["rows"][-1][-1] += data

    def table(self, caption):
        found = [t["rows"] for t in self.tables if t["caption"].startswith(caption)]
        check(len(found) == 1, "%d tables %r" % (len(found), caption))
        return {row[0]: dict(zip(found[0][0], row)) for row in found[0][1:]}

    def words(self):
        return " ".join("".join(self.text).split())

    def warnings(self):
        return re.findall(r'<li class="(?:warning|note)"><strong>(.*?)</strong>', self.source)


def report(bench, folder, words=(), status=0, **options):
    done = bench.execute(["report", folder] + list(words), **options)
    check(done.returncode == status, "report %s: exit %d, expected %d\n%s%s"
          % (folder, done.returncode, status, done.stdout, done.stderr))
    return done


def alone(page):
    """Nothing that a browser would fetch."""
    for url in page.urls:
        check(url.startswith("data:"), "the page fetches %s" % url[:80])
    styles = re.findall(r"<style>(.*?)</style>", page.source, re.S)
    check(len(styles) == 1 and "url(" not in styles[0] and "@import" not in styles[0], "styles")
    check("default-src 'none'" in page.source, "no policy")


def chart_js_or_skip():
    if not os.path.exists(CHART_JS):
        print("  skipped: no %s (libjs-chart.js)" % CHART_JS)
        sys.exit(77)


def without_charts(**more):
    return dict(os.environ, EHRGRID_CHARTJS="/nonexistent/chart.js", **more)


def case_report(bench):
    """The page of a small run holds the figures of its files, fetches nothing, is the same again,
    and its command gives the same run; where it has no figures it says why."""
    folder, _ = bench.run(bench.scenario(), bench.small())
    done = report(bench, folder, env=without_charts())
    check("no interactive figures: /nonexistent/chart.js" in done.stderr, done.stderr)
    path = os.path.join(folder, "report.html")
    page, row = Page(path), summary(folder)
    alone(page)
    check("<script" not in page.source, "a script without the library")
    latency = page.table("Latency")["visit"]
    print("  visit: %s" % latency)
    for column in ("mean", "p50", "p95", "p99", "max"):
        check(latency[column] == "%.4g" % float(row["visit_lat_%s_s" % column]),
              "%s %s, in summary.csv %s" % (column, latency[column], row["visit_lat_%s_s" % column]))
    for flow, cells in page.table("Measured requests").items():
        for outcome in ("offered", "ok", "refused", "unfinished"):
            check(cells[outcome] == row["%s_%s" % (flow, outcome)], "%s %s" % (flow, cells))
    refused = [r for r in csv_rows(folder, "requests.csv") if r["outcome"] == "refused"]
    if refused:
        check(sum(int(r["requests"]) for r in page.table("Why").values()) == len(refused), "reasons")
    tiers = page.table("Chains by tier")
    check(tiers["alliance"]["blocks"] == row["alliance_blocks"], str(tiers))
    check("few requests" in page.warnings(), str(page.warnings()))
    first = page.source
    report(bench, folder, ["--quiet"], env=without_charts())
    check(Page(path).source == first, "the second page differs")
    repeat(bench, folder, page)
    unhappy(bench, folder)


def repeat(bench, folder, page):
    """The command of the page, as it is written there."""
    words = shlex.split(html.unescape(
        re.search(r"<li>The run: <code>(.*?)</code>", page.source).group(1)))
    check(words[:2] == ["ehrgrid", "run"] and words[-2] == "--out", str(words))
    words[-1] = os.path.join(bench.folder, "again")
    done = bench.execute(words[1:] + ["--quiet"])
    check(done.returncode == 0, done.stderr)
    for name in ("requests.csv", "blocks.csv", "parameters.csv"):
        with open(os.path.join(folder, name)) as one, open(os.path.join(words[-1], name)) as other:
            check(one.read() == other.read(), "%s differs" % name)


def unhappy(bench, folder):
    empty = os.path.join(bench.folder, "empty")
    os.mkdir(empty)
    done = report(bench, empty, status=2)
    check("neither the folder of a run" in done.stderr, done.stderr)
    check(os.listdir(empty) == [], "left %s" % os.listdir(empty))
    done = report(bench, os.path.join(bench.folder, "nowhere"), status=2)
    broken = os.path.join(bench.folder, "broken")
    shutil.copytree(folder, broken)
    os.remove(os.path.join(broken, "report.html"))
    with open(os.path.join(broken, "requests.csv"), "a") as file:
        file.write("1,visit\n")
    done = report(bench, broken, status=2)
    check("requests.csv:" in done.stderr and not os.path.exists(broken + "/report.html"),
          done.stderr)
    done = report(bench, folder, ["--out", os.path.join(bench.folder, "no", "page.html")], status=3)
    # neither Chart.js nor gnuplot
    done = report(bench, folder, env=without_charts(PATH="/nonexistent"))
    check("no still figures" in done.stderr, done.stderr)
    check("There are no figures" in Page(os.path.join(folder, "report.html")).words(), "no word")


def case_report_static(bench):
    """--static: still figures within the page, no script, even where there is Chart.js."""
    if not shutil.which("gnuplot"):
        print("  skipped: gnuplot is not installed")
        sys.exit(77)
    folder, _ = bench.run(bench.scenario(), bench.small())
    report(bench, folder, ["--static"])
    page = Page(os.path.join(folder, "report.html"))
    alone(page)
    figures = [n for n in os.listdir(os.path.join(folder, "figures")) if n.endswith(".svg")]
    print("  %d figures, %d bytes" % (len(page.urls), len(page.source)))
    check(len(page.urls) == len(figures) >= 3, "%d of %s" % (len(page.urls), figures))
    check(all(url.startswith("data:image/svg+xml,%3C") for url in page.urls), "no SVG")
    check("<script" not in page.source, "a script")


HOSTILE = "</script><script>window.broken=1</script><img src=x onerror='window.broken=2'>\"&"


def hostile_make(bench):
    """A folder of results in which whatever is a text is an attack."""
    folder, _ = bench.run(bench.scenario(), bench.small())
    path = os.path.join(folder, "run.json")
    with open(path) as file:
        run = json.load(file)
    run.update(scenario=HOSTILE, sha256=HOSTILE, version=HOSTILE, reason=HOSTILE,
               command=["run", HOSTILE], parameters=[{"path": HOSTILE, "value": HOSTILE}])
    run["inputs"][0].update(path=HOSTILE, text=HOSTILE)
    run["chains"][0].update(chain=HOSTILE, engine=HOSTILE)
    run["facts"]["ended_wrongly"] = 1
    with open(path, "w") as file:
        json.dump(run, file)
    quoted = '"%s"' % HOSTILE.replace('"', '""')
    with open(os.path.join(folder, "faults.csv"), "a") as file:
        file.write("1,crash,%s,%s,1.000000000,2.000000000\n" % (quoted, quoted))
    for name, column in (("nodes.csv", "node"), ("blocks.csv", "chain"), ("messages.csv", "type")):
        rows = csv_rows(folder, name)
        rows[0][column] = HOSTILE
        with open(os.path.join(folder, name), "w", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def case_report_hostile(bench):
    """Texts of a scenario stay texts: nothing of them is an element, a script or an address."""
    folder = hostile_make(bench)
    report(bench, folder)
    page = Page(os.path.join(folder, "report.html"))
    alone(page)
    check(page.words().count("window.broken=1") >= 8, "the texts are not shown")
    scripts = re.findall(r"<script[^>]*>", page.source)
    print("  %d scripts, %d warnings" % (len(scripts), len(page.warnings())))
    check(len(scripts) == (3 if os.path.exists(CHART_JS) else 0), str(scripts))
    check("ended wrongly" in page.warnings(), str(page.warnings()))
    if os.path.exists(CHART_JS) and browser_find():
        browser = Browser(bench.folder)
        browser.load(os.path.join(folder, "report.html"))
        check(browser.evaluate("typeof window.broken") == "undefined", "a script of the scenario ran")
        check(browser.errors == [], str(browser.errors))
        browser.close()


VISIBLE = """Array.from(document.querySelectorAll("#figure-%s canvas")).map(function (canvas) {
    var chart = Chart.getChart(canvas);
    return chart.data.datasets.filter(function (set, i) { return chart.isDatasetVisible(i); })
        .map(function (set) { return set.label; });
})"""


def case_report_browser(bench):
    """Headless Chromium, no network: no error on the console, nothing fetched; a click on a series
    takes it out of its figure, one on a flow leaves that alone; without scripts the tables stand."""
    chart_js_or_skip()
    if not browser_find():
        print("  skipped: chromium is not installed")
        sys.exit(77)
    folder, _ = bench.run(bench.scenario(), bench.small())
    report(bench, folder)
    path = os.path.join(folder, "report.html")
    alone(Page(path))
    browser = Browser(bench.folder)
    try:
        browser.load(path)
        look(browser, path)
    finally:
        browser.close()


def look(browser, path):
    before = browser.evaluate(VISIBLE % "latency-cdf")[0]
    print("  latency: %s" % before)
    check(len(before) >= 3 and before[1].startswith("visit"), str(before))
    drawn = browser.evaluate("Array.from(document.querySelectorAll('canvas')).every(function (c) {"
                             "return Chart.getChart(c) && c.width > 100 && c.height > 50; })")
    check(drawn, "a canvas without a chart")
    browser.click("#figure-latency-cdf .choices button:nth-of-type(2)")
    after = browser.evaluate(VISIBLE % "latency-cdf")[0]
    print("  after a click: %s" % after)
    check(after == before[:1] + before[2:], str(after))
    others = browser.evaluate(VISIBLE % "throughput")
    browser.click("#figure-latency-cdf .choices button:nth-of-type(2)")
    check(browser.evaluate(VISIBLE % "latency-cdf")[0] == before, "it did not come back")
    browser.click("button.flow[data-flow=retrieve]")
    flow = browser.evaluate(VISIBLE % "latency-cdf")[0]
    check([name.split()[0] for name in flow] == ["retrieve"], str(flow))
    check("visit" not in sum(browser.evaluate(VISIBLE % "throughput"), []), "visits are shown")
    browser.click("button.flow[data-flow=retrieve]")
    check(browser.evaluate(VISIBLE % "throughput") == others, "the other figure did not come back")
    check(browser.errors == [], str(browser.errors))
    check(browser.requests == ["file://" + path], str(browser.requests))
    browser.script(on=False)
    browser.load(path)
    browser.script(on=True)
    check(browser.evaluate("document.querySelectorAll('table').length") >= 6, "tables")
    check(browser.evaluate("document.body.innerText.indexOf('script of this page, which is off')") > 0,
          "no word on the script")


def overload(bench, rate):
    """PBFT with a block a request, whose replicas write for 30 ms a block: 33 requests/s."""
    folder, _ = bench.run(os.path.join(ROOT, "scenarios", "sweep.xml"), [
        "alliance/@batch=1", "alliance/@consensus=pbft", "storage/@write=10ms",
        "run/@duration=10s", "run/@warmup=1s", "workload/ordering/@rate=%d/s" % rate])
    report(bench, folder)
    return folder, Page(os.path.join(folder, "report.html"))


def case_report_saturation(bench):
    """Half of what the system can do, and twice as much: the second report says that it saturates,
    and shows offered against committed; the first one does not."""
    for rate, saturated in ((16, False), (66, True)):
        folder, page = overload(bench, rate)
        load = page.table("Offered against committed")["ordering"]
        print("  %d/s: %s %s" % (rate, page.warnings(), load))
        check(("saturated" in page.warnings()) == saturated, str(page.warnings()))
        offered, ok = float(load["offered/s"]), float(load["ended ok/s"])
        check((ok < 0.7 * offered) == saturated, "%g of %g" % (ok, offered))
        check(load["saturated"] == ("yes" if saturated else "no"), str(load))
        check("No faults." in page.words(), "faults")
        check(float(summary(folder)["ordering_offered_per_s"]) > 0, "nothing was offered")


def case_report_sweep(bench):
    """The page of a sweep has the means and intervals of aggregate.csv, names the points that
    saturate and the runs that are missing or do not go together, and its command is the design's."""
    if not shutil.which("parallel"):
        print("  skipped: GNU parallel is not installed")
        sys.exit(77)
    folder = os.path.join(bench.folder, "sweep")
    scenario = os.path.join(ROOT, "scenarios", "sweep.xml")
    sets = ["storage/@write=10ms", "run/@duration=6s", "run/@warmup=1s", "run/@replications=2",
            "workload/ordering/@rate=66/s"]
    words = sum((["--set", item] for item in sets), [])
    for path, values in (("alliance/@consensus", "pbft"), ("alliance/@batch", "1,100")):
        words += ["--set", "sweep/vary[@parameter='%s']/@values=%s" % (path, values)]
    done = bench.execute(["sweep", scenario, "--out", folder, "--quiet"] + words)
    check(done.returncode == 0, done.stderr)
    report(bench, folder)
    page = Page(os.path.join(folder, "report.html"))
    alone_in_sweep(bench, folder, page)
    if os.path.exists(CHART_JS) and browser_find():
        browser = Browser(bench.folder)
        browser.load(os.path.join(folder, "report.html"))
        check(browser.errors == [] and len(browser.requests) == 1, str(browser.errors))
        before = browser.evaluate(VISIBLE % "latency-cdf")[0]
        browser.click("#figure-latency-cdf .choices button")
        check(browser.evaluate(VISIBLE % "latency-cdf")[0] == before[1:], str(before))
        browser.close()
    rows = page.table("ordering")
    print("  %s\n  %s" % (rows["1"], page.warnings()))
    check((rows["1"]["saturated"], rows["2"]["saturated"]) == ("2 of 2", "0 of 2"), str(rows))
    check(page.warnings() == ["saturated", "few replications", "few requests"],
          str(page.warnings()))
    check("2 runs: point 1 (2 of 2). Their" in page.words(), "the point that saturates")
    summary_change(folder, lambda rows: rows.pop())
    report(bench, folder)
    page = Page(os.path.join(folder, "report.html"))
    check("1 run of the design: point 2 (1 of 2)." in page.words(), str(page.warnings()))
    summary_change(folder, lambda rows: rows[0].update(version="9.9"))
    report(bench, folder)
    page = Page(os.path.join(folder, "report.html"))
    check("mixed runs" in page.warnings(), str(page.warnings()))
    check("There are no figures:" in page.words(), "figures of runs that do not go together")
    shutil.rmtree(os.path.join(folder, "runs"))
    report(bench, folder)
    check("folders of the runs are not there" in
          Page(os.path.join(folder, "report.html")).words(), "no word on the folders")
    path = os.path.join(folder, "design.csv")
    with open(path) as file:
        design = file.read()
    with open(path, "w") as file:
        file.write(design.replace(",100,", ",alliance-1 alliance-2  alliance-4,"))
    report(bench, folder)
    check(Page(os.path.join(folder, "report.html")).table("ordering")["2"]["alliance/@batch"] ==
          "alliance-1 .. alliance-4 (3)", "a list of hosts in a table")


def alone_in_sweep(bench, folder, page):
    """Against aggregate.csv, and the command that prints the design."""
    alone(page)
    check(bench.execute(["aggregate", folder, "--quiet"]).returncode == 0, "aggregate")
    for row in csv_rows(folder, "aggregate.csv"):
        if row["metric"] != "ordering_lat_p95_s":
            continue
        half = (float(row["high"]) - float(row["low"])) / 2 * 1e3
        cell = "%.4g \u00b1 %s" % (float(row["mean"]) * 1e3,
                                   ("%.2g" if half < 99.5 else "%.0f") % half)
        check(page.table("ordering")[row["point"]]["p95, ms"] == cell, "%s: %s" % (cell, row))
    words = shlex.split(html.unescape(
        re.search(r"<li>The design: <code>(.*?)</code>", page.source).group(1)))
    done = bench.execute(words[1:])
    with open(os.path.join(folder, "design.csv")) as file:
        check(done.stdout == file.read(), "%s: %s" % (words, done.stderr))


def summary_change(folder, change):
    path = os.path.join(folder, "summary.csv")
    rows = csv_rows(folder, "summary.csv")
    change(rows)
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
