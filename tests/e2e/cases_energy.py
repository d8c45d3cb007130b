"""Energy and load: what SimGrid's plugins tell, compared with power x time and bytes by hand."""
import json
import os

from bench import ROOT, check, csv_rows, summary, tables_equal

ENERGY = os.path.join(ROOT, "scenarios", "energy.xml")
DOCUMENT = '<?xml version="1.0"?>\n<!DOCTYPE platform SYSTEM "https://simgrid.org/simgrid.dtd">\n'
RATE = 1e6  # bytes per second of every link

HOST = '<host id="%s" %s><prop id="wattage_per_state" value="%s"/></host>'
LINK = ('<link id="%s" bandwidth="1MBps" latency="10ms"><prop id="wattage_range" value="10:30"/>'
        '</link>')
ROUTE = '<route src="%s" dst="%s" symmetrical="NO"><link_ctn id="%s"/></route>'


def platform(bench, hosts):
    """Each host with a link to the first one, and one back."""
    first = hosts[0][0]
    names = [host[0] for host in hosts[1:]]
    parts = [HOST % host for host in hosts]
    parts += [LINK % (way + name) for name in names for way in ("from-", "to-")]
    for name in names:
        parts += [ROUTE % (name, first, "from-" + name), ROUTE % (first, name, "to-" + name)]
        parts += ['<route src="%s" dst="%s" symmetrical="NO"><link_ctn id="from-%s"/>'
                  '<link_ctn id="to-%s"/></route>' % (name, other, name, other)
                  for other in names if other != name]
    path = os.path.join(bench.folder, "energy-%d.xml" % len(hosts))
    with open(path, "w") as file:
        file.write('%s<platform version="4.1">\n<zone id="lab" routing="Full">\n%s\n</zone>\n'
                   '</platform>\n' % (DOCUMENT, "\n".join(parts)))
    return path


def scenario(bench, hosts, clients):
    """Raw requests to a replica on each host, which have all answered when the last request ends:
    then nothing is left to be done. Costs are the default ones."""
    path = os.path.join(bench.folder, "ordering-energy-%d.xml" % len(hosts))
    with open(path, "w") as file:
        file.write("""<?xml version="1.0" encoding="UTF-8"?>
<scenario xmlns="urn:ehrgrid:scenario:1" version="1" name="energy-lab">
  <platform file="%s"/>
  <run duration="1min"/>
  <alliance consensus="solo"><nodes hosts="*"/></alliance>
  <workload>
    <ordering client-host="%s" clients="6" outstanding="3" requests="120" bytes="2000"
              client-quorum="n"/>
  </workload>
</scenario>
""" % (platform(bench, hosts), clients))
    return path


class Figures:
    """resources.csv, and what the other files say of the same hosts."""

    def __init__(self, folder):
        self.rows = csv_rows(folder, "resources.csv")
        self.value = {(r["resource"], r["name"], r["metric"]): r["value"] for r in self.rows}
        self.nodes = csv_rows(folder, "nodes.csv")
        self.summary = summary(folder)

    def __call__(self, resource, name, metric):
        return float(self.value[resource, name, metric])

    def busy_s(self, host):
        """Of the nodes on the host; patients' devices are their own."""
        return sum(float(n["busy_s"]) for n in self.nodes
                   if n["host"] == host and n["role"] != "patients")

    def total(self, host, column):
        return sum(int(n[column]) for n in self.nodes if n["host"] == host)


def equal(what, found, expected, relative=1e-6):
    print("  %-34s %.9g, by hand %.9g" % (what, found, expected))
    check(abs(found - expected) <= relative * abs(expected), "%s: %r, by hand %r"
          % (what, found, expected))


def host_by_hand(figures, name, idle_W, all_W, cores):
    """Of a host whose second figure counts only where one core is all it has."""
    window = figures("run", "", "window_s")
    busy = figures.busy_s(name)
    above = (all_W - idle_W) / cores * busy
    equal("%s busy core s" % name, figures("host", name, "busy_core_s"), busy)
    equal("%s load" % name, figures("host", name, "load"), busy / cores / window)
    equal("%s J" % name, figures("host", name, "energy_J"), idle_W * window + above)
    equal("%s J above idle" % name, figures("host", name, "above_idle_J"), above)
    return idle_W * window + above, above


def link_by_hand(figures, name, count):
    window = figures("run", "", "window_s")
    equal("%s bytes" % name, figures("link", name, "bytes"), count)
    equal("%s load" % name, figures("link", name, "load"), count / RATE / window)
    equal("%s J" % name, figures("link", name, "energy_J"), 10 * window + 20 * count / RATE)
    equal("%s J above idle" % name, figures("link", name, "above_idle_J"), 20 * count / RATE)
    return 10 * window + 20 * count / RATE, 20 * count / RATE


