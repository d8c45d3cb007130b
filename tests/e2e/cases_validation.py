"""Published measurements: the command that compares, and the same figures by hand."""
import os
import subprocess

from bench import ROOT, check, csv_rows

REGIONS = ("oregon", "ireland", "sao-paulo", "sydney")
# Round trips in us, row = from (scenarios/validation, docs/validation.md).
RTT_US = ((0, 123500, 178800, 142100), (123500, 0, 181700, 259000),
          (178800, 181100, 0, 313000), (142100, 259000, 313000, 0))
QUORUM = 3


def validate(bench, words):
    return subprocess.run([os.path.join(ROOT, "scripts", "validate"), "--ehrgrid", bench.command]
                          + words, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def case_validation(bench):
    """scripts/validate: every published figure within 3 %, and a smaller tolerance is exceeded."""
    done = validate(bench, [] if bench.full else ["--up-to", "32"])
    print("  " + done.stdout.replace("\n", "\n  ").rstrip())
    check(done.returncode == 0, "exit %d\n%s" % (done.returncode, done.stderr))
    for name, figures in ([("bft-smart-" + region, 1) for region in REGIONS] +
                          [("hotstuff-%d" % n, 4) for n in (4, 8, 16, 32)]):  # and without costs
        lines = [line for line in done.stdout.split("\n") if line.startswith(name + " ")]
        check(len(lines) >= figures and all("%" in line for line in lines),
              "%s: not compared: %s" % (name, lines))
    done = validate(bench, ["--only", "bft-smart", "--tolerance", "2"])
    check(done.returncode == 1 and "allowed 2.00 %" in done.stdout,
          "errors above 2 %% give exit %d, expected 1" % done.returncode)
    done = validate(bench, ["--ehrgrid", "/nonexistent"])
    check(done.returncode == 2 and "no ehrgrid (/nonexistent)" in done.stderr,
          "no program gives exit %d, expected 2: %s" % (done.returncode, done.stderr))


def one_way(a, b):
    return RTT_US[a][b] * 1000 // 2


def third(times):
    return sorted(times)[QUORUM - 1]


def by_hand(client):
    """ns from the proposal to the commit at the leader (0), and from request to reply."""
    n = range(4)
    proposed = [one_way(0, i) for i in n]
    prepared = [third(proposed[j] + one_way(j, i) for j in n) for i in n]
    committed = [third(prepared[j] + one_way(j, i) for j in n) for i in n]
    replies = third(committed[i] + one_way(i, client) for i in n)
    return committed[0], one_way(client, 0) + replies


def case_validation_by_hand(bench):
    """BFT-SMaRt on a network with as good as unlimited bandwidth takes, to the nanosecond, what
    follows from the table of round trips: the third vote of each phase, the third reply."""
    with open(os.path.join(ROOT, "platforms", "regions-aws.xml")) as file:
        text = file.read().replace('"1Gbps"', '"1000000TBps"').replace('"1TBps"', '"1000000TBps"')
    platform = os.path.join(bench.folder, "regions-aws.xml")
    with open(platform, "w") as file:
        file.write(text)
    for client, region in enumerate(REGIONS):
        source = os.path.join(ROOT, "scenarios", "validation", "bft-smart-%s.xml" % region)
        with open(source) as file:
            text = file.read().replace("../../platforms/regions-aws.xml", platform)
        path = os.path.join(bench.folder, "bft-smart-%s.xml" % region)
        with open(path, "w") as file:
            file.write(text)
        out, _ = bench.run(path, ["workload/ordering/@requests=50"])
        consensus = {round(1e9 * float(b["committed_first_s"])) - round(1e9 * float(b["proposed_s"]))
                     for b in csv_rows(out, "blocks.csv")}
        latency = {round(1e9 * float(r["end_s"])) - round(1e9 * float(r["start_s"]))
                   for r in csv_rows(out, "requests.csv")}
        print("  %-9s consensus %s ns, latency %s ns; by hand %d and %d"
              % ((region, sorted(consensus), sorted(latency)) + by_hand(client)))
        check((consensus, latency) == ({by_hand(client)[0]}, {by_hand(client)[1]}), "not equal")
