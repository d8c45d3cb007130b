"""Faults of the network and of machines: partitions, loss, delay spikes, slow hosts, links."""
from bench import (CONSENT, check, counts, csv_rows, no_losses, show_counts, summary,
                   tables_equal)


def faulty(bench, faults, fidelity="flow"):
    """The quickstart with these faults."""
    return bench.faulty([faults], [('fidelity="flow"', 'fidelity="%s"' % fidelity)])


def median(values):
    values = sorted(values)
    return values[len(values) // 2] if values else 0.0


def latencies(out, begin, end, flow="visit"):
    return [float(r["end_s"]) - float(r["start_s"]) for r in csv_rows(out, "requests.csv")
            if r["flow"] == flow and r["outcome"] == "ok" and begin <= float(r["start_s"]) < end]


def named(out):
    """Every request ended, and for a stated reason."""
    for flow, found in counts(out).items():
        check(found["unfinished"] == 0, "%s unfinished %d" % (flow, found["unfinished"]))
    reasons = {(r["flow"], r["outcome"], r["reason"]) for r in csv_rows(out, "requests.csv")
               if r["outcome"] != "ok"}
    print("  not ok: %s" % sorted(reasons))


def lost(out):
    return sum(int(r["count"]) for r in csv_rows(out, "messages.csv") if r["direction"] == "lost")


def case_partition_heals(bench):
    """One alliance node alone for 20 s, in every fidelity: nothing ends otherwise; it catches up."""
    for fidelity in ("flow", "queue", "delay"):
        for host in ("alliance-1", "alliance-4"):  # the first primary; a backup
            fault = '<partition groups="%s|rest" at="15s" heal="35s"/>' % host
            out, done = bench.run(faulty(bench, fault, fidelity), bench.small())
            no_losses(out, CONSENT)
            check("left behind" not in done.stderr, done.stderr)
            rows = csv_rows(out, "faults.csv")
            check([(r["kind"], r["target"], r["begin_s"], r["end_s"]) for r in rows] ==
                  [("partition", host + "|rest", "15.000000000", "35.000000000")], "%s" % rows)
            check(lost(out) > 0, "no message was lost")
            late = [r for r in csv_rows(out, "requests.csv") if float(r["start_s"]) > 36]
            ok = sum(r["outcome"] == "ok" for r in late)
            print("  %-5s %s apart: %d messages lost, view changes %s, ok after it: %d"
                  % (fidelity, host, lost(out), summary(out)["alliance_view_changes"], ok))
            check(ok > 0, "nothing went on")


def case_loss(bench):
    """Two of a hundred messages are lost, everywhere and always: all requests end."""
    out, _ = bench.run(faulty(bench, '<loss probability="0.02"/>', "delay"), bench.small())
    show_counts(out)
    named(out)
    sent = sum(int(r["count"]) for r in csv_rows(out, "messages.csv") if r["direction"] == "out")
    share = lost(out) / sent
    print("  lost %d of %d messages: %.4f" % (lost(out), sent, share))
    check(0.015 < share < 0.025, "not the share that was asked for")
    found = counts(out)
    check(found["visit"]["ok"] == found["visit"]["offered"], "a visit failed")
    again, _ = bench.run(faulty(bench, '<loss probability="0.02"/>', "delay"), bench.small())
    tables_equal(out, again)


def case_loss_heavy(bench):
    """Five of a hundred messages are lost, then ten: PBFT asks for what it lacks and goes on."""
    middle = ["workload/visits/@count=300", "workload/retrievals/@count=90",
              "workload/shares/@count=20", "run/@duration=4min"]
    for percent, sets in ((5, middle), (10, bench.small())):
        loss = '<loss probability="%.2f"/>' % (percent / 100)
        out, _ = bench.run(faulty(bench, loss, "delay"), [] if bench.full else sets)
        print("  %d %% lost" % percent)
        show_counts(out)
        named(out)
        sent = {r["type"]: int(r["count"]) for r in csv_rows(out, "consensus.csv")
                if (r["kind"], r["direction"]) == ("message", "out")}
        check(sent.get("status", 0) > 0, "nobody asked for anything")
        found = counts(out)
        check(found["visit"]["ok"] == found["visit"]["offered"], "a visit failed")


def case_delay_spike(bench):
    """Messages between alliance nodes take 300 ms longer for 20 s: visits take longer, then not."""
    fault = '<delay from="alliance-*" to="alliance-*" extra="300ms" at="20s" until="40s"/>'
    for fidelity in ("flow", "delay"):
        out, _ = bench.run(faulty(bench, fault, fidelity), bench.small())
        no_losses(out, CONSENT)
        times = [median(latencies(out, a, b)) for a, b in ((0, 19), (20, 39), (42, 60))]
        print("  %-5s median of visits before, in, after the spike: %.3f %.3f %.3f s"
              % ((fidelity,) + tuple(times)))
        # three phases of votes, each 300 ms longer
        check(times[1] > times[0] + 0.9 and times[2] < times[0] + 0.3, "%s" % times)


def case_slow_primary(bench):
    """The primary of the alliance computes and writes 100 times as long for 20 s."""
    fault = '<slow host="alliance-1" factor="100" at="20s" until="40s"/>'
    out, _ = bench.run(faulty(bench, fault), bench.small())
    no_losses(out, CONSENT)
    times = [median(latencies(out, a, b)) for a, b in ((0, 19), (20, 39), (42, 60))]
    print("  median of visits before, while, after it is slow: %.3f %.3f %.3f s; view changes %s"
          % (tuple(times) + (summary(out)["alliance_view_changes"],)))
    check(times[1] > times[0] + 0.01 and times[2] < times[1], "%s" % times)


def case_link_degraded(bench):
    """The sites' links to each other have 80 ms and 2 Mbit/s for 20 s."""
    fault = '<link name="wan-*" latency="80ms" bandwidth="2Mbps" at="20s" until="40s"/>'
    for fidelity in ("flow", "queue", "delay"):
        out, _ = bench.run(faulty(bench, fault, fidelity), bench.small())
        no_losses(out, CONSENT)
        times = [median(latencies(out, a, b)) for a, b in ((0, 19), (20, 39), (42, 60))]
        print("  %-5s median of visits before, while, after it is slow: %.3f %.3f %.3f s"
              % ((fidelity,) + tuple(times)))
        check(times[1] > times[0] + 0.1 and times[2] < times[0] + 0.1, "%s" % times)
