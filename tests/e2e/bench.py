"""What the end-to-end cases share: running the command, reading a folder of results, checks."""
import csv
import filecmp
import os
import re
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
QUICKSTART = os.path.join(ROOT, "scenarios", "quickstart.xml")
MACHINE_COLUMNS = ("wall_s", "peak_rss_bytes")
FLOWS = ("register", "visit", "retrieve", "share", "revoke")
OUTCOMES = ("ok", "refused", "failed", "timeout", "unfinished")


class Failed(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failed(text)


def csv_rows(folder, name):
    with open(os.path.join(folder, name), newline="") as file:
        return list(csv.DictReader(file))


def summary(folder):
    return csv_rows(folder, "summary.csv")[0]


class Bench:
    def __init__(self, arguments):
        self.command = os.path.abspath(arguments.ehrgrid)
        self.tampering_program = arguments.tampering and os.path.abspath(arguments.tampering)
        self.data = arguments.data
        self.full = arguments.full
        self.folder = tempfile.mkdtemp(prefix="ehrgrid-e2e-")
        self.count = 0

    def execute(self, words, **options):
        return subprocess.run([self.command] + words, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, **options)

    def tampering(self, words):
        """What one adversary of tests/tampering did; checks that it ended as stated."""
        check(self.tampering_program, "--tampering is missing")
        done = subprocess.run([self.tampering_program] + words, cwd=ROOT, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        check(done.returncode == 0, "%s: exit %d\n%s%s"
              % (" ".join(words), done.returncode, done.stdout, done.stderr))
        return done.stdout

    def run(self, scenario, sets=(), status=0, extra=()):
        """Runs a scenario to a fresh folder; checks status and, when whole, the accounting."""
        self.count += 1
        out = os.path.join(self.folder, "run-%d" % self.count)
        words = ["run", scenario, "--out", out, "--quiet"] + list(extra)
        for item in sets:
            words += ["--set", item]
        done = self.execute(words)
        check(done.returncode == status, "%s: exit %d, expected %d\n%s%s"
              % (" ".join(words), done.returncode, status, done.stdout, done.stderr))
        if os.path.isdir(out):
            accounting(out)
        return out, done

    def scenario(self, replace=(), name="case", platform=None):
        """The quickstart with texts replaced, on its own platform or on that one (a path)."""
        with open(QUICKSTART) as file:
            text = file.read()
        text = text.replace('"../platforms/', '"%s/platforms/' % ROOT)
        for old, new in replace:
            check(old in text, "quickstart.xml no longer holds %r" % old)
            text = text.replace(old, new)
        if platform:
            text = re.sub(r'platform file="[^"]*"', 'platform file="%s"' % platform, text)
        path = os.path.join(self.folder, "%s-%d.xml" % (name, self.count))
        with open(path, "w") as file:
            file.write(text)
        return path

    def faulty(self, elements, replace=(), platform=None):
        """The quickstart with these faults: elements of <faults>, or none."""
        faults = "<faults>%s</faults></scenario>" % "".join(elements)
        return self.scenario(list(replace) + ([("</scenario>", faults)] if elements else []),
                             "faulty", platform)

    def platform_grown(self, count):
        """three-hospitals.xml with `count` alliance nodes, the new ones beside the fourth."""
        with open(os.path.join(ROOT, "platforms", "three-hospitals.xml")) as file:
            text = file.read()
        for pattern in (r' *<host id="alliance-4".*\n', r' *<route src="alliance-4".*</route>\n'):
            line = re.search(pattern, text).group()
            text = text.replace(line, line + "".join(line.replace("alliance-4", "alliance-%d" % i)
                                                     for i in range(5, count + 1)))
        path = os.path.join(self.folder, "alliance-of-%d.xml" % count)
        with open(path, "w") as file:
            file.write(text)
        return path

    def small(self):
        """Overrides for a run of a second or so, unless --full."""
        return [] if self.full else ["workload/visits/@count=90", "workload/retrievals/@count=30",
                                     "workload/shares/@count=12",
                                     "workload/revocations/@count=2", "run/@duration=1min"]


def accounting(folder):
    row = summary(folder)
    for flow in FLOWS:
        offered = int(row[flow + "_offered"])
        total = sum(int(row["%s_%s" % (flow, outcome)]) for outcome in OUTCOMES)
        check(offered == total, "%s: %s offered %d, outcomes add up to %d"
              % (folder, flow, offered, total))
    requests = csv_rows(folder, "requests.csv")
    for request in requests:
        check((request["outcome"] in ("ok", "unfinished")) == (request["reason"] == "none"),
              "request %(id)s: %(outcome)s, reason %(reason)s" % request)


def tables_equal(first, second):
    """Two folders hold the same results to the byte, but for what names the run or the machine."""
    names = sorted(set(os.listdir(first)) - {"run.json", "summary.csv", "parameters.csv"})
    check(len(names) > 5, "%s: only %s" % (first, names))
    for name in names:
        check(filecmp.cmp(os.path.join(first, name), os.path.join(second, name), shallow=False),
              "%s of %s and %s differ" % (name, first, second))


def counts(folder):
    row = summary(folder)
    return {flow: {o: int(row["%s_%s" % (flow, o)]) for o in ("offered",) + OUTCOMES}
            for flow in FLOWS}


def show_counts(folder):
    for flow, found in counts(folder).items():
        print("  %-9s %s" % (flow, "  ".join("%s %d" % item for item in found.items())))


def no_losses(folder, allowed=()):
    for flow, found in counts(folder).items():
        for outcome in ("failed", "timeout", "unfinished"):
            check(found[outcome] == 0, "%s %s = %d, expected 0" % (flow, outcome, found[outcome]))
        if found["offered"] > 0:
            check(found["ok"] > 0, "%s: none ok of %d" % (flow, found["offered"]))
    reasons = {(r["flow"], r["reason"]) for r in csv_rows(folder, "requests.csv")
               if r["outcome"] != "ok"}
    check(reasons <= set(allowed), "reasons %s, only %s asked for" % (reasons, set(allowed)))


CONSENT = (("share", "consent_denied"),)