def case_energy(bench):
    """Two hosts: joules are power x time by hand, to 1e-6; what was not asked for changes nothing."""
    hosts = [("replica", 'speed="1Gf"', "100.0:120.0:200.0"),
             ("client", 'speed="1Gf" core="4"', "50.0:90.0")]
    path = scenario(bench, hosts, "client")
    out, _ = bench.run(path, ["measure/@energy=all", "measure/@load=all"])
    figures = Figures(out)
    window = figures("run", "", "window_s")
    equal("window s", window, float(figures.summary["sim_time_s"]), 1e-8)
    parts = [host_by_hand(figures, "replica", 100, 200, 1),
             host_by_hand(figures, "client", 50, 90, 4),
             # one node is there, so that all it sends and gets goes over the links
             link_by_hand(figures, "from-client", figures.total("replica", "bytes_in")),
             link_by_hand(figures, "to-client", figures.total("replica", "bytes_out"))]
    check(figures.busy_s("client") > 0 and figures.busy_s("replica") > 0, "a host without work")
    energy, above = (sum(part[k] for part in parts) for k in (0, 1))
    equal("all J", figures("run", "", "energy_J"), energy)
    equal("all J above idle", figures("run", "", "above_idle_J"), above)
    transactions = int(figures.summary["alliance_transactions"])
    check(transactions == 120, "%d transactions" % transactions)
    equal("J per transaction", figures("run", "", "energy_per_alliance_transaction_J"),
          energy / 120)
    equal("J above idle per transaction",
          figures("run", "", "above_idle_per_alliance_transaction_J"), above / 120)
    check(figures.value["run", "", "energy_per_visit_J"] == "", "joules per visit without visits")
    plain, _ = bench.run(path)
    check(not os.path.exists(os.path.join(plain, "resources.csv")), "resources.csv unasked for")
    os.remove(os.path.join(out, "resources.csv"))
    tables_equal(out, plain)
    with open(os.path.join(plain, "run.json")) as file:
        check("measure" not in json.load(file), "run.json says what was not asked for")


def case_energy_speeds(bench):
    """A host at half its speed draws what it says of that; others only what was asked for."""
    hosts = [("replica", 'speed="1Gf"', "100.0:200.0"),
             ("slow", 'speed="1Gf,500Mf" pstate="1" core="2"', "50.0:90.0,30.0:44.0"),
             ("quick", 'speed="1Gf" core="2"', "10.0:20.0")]
    path = scenario(bench, hosts, "slow quick")
    out, _ = bench.run(path, ["measure/@energy=hosts", "measure/@load=hosts"])
    figures = Figures(out)
    host_by_hand(figures, "replica", 100, 200, 1)
    host_by_hand(figures, "slow", 30, 44, 2)
    host_by_hand(figures, "quick", 10, 20, 2)
    equal("slow flops", figures("host", "slow", "flops"), 5e8 * figures.busy_s("slow"))
    check({r["resource"] for r in figures.rows} == {"host", "hosts", "run"}, "links unasked for")
    with open(os.path.join(out, "run.json")) as file:
        asked = json.load(file)["measure"]
    check(asked == {"energy": "hosts", "load": "hosts"}, "run.json: %s" % asked)


def case_energy_visits(bench):
    """scenarios/energy.xml: joules per visit by hand, as docs/energy.md, the table and --json say."""
    out, _ = bench.run(ENERGY)
    figures = Figures(out)
    clinic = host_by_hand(figures, "clinic", 2.1, 6.41, 4)
    centre = host_by_hand(figures, "centre", 60, 150, 8)
    above = clinic[1] + centre[1]
    equal("hosts J above idle", figures("hosts", "", "above_idle_J"), above)
    lines = figures("links", "", "above_idle_J")
    visits = int(figures.summary["visit_ok"])
    check(visits == 20, "%d visits" % visits)
    equal("J above idle per visit", figures("run", "", "above_idle_per_visit_J"),
          (above + lines) / visits)
    done = bench.execute(["run", ENERGY, "--out", os.path.join(bench.folder, "json"), "--json"])
    said = json.loads(done.stdout)["resources"]
    equal("--json", said["per_visit"]["energy_J"], figures("run", "", "energy_per_visit_J"))
    done = bench.execute(["run", ENERGY, "--out", os.path.join(bench.folder, "table")])
    line = "energy per visit: %.4g J, %.4g J above idle" % (
        figures("run", "", "energy_per_visit_J"), figures("run", "", "above_idle_per_visit_J"))
    check(line in done.stdout, "%r is not in\n%s" % (line, done.stdout))
    with open(os.path.join(ROOT, "docs", "energy.md")) as file:
        page = file.read()
    for metric in ("energy_per_visit_J", "above_idle_per_visit_J"):
        text = "| %s |" % format(figures("run", "", metric), "#.3g")
        check(text in page, "docs/energy.md lacks %r" % text)


def case_energy_refused(bench):
    """Asked for what cannot be: the platform or the fidelity is named, and nothing is run."""
    quickstart = os.path.join(ROOT, "scenarios", "quickstart.xml")
    for sets, part in (
            (["measure/@energy=hosts"], "three-hospitals.xml: host alliance-1: prop "
             "wattage_per_state: missing: IDLE:ALL or IDLE:EPSILON:ALL in watts"),
            (["measure/@energy=links"], "three-hospitals.xml: no link draws any: prop wattage_range"),
            (["measure/@load=all", "network/@fidelity=queue"], "measure/@load: given with fidelity "
             "queue: none, or network/@fidelity flow")):
        out, done = bench.run(quickstart, sets, status=2)
        print("  %s" % done.stderr.strip())
        check(part in done.stderr, "wanted %r" % part)
        check("Backtrace" not in done.stderr and not os.path.exists(out), "not refused cleanly")
