"""What was acknowledged is found afterwards: receipts over loss, hospitals cut off for minutes."""
from bench import check, counts, csv_rows, show_counts, summary

SETS = ["network/@fidelity=delay", "crypto/@mode=modelled", "workload/shares/@consent=1",
        "workload/visits/@count=90", "workload/retrievals/@count=0",
        "workload/retrievals/@probability=1", "workload/shares/@count=24",
        "workload/revocations/@count=2", "run/@duration=1min"]


def of_flow(out, flow):
    return [r for r in csv_rows(out, "requests.csv") if r["flow"] == flow]


def sent(out, kind):
    return sum(int(r["count"]) for r in csv_rows(out, "messages.csv")
               if r["type"] == kind and r["direction"] == "out")


def found_again(out):
    """Every visit that is shared was retrieved, and every read opened what was written."""
    row = summary(out)
    shared = [r for r in of_flow(out, "visit") if r["shared_s"]]
    retrievals = of_flow(out, "retrieve")
    check(len(retrievals) == len(shared) > 0, "%d shared, %d retrievals"
          % (len(shared), len(retrievals)))
    for flow in ("retrieve", "share"):
        bad = ["%(id)s %(outcome)s %(reason)s" % r for r in of_flow(out, flow)
               if r["outcome"] != "ok"]
        check(not bad, "%s not ok: %s" % (flow, bad))
        check(row[flow + "_ok"] == row[flow + "_records_identical"], "%s: records differ" % flow)
    return shared


def case_mailbox_loss(bench):
    """Three of a hundred messages are lost; every visit is retrieved a second after it is shared.
    With cards, or half of them in emergencies, of which a device knows nothing but the audit."""
    for emergency, kind in (("0", "receipt"), ("0.5", "audit")):
        out, _ = bench.run(bench.faulty(['<loss probability="0.03"/>']),
                           SETS + ["workload/visits/@emergency=" + emergency])
        show_counts(out)
        shared = found_again(out)
        found = counts(out)["visit"]
        check(found["ok"] == found["offered"] == len(shared), "a visit failed")
        print("  %s: %d sent, %d acknowledged" % (kind, sent(out, kind), sent(out, "receipt_ack")))
        repeated = sent(out, "receipt") + sent(out, "audit") - len(shared)
        check(repeated > 0 and sent(out, kind) > 0, "none was repeated")


def case_mailbox_crash(bench):
    """A hospital's server goes down three times, the place of its patients for a while: receipts
    come from the journal, or by looking at the blocks again."""
    faults = "".join('<crash host="%s" at="%ds" recover="%ds"/>' % item for item in (
        ("minsk-home", 14, 24), ("minsk-server", 20, 22), ("minsk-server", 30, 33),
        ("minsk-server", 40, 42))) + '<loss probability="0.02"/>'
    out, _ = bench.run(bench.faulty([faults]), SETS + ["workload/visits/@emergency=0.5",
                                                      "workload/shares/@count=0",
                                                      "workload/retrievals/@delay=60s"])
    show_counts(out)
    print("  %d shared and found" % len(found_again(out)))


def case_mailbox_partition(bench):
    """A hospital's server is cut off from the alliance for three minutes: clients wait for one, its
    visits are shared when it is back, and found."""
    fault = '<partition groups="minsk-server|alliance-*" at="15s" heal="195s"/>'
    out, _ = bench.run(bench.faulty([fault]), SETS + ["run/@duration=4min",
                                                     "workload/visits/@rate=0.15/s",
                                                     "run/@liveness-window=200s"])
    show_counts(out)
    shared = found_again(out)
    visits = of_flow(out, "visit")
    lost = [r["id"] for r in visits if r["durable_s"] and not r["shared_s"]]
    check(not lost, "durable and never shared: %s" % lost)
    late = [r for r in shared if r["outcome"] == "timeout"]
    print("  %d visits timed out and were shared later" % len(late))
    check(late, "no visit outlived its client's patience")
    check({r["reason"] for r in visits if r["outcome"] != "ok"} == {"node_unreachable"},
          "other reasons")
    check(max(float(r["shared_s"]) for r in late) < 230, "late after it healed")
